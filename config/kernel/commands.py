"""Commands report alike: JSON or a summary on stdout, the rest on stderr, honest exit codes.

Exit 0: done. 1: ran, and found what must be looked at (or refused). 2: called wrongly.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from config.kernel.errors import Refusal


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
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
        if self.writes:
            parser.add_argument("--dry-run", action="store_true", help="do nothing, say what")
        self.add_options(parser)

    def add_options(self, parser: ArgumentParser) -> None:
        """Add this command's own options."""

    def report(self, **options: Any) -> Report:
        """Do the work."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, print, exit."""
        try:
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
