"""The whole product as `manage.py run` starts it, on the test's own database; it always ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from django.conf import settings

from tests.processes import environment

READY_WITHIN = 60.0


@dataclass(frozen=True)
class Live:
    """Where it answers, and what its programs said."""

    url: str
    sandbox_url: str
    log: Path


def free_ports() -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        return [probe.getsockname()[1] for probe in probes]


@contextmanager
def running(var: Path, ports: list[int], **more: str) -> Iterator[Live]:
    """Web, worker, clock and sandbox, until the block ends; INT first, then the whole group."""
    web, sandbox = ports
    live = Live(f"http://127.0.0.1:{web}", f"http://127.0.0.1:{sandbox}", var / "run.log")
    env = environment(
        VAR_DIR=str(var), SANDBOX_URL=live.sandbox_url, PUBLIC_BASE_URL=live.url,
        LOG_LEVEL="WARNING", **more,
    )  # fmt: skip
    with live.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run", "--port", str(web), "--sandbox"],
            cwd=settings.BASE_DIR, env=env, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        _await(process, live)
        yield live
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _await(process: subprocess.Popen[bytes], live: Live) -> None:
    deadline = time.monotonic() + READY_WITHIN
    waiting = [f"{live.url}/readyz", f"{live.sandbox_url}/healthz"]
    while waiting := [url for url in waiting if not _answers(url)]:
        said = live.log.read_text(errors="replace")
        assert process.poll() is None, said
        assert time.monotonic() < deadline, said
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False
