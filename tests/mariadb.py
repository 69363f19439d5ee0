"""A private MariaDB server that lives as long as whoever asked for it, and leaves nothing behind.

    python -m tests.mariadb --check          exit 1, saying how to get what is missing
    python -m tests.mariadb -- COMMAND ...   runs COMMAND with DATABASE_URL on a fresh server

The server is kept by a process of its own, which stops it when its standard input closes: the
kernel closes that however the asker ends, `kill -9` included.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
# Debian puts the server where only root's PATH looks.
SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
START_TIMEOUT = 60.0
# Not the server's to choose: with a padding, case-blind default only the settings can be right.
SERVER_COLLATION = "utf8mb4_general_ci"
_DURABLE = ["--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=2G"]
DATABASE = "CREATE DATABASE tonglu CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;\n"


class Unavailable(RuntimeError):
    """There is no MariaDB to test on; the message says how to get one."""


def missing(*, own_server: bool = True) -> str:
    """Return how to get what a run on MariaDB lacks here, or nothing at all."""
    wanted = []
    if own_server and not (_program("mariadbd") and _program("mariadb-install-db")):
        wanted.append("mariadb-server")
    if importlib.util.find_spec("MySQLdb") is None:
        wanted += ["libmariadb-dev", "pkg-config", "gcc", "python3-dev"]
    if not wanted:
        return ""
    return f"apt-get install {' '.join(wanted)}, then make test"


@contextlib.contextmanager
def private_server(*, durable: bool = False) -> Iterator[str]:
    """Yield the DATABASE_URL of a fresh server with one empty database.

    `durable`: every commit reaches the disk, and memory is given as for a real one.
    """
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.mariadb", "--keep", *(["--durable"] if durable else [])],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a Ctrl-C is the asker's; the keeper goes by its closed input
    )
    assert keeper.stdin
    assert keeper.stdout
    try:
        url = keeper.stdout.readline().strip()
        if not url:
            raise Unavailable("the private MariaDB server did not start: see its log above")
        yield url
    finally:
        keeper.stdin.close()
        keeper.wait()
        keeper.stdout.close()


def version(address: str | tuple[str, int]) -> str:
    """Return what the server at a socket path or (host, port) calls itself when greeting."""
    if isinstance(address, str):
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(5)
        link.connect(address)
    else:
        link = socket.create_connection(address, timeout=5)
    with link:
        greeting = link.recv(256)
    # Four bytes of framing, the protocol's number (10), then the version up to a NUL.
    if greeting[4:5] != b"\n":
        raise ConnectionError(f"no MariaDB or MySQL answers at {address}")
    return greeting[5:].split(b"\0")[0].decode().removeprefix("5.5.5-")


def _program(name: str) -> str | None:
    return shutil.which(name, path=SEARCH)


def _keep(*, durable: bool) -> None:
    """Serve until standard input closes, then remove every trace."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(1)

    signal.signal(signal.SIGTERM, leave)
    # In /tmp whatever TMPDIR says: a socket's path holds at most 107 characters. /tmp may be
    # memory: what is to be durable lies in the clone.
    with _folder(Path("/tmp")) as name, _folder(ROOT / "var" if durable else Path(name)) as data:
        server = _start(Path(name), Path(data), durable=durable)
        try:
            _await(server, Path(name))
            print(f"mysql://root@localhost/tonglu?unix_socket={name}/sock", flush=True)
            sys.stdin.read()
        finally:
            server.kill()  # its data go with it: nothing is worth a slow, clean end
            server.wait()


def _folder(parent: Path) -> tempfile.TemporaryDirectory[str]:
    parent.mkdir(exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="tonglu-", dir=parent, ignore_cleanup_errors=True)


def _start(home: Path, data: Path, *, durable: bool) -> subprocess.Popen[bytes]:
    common = ["--no-defaults", f"--datadir={data / 'data'}"]
    if os.geteuid() == 0:
        common.append("--user=root")
    install = ["--auth-root-authentication-method=normal", "--skip-test-db"]
    serve = [
        f"--socket={home / 'sock'}",
        f"--pid-file={home / 'pid'}",
        f"--init-file={home / 'init.sql'}",
        "--skip-networking",
        "--character-set-server=utf8mb4",
        f"--collation-server={SERVER_COLLATION}",
        *(_DURABLE if durable else ["--innodb-flush-log-at-trx-commit=0"]),
    ]
    (home / "init.sql").write_text(DATABASE)
    with (home / "log").open("wb") as log:
        files = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
        # Unchecked: where the first command fails, the second says better why.
        subprocess.run(
            [str(_program("mariadb-install-db")), *common, *install], check=False, **files
        )
        return subprocess.Popen([str(_program("mariadbd")), *common, *serve], **files)


def _await(server: subprocess.Popen[bytes], home: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            version(str(home / "sock"))
            return
        time.sleep(0.05)
    sys.stderr.write((home / "log").read_text(errors="replace"))
    raise SystemExit(1)


def main(arguments: list[str]) -> int:
    """Run one of the forms that the module's docstring names; return the exit code."""
    if arguments[:1] == ["--keep"]:
        _keep(durable="--durable" in arguments)
        return 0
    lack = missing(own_server=arguments != ["--check"] or not os.environ.get("TEST_DATABASE_URL"))
    if lack:
        print(f"\n*** NOT TESTED ON MARIADB. To test on it: {lack} ***\n", file=sys.stderr)
        return 1
    if arguments == ["--check"]:
        return 0
    if arguments[:1] != ["--"] or not arguments[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    with private_server() as url:
        return subprocess.run(
            arguments[1:], env={**os.environ, "DATABASE_URL": url}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
