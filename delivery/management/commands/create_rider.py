"""Creates a rider, or brings one up to the options."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from accounts.services.operators import issue_token
from config.kernel.commands import Report, ReportingCommand
from delivery.services.enrolling import enrol_rider
from delivery.states import Vehicle


class Command(ReportingCommand):
    """`create_rider --username U --name N --phone P [--token]`; password as `create_operator`."""

    help = "创建骑手（或更新其资料）。密码取自环境变量 TONGLU_PASSWORD，未设置时提示输入。"
    always_json = True

    def add_options(self, parser: ArgumentParser) -> None:
        """The profile, and whether a token is wanted."""
        parser.add_argument("--username", required=True, help="登录名")
        parser.add_argument("--name", required=True, help="姓名，收件人与租户会看到")
        parser.add_argument("--phone", required=True, help="电话")
        parser.add_argument("--vehicle", choices=Vehicle.values, help="交通工具，默认 ebike")
        parser.add_argument("--area", help="负责区域")
        parser.add_argument("--token", action="store_true", help="同时发放接口凭证")

    def report(self, **options: Any) -> Report:
        """Create or update."""
        username = options["username"]
        password = os.environ.get("TONGLU_PASSWORD")
        exists = get_user_model().objects.filter(username=username).exists()
        if not password and not exists and sys.stdin.isatty():
            password = getpass.getpass("密码：", stream=sys.stderr)
        enrolled = enrol_rider(
            username=username,
            password=password,
            name=options["name"],
            phone=options["phone"],
            vehicle=options["vehicle"],
            area=options["area"],
            at=timezone.now(),
        )
        token = issue_token(user=enrolled.rider.user) if options["token"] else None
        if options["dry_run"]:
            token = None  # it would open nothing
        return Report(
            {
                "username": username,
                "rider_id": enrolled.rider.pk,
                "created": enrolled.created,
                "token": token.token if token else None,
                "expires_at": timezone.localtime(token.expires_at) if token else None,
            }
        )
