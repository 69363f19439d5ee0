"""Operators' programs get a token, use it, and end it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.services.operators import create_operator
from tests.factories import QuotaFactory, issue
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/platform/auth/token"


@pytest.fixture(autouse=True)
def wang() -> None:
    cache.clear()
    create_operator(username="wang", role="operations", password="long-enough-9")


def login(password: str = "long-enough-9", username: str = "wang") -> Any:
    body = json.dumps({"username": username, "password": password})
    return Client().post(URL, body, content_type="application/json")


def test_a_token_is_given_used_and_ended() -> None:
    token = login().json()["data"]["token"]
    for scheme in ("Token", "Bearer"):
        refused = TenantClient("", "").http.get(
            "/api/v1/quota", headers={"Authorization": f"{scheme} {token}"}
        )
        assert (refused.status_code, refused.json()["error"]) == (403, "wrong_door")
    ended = Client().delete(URL, headers={"Authorization": f"Bearer {token}"})
    assert ended.status_code == 200
    after = Client().delete(URL, headers={"Authorization": f"Bearer {token}"})
    assert (after.status_code, after.json()["error"]) == (401, "token_invalid")


def test_wrong_password_and_unknown_user_are_told_alike() -> None:
    wrong, unknown = login("wrong-wrong-1"), login(username="nobody")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


def test_guessing_is_throttled() -> None:
    for _ in range(10):
        assert login("wrong-wrong-1").status_code == 401
    refused = login()
    assert refused.status_code == 429
    assert refused["Retry-After"]


def test_a_tenants_signature_opens_no_platform_door() -> None:
    client = TenantClient(*issue(QuotaFactory().tenant))
    answer = client.send("DELETE", URL)
    assert (answer.status_code, answer.json()["error"]) == (403, "wrong_door")
