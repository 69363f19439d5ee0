"""What a delivery knows of its people, to hide it in prose.

The shop's name and the rider's are hidden nowhere in the console, nor the shop's from riders.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from config.kernel.masking import KnownValues
from delivery.models import DeliveryOrder
from delivery.places import areas_of

_PHONES = ("receiver_phone", "merchant_phone", "rider_phone")
_ADDRESSES = ("receiver_address", "merchant_address")
#: The columns that `known_of` reads.
PEOPLE = ("receiver_name", *_PHONES, *_ADDRESSES)


def known_of(order: Any) -> KnownValues:
    """Of an order, or of any row that has the columns `PEOPLE`."""
    addresses = [getattr(order, name) for name in _ADDRESSES]
    return KnownValues(
        names=[order.receiver_name],
        phones=[getattr(order, name) for name in _PHONES],
        addresses=[(address, areas_of(address)) for address in addresses],
    )


def known_values(order_ids: Iterable[int]) -> dict[int, KnownValues]:
    """Those of a page's orders, in one statement; of one that is gone nothing is known."""
    wanted = set(order_ids)
    rows = DeliveryOrder.objects.filter(pk__in=wanted).only(*PEOPLE) if wanted else ()
    return dict.fromkeys(wanted, KnownValues()) | {row.pk: known_of(row) for row in rows}
