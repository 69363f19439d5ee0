"""A tenant's request is proven by its signature, once, within five minutes."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.authentication.signature import forget_cached_credentials, signature
from accounts.models import RequestNonce, Tenant
from accounts.services.credentials import revoke_credential
from accounts.services.housekeeping import prune_spent
from tests.factories import QuotaFactory, credentials_of, issue
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tenant() -> Tenant:
    forget_cached_credentials()
    return QuotaFactory().tenant


@pytest.fixture
def client(tenant: Tenant) -> TenantClient:
    return TenantClient(*issue(tenant))


def test_the_published_vector_holds() -> None:
    made = signature(
        "sk_test", method="POST", target="/api/v1/express-orders", timestamp="1771200000",
        nonce="n-1", body=b"{}",
    )  # fmt: skip
    assert made == "05604bf50d1c1bab92c45df8f525591fa59445c2d2ee7419ff5f7ef3d65b6027"


def test_a_signed_request_enters(client: TenantClient, tenant: Tenant) -> None:
    answer = client.get("/api/v1/quota")
    assert answer.status_code == 200
    assert answer.json()["code"] == 0
    assert answer.json()["data"]["tenant_id"] == tenant.pk


def test_the_query_is_signed_as_sent(client: TenantClient) -> None:
    assert client.get("/api/v1/quota/statements?page_size=5&page=1").status_code == 200


def test_a_trailing_slash_is_answered_alike_and_signed_as_sent(client: TenantClient) -> None:
    answer = client.get("/api/v1/quota/")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"X-Tonglu-Signature": "0" * 64}, "signature_invalid"),
        ({"X-Tonglu-Signature": ""}, "signature_invalid"),
        ({"X-Tonglu-Signature": "签名"}, "signature_invalid"),
        ({"X-Tonglu-Key": "ak_nobody"}, "signature_invalid"),
        ({"X-Tonglu-Nonce": "n" * 65}, "signature_invalid"),
        ({"X-Tonglu-Nonce": ""}, "signature_invalid"),
        ({"X-Tonglu-Timestamp": "soon"}, "signature_invalid"),
    ],
)
def test_a_wrong_header_is_refused(client: TenantClient, change: dict[str, str], slug: str) -> None:
    answer = client.get("/api/v1/quota", extra=change)
    assert answer.status_code == 401
    assert answer.json()["error"] == slug
    assert answer.json()["code"] != 0
    assert answer["X-Request-ID"]
    assert not RequestNonce.objects.exists()


def test_another_body_than_the_signed_one_is_refused(client: TenantClient) -> None:
    headers = client.headers("POST", "/api/v1/express-orders", b"{}")
    answer = client.http.generic(
        "POST", "/api/v1/express-orders", b'{"a":1}', "application/json", headers=headers
    )
    assert answer.json()["error"] == "signature_invalid"


@pytest.mark.parametrize("offset", [-301, 302])
def test_a_stale_timestamp_is_refused(client: TenantClient, offset: int) -> None:
    answer = client.get("/api/v1/quota", stamp=int(time.time()) + offset)
    assert (answer.status_code, answer.json()["error"]) == (401, "timestamp_stale")


def test_a_nonce_works_once(client: TenantClient) -> None:
    assert client.get("/api/v1/quota", nonce="n-1").status_code == 200
    again = client.get("/api/v1/quota", nonce="n-1")
    assert (again.status_code, again.json()["error"]) == (401, "nonce_reused")


def test_nonces_are_forgotten_only_when_they_could_no_longer_pass(client: TenantClient) -> None:
    client.get("/api/v1/quota", nonce="n-1")
    now = timezone.now()
    assert prune_spent(at=now + timedelta(minutes=11)) == 0
    assert prune_spent(at=now + timedelta(minutes=21)) == 1


def test_a_suspended_tenant_is_told_so(client: TenantClient, tenant: Tenant) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(status="suspended")
    answer = client.get("/api/v1/quota")
    assert (answer.status_code, answer.json()["error"]) == (403, "tenant_suspended")


def test_a_revoked_key_stops_within_thirty_seconds(client: TenantClient, tenant: Tenant) -> None:
    assert client.get("/api/v1/quota").status_code == 200
    revoke_credential(credential=credentials_of(tenant)[0], at=timezone.now())
    forget_cached_credentials()  # what thirty seconds do
    assert client.get("/api/v1/quota").status_code == 401


def test_two_keys_work_side_by_side_and_a_third_ends_the_oldest(tenant: Tenant) -> None:
    clients = [TenantClient(*issue(tenant)) for _ in range(2)]
    assert [one.get("/api/v1/quota").status_code for one in clients] == [200, 200]
    clients.append(TenantClient(*issue(tenant)))
    forget_cached_credentials()
    assert [one.get("/api/v1/quota").status_code for one in clients] == [401, 200, 200]


def test_without_any_proof_it_is_401(client: TenantClient) -> None:
    answer = client.http.get("/api/v1/quota")
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthenticated")
