"""Serves the sandbox until it is told to stop: every outside system's side of the wire."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from config.sandbox import Sandbox, running
from logistics.services.accounts import enabled_accounts

DEFAULT_PORT = 8099


class Command(BaseCommand):
    """`runsandbox [--speed N | --manual] [--journey SECONDS]`: one line when ready."""

    help = "启动沙箱：在本机扮演菜鸟等外部系统，验签、应答并推送回调。"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """All optional."""
        port = urlsplit(settings.SANDBOX_URL).port or DEFAULT_PORT
        parser.add_argument("--host", default="127.0.0.1", help="监听地址，只能是本机回环地址")
        parser.add_argument("--port", type=int, default=port, help=f"端口，默认 {port}")
        parser.add_argument("--speed", type=float, default=1.0, help="现实一秒等于沙箱几秒")
        parser.add_argument("--journey", type=float, help="一件快递从下单到签收用几秒（现实时间）")
        parser.add_argument("--manual", action="store_true", help="时钟只随 /_control/step 前进")
        parser.add_argument("--seed", type=int, default=0, help="随机数种子，同种子同行程")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve; SIGINT and SIGTERM end it cleanly."""
        ended = threading.Event()

        def end(_signal: int, _frame: FrameType | None) -> None:
            ended.set()

        before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
        host, port = options["host"], options["port"]
        try:
            with running(
                manual=options["manual"],
                speed=options["speed"],
                journey=options["journey"],
                seed=options["seed"],
                secret_key=settings.SECRET_KEY,
                callback_base=settings.PUBLIC_BASE_URL,
                host=host,
                port=port,
            ) as sandbox:
                known = self._add_our_accounts(sandbox)
                if known:
                    self.stdout.write(f"已认得指向本沙箱的账号：{'、'.join(known)}")
                self.stdout.write(
                    f"沙箱已就绪：{sandbox.cainiao_url}（控制：{sandbox.url}/_control/）"
                )
                self.stdout.flush()
                ended.wait()
        except ValueError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            msg = f"沙箱无法监听 {host}:{port}（{error.strerror}），端口可能已被占用。"
            raise CommandError(msg) from error
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _add_our_accounts(self, sandbox: Sandbox) -> list[str]:
        """Let the sandbox know the accounts of ours that point at it, the demo's among them."""
        added = []
        try:
            accounts = enabled_accounts()
        except DatabaseError:  # not migrated yet: the built-in account is enough to begin with
            return []
        finally:
            connection.close()
        for account in accounts:
            profile = account.profile
            if account.pk is None or profile.endpoint_url != sandbox.cainiao_url:
                continue
            sandbox.account(
                app_key=profile.app_key,
                app_secret=profile.app_secret,
                callback_secret=profile.callback_secret or None,
                sign_method=profile.sign_method,
                callback_url=f"{settings.PUBLIC_BASE_URL}/api/platform/cainiao/callback",
            )
            added.append(profile.app_key)
        return added
