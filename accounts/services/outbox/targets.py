"""Whereto we send: listed hosts and ports, by https, to public addresses; checked at every send.

Loopback is for development alone (`OUTBOUND_ALLOW_LOOPBACK`), there by http and at any port, and
only under a name that says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from django.conf import settings

from config.kernel.http import Partner
from config.kernel.http.addresses import is_loopback, is_public

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})
MAX_ANSWER_BYTES: Final = 65_536
CONNECT_SECONDS: Final = 3.0
# The plainest form alone: what two readers of a URL might read differently is refused.
_URL = re.compile(
    r"(?P<scheme>https?)://(?:\[(?P<v6>[0-9a-fA-F:.]{2,45})\]|(?P<name>[A-Za-z0-9._-]{1,253}))"
    r"(?::(?P<port>\d{1,5}))?(?:[/?#][^\s\\\x00-\x1f\x7f]*)?"
)
_PORTS: Final = {"https": 443, "http": 80}


def refusal_of(url: str, hosts: Collection[str]) -> str | None:
    """Why we do not call `url`, in Chinese; None where we may, its addresses still to be checked.

    `hosts` are those on the tenant's list.
    """
    parts = _URL.fullmatch(url)
    if parts is None:
        return "回调地址格式有误，不能含用户名、密码、空格或反斜杠，请改为 https://主机/路径。"
    host = (parts["v6"] or parts["name"]).lower()
    if settings.OUTBOUND_ALLOW_LOOPBACK and host in LOOPBACK_NAMES:
        return None
    if parts["scheme"] != "https":
        return "回调地址必须使用 https，请更换。"
    port = int(parts["port"] or _PORTS[parts["scheme"]])
    if port not in settings.CALLBACK_PORTS:
        return f"回调地址的端口 {port} 不在允许之列，请更换，或联系平台。"
    if host not in {known.lower() for known in hosts}:
        return f"主机“{host}”不在租户的回调主机名单中，请联系平台添加。"
    return None


def address_allowed(host: str, address: str) -> bool:
    """Whether we connect to `address` under the name `host`."""
    if is_loopback(address):
        return bool(settings.OUTBOUND_ALLOW_LOOPBACK) and host.lower() in LOOPBACK_NAMES
    return is_public(address)


#: The way out to tenants' servers, all of them.
TENANTS: Final = Partner(
    "tenant",
    connect_timeout=min(CONNECT_SECONDS, settings.CALLBACK_DEADLINE_SECONDS),
    deadline=float(settings.CALLBACK_DEADLINE_SECONDS),
    max_bytes=MAX_ANSWER_BYTES,
    # As many threads as may call one host at once; idle connections to the last few hosts.
    pool_size=40,
    hosts=200,
    address_allowed=address_allowed,
)
