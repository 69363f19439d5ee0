"""What an order says, by subject; people's names, phones and addresses masked unless revealed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from config.kernel.masking import mask_address, mask_name, mask_phone
from config.kernel.numbers import link_token
from logistics.models import ExpressOrder
from logistics.queries.known_values import known_of
from logistics.states import LINK_KIND

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
    """What the one who looks may see of people; `kept` is what was masked when it was kept."""

    name: Show
    phone: Show
    address: Show
    text: Show
    kept: Callable[[Any], Any]


UNMASKED = Eyes(str, str, str, str, lambda value: value)


def masked(order: ExpressOrder) -> Eyes:
    """Names, phones and addresses masked, in prose as well."""
    known = known_of(order)
    return Eyes(mask_name, mask_phone, mask_address, known.hide, known.hide_kept)


def subjects(order: ExpressOrder, eyes: Eyes, user: Any) -> list[Subject]:
    """All there is to say; what says nothing is left out."""
    parcel = (
        _seen(order, "goods_name", eyes.text),
        *_plain(order, "goods_count", "weight", "volume"),
        _seen(order, "remark", eyes.text),
        *_plain(order, "service_type", "pay_method", "freight"),
    )
    numbers = (
        *_plain(order, "order_no", "tenant_order_no", "tenant_order_id", "waybill_no"),
        _chosen(order, "waybill_status"),
        *_plain(order, "mail_no", "cainiao_order_id"),
        Fact(_("public tracking page"), _("open the page"), _public(order)),
    )
    pick_up = (
        *_plain(order, "branch_name", "branch_code", "branch_phone"),
        _seen(order, "courier_name", eyes.name),
        _seen(order, "courier_phone", eyes.phone),
    )
    named = [
        (_("receiver"), _party(order, "receiver", eyes)),
        (_("sender"), _party(order, "sender", eyes)),
        (_("goods"), parcel),
        (_("numbers"), numbers),
        (_("ownership"), _ownership(order, user)),
        (_("pick-up"), pick_up),
        (_("cancellation"), _cancellation(order, eyes)),
    ]
    found = [(title, [fact for fact in facts if fact and fact.value]) for title, facts in named]
    return [Subject(str(capfirst(title)), facts) for title, facts in found if facts]


def moment(at: datetime | None) -> str:
    """A time as people here read it."""
    return date_format(localtime(at), "Y-m-d H:i:s") if at else ""


def page_of(row: Any, user: Any) -> str:
    """The row's own page, if this operator may see it."""
    meta = row._meta
    if not user.has_perm(f"{meta.app_label}.view_{meta.model_name}"):
        return ""
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return ""


def _party(order: ExpressOrder, side: str, eyes: Eyes) -> list[Fact | None]:
    def text(part: str) -> str:
        return getattr(order, f"{side}_{part}") or ""

    levels = [text(level) for level in ("province", "city", "district", "town")]
    facts: list[Fact | None] = [
        Fact(_("name of the person"), eyes.name(text("name"))),
        Fact(_("phone"), eyes.phone(text("phone"))),
        Fact(_("area"), " ".join(dict.fromkeys(filter(None, levels)))),
        Fact(_("address"), eyes.address(text("address"))),
    ]
    if side == "receiver" and order.receiver_address_text:
        facts.append(Fact(_("as it was given"), eyes.address(order.receiver_address_text)))
    if side == "receiver" and order.address_fallback:
        facts.append(Fact(_("read by"), _("our own table, as the address library did not answer")))
    return facts


def _ownership(order: ExpressOrder, user: Any) -> list[Fact | None]:
    rows = [(name, _related(order, name)) for name in ("tenant", "rule", "account")]
    facts: list[Fact | None] = [
        Fact(_label(order, name), str(row), page_of(row, user)) for name, row in rows if row
    ]
    if order.tenant_id is None:
        facts.append(Fact(_label(order, "tenant"), _("the platform's own parcel")))
    carrier = " ".join(filter(None, (order.cp_code, order.cp_name)))
    return [
        Fact(_("carrier"), carrier),
        *facts,
        Fact(_("mode"), _("test order: sandbox, no quota") if order.is_test else ""),
        Fact(_label(order, "created_at"), moment(order.created_at)),
        Fact(_label(order, "updated_at"), moment(order.updated_at)),
    ]


def _related(order: ExpressOrder, name: str) -> Any:
    """None where it is gone: a rule may be removed while a process still books with it."""
    try:
        return getattr(order, name)
    except ObjectDoesNotExist:
        return None


def _cancellation(order: ExpressOrder, eyes: Eyes) -> list[Fact | None]:
    return [
        Fact(_label(order, "cancel_requested_at"), moment(order.cancel_requested_at)),
        Fact(_label(order, "cancel_time"), moment(order.cancel_time)),
        _seen(order, "cancel_reason", eyes.text),
        _seen(order, "cancel_refused_reason", eyes.text),
    ]


def _label(order: ExpressOrder, name: str) -> str:
    return str(order._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _plain(order: ExpressOrder, *names: str) -> list[Fact | None]:
    return [
        Fact(_label(order, name), str(value))
        for name in names
        if (value := getattr(order, name)) is not None
    ]


def _seen(order: ExpressOrder, name: str, show: Show) -> Fact | None:
    value = getattr(order, name)
    return Fact(_label(order, name), show(value)) if value else None


def _chosen(order: ExpressOrder, name: str) -> Fact:
    display: Any = getattr(order, f"get_{name}_display")
    return Fact(_label(order, name), str(display()))


def _public(order: ExpressOrder) -> str:
    return f"{settings.PUBLIC_BASE_URL}/t/{link_token(LINK_KIND, order.pk)}"
