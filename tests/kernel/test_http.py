"""Calls to other systems end on time, and say truly whether they may have been acted upon."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import ipaddress
import json
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connection, connections, transaction

from config.kernel.http import (
    Answer,
    NoAnswer,
    NotSent,
    Outcome,
    OutsideCallInTransaction,
    OutsideError,
    Partner,
    forbid_in_transaction,
)
from config.kernel.http.budget import Budget, spending
from config.kernel.http.sockets import BoundedSocket

SESSION = "config.kernel.http.session"
LATE = 0.5  # what a call may take beyond its deadline
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Script = Callable[["Peer", socket.socket], None]


class Peer:
    """The other side: a real socket on loopback, one thread per connection, doing as scripted."""

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self.script, self.context = script, context
        self.stop = threading.Event()
        self.connections = 0
        self.open: list[socket.socket] = []
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.threads = [threading.Thread(target=self._accept)]
        self.host = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.url = f"{'https' if context else 'http'}://{self.host}/path"

    def __enter__(self) -> Self:
        self.threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        for conn in self.open:
            with contextlib.suppress(OSError):  # closed long ago, most of them
                conn.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(5)
        self.listener.close()

    def _accept(self) -> None:
        while not self.stop.is_set():
            try:
                conn, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(conn,))
            self.threads.append(thread)
            thread.start()

    def _serve(self, conn: socket.socket) -> None:
        conn.settimeout(3)
        try:
            if self.context:
                conn = self.context.wrap_socket(conn, server_side=True)
            self.open.append(conn)
            self.script(self, conn)
        except OSError:
            pass  # the caller hung up first, as many of these tests want it to
        finally:
            conn.close()

    def read(self, conn: socket.socket) -> bool:
        """Take in one whole request; False when there is no more."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = conn.recv(65_536)
            if not more:
                return False
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}
        while len(body) < int(headers.get("content-length", 0)):
            body += conn.recv(65_536)
        self.requests.append((lines[0], headers, body))
        return True

    def drip(self, conn: socket.socket, data: bytes) -> None:
        for position in range(len(data)):
            if self.stop.wait(0.05):
                return
            conn.sendall(data[position : position + 1])


def answering(*answers: bytes) -> Script:
    """Read a request, send an answer, once for each; then close."""

    def script(peer: Peer, conn: socket.socket) -> None:
        for answer in answers:
            if not peer.read(conn):
                return
            conn.sendall(answer)

    return script


def forever(peer: Peer, conn: socket.socket) -> None:
    while peer.read(conn):
        conn.sendall(OK)


def silent(peer: Peer, conn: socket.socket) -> None:
    peer.read(conn)
    peer.stop.wait(3)


def gzipped(content: bytes) -> bytes:
    """The same bytes in every process: names of tests are made of them."""
    return gzip.compress(content, mtime=0)


def body(content: bytes, *headers: str, length: int | None = None) -> bytes:
    size = len(content) if length is None else length
    head = "".join(f"{line}\r\n" for line in (*headers, f"Content-Length: {size}"))
    return f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + content


def reset(conn: socket.socket) -> None:
    """Close so that the other side gets an RST, not a FIN."""
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()


def farewell(conn: socket.socket) -> None:
    """What some servers say to an idle connection."""
    conn.sendall(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
    reset(conn)


@pytest.fixture
def partner() -> Iterator[Partner]:
    with Partner("test", connect_timeout=0.4, deadline=0.6, max_bytes=10_000) as made:
        yield made


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    """A server's context, and the file a caller needs to trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([loopback]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    certfile, keyfile = folder / "cert.pem", folder / "key.pem"
    certfile.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    keyfile.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certfile, keyfile)
    return context, str(certfile)


def failing(partner: Partner, url: str, **kwargs: Any) -> tuple[OutsideError, float]:
    """The error of a call that must fail, and the seconds it took."""
    started = time.monotonic()
    with pytest.raises(OutsideError) as caught:
        partner.call("POST", url, **kwargs)
    return caught.value, time.monotonic() - started


def until(condition: Callable[[], bool]) -> None:
    """Await what another thread does at once, on a machine that may be busy."""
    ends = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.005)


# --- an answer ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 204, 302, 404, 500, 503])
def test_an_answer_that_arrives_whole_is_an_answer_whatever_its_status(
    partner: Partner, status: int
) -> None:
    answer_bytes = f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nLocation: /other\r\n\r\n".encode()
    with Peer(answering(answer_bytes)) as peer:
        answer = partner.call("GET", peer.url)
    assert (answer.status, answer.body) == (status, b"")
    assert answer.headers["LOCATION"] == answer.headers["location"] == "/other"
    assert 0 <= answer.duration_ms < 600
    assert len(peer.requests) == 1


def test_a_chunked_answer_and_one_that_ends_with_its_connection_are_whole(
    partner: Partner,
) -> None:
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"
    )
    with Peer(answering(chunked)) as peer:
        assert partner.call("GET", peer.url).body == b"abcd"
    with Peer(answering(b"HTTP/1.0 200 OK\r\n\r\nabcd")) as peer:
        assert partner.call("GET", peer.url).body == b"abcd"


def test_bodies_are_sent_as_they_were_given(partner: Partner) -> None:
    with Peer(forever) as peer:
        partner.call("POST", peer.url, data=b"\xff\x00", headers={"X-One": "1"})
        partner.call("POST", peer.url, data='{"a":"茶"}')
        partner.call("POST", peer.url, data={"a": "茶 +", "b": "1"})
        partner.call("POST", peer.url, data={"a": "1"}, headers={"content-type": "x/y"})
        partner.call("GET", f"{peer.url}?b=2&a=%2F")
    sent = peer.requests
    assert [request[2] for request in sent] == [
        b"\xff\x00",
        '{"a":"茶"}'.encode(),
        b"a=%E8%8C%B6+%2B&b=1",
        b"a=1",
        b"",
    ]
    assert sent[0][1]["x-one"] == "1"
    assert sent[2][1]["content-type"] == "application/x-www-form-urlencoded;charset=UTF-8"
    assert sent[3][1]["content-type"] == "x/y"
    assert sent[4][0] == "GET /path?b=2&a=%2F HTTP/1.1"


def test_the_environment_and_earlier_answers_leave_no_trace_in_a_request(
    partner: Partner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with Peer(answering(body(b"", "Set-Cookie: a=b; Path=/"), OK)) as peer:
        partner.call("GET", peer.url)
        partner.call("GET", peer.url)
    for _, headers, _ in peer.requests:
        assert headers["accept-encoding"] == "identity"
        assert "cookie" not in headers
        assert "authorization" not in headers


def test_one_connection_serves_many_calls(partner: Partner) -> None:
    with Peer(forever) as peer:
        for _ in range(5):
            partner.call("GET", peer.url)
        assert peer.connections == 1


def test_thirty_two_threads_share_one_partner(partner: Partner) -> None:
    def echo(_: Peer, conn: socket.socket) -> None:
        while True:
            data = conn.recv(65_536)
            if not data:
                return
            conn.sendall(body(data.split(b" ")[1]))

    partner.deadline = 5
    with Peer(echo) as peer, ThreadPoolExecutor(32) as pool:

        def ask(number: int) -> bool:
            url = f"http://{peer.host}/{number}"
            return partner.call("GET", url).body == f"/{number}".encode()

        assert all(pool.map(ask, range(640)))
        assert peer.connections <= 32


# --- nothing was sent -----------------------------------------------------------------------


def test_a_refused_connection_is_not_sent(partner: Partner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    error, _ = failing(partner, f"http://127.0.0.1:{port}/")
    assert isinstance(error, NotSent)
    assert error.outcome is Outcome.RETRY
    assert "test, before sending: ConnectionRefusedError" in error.detail


def test_a_name_nobody_knows_is_not_sent(partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error, _ = failing(partner, "http://nobody.invalid/")
    assert isinstance(error, NotSent)
    assert "gaierror" in error.detail


def test_a_resolver_that_hangs_is_given_up_on(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()

    def hang(*_: Any, **__: Any) -> list[Any]:
        release.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    error, seconds = failing(partner, "http://slow.invalid/")
    release.set()
    assert isinstance(error, NotSent)
    assert seconds < partner.connect_timeout + LATE


def test_a_connection_that_is_never_accepted_is_not_sent(partner: Partner) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = []
        for _ in range(8):  # until the kernel's queue is full and drops what comes
            client = socket.socket()
            client.settimeout(0)
            client.connect_ex(full.getsockname())
            waiting.append(client)
        error, seconds = failing(partner, f"http://127.0.0.1:{full.getsockname()[1]}/")
        for client in waiting:
            client.close()
    assert isinstance(error, NotSent)
    assert "TimeoutError" in error.detail
    assert seconds < partner.connect_timeout + LATE


def test_the_next_address_is_tried_when_the_first_is_dead(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Peer(forever) as peer, socket.create_server(("127.0.0.1", 0)) as gone:
        dead, alive = gone.getsockname(), peer.listener.getsockname()
        gone.close()
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", at) for at in (dead, alive)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        assert partner.call("GET", "http://two.invalid/").status == 200


def test_a_tls_handshake_that_fails_is_not_sent(
    partner: Partner, certificate: tuple[ssl.SSLContext, str]
) -> None:
    with Peer(forever, certificate[0]) as peer:
        error, _ = failing(partner, peer.url)
        assert isinstance(error, NotSent)
        assert "SSLCertVerificationError" in error.detail
    with Peer(answering(b"this is not TLS\r\n\r\n")) as peer:
        error, _ = failing(partner, peer.url.replace("http:", "https:"))
        assert isinstance(error, NotSent)
    assert peer.requests == []


def test_a_tls_handshake_that_stalls_is_not_sent(partner: Partner) -> None:
    with Peer(lambda peer, conn: peer.drip(conn, b"\x16\x03\x03\x40\x00" + b"a" * 90)) as peer:
        error, seconds = failing(partner, peer.url.replace("http:", "https:"))
    assert isinstance(error, NotSent)
    assert seconds < partner.connect_timeout + LATE


@pytest.mark.parametrize(
    "url", ["", "nothing", "ftp://a.cn/", "http://", "http://[::1/", "http://*"]
)
def test_a_malformed_url_is_not_sent(partner: Partner, url: str) -> None:
    assert isinstance(failing(partner, url)[0], NotSent)


def test_text_and_headers_that_cannot_be_sent_are_not_sent(partner: Partner) -> None:
    with Peer(forever) as peer:
        assert isinstance(failing(partner, peer.url, data="\ud800")[0], NotSent)
        assert isinstance(failing(partner, peer.url, headers={"A": "x\r\ny: z"})[0], NotSent)
    assert peer.requests == []


def test_a_forbidden_url_is_not_even_connected_to() -> None:
    def nobody(url: str) -> None:
        msg = f"{url} is not ours to call"
        raise ValueError(msg)

    with Peer(forever) as peer, Partner("test", allow=nobody) as partner:
        error, _ = failing(partner, f"{peer.url}?secret=1")
        assert isinstance(error, NotSent)
        assert "?secret=*** is not ours to call" in error.detail
        assert peer.connections == 0


# --- it may have been handled ----------------------------------------------------------------


def test_silence_after_sending_is_unknown(partner: Partner) -> None:
    with Peer(silent) as peer:
        error, seconds = failing(partner, peer.url)
    assert isinstance(error, NoAnswer)
    assert error.outcome is Outcome.UNKNOWN
    assert "test, after sending: TimeoutError" in error.detail
    assert 0.5 < seconds < partner.deadline + LATE


def test_one_call_may_have_a_deadline_of_its_own(partner: Partner) -> None:
    with Peer(silent) as peer:
        _, seconds = failing(partner, peer.url, deadline=0.2)
    assert seconds < 0.5


@pytest.mark.parametrize(
    "dripped",
    [
        OK.replace(b"\r\n\r\n", b"\r\nX-Long: " + b"x" * 100 + b"\r\n\r\n"),
        b"HTTP/1.1 100 Continue\r\n\r\n" * 10,
    ],
)
def test_a_dripping_head_is_cut_at_the_deadline(partner: Partner, dripped: bytes) -> None:
    def script(peer: Peer, conn: socket.socket) -> None:
        peer.read(conn)
        peer.drip(conn, dripped)

    with Peer(script) as peer:
        error, seconds = failing(partner, peer.url)
    assert isinstance(error, NoAnswer)
    assert seconds < partner.deadline + LATE


@pytest.mark.parametrize(
    ("head", "dripped"),
    [
        (body(b"", length=200), b"x" * 200),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 200),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 40),
    ],
)
def test_a_dripping_answer_is_cut_at_the_deadline(
    partner: Partner, head: bytes, dripped: bytes
) -> None:
    def script(peer: Peer, conn: socket.socket) -> None:
        peer.read(conn)
        conn.sendall(head)
        peer.drip(conn, dripped)

    with Peer(script) as peer:
        error, seconds = failing(partner, peer.url)
    assert isinstance(error, NoAnswer)
    assert seconds < partner.deadline + LATE


def test_tls_is_spoken_and_its_dripping_answers_are_cut_too(
    certificate: tuple[ssl.SSLContext, str],
) -> None:
    def script(peer: Peer, conn: socket.socket) -> None:
        peer.read(conn)
        conn.sendall(OK)
        peer.read(conn)
        peer.drip(conn, OK.replace(b"\r\n\r\n", b"\r\nX-Long: " + b"x" * 100 + b"\r\n\r\n"))

    context, ca_file = certificate
    with Peer(script, context) as peer, Partner("t", deadline=0.6, ca_file=ca_file) as partner:
        assert partner.call("GET", peer.url).body == b"ok"
        error, seconds = failing(partner, peer.url)
    assert isinstance(error, NoAnswer)
    assert seconds < partner.deadline + LATE
    assert peer.connections == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_peer_that_stops_reading_is_cut_at_the_deadline(
    scheme: str, certificate: tuple[ssl.SSLContext, str]
) -> None:
    def script(peer: Peer, conn: socket.socket) -> None:
        while not peer.stop.wait(0.1):
            conn.recv(1000)

    context = certificate[0] if scheme == "https" else None
    with Peer(script, context) as peer, Partner("t", ca_file=certificate[1]) as partner:
        error, seconds = failing(partner, peer.url, data=b"x" * 30_000_000, deadline=0.6)
    assert isinstance(error, NoAnswer)
    assert seconds < 0.6 + LATE


def test_a_connection_lost_after_sending_is_unknown(partner: Partner) -> None:
    def lost(peer: Peer, conn: socket.socket) -> None:
        peer.read(conn)
        reset(conn)

    for script in (answering(b""), lost):
        with Peer(script) as peer:
            error, _ = failing(partner, peer.url, data=b"x")
            assert isinstance(error, NoAnswer)
        assert len(peer.requests) == 1


@pytest.mark.parametrize(
    "cut",
    [
        body(b"half", length=9),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n",
        body(gzipped(b"whole")[:-9], "Content-Encoding: gzip"),
        b"220 mail.example.com ESMTP\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK,
    ],
)
def test_an_answer_cut_short_or_not_http_is_unknown(partner: Partner, cut: bytes) -> None:
    with Peer(answering(cut)) as peer:
        assert isinstance(failing(partner, peer.url)[0], NoAnswer)


def test_an_answer_is_taken_in_up_to_its_limit_and_no_further(partner: Partner) -> None:
    with Peer(answering(body(b"x" * 10_000))) as peer:
        assert len(partner.call("GET", peer.url).body) == 10_000
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 3_000_000
    redirect = b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n" + b"x" * 3_000_000
    for large in (body(b"x" * 10_001), endless, redirect):
        with Peer(answering(large)) as peer:
            error, _ = failing(partner, peer.url)
            assert isinstance(error, NoAnswer)
            assert "larger than 10000 bytes" in error.detail


def test_a_compressed_bomb_is_not_unpacked(partner: Partner) -> None:
    bomb = gzipped(b"\x00" * 9_000_000)
    assert len(bomb) < partner.max_bytes
    with Peer(answering(body(bomb, "Content-Encoding: gzip"))) as peer:
        tracemalloc.start()
        try:
            assert "larger than" in failing(partner, peer.url)[0].detail
            assert tracemalloc.get_traced_memory()[1] < 2_000_000
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize(
    ("coding", "content"),
    [
        ("gzip", gzipped(b"te") + gzipped(b"xt")),
        ("X-GZIP", gzipped(b"text")),
        ("deflate", zlib.compress(b"text")),
        ("deflate", zlib.compress(b"text")[2:-4]),
        ("identity", b"text"),
    ],
)
def test_a_compressed_answer_is_understood_though_not_asked_for(
    partner: Partner, coding: str, content: bytes
) -> None:
    with Peer(answering(body(content, f"Content-Encoding: {coding}"))) as peer:
        assert partner.call("GET", peer.url).body == b"text"


@pytest.mark.parametrize(
    ("coding", "content"),
    [
        ("br", gzipped(b"text")),
        ("gzip, gzip", gzipped(b"text")),
        ("gzip", b"garbage"),
        ("deflate", b"garbage"),
    ],
)
def test_an_answer_that_cannot_be_decoded_is_unknown(
    partner: Partner, coding: str, content: bytes
) -> None:
    with Peer(answering(body(content, f"Content-Encoding: {coding}"))) as peer:
        assert isinstance(failing(partner, peer.url)[0], NoAnswer)


def test_a_defect_of_ours_is_raised_before_sending_and_unknown_after_it(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Any:
        raise KeyError

    with Peer(forever) as peer:
        monkeypatch.setattr("config.kernel.http.partner.read_whole", broken)
        assert isinstance(failing(partner, peer.url)[0], NoAnswer)
        partner.allow = broken
        with pytest.raises(KeyError):
            partner.call("GET", peer.url)


# --- connections kept alive --------------------------------------------------------------------


def test_a_connection_closed_while_idle_is_replaced_unnoticed(partner: Partner) -> None:
    with Peer(answering(OK)) as peer:
        for expected in (1, 2, 3):
            assert partner.call("POST", peer.url, data=b"x").status == 200
            assert peer.connections == expected
            time.sleep(0.05)  # for the FIN to arrive


def test_a_connection_idle_for_too_long_or_from_another_process_is_not_used_again(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Peer(forever) as peer:
        partner.call("GET", peer.url)
        monkeypatch.setattr(f"{SESSION}._MAX_IDLE", 0.0)
        partner.call("GET", peer.url)
        assert peer.connections == 2
        monkeypatch.undo()
        monkeypatch.setattr(f"{SESSION}.os.getpid", lambda: -1)
        partner.call("GET", peer.url)
        assert peer.connections == 3


@pytest.mark.parametrize(
    ("closing", "expected"),
    [
        (lambda conn: conn.shutdown(socket.SHUT_RDWR), NoAnswer),
        (reset, NotSent),
        (farewell, NotSent),
    ],
)
def test_a_connection_closed_in_the_instant_of_sending_is_told_by_what_the_kernel_took(
    partner: Partner,
    monkeypatch: pytest.MonkeyPatch,
    closing: Callable[[socket.socket], None],
    expected: type[OutsideError],
) -> None:
    idle, closed = threading.Event(), threading.Event()

    def script(peer: Peer, conn: socket.socket) -> None:
        peer.read(conn)
        conn.sendall(OK)
        idle.wait(2)
        closing(conn)
        closed.set()

    with Peer(script) as peer:
        partner.call("POST", peer.url, data=b"x")
        idle.set()
        closed.wait(2)
        time.sleep(0.05)
        # The look at the connection came just too early.
        monkeypatch.setattr(f"{SESSION}._BoundedConnection.is_connected", property(lambda _: True))
        error, _ = failing(partner, peer.url, data=b"x")
    assert type(error) is expected
    assert len(peer.requests) == 1


def test_a_failure_within_a_piece_counts_as_sent() -> None:
    class Stuck:
        def settimeout(self, _: float) -> None: ...

        def send(self, _: bytes) -> int:
            raise TimeoutError

    with spending(Budget(1, 1)) as budget:
        with pytest.raises(TimeoutError):
            BoundedSocket(Stuck()).sendall(b"x")  # type: ignore[arg-type]
        assert budget.sent


def test_no_connection_is_left_open_by_failures(partner: Partner) -> None:
    for script in (silent, answering(body(b"x" * 20_000)), answering(body(b"x", length=9))):
        with Peer(script) as peer:
            # A used-up connection must not be handed to the next call. On a busy machine a call's
            # time may be over before it has connected: then another one is made.
            for _ in range(10):
                failing(partner, peer.url, deadline=0.4)
                if peer.connections >= 2:
                    break
            until(lambda: peer.connections >= 2)


# --- the record --------------------------------------------------------------------------------


def test_a_call_is_recorded_masked(partner: Partner) -> None:
    content = {"name": "张三丰", "mailNo": "ZT1"}
    with Peer(answering(body(json.dumps(content).encode(), "Content-Type: text/html"))) as peer:
        result, record = partner.call_recorded(
            "POST",
            f"{peer.url}?access_token=abc",
            data={
                "logistics_interface": '{"phone":"13800138000"}',
                "data_digest": "x",
                "ours": "y",
            },
            headers={"Authorization": "Bearer abc"},
            mask=frozenset({"Ours"}),
        )
    assert isinstance(result, Answer)
    assert json.loads(result.body) == content
    assert json.loads(record.request_text) == {
        "logistics_interface": '{"phone": "138****8000"}',
        "data_digest": "***",
        "ours": "***",
    }
    assert json.loads(record.response_text) == {"name": "张**", "mailNo": "ZT1"}
    assert record.url == f"{peer.url}?access_token=***"
    assert (record.partner, record.method, record.status) == ("test", "POST", 200)
    assert (record.outcome, record.error_detail) == (Outcome.DONE, "")
    assert record.started_at.utcoffset() == dt.timedelta(0)
    assert record.finished_at - record.started_at == dt.timedelta(milliseconds=record.duration_ms)
    assert "abc" not in repr(record)


def test_a_failed_call_is_returned_with_its_record(partner: Partner) -> None:
    with Peer(answering(b"13800138000 says no\r\n")) as peer:
        result, record = partner.call_recorded("POST", peer.url, data=b"\x00\x01")
    assert isinstance(result, NoAnswer)
    assert (record.outcome, record.status) == (Outcome.UNKNOWN, None)
    assert (record.request_text, record.response_text) == ("<2 bytes of no text>", "")
    assert record.error_detail == result.detail
    assert "138****8000" in record.error_detail
    result, record = partner.call_recorded("GET", "http://", data="\ud800")
    assert isinstance(result, NotSent)
    assert record.outcome is Outcome.RETRY


# --- the guard ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_call_inside_a_transaction_is_refused_before_anything_is_sent(
    partner: Partner,
) -> None:
    with Peer(forever) as peer:
        partner.call("GET", peer.url)
        with transaction.atomic():
            with pytest.raises(OutsideCallInTransaction):
                partner.call("GET", peer.url)
            with pytest.raises(OutsideCallInTransaction):
                partner.call_recorded("GET", peer.url)
        partner.call("GET", peer.url)
        assert len(peer.requests) == 2


@pytest.mark.django_db
def test_a_test_cases_own_transaction_does_not_count_but_ours_within_it_does() -> None:
    assert connection.in_atomic_block
    forbid_in_transaction()
    with transaction.atomic(), pytest.raises(OutsideCallInTransaction):
        forbid_in_transaction()
    forbid_in_transaction()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_begun_by_hand_is_seen_too() -> None:
    connection.ensure_connection()
    forbid_in_transaction()
    connection.set_autocommit(False)
    try:
        with pytest.raises(OutsideCallInTransaction):
            forbid_in_transaction()
    finally:
        connection.set_autocommit(True)


def test_the_guard_opens_no_connection_in_a_thread_that_has_none() -> None:
    def look() -> int:
        forbid_in_transaction()
        return len(connections.all(initialized_only=True))

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(look).result() == 0


def test_calling_out_loads_no_settings() -> None:
    code = (
        "from django.conf import settings\n"
        "from config.kernel.http import Partner, NotSent\n"
        "try: Partner('p').call('GET', 'http://127.0.0.1:1/')\n"
        "except NotSent as error: print(error.outcome, settings.configured)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        cwd=Path(__file__).parents[2],
        env={"PATH": "/usr/bin:/bin"},
    )
    assert done.stdout == "retry False\n"
