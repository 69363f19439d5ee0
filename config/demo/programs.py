"""The same programs as `run` starts, their words in one log file, known to be ready."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from django.conf import settings

from config.demo.door import answers
from config.kernel.http import Partner
from config.management.commands.run import programs
from config.supervisor import Crew, Program

READY_WITHIN = 60.0
_POLL = 0.2


class NotReady(RuntimeError):
    """The programs did not come up in time; the text is for a person."""


def log_file() -> Path:
    """Where the programs' own words go: the terminal is for the table."""
    path: Path = settings.VAR_DIR / "demo.log"
    return path


def demo_programs(*, port: int, sandbox_port: int, journey: float) -> list[Program]:
    """Return web, worker and clock as ever, and a sandbox in a hurry."""
    sandbox = (
        *(sys.executable, str(settings.BASE_DIR / "manage.py"), "runsandbox"),
        *("--port", str(sandbox_port), "--journey", str(journey)),
    )
    found = [*programs(port=port, sandbox=False), Program("沙箱", sandbox)]
    return [Program(one.name, _logged(*one.command)) for one in found]


def _logged(*command: str) -> tuple[str, ...]:
    return ("sh", "-c", 'exec "$@" >>"$0" 2>&1', str(log_file()), *command)


def wait_until_ready(crew: Crew) -> None:
    """Return once website and sandbox answer.

    :raises NotReady: they did not in time. :raises ProgramEnded: one of them gave up.
    """
    partner = Partner("demo")
    waiting = [f"{settings.PUBLIC_BASE_URL}/readyz", f"{settings.SANDBOX_URL}/healthz"]
    deadline = time.monotonic() + READY_WITHIN
    while waiting := [url for url in waiting if not answers(partner, url)]:
        crew.check()
        if time.monotonic() > deadline:
            msg = f"{READY_WITHIN:g} 秒内没有就绪：{'、'.join(waiting)}。日志：{log_file()}"
            raise NotReady(msg)
        time.sleep(_POLL)
