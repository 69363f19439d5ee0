"""The engines run as DESIGN.md section 7 says, and nothing of the developer's reaches a test."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

import pytest
import pytest_socket
import requests
from django.conf import settings
from django.db import DataError, connection, transaction

from tests.mariadb import ROOT, private_server, version


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
    with transaction.atomic(), closing(sqlite3.connect(path, timeout=0)) as other:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    with closing(sqlite3.connect(path, timeout=0)) as other:
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
        "    assert 'CAINIAO_URL' not in os.environ\n"
        "    assert settings.FERNET_KEYS != ['theirs']\n"
        "    assert settings.DATABASES['default']['NAME'].startswith(os.environ['VAR_DIR'])\n"
        "    assert 'theirs' not in os.environ['VAR_DIR']\n"
    )
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", ROOT / "pyproject.toml", test],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "FERNET_KEYS": "theirs",
            "CAINIAO_URL": "https://theirs.example",
            "DATABASE_URL": "mysql://theirs@theirs.example/theirs",
            "VAR_DIR": "/theirs",
            "DEBUG": "0",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_developers_env_file_is_not_read() -> None:
    assert not Path(os.environ["ENV_FILE"]).is_file()
    assert not settings.SECRET_KEY.startswith("django-insecure")


@pytest.mark.engine("mariadb")
def test_a_private_server_is_gone_when_its_asker_is_killed() -> None:
    ...
