"""What Cainiao's words and numbers for a status mean to us; what is not here moves nothing.

Two vocabularies share the field: Cainiao's own numbers and names, and the carriers' older dialect
(protocols/carriers.md 1.8). An account's `status_map` adds to this table, or removes by null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: S001 3.2.3; compared with `logistics.states` by a test.
OURS: Final = (
    "created",
    "waybill_created",
    "dispatched",
    "picked",
    "in_transit",
    "delivering",
    "signed",
    "rejected",
    "exception",
    "cancelled",
)

_IN_TRANSIT = range(430, 501)

STATUS_MAP: Final[Mapping[str, str]] = {
    **{word: word for word in OURS},
    # 0-300 (ordered, warehouse, consigned) happen before a courier has it: timeline only.
    # The name of 400 is ACCEPT, "picked up"; the word ACCEPT below is another dialect's.
    "400": "picked",
    # Line haul, import, customs: the numbers between 430 and 500 are all on the way.
    **{str(number): "in_transit" for number in _IN_TRANSIT},
    "600": "delivering",
    # Not an end: 600 or 1000 may follow.
    "700": "exception",
    "800": "rejected",
    # 900 (at a station, waiting to be fetched) and 901 are not signed for and may be sent back;
    # 950 is: somebody else took it in.
    "950": "signed",
    "1000": "signed",
    # 1100 (handed to another carrier) and 1200 (on its way back) have no state of ours.
    # "The carrier accepts the order": nobody has been there yet, unlike number 400.
    "ACCEPT": "dispatched",
    "GOT": "picked",
    "ARRIVAL": "in_transit",
    "DEPARTURE": "in_transit",
    "TRANSPORT": "in_transit",
    # SENT is "sent out to the door", the carriers' word for DELIVERING.
    "SENT": "delivering",
    "DELIVERING": "delivering",
    "SIGNED": "signed",
    "SIGN": "signed",
    # Fetched from the station that took it in; INBOUND, the taking in, stays on the timeline.
    "OUTBOUND": "signed",
    "SIGNFAIL": "exception",
    "ISSUE": "exception",
    "FAILED": "exception",
    "REJECTION": "rejected",
    "REJECT": "rejected",
    # RETURN, TRANSFER, OTHER: timeline only.
}
