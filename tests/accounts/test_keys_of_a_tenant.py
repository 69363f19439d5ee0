"""A tenant changes its keys over by itself; a secret is shown once, kept sealed, replayed alike."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from accounts.authentication.signature import forget_cached_credentials
from accounts.models import ApiCredential, IdempotencyKey, Tenant
from accounts.services.callback_settings import rotate_callback_secret
from accounts.services.credentials import revoke_own_credential
from config.kernel.states import Outrun
from tests.accounts.callers import URL, a_tenant, caller, data, refused, reread
from tests.races import race
from tests.signing import TenantClient

KEYS = "/api/v1/credentials"


@pytest.mark.django_db
def test_keys_are_listed_for_their_mode_without_a_secret() -> None:
    tenant = a_tenant()
    live, test = caller(tenant), caller(tenant, "test")
    answer = live.get(KEYS)
    (shown,) = data(answer)["items"]
    assert (shown["key_id"], shown["status"], shown["signed_this"]) == (live.key_id, "active", True)
    assert live.secret not in answer.content.decode()
    assert [key["key_id"] for key in data(test.get(KEYS))["items"]] == [test.key_id]


@pytest.mark.django_db
def test_a_second_key_works_beside_the_first_and_a_third_ends_the_oldest() -> None:
    first = caller(a_tenant())
    made = data(first.post(f"{KEYS}/rotate", {}), 201)
    assert (made["mode"], made["revoked_key_id"]) == ("live", None)
    second = TenantClient(made["api_key"], made["api_secret"])
    data(second.get(KEYS))
    data(first.get(KEYS))
    third = data(second.post(f"{KEYS}/rotate", {}), 201)
    assert third["revoked_key_id"] == first.key_id
    forget_cached_credentials()
    refused(first.get(KEYS), 401, "signature_invalid")
    data(second.get(KEYS))


@pytest.mark.django_db
def test_a_key_is_revoked_by_the_other_and_never_by_itself() -> None:
    tenant = a_tenant()
    old, new = caller(tenant), caller(tenant)
    refused(old.post(f"{KEYS}/{old.key_id}/revoke", {}), 422, "credential_in_use")
    theirs, test = caller(a_tenant()), caller(tenant, "test")
    for key_id in (theirs.key_id, test.key_id, "ak_none"):
        refused(new.post(f"{KEYS}/{key_id}/revoke", {}), 404, "not_found")
    assert set(ApiCredential.objects.values_list("status", flat=True)) == {"active"}
    shown = data(new.post(f"{KEYS}/{old.key_id}/revoke", {}))
    assert (shown["key_id"], shown["status"]) == (old.key_id, "revoked")
    assert data(new.post(f"{KEYS}/{old.key_id}/revoke", {})) == shown
    forget_cached_credentials()
    refused(old.get(KEYS), 401, "signature_invalid")


@pytest.mark.django_db(transaction=True)
def test_of_two_keys_that_revoke_each_other_one_stays() -> None:
    tenant = a_tenant()
    keys = [caller(tenant).key_id, caller(tenant).key_id]

    def revoke(key_id: str, signed_by: str) -> object:
        return revoke_own_credential(
            tenant_id=tenant.pk, is_test=False, key_id=key_id, signed_by=signed_by,
            at=timezone.now(),
        )  # fmt: skip

    race([lambda: revoke(keys[0], keys[1]), lambda: revoke(keys[1], keys[0])])
    assert ApiCredential.objects.filter(status="active").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "name"),
    [(f"{KEYS}/rotate", "api_secret"), (f"{URL}/rotate-secret", "callback_secret")],
)
def test_a_lost_secret_is_given_again_and_lies_sealed_meanwhile(path: str, name: str) -> None:
    tenant = a_tenant()
    client = caller(tenant)
    first = client.post(path, {}, extra={"Idempotency-Key": "k-1"})
    secret = first.json()["data"][name]
    again = client.post(path, {}, extra={"Idempotency-Key": "k-1"})
    assert again["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert ApiCredential.objects.count() == (2 if name == "api_secret" else 1)
    kept = IdempotencyKey.objects.get()
    assert (kept.answer, kept.status_code) == (None, first.status_code)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_idempotency_key")
        columns = [bytes(c) if isinstance(c, memoryview) else c for c in cursor.fetchall()[0]]
    sealed = b"".join(c if isinstance(c, bytes) else str(c).encode() for c in columns)
    assert secret.encode() not in sealed
    assert name.encode() not in sealed


@pytest.mark.django_db
def test_without_the_key_a_second_rotation_replaces_the_first() -> None:
    tenant = a_tenant()
    client = caller(tenant)
    first = data(client.post(f"{URL}/rotate-secret", {}))["callback_secret"]
    second = data(client.post(f"{URL}/rotate-secret", {}))["callback_secret"]
    row = Tenant.objects.get(pk=tenant.pk)
    assert (row.previous_callback_secret, row.callback_secret) == (first, second)


@pytest.mark.django_db
def test_a_page_sent_twice_changes_the_secret_once() -> None:
    tenant = a_tenant()
    rotate_callback_secret(tenant_id=tenant.pk, at=timezone.now(), known_until=None)
    made = Tenant.objects.get(pk=tenant.pk).callback_secret
    with pytest.raises(Outrun):
        rotate_callback_secret(tenant_id=tenant.pk, at=timezone.now(), known_until=None)
    reread()
    assert Tenant.objects.get(pk=tenant.pk).callback_secret == made
