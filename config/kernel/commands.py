"""Commands report alike: JSON or a summary on stdout, the rest on stderr, honest exit codes.

Exit 0: done. 1: ran, and found what must be looked at (or refused). 2: called wrongly.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from config.kernel.days import read_day
from config.kernel.errors import Malformed, Refusal
from config.kernel.text import unstorable


def day(text: str) -> date:
    """The type of an option that is a day, written as `2026-02-28`."""
    try:
        return read_day(text)
    except ValueError:
        raise ArgumentTypeError("日期写成 2026-02-28") from None


def amount(text: str) -> Decimal:
    """The type of an option that is a decimal; whoever keeps it looks at its size and places."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ArgumentTypeError("金额写成数字，例如 1.50") from None


@dataclass(frozen=True, slots=True)
class Report:
    """What a command found or did: `data` for programs, `lines` for people."""

    data: dict[str, Any]
    lines: list[str] = field(default_factory=list)
    ok: bool = True


class ReportingCommand(BaseCommand):
    """The base of our commands: subclasses write `add_options` and `report`.

    `writes` adds `--dry-run`, which does all of it and rolls it back; `always_json` is for
    commands whose output programs read.
    """

    writes: ClassVar[bool] = True
    always_json: ClassVar[bool] = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options all commands share."""
        parser.add_argument("--json", action="store_true", help="在标准输出上给出一个 JSON 对象")
        if self.writes:
            parser.add_argument(
                "--dry-run", action="store_true", help="试运行：只说会做什么，不写入"
            )
        self.add_options(parser)

    def add_options(self, parser: ArgumentParser) -> None:
        """Add this command's own options."""

    def report(self, **options: Any) -> Report:
        """Do the work."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, print, exit."""
        try:
            _refuse_unstorable(options)
            if options.get("dry_run"):
                with transaction.atomic():
                    report = self.report(**options)
                    transaction.set_rollback(True)
            else:
                report = self.report(**options)
        except Refusal as exc:
            details = [f"  {name}：{'；'.join(texts)}" for name, texts in exc.fields.items()]
            raise CommandError("\n".join([exc.text, *details])) from None
        if options.get("dry_run"):
            self.stderr.write("（试运行：以上均未写入。）")
        if self.always_json or options["json"]:
            text = json.dumps(report.data, ensure_ascii=False, cls=DjangoJSONEncoder)
            self.stdout.write(text)
            for line in report.lines:
                self.stderr.write(line)
        else:
            for line in report.lines:
                self.stdout.write(line)
        if not report.ok:
            self.stdout.flush()
            sys.exit(1)


def _refuse_unstorable(options: Mapping[str, Any]) -> None:
    """What a shell hands over need not be text: bytes that are not UTF-8 arrive as surrogates."""
    wrong = {
        name: ["含有不是 UTF-8 的字符。"]
        for name, value in options.items()
        if any(
            isinstance(text, str) and unstorable(text)
            for text in (value if isinstance(value, list) else [value])
        )
    }
    if wrong:
        raise Malformed(fields=wrong)
