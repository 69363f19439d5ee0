"""公司管理: a tenant is opened with secrets shown once, pointed elsewhere, suspended, re-keyed."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.admin import endpoints, tenants
from accounts.models import ApiCredential, SecurityEvent, Tenant
from accounts.services.security import log_unverified
from accounts.states import TenantStatus
from quotas.states import QuotaStatus
from tests.factories import TenantFactory, credentials_of, issue
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = re.compile(r"(?:sk_|whsec_)[\w+/=-]{20,}")
NEW = {
    "platform_code": "acme", "name": "桐庐茶业", "time_zone": "Asia/Shanghai", "mode": "live",
    "callback_url": "https://hook.example.com/x", "callback_hosts": "alt.example.com",
    "callback_ack": "code",
}  # fmt: skip


def change(client: Client, tenant: Tenant, seen: dict[str, Any] | None = None, **given: Any) -> Any:
    fields = {"name": tenant.name, "time_zone": tenant.time_zone, "callback_url": "",
              "callback_hosts": "", "callback_ack": "code", **given}  # fmt: skip
    carried = {f"initial-{name}": value for name, value in (seen or {}).items()}
    return client.post(
        reverse("admin:accounts_tenant_change", args=[tenant.pk]), {**fields, **carried}
    )


def act(client: Client, row: Any, name: str, reason: str = "欠费") -> Any:
    url = reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_act", args=[row.pk, name])
    return client.post(url, {"reason": reason}, follow=True)


def kept(client: Client) -> str:
    """All that outlives an answer: history, sessions, messages' cookie."""
    rows = [entry.change_message + entry.object_repr for entry in LogEntry.objects.all()]
    rows += [str(session.get_decoded()) for session in Session.objects.all()]
    return "\n".join(rows) + str(client.cookies)


def test_a_new_tenants_secrets_are_shown_once_and_kept_nowhere(
    admin_client: Client, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = admin_client.post(reverse("admin:accounts_tenant_add"), NEW)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    tenant, credential = Tenant.objects.get(), ApiCredential.objects.get()
    shown = answer.content.decode()
    for secret in (credential.key_id, credential.secret, tenant.callback_secret):
        assert f"<code>{secret}</code>" in shown
    assert tenant.callback_hosts == ["alt.example.com", "hook.example.com"]
    entry = LogEntry.objects.get()
    assert credential.key_id in entry.change_message
    left = kept(admin_client) + caplog.text
    assert credential.secret not in left
    assert tenant.callback_secret not in left
    page = admin_client.get(reverse("admin:accounts_tenant_change", args=[tenant.pk]))
    assert not SECRET.search(page.content.decode())


@pytest.mark.parametrize(
    ("field", "value"),
    [("platform_code", "taken"), ("platform_code", "with space"), ("platform_code", ""),
     ("name", ""), ("time_zone", "Mars"), ("callback_url", "http://10.0.0.1/"),
     ("callback_hosts", "a_b"), ("mode", "other")],
)  # fmt: skip
def test_a_tenant_that_could_not_be_used_is_refused_by_name(
    admin_client: Client, field: str, value: str
) -> None:
    old = TenantFactory(platform_code="taken", name="旧名")
    answer = admin_client.post(reverse("admin:accounts_tenant_add"), {**NEW, field: value})
    assert list(answer.context["adminform"].form.errors) == [field]
    assert 'value="桐庐茶业"' in answer.content.decode() or field == "name"
    old.refresh_from_db()
    assert (Tenant.objects.count(), old.name, ApiCredential.objects.count()) == (1, "旧名", 0)


def test_a_tenant_is_renamed_and_pointed_elsewhere(admin_client: Client) -> None:
    tenant = TenantFactory(name="旧名", callback_hosts=["old.example.com"])
    assert change(admin_client, tenant, name="新名",
                  callback_url="https://hook.example.com/x").status_code == 302  # fmt: skip
    tenant.refresh_from_db()
    assert (tenant.name, tenant.callback_hosts) == ("新名", ["hook.example.com"])
    assert "名称：旧名 → 新名" in LogEntry.objects.get().change_message
    for wrong in ({"time_zone": "Mars"}, {"callback_url": "http://10.0.0.1/"}, {"name": ""}):
        assert change(admin_client, tenant, **wrong).status_code == 200
    assert LogEntry.objects.count() == 1


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(admin_client: Client) -> None:
    tenant = TenantFactory(name="甲")
    seen = {"name": "甲", "time_zone": tenant.time_zone, "callback_url": "", "callback_hosts": ""}
    Tenant.objects.update(callback_url="https://a.example.com/", callback_hosts=["a.example.com"])
    assert change(admin_client, tenant, seen, name="乙").status_code == 302
    tenant.refresh_from_db()
    assert (tenant.name, tenant.callback_url) == ("乙", "https://a.example.com/")
    refused = change(admin_client, tenant, seen, name="乙", callback_hosts="b.example.com")
    assert list(refused.context["adminform"].form.errors) == ["callback_hosts"]


def test_suspending_a_tenant_does_not_read_like_pausing_its_server() -> None:
    labels = {action.name: action.label for action in (*tenants.ACTIONS, *endpoints.ACTIONS)}
    with translation.override("en"):
        assert str(labels["suspend"]) == "Suspend tenant"
        assert str(labels["enable"]) == "Resume tenant"
        assert str(labels["pause"]) != str(labels["suspend"])


def test_a_tenant_is_suspended_with_a_reason_and_never_deleted(admin_client: Client) -> None:
    tenant = TenantFactory()
    act(admin_client, tenant, "suspend")
    tenant.refresh_from_db()
    assert tenant.status == "suspended"
    with translation.override("zh-hans"):
        word = TenantStatus.SUSPENDED.label
        assert word != QuotaStatus.SUSPENDED.label, "a tenant is shut out, a quota pauses"
    assert LogEntry.objects.get().change_message == f"状态：启用 → {word}。原因：欠费"
    assert "已经是此状态" in act(admin_client, tenant, "suspend").content.decode()
    act(admin_client, tenant, "enable")
    tenant.refresh_from_db()
    assert tenant.status == "enabled"
    url = reverse("admin:accounts_tenant_delete", args=[tenant.pk])
    assert admin_client.post(url, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("mode", ["live", "test"])
def test_a_second_key_is_issued_once_however_often_the_page_is_reloaded(
    admin_client: Client, mode: str
) -> None:
    tenant = TenantFactory()
    first, _ = issue(tenant)
    url = reverse("admin:accounts_tenant_issue", args=[tenant.pk])
    asked = admin_client.get(url)
    assert first in asked.content.decode()
    form = {"mode": mode, "reason": "轮换", **asked.context["form"].initial}
    answer = admin_client.post(url, form)
    assert "no-store" in answer["Cache-Control"]
    new = ApiCredential.objects.latest("id")
    assert f"<code>{new.secret}</code>" in answer.content.decode()
    assert (new.mode, len(credentials_of(tenant))) == (mode, 2)
    again = admin_client.post(url, form)
    assert "errorlist" in again.content.decode()
    assert len(credentials_of(tenant)) == 2
    assert new.secret not in kept(admin_client)
    told = {entry.change_message for entry in LogEntry.objects.all()}
    assert len(told) == 2
    assert all("轮换" in message for message in told)


def test_it_is_said_which_key_stops_when_another_is_issued(admin_client: Client) -> None:
    tenant = TenantFactory()
    older, newer = (issue(tenant)[0] for _ in range(2))
    page = admin_client.get(reverse("admin:accounts_tenant_issue", args=[tenant.pk]))
    (line,) = (line for line in page.content.decode().splitlines() if older in line)
    assert line.index(older) < line.index("再发一把时失效") < line.index(newer)
    assert line.count("再发一把时失效") == 1


def test_of_two_operators_opening_one_tenant_at_once_one_gets_the_secrets(
    admin_user: Any,
) -> None:
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(admin_user)
    url = reverse("admin:accounts_tenant_add")
    answers = race([lambda one=browser: one.post(url, NEW, follow=True) for browser in browsers])
    shown = [SECRET.findall(answer.content.decode()) for answer in answers]
    assert sorted(map(len, shown)) == [0, 2]
    assert (Tenant.objects.count(), ApiCredential.objects.count()) == (1, 1)
    (loser,) = [answer for answer, secrets in zip(answers, shown, strict=True) if not secrets]
    assert "已存在" in loser.content.decode()


def test_a_key_is_revoked_for_good_with_a_reason(admin_client: Client) -> None:
    tenant = TenantFactory()
    issue(tenant)
    (credential,) = credentials_of(tenant)
    act(admin_client, credential, "revoke", "泄露")
    credential.refresh_from_db()
    assert (credential.status, credential.slot) == ("revoked", None)
    assert credential.revoked_at is not None
    assert LogEntry.objects.get().change_message == "状态：有效 → 已吊销。原因：泄露"
    assert "该密钥已吊销" in act(admin_client, credential, "revoke").content.decode()
    assert LogEntry.objects.count() == 1


def test_no_page_of_a_key_holds_its_secret(admin_client: Client) -> None:
    _, secret = issue(TenantFactory(platform_code="acme"))
    (credential,) = ApiCredential.objects.all()
    for url in (
        reverse("admin:accounts_apicredential_changelist") + "?tenant=acme",
        reverse("admin:accounts_apicredential_change", args=[credential.pk]),
    ):
        page = admin_client.get(url).content.decode()
        assert credential.key_id in page
        assert secret not in page


@pytest.mark.parametrize("name", ["tenant", "apicredential", "securityevent", "user", "group"])
def test_lists_make_as_many_statements_for_twenty_rows_as_for_one(
    admin_client: Client, name: str
) -> None:
    url = reverse(f"admin:accounts_{name}_changelist" if name != "group" else
                  "admin:auth_group_changelist")  # fmt: skip

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert admin_client.get(url).status_code == 200
        return len(seen)

    def more() -> None:
        cache.clear()
        from accounts.services.operators import create_operator

        number = Tenant.objects.count()
        issue(TenantFactory())
        log_unverified(door="d", reason="r", address="10.0.0.1", digest="x", at=datetime.now(UTC))
        create_operator(username=f"u{number}", role="finance", password="Tonglu-2026!")

    more()
    statements()
    few = statements()
    for _ in range(19):
        more()
    assert statements() == few


def test_the_security_log_is_narrowed_by_door_day_and_exact_address(admin_client: Client) -> None:
    cache.clear()
    for day, door, address in ((1, "callback", "10.0.0.1"), (2, "callback", "10.0.0.11"),
                               (3, "signature", "10.0.0.1")):  # fmt: skip
        log_unverified(door=door, reason="r", address=address, digest="d" * 64,
                       at=datetime(2026, 11, day, 4, tzinfo=UTC))  # fmt: skip
    url = reverse("admin:accounts_securityevent_changelist")

    def found(**query: str) -> int:
        return len(admin_client.get(url, query).context["cl"].result_list)

    assert found() == SecurityEvent.objects.count() == 3
    assert found(q="10.0.0.1") == 2
    assert found(q="10.0.0") == 0
    assert found(door="signature") == 1
    assert found(created_at_from="2026-11-02", created_at_to="2026-11-02") == 1
    assert found(q="10.0.0.1", door="callback") == 1
