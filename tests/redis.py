"""A private Redis that lives as long as the block that asked for it, and keeps nothing."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

START_TIMEOUT = 20.0


class Unavailable(RuntimeError):
    """There is no Redis; the message says how to get one."""


@contextlib.contextmanager
def private_redis() -> Iterator[Path]:
    """Yield the path of a fresh server's socket.

    :raises Unavailable: no program, or it did not start.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise Unavailable("no redis-server: apt-get install redis-server")
    # In /tmp whatever TMPDIR says: a socket's path holds at most 107 characters.
    with tempfile.TemporaryDirectory(prefix="tonglu-", dir="/tmp") as home:
        path = Path(home, "sock")
        command = [
            program, "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no",
            "--dir", home, "--logfile", f"{home}/log",
        ]  # fmt: skip
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        try:
            ends = time.monotonic() + START_TIMEOUT
            while not path.exists():
                if server.poll() is not None or time.monotonic() > ends:
                    raise Unavailable("the private Redis did not start")
                time.sleep(0.05)
            yield path
        finally:
            server.kill()
            server.wait()
