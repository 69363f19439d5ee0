"""The web servers under load, started as production starts them, and what they cost."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from benchmarks.ground import free_ports
from config.supervisor import Program, running

PRODUCT, BARE = "config.wsgi:application", "benchmarks.references.bare:application"
_TICK = os.sysconf("SC_CLK_TCK")


class Processes:
    """All processes of the session that `leader` leads."""

    def __init__(self, leader: int) -> None:
        self.leader = leader

    def cpu_seconds(self) -> float:
        """Used so far by all its processes."""
        return sum(cpu for _, cpu, _ in self._processes())

    def largest_mb(self) -> float:
        """Resident memory of its largest process."""
        return max(rss for *_, rss in self._processes())

    def _processes(self) -> list[tuple[int, float, float]]:
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(") ")[2].split()
                if int(fields[3]) == self.leader:
                    cpu = (int(fields[11]) + int(fields[12])) / _TICK
                    rss = int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6
                    found.append((int(entry.name), cpu, rss))
        return found


class Server(Processes):
    """One that answers on `port`."""

    def __init__(self, port: int, leader: int) -> None:
        super().__init__(leader)
        self.port = port


@contextlib.contextmanager
def serving(*applications: str) -> Iterator[list[Server]]:
    """Serve each WSGI application on a port of its own: two workers, four threads each."""
    ports = free_ports(len(applications))
    programs = [
        Program(application, (*_granian(port), application))
        for application, port in zip(applications, ports, strict=True)
    ]
    with running(programs) as crew:
        leaders = crew.leaders()
        found = [
            Server(port, leaders[application])
            for application, port in zip(applications, ports, strict=True)
        ]
        for server in found:
            _await(server.port)
        yield found


@contextlib.contextmanager
def working() -> Iterator[Processes]:
    """Run the background process and its clock beside, as `manage.py run` does."""
    celery = (sys.executable, "-W", "ignore", "-m", "celery", "-q", "-A", "config")
    worker = (
        *celery, "worker", "--pool", "threads", "--concurrency", "2", "--without-gossip",
        "--without-mingle", "--loglevel", "ERROR",
    )  # fmt: skip
    clock = (*celery, "beat", "--pidfile=", "--loglevel", "ERROR")
    with running([Program("worker", worker), Program("clock", clock)]) as crew:
        yield Processes(crew.leaders()["worker"])


def _granian(port: int) -> tuple[str, ...]:
    return (
        sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1",
        "--port", str(port), "--workers", "2", "--blocking-threads", "4",
        "--log-level", "error",
    )  # fmt: skip


def _await(port: int) -> None:
    ends = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.1)
