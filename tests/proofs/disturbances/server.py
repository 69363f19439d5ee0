"""A MariaDB server that keeps what it acknowledged, can be killed, and comes back where it was."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

from config.supervisor import Crew, Program
from tests.mariadb import DATABASE, SERVER_COLLATION, _program

START_TIMEOUT = 60.0


class Server:
    """Data, socket and log under `home`."""

    def __init__(self, crew: Crew, home: Path, *, data: Path | None = None) -> None:
        self._crew, self._home = crew, home
        self._data = data or home / "data"
        self._starts = 0
        user = ["--user=root"] if os.geteuid() == 0 else []
        self._common = ["--no-defaults", f"--datadir={self._data}", *user]
        (home / "init.sql").write_text(
            DATABASE.replace("CREATE DATABASE", "CREATE DATABASE IF NOT EXISTS")
        )
        subprocess.run(
            [str(_program("mariadb-install-db")), *self._common,
             "--auth-root-authentication-method=normal", "--skip-test-db",
             "--innodb-log-file-size=8M"],
            check=True, stdin=subprocess.DEVNULL, capture_output=True,
        )  # fmt: skip

    @property
    def url(self) -> str:
        return f"mysql://root@localhost/tonglu?unix_socket={self._home / 'sock'}"

    @property
    def name(self) -> str:
        return f"database {self._starts}"

    def start(self) -> None:
        """Start it, again if need be, and return when it answers."""
        self._starts += 1
        command = (
            str(_program("mariadbd")), *self._common,
            f"--socket={self._home / 'sock'}", f"--pid-file={self._home / 'pid'}",
            f"--init-file={self._home / 'init.sql'}", "--skip-networking",
            "--character-set-server=utf8mb4", f"--collation-server={SERVER_COLLATION}",
            # A commit that was answered is on the disk: what the proof is about.
            "--innodb-flush-log-at-trx-commit=1", "--innodb-log-file-size=8M",
            "--innodb-buffer-pool-size=64M",
        )  # fmt: skip
        log = str(self._home / "mariadb.log")
        self._crew.start(Program(self.name, ("sh", "-c", 'exec "$@" >>"$0" 2>&1', log, *command)))
        deadline = time.monotonic() + START_TIMEOUT
        while not self._answers():
            assert time.monotonic() < deadline, self.words()
            time.sleep(0.02)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(5)
            try:
                link.connect(str(self._home / "sock"))
                return bool(link.recv(256))
            except OSError:
                return False

    def words(self) -> str:
        """The end of its log."""
        log = self._home / "mariadb.log"
        return log.read_text(errors="replace")[-3_000:] if log.exists() else ""
