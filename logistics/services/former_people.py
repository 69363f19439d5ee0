"""Whom an order named before is kept with it: what was written of them goes on being masked."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from logistics.queries.known_values import AREAS, NAMING

if TYPE_CHECKING:
    from logistics.models import ExpressOrder


def with_former_people(
    order: ExpressOrder,
    changes: Mapping[str, Any],
    others: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """These `changes`, and the names, phones and addresses that they take away (`former_people`).

    An address is kept with the levels that tell where its detail begins. `others` are such values
    that the order is told of too late to hold them itself.
    """
    gone = {name: value for name, value in others.items() if value != getattr(order, name)}
    for name in (name for name in NAMING if name in changes):
        old = getattr(order, name)
        if not old or old == changes[name]:
            continue
        gone[name] = old
        if "_address" in name:
            areas = AREAS[name.partition("_")[0]]
            gone |= {area: getattr(order, area) for area in areas if getattr(order, area)}
    kept = order.former_people or []
    return {**changes, "former_people": [*kept, gone]} if gone and gone not in kept else {**changes}
