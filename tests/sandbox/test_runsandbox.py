"""`runsandbox` serves until it is told to stop, and refuses in one sentence."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest
from django.conf import settings

from config.sandbox import running


@contextmanager
def started(*options: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "runsandbox", *options],
        cwd=settings.BASE_DIR,
        env={**os.environ, "SECRET_KEY": "a key", "PUBLIC_BASE_URL": "http://127.0.0.1:8000"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_one_line_serves_and_stops_cleanly(number: signal.Signals) -> None:
    with started("--port", "0", "--manual") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "沙箱已就绪" in line
        address = line.split("http://")[1].split("/")[0]
        connection = HTTPConnection(address, timeout=5)
        connection.request("GET", "/_control/state?system=cainiao")
        with connection.getresponse() as response:
            (account,) = json.loads(response.read())["accounts"]
        connection.close()
        assert account["app_key"] == "tonglu-sandbox"
        assert account["callback_url"] == "http://127.0.0.1:8000/api/platform/cainiao/callback"
        process.send_signal(number)
        out, err = process.communicate(timeout=5)
        assert (process.returncode, out, err) == (0, "", "")


def test_a_taken_port_and_a_public_host_are_refused_in_one_sentence() -> None:
    with running() as sandbox, started("--port", sandbox.url.rpartition(":")[2]) as process:
        _, err = process.communicate(timeout=20)
        assert process.returncode != 0
        assert len(err.strip().splitlines()) == 1
        assert "占用" in err
    with started("--host", "0.0.0.0") as process:
        _, err = process.communicate(timeout=20)
        assert process.returncode != 0
        assert len(err.strip().splitlines()) == 1
        assert "0.0.0.0" in err


def test_the_built_in_secret_follows_from_the_secret_key() -> None:
    expected = hmac.new(b"a key", b"sandbox/cainiao", hashlib.sha256).hexdigest()
    with running(secret_key="a key") as sandbox:
        assert sandbox.secret() == expected


@pytest.mark.django_db(transaction=True)
def test_it_knows_the_accounts_of_ours_that_point_at_it() -> None:
    from tests.factories import AccountFactory
    from tests.processes import environment

    with running() as free:
        port = free.url.rpartition(":")[2]
    url = f"http://127.0.0.1:{port}/cainiao/gateway/link.do"
    AccountFactory(app_key="ours", app_secret="s", endpoint_url=url)
    AccountFactory(app_key="elsewhere", mode="test", endpoint_url="http://127.0.0.1:1/x")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "runsandbox", "--port", port, "--manual"],
        cwd=settings.BASE_DIR,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip().endswith("ours")
        assert "沙箱已就绪" in process.stdout.readline()
    finally:
        process.kill()
        process.communicate()
