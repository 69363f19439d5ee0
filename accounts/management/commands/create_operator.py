"""Creates a staff user with one role."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from accounts.services.operators import create_operator
from accounts.states import Role
from config.kernel.commands import Report, ReportingCommand


class Command(ReportingCommand):
    """`create_operator --username U --role R [--token]`; password from TONGLU_PASSWORD or asked."""

    help = "创建运营人员（或更换其角色）。密码取自环境变量 TONGLU_PASSWORD，未设置时提示输入。"
    always_json = True

    def add_options(self, parser: ArgumentParser) -> None:
        """CONTRACT section 3."""
        parser.add_argument("--username", required=True)
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--token", action="store_true", help="同时发放接口凭证")

    def report(self, **options: Any) -> Report:
        """Create or update."""
        username = options["username"]
        password = os.environ.get("TONGLU_PASSWORD")
        exists = get_user_model().objects.filter(username=username).exists()
        if not password and not exists and sys.stdin.isatty():
            password = getpass.getpass("密码：", stream=sys.stderr)
        _, token = create_operator(
            username=username,
            role=options["role"],
            password=password,
            with_token=options["token"],
        )
        if options["dry_run"]:
            token = None  # it would open nothing
        return Report(
            {
                "username": username,
                "role": options["role"],
                "token": token.token if token else None,
                "expires_at": timezone.localtime(token.expires_at) if token else None,
            }
        )
