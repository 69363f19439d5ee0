"""What an express order knows of its people, whom it named before included, to hide it in prose."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from config.kernel.masking import KnownValues
from logistics.models import ExpressOrder

_LEVELS = ("province", "city", "district", "town")
_NAMES = ("receiver_name", "sender_name", "courier_name")
_PHONES = ("receiver_phone", "sender_phone", "courier_phone")
_ADDRESSES = ("receiver_address", "receiver_address_text", "sender_address")
#: The columns that name people, and those that tell where in an address its detail begins.
NAMING: Final = (*_NAMES, *_PHONES, *_ADDRESSES)
AREAS: Final = {
    side: tuple(f"{side}_{level}" for level in _LEVELS) for side in ("receiver", "sender")
}
#: The columns that `known_of` reads.
PEOPLE: Final = (*NAMING, *AREAS["receiver"], *AREAS["sender"], "former_people")


def known_of(order: Any) -> KnownValues:
    """Of an order, or of any row that has the columns `PEOPLE`."""
    named = [{name: getattr(order, name) for name in PEOPLE[:-1]}, *(order.former_people or ())]
    return KnownValues(
        names=[people.get(name) for people in named for name in _NAMES],
        phones=[people.get(name) for people in named for name in _PHONES],
        addresses=[
            (people.get(name), [people.get(area) for area in AREAS[name.partition("_")[0]]])
            for people in named
            for name in _ADDRESSES
        ],
    )


def known_values(order_ids: Iterable[int | None]) -> dict[int | None, KnownValues]:
    """Those of a page's orders, in one statement; of no order nothing is known."""
    wanted = {order_id for order_id in order_ids if order_id is not None}
    rows = ExpressOrder.objects.filter(pk__in=wanted).only(*PEOPLE) if wanted else ()
    found: dict[int | None, KnownValues] = dict.fromkeys((None, *wanted), KnownValues())
    return found | {row.pk: known_of(row) for row in rows}
