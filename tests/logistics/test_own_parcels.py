"""The platform's own parcels: one number, one parcel, through whichever door, at once or not."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from logistics.errors import OrderDiffers
from logistics.models import ExpressOrder
from logistics.services import carrying
from logistics.services.booking import Booked
from logistics.services.drafts import Draft, read_draft
from logistics.services.own_parcels import book_for
from tests.factories import AccountFactory, RuleFactory
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("张三", "李四", "王五")


@pytest.fixture(autouse=True)
def house() -> None:
    AccountFactory()
    RuleFactory()


def fields(number: str, name: str) -> dict[str, Any]:
    return {
        "tenant_order_no": number, "receiver_name": name, "receiver_phone": "13800138000",
        "receiver_address": "浙江省杭州市余杭区文一西路969号",
    }  # fmt: skip


def book(draft: Draft) -> Booked:
    return book_for(draft=draft, tenant_id=None, at=timezone.now(), created_by=1)


def test_of_several_at_once_under_one_number_one_is_booked() -> None:
    for turn in range(8):
        drafts = [read_draft(fields(f"P-{turn}", name)) for name in NAMES]
        results = race([partial(book, draft) for draft in drafts])
        assert sum(isinstance(result, Booked) for result in results) == 1, results
        assert sum(isinstance(result, OrderDiffers) for result in results) == 2, results
        assert ExpressOrder.objects.filter(tenant_order_no=f"P-{turn}").count() == 1


def test_the_same_once_more_is_the_same_and_other_content_is_refused() -> None:
    first = book(read_draft(fields("P-1", "张三")))
    again = book(read_draft(fields("P-1", "张三")))
    assert (first.created, again.created, again.order.pk) == (True, False, first.order.pk)
    with pytest.raises(OrderDiffers):
        book(read_draft(fields("P-1", "李四")))


def test_the_console_knows_the_numbers_that_programs_used(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "_work", lambda *_: None)
    book(read_draft(fields("P-1", "张三")))
    page = reverse("admin:logistics_expressorder_add")
    entered = {**fields("P-1", "李四"), "goods_count": 1, "_book": "1"}
    answer = admin_client.post(page, {**entered, "request_key": "0" * 32})
    assert answer.status_code == 200
    assert answer.context["form"].errors["tenant_order_no"]
    assert ExpressOrder.objects.count() == 1
    # What the program booked is found, whatever the page's own key.
    admin_client.post(page, {**entered, "receiver_name": "张三", "request_key": "1" * 32})
    assert ExpressOrder.objects.count() == 1
