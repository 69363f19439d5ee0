"""What a tenant is answered about its callbacks and keys is what the document says."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from tests.accounts.callers import URL, a_tenant, caller
from tests.doors.test_openapi import matches
from tests.outbox.ground import Orders

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return made


def test_every_route_answers_as_documented_and_its_examples_work(document: dict[str, Any]) -> None:
    tenant = a_tenant()
    client = caller(tenant)
    event = Orders(tenant).change(1)
    keys = "/api/v1/credentials"
    for path in (
        URL, f"{URL}/{{event_id}}", f"{URL}/endpoints", f"{URL}/settings", "/api/v1/events", keys,
    ):  # fmt: skip
        answer = client.get(path.replace("{event_id}", event.event_id))
        assert answer.status_code == 200
        matches(document, path, "get", answer)
    matches(document, "/api/v1/events", "get", client.get("/api/v1/events?after=0"))
    for path in (
        "test", "pause", "resume", "resend", "settings", "rotate-secret", "verify-signature",
        "{event_id}/resend",
    ):  # fmt: skip
        whole = f"{URL}/{path}"
        operation = document["paths"][whole]["post"]
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        examples = [one["value"] for one in content.get("examples", {}).values()] or [{}]
        for example in examples:
            answer = client.post(whole.replace("{event_id}", event.event_id), example)
            assert answer.status_code == 200, answer.content.decode()
            matches(document, whole, "post", answer)
    other = caller(tenant).key_id
    revoked = client.post(f"{keys}/{other}/revoke", {})
    matches(document, f"{keys}/{{key_id}}/revoke", "post", revoked)
    matches(document, f"{keys}/rotate", "post", client.post(f"{keys}/rotate", {}))
