"""The product's programs as `manage.py run` starts them, each with a log that a failure shows."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection

from config.management.commands.run import programs
from config.supervisor import Crew, Program
from tests.mariadb import ROOT

WEB, WORKER, BEAT, SANDBOX = "网站", "后台进程", "时钟", "沙箱"
TAIL = 4_000


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [probe.getsockname()[1] for probe in probes]


def until(condition: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """Wait for a true answer and return it; a database that is away has not answered yet."""
    ends = time.monotonic() + seconds
    while True:
        try:
            found = condition()
        except (OperationalError, OSError):
            found = None
        if found:
            return found
        # What a dead server left of a connection would answer nothing for ever.
        connection.close()
        assert time.monotonic() < ends, what
        time.sleep(0.05)


class House:
    """Web, worker, clock and sandbox on one database and one folder, and their logs in another."""

    def __init__(self, crew: Crew, folder: Path, logs: Path, database_url: str) -> None:
        self.crew, self.folder, self.logs = crew, folder, logs
        self.port, self.sandbox_port = free_ports(2)
        self.environment = {
            "DEBUG": "0",  # answers as production gives them, not Django's yellow pages
            "ALLOWED_HOSTS": "127.0.0.1",
            "SECURE_SSL_REDIRECT": "0",
            "OUTBOUND_ALLOW_LOOPBACK": "1",
            "LOG_LEVEL": "DEBUG",  # workers and clocks say what they do: a story must know
            "DATABASE_URL": database_url,
            "VAR_DIR": str(folder),
            "PUBLIC_BASE_URL": f"http://127.0.0.1:{self.port}",
            "SANDBOX_URL": self.sandbox_url,
        }

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def programs(self) -> list[str]:
        return [log.stem for log in sorted(self.logs.glob("*.log"))]

    @property
    def broker(self) -> Path:
        return self.folder / "broker"

    def start(self, *, journey: float) -> None:
        """Start all and return when they answer."""
        for program in programs(port=self.port, sandbox=False):
            self.run(program.name, *program.command)
        sandbox = ("--port", str(self.sandbox_port), "--journey", str(journey))
        self.run(SANDBOX, sys.executable, str(ROOT / "manage.py"), "runsandbox", *sandbox)
        until(lambda: self.status("/readyz") == 200, "the website is not ready")
        until(lambda: self.sandbox("GET", "state"), "the sandbox is not ready")

    def one_more(self, name: str) -> None:
        """Start a second one of the programs."""
        (found,) = [one for one in programs(port=self.port, sandbox=False) if one.name == name]
        own = f"--schedule={self.folder / 'beat-2'}" if name == BEAT else "--hostname=second@%h"
        self.run(f"{name} 2", *found.command, own)

    def run(self, name: str, *command: str) -> None:
        settings = [f"{key}={value}" for key, value in self.environment.items()]
        log = str(self.logs / f"{name}.log")
        logged = ("sh", "-c", 'exec "$@" >>"$0" 2>&1', log, *command)
        self.crew.start(Program(name, ("env", f"--chdir={ROOT}", *settings, *logged)))

    def pid(self, name: str) -> int:
        return self.crew._programs[name].pid

    def kill(self, name: str) -> None:
        """End a program as the kernel does when memory runs out."""
        process = self.crew._programs.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def status(self, target: str) -> int:
        return self.ask("GET", target)[0]

    def ask(
        self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> tuple[int, Any]:
        """Send the website one request; its status, and what it said."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            link.request(method, target, body, dict(headers or {}))
            answer = link.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            link.close()

    def sandbox(self, method: str, verb: str, fields: Mapping[str, Any] | None = None) -> Any:
        """Ask at the sandbox's control door."""
        link = http.client.HTTPConnection("127.0.0.1", self.sandbox_port, timeout=10)
        try:
            body = json.dumps({"system": "cainiao", **fields}) if fields is not None else None
            query = "?system=cainiao" if method == "GET" else ""
            link.request(method, f"/_control/{verb}{query}", body)
            answer = link.getresponse()
            said = json.loads(answer.read())
            assert answer.status == 200, said
            return said
        finally:
            link.close()

    def manage(self, *command: str, **more: str) -> Any:
        """Run a command that prints one JSON object; return that."""
        environment = {**os.environ, **self.environment, **more}
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT, env=environment, check=True, capture_output=True,
        )  # fmt: skip
        return json.loads(done.stdout)

    def slow_carrier(self, message: str, seconds: float) -> None:
        """Have the carrier take its time, so that orders are under way when trouble comes."""
        fault = {"on": message, "kind": "delay", "times": None, "delay_s": seconds}
        self.sandbox("POST", "faults", fault)

    def words(self, name: str) -> str:
        """What a program has said so far."""
        log = self.logs / f"{name}.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def tails(self) -> str:
        """The ends of all logs."""
        return "\n".join(f"--- {name}\n{self.words(name)[-TAIL:]}" for name in self.programs)
