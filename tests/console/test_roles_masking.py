"""Finance and auditors read every page there is and never a whole name, phone or address.

The rows come from the real way: booked by a tenant, carried by the sandbox, scanned, corrected,
refused. Every link of the console is followed from the home page on, files included. Carriers and
operators name people in prose, with a label before it (收件人：…) and without.
"""

# ruff: noqa: F811 - fixtures are imported, and named again as arguments

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.services.operators import create_operator
from config.kernel import audit
from logistics.models import CallbackRecord, CallLog, ExpressOrder
from tests.console.test_roles import browser_of
from tests.logistics.conftest import (  # noqa: F401 - fixtures
    PARCEL,
    URL,
    account,
    client,
    order,
    sandbox,
    tell,
    tenant,
    work,
    world,
)
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
MOST_FILTERS = 1
SECRET = {
    "receiver's name": "张三丰", "receiver's phone": "13800138000", "address": "文一西路969号",
    "sender's phone": "0571-88886666", "sender's address": "迎春南路1号",
    "spaced address": "文一西路 9", "spaced phone": "138 0013", "phone without area": "88886666",
    "second name": "欧阳修远", "second phone": "13911112222", "second address": "解放路88号",
    "courier": "李阿大", "courier's phone": "13755556666",
}  # fmt: skip
PROSE = "收件人张三丰 在文一西路 ９６９号拒接，尾号 138 0013-8000；寄件方88886666，迎春南路1号"
LEAVES = re.compile(r"/(logout|jsi18n|password_change|i18n)/")
LINK = re.compile(r"""(?:href|action)=["']([^"'#]+)""")


def name_in_prose(order: ExpressOrder) -> None:
    """Wherever a text is kept that somebody may have written."""
    texts = ("remark", "goods_name", "status_desc", "exception_reason", "last_track_desc",
             "cancel_reason", "cancel_refused_reason")  # fmt: skip
    ExpressOrder.objects.filter(pk=order.pk).update(
        **dict.fromkeys(texts, PROSE), cancel_requested_at=order.created_at
    )
    calls = CallLog.objects.filter(order_id=order.pk)
    said = {"errorMsg": PROSE, "inner": json.dumps({"note": [PROSE]}, ensure_ascii=False)}
    assert calls.update(
        response_msg=PROSE, error_detail=PROSE, request_params=said, response_data=said
    )
    CallbackRecord.objects.filter(order=order).update(process_result=PROSE)
    audit.record(
        user=create_operator(username="clerk", role="support", password="Tonglu-2026!")[0],
        row=order, what="备注", why=PROSE,
    )  # fmt: skip


@pytest.fixture
def told(
    client: TenantClient, order: ExpressOrder, tell: Callable[..., ExpressOrder], work: Any
) -> ExpressOrder:
    """An order that has all there is to show, and a second one that was corrected."""
    tell("GOT", 1, courierName=SECRET["courier"], courierPhone=SECRET["courier's phone"],
         freight="9.50", weight="1.3")  # fmt: skip
    tell("ISSUE", 2, statusDesc="13800138000拒接，收件人：张三丰，地址：文一西路969号")
    tell("ISSUE", 3, statusDesc=PROSE)
    order.refresh_from_db()
    assert PROSE in str(order.track_info)
    name_in_prose(order)
    client.post(URL, {**PARCEL, "receiver_address": "不知道哪里"})
    work()
    wrong = ExpressOrder.objects.latest("id")
    assert wrong.status == "exception"
    desk, _ = create_operator(username="desk", role="operations", password="Tonglu-2026!")
    browser = Client()
    browser.force_login(desk)
    page = reverse("admin:logistics_expressorder_correct", args=[wrong.pk])
    form = browser.get(page).context["form"]
    given = {name: form[name].value() or "" for name in form.fields}
    given |= {"receiver_name": SECRET["second name"], "receiver_phone": SECRET["second phone"],
              "receiver_address": "浙江省杭州市余杭区" + SECRET["second address"],
              "reason": "客户来电更正"}  # fmt: skip
    assert browser.post(page, given).status_code == 302
    for name in ("reveal", "label"):
        browser.post(reverse(f"admin:logistics_expressorder_{name}", args=[wrong.pk]))
    wrong.refresh_from_db()
    assert wrong.receiver_name == SECRET["second name"]
    assert CallLog.objects.exists()
    assert CallbackRecord.objects.exists()
    return wrong


def read(answer: Any) -> str:
    """All text of an answer: pages, streamed files, workbooks unpacked."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body[:2] == b"PK":
        book = zipfile.ZipFile(io.BytesIO(body))
        return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return unescape(body.decode("utf-8", "replace"))


def kind_of(page: str) -> tuple[str, ...]:
    """Lists filtered by the same fields are one page, whatever they are filtered for."""
    parts = urlsplit(page)
    names = set(parse_qs(parts.query, keep_blank_values=True)) - {"_changelist_filters", "next"}
    return (parts.path, *sorted(names))


def crawl(browser: Client) -> dict[str, str]:
    """Address -> text of every kind of page that can be come to by links alone."""
    ahead, pages, seen = [reverse("admin:index")], {}, set()
    while ahead:
        page = ahead.pop(0)
        if kind_of(page) in seen or len(kind_of(page)) > MOST_FILTERS + 1:
            continue
        seen.add(kind_of(page))
        answer = browser.get(page)
        if answer.status_code in {301, 302}:
            ahead.append(urljoin(page, answer["Location"]))
        if answer.status_code != 200:
            continue
        pages[page] = read(answer)
        for link in LINK.findall(pages[page]):
            onward = urljoin(page, link)
            if urlsplit(onward).path.startswith("/admin/") and not LEAVES.search(onward):
                ahead.append(onward)
    return pages


@pytest.mark.parametrize("who", ["finance", "auditor"])
def test_no_page_shows_a_person_whole(who: str, told: ExpressOrder) -> None:
    pages = crawl(browser_of(who))
    shown = [
        (page, what) for page, text in pages.items() for what, value in SECRET.items()
        if value in text
    ]  # fmt: skip
    assert shown == []
    opened = {page.split("?")[0] for page in pages}
    for name in ("expressorder", "calllog", "callbackrecord", "expressrule", "freightrevision"):
        assert any(re.fullmatch(rf"/admin/logistics/{name}/\d+/change/", page) for page in opened)
    assert any("export.csv" in page for page in opened)
    assert reverse("admin:logistics_expressorder_history", args=[told.pk]) in opened


def test_who_needs_them_is_shown_them_when_asked(told: ExpressOrder) -> None:
    browser = browser_of("support")
    page = reverse("admin:logistics_expressorder_reveal", args=[told.pk])
    text = read(browser.post(page, follow=True))
    assert SECRET["second phone"] in text
    assert SECRET["second name"] in text


def test_prose_is_whole_where_people_are_shown_in_full(told: ExpressOrder) -> None:
    order = ExpressOrder.objects.exclude(pk=told.pk).get()
    page = reverse("admin:logistics_expressorder_reveal", args=[order.pk])
    assert PROSE in read(browser_of("support").post(page, follow=True))
