"""The cast: tenants, keys, quotas, accounts and rules as the tests need them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import factory

from accounts.models import ApiCredential, Tenant
from accounts.services.credentials import issue_credential
from logistics.models import CainiaoAccount, ExpressRule
from quotas.models import TenantQuota


class TenantFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Tenant

    platform_code = factory.Sequence(lambda n: f"tenant-{n}")
    name = factory.Sequence(lambda n: f"租户{n}")
    callback_secret = "whsec_dGVzdA=="


class QuotaFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TenantQuota

    tenant = factory.SubFactory(TenantFactory)
    tenant_name = factory.SelfAttribute("tenant.name")
    monthly_free_quota = 100
    period_start = date(2026, 11, 1)
    period_end = date(2099, 12, 1)
    last_reset_at = date(2026, 11, 1)


class AccountFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CainiaoAccount

    app_key = "test-app"
    app_secret = "test-secret"
    endpoint_url = "http://127.0.0.1:1/cainiao/gateway/link.do"


class RuleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ExpressRule

    rule_name = "默认规则"
    cp_code = "YTO"
    cp_name = "圆通速递"
    sender_name = "桐庐仓"
    sender_phone = "0571-88886666"
    sender_province = "浙江省"
    sender_city = "杭州市"
    sender_district = "桐庐县"
    sender_address = "迎春南路1号"
    is_default = True
    default_marker = 1


def issue(tenant: Tenant, mode: str = "live") -> tuple[str, str]:
    """A key id and its secret."""
    issued = issue_credential(tenant=tenant, at=datetime.now(UTC), mode=mode)
    return issued.key_id, issued.secret


def credentials_of(tenant: Tenant) -> list[ApiCredential]:
    return list(ApiCredential.objects.filter(tenant=tenant).order_by("id"))
