"""The engines run as DESIGN.md section 7 says, and nothing of the developer's reaches a test."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
import pytest_socket
import requests
from django.db import DataError, connection, transaction

from tests.mariadb import ROOT, version


def one(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@pytest.mark.engine("sqlite")
@pytest.mark.django_db
def test_sqlite_writes_ahead_and_syncs_at_checkpoints() -> None:
    assert one("PRAGMA journal_mode") == "wal"
    assert one("PRAGMA synchronous") == 1


@pytest.mark.engine("sqlite")
@pytest.mark.django_db(transaction=True)
def test_sqlite_takes_the_write_lock_when_a_transaction_begins() -> None:
    path = connection.settings_dict["NAME"]
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        with transaction.atomic(), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")


@pytest.mark.engine("sqlite")
@pytest.mark.django_db
def test_sqlite_is_a_file_that_threads_and_processes_share() -> None:
    assert Path(connection.settings_dict["NAME"]).is_relative_to(os.environ["VAR_DIR"])


@pytest.mark.engine("mariadb")
@pytest.mark.django_db
def test_mariadb_reads_what_is_committed() -> None:
    assert one("SELECT @@tx_isolation") == "READ-COMMITTED"


@pytest.mark.engine("mariadb")
@pytest.mark.django_db
def test_mariadb_refuses_text_that_does_not_fit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE narrow (word VARCHAR(2))")
        with pytest.raises(DataError, match="too long"):
            cursor.execute("INSERT INTO narrow VALUES ('three')")


@pytest.mark.engine("mariadb")
@pytest.mark.django_db
def test_mariadb_tells_case_and_trailing_blanks_apart() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE words (word VARCHAR(9) UNIQUE)")
        cursor.execute("INSERT INTO words VALUES ('anna'), ('Anna'), ('anna '), ('桐庐')")
        cursor.execute("SELECT COUNT(*) FROM words WHERE word = 'anna'")
        assert cursor.fetchone() == (1,)


def test_sockets_beyond_loopback_are_closed() -> None:
    with pytest.raises(pytest_socket.SocketConnectBlockedError):
        requests.get("http://192.0.2.1/", timeout=1)


def test_loopback_is_open() -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        with urlopen(f"http://127.0.0.1:{server.server_port}/") as answer:
            assert answer.status == 204
        thread.join()


def test_the_developers_settings_do_not_reach_the_tests(tmp_path: Path) -> None:
    test = tmp_path / "test_seen.py"
    test.write_text(
        "import os\n"
        "from django.conf import settings\n"
        "def test_seen():\n"
        "    assert 'SOME_ADAPTERS_URL' not in os.environ\n"
        "    assert settings.FERNET_KEYS != ['theirs']\n"
        "    assert settings.DATABASES['default']['NAME'].startswith(os.environ['VAR_DIR'])\n"
        "    assert os.environ['VAR_DIR'] != '/theirs'\n"
        "    assert os.environ['ENV_FILE'] == os.devnull\n"
    )
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", ROOT / "pyproject.toml", test],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "FERNET_KEYS": "theirs",
            "SOME_ADAPTERS_URL": "https://theirs.example",
            "DATABASE_URL": "mysql://theirs@theirs.example/theirs",
            "DJANGO_SETTINGS_MODULE": "theirs",
            "VAR_DIR": "/theirs",
            "ENV_FILE": "/theirs/.env",
            "DEBUG": "0",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_an_env_file_is_read_only_where_env_file_says(tmp_path: Path) -> None:
    chosen = tmp_path / "chosen"
    chosen.write_text("PUBLIC_BASE_URL=https://chosen.example\n")
    code = "from django.conf import settings; print(settings.PUBLIC_BASE_URL)"
    seen = subprocess.run(
        [sys.executable, "-c", f"import config; {code}"],
        cwd=ROOT,
        env={**os.environ, "ENV_FILE": str(chosen)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert seen.stdout == "https://chosen.example\n"


def test_an_unknown_engine_is_refused() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only"],
        cwd=ROOT,
        env={**os.environ, "ENGINE": "oracle"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "ENGINE: one of sqlite, mariadb, not oracle" in run.stderr


@pytest.mark.engine("mariadb")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_private_server_goes_with_whoever_asked_for_it(number: signal.Signals) -> None:
    asker = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.mariadb",
            "--",
            "sh",
            "-c",
            "echo $DATABASE_URL; exec sleep 100",
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        # A suite started in the background has it ignored, and its children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    assert asker.stdout
    with asker.stdout:
        url = asker.stdout.readline()
    home = Path(parse_qs(urlsplit(url.strip()).query)["unix_socket"][0]).parent
    server = int((home / "pid").read_text())
    assert version(str(home / "sock"))

    os.killpg(asker.pid, number)

    asker.wait(30)
    deadline = time.monotonic() + 30
    while home.exists() or Path(f"/proc/{server}/root").exists():
        assert time.monotonic() < deadline, "the server was left behind"
        time.sleep(0.05)
