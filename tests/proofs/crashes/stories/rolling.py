"""A day's roll-up is what its orders add up to, whoever dies while counting it."""

from __future__ import annotations

from django.utils import timezone

from logistics.models import DailyTotals, RolledDay
from logistics.queries.reports.proof import all_days, find_differences
from logistics.services.rolling import roll_up
from tests.proofs.crashes.ground import Ground
from tests.proofs.crashes.story import Least, Part, Story


def booked(ground: Ground) -> None:
    for remark in ("一", "二"):
        ground.book(remark=remark)
    ground.settle()


def counted_and_moved(ground: Ground) -> None:
    """Its rows stand already, and one of its orders is in another state by now."""
    booked(ground)
    count(ground)
    ground.push("signed", ground.orders()[0], freight="12.50", weight="1.2")
    ground.settle()
    ground.jump(minutes=2)


def count(_: Ground) -> None:
    roll_up(at=timezone.now())


def in_states(**states: int) -> Part:
    def check(_: Ground) -> None:
        assert list(find_differences(all_days())) == []
        assert not RolledDay.objects.filter(stale_at__isnull=False).exists()
        assert dict(DailyTotals.objects.values_list("status", "orders")) == states

    return check


STORIES = (
    Story(
        "roll-up-first-day",
        booked,
        count,
        in_states(waybill_created=2),
        # Looked for, marked; the day locked, counted, both tables' rows, the day.
        Least(statements=10, commits=2, calls=0),
        count,
    ),
    Story(
        "roll-up-again",
        counted_and_moved,
        count,
        in_states(waybill_created=1, signed=1),
        # A look into each state, and of both tables a row corrected and one more.
        Least(statements=20, commits=2, calls=0),
        count,
    ),
)
