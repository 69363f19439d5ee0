"""The sandbox's signing rules are the published ones, byte for byte."""

from __future__ import annotations

from logistics.carriers.cainiao.sandbox.signatures import envelope_sign, link_digest, same

V2 = {
    "app_key": b"test",
    "fields": b"nick",
    "format": b"xml",
    "method": b"taobao.user.seller.get",
    "session": b"test",
    "sign_method": b"md5",
    "timestamp": b"2013-05-06 13:52:03",
    "v": b"2.0",
}


def test_the_link_digest_is_that_of_the_official_faq() -> None:
    assert link_digest(b"hello1234", "key123") == "ufYU7rvXhHY3IDyZgyt6SA=="


def test_the_md5_sign_is_that_of_the_top_documentation() -> None:
    assert envelope_sign(V2, "test", "md5") == "72CB4D809B375A54502C09360D879C64"


def test_the_hmac_sign_wraps_the_text_in_the_secret_as_the_seed_writes_it() -> None:
    # Computed with `openssl dgst -md5 -hmac test` over the wrapped text: nobody publishes one.
    assert envelope_sign(V2, "test", "hmac") == "BA019CC8666CE367773779CA4EADD13E"


def test_one_other_byte_is_another_signature() -> None:
    right = link_digest("茶叶".encode(), "key123")
    assert link_digest("茶叶 ".encode(), "key123") != right
    assert link_digest("茶叶".encode("gbk"), "key123") != right
    assert same(right.encode(), right)
    assert not same(right.lower().encode(), right)
    assert not same(b"\xff" + right.encode(), right)
