"""Two operators on one order at one moment: one wins, the other is told; real threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts.services.operators import create_operator
from logistics.models import ExpressOrder
from quotas.models import QuotaDetail, TenantQuota
from quotas.queries import find_discrepancies
from tests.console.rows import make_order
from tests.factories import QuotaFactory
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


def operators(count: int) -> list[Client]:
    consoles = []
    for number in range(count):
        user, _ = create_operator(
            username=f"op{number}", role="operations", password="Operator-pass-1"
        )
        console = Client()
        console.force_login(user)
        consoles.append(console)
    return consoles


def press(console: Client, order: ExpressOrder, action: str, **fields: str) -> Callable[[], Any]:
    def run() -> tuple[str, str]:
        url = reverse("admin:logistics_expressorder_act", args=[order.pk, action])
        answer = console.post(url, {"reason": "同时处理", **fields})
        assert answer.status_code == 302
        *_earlier, message = get_messages(answer.wsgi_request)
        return message.level_tag, str(message)

    return run


def outcome(results: list[Any]) -> tuple[int, list[str]]:
    assert not [result for result in results if isinstance(result, Exception)], results
    won = sum(level == "success" for level, _text in results)
    return won, [text for level, text in results if level == "error"]


@pytest.mark.parametrize(
    ("action", "columns", "after", "number"),
    [
        ("cancel", {}, {"status": "cancelled"}, ""),
        ("cancel", {"status": "waybill_created", "cainiao_order_id": "LP1"},
         {"cancel_reason": "同时处理"}, ""),
        ("resume", {"status": "exception"}, {"status": "created"}, ""),
        ("resume", {"asking": "create"}, {"asking": "create"}, ""),
        ("decide", {"asking": "create"}, {"cainiao_order_id": "LP-9"}, "LP-9"),
    ],
    ids=str,
)  # fmt: skip
def test_one_wins_and_the_others_are_told(
    action: str, columns: dict[str, Any], after: dict[str, Any], number: str
) -> None:
    consoles = operators(3)
    decision = {"happened": "yes", "carrier_order_id": number} if number else {}
    for _ in range(ROUNDS):
        made = make_order(**columns)
        results = race([press(console, made, action, **decision) for console in consoles])
        won, told = outcome(results)
        assert won == 1, results
        assert len(told) == 2
        assert all(made.order_no in text for text in told)
        made.refresh_from_db()
        assert {name: getattr(made, name) for name in after} == after
        assert LogEntry.objects.filter(object_id=str(made.pk)).count() == 1


def test_of_cancelling_and_resuming_at_once_no_unit_is_lost_or_returned_twice() -> None:
    quota = QuotaFactory(monthly_free_quota=100)
    consoles = operators(4)
    for _ in range(ROUNDS):
        made = make_order(tenant=quota.tenant, status="exception")
        wishes = ["cancel", "resume", "cancel", "resume"]
        results = race(
            [press(console, made, wish) for console, wish in zip(consoles, wishes, strict=True)]
        )
        outcome(results)
        made.refresh_from_db()
        assert made.status in {"cancelled", "created"}
        held = sum(QuotaDetail.objects.filter(order_id=made.pk).values_list("used_num", flat=True))
        assert held == (1 if made.status == "created" else 0)
    assert list(find_discrepancies()) == []
    assert TenantQuota.objects.get().monthly_used == (
        ExpressOrder.objects.filter(status="created").count()
    )
