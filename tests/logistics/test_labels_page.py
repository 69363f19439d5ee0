"""Labels are printed by who may see full addresses, and each printing is on record."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts.services.operators import create_operator
from logistics.models import ExpressOrder
from tests.logistics.printed import Printed, read_bars
from tests.logistics.test_labels import an_order

pytestmark = pytest.mark.django_db
LIST = "admin:logistics_expressorder_changelist"


@pytest.fixture
def orders() -> list[ExpressOrder]:
    more = {"content_hash": "", "receiver_phone_hash": "", "updated_at": an_order().created_at}
    rows = [an_order(pk, tenant_order_no=f"S-{pk}", **more) for pk in (1, 2, 3)]
    return list(ExpressOrder.objects.bulk_create(rows))


def operator(role: str) -> Client:
    create_operator(username=role, role=role, password="a-long-passphrase-1")
    client = Client()
    assert client.login(username=role, password="a-long-passphrase-1")
    return client


def label(pk: int) -> str:
    return reverse("admin:logistics_expressorder_label", args=[pk])


def choose(client: Client, *pks: int) -> Any:
    return client.post(reverse(LIST), {"action": "print_labels", "_selected_action": pks})


def test_a_printed_label_is_shown_and_on_record(orders: list[ExpressOrder]) -> None:
    page = operator("support").post(label(orders[0].pk))
    assert (page.status_code, page["Content-Type"]) == (200, "application/pdf")
    assert read_bars(Printed(page.content).pages[0].bars) == orders[0].waybill_no
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.user.username) == (str(orders[0].pk), "support")
    assert "打印" in entry.change_message


def test_a_link_to_a_label_prints_nothing_and_leads_to_the_button(
    admin_client: Client, orders: list[ExpressOrder]
) -> None:
    page = admin_client.get(label(orders[0].pk), follow=True)
    assert page.redirect_chain == [
        (reverse("admin:logistics_expressorder_change", args=[orders[0].pk]), 302)
    ]
    assert "按钮" in page.content.decode()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("role", ["finance", "auditor"])
def test_who_sees_orders_masked_prints_none(role: str, orders: list[ExpressOrder]) -> None:
    client = operator(role)
    assert client.post(label(orders[0].pk)).status_code == 403
    assert "print_labels" not in client.get(reverse(LIST)).content.decode()
    assert choose(client, orders[0].pk)["Content-Type"] != "application/pdf"
    assert not LogEntry.objects.exists()


def test_a_label_that_cannot_be_printed_says_why(
    admin_client: Client, orders: list[ExpressOrder]
) -> None:
    ExpressOrder.objects.filter(pk=1).update(waybill_no=None)
    page = admin_client.post(label(1), follow=True)
    assert "还没有面单号" in page.content.decode()
    assert admin_client.post(label(99)).status_code == 404
    assert not LogEntry.objects.exists()


def test_a_selection_is_one_file_with_a_record_each(
    admin_client: Client, orders: list[ExpressOrder]
) -> None:
    page = choose(admin_client, 3, 1, 2)
    assert page["Content-Disposition"] == 'attachment; filename="labels-3.pdf"'
    numbers = [read_bars(each.bars) for each in Printed(page.content).pages]
    listed = [
        order.waybill_no for order in admin_client.get(reverse(LIST)).context["cl"].result_list
    ]
    assert numbers == listed
    assert sorted(LogEntry.objects.values_list("object_id", flat=True)) == ["1", "2", "3"]


def test_of_a_mixed_selection_what_cannot_be_printed_is_listed_and_the_rest_offered(
    admin_client: Client, orders: list[ExpressOrder]
) -> None:
    ExpressOrder.objects.filter(pk=1).update(waybill_status="invalid")
    ExpressOrder.objects.filter(pk=2).update(receiver_name="张😀")
    page = choose(admin_client, 1, 2, 3)
    text = page.content.decode()
    assert page.status_code == 200
    assert "已作废" in text
    assert "U+1F600" in text
    assert [order.pk for order in page.context["printable"]] == [3]
    assert not LogEntry.objects.exists()
    rest = choose(admin_client, *(order.pk for order in page.context["printable"]))
    assert len(Printed(rest.content).pages) == 1


def test_a_selection_of_nothing_printable_offers_no_button(
    admin_client: Client, orders: list[ExpressOrder]
) -> None:
    ExpressOrder.objects.update(waybill_no=None)
    text = choose(admin_client, 1, 2).content.decode()
    assert 'type="submit" class="default"' not in text
    assert text.count("还没有面单号") == 2
