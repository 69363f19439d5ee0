"""A requests session that repeats nothing, follows nothing, remembers no cookie, heeds no proxy.

Its connections are pooled and bounded by the current call's budget. A kept-alive connection is
looked at before it is used again: one that the other side has closed, that is older than any
common keep-alive time-out, or that another process opened, is replaced before anything is sent.
If the other side closes it in the very instant we send, nobody can tell whether it was handled:
that call is unknown, unless the first `send` itself was refused.
"""

from __future__ import annotations

import os
from http.cookiejar import DefaultCookiePolicy
from time import monotonic
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.retry import Retry

from config.kernel.http.sockets import BoundedSocket, open_socket

# Node closes idle connections after 5 s, most others later; firewalls forget silently.
_MAX_IDLE = 4.0


class _BoundedConnection(HTTPConnection):
    """Mixed in before urllib3's connections; the two hooks are its own extension points."""

    _last_used = 0.0
    _process = 0

    def _new_conn(self) -> Any:
        return open_socket(self.host, self.port, self.socket_options or [])

    def connect(self) -> None:
        super().connect()
        self.sock = BoundedSocket(self.sock)
        self._process = os.getpid()

    def send(self, data: Any) -> None:
        self._last_used = monotonic()
        super().send(data)

    @property
    def is_connected(self) -> bool:
        fresh = monotonic() - self._last_used < _MAX_IDLE and self._process == os.getpid()
        return fresh and super().is_connected


class _PlainConnection(_BoundedConnection):
    pass


class _TLSConnection(_BoundedConnection, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TLSPool}


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: even with allow_redirects=False requests reads a 3xx's whole body, however big."""
        del resp


def new_session(pool_size: int, ca_file: str | None, hosts: int | None = None) -> requests.Session:
    """A session for one partner, safe to share between threads.

    Up to `pool_size` idle connections are kept for each of the `hosts` last called.
    """
    session = _Session()
    session.trust_env = False
    session.verify = ca_file or True
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # Answers are small; a compressed one is only a way to send a large one.
    session.headers.update({"User-Agent": "Tonglu", "Accept-Encoding": "identity"})
    adapter = _Adapter(
        pool_connections=hosts or pool_size,
        pool_maxsize=pool_size,
        max_retries=Retry(total=0, read=False, redirect=False, status=0),
    )
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session
