"""Who may do what in the console: role × page × verb and role × action, tried in full.

The tables below are written by hand from the seed and the issue, not read from config/roles.py. A
page or action that is registered and not in them fails the first test.
"""

from __future__ import annotations

import itertools
import re
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone

from accounts.models import (
    ApiCredential,
    CallbackEndpoint,
    SecurityEvent,
    Tenant,
    TenantEvent,
    User,
)
from accounts.services.operators import create_operator
from accounts.states import Role
from config.kernel.console import ActingAdmin, ReasonedAction
from delivery.models import (
    DeliveryOrder,
    DeliverySettings,
    DispatchOffer,
    PriceRule,
    Rider,
)
from logistics.models import (
    CainiaoAccount,
    CallbackRecord,
    CallLog,
    ExpressOrder,
    ExpressRule,
    FreightRevision,
)
from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from tests.console.deliveries import make_delivery, make_rider
from tests.console.rows import make_call, make_callback, make_order
from tests.factories import AccountFactory, QuotaFactory, RuleFactory, TenantFactory, issue

pytestmark = pytest.mark.django_db
WHO = ("superuser", "platform_admin", "operations", "finance", "support", "auditor", "nothing")
ALL = set(WHO) - {"nothing"}
CHIEFS = {"superuser", "platform_admin"}
WATCHED = CHIEFS | {"auditor"}
DESK = CHIEFS | {"operations"}
PHONE = DESK | {"support"}
MONEY = CHIEFS | {"finance"}
NOBODY: set[str] = set()

# model: who sees, who adds, who changes by the form. Nobody deletes by the stock pages anywhere.
PAGES: dict[type[Any], tuple[set[str], set[str], set[str]]] = {
    LogEntry: (WATCHED, NOBODY, NOBODY),
    Group: (WATCHED, NOBODY, NOBODY),
    ApiCredential: (WATCHED, NOBODY, NOBODY),
    SecurityEvent: (WATCHED | {"operations"}, NOBODY, NOBODY),
    Tenant: (ALL, CHIEFS, CHIEFS),
    User: (WATCHED, CHIEFS, CHIEFS),
    TenantQuota: (ALL, MONEY, MONEY),
    QuotaDetail: (ALL, NOBODY, NOBODY),
    QuotaStatement: (ALL, NOBODY, NOBODY),
    CainiaoAccount: (ALL, CHIEFS, CHIEFS),
    ExpressRule: (ALL, DESK, DESK),
    ExpressOrder: (ALL, DESK, NOBODY),
    CallbackRecord: (ALL, NOBODY, NOBODY),
    CallLog: (ALL, NOBODY, NOBODY),
    FreightRevision: (ALL, NOBODY, NOBODY),
    TenantEvent: (ALL, NOBODY, NOBODY),
    CallbackEndpoint: (ALL, NOBODY, NOBODY),
    DeliveryOrder: (ALL, NOBODY, NOBODY),
    Rider: (ALL, CHIEFS, CHIEFS),
    DispatchOffer: (ALL, NOBODY, NOBODY),
    PriceRule: (ALL, CHIEFS, MONEY),
    DeliverySettings: (ALL, CHIEFS, CHIEFS),
}
ACTIONS: dict[type[Any], dict[str, set[str]]] = {
    ApiCredential: {"revoke": CHIEFS},
    Tenant: {"enable": CHIEFS, "suspend": CHIEFS, "test-event": PHONE},
    User: {"role": CHIEFS, "end-tokens": CHIEFS, "activate": CHIEFS, "deactivate": CHIEFS},
    TenantQuota: {"enable": MONEY, "suspend": MONEY, "disable": MONEY, "reset": MONEY,
                  "remove": MONEY},
    CainiaoAccount: {"test": DESK, "enable": CHIEFS, "disable": CHIEFS},
    ExpressRule: {"make_default": DESK, "enable": DESK, "disable": DESK, "remove": DESK},
    ExpressOrder: {"get_waybill": PHONE, "get_waybills": PHONE, "resume": PHONE, "sync": PHONE,
                   "decide": PHONE, "cancel": PHONE},
    CallbackRecord: {"replay": DESK},
    TenantEvent: {"resend": PHONE},
    CallbackEndpoint: {"pause": DESK, "resume": DESK, "resend": PHONE, "test": PHONE},
    DeliveryOrder: {"assign": DESK, "offer": DESK, "reassign": DESK, "hand_back": DESK,
                    "start_return": DESK, "finish_return": DESK, "cancel": PHONE, "fail": DESK},
    Rider: {"enable": CHIEFS, "disable": CHIEFS, "password": CHIEFS},
}  # fmt: skip
# Pages beside the stock ones: who opens them (an answer other than 403).
MORE: dict[str, set[str]] = {
    "accounts_tenant_issue": CHIEFS,
    "accounts_tenant_rotate": CHIEFS,
    "auth_user_password_change": CHIEFS,
    "quotas_tenantquota_books": ALL,
    "quotas_quotastatement_export": ALL,
    "quotas_quotadetail_export": ALL,
    "logistics_expressorder_label": PHONE,
    "logistics_expressorder_import": DESK,
    "logistics_expressorder_import_template": DESK,
    "logistics_expressorder_import_detail": DESK,
    "logistics_expressorder_import_lines": DESK,
    "logistics_expressorder_paste": DESK,
    "logistics_expressorder_branches": DESK,
    "logistics_expressorder_terms": DESK,
    "logistics_expressorder_correct": PHONE,
    "logistics_expressorder_reveal": PHONE,
    "logistics_expressorder_export": ALL,
    "logistics_expressorder_export_full": PHONE,
    "delivery_deliveryorder_reveal": PHONE,
    "delivery_deliveryorder_proof": PHONE,
    "dispatch_board": ALL,
    "due_work": ALL,
    "operator_tokens": WATCHED,
    "report_orders": ALL,
    "report_tenants": ALL,
    "report_settlement": ALL,
    "report_parcels": ALL,
}
# Every operator's own pages, and what only leads on.
OWN = {"index", "login", "logout", "password_change", "password_change_done", "autocomplete",
       "jsi18n", "view_on_site", "app_list"}  # fmt: skip


def browser_of(who: str) -> Client:
    client = Client()
    if who == "superuser":
        user = User.objects.create_superuser("boss")
    elif who == "nothing":
        user = User.objects.create(username="nothing", is_staff=True)
    else:
        user, _ = create_operator(username=f"as-{who}", role=who, password="Tonglu-2026!")
    client.force_login(user)
    return client


@pytest.fixture
def rows() -> dict[type[Any], Any]:
    """One row of everything."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    clerk, _ = create_operator(username="clerk", role=Role.SUPPORT, password="Tonglu-2026!")
    tenant = TenantFactory()
    issue(tenant)
    quota = QuotaFactory(tenant=tenant)
    order = make_order(tenant=tenant)
    rider = make_rider()
    delivery = make_delivery(tenant=tenant)
    endpoint = CallbackEndpoint.objects.create(tenant=tenant, created_at=at)
    event = TenantEvent.objects.create(
        event_id="evt_1", endpoint=endpoint, tenant=tenant, kind="delivery_order",
        subject_id=delivery.pk, sequence=1, order_no=delivery.order_no, content={},
        event_type="delivery.pending", occurred_at=at, created_at=at,
    )  # fmt: skip
    entry = LogEntry.objects.create(
        user=clerk, action_flag=CHANGE, change_message="改", object_repr="x"
    )
    return {
        LogEntry: entry,
        Group: Group.objects.get(name=Role.SUPPORT.label),
        ApiCredential: ApiCredential.objects.get(),
        SecurityEvent: SecurityEvent.objects.create(
            door="d", reason="r", address="10.0.0.1", digest="x", created_at=at
        ),
        Tenant: tenant,
        User: clerk,
        TenantQuota: quota,
        QuotaDetail: QuotaDetail.objects.create(
            tenant=tenant, order_id=order.pk, line_no=1, period_no=1, created_at=at,
            period_start=date(2026, 11, 1),
        ),
        QuotaStatement: QuotaStatement.objects.create(
            tenant=tenant, period_no=1, period_start=date(2026, 10, 1),
            period_end=date(2026, 11, 1), free_quota=1, units=1, overage_units=0,
            overage_amount_minor=0, credit_units=0, credit_amount_minor=0, amount_minor=0,
            created_at=at,
        ),
        CainiaoAccount: AccountFactory(),
        ExpressRule: RuleFactory(),
        ExpressOrder: order,
        CallbackRecord: make_callback(),
        CallLog: make_call(ago=timezone.now() - at),
        FreightRevision: FreightRevision.objects.create(
            order=order, source="1", freight="8.00", event_time=at, created_at=at
        ),
        TenantEvent: event,
        CallbackEndpoint: endpoint,
        DeliveryOrder: delivery,
        Rider: rider,
        DispatchOffer: DispatchOffer.objects.create(
            order=delivery, rider=rider, round=1, attempt=1, radius_m=1000, distance_m=300,
            expires_at=at, created_at=at,
        ),
        PriceRule: PriceRule.objects.create(name="默认", marker=1),
        DeliverySettings: DeliverySettings.objects.create(tenant=tenant),
    }  # fmt: skip


def url(model: type[Any], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def everything() -> list[Any]:
    """What no refused request may move."""
    found: list[Any] = []
    for label in ("accounts", "auth", "quotas", "logistics", "delivery", "admin"):
        for model in apps.get_app_config(label).get_models():
            found += [(model._meta.label, row) for row in model._base_manager.values()]
    return found


def test_every_page_action_and_route_of_the_console_is_in_the_tables() -> None:
    registry = admin.site._registry
    assert set(registry) == set(PAGES)
    reasoned = {
        model: {action.name for action in page.reasoned}
        for model, page in registry.items()
        if isinstance(page, ActingAdmin) and page.reasoned
    }
    assert reasoned == {model: set(actions) for model, actions in ACTIONS.items()}
    pages = ("changelist", "add", "history", "delete", "change", "act")
    stock = {f"{m._meta.app_label}_{m._meta.model_name}_{page}" for m in PAGES for page in pages}
    assert set(routes()) - stock - OWN == set(MORE)


@cache
def routes() -> dict[str, URLPattern]:
    """The console's named routes; making them anew takes longer than a request."""
    return {str(one.name): one for one in patterns(admin.site.get_urls()) if one.name}


def patterns(found: list[Any]) -> list[URLPattern]:
    return list(
        itertools.chain.from_iterable(
            patterns(one.url_patterns) if isinstance(one, URLResolver) else [one] for one in found
        )
    )


@pytest.mark.parametrize("who", WHO)
def test_each_role_sees_its_pages_and_the_buttons_that_work(
    who: str, rows: dict[type[Any], Any]
) -> None:
    browser = browser_of(who)
    for model, (seers, adders, changers) in PAGES.items():
        pk, code = rows[model].pk, 200 if who in seers else 403
        listed, shown = (
            browser.get(p) for p in (url(model, "changelist"), url(model, "change", pk))
        )
        assert (listed.status_code, shown.status_code) == (code, code), model
        assert browser.get(url(model, "history", pk)).status_code == code, model
        assert browser.get(url(model, "delete", pk)).status_code == 403, model
        assert browser.get(url(model, "add")).status_code == (200 if who in adders else 403), model
        if who not in seers:
            continue
        text, page = shown.content.decode(), listed.content.decode()
        assert ('name="_save"' in text) == (who in changers), model
        assert "delete_selected" not in page
        # A link in a link is none: the row's own page could not be opened from its list.
        assert not re.search(r"<a [^>]*>\s*<a ", page), model
        for name, may in ACTIONS.get(model, {}).items():
            action = action_of(model, name)
            offered = f'<option value="{name}">' in page
            assert offered == (who in may and action.in_bulk), (model, name)
            linked = url(model, "act", pk, name) in text
            applies = action.on_page and action.applies(rows[model])
            assert linked == (who in may and applies), (model, name)


@pytest.mark.parametrize("who", WHO)
def test_what_a_role_may_not_do_is_refused_when_posted_and_moves_nothing(
    who: str, rows: dict[type[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is posted has had its effect before a page is drawn, which nobody looks at here.
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")
    browser = browser_of(who)
    before = everything()
    for model, (_, adders, changers) in PAGES.items():
        pk = rows[model].pk
        assert browser.post(url(model, "delete", pk), {"post": "yes"}).status_code == 403, model
        bulk = {"_selected_action": [pk], "post": "yes", "apply": "1", "reason": "试",
                "role": "platform_admin"}  # fmt: skip
        browser.post(url(model, "changelist"), {"action": "delete_selected", **bulk})
        if who not in adders:
            assert browser.post(url(model, "add"), {}).status_code == 403, model
        if who not in changers:
            assert browser.post(url(model, "change", pk), {"name": "x"}).status_code == 403, model
        for name, may in ACTIONS.get(model, {}).items():
            if who not in may:
                answer = browser.post(url(model, "act", pk, name), bulk)
                assert answer.status_code == (403 if action_of(model, name).on_page else 404), name
                browser.post(url(model, "changelist"), {"action": name, **bulk})
    assert everything() == before


@pytest.mark.parametrize("who", WHO)
def test_each_role_is_asked_once_more_for_what_it_may_do(
    who: str, rows: dict[type[Any], Any]
) -> None:
    browser = browser_of(who)
    for model, actions in ACTIONS.items():
        for name, may in actions.items():
            if action_of(model, name).on_page:
                answer = browser.get(url(model, "act", rows[model].pk, name))
                assert answer.status_code == (200 if who in may else 403), (model, name)


@pytest.mark.parametrize("who", WHO)
def test_pages_beside_the_stock_ones_open_to_whom_they_are_for(
    who: str, rows: dict[type[Any], Any]
) -> None:
    browser = browser_of(who)
    before = everything()
    for name in sorted(MORE, key=lambda name: who in MORE[name]):  # refusals first
        if who in MORE[name] and before:
            assert everything() == before, name
            before = []
        for send in (browser.get, browser.post):
            answer = send(page_of(name, rows))
            if who in MORE[name]:
                assert answer.status_code != 403, name
            else:
                assert answer.status_code in {403, 405}, (name, answer.status_code)


def action_of(model: type[Any], name: str) -> ReasonedAction:
    page: Any = admin.site._registry[model]
    return next(action for action in page.reasoned if action.name == name)


def page_of(name: str, rows: dict[type[Any], Any]) -> str:
    """The address of one of `MORE`, of the row it is about."""
    prefixes = {f"{m._meta.app_label}_{m._meta.model_name}_": m for m in PAGES}
    model = next((m for prefix, m in prefixes.items() if name.startswith(prefix)), User)
    pattern, pk = routes()[name], rows[model].pk
    given = {"object_id": pk, "id": pk, "kind": "csv", "import_id": 1}
    return reverse(f"admin:{name}", kwargs={key: given[key] for key in pattern.pattern.converters})
