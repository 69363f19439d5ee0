"""We call public addresses of listed hosts by https, and connect to what we checked."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from accounts.services.outbox.targets import TENANTS, address_allowed, refusal_of
from config.kernel.http import Forbidden, NotSent
from config.kernel.http.addresses import is_public

HOSTS = {"shop.example.com"}
PRIVATE = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.9.9.9",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1",
    "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1",
    "239.1.1.1", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "::", "::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::10.0.0.1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:a00:1::1", "3fff::1", "5f00::1",
    "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "nonsense", "",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "100.63.0.1", "172.32.0.1", "223.5.5.5", "2400:3200::1", "::ffff:8.8.8.8"]


def test_special_addresses_of_either_kind_are_not_public() -> None:
    assert [address for address in PRIVATE if is_public(address)] == []
    assert [address for address in PUBLIC if not is_public(address)] == []


def test_loopback_is_for_development_and_under_its_own_name(settings: Any) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = True
    assert address_allowed("localhost", "127.0.0.1")
    assert address_allowed("LOCALHOST", "::1")
    assert not address_allowed("shop.example.com", "127.0.0.1")
    assert not address_allowed("localhost", "10.0.0.1")
    assert refusal_of("http://127.0.0.1:5/x", HOSTS) is None
    settings.OUTBOUND_ALLOW_LOOPBACK = False
    assert not address_allowed("localhost", "127.0.0.1")
    assert refusal_of("http://127.0.0.1:5/x", HOSTS) is not None
    assert refusal_of("https://127.0.0.1/x", {"127.0.0.1"}) is None
    with pytest.raises(Forbidden):
        TENANTS.call("POST", "https://127.0.0.1/x")


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example.com/cb", "https://SHOP.example.com:8443/cb?a=b#c",
        "https://shop.example.com", "https://shop.example.com/路径",
    ],
)  # fmt: skip
def test_a_listed_host_may_be_called(url: str) -> None:
    assert refusal_of(url, HOSTS) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example.com/cb", "https://other.example.com/cb", "https://shop.example.com.",
        "https://shop.example.com:22/cb", "https://shop.example.com:80/", "ftp://shop.example.com",
        "https://user@shop.example.com/", "https://user:pw@shop.example.com/",
        "https://shop.example.com\\@evil.example", "https://evil.example\\@shop.example.com",
        "https://evil.example#@shop.example.com", "https://shop.example.com /", "https://",
        "https://shop.example.com:99999999/", "//shop.example.com", "https:///shop.example.com",
        "https://shop.example.com\n/", "https://shop．example.com/", "https://2130706433/", "",
    ],
)  # fmt: skip
def test_what_is_not_listed_or_not_plain_is_refused_in_chinese(url: str) -> None:
    refusal = refusal_of(url, HOSTS)
    assert refusal is not None
    assert "请" in refusal


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Names resolve to these addresses, one list for each time somebody asks."""
    asked: list[str] = []
    left = list(answers)

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        found = left.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_name_with_one_private_address_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: tried.append(address))
    for addresses in (["10.0.0.1"], ["8.8.8.8", "169.254.169.254"], ["8.8.8.8", "127.0.0.1"]):
        resolving(monkeypatch, addresses)
        with pytest.raises(Forbidden, match="not allowed"):
            TENANTS.call("POST", "https://shop.example.com/cb")
    assert tried == []


def test_a_name_that_changes_between_check_and_connect_is_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[Any] = []

    def connect(_self: socket.socket, address: Any) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    asked = resolving(monkeypatch, ["8.8.8.8"], ["127.0.0.1"], ["10.0.0.1"])
    with pytest.raises(NotSent) as caught:
        TENANTS.call("POST", "https://shop.example.com/cb")
    assert not isinstance(caught.value, Forbidden)
    assert asked == ["shop.example.com"]
    assert tried == [("8.8.8.8", 443)]
