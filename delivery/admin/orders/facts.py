"""What a delivery says, by subject; people's names, phones and addresses masked unless revealed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from config.kernel.masking import mask_address, mask_name, mask_phone
from delivery.models import DeliveryOrder
from delivery.queries.known_values import known_of
from delivery.queries.tracking import tracking_url
from delivery.services.goods import goods_lines

Show = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what it says; `url` where there is a page about it."""

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """Facts that belong together."""

    title: str
    facts: list[Fact]


@dataclass(frozen=True, slots=True)
class Eyes:
    """What the one who looks may see of people."""

    name: Show
    phone: Show
    address: Show
    text: Show


UNMASKED = Eyes(str, str, str, str)


def masked(order: DeliveryOrder) -> Eyes:
    """Names, phones and addresses masked, in prose as well."""
    return Eyes(mask_name, mask_phone, mask_address, known_of(order).hide)


def subjects(order: DeliveryOrder, eyes: Eyes, user: Any) -> list[Subject]:
    """All there is to say; what says nothing is left out."""
    shop = [
        Fact(_label("merchant_name"), order.merchant_name),
        Fact(_("phone"), eyes.phone(order.merchant_phone)),
        Fact(_("address"), eyes.address(order.merchant_address)),
        Fact(_label("pickup_code"), _code(order.pickup_code)),
    ]
    receiver = [
        Fact(_("name of the person"), eyes.name(order.receiver_name)),
        Fact(_("phone"), eyes.phone(order.receiver_phone)),
        Fact(_("address"), eyes.address(order.receiver_address)),
        Fact(_label("delivery_code"), _code(order.delivery_code)),
    ]
    rider = [
        Fact(_("name of the person"), order.rider_name or "", _rider_page(order, user)),
        Fact(_("phone"), eyes.phone(order.rider_phone or "")),
        Fact(_label("attempt"), str(order.attempt or "")),
    ]
    goods = [
        Fact(_label("goods_info"), eyes.text(goods_lines(order.goods_info))),
        Fact(_label("weight"), _number(order.weight)),
        Fact(_label("remark"), eyes.text(order.remark)),
    ]
    money = [Fact(_label(n), str(getattr(order, n))) for n in
             ("goods_amount", "delivery_fee", "total_amount")]  # fmt: skip
    ownership = [
        Fact(_label("order_no"), order.order_no),
        Fact(_label("external_order_no"), order.external_order_no),
        Fact(_label("tenant"), str(order.tenant), _page("accounts", "tenant", order, user)),
        Fact(_("mode"), _("test order: rehearsed, no rider is asked") if order.is_test else ""),
        Fact(_label("callback_url"), order.callback_url or ""),
        Fact(_("public tracking page"), _("open the page"), tracking_url(order)),
    ]
    times = [
        Fact(_label(name), moment(getattr(order, name)))
        for name in ("created_at", "promised_at", "accepted_at", "arrived_at", "picked_up_at",
                     "delivered_at", "cancelled_at", "closed_at")
    ]  # fmt: skip
    named = [
        (_("shop"), shop), (_("receiver"), receiver), (_("rider"), rider), (_("goods"), goods),
        (_("amounts (yuan)"), money), (_("ownership"), ownership), (_("times"), times),
    ]  # fmt: skip
    found = [(title, [fact for fact in facts if fact.value]) for title, facts in named]
    return [Subject(str(capfirst(title)), facts) for title, facts in found if facts]


def moment(at: datetime | None) -> str:
    """A time as people here read it."""
    return date_format(localtime(at), "Y-m-d H:i:s") if at else ""


def _code(code: str | None) -> str:
    """Whoever reads a code could use it: only that there is one."""
    return _("set") if code else ""


def _number(value: Any) -> str:
    return f"{value.normalize():f}" if value is not None else ""


def _rider_page(order: DeliveryOrder, user: Any) -> str:
    if order.rider_id is None or not user.has_perm("delivery.view_rider"):
        return ""
    return reverse("admin:delivery_rider_change", args=[order.rider_id])


def _page(app: str, model: str, order: DeliveryOrder, user: Any) -> str:
    if not user.has_perm(f"{app}.view_{model}"):
        return ""
    try:
        return reverse(f"admin:{app}_{model}_change", args=[getattr(order, f"{model}_id")])
    except NoReverseMatch:
        return ""


def _label(name: str) -> str:
    return str(DeliveryOrder._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
