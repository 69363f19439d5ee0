"""Whom an order named before its correction, or a scan, no kept text shows to masked eyes."""

# ruff: noqa: F811 - fixtures are imported, and named again as arguments

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from logistics.models import CallbackRecord, CallLog, ExpressOrder
from logistics.services.resuming import resume_order
from tests.console.rows import make_call, make_callback, make_order
from tests.console.test_create_page import operator
from tests.logistics.conftest import (  # noqa: F401 - fixtures
    account,
    client,
    order,
    sandbox,
    tell,
    tenant,
    work,
    world,
)
from tests.platform.conftest import program_of

pytestmark = pytest.mark.django_db(transaction=True)
PROSE = "张三丰拒接，138 0013 8000，文一西路969号3幢；桐庐仓 88886666"
FORMER = ["张三丰", "0013", "969号", "88886666"]


@pytest.fixture
def corrected() -> ExpressOrder:
    order = make_order(
        status="exception", receiver_city="杭州市", receiver_address="文一西路969号3幢502室",
        receiver_address_text="杭州市文一西路969号3幢502室", sender_address="迎春南路1号",
    )  # fmt: skip
    new = {
        "receiver_name": "李四光", "receiver_phone": "13911112222", "sender_phone": "01012345678",
        "receiver_address": "浙江省杭州市解放路88号",
    }  # fmt: skip
    resume_order(order_id=order.pk, at=timezone.now(), corrections=new)
    told: dict[str, Any] = {"order_id": order.pk}
    make_call(
        ago=timedelta(), response_msg=PROSE, error_detail=PROSE, success=False,
        request_params={"note": PROSE}, response_data={"errorMsg": [PROSE]}, **told,
    )  # fmt: skip
    make_callback(raw_data={"remark": PROSE}, process_result=PROSE, **told)
    ExpressOrder.objects.update(
        remark=PROSE, status_desc=PROSE, last_track_desc=PROSE,
        track_info=[{"time": timezone.now().isoformat(), "status": None, "code": "X",
                     "desc": PROSE, "applied": False}],
    )  # fmt: skip
    return ExpressOrder.objects.get()


def pages_about(order: ExpressOrder) -> list[str]:
    call, callback = CallLog.objects.get(), CallbackRecord.objects.get()
    rows = {"expressorder": order, "calllog": call, "callbackrecord": callback}
    return [
        url
        for name, row in rows.items()
        for url in (
            reverse(f"admin:logistics_{name}_changelist"),
            reverse(f"admin:logistics_{name}_change", args=[row.pk]),
        )
    ] + [reverse("admin:logistics_expressorder_export", args=["csv"])]


def read(answer: Any) -> str:
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(body.decode())


@pytest.mark.parametrize("role", ["auditor", "finance"])
def test_no_page_and_no_file_names_whom_it_named_before(corrected: ExpressOrder, role: str) -> None:
    reader = program_of(role)
    texts = {path: reader.get(path).content.decode() for path in ("/logs", "/orders")}
    console = operator(role)
    texts |= {url: read(console.get(url)) for url in pages_about(corrected)}
    assert {url: [name for name in FORMER if name in text] for url, text in texts.items()} == {
        url: [] for url in texts
    }
    assert sum("拒接" in text for text in texts.values()) >= 6


def test_who_may_see_people_sees_the_text_as_it_is(corrected: ExpressOrder) -> None:
    page = reverse("admin:logistics_expressorder_reveal", args=[corrected.pk])
    assert PROSE in read(operator("support").post(page, follow=True))


def test_correcting_to_and_fro_keeps_each_once(corrected: ExpressOrder) -> None:
    names = ["王五郎", "李四光", "王五郎", "李四光"]
    for name in names:
        ExpressOrder.objects.update(status="exception", exception_from="created")
        resume_order(order_id=corrected.pk, at=timezone.now(), corrections={"receiver_name": name})
    former = ExpressOrder.objects.get().former_people or []
    assert former[1:] == [{"receiver_name": "李四光"}, {"receiver_name": "王五郎"}]
    assert former[0]["receiver_name"] == "张三丰"
    assert former[0]["receiver_city"] == "杭州市"


def test_a_correction_of_nobody_keeps_nothing() -> None:
    order = make_order(status="exception")
    resume_order(order_id=order.pk, at=timezone.now(), corrections={"goods_name": "茶"})
    assert ExpressOrder.objects.get().former_people is None


def test_a_courier_who_was_relieved_stays_hidden(tell: Callable[..., ExpressOrder]) -> None:
    tell("dispatched", courierName="李阿大", courierPhone="13755556666")
    order = tell("picked", 5, courierName="周阿二", courierPhone="13766667777",
                 statusDesc="李阿大已交接给周阿二")  # fmt: skip
    assert order.courier_name == "周阿二"
    page = reverse("admin:logistics_expressorder_change", args=[order.pk])
    text = read(operator("auditor").get(page))
    assert "已交接给" in text
    assert "李阿大" not in text
    assert "周阿二" not in text


def test_a_courier_named_too_late_stays_hidden(tell: Callable[..., ExpressOrder]) -> None:
    tell("delivering", 5, courierName="周阿二", courierPhone="13766667777")
    late = {"courierName": "李阿大", "courierPhone": "13755556666", "statusDesc": "李阿大已揽收"}
    for _ in range(2):
        order = tell("picked", 2, **late)
    assert (order.courier_name, order.courier_phone) == ("周阿二", "13766667777")
    assert order.former_people == [{"courier_name": "李阿大", "courier_phone": "13755556666"}]
    page = reverse("admin:logistics_expressorder_change", args=[order.pk])
    text = read(operator("auditor").get(page))
    assert "已揽收" in text
    assert "李阿大" not in text


def test_pages_read_former_people_with_the_order(corrected: ExpressOrder) -> None:
    console = operator("auditor")
    url = reverse("admin:logistics_calllog_changelist")
    console.get(url)
    with CaptureQueriesContext(connection) as seen:
        console.get(url)
    assert len([q for q in seen if "platform_express_orders" in q["sql"]]) == 1
