"""Callbacks of an ended order, replayed by many at once while workers run: no second effect."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from config.kernel.work import drain
from logistics.models import CallbackRecord, ExpressOrder, FreightRevision
from logistics.services import replaying
from logistics.services.handling import CALLBACKS
from logistics.services.replaying import replay_callback
from quotas.models import QuotaDetail, TenantQuota
from quotas.queries import find_discrepancies
from tests.logistics.conftest import only_order
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
Tell = Callable[..., ExpressOrder]
WAY = ("dispatched", "picked", "in_transit", "exception", "signed", "cancelled", "dispatched")


def whole() -> list[Any]:
    order = only_order()
    names = ("status", "track_info", "sign_time", "cancel_time", "waybill_status", "asking",
             "cancel_requested_at", "freight", "exception_reason")  # fmt: skip
    return [
        *(getattr(order, name) for name in names),
        QuotaDetail.objects.count(),
        TenantQuota.objects.get().monthly_used,
        FreightRevision.objects.count(),
    ]


def test_an_ended_order_stays_as_it_is(tell: Tell, work: Callable[..., None]) -> None:
    for minutes, status in enumerate(WAY):
        tell(status, minutes)
    before = whole()
    assert before[0] == "signed"
    at = timezone.now()
    keys = list(CallbackRecord.objects.values_list("pk", flat=True)) * 2
    replays = [partial(replay_callback, record_id=key, at=at) for key in keys]
    results = race([*replays, *[partial(drain, CALLBACKS, threads=1)] * 3])
    assert not [result for result in results if isinstance(result, Exception)]
    work()
    assert whole() == before
    assert not CallbackRecord.objects.exclude(due_at=None, processed=True).exists()
    assert list(find_discrepancies()) == []


def test_the_courier_of_an_earlier_scan_takes_no_later_ones_place(tell: Tell, work: Any) -> None:
    tell("dispatched", courierName="李阿大", courierPhone="13755556666")
    told = tell("delivering", 5, courierName="周阿二", courierPhone="13766667777")
    assert (told.courier_name, told.courier_phone) == ("周阿二", "13766667777")
    first = CallbackRecord.objects.order_by("pk")[0]
    replay_callback(record_id=first.pk, at=timezone.now())
    work()
    told = only_order()
    assert (told.courier_name, told.courier_phone) == ("周阿二", "13766667777")


def test_a_deadlocks_victim_is_replayed_all_the_same(
    tell: Tell, work: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    tell("dispatched")
    record, victims, whole = CallbackRecord.objects.get(), [1], replaying.replay

    def once(*args: Any, **named: Any) -> None:
        if victims:
            victims.pop()
            raise OperationalError(1213, "Deadlock found")
        whole(*args, **named)

    monkeypatch.setattr(replaying, "replay", once)
    replay_callback(record_id=record.pk, at=timezone.now())
    assert CallbackRecord.objects.get().due_at is not None
