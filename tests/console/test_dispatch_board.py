"""The dispatch board: every open live order in one column, riders beside, people masked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from delivery.admin.distances import distance_text
from delivery.models import DeliveryOrder, DispatchOffer
from delivery.queries import board as boards
from delivery.queries.board import board, riders_on_duty
from tests.console.deliveries import make_delivery, make_rider
from tests.console.test_roles import browser_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def numbers(column: Any) -> list[str]:
    return [order.order_no for order in column.cards]


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def test_each_open_order_stands_in_one_column_and_no_test_order_in_any() -> None:
    rider = make_rider()
    fresh = make_delivery(ago=MINUTE)
    older = make_delivery(ago=4 * MINUTE)
    untaken = make_delivery(ago=6 * MINUTE)
    soon = make_delivery(ago=MINUTE, promised_at=NOON + 9 * MINUTE)
    riding = make_delivery(ago=10 * MINUTE, status="accepted", rider=rider)
    stuck = make_delivery(ago=21 * MINUTE, status="accepted", rider=rider)
    carried = make_delivery(ago=30 * MINUTE, status="picked_up", rider=rider)
    late = make_delivery(ago=50 * MINUTE, status="picked_up", rider=rider)
    back = make_delivery(ago=90 * MINUTE, status="returning", rider=rider)
    for status in ("delivered", "cancelled", "failed", "returned"):
        make_delivery(ago=MINUTE, status=status, rider_name="李雷")
    make_delivery(ago=9 * MINUTE, is_test=True)
    found = board(at=NOON)
    assert numbers(found.unassigned) == [older.order_no, fresh.order_no]
    assert numbers(found.at_risk) == [one.order_no for one in (late, soon, stuck, untaken)]
    assert numbers(found.under_way) == [one.order_no for one in (back, carried, riding)]
    assert [c.count for c in (found.unassigned, found.at_risk, found.under_way)] == [2, 4, 3]


@pytest.mark.parametrize(
    ("column", "ago", "risky"),
    [("pending", 5 * MINUTE, False), ("pending", 5 * MINUTE + timedelta(seconds=1), True),
     ("accepted", 20 * MINUTE, False), ("accepted", 20 * MINUTE + timedelta(seconds=1), True),
     ("picked_up", 40 * MINUTE, False), ("returning", 40 * MINUTE, False)],
    ids=["new", "untaken", "accepted", "stuck", "picked up", "returning"],
)  # fmt: skip
def test_risk_begins_behind_its_minute(column: str, ago: timedelta, risky: bool) -> None:
    since = NOON - ago
    far = NOON + 11 * MINUTE
    assert boards.is_at_risk(column, since, since, far, NOON) is risky


def test_more_than_fit_are_counted_and_said(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "MOST_CARDS", 1)
    monkeypatch.setattr(boards, "LOOKED_AT", 2)
    for minutes in (1, 2, 3):
        make_delivery(ago=minutes * MINUTE)
    column = board(at=NOON).unassigned
    assert (len(column.cards), column.count, column.capped) == (1, 2, True)
    page = admin_client.get(reverse("admin:dispatch_board"))
    assert [lane.count for lane in page.context["lanes"]] == ["2+", "0+", "0"]
    assert page.context["lanes"][0].more


def test_riders_are_told_with_their_load_and_the_nearest_comes_first() -> None:
    far = make_rider(lng="120.2000000")
    near = make_rider()
    unknown = make_rider(lat=None, lng=None)
    make_rider(on_duty=False)
    make_rider(enabled=False)
    for status in ("accepted", "picked_up", "returning", "delivered"):
        make_delivery(status=status, rider=near)
    order = make_delivery()
    assert order.merchant_lat is not None
    assert order.merchant_lng is not None
    found = riders_on_duty(near=(order.merchant_lat, order.merchant_lng))
    assert [one.rider for one in found] == [near, far, unknown]
    assert [one.load for one in found] == [3, 0, 0]
    assert found[0].distance_m == 300
    assert found[2].distance_m is None


def test_a_card_says_what_a_dispatcher_must_know_and_no_name_in_full(
    admin_client: Client,
) -> None:
    rider = make_rider(name="李雷")
    order = make_delivery(ago=7 * MINUTE)
    DispatchOffer.objects.create(
        order=order, rider=rider, round=1, attempt=1, radius_m=1000, distance_m=300,
        expires_at=NOON + MINUTE, created_at=NOON,
    )  # fmt: skip
    make_delivery(ago=30 * MINUTE, status="picked_up", rider=rider)
    page = admin_client.get(reverse("admin:dispatch_board"))
    text = page.content.decode()
    people = ("张**", "138****8000", "李雷")
    for shown in (order.order_no, order.external_order_no, *people, distance_text(2219)):
        assert shown in text
    for hidden in ("张三丰", "13800138000", "969号", "文三路77号", "13700001234"):
        assert hidden not in text
    (card,) = page.context["lanes"][1].cards
    assert (card.asked, len(card.worries), card.is_late) == (1, 1, False)
    names = {action["url"].partition("?")[0].split("/")[-2] for action in card.actions}
    assert all(action["url"].endswith("?next=/admin/dispatch/") for action in card.actions)
    assert names == {"assign", "offer", "cancel", "fail"}


def test_who_acts_from_the_board_comes_back_to_it_with_a_way_to_the_order(
    admin_client: Client,
) -> None:
    rider, order, taken = make_rider(name="李雷"), make_delivery(ago=MINUTE), make_delivery()
    board_url = reverse("admin:dispatch_board")
    page = admin_client.get(board_url)
    cards = {card.order.pk: card for card in page.context["lanes"][0].cards}
    assign = {
        key: next(one["url"] for one in card.actions if "/assign/" in one["url"])
        for key, card in cards.items()
    }
    form = admin_client.get(assign[order.pk])
    assert f'href="{board_url}" class="button cancel-link"' in form.content.decode()
    answer = admin_client.post(assign[order.pk], {"rider": rider.pk}, follow=True)
    assert answer.redirect_chain == [(board_url, 302)]
    order_url = reverse("admin:delivery_deliveryorder_change", args=[order.pk])
    (told,) = [str(message) for message in answer.context["messages"]]
    assert f'<a href="{order_url}">{order.order_no}' in told
    assert f'<a href="{order_url}">{order.order_no}' in answer.content.decode()
    DeliveryOrder.objects.filter(pk=taken.pk).update(status="cancelled")
    answer = admin_client.post(assign[taken.pk], {"rider": rider.pk}, follow=True)
    assert answer.redirect_chain == [(board_url, 302)]
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example.com/", "//evil.example.com", "javascript:alert(1)", ""]
)
def test_nobody_is_sent_elsewhere(admin_client: Client, elsewhere: str) -> None:
    order = make_delivery()
    url = reverse("admin:delivery_deliveryorder_act", args=[order.pk, "cancel"])
    answer = admin_client.post(f"{url}?{urlencode({'next': elsewhere})}", {"reason": "不要了"})
    page = reverse("admin:delivery_deliveryorder_change", args=[order.pk])
    assert (answer.status_code, answer["Location"]) == (302, page)


def test_what_is_told_of_a_row_is_never_markup(admin_client: Client) -> None:
    rider, order = make_rider(name="<b>李雷</b>"), make_delivery()
    back = urlencode({"next": reverse("admin:dispatch_board")})
    url = reverse("admin:delivery_deliveryorder_act", args=[order.pk, "assign"])
    answer = admin_client.post(f"{url}?{back}", {"rider": rider.pk}, follow=True)
    assert "<b>李雷</b>" not in answer.content.decode()


def test_only_who_may_act_has_buttons_and_who_may_not_see_has_no_board() -> None:
    make_delivery()
    url = reverse("admin:dispatch_board")
    shown = {}
    for who in ("operations", "support", "finance", "auditor"):
        page = browser_of(who).get(url)
        (card,) = page.context["lanes"][0].cards
        shown[who] = {action["url"].partition("?")[0].split("/")[-2] for action in card.actions}
    dispatching = {"assign", "offer", "cancel", "fail"}
    nothing: set[str] = set()
    assert shown == {"operations": dispatching, "support": {"cancel"}, "finance": nothing,
                     "auditor": nothing}  # fmt: skip
    assert browser_of("nothing").get(url).status_code == 403


def test_the_board_costs_the_same_however_much_there_is(
    django_assert_max_num_queries: Any,
) -> None:
    rider = make_rider()
    for status in ("pending", "pending", "accepted", "picked_up", "returning"):
        make_delivery(status=status, rider=None if status == "pending" else rider)
    with django_assert_max_num_queries(8) as few:
        board(at=timezone.now())
    assert len(few.captured_queries) == 8


# MariaDB plans by how much there is.
@pytest.mark.engine("sqlite")
def test_each_column_is_read_off_an_index_in_its_order() -> None:
    plans = []
    with CaptureQueriesContext(connection) as asked:
        board(at=NOON)
    with connection.cursor() as cursor:
        for query in asked.captured_queries:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plans.append(" ".join(str(row[-1]) for row in cursor.fetchall()))
    orders = [plan for plan in plans if "delivery_order" in plan]
    assert len(orders) == 4
    assert all("idx_delivery_status" in plan for plan in orders)
    assert not any("TEMP B-TREE" in plan for plan in orders)
