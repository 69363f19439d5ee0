"""Signatures are those of Standard Webhooks, as its published vector has them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.services.outbox.bodies import signature_headers
from accounts.services.outbox.signing import sign, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EVENT, STAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
OTHER = "whsec_dGhlIG90aGVyIG9uZQ=="


def test_the_published_vector_comes_out() -> None:
    assert sign(SECRET, EVENT, STAMP, BODY) == SIGNATURE


def test_one_of_several_signatures_is_enough_and_another_secrets_is_not() -> None:
    assert verify(SECRET, EVENT, STAMP, BODY, f"v1,AAAA {SIGNATURE}")
    assert not verify(OTHER, EVENT, STAMP, BODY, SIGNATURE)
    assert not verify(SECRET, EVENT, STAMP, BODY + b" ", SIGNATURE)
    assert not verify(SECRET, EVENT, STAMP + 1, BODY, SIGNATURE)
    assert not verify(SECRET, EVENT, STAMP, BODY, "签名")


def test_each_secret_signs_and_the_newest_comes_first() -> None:
    headers = signature_headers(
        event_id=EVENT, body=BODY, at=datetime.fromtimestamp(STAMP, UTC), secrets=[OTHER, SECRET]
    )
    assert headers["webhook-id"] == EVENT
    assert headers["webhook-timestamp"] == str(STAMP)
    first, second = headers["webhook-signature"].split(" ")
    assert second == SIGNATURE
    assert first == sign(OTHER, EVENT, STAMP, BODY)


def test_a_secret_that_is_not_base64_is_refused() -> None:
    with pytest.raises(ValueError, match="base64"):
        sign("whsec_***", EVENT, STAMP, BODY)
