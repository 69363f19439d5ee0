"""`/api/external` opens to the right secret alone, and no log ever holds one."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.fernet import Fernet
from django.core.cache import cache

from accounts.authentication import external, known_secrets
from accounts.authentication.signature import forget_cached_credentials
from accounts.models import ApiCredential, SecurityEvent, Tenant
from accounts.services.credentials import revoke_credential
from delivery.models import DeliveryOrder
from tests.delivery.asking import DOOR, ORDER, Backend
from tests.factories import TenantFactory, credentials_of, issue
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def tenant() -> Tenant:
    return TenantFactory(platform_code="wx_miniprogram_001")


@pytest.fixture
def secret(tenant: Tenant) -> str:
    return issue(tenant)[1]


@pytest.fixture
def backend(tenant: Tenant, secret: str) -> Backend:
    return Backend(tenant.platform_code, secret)


def test_a_wrong_secret_and_an_unknown_tenant_are_answered_alike(backend: Backend) -> None:
    wrong = Backend("wx_miniprogram_001", "sk_wrong").receive()
    unknown = Backend("nobody", "sk_wrong").receive()
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["error"] == "secret_invalid"
    assert not DeliveryOrder.objects.exists()


def test_an_unknown_tenant_costs_as_many_comparisons(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    plain = known_secrets.hmac.compare_digest
    monkeypatch.setattr(
        known_secrets.hmac, "compare_digest", lambda a, b: seen.append(len(a)) or plain(a, b)
    )
    reads: list[str] = []
    plain_read = external.read_known
    monkeypatch.setattr(external, "read_known", lambda code: reads.append(code) or plain_read(code))
    backend.status(order_no="DL0")
    del seen[:], reads[:]
    for code in ("wx_miniprogram_001", "nobody"):
        Backend(code, "short").receive()
    assert seen[: len(seen) // 2] == seen[len(seen) // 2 :]
    assert len(seen) == 4 * known_secrets.MOST_SECRETS
    assert reads == ["wx_miniprogram_001", "nobody"]


@pytest.mark.parametrize("keys", [1, 2])
def test_an_unknown_tenant_costs_as_many_decryptions(
    tenant: Tenant, keys: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = [issue(tenant)[1] for _ in range(keys)][-1]
    decrypted: list[int] = []
    plain = Fernet.decrypt

    def counting(self: Any, token: bytes) -> bytes:
        decrypted.append(len(token))
        return plain(self, token)

    monkeypatch.setattr(Fernet, "decrypt", counting)
    found = []
    for code, said in (("wx_miniprogram_001", "sk_wrong"), ("nobody", "sk_wrong"),
                       ("wx_miniprogram_001", secret)):  # fmt: skip
        del decrypted[:]
        Backend(code, said).status(order_no="DL0")
        found.append(list(decrypted))
    wrong, unknown, right = found
    assert sorted(wrong) == sorted(unknown)
    assert len(wrong) == known_secrets.MOST_SECRETS
    assert len(right) <= keys


def test_a_secret_issued_just_now_opens_at_once(backend: Backend, tenant: Tenant) -> None:
    assert backend.receive().status_code == 200
    assert Backend(tenant.platform_code, issue(tenant)[1]).receive().status_code == 200


def test_no_proof_at_all_is_401(secret: str) -> None:
    answer = Backend("", "").http.post(f"{DOOR}/receive", ORDER, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthenticated")


@pytest.mark.parametrize("proof", [{"api_secret": 7}, {"platform_code": ["x"]}])
def test_a_proof_that_is_no_text_is_a_mistake(backend: Backend, proof: dict[str, Any]) -> None:
    backend.proof |= proof
    assert backend.receive().status_code == 400


def test_a_proof_that_the_body_leaves_null_is_read_in_the_query(backend: Backend) -> None:
    query = urlencode(backend.proof)
    backend.proof = dict.fromkeys(backend.proof)  # type: ignore[arg-type]
    body = {**backend.proof, **ORDER}
    answer = backend.http.post(f"{DOOR}/receive?{query}", body, content_type="application/json")
    assert answer.json()["code"] == 0


def test_either_of_two_live_secrets_and_the_test_one_opens(tenant: Tenant) -> None:
    for mode in ("live", "live", "test"):
        secret = issue(tenant, mode)[1]
        answer = Backend(tenant.platform_code, secret).receive(external_order_no=secret[:20])
        assert answer.json()["code"] == 0
    assert list(DeliveryOrder.objects.order_by("id").values_list("is_test", flat=True)) == [
        False, False, True,
    ]  # fmt: skip


def test_a_revoked_secret_is_out_as_soon_as_it_is_read_again(
    backend: Backend, tenant: Tenant
) -> None:
    assert backend.receive().status_code == 200
    ApiCredential.objects.update(status="revoked", slot=None)
    forget_cached_credentials()
    assert backend.status(external_order_no=ORDER["external_order_no"]).status_code == 401


def test_after_ten_wrong_secrets_the_address_gets_no_further(
    backend: Backend, tenant: Tenant
) -> None:
    wrong = Backend(tenant.platform_code, "sk_wrong")
    assert [wrong.receive().status_code for _ in range(11)] == [401] * 10 + [429]
    answer = backend.receive()
    assert answer.status_code == 429
    assert answer["Retry-After"] == "300"
    assert "platform_code" in answer.json()["message"]  # not only that there were too many
    assert answer.json()["error"] == "throttled"
    assert not DeliveryOrder.objects.exists()


def test_others_wrong_secrets_lock_no_tenant_out(tenant: Tenant, secret: str) -> None:
    guessing = Backend(tenant.platform_code, "sk_wrong", address="198.51.100.9")
    for _ in range(12):
        guessing.receive()
    assert Backend(tenant.platform_code, secret).receive().status_code == 200


def test_wrong_secrets_are_counted_for_the_tenant_wherever_they_come_from(tenant: Tenant) -> None:
    answers = [
        Backend(tenant.platform_code, "sk_wrong", address=f"198.51.100.{n}").receive()
        for n in range(11)
    ]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]


def test_right_secrets_are_not_counted(backend: Backend) -> None:
    assert {backend.receive().status_code for _ in range(15)} == {200}


def test_neither_log_nor_record_holds_the_secret(
    tenant: Tenant, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    backend = Backend(tenant.platform_code, secret)
    backend.receive()
    backend.status(order_no="DL0")
    backend.receive(goods_amount=-1)
    wrong = Backend(tenant.platform_code, "sk_wrong_but_secret")
    wrong.receive()
    wrong.status(order_no="DL0")
    written = caplog.text + str([record.__dict__ for record in caplog.records if record.args])
    events = str(list(SecurityEvent.objects.values()))
    for text in (secret, "sk_wrong_but_secret"):
        assert text not in written
        assert text not in events
    assert SecurityEvent.objects.filter(door="external", address="203.0.113.7").count() == 2


def test_the_development_servers_access_log_drops_what_the_query_says(secret: str) -> None:
    line = f"GET {DOOR}/status?platform_code=wx_1&api_secret={secret}&order_no=DL0 HTTP/1.1"
    logger = logging.getLogger("django.server")
    record = logger.makeRecord(logger.name, logging.INFO, "", 0, '"%s" %s %s', (line, 200, 9), None)
    assert not logger.propagate
    for handler in logger.handlers:
        assert handler.filter(record)
        written = handler.format(record)
        assert secret not in written
        assert "wx_1" not in written
        assert f"{DOOR}/status" in written


def test_only_addresses_on_the_list_may_send_the_secret(tenant: Tenant, secret: str) -> None:
    Tenant.objects.update(external_addresses=["203.0.113.0/24", "2001:db8::1"])
    for address, status in (
        ("203.0.113.9", 200), ("::ffff:203.0.113.9", 200), ("2001:db8::1", 200),
        ("198.51.100.1", 403), ("2001:db8::2", 403),
    ):  # fmt: skip
        answer = Backend(tenant.platform_code, secret, address=address).receive()
        assert answer.status_code == status, address
    assert answer.json()["error"] == "address_not_allowed"


def test_the_list_says_nothing_to_strangers_and_does_not_bind_signatures(tenant: Tenant) -> None:
    key, secret = issue(tenant)
    Tenant.objects.update(external_addresses=["203.0.113.0/24"])
    wrong = Backend(tenant.platform_code, "sk_wrong", address="198.51.100.1")
    assert wrong.receive().status_code == 401
    assert TenantClient(key, secret).post(f"{DOOR}/receive", ORDER).status_code == 200


def test_a_suspended_tenant_is_403_and_nothing_is_written(tenant: Tenant, backend: Backend) -> None:
    Tenant.objects.update(status="suspended")
    for answer in (backend.receive(), backend.status(order_no="DL0")):
        assert (answer.status_code, answer.json()["error"]) == (403, "tenant_suspended")
    assert not DeliveryOrder.objects.exists()


def test_a_throttled_tenant_is_told_so(tenant: Tenant, secret: str) -> None:
    Tenant.objects.update(requests_per_minute=2)
    backend = Backend(tenant.platform_code, secret)
    answers = [backend.status(order_no="DL0") for _ in range(4)]
    # A minute may begin meanwhile.
    assert 429 in {answer.status_code for answer in answers[2:]}
    assert answers[0]["X-RateLimit-Limit"] == "2"
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert (refused["X-RateLimit-Remaining"], refused.json()["error"]) == ("0", "throttled")
    assert int(refused["Retry-After"]) >= 1


def test_malformed_requests_keep_their_status(backend: Backend) -> None:
    send = backend.http.post
    kind = "application/json"
    assert send(f"{DOOR}/receive", b"{", content_type=kind).status_code == 400
    assert send(f"{DOOR}/receive", b"[]", content_type=kind).status_code == 401
    assert send(f"{DOOR}/receive", "a=1", content_type="text/plain").status_code == 415
    assert send(f"{DOOR}/receive", b"x" * 70_000, content_type=kind).status_code == 413
    assert backend.http.get(f"{DOOR}/receive").status_code in {401, 405}
    assert backend.http.delete(f"{DOOR}/status?{urlencode(backend.proof)}").status_code == 405


def test_a_revoked_key_of_two_leaves_the_other(tenant: Tenant) -> None:
    first, second = issue(tenant)[1], issue(tenant)[1]
    revoke_credential(credential=credentials_of(tenant)[0], at=tenant.created_at)
    forget_cached_credentials()
    assert Backend(tenant.platform_code, first).receive().status_code == 401
    assert Backend(tenant.platform_code, second).receive().status_code == 200
