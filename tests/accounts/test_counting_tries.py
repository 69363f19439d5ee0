"""A count that a cache forgot between two looks begins anew; nobody gets an accident for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.test import Client

from accounts.models import SecurityEvent
from accounts.services.security import log_unverified

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Full, or at the end of the key's time: what was added is gone at once."""
    cache.clear()

    def forget(*_: Any, **__: Any) -> bool:
        return True

    monkeypatch.setattr(type(caches["default"]), "add", forget)


def test_a_wrong_login_is_refused_as_ever() -> None:
    browser = Client(raise_request_exception=False)
    body = json.dumps({"username": "nobody", "password": "wrong"})
    answer = browser.post("/api/platform/auth/token", body, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (401, "login_failed")


def test_what_did_not_verify_is_logged_as_ever() -> None:
    assert log_unverified(door="d", reason="r", address="1.2.3.4", digest="x", at=NOW)
    assert SecurityEvent.objects.count() == 1
