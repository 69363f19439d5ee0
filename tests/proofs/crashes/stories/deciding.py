"""A person's word on an unknown outcome counts once, and the unit follows it."""

from __future__ import annotations

import contextlib
from typing import Any

from django.utils import timezone

from logistics.errors import NothingToDecide
from logistics.services.deciding import decide_outcome
from logistics.states import Asking
from tests.proofs.crashes.ground import Ground
from tests.proofs.crashes.stories.steps import CREATE, is_refused, is_with_the_carrier, reached
from tests.proofs.crashes.story import Least, Story


def unknown(kind: str) -> Any:
    """The pick-up order went out, and no answer came."""
    lay = reached(3, CREATE, kind)

    def laid(ground: Ground) -> None:
        lay(ground)
        assert ground.order().asking == Asking.CREATE

    return laid


def decide(*, happened: bool) -> Any:
    def act(ground: Ground) -> None:
        order = ground.order()
        parcels = ground.sandbox.state()["parcels"]
        codes = {row["tradeOrderNo"]: row["orderCode"] for row in parcels}
        decide_outcome(
            order_id=order.pk, happened=happened, at=timezone.now(),
            carrier_order_id=codes.get(order.order_no) or "",
        )  # fmt: skip

    return act


def again(act: Any) -> Any:
    """A person sees what became of it, and says it once more where it is open still."""

    def acted(ground: Ground) -> None:
        with contextlib.suppress(NothingToDecide):
            act(ground)

    return acted


IT_DID, IT_DID_NOT = decide(happened=True), decide(happened=False)
STORIES = (
    Story(
        "decided-it-happened",
        unknown("accept_then_500"),
        IT_DID,
        is_with_the_carrier,
        # The order read, locked, settled, callbacks that wait for it woken, the order woken.
        Least(statements=5, commits=1, calls=0),
        again(IT_DID),
    ),
    Story(
        "decided-it-did-not",
        unknown("drop"),
        IT_DID_NOT,
        is_refused,
        # The order read, locked, failed; the unit's line found, another one, the unit; woken.
        Least(statements=6, commits=1, calls=0),
        again(IT_DID_NOT),
    ),
)
