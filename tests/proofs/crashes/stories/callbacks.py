"""A callback has one effect, whoever dies while taking it in or handling it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from config.kernel.work import drain
from logistics.models import CallbackRecord, ExpressOrder
from logistics.services.handling import CALLBACKS
from logistics.services.syncing import sync_quiet_orders
from logistics.states import Asking, OrderStatus
from quotas.models import QuotaDetail, TenantQuota
from tests.proofs.crashes.ground import Ground
from tests.proofs.crashes.stories.steps import CREATE, asked
from tests.proofs.crashes.story import Least, Story

COURIER = {"courierName": "王师傅", "courierPhone": "13700137000"}
WEIGHED = {"freight": "12.50", "weight": "1.500"}
REPEATED_AFTER = 31 * 60


def on_its_way(ground: Ground) -> None:
    """With the carrier, where nothing happens by itself."""
    ground.book()
    ground.settle()
    ground.sandbox.hold(ground.order().order_no)


def told(status: str, **fields: Any) -> Any:
    def lay(ground: Ground) -> None:
        on_its_way(ground)
        ground.together(60)
        ground.push(status, ground.order(), **fields)
        assert CallbackRecord.objects.filter(processed=False).count() == 1

    return lay


def told_all_at_once(ground: Ground) -> None:
    """A courier assigned, the parcel picked up and weighed, weighed again: all of it waits."""
    told("dispatched", **COURIER)(ground)
    order = ground.order()
    ground.push("picked", order, **WEIGHED)
    ground.push("in_transit", order, freight="13.00", weight="1.600")


def told_while_asking(ground: Ground) -> None:
    """The pick-up order's outcome is unknown, and the carrier's scan is faster than our query."""
    ground.sandbox.fault(CREATE, "accept_then_500")
    ground.book()
    ground.work()
    order = ground.order()
    assert order.asking == Asking.CREATE
    ground.sandbox.hold(order.order_no)
    ground.push("dispatched", order, **COURIER)


def told_after_a_refusal(ground: Ground) -> None:
    """Refused, the unit given back, and carried after all."""
    ground.sandbox.fault(CREATE, "refuse")
    ground.book()
    ground.settle()
    order = ground.order()
    assert order.status == OrderStatus.EXCEPTION
    assert TenantQuota.objects.get().monthly_used == 0
    ground.together(60)
    ground.push("picked", order, **WEIGHED)


def quiet(ground: Ground) -> None:
    """The carrier picked it up and its callback got lost."""
    on_its_way(ground)
    ground.sandbox.fault("callback", "drop")
    ground.push("picked", ground.order())
    ground.together(7 * 3600)
    assert not CallbackRecord.objects.filter(processed=False).exists()


def arrives(ground: Ground) -> None:
    ground.push("dispatched", ground.order(), **COURIER)


def repeated(ground: Ground) -> None:
    """Handled, where it was stored; the carrier, unanswered, sends it once more."""
    ground.settle()
    ground.together(REPEATED_AFTER)


def before_the_query(ground: Ground) -> None:
    """The dead one's lease is over; our query, due as well, comes after the carrier's word.

    The other way round is as good, but then the timeline names the query first.
    """
    ground.jump(seconds=31)
    drain(CALLBACKS)


def handle(_: Ground) -> None:
    drain(CALLBACKS)


def look(ground: Ground) -> None:
    sync_quiet_orders(at=timezone.now())
    ground.work()


def reached(status: str, entries: int = 1, units: int = 1, lines: int = 1) -> Any:
    def check(ground: Ground) -> ExpressOrder:
        order = ground.order()
        assert order.status == status
        assert len(order.track_info or []) == entries
        assert TenantQuota.objects.get().monthly_used == units
        assert QuotaDetail.objects.count() == lines
        return order

    return check


def weighed(ground: Ground) -> None:
    order = reached("picked")(ground)
    (revision,) = order.freight_revisions.all()
    assert (revision.freight, order.freight) == (Decimal("12.50"), Decimal("12.50"))
    assert revision.weight == Decimal("1.500")


def reweighed(ground: Ground) -> None:
    order = reached("in_transit", entries=3)(ground)
    found = list(order.freight_revisions.order_by("pk").values_list("freight", flat=True))
    assert (found, order.freight) == ([Decimal("12.50"), Decimal("13.00")], Decimal("13.00"))


def settled(ground: Ground) -> None:
    order = reached("dispatched")(ground)
    assert order.cainiao_order_id
    assert order.asking is None


# Looking for work, the claim (3), the record, its order, its change, the result, the end of it.
HANDLED = Least(statements=8, commits=2, calls=0)
STORIES = (
    Story(
        "callback-arrives",
        on_its_way,
        arrives,
        reached("dispatched"),
        # Whose it is, and the record.
        Least(statements=2, commits=0, calls=0),
        repeated,
        at_the_door=True,
    ),
    Story("scan-moves", told("dispatched", **COURIER), handle, reached("dispatched"), HANDLED),
    Story(
        "scan-freight", told("picked", freight="12.50", weight="1.500"), handle, weighed, HANDLED
    ),
    Story("scans-together", told_all_at_once, handle, reweighed, HANDLED),
    Story(
        "scan-cancels",
        told("cancelled"),
        handle,
        reached("cancelled", units=0, lines=2),
        HANDLED,
    ),
    Story("scan-settles-a-pickup", told_while_asking, handle, settled, HANDLED, before_the_query),
    Story(
        "scan-draws-again",
        told_after_a_refusal,
        handle,
        reached("picked", lines=3),
        HANDLED,
    ),
    Story("quiet-order-is-asked-about", quiet, look, reached("picked"), asked(1, 0), look),
)
