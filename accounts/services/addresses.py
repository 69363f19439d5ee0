"""Where a tenant's events may go and where it may come from: checked, and in one spelling."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from accounts.errors import CallbackUrlRefused
from accounts.services.outbox.targets import address_allowed, refusal_of
from config.kernel.errors import Malformed

MOST_NETWORKS = 100
_HOST = re.compile(r"[a-z0-9.-]{1,253}")
LONGEST_URL = 500


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
    """The host of an address we may call, by the very rule that is asked before each call.

    :raises CallbackUrlRefused: not https (http only on loopback in development), a port that is
        not allowed, no host, or not written plainly.
    """
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        host = ""
    refused = refusal_of(url, [host]) or _not_public(host)
    if refused or len(url) > LONGEST_URL:
        raise CallbackUrlRefused(reason=refused or f"最长 {LONGEST_URL} 个字符，请缩短。")
    return host


def _not_public(host: str) -> str:
    """Why an address written as numbers is refused now already, not only at each call."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return ""
    return "" if address_allowed(host, host) else f"{host} 不是公网地址，请改用公网域名或地址。"


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
