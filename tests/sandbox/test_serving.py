"""The server keeps connections, refuses what it cannot read, and ends without rests."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from urllib.parse import urlencode, urlsplit

import pytest

from config.sandbox import Sandbox, running
from config.sandbox.server import Server, is_loopback
from tests.sandbox.receiver import receiving
from tests.sandbox.wire import BRANCH, CREATE, FORM, ask, link_form, order

QUESTION = {"cpCode": "YTO", "province": "浙江省"}


def exchange(sandbox: Sandbox, raw: bytes) -> bytes:
    parts = urlsplit(sandbox.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_a_connection_serves_many_requests(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=10)
    body = urlencode(link_form(sandbox, BRANCH, QUESTION)).encode()
    try:
        used = set()
        for _ in range(3):
            connection.request("POST", "/cainiao/gateway/link.do", body, {"Content-Type": FORM})
            used.add(connection.sock)
            with connection.getresponse() as response:
                assert response.version == 11
                assert b'"success": true' in response.read()
        assert len(used) == 1
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Content-Length: 99999999\r\n", b"413"),
        (b"Content-Length: many\r\n", b"411"),
        (b"Content-Length: -1\r\n", b"411"),
        (b"Transfer-Encoding: chunked\r\n", b"411"),
    ],
)
def test_a_body_without_a_bearable_length_is_refused(
    sandbox: Sandbox, head: bytes, status: bytes
) -> None:
    raw = b"POST /cainiao/gateway/link.do HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n"
    assert exchange(sandbox, raw).startswith(b"HTTP/1.1 " + status)


def test_a_body_cut_short_is_not_handled(sandbox: Sandbox) -> None:
    body = urlencode(link_form(sandbox, CREATE, order("N1"))).encode()
    raw = (
        b"POST /cainiao/gateway/link.do HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body) + 1, body)
    )
    assert exchange(sandbox, raw) == b""
    assert sandbox.state()["parcels"] == []


def test_the_end_waits_for_no_idle_connection_held_answer_or_slow_receiver() -> None:
    before = set(threading.enumerate())
    with receiving("any") as receiver:
        receiver.slowness = 30
        begun = time.monotonic()
        with running(manual=False, journey=0.5) as sandbox:
            parts = urlsplit(sandbox.url)
            idle = socket.create_connection((parts.hostname, parts.port), timeout=5)
            sandbox.fault(BRANCH, "timeout_before", delay_s=60)
            held = threading.Thread(target=_ask_in_vain, args=(sandbox,))
            held.start()
            sandbox.account(
                app_key=sandbox.app_key, app_secret=sandbox.secret(), callback_url=receiver.url
            )
            ask(sandbox, CREATE, order("N1"))
            while not receiver.came:
                time.sleep(0.01)
        assert time.monotonic() - begun < 4
        assert idle.recv(1) == b""
        idle.close()
        held.join()
    assert set(threading.enumerate()) - before == set()


def _ask_in_vain(sandbox: Sandbox) -> None:
    with pytest.raises((http.client.HTTPException, OSError)):
        ask(sandbox, BRANCH, QUESTION)


def test_a_journey_goes_on_though_one_callback_breaks(caplog: pytest.LogCaptureFixture) -> None:
    came = threading.Event()

    def deliver(url: str, body: bytes, headers: object) -> tuple[int, bytes]:
        if b"dispatched" in body:
            raise RuntimeError("broken")
        came.set()
        return 200, b'{"success":true}'

    with running(
        manual=False, journey=0.3, callback_base="http://testserver", deliver=deliver
    ) as sandbox:
        ask(sandbox, CREATE, order("N1"))
        assert came.wait(5)
    assert "A scheduled action of the sandbox failed" in caplog.text


def test_a_taken_port_is_said_so() -> None:
    with running() as first:
        port = int(first.url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), running(port=port):
            pass


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])
def test_only_loopback_is_served(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(ValueError, match="loopback"):
        Server(host, 0, lambda _environ, _start: [])


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_every_name_of_loopback_is_known(host: str) -> None:
    assert is_loopback(host)


def test_a_speed_or_journey_that_makes_no_sense_is_refused() -> None:
    for wrong in ({"speed": 0.0}, {"speed": -1.0}, {"journey": 0.0}):
        with pytest.raises(ValueError, match="must be more than 0"), running(**wrong):  # type: ignore[arg-type]
            pass
