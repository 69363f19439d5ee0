"""What each route answers, success and refusals alike, is what the OpenAPI document says."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from accounts.models import Tenant
from config.sandbox import Sandbox
from logistics.models import CainiaoAccount, ExpressRule
from quotas.models import TenantQuota
from tests.doors.test_openapi import matches
from tests.logistics.conftest import PARCEL
from tests.platform.conftest import DOOR, Program, told
from tests.platform.routes import ROUTES, prepare

pytestmark = pytest.mark.django_db(transaction=True)
GONE = 99_999_999
Refused = tuple[str, str, str, Any, int, str]
# method, route, path, body, status, slug
REFUSED: list[Refused] = [
    ("GET", "/config", "/config?page=1", None, 400, "malformed"),
    ("POST", "/config", "/config", {"app_key": 5}, 400, "malformed"),
    ("POST", "/config", "/config", {"mode": "test"}, 400, "malformed"),
    ("POST", "/config", "/config", {"endpoint_url": "https://evil.example/"}, 400, "malformed"),
    ("POST", "/config", "/config", {"status_map": {"GOT": "lost"}}, 400, "malformed"),
    ("POST", "/config", "/config", {"question_fields": {"query": {"x": "no"}}}, 400, "malformed"),
    ("POST", "/config", "/config", {"retry_codes": [1.5]}, 400, "malformed"),
    ("POST", "/config", "/config", {"waybill_at_order": "true"}, 400, "malformed"),
    ("POST", "/config", "/config", {"sign_method": "rsa"}, 400, "malformed"),
    ("POST", "/config", "/config", {"app_key": ""}, 400, "malformed"),
    ("GET", "/rules", "/rules?status=enabled", None, 400, "malformed"),
    ("GET", "/rules", "/rules?page_size=101", None, 400, "malformed"),
    ("POST", "/rules", "/rules", {}, 400, "malformed"),
    ("POST", "/rules", "/rules", {"rule_name": "x", "cp_code": "Y O"}, 400, "malformed"),
    ("POST", "/rules", "/rules", {"rule_name": "x" * 101, "cp_code": "YTO"}, 400, "malformed"),
    ("POST", "/rules", "/rules",
     {"rule_name": "x", "cp_code": "YTO", "sender_phone": "12"}, 400, "malformed"),
    ("POST", "/rules", "/rules",
     {"rule_name": "x", "cp_code": "YTO", "is_default": True, "status": "disabled"},
     409, "rule_disabled"),
    ("PUT", "/rules/{rule_id}", f"/rules/{GONE}", {"rule_name": "x"}, 404, "not_found"),
    ("PUT", "/rules/{rule_id}", "/rules/{rule}", {"rule_name": ""}, 400, "malformed"),
    ("DELETE", "/rules/{rule_id}", "/rules/{rule}", None, 409, "default_rule_kept"),
    ("DELETE", "/rules/{rule_id}", f"/rules/{GONE}", None, 404, "not_found"),
    ("GET", "/orders", "/orders?status=lost", None, 400, "malformed"),
    ("GET", "/orders", "/orders?tenant_id=x", None, 400, "malformed"),
    ("GET", "/orders", f"/orders?tenant_id={2**63}", None, 400, "malformed"),
    ("GET", "/orders", "/orders?is_test=perhaps", None, 400, "malformed"),
    ("GET", "/orders", "/orders?phone=1", None, 400, "malformed"),
    ("GET", "/orders", "/orders?date_range=2026-02-30,2026-03-01", None, 400, "malformed"),
    ("GET", "/orders", "/orders?date_range=2026-03-02,2026-03-01", None, 400, "malformed"),
    ("GET", "/logs", "/logs?date_from=2026-03-02&date_to=2026-03-01", None, 400, "malformed"),
    ("GET", "/orders", "/orders?cursor=x", None, 400, "malformed"),
    ("GET", "/orders/{order_id}", f"/orders/{GONE}", None, 404, "not_found"),
    ("GET", "/orders/{order_id}", f"/orders/{10**30}", None, 404, "not_found"),
    ("POST", "/orders/create", "/orders/create", {}, 400, "malformed"),
    ("POST", "/orders/create", "/orders/create", {**PARCEL, "colour": "red"}, 400, "malformed"),
    ("POST", "/orders/create", "/orders/create", {**PARCEL, "tenant_id": "1"}, 400, "malformed"),
    ("POST", "/orders/create", "/orders/create", {**PARCEL, "tenant_id": GONE}, 404, "not_found"),
    ("POST", "/orders/{order_id}/waybill", f"/orders/{GONE}/waybill", None, 404, "not_found"),
    ("POST", "/orders/{order_id}/cancel", f"/orders/{GONE}/cancel", {"reason": "x"},
     404, "not_found"),
    ("POST", "/orders/{order_id}/cancel", "/orders/{order}/cancel", {}, 400, "malformed"),
    ("POST", "/address/parse", "/address/parse", {"address_text": ""}, 400, "malformed"),
    ("POST", "/address/parse", "/address/parse", {"address_text": "火星"}, 422,
     "carrier_refused"),
    ("POST", "/branch/find", "/branch/find", {"cp_code": "YTO"}, 400, "malformed"),
    ("POST", "/branch/find", "/branch/find",
     {"cp_code": "NONE", "province": "浙江省", "city": "杭州市"}, 422, "carrier_refused"),
    ("GET", "/quotas", "/quotas?status=lost", None, 400, "malformed"),
    ("POST", "/config/test", "/config/test", {"app_key": "x"}, 400, "malformed"),
    ("POST", "/orders/{order_id}/waybill", "/orders/{order}/waybill", {"again": True}, 400,
     "malformed"),
    ("POST", "/rules", "/rules?page=1", {"rule_name": "x", "cp_code": "YTO"}, 400, "malformed"),
    ("DELETE", "/quotas/{quota_id}", "/quotas/1?force=1", None, 400, "malformed"),
    ("POST", "/quotas", "/quotas", {"monthly_free_quota": 1}, 400, "malformed"),
    ("POST", "/quotas", "/quotas", {"tenant_id": GONE}, 404, "not_found"),
    ("POST", "/quotas", "/quotas", {"tenant_id": 1, "monthly_used": 0}, 400, "malformed"),
    ("POST", "/quotas", "/quotas", {"tenant_id": 1, "quota_reset_day": 32}, 400, "malformed"),
    ("POST", "/quotas", "/quotas", {"tenant_id": 1, "overage_price": "1.234"}, 400, "malformed"),
    ("POST", "/quotas", "/quotas", {"tenant_id": 1, "overage_enabled": 1}, 400, "malformed"),
    ("DELETE", "/quotas/{quota_id}", f"/quotas/{GONE}", None, 404, "not_found"),
    ("GET", "/quotas/details", "/quotas/details?order_id=1", None, 400, "malformed"),
    ("GET", "/logs", "/logs?success=2", None, 400, "malformed"),
    ("GET", "/logs", "/logs?error_type=other", None, 400, "malformed"),
]  # fmt: skip


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return made


def test_the_document_has_these_routes_and_no_others(document: dict[str, Any]) -> None:
    ours = {
        f"{method.upper()} {path.removeprefix(DOOR)}"
        for path, operations in document["paths"].items()
        if path.startswith(DOOR)
        for method in operations
    }
    assert ours - {"POST /callback"} == {route.name for route in ROUTES}
    assert len(ROUTES) + 1 == 20  # the callback has a proof of its own


def test_each_success_is_as_documented(
    tenant: Tenant, admin: Program, document: dict[str, Any]
) -> None:
    ground = prepare(tenant)
    for route in [*ROUTES, *(route for route in ROUTES if route.method == "GET")]:
        answer = admin.send(route.method, route.path(ground), route.body(ground))
        assert answer.status_code == 200, (route.name, answer.json())
        method, path = route.name.split()
        matches(document, f"{DOOR}{path}", method.lower(), answer)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case[0]} {case[2]} {case[5]}")
def test_each_refusal_is_as_documented(
    tenant: Tenant, admin: Program, document: dict[str, Any], case: Refused
) -> None:
    method, route, path, body, status, slug = case
    ground = prepare(tenant)
    rule = ExpressRule.objects.get(is_default=True)
    kept = rows()
    answer = admin.send(method, path.format(rule=rule.pk, order=ground.order.pk), body)
    assert (answer.status_code, answer.json()["error"]) == (status, slug), answer.json()
    matches(document, f"{DOOR}{route}", method.lower(), answer)
    assert rows() == kept
    if status == 400:
        assert answer.json()["data"]["errors"], "no field is named"


def rows() -> list[Any]:
    return [list(model.objects.values()) for model in (CainiaoAccount, ExpressRule, TenantQuota)]


@pytest.mark.parametrize("name", ["app_secret", "callback_secret"])
def test_no_answer_of_any_route_holds_a_secret(
    tenant: Tenant, admin: Program, sandbox: Sandbox, name: str
) -> None:
    secret = f"very-secret-{name}"
    told(admin.post("/config", {name: secret}))
    ground = prepare(tenant)
    for route in ROUTES:
        answer = admin.send(route.method, route.path(ground), route.body(ground))
        assert secret not in answer.content.decode(), route.name
