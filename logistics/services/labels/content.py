"""What stands on a label, as plain texts: read off an order, free of what no printer can show."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from logistics.errors import WaybillAbsent, WaybillVoid
from logistics.states import WaybillStatus

if TYPE_CHECKING:
    from logistics.models import ExpressOrder, ExpressRule

# The words of seed 3.2.2; others are shown as they are.
PAYMENTS = {"PREPAY": "预付", "COLLECT": "到付"}
SERVICES = {"STANDARD": "标准快递"}
_LEVELS = ("province", "city", "district", "town")


@dataclass(frozen=True, slots=True)
class Side:
    """Who sends or receives; `place` are the levels of the address, `detail` the rest."""

    name: str
    phone: str
    place: str
    detail: str


@dataclass(frozen=True, slots=True)
class Label:
    """The texts of one label; an empty one leaves its place empty."""

    waybill_no: str
    carrier: str
    carrier_code: str
    destination: str
    receiver: Side
    sender: Side
    branch: str
    goods: str
    pieces: str
    weight: str
    volume: str
    remark: str
    service: str
    payment: str
    order_no: str
    tenant_order_no: str
    created_on: str
    is_test: bool

    def texts(self) -> list[str]:
        """All that is drawn with the font."""
        own = [getattr(self, field.name) for field in fields(self)]
        sides = [getattr(side, part.name) for side in (self.receiver, self.sender)
                 for part in fields(side)]  # fmt: skip
        return [text for text in [*own, *sides] if isinstance(text, str)]


def label_of(order: ExpressOrder) -> Label:
    """The label of an order.

    :raises WaybillAbsent, WaybillVoid: it has no number to print.
    """
    if not order.waybill_no:
        raise WaybillAbsent(order_no=order.order_no)
    if order.waybill_status == WaybillStatus.INVALID:
        raise WaybillVoid(order_no=order.order_no, waybill_no=order.waybill_no)
    receiver, sender = side_of(order, "receiver"), side_of(order, "sender")
    pay, service = order.pay_method or "", order.service_type or ""
    return Label(
        waybill_no=order.waybill_no,
        carrier=printable(order.cp_name or order.cp_code),
        carrier_code=printable(order.cp_code),
        destination=_destination(order),
        receiver=receiver,
        sender=sender,
        branch=" ".join(
            filter(None, map(printable, (order.branch_name, order.branch_code, order.branch_phone)))
        ),
        goods=printable(order.goods_name),
        pieces=str(order.goods_count or 1),
        weight=_measure(order.weight, "kg"),
        volume=_measure(order.volume, "m³"),
        remark=printable(order.remark),
        service=SERVICES.get(service, printable(service)),
        payment=PAYMENTS.get(pay, printable(pay)),
        order_no=order.order_no,
        tenant_order_no=printable(order.tenant_order_no),
        created_on=timezone.localtime(order.created_at, timezone.get_default_timezone()).strftime(
            "%Y-%m-%d"
        ),
        is_test=order.is_test,
    )


def side_of(row: ExpressOrder | ExpressRule, side: str) -> Side:
    """The `sender` or `receiver` of an order, or the `sender` of a rule, as a label shows it."""

    def part(name: str) -> str:
        return printable(getattr(row, f"{side}_{name}"))

    # A municipality is not said twice, nor is what the address itself begins with.
    levels = dict.fromkeys(filter(None, map(part, _LEVELS)))
    place, detail = "".join(levels), part("address")
    return Side(part("name"), part("phone"), "" if detail.startswith(place) else place, detail)


def printable(text: str | None) -> str:
    """One line, composed, without characters that have no shape (joiners, selectors, controls)."""
    composed = unicodedata.normalize("NFC", text or "")
    shown = "".join(" " if _is_blank(each) else each for each in composed if not _is_unseen(each))
    return " ".join(shown.split())


def _is_blank(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cc"


def _is_unseen(character: str) -> bool:
    selector = 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF
    return selector or unicodedata.category(character) == "Cf"


def _destination(order: ExpressOrder) -> str:
    """What a sorter reads from afar."""
    levels = [printable(getattr(order, f"receiver_{level}")) for level in _LEVELS[:3]]
    return " ".join(dict.fromkeys(filter(None, levels)))


def _measure(value: Decimal | None, unit: str) -> str:
    return f"{value.normalize():f} {unit}" if value else ""
