"""Only addresses of the public net are called where somebody else chose the name.

`ipaddress.is_global` is not enough: it lets NAT64, 6to4 and multicast through. Of IPv6 only
global unicast is public, less what stands in it for IPv4 or for documents.
"""

from __future__ import annotations

import ipaddress
from typing import Final

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NOT_PUBLIC_4: Final = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        # A cloud's own service to its machines, in the middle of the public net.
        "168.63.129.16/32",
    )
)  # fmt: skip
_GLOBAL_6: Final = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6: Final = tuple(
    ipaddress.IPv6Network(text)
    # Special purposes (Teredo, ORCHID, ...), documents, 6to4, documents again.
    for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)


def is_public(address: str) -> bool:
    """Whether `address` (text, a zone after `%` allowed) is one of the public net."""
    known = _read(address)
    if known is None:
        return False
    if isinstance(known, ipaddress.IPv4Address):
        return not any(known in network for network in _NOT_PUBLIC_4)
    return known in _GLOBAL_6 and not any(known in network for network in _NOT_PUBLIC_6)


def is_loopback(address: str) -> bool:
    """Whether `address` is this machine's own."""
    known = _read(address)
    return known is not None and known.is_loopback


def _read(address: str) -> _Address | None:
    """The address; one of IPv4 written as IPv6 (`::ffff:10.0.0.1`) as what it is."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is not None:
        return known.ipv4_mapped
    return known
