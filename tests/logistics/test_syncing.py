"""Orders nobody has heard of are asked about; terminal ones are left alone; logs go by date."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from config.sandbox import Sandbox
from logistics.models import CallbackRecord, CallLog, ExpressOrder
from logistics.services.resuming import resume_order
from logistics.services.syncing import sync_orders_now, sync_quiet_orders
from tests.logistics.conftest import PARCEL, URL, only_order
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
QUERY = "GUOGUO_QUERY_SEND_ORDER_FULL_DETAIL"
Work = Callable[..., None]


@pytest.fixture
def order(client: TenantClient, work: Work) -> ExpressOrder:
    client.post(URL, PARCEL)
    work()
    return only_order()


def quiet(hours: float) -> None:
    ExpressOrder.objects.update(news_at=timezone.now() - timedelta(hours=hours))


def test_a_lost_callback_is_made_up_for_by_asking(
    order: ExpressOrder, sandbox: Sandbox, work: Work, pass_time: Any
) -> None:
    sandbox.fault("callback", "drop", times=50)
    pass_time(3 * 3600)
    work()
    assert only_order().status == "waybill_created"
    quiet(7)
    assert sync_quiet_orders(at=timezone.now()) == 1
    work()
    order = only_order()
    assert order.status in {"picked", "in_transit"}
    assert order.pick_time is not None
    assert CallLog.objects.filter(api_method=QUERY).count() == 1


def test_a_resumed_order_the_carrier_was_silent_about_is_asked_about_at_once(
    order: ExpressOrder, work: Work
) -> None:
    ExpressOrder.objects.update(
        status="exception", exception_from="dispatched", exception_at=timezone.now()
    )
    quiet(7)
    resume_order(order_id=order.pk, at=timezone.now())
    work()
    assert CallLog.objects.filter(api_method=QUERY).count() == 1
    assert only_order().news_at is not None


def test_an_order_heard_of_lately_is_not_asked_about(order: ExpressOrder) -> None:
    quiet(5)
    assert sync_quiet_orders(at=timezone.now()) == 0


@pytest.mark.parametrize("status", ["signed", "rejected", "cancelled"])
def test_terminal_orders_are_left_alone(order: ExpressOrder, status: str) -> None:
    quiet(100)
    ExpressOrder.objects.update(status=status)
    assert sync_quiet_orders(at=timezone.now()) == 0
    assert sync_orders_now(order_ids=[order.pk], at=timezone.now()) == 0


def test_an_answer_without_news_asks_again_only_after_the_next_quiet_time(
    order: ExpressOrder, work: Work
) -> None:
    quiet(7)
    assert sync_quiet_orders(at=timezone.now()) == 1
    work()
    assert sync_quiet_orders(at=timezone.now()) == 0
    assert only_order().due_at is None


def test_an_account_without_a_query_is_not_asked_for_ever(
    order: ExpressOrder, sandbox: Sandbox, work: Work
) -> None:
    from logistics.models import CainiaoAccount
    from logistics.services import accounts

    CainiaoAccount.objects.update(message_names={"query": ""})
    accounts.forget_cached_accounts()
    quiet(7)
    sync_quiet_orders(at=timezone.now())
    work()
    assert only_order().due_at is None
    assert not CallLog.objects.filter(api_method=QUERY).exists()


def test_the_command_says_how_many(order: ExpressOrder) -> None:
    quiet(7)
    out = io.StringIO()
    call_command("sync_orders", "--json", "--dry-run", stdout=out)
    assert json.loads(out.getvalue()) == {"due": 1}
    assert only_order().due_at is None


def test_logs_are_pruned_by_date_and_unhandled_evidence_stays(order: ExpressOrder) -> None:
    old = timezone.now() - timedelta(days=100)
    for n, processed in enumerate((True, False)):
        CallbackRecord.objects.create(
            callback_id=f"c-{n}", account_id=0, raw_body=b"", created_at=old, processed=processed
        )
    calls = CallLog.objects.count()
    CallLog.objects.filter(pk=CallLog.objects.earliest("pk").pk).update(created_at=old)
    out = io.StringIO()
    call_command("prune_logs", "--older-than", "90d", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"calls": 1, "callbacks": 1}
    assert CallLog.objects.count() == calls - 1
    assert CallbackRecord.objects.get().processed is False
    assert ExpressOrder.objects.exists()


@pytest.mark.parametrize("age", ["0d", "90", "-1d", "soon"])
def test_an_unreadable_age_is_refused(age: str) -> None:
    with pytest.raises(CommandError):
        call_command("prune_logs", f"--older-than={age}")


def test_an_order_that_ends_while_it_is_looked_for_keeps_its_news(order: ExpressOrder) -> None:
    selected: list[str] = []

    def then_signed(execute: Any, sql: str, *rest: Any) -> Any:
        found = execute(sql, *rest)
        if sql.startswith("SELECT") and not selected:
            selected.append(sql)
            ExpressOrder.objects.update(status="signed")
        return found

    with connection.execute_wrapper(then_signed):
        sync_orders_now(order_ids=[order.pk], at=timezone.now())
    assert selected
    # Without any, the roll-ups would count its day again in every run, for ever.
    assert only_order().news_at is not None
