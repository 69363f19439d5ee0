"""Runs the whole product on one machine: web, worker, clock, and the sandbox where asked."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from config.environment import env
from config.supervisor import PortTaken, Program, claim_port, supervise


class Command(BaseCommand):
    """`run [--port N] [--sandbox]`: all of it until one Ctrl-C; exit 1 if a program ends itself."""

    help = "启动网站、后台进程和时钟（以及沙箱），按一次 Ctrl-C 全部停止。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add `--port` and `--sandbox`."""
        parser.add_argument("--port", type=int, default=8000, help="网站端口，默认 8000")
        parser.add_argument("--sandbox", action="store_true", help="同时启动沙箱")

    def handle(self, *, port: int, sandbox: bool, **_options: Any) -> None:
        """Prepare, start, wait."""
        prepare(port=port, sandbox=sandbox)
        self.stdout.write(f"桐庐：http://127.0.0.1:{port}/ （按 Ctrl-C 停止）")
        self.stdout.flush()
        sys.exit(supervise(programs(port=port, sandbox=sandbox)))


def prepare(*, port: int, sandbox: bool) -> None:
    """Bring the development database up to date and see that the ports are free.

    Raises CommandError. The programs started next are told the address they answer at, unless
    the environment says another.
    """
    if settings.DEBUG:
        call_command("migrate", interactive=False, verbosity=0)
    connection.close()
    try:
        claim_port(port)
        if sandbox:
            claim_port(_sandbox_port())
    except PortTaken as exc:
        raise CommandError(str(exc)) from None
    os.environ.setdefault("PUBLIC_BASE_URL", f"http://127.0.0.1:{port}")


def programs(*, port: int, sandbox: bool) -> list[Program]:
    """Return what runs: SQLite has one writer, so one web process; a server takes WEB_WORKERS."""
    workers = 1 if connection.vendor == "sqlite" else env.int("WEB_WORKERS", default=2)
    manage = str(settings.BASE_DIR / "manage.py")
    # In a container everybody is root; -q leaves out the banner.
    rootless = ("-W", "ignore:You're running the worker with superuser privileges")
    celery = (*rootless, "-m", "celery", "-q", "-A", "config")
    web = (
        *("-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", str(workers), "--blocking-threads", "4"),
        *("--log-level", "warning", "config.wsgi:application"),
    )
    worker = (
        *(*celery, "worker", "--pool", "threads", "--concurrency", "2"),
        *("--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
    )
    # Apart from the worker: an embedded beat (-B) can die and leave its worker without a clock.
    beat = (*celery, "beat", "--pidfile=", "--loglevel", "WARNING")
    found = [
        Program("网站", (sys.executable, *web)),
        Program("后台进程", (sys.executable, *worker)),
        Program("时钟", (sys.executable, *beat)),
    ]
    if sandbox:
        found.append(Program("沙箱", (sys.executable, manage, "runsandbox")))
    return found


def _sandbox_port() -> int:
    return urlsplit(settings.SANDBOX_URL).port or 80
