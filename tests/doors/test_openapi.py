"""The OpenAPI document names every route of our doors, each identity and each refusal."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from config.sandbox import Sandbox
from tests.logistics.conftest import (  # noqa: F401 - fixtures
    DOOR,
    FORM,
    PARCEL,
    URL,
    account,
    client,
    post,
    sandbox,
    tenant,
    world,
)
from tests.signing import TenantClient

# The document's own pages are not operations.
UNDOCUMENTED = {"/api/schema", "/api/docs"}
# Carriers prove themselves and are answered in their own form.
CARRIERS = {DOOR}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return made


# Not an operation but what answers where there is none.
CATCH_ALL = "/api/<path:anything}"


def routes(patterns: list[Any], prefix: str = "/") -> list[str]:
    found = []
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and path.startswith("/api/"):
            found.append(re.sub("<(?:str|int):", "{", path).replace(">", "}"))
    return found


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    validate_schema(document)


def test_every_route_is_in_it_and_no_other(document: dict[str, Any]) -> None:
    assert set(document["paths"]) == set(routes(get_resolver().url_patterns)) - UNDOCUMENTED - {
        CATCH_ALL
    }


def test_every_operation_names_its_identity_and_its_refusals(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        if path in CARRIERS:
            continue
        for method, operation in operations.items():
            assert {"400", "401", "403", "404", "500"} <= set(operation["responses"]), path
            if path.startswith("/api/v1"):
                assert {"TenantSignature": []} in operation["security"]
                keys = [p["name"] for p in operation.get("parameters", [])]
                assert ("Idempotency-Key" in keys) == (method != "get"), path


def test_whoever_programs_against_us_finds_an_example_of_every_body(
    document: dict[str, Any],
) -> None:
    """Tenants' and riders' programs; each example is what its schema allows."""
    bare = []
    for path, operations in document["paths"].items():
        if not path.startswith(("/api/v1", "/api/external", "/api/rider")):
            continue
        for method, operation in operations.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None:
                continue
            if not body.get("examples"):
                bare.append(f"{method} {path}")
            whole = {**body["schema"], "components": document["components"]}
            for example in body.get("examples", {}).values():
                Draft202012Validator(whole).validate(example["value"])
    assert bare == []


def matches(document: dict[str, Any], path: str, method: str, answer: Any) -> None:
    responses = document["paths"][path][method]["responses"]
    assert str(answer.status_code) in responses
    schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    Draft202012Validator(whole).validate(answer.json())


@pytest.mark.django_db(transaction=True)
def test_what_is_answered_is_what_is_documented(
    client: TenantClient,  # noqa: F811
    document: dict[str, Any],
) -> None:
    one = f"{URL}/{{order_no}}"
    made = client.post(URL, {**PARCEL, "tenant_order_no": "A-1"})
    matches(document, URL, "post", made)
    matches(document, URL, "post", client.post(URL, {**PARCEL, "tenant_order_no": "A-1"}))
    matches(document, URL, "post", client.post(URL, {}))
    other = {**PARCEL, "tenant_order_no": "A-1", "remark": "x"}
    matches(document, URL, "post", client.post(URL, other))
    matches(document, URL, "get", client.get(URL))
    taken = {**PARCEL, "tenant_order_no": "A-1", "remark": "other"}
    batch = client.post(f"{URL}/batch", {"items": [PARCEL, {}, taken]})
    matches(document, f"{URL}/batch", "post", batch)
    number = made.json()["data"]["order_no"]
    matches(document, one, "get", client.get(f"{URL}/{number}"))
    matches(document, one, "get", client.get(f"{URL}/NONE"))
    cancelled = client.post(f"{URL}/{number}/cancel", {"reason": "x"})
    matches(document, f"{one}/cancel", "post", cancelled)
    matches(document, "/api/v1/quota", "get", client.get("/api/v1/quota"))
    statements = client.get("/api/v1/quota/statements")
    matches(document, "/api/v1/quota/statements", "get", statements)


@pytest.mark.django_db(transaction=True)
def test_a_carrier_is_answered_as_documented(
    account: Any,  # noqa: F811
    sandbox: Sandbox,  # noqa: F811
    document: dict[str, Any],
) -> None:
    send = partial(Client().post, DOOR, content_type=FORM)
    answers = [
        post('{"status": "GOT", "tradeOrderNo": "EX0"}', sandbox.secret()),
        post('{"status": "GOT"}', "another secret"),
        send("logistics_interface=x"),
        send("x" * 300_000),
    ]
    assert [answer.status_code for answer in answers] == [200, 401, 400, 413]
    for answer in answers:
        matches(document, DOOR, "post", answer)


def test_the_documents_pages_open_with_and_without_slash() -> None:
    for path in ("/api/schema", "/api/schema/", "/api/docs", "/api/docs/"):
        assert Client().get(path).status_code == 200
