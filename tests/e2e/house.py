"""The whole product as `make run SANDBOX=1` starts it, in a folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ground import free_ports
from config.demo.ground import own_environment
from tests.mariadb import ROOT


@dataclass(frozen=True, slots=True)
class House:
    """Where it answers, and the environment its commands run in."""

    url: str
    sandbox_url: str
    environment: dict[str, str]
    log: Path

    def manage(self, *arguments: str, **more: str) -> str:
        """Run a command; returns its stdout."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.environment, **more},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def control(self, path: str, body: object = None) -> object:
        """Steer the sandbox."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.sandbox_url}/_control/{path}", data)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")


@contextlib.contextmanager
def open_house(folder: Path, **settings: str) -> Iterator[House]:
    """Start web, worker, clock and sandbox, `settings` over the demo's; end all of them."""
    folder.mkdir(parents=True)
    port, sandbox_port = free_ports(2)
    environment = {
        **own_environment(os.environ, folder=folder, port=port, sandbox_port=sandbox_port),
        **settings,
    }
    log = ROOT / "var" / "e2e.log"  # stays when the folder goes
    with log.open("wb") as out:
        programs = subprocess.Popen(
            [sys.executable, "manage.py", "run", "--port", str(port), "--sandbox"],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    house = House(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}", environment, log)
    try:
        _await(house, programs)
        yield house
    finally:
        if programs.poll() is None:
            programs.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            programs.wait(30)
        if programs.poll() is None:
            os.killpg(programs.pid, signal.SIGKILL)
            programs.wait()


def _await(house: House, programs: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 90
    while True:
        assert programs.poll() is None, house.log.read_text()
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"{house.url}/readyz", timeout=5),
        ):
            return
        assert time.monotonic() < ends, house.log.read_text()
        time.sleep(0.2)
