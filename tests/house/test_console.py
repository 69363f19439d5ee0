"""Operators change what may be changed, and nobody changes a ledger."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from config.kernel.console import ReadOnlyAdmin
from logistics.models import CainiaoAccount, ExpressOrder, ExpressRule
from quotas.models import TenantQuota
from tests.factories import AccountFactory, QuotaFactory, RuleFactory, TenantFactory

pytestmark = pytest.mark.django_db(transaction=True)
ACCOUNT = {
    "mode": "live", "app_key": "k", "app_secret": "s3cret", "sign_method": "link",
    "endpoint_url": "https://link.cainiao.com/gateway/link.do", "status": "enabled",
    "message_names": "{}", "question_fields": "{}", "answer_fields": "{}", "status_map": "{}",
    "retry_codes": "[]", "not_found_codes": "[]",
}  # fmt: skip
# Orders have pages of their own to be booked and changed on.
LEDGERS = [
    model
    for model, site in admin.site._registry.items()
    if isinstance(site, ReadOnlyAdmin) and model is not ExpressOrder
]


def add(client: Client, name: str, /, **fields: Any) -> Any:
    return client.post(reverse(f"admin:{name}_add"), fields)


def change(client: Client, name: str, pk: int, /, **fields: Any) -> Any:
    return client.post(reverse(f"admin:{name}_change", args=[pk]), fields)


def test_an_account_is_added_and_its_secret_is_write_only(admin_client: Client) -> None:
    assert add(admin_client, "logistics_cainiaoaccount", **ACCOUNT).status_code == 302
    row = CainiaoAccount.objects.get()
    assert row.app_secret == "s3cret"
    page = admin_client.get(reverse("admin:logistics_cainiaoaccount_change", args=[row.pk]))
    assert "s3cret" not in page.content.decode()
    changed = {**ACCOUNT, "app_secret": "", "app_key": "other"}
    assert change(admin_client, "logistics_cainiaoaccount", row.pk, **changed).status_code == 302
    row.refresh_from_db()
    assert (row.app_key, row.app_secret) == ("other", "s3cret")


@pytest.mark.parametrize(
    "wrong",
    [{"app_secret": ""}, {"endpoint_url": "https://evil.example.com/x"}, {"status_map": "[1]"},
     {"message_names": '{"nonsense": "X"}'}, {"mode": "other"}],
)  # fmt: skip
def test_an_account_that_could_not_work_is_refused(
    admin_client: Client, wrong: dict[str, str]
) -> None:
    page = add(admin_client, "logistics_cainiaoaccount", **{**ACCOUNT, **wrong})
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert not CainiaoAccount.objects.exists()


def test_there_is_one_live_account(admin_client: Client) -> None:
    AccountFactory()
    page = add(admin_client, "logistics_cainiaoaccount", **ACCOUNT)
    assert page.status_code == 200
    assert CainiaoAccount.objects.count() == 1


def test_a_new_default_rule_takes_the_place_of_the_old(admin_client: Client) -> None:
    old = RuleFactory()
    rule = {"rule_name": "新", "cp_code": "ZTO", "status": "enabled", "is_default": "on"}
    assert add(admin_client, "logistics_expressrule", **rule).status_code == 302
    old.refresh_from_db()
    assert not old.is_default
    assert ExpressRule.objects.get(is_default=True).rule_name == "新"


def test_a_quota_is_opened_and_changed_without_touching_its_counters(
    admin_client: Client,
) -> None:
    tenant = TenantFactory()
    fields = {"tenant": tenant.pk, "monthly_free_quota": 9, "overage_price": "1.50",
              "quota_reset_day": 1, "status": "enabled"}  # fmt: skip
    assert add(admin_client, "quotas_tenantquota", **fields).status_code == 302
    quota = TenantQuota.objects.get()
    assert (quota.monthly_free_quota, str(quota.overage_price)) == (9, "1.50")
    TenantQuota.objects.update(monthly_used=4)
    fields = {**fields, "monthly_free_quota": 20, "overage_enabled": "on"}
    assert change(admin_client, "quotas_tenantquota", quota.pk, **fields).status_code == 302
    quota.refresh_from_db()
    assert (quota.monthly_free_quota, quota.overage_enabled, quota.monthly_used) == (20, True, 4)


@pytest.mark.parametrize("model", LEDGERS, ids=lambda model: model.__name__)
def test_nobody_adds_changes_or_deletes_in_a_ledger(admin_client: Client, model: Any) -> None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert admin_client.get(reverse(f"{name}_changelist")).status_code == 200
    assert admin_client.post(reverse(f"{name}_add"), {}).status_code == 403
    assert not admin.site._registry[model].has_delete_permission(None)  # type: ignore[arg-type]


def test_a_tenant_is_suspended_and_not_deleted(admin_client: Client) -> None:
    tenant = QuotaFactory().tenant
    fields = {"name": "改名", "time_zone": "Asia/Shanghai",
              "callback_url": "", "callback_hosts": "", "callback_ack": "code"}  # fmt: skip
    assert change(admin_client, "accounts_tenant", tenant.pk, **fields).status_code == 302
    suspend = reverse("admin:accounts_tenant_act", args=[tenant.pk, "suspend"])
    assert admin_client.post(suspend, {"reason": "欠费"}).status_code == 302
    tenant.refresh_from_db()
    assert (tenant.name, tenant.status) == ("改名", "suspended")
    assert (
        admin_client.post(
            reverse("admin:accounts_tenant_delete", args=[tenant.pk]), {"post": "yes"}
        ).status_code
        == 403
    )
    for wrong in ({"time_zone": "Mars"}, {"callback_url": "http://10.0.0.1/"}):
        bad = change(admin_client, "accounts_tenant", tenant.pk, **{**fields, **wrong})
        assert "errorlist" in bad.content.decode()
    good = {**fields, "callback_url": "https://hook.example.com/x"}
    assert change(admin_client, "accounts_tenant", tenant.pk, **good).status_code == 302
    tenant.refresh_from_db()
    assert tenant.callback_hosts == ["hook.example.com"]
