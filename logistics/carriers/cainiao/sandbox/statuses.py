"""The ten names of our house, and how the two other dialects of the trade say the same."""

from __future__ import annotations

CREATED = "created"
DISPATCHED = "dispatched"
PICKED = "picked"
IN_TRANSIT = "in_transit"
DELIVERING = "delivering"
STATION_HOLD = "station_hold"
SIGNED = "signed"
REJECTED = "rejected"
RETURNED = "returned"
EXCEPTION = "exception"
CANCELLED = "cancelled"

TERMINAL = frozenset({SIGNED, REJECTED, RETURNED, CANCELLED})
# How far along the road; an exception has no place on it.
RANK = {
    CREATED: 0,
    DISPATCHED: 1,
    PICKED: 2,
    IN_TRANSIT: 3,
    DELIVERING: 4,
    STATION_HOLD: 5,
    SIGNED: 6,
    REJECTED: 6,
    RETURNED: 6,
    CANCELLED: 6,
}
# The app's ten states have no station and no return: those two are said in their own words and
# show what a receiver does with a status that it cannot map.
NAMES = {status: status for status in (*RANK, EXCEPTION)}
NUMBERS = {
    CREATED: "0",
    # Not a pick-up number: this dialect has no word for "a courier was assigned".
    DISPATCHED: "200",
    PICKED: "400",
    IN_TRANSIT: "500",
    DELIVERING: "600",
    STATION_HOLD: "900",
    SIGNED: "1000",
    REJECTED: "800",
    RETURNED: "1200",
    EXCEPTION: "700",
    CANCELLED: "CANCEL",
}
WORDS = {
    CREATED: "CREATE",
    # In this dialect ACCEPT is "the order was taken", in the numbers' names it is "picked up".
    DISPATCHED: "ACCEPT",
    PICKED: "GOT",
    IN_TRANSIT: "TRANSPORT",
    DELIVERING: "SENT",
    STATION_HOLD: "INBOUND",
    SIGNED: "SIGNED",
    REJECTED: "REJECTION",
    RETURNED: "RETURN",
    EXCEPTION: "ISSUE",
    CANCELLED: "CANCEL",
}
VOCABULARIES = {"names": NAMES, "numbers": NUMBERS, "words": WORDS}
UNMAPPED = "ZZ_UNMAPPED"


def meaning(said: str) -> str | None:
    """Return our name for a status in any dialect; None for one that nobody knows."""
    for vocabulary in VOCABULARIES.values():
        for status, word in vocabulary.items():
            if word == said:
                return status
    return None
