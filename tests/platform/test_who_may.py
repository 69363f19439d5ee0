"""Who may do what at the platform door: a table of senders and routes, tried in full."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import Tenant
from logistics.models import CallbackRecord
from quotas.models import TenantQuota
from tests.factories import issue
from tests.platform.conftest import DOOR, Program
from tests.platform.routes import NAMES, ROUTES, prepare
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)

READS = {name for name in NAMES if name.startswith("GET")}
ON_ORDERS = {
    "POST /orders/{order_id}/waybill", "POST /orders/{order_id}/cancel", "POST /address/parse",
    "POST /branch/find",
}  # fmt: skip
ALLOWED = {
    "superuser": set(NAMES),
    "platform_admin": set(NAMES),
    "operations": READS
    | ON_ORDERS
    | {"POST /orders/create", "POST /config/test", "POST /rules", "PUT /rules/{rule_id}",
       "DELETE /rules/{rule_id}"},
    "finance": READS | {"POST /quotas", "DELETE /quotas/{quota_id}"},
    "support": READS | ON_ORDERS,
    "auditor": READS,
}  # fmt: skip
WHOLE = ALLOWED.keys() - {"finance", "auditor"}
KEPT = ("accounts", "quotas", "logistics", "admin")
Make = Callable[[str], Program]


def everything() -> list[Any]:
    """Every row of every table that a request could change."""
    rows: list[Any] = []
    for label in KEPT:
        for model in apps.get_app_config(label).get_models():
            if model._meta.model_name not in {"requestnonce", "securityevent"}:
                rows += [(model._meta.label, row) for row in model._base_manager.values()]
    return rows


@pytest.mark.parametrize("role", ALLOWED)
def test_each_role_does_what_is_its_own_and_nothing_else(
    tenant: Tenant, program: Make, role: str
) -> None:
    sender, ground = program(role), prepare(tenant)
    for route in ROUTES:
        before = everything()
        answer = sender.send(route.method, route.path(ground), route.body(ground))
        if route.name in ALLOWED[role]:
            assert answer.status_code == 200, (route.name, answer.json())
        else:
            assert answer.status_code == 403, (route.name, answer.json())
            assert answer.json()["error"] == "forbidden"
            assert everything() == before, route.name
    changes = {name for name in ALLOWED[role] if not name.startswith("GET")}
    silent = {"POST /address/parse", "POST /branch/find"}
    # What people see in full is on record as well.
    read = {"GET /orders", "GET /orders/{order_id}"} if role in WHOLE else set()
    assert LogEntry.objects.filter(user_id=sender.user.pk).count() == len(changes - silent | read)


@pytest.mark.parametrize(
    ("who", "status", "slug"),
    [("tenant", 403, "wrong_door"), ("user", 403, "wrong_door"),
     ("nobody", 401, "unauthenticated"), ("stranger", 401, "token_invalid"),
     ("staff without a role", 403, "forbidden")],
)  # fmt: skip
def test_who_is_no_operator_is_turned_away_everywhere(
    tenant: Tenant, program: Make, who: str, status: int, slug: str
) -> None:
    ground = prepare(tenant)
    send = sender_of(who, tenant, program)
    for route in ROUTES:
        before = everything()
        answer = send(route.method, route.path(ground), route.body(ground))
        assert (answer.status_code, answer.json()["error"]) == (status, slug), route.name
        assert everything() == before, route.name


def sender_of(who: str, tenant: Tenant, program: Make) -> Callable[[str, str, Any], Any]:
    if who == "tenant":
        signed = TenantClient(*issue(tenant))
        return lambda method, path, data: signed.send(method, f"{DOOR}{path}", data)
    if who == "nobody":
        return Program().send
    sender = program("user" if who == "user" else "auditor")
    if who == "stranger":
        sender.headers = {"Authorization": "Token " + "0" * 64}
    elif who != "user":
        sender.user.groups.clear()
    return sender.send


@pytest.mark.parametrize("role", ["superuser", "auditor", "user"])
def test_no_role_opens_the_callbacks_door(tenant: Tenant, program: Make, role: str) -> None:
    answer = program(role).post("/callback", {"logistics_interface": "{}", "data_digest": "x"})
    assert (answer.status_code, answer.json()["errorCode"]) == (401, "S02")
    assert not CallbackRecord.objects.exists()


def test_the_consoles_session_opens_it_and_a_write_needs_its_csrf_token(
    tenant: Tenant, program: Make
) -> None:
    user = program("platform_admin").user
    http = Client(enforce_csrf_checks=True)
    http.force_login(user)
    assert http.get(f"{DOOR}/rules").status_code == 200
    refused = http.post(f"{DOOR}/rules", {"rule_name": "x"}, "application/json")
    assert (refused.status_code, refused.json()["error"]) == (403, "forbidden")


def test_a_method_that_a_route_has_not_is_told_so(admin: Program) -> None:
    for method, path in (
        ("DELETE", "/config"), ("GET", "/orders/create"), ("PATCH", "/rules/1"),
        ("GET", "/rules/1"), ("PUT", "/quotas/1"), ("POST", "/logs"), ("HEAD", "/rules/1"),
    ):  # fmt: skip
        answer = admin.send(method, path)
        assert answer.status_code == 405, (method, path)
        assert method == "HEAD" or answer.json()["error"] == "method_not_allowed"


def test_the_head_of_an_answer_is_not_for_everybody_either(program: Make) -> None:
    sender = program("auditor")
    sender.user.groups.clear()
    assert sender.send("HEAD", "/orders").status_code == 403


def test_who_may_change_quotas_may_not_remove_them(tenant: Tenant, program: Make) -> None:
    sender, ground = program("auditor"), prepare(tenant)
    quota = TenantQuota.objects.get(tenant=tenant)
    may = Permission.objects.get(codename="change_tenantquota")
    sender.user.user_permissions.add(may)
    assert sender.send("DELETE", f"/quotas/{quota.pk}").status_code == 403
    assert sender.send("POST", "/quotas", {"tenant_id": tenant.pk}).status_code == 200
    assert ground


def test_no_answer_is_kept_on_its_way(tenant: Tenant, program: Make) -> None:
    sender, ground = program("support"), prepare(tenant)
    for route in ROUTES:
        answer = sender.send(route.method, route.path(ground), route.body(ground))
        assert answer.headers["Cache-Control"] == "no-store", route
