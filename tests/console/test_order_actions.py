"""Acting on orders in the console: where it applies, with a reason, and told what came of it."""

# ruff: noqa: F811 - fixtures are imported, and named again as arguments

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.services.operators import create_operator
from config.kernel import audit
from config.kernel.console import acting
from config.sandbox import Sandbox
from logistics.models import ExpressOrder
from logistics.services.cancelling import cancel_order
from logistics.states import Asking
from quotas.models import TenantQuota
from tests.console.rows import make_order
from tests.logistics.conftest import (  # noqa: F401 - fixtures
    PARCEL,
    URL,
    account,
    client,
    order,
    sandbox,
    tenant,
    work,
    world,
)
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "admin:logistics_expressorder_changelist"
PAGE = "admin:logistics_expressorder_change"
Work = Callable[..., None]


def act(console: Client, order: ExpressOrder, action: str, **fields: str) -> str:
    """Press the button, confirm, and read what is said."""
    url = reverse("admin:logistics_expressorder_act", args=[order.pk, action])
    answer = console.post(url, {"reason": "客户来电", **fields}, follow=True)
    assert answer.status_code == 200
    return " ".join(str(message) for message in answer.context.get("messages") or ())


def act_on_all(console: Client, orders: list[ExpressOrder], action: str, **query: str) -> str:
    picked = {"action": action, "_selected_action": [order.pk for order in orders]}
    url = reverse(LIST, query=query) if query else reverse(LIST)
    asked = console.post(url, picked)
    assert asked.status_code == 200
    assert "reason" in asked.content.decode()
    answer = console.post(url, {**picked, "apply": "1", "reason": "批量处理"}, follow=True)
    assert answer.status_code == 200
    return " ".join(str(message) for message in answer.context["messages"])


def history(order: ExpressOrder) -> list[str]:
    rows = LogEntry.objects.filter(object_id=str(order.pk)).order_by("pk")
    return [row.change_message for row in rows]


def buttons(console: Client, order: ExpressOrder) -> set[str]:
    context = console.get(reverse(PAGE, args=[order.pk])).context
    return {action["url"].rstrip("/").rpartition("/")[2] for action in context["row_actions"]}


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ({}, {"get_waybill", "cancel"}),
        ({"waybill_no": "YT1", "status": "waybill_created", "cainiao_order_id": "LP1"},
         {"sync", "cancel"}),
        ({"status": "in_transit", "cainiao_order_id": "LP1", "waybill_no": "YT1"}, {"sync"}),
        ({"status": "exception"}, {"resume", "cancel"}),
        ({"asking": "create"}, {"get_waybill", "resume", "decide", "cancel"}),
        ({"status": "signed", "cainiao_order_id": "LP1"}, set()),
        ({"status": "cancelled"}, set()),
    ],
)  # fmt: skip
def test_buttons_stand_only_where_they_apply(
    admin_client: Client, columns: dict[str, Any], shown: set[str]
) -> None:
    assert buttons(admin_client, make_order(**columns)) == shown


@pytest.mark.parametrize(("role", "may"), [("operations", True), ("support", True),
                                           ("finance", False), ("auditor", False)])  # fmt: skip
def test_only_who_may_change_orders_acts_on_them(role: str, may: bool) -> None:
    made = make_order()
    user, _ = create_operator(username=role, role=role, password="Operator-pass-1")
    console = Client()
    console.force_login(user)
    assert bool(buttons(console, made)) is may
    url = reverse("admin:logistics_expressorder_act", args=[made.pk, "cancel"])
    answer = console.post(url, {"reason": "不要了"})
    assert answer.status_code == (302 if may else 403)
    made.refresh_from_db()
    assert made.status == ("cancelled" if may else "created")


def test_a_waybill_is_got_while_the_operator_waits(
    admin_client: Client, client: TenantClient, sandbox: Sandbox
) -> None:
    client.post(URL, PARCEL)
    made = ExpressOrder.objects.get()
    told = act(admin_client, made, "get_waybill")
    made.refresh_from_db()
    assert made.waybill_no
    assert made.waybill_no in told
    assert "客户来电" in history(made)[0]


def test_a_refusal_to_get_a_waybill_says_the_state_in_words(admin_client: Client) -> None:
    made = make_order(status="signed")
    assert "已签收" in act(admin_client, made, "get_waybill")
    assert history(made) == []


def test_getting_many_waybills_wakes_the_workers_and_asks_nobody(
    admin_client: Client, client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    for _ in range(2):
        client.post(URL, PARCEL)
    orders = list(ExpressOrder.objects.order_by("pk"))
    ExpressOrder.objects.update(due_at=None)
    closed = make_order(status="signed")
    told = act_on_all(admin_client, [*orders, closed], "get_waybills")
    assert f"{closed.order_no}：订单当前状态为 已签收" in told
    for made in orders:
        made.refresh_from_db()
        assert made.waybill_no is None
        assert made.due_at is not None
    work()
    assert ExpressOrder.objects.exclude(waybill_no=None).count() == 2


def test_a_mixed_selection_does_what_it_can_and_says_what_it_could_not(
    admin_client: Client,
) -> None:
    good = [make_order() for _ in range(3)]
    bad = [make_order(status="in_transit"), make_order(status="signed")]
    gone = make_order(status="cancelled")
    told = act_on_all(admin_client, [*good, *bad, gone], "cancel")
    assert ExpressOrder.objects.filter(status="cancelled").count() == 4
    for made in bad:
        made.refresh_from_db()
        assert made.status in {"in_transit", "signed"}
        assert f"{made.order_no}：订单当前状态为 {made.get_status_display()}" in told
    assert f"{gone.order_no}：本次未生效：订单已经取消" in told
    assert [len(history(made)) for made in (*good, *bad, gone)] == [1, 1, 1, 0, 0, 0]
    assert all("批量处理" in history(made)[0] for made in good)


def test_a_row_that_left_the_filter_meanwhile_is_told_of_and_not_dropped(
    admin_client: Client,
) -> None:
    made, other = make_order(), make_order()
    url = reverse(LIST, query={"status__exact": "created"})
    picked = {"action": "cancel", "_selected_action": [made.pk, other.pk]}
    assert made.order_no in admin_client.post(url, picked).content.decode()
    cancel_order(order_id=made.pk, reason="别人", at=timezone.now())
    answer = admin_client.post(url, {**picked, "apply": "1", "reason": "不要了"}, follow=True)
    told = " ".join(str(message) for message in answer.context["messages"])
    assert f"{made.order_no}：本次未生效" in told
    other.refresh_from_db()
    assert other.status == "cancelled"


def test_a_thousand_rows_fit_into_one_confirmation(admin_client: Client) -> None:
    made = make_order()
    keys = [made.pk, *range(made.pk + 1, made.pk + acting.MOST_ROWS)]
    answer = admin_client.post(
        reverse(LIST),
        {"action": "cancel", "_selected_action": keys, "apply": "1", "reason": "停运"},
    )
    assert answer.status_code == 302
    made.refresh_from_db()
    assert made.status == "cancelled"


def test_more_rows_than_may_be_acted_on_at_once_are_refused_whole(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "MOST_ROWS", 2)
    made = [make_order() for _ in range(3)]
    everything = {"action": "cancel", "select_across": "1", "_selected_action": [made[0].pk]}
    answer = admin_client.post(reverse(LIST), everything, follow=True)
    assert "2" in " ".join(str(message) for message in answer.context["messages"])
    assert ExpressOrder.objects.filter(status="created").count() == 3


def test_a_cancellation_needs_a_reason_and_hands_it_to_the_carrier(
    admin_client: Client,
    order: ExpressOrder,
    sandbox: Sandbox,
    work: Work,
) -> None:
    url = reverse("admin:logistics_expressorder_act", args=[order.pk, "cancel"])
    page = admin_client.post(url, {"reason": " "})
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    order.refresh_from_db()
    assert order.cancel_requested_at is None
    act(admin_client, order, "cancel")
    order.refresh_from_db()
    assert order.cancel_reason == "客户来电"
    assert order.cancel_requested_at is not None
    work()
    order.refresh_from_db()
    assert order.status == "cancelled"
    assert TenantQuota.objects.get().monthly_used == 0


def test_who_cancels_second_is_told_that_it_had_no_effect(admin_client: Client) -> None:
    made = make_order(cainiao_order_id="LP1", status="waybill_created", waybill_no="YT1")
    cancel_order(order_id=made.pk, reason="先来的", at=timezone.now())
    assert "已有人申请取消" in act(admin_client, made, "cancel")
    made.refresh_from_db()
    assert made.cancel_reason == "先来的"
    assert history(made) == []


def test_an_order_in_exception_is_resumed_once(admin_client: Client) -> None:
    made = make_order(status="exception", exception_reason="网点关闭")
    act(admin_client, made, "resume")
    made.refresh_from_db()
    assert (made.status, made.exception_reason) == ("created", None)
    assert made.due_at is not None
    assert "无需恢复" in act(admin_client, made, "resume")
    assert len(history(made)) == 1


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"status": "signed", "cainiao_order_id": "LP1"}, "终态"),
        ({}, "还没有这个订单"),
        ({"cainiao_order_id": "LP1", "asking": "cancel"}, "裁定"),
        ({"cainiao_order_id": "LP1", "asking": "cancel", "due_at": timezone.now()}, "核实"),
    ],
)
def test_what_cannot_be_synced_is_told_why(
    admin_client: Client, columns: dict[str, Any], why: str
) -> None:
    made = make_order(**columns)
    assert why in act(admin_client, made, "sync")
    assert history(made) == []


def test_a_sync_asks_the_carrier_now(
    admin_client: Client,
    order: ExpressOrder,
    sandbox: Sandbox,
    work: Work,
) -> None:
    act(admin_client, order, "sync")
    order.refresh_from_db()
    assert order.due_at is not None
    work()
    order.refresh_from_db()
    assert order.due_at is None


def test_an_unknown_outcome_is_decided_with_the_carriers_number(admin_client: Client) -> None:
    made = make_order(asking="create", waybill_no="YT1", status="waybill_created")
    assert "请同时给出承运方订单号" in act(admin_client, made, "decide", happened="yes")
    made.refresh_from_db()
    assert made.asking == "create"
    act(admin_client, made, "decide", happened="yes", carrier_order_id="LP-77")
    made.refresh_from_db()
    assert (made.asking, made.cainiao_order_id) == (None, "LP-77")
    assert "没有待裁定" in act(admin_client, made, "decide", happened="no")
    assert len(history(made)) == 1


def test_an_answer_settles_only_the_question_it_was_given_to(admin_client: Client) -> None:
    made = make_order(asking="create", waybill_no="YT1", status="waybill_created")
    url = reverse("admin:logistics_expressorder_act", args=[made.pk, "decide"])
    page = admin_client.get(url).content.decode()
    assert '<input type="hidden" name="asked" value="create"' in page
    assert str(Asking.CREATE.label) in page
    # While the carrier is on the telephone the pick-up order becomes known, and a cancellation not.
    ExpressOrder.objects.filter(pk=made.pk).update(
        asking="cancel", cainiao_order_id="LP-77", cancel_requested_at=timezone.now()
    )
    answer = {"asked": "create", "carrier_order_id": "LP-77"}
    for happened in ("yes", "no"):
        assert "刷新后重试" in act(admin_client, made, "decide", happened=happened, **answer)
    made.refresh_from_db()
    assert (made.status, made.asking) == ("waybill_created", "cancel")
    assert made.cancel_requested_at is not None
    assert not history(made)
    act(admin_client, made, "decide", happened="yes", carrier_order_id="", asked="cancel")
    made.refresh_from_db()
    assert made.status == "cancelled"


def test_what_cannot_be_written_down_is_not_done(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_order()

    def dies(**_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(audit, "record", dies)
    with pytest.raises(KeyboardInterrupt):
        act(admin_client, made, "cancel")
    made.refresh_from_db()
    assert made.status == "created"


def test_deciding_is_for_one_order_at_a_time(admin_client: Client) -> None:
    make_order()
    actions = dict(admin_client.get(reverse(LIST)).context["action_form"].fields["action"].choices)
    assert set(actions) >= {"get_waybills", "resume", "sync", "cancel", "print_labels"}
    assert "decide" not in actions
    assert "delete_selected" not in actions
