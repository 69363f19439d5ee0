"""The caller's address: what our own proxies say, and nobody else."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest


@lru_cache(maxsize=8)
def _networks(
    texts: tuple[str, ...],
) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(text, strict=False) for text in texts]


def _trusted(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))


@lru_cache(maxsize=1024)
def _as_written(address: str) -> str:
    """The one form of an address; empty where it is none."""
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return ""


def client_address(request: HttpRequest) -> str:
    """The nearest address in the chain that is not one of `TRUSTED_PROXIES` (CIDR list)."""
    address = str(request.META.get("REMOTE_ADDR") or "")
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    for hop in reversed([hop for hop in hops if hop]):
        if not _trusted(address):
            break
        address = hop
    return _as_written(address)
