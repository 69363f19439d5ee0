"""A delivery's slip: what the shop sticks on the bag, whole and inside its box."""

from __future__ import annotations

import pytest

from accounts.models import Tenant
from config.kernel.printing.errors import LabelGlyphsMissing
from delivery.models import DeliveryOrder
from delivery.services.slips import draw_slip
from tests.delivery.making import make_delivery
from tests.factories import TenantFactory, issue
from tests.logistics.printed import Page, Printed, read_bars
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return TenantFactory()


def slip(order: DeliveryOrder) -> Page:
    (page,) = Printed(draw_slip(order=order)).pages
    return page


def test_a_tenant_gets_the_slip_of_its_own_order_alone(tenant: Tenant) -> None:
    order = make_delivery(tenant, goods_info='[{"name": "牛肉面", "quantity": 2}]', remark="少辣")
    url = f"/api/v1/delivery-orders/{order.order_no}/label.pdf"
    answer = TenantClient(*issue(tenant)).get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    other = TenantClient(*issue(TenantFactory())).get(url)
    assert (other.status_code, other.json()["error"]) == (404, "not_found")


def test_the_codes_are_not_on_it_and_all_else_is(tenant: Tenant) -> None:
    order = make_delivery(
        tenant, goods_info='[{"name": "牛肉面", "quantity": 2}]', remark="少辣",
        pickup_code="7319", delivery_code="8420",
    )  # fmt: skip
    page = slip(order)
    assert read_bars(page.bars) == order.order_no
    for part in (
        order.order_no, order.external_order_no, order.receiver_name, order.receiver_phone,
        order.receiver_address, order.merchant_name, order.merchant_address, "牛肉面", "少辣",
    ):  # fmt: skip
        assert part in page.text
    assert "7319" not in page.text
    assert "8420" not in page.text


def test_however_long_it_is_nothing_leaves_the_page(tenant: Tenant) -> None:
    order = make_delivery(
        tenant, receiver_address="很长的地址" * 100, merchant_address="也很长" * 150,
        remark="说" * 500, external_order_no="N" * 64, goods_info='["面"' + ',"面"' * 300 + "]",
    )  # fmt: skip
    page = slip(order)
    for line in page.written:
        assert line.x >= 0, line
        assert line.x + line.width <= page.size[0], line
        assert line.y >= 0, line
        assert line.y + line.size <= page.size[1], line


def test_characters_without_a_glyph_are_named(tenant: Tenant) -> None:
    with pytest.raises(LabelGlyphsMissing, match="😀"):
        draw_slip(order=make_delivery(tenant, receiver_name="张😀"))
