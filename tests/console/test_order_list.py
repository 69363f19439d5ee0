"""快递订单's list: every filter and search finds what it says, and nothing else gets through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Tenant, User
from accounts.services.operators import create_operator
from config.kernel.encryption import lookup_hash
from config.kernel.phones import search_form
from logistics.models import ExpressOrder
from tests.console.rows import make_order
from tests.factories import RuleFactory, TenantFactory

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "admin:logistics_expressorder_changelist"


def listed(client: Client, **query: Any) -> list[str]:
    answer = client.get(reverse(LIST), query)
    assert answer.status_code == 200, answer.headers
    return [order.order_no for order in answer.context["cl"].result_list]


def said(client: Client, **query: Any) -> str:
    answer = client.get(reverse(LIST), query, follow=True)
    assert answer.status_code == 200
    return " ".join(str(message) for message in answer.context["messages"])


@pytest.fixture
def acme(db: None) -> Tenant:
    return TenantFactory(platform_code="acme", name="极米商贸")


@pytest.fixture
def orders(acme: Tenant) -> dict[str, ExpressOrder]:
    """One of each kind, a minute apart, the oldest first."""
    RuleFactory(cp_code="ZTO", cp_name="中通快递", is_default=False, default_marker=None)
    at = datetime(2026, 11, 20, 4, tzinfo=UTC)
    kinds: dict[str, dict[str, Any]] = {
        "plain": {},
        "ours": {"tenant": acme, "tenant_order_no": "T-1"},
        "zto": {"cp_code": "ZTO"},
        "sent": {
            "status": "in_transit", "waybill_no": "YT1", "waybill_status": "used",
            "mail_no": "M-1", "cainiao_order_id": "LP-1",
        },
        "trouble": {"status": "exception", "exception_reason": "地址不详"},
        "stuck": {"asking": "create"},
        "tired": {"due_at": timezone.now(), "attempts": 9},
        "test": {"is_test": True, "tenant": acme},
        "call": {"receiver_phone": "13900139000",
                 "receiver_phone_hash": lookup_hash(search_form("13900139000"))},
    }  # fmt: skip
    return {
        name: make_order(created_at=at + timedelta(minutes=number), **columns)
        for number, (name, columns) in enumerate(kinds.items())
    }


def names(orders: dict[str, ExpressOrder], found: list[str]) -> list[str]:
    by_number = {order.order_no: name for name, order in orders.items()}
    return [by_number[number] for number in found]


LIVE = ["call", "tired", "stuck", "trouble", "sent", "zto", "ours", "plain"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, LIVE),
        ({"mode": "live"}, LIVE),
        ({"mode": "test"}, ["test"]),
        ({"mode": "all"}, ["call", "test", *LIVE[1:]]),
        ({"status__exact": "in_transit"}, ["sent"]),
        ({"waybill_status__exact": "used"}, ["sent"]),
        ({"cp_code": "ZTO"}, ["zto"]),
        ({"tenant": "acme"}, ["ours"]),
        ({"tenant": "acme", "mode": "test"}, ["test"]),
        ({"tenant": "0", "status__exact": "in_transit"}, ["sent"]),
        ({"needs": "exception"}, ["trouble"]),
        ({"needs": "undecided"}, ["stuck"]),
        ({"needs": "struggling"}, ["tired"]),
        ({"status__exact": "created", "cp_code": "ZTO"}, ["zto"]),
        ({"created_at_from": "2026-11-20", "created_at_to": "2026-11-20"}, LIVE),
        ({"created_at_from": "2026-11-21"}, []),
        ({"created_at_to": "2026-11-19"}, []),
        ({"q": "T-1"}, ["ours"]),
        ({"q": " YT1 "}, ["sent"]),
        ({"q": "M-1"}, ["sent"]),
        ({"q": "LP-1"}, ["sent"]),
        ({"q": "139 0013 9000"}, ["call"]),
        ({"q": "13700137000"}, []),
        ({"q": "T-"}, []),
        ({"q": "T-1", "status__exact": "signed"}, []),
    ],
    ids=str,
)
def test_a_filter_or_search_finds_exactly_its_orders(
    admin_client: Client, orders: dict[str, ExpressOrder], query: dict[str, str], found: list[str]
) -> None:
    assert names(orders, listed(admin_client, **query)) == found


def test_whoever_searches_finds_test_orders_too(
    admin_client: Client, orders: dict[str, ExpressOrder]
) -> None:
    number = orders["test"].order_no
    assert listed(admin_client, q=number) == [number]
    assert listed(admin_client, q=number, mode="live") == []


def test_a_tenant_is_named_by_its_number_too(
    admin_client: Client, orders: dict[str, ExpressOrder], acme: Tenant
) -> None:
    assert names(orders, listed(admin_client, tenant=str(acme.pk))) == ["ours"]


def test_days_are_those_on_the_wall_in_shanghai(admin_client: Client) -> None:
    late = make_order(created_at=datetime(2026, 11, 20, 16, tzinfo=UTC))  # the 21st, 00:00
    early = make_order(created_at=datetime(2026, 11, 20, 15, 59, 59, 999999, tzinfo=UTC))
    assert listed(admin_client, created_at_from="2026-11-21") == [late.order_no]
    assert listed(admin_client, created_at_to="2026-11-20") == [early.order_no]


@pytest.mark.parametrize(
    "query",
    [
        {"status__exact": "nonsense"},
        {"waybill_status__exact": "x"},
        {"mode": "both'"},
        {"needs": "everything"},
        {"tenant": "nobody"},
        {"tenant": "9" * 30},
        {"created_at_from": "2026-02-30"},
        {"created_at_from": "20.11.2026"},
        {"created_at_from": "2026-11-21", "created_at_to": "2026-11-20"},
        {"tenant": "acme", "mode": "all"},
    ],
    ids=str,
)
def test_a_value_nobody_offered_is_said_to_be_wrong_and_shows_nothing(
    admin_client: Client, orders: dict[str, ExpressOrder], query: dict[str, str]
) -> None:
    assert listed(admin_client, **query) == []
    assert said(admin_client, **query)


@pytest.mark.parametrize("page", ["999", "-1", "x"])
def test_a_page_that_is_not_there_is_the_first_one(
    admin_client: Client, orders: dict[str, ExpressOrder], page: str
) -> None:
    assert names(orders, listed(admin_client, p=page)) == LIVE


@pytest.mark.parametrize(
    "query",
    [
        {"receiver_phone": "13800138000"},
        {"receiver_name__startswith": "张"},
        {"account__app_secret__startswith": "a"},
        {"o": "4"},
        {"_facets": "True"},
        {"e": "1"},
        {"no_such": "1", "status__exact": "signed"},
    ],
    ids=str,
)
def test_nothing_is_looked_up_or_sorted_by_but_what_is_offered(
    admin_client: Client, orders: dict[str, ExpressOrder], query: dict[str, str]
) -> None:
    answer = admin_client.get(reverse(LIST), query)
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(
        "?status__exact=signed" if "status__exact" in query else "?"
    )
    assert next(iter(query)) in said(admin_client, **query)


def test_carriers_are_those_that_rules_name_however_many_orders_there_are(
    admin_client: Client, orders: dict[str, ExpressOrder]
) -> None:
    page = admin_client.get(reverse(LIST)).content.decode()
    assert "中通快递 ZTO" in page
    assert listed(admin_client, cp_code="YTO")  # no rule names it; asked for, it is found


def test_a_row_says_its_state_in_a_word_and_a_colour_and_shows_nobody(
    admin_client: Client, orders: dict[str, ExpressOrder]
) -> None:
    page = admin_client.get(reverse(LIST), {"mode": "all"}).content.decode()
    assert '<span class="order-state order-in_transit">运输中</span>' in page
    assert 'class="order-state order-unknown"' in page
    assert 'class="order-state order-test"' in page
    assert "张三丰" not in page
    assert "13800138000" not in page
    assert "138****8000" in page


def test_who_may_not_see_orders_sees_none(client: Client) -> None:
    user = User.objects.create_user("nobody", password="x", is_staff=True)
    client.force_login(user)
    assert client.get(reverse(LIST)).status_code == 403


def test_an_auditor_sees_the_list_and_no_action(client: Client) -> None:
    make_order()
    user, _ = create_operator(username="a", role="auditor", password="Auditor-pass-1")
    client.force_login(user)
    answer = client.get(reverse(LIST))
    assert answer.status_code == 200
    assert answer.context["action_form"] is None
    assert "import/" not in answer.content.decode()
