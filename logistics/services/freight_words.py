"""What carriers say of freight is kept as it changed, in whatever order it is heard."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from config.kernel.text import clip
from logistics.models import FreightRevision

if TYPE_CHECKING:
    from logistics.carriers.base import Scan
    from logistics.models import ExpressOrder

# A word, and a time by the carrier's clock at which it was said.
Said = tuple[datetime, FreightRevision]


def settle_freight(
    order: ExpressOrder, scan: Scan, happened: datetime, source: str, at: datetime
) -> dict[str, Decimal]:
    """Keep a revision where freight or weight changed; the newest by the carrier's time counts.

    A word said again is no revision, but from when until when it was said is kept: another one
    that stands between, heard later, changed it and was taken back. Returns the order's change.
    """
    price, weight = scan.freight_yuan, scan.weight_kg
    if price is None and weight is None:
        return {}
    said = _said(order)
    # A callback and an answer may both bring the same word, and another one may come in between.
    if any((moment, *_word(row)) == (happened, price, weight) for moment, row in said):
        return {}
    before = next((row for moment, row in reversed(said) if moment <= happened), None)
    after = next((row for moment, row in said if moment > happened), None)
    if before is not None and _word(before) == (price, weight):
        _say_until(before, happened)
        return {}
    if after is not None and _word(after) == (price, weight):
        _say_from(after, happened)
        return {}
    _, created = FreightRevision.objects.get_or_create(
        order=order,
        source=clip(source, 200),
        defaults={
            "freight": price, "weight": weight, "event_time": happened, "created_at": at,
        },
    )  # fmt: skip
    if not created:
        return {}
    if before is not None and before == after and before.said_until is not None:
        _split(before, before.said_until, source, at)
    # Judged among revisions that speak of freight: weight alone says nothing of the price.
    newer = any(row.freight is not None and moment > happened for moment, row in said)
    return {} if newer or price is None else {"freight": price}


def _said(order: ExpressOrder) -> list[Said]:
    """Every word with the first and the last time it was said in one go, oldest first."""
    rows = order.freight_revisions.order_by("event_time", "id")
    found = [(row.event_time, row) for row in rows]
    found += [(row.said_until, row) for _moment, row in found if row.said_until is not None]
    return sorted(found, key=lambda one: (one[0], one[1].pk))


def _word(row: FreightRevision) -> tuple[Decimal | None, Decimal | None]:
    return row.freight, row.weight


def _say_until(row: FreightRevision, moment: datetime) -> None:
    if moment > (row.said_until or row.event_time):
        FreightRevision.objects.filter(pk=row.pk).update(said_until=moment)


def _say_from(row: FreightRevision, moment: datetime) -> None:
    until = row.said_until or row.event_time
    FreightRevision.objects.filter(pk=row.pk).update(event_time=moment, said_until=until)


def _split(row: FreightRevision, until: datetime, source: str, at: datetime) -> None:
    """Another word stands within its time: it was said, and said again after that one."""
    FreightRevision.objects.create(
        order_id=row.order_id, source=clip(f"again:{source}", 200), freight=row.freight,
        weight=row.weight, event_time=until, created_at=at,
    )  # fmt: skip
    FreightRevision.objects.filter(pk=row.pk).update(said_until=None)
