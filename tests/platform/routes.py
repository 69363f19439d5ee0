"""The nineteen routes an operator's program may ask, each with a request that works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.models import Tenant
from logistics.models import ExpressOrder, ExpressRule
from logistics.services.booking import book_order
from logistics.services.drafts import read_draft
from quotas.models import TenantQuota
from tests.factories import QuotaFactory, RuleFactory
from tests.logistics.conftest import PARCEL


@dataclass
class Ground:
    """What the requests name."""

    tenant: Tenant
    order: ExpressOrder
    spare_rule: ExpressRule
    spare_quota: TenantQuota


def prepare(tenant: Tenant) -> Ground:
    """An order of the tenant's, a rule and a quota nobody needs."""
    booked = book_order(draft=read_draft(PARCEL), tenant_id=tenant.pk, at=timezone.now())
    rule = RuleFactory(rule_name="备用", is_default=False, default_marker=None)
    return Ground(tenant, booked.order, rule, QuotaFactory())


@dataclass(frozen=True)
class Route:
    """One of them; `path` and `body` are made for a ground."""

    name: str
    path: Callable[[Ground], str]
    body: Callable[[Ground], Any] = lambda _: None

    @property
    def method(self) -> str:
        return self.name.split()[0]


def _route(name: str, path: str, body: Any = None) -> Route:
    def made(ground: Ground) -> Any:
        return body(ground) if callable(body) else body

    return Route(name, lambda ground: path.format(ground=ground), made)


ROUTES = [
    _route("GET /config", "/config"),
    _route("POST /config", "/config", {"callback_url": "https://tonglu.example/callback"}),
    _route("POST /config/test", "/config/test"),
    _route("GET /rules", "/rules"),
    _route("POST /rules", "/rules", {"rule_name": "新规则", "cp_code": "ZTO"}),
    _route("PUT /rules/{rule_id}", "/rules/{ground.spare_rule.pk}", {"rule_name": "改名"}),
    _route("DELETE /rules/{rule_id}", "/rules/{ground.spare_rule.pk}"),
    _route("GET /orders", "/orders"),
    _route("GET /orders/{order_id}", "/orders/{ground.order.pk}"),
    _route(
        "POST /orders/create",
        "/orders/create",
        lambda ground: {**PARCEL, "tenant_id": ground.tenant.pk},
    ),
    _route("POST /orders/{order_id}/waybill", "/orders/{ground.order.pk}/waybill"),
    _route("POST /orders/{order_id}/cancel", "/orders/{ground.order.pk}/cancel", {"reason": "x"}),
    _route("POST /address/parse", "/address/parse", {"address_text": PARCEL["receiver_address"]}),
    _route(
        "POST /branch/find",
        "/branch/find",
        {"cp_code": "YTO", "province": "浙江省", "city": "杭州市", "district": "桐庐县"},
    ),
    _route("GET /quotas", "/quotas"),
    _route(
        "POST /quotas",
        "/quotas",
        lambda ground: {"tenant_id": ground.tenant.pk, "monthly_free_quota": 99},
    ),
    _route("DELETE /quotas/{quota_id}", "/quotas/{ground.spare_quota.pk}"),
    _route("GET /quotas/details", "/quotas/details"),
    _route("GET /logs", "/logs"),
]
NAMES = [route.name for route in ROUTES]
