"""Which answers count as delivered, and what Retry-After says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.services.outbox.answers import accepted, asked_to_wait_until

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        b'{"code":0}', b'{"code": 0, "message": "x"}', b"success", b' "SUCCESS"\n',
        b'\xef\xbb\xbf{"code":0}',
    ],
    ids=["code", "more", "plain", "quoted", "bom"],
)  # fmt: skip
def test_code_nought_and_the_word_success_are_taken(body: bytes) -> None:
    assert accepted("code", 200, body)
    assert not accepted("code", 500, body)
    assert not accepted("code", 302, body)


@pytest.mark.parametrize(
    "body",
    [b"", b"ok", b"0", b'{"code":"0"}', b'{"code":false}', b'{"code":0.0}', b'{"code":-1}', b"[0]",
     b"[" * 60_000, b"<html>success</html>", b"\xff\x00"],
    ids=["empty", "ok", "0", "text", "false", "float", "minus", "list", "deep", "page", "junk"],
)  # fmt: skip
def test_anything_else_is_refused_unless_the_tenant_chose_plain_2xx(body: bytes) -> None:
    assert not accepted("code", 200, body)
    assert accepted("http", 204, body)
    assert not accepted("http", 302, body)
    assert not accepted("http", 404, body)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), ("Sun, 22 Nov 2026 02:05:00 GMT", 300), ("9" * 40, 12 * 3600)],
    ids=["seconds", "date", "absurd"],
)
def test_retry_after_is_read_in_both_forms(text: str, seconds: int) -> None:
    assert asked_to_wait_until({"Retry-After": text}, AT) == AT + timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "-5", "١٢", "Sun, 99 Nov 2026"])
def test_what_retry_after_does_not_say_is_not_guessed(text: str) -> None:
    assert asked_to_wait_until({"Retry-After": text}, AT) is None
