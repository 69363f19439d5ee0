"""What an order knows of its receiver and shop shows in no text that is shown masked."""

from __future__ import annotations

from collections.abc import Iterable

from config.kernel.masking import mask_name, mask_phone, mask_text
from delivery.models import DeliveryOrder

SHORTEST_NAME = 2
# A part of an address tells where it is by four characters with a number among them.
NUMBERED, UNNUMBERED = 4, 7
HIDDEN = "***"
NAMING = (
    "receiver_name", "receiver_phone", "receiver_address", "merchant_phone", "merchant_address",
)  # fmt: skip


def deliveries_by_id(keys: Iterable[int]) -> dict[int, DeliveryOrder]:
    """Those of these orders that there are, with what names people, in one statement."""
    wanted = set(keys)
    rows = DeliveryOrder.objects.filter(pk__in=wanted).only(*NAMING) if wanted else ()
    return {order.pk: order for order in rows}


def hide_people(order: DeliveryOrder, text: str) -> str:
    """Prose as it may be shown: numbers masked, and the order's own names and addresses."""
    if not text:
        return ""
    for address in (order.receiver_address, order.merchant_address):
        text = _without(text, address)
    for value, mask in (
        (order.receiver_name, mask_name),
        (order.receiver_phone, mask_phone),
        (order.merchant_phone, mask_phone),
    ):
        if len(value) >= SHORTEST_NAME:
            text = text.replace(value, mask(value))
    return mask_text(text)


def _without(text: str, address: str) -> str:
    """`text` without the parts of `address` that lead there; city and district stay."""
    shown, at = [], 0
    while at < len(text):
        long = 0
        while at + long < len(text) and text[at : at + long + 1] in address:
            long += 1
        part = text[at : at + long]
        if long >= UNNUMBERED or (long >= NUMBERED and any(char.isdigit() for char in part)):
            shown.append(HIDDEN)
            at += long
        else:
            shown.append(text[at])
            at += 1
    return "".join(shown)
