"""Where a tenant's events may go and where it may come from: checked, and in one spelling."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings

from accounts.errors import CallbackUrlRefused
from config.kernel.errors import Malformed

MOST_NETWORKS = 100
_HOST = re.compile(r"[a-z0-9.-]{1,253}")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def clean_hosts(hosts: Sequence[str]) -> list[str]:
    """Host names in small letters, each once, in the order given.

    :raises CallbackUrlRefused: one is no host name; it is named.
    """
    wanted = [host.strip().lower() for host in hosts]
    for host in wanted:
        if not _HOST.fullmatch(host) and host != "::1":
            raise CallbackUrlRefused(reason=f"主机名“{host}”无效")
    return list(dict.fromkeys(wanted))


def callback_host(url: str) -> str:
    """The host of an address we may call.

    :raises CallbackUrlRefused: not https (http only on loopback in development), or no host.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        raise CallbackUrlRefused(reason="地址格式有误") from None
    if not host or parts.username or len(url) > 500:
        raise CallbackUrlRefused(reason="地址格式有误")
    loopback = settings.OUTBOUND_ALLOW_LOOPBACK and host in _LOOPBACK
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise CallbackUrlRefused(reason="必须使用 https")
    return host


def clean_networks(texts: Sequence[str]) -> list[str]:
    """Addresses and networks (`203.0.113.7`, `203.0.113.0/24`, IPv6 likewise), each once.

    :raises Malformed: on `external_addresses`, naming the line at fault.
    """
    wanted = list(dict.fromkeys(_network(text) for text in texts))
    if len(wanted) > MOST_NETWORKS:
        raise Malformed(fields={"external_addresses": [f"最多填写 {MOST_NETWORKS} 个地址。"]})
    return wanted


def _network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        said = (
            f"“{text.strip()[:60]}”不是有效的 IP 地址或网段，例如 203.0.113.7 或 203.0.113.0/24。"
        )
        raise Malformed(fields={"external_addresses": [said]}) from None
    if network.prefixlen != network.max_prefixlen:
        return str(network)
    address = network.network_address
    # Whoever comes is written the short way, whatever socket took the connection.
    return str(getattr(address, "ipv4_mapped", None) or address)
