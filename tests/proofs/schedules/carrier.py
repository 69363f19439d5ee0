"""The carrier and the wire: every fault that the sandbox knows, repeats, forgeries, strangers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from config.sandbox.faults import CALLBACK_KINDS, REQUEST_KINDS
from logistics.carriers.cainiao.sandbox.callbacks import FAULTS
from logistics.carriers.cainiao.sandbox.gateway import MESSAGES, REQUEST_FAULTS
from tests.proofs.schedules.cast import APP_KEY
from tests.proofs.schedules.wire import TROUBLES

if TYPE_CHECKING:
    from tests.proofs.schedules.simulation import Simulation

REQUESTS = sorted(REQUEST_KINDS | REQUEST_FAULTS)
CALLBACKS = sorted(CALLBACK_KINDS | FAULTS)
# Where a lost answer matters most comes up most.
POINTS = (
    *("TMS_CREATE_ORDER_OFFLINE_NOTIFY",) * 4, *("TMS_ORDER_CANCEL",) * 3,
    *("TMS_WAYBILL_GET",) * 2, *("GUOGUO_QUERY_SEND_ORDER_FULL_DETAIL",) * 2, "*",
    "ADDRLIB_DIV_FULLPARSE", "TMS_DISPATCH_FIND_SEND_BRANCH",
)  # fmt: skip
assert set(POINTS) - {"*"} <= set(MESSAGES)
CODES = ("BUSINESS_REFUSED", "S99", "CAPACITY", "ORDER_PICKED")
URL = "http://localhost/api/platform/cainiao/callback"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}


def spoil_requests(sim: Simulation) -> str:
    point, kind = sim.dice.choice(POINTS), sim.dice.choice(REQUESTS)
    fields: dict[str, object] = {"times": sim.dice.choice((1, 1, 2, 5))}
    if kind in {"delay", "accept_then_timeout", "timeout_before"}:
        fields["delay_s"] = sim.dice.choice((1, 6, 9.5, 15))
    if kind == "delay":
        # What arrives after its sender gave up is the wire's affair, which bounds how late.
        fields["delay_s"] = sim.dice.choice((1, 6, 9.5))
    if kind == "drip":
        fields["delay_s"] = sim.dice.choice((0.001, 0.3))
    if kind == "refuse":
        fields["errorCode"] = sim.dice.choice(CODES)
    sim.cast.control("POST", "faults", on=point, kind=kind, **fields)
    return f"{point} {kind} {fields}"


def spoil_callbacks(sim: Simulation) -> str:
    kind = sim.dice.choice(CALLBACKS)
    fields: dict[str, object] = {"times": sim.dice.choice((1, 2, 4))}
    if kind in {"delay", "reorder"}:
        fields["delay_s"] = sim.dice.choice((5, 600, 5 * 3600))
    sim.cast.control("POST", "faults", on="callback", kind=kind, **fields)
    return f"{kind} {fields}"


def spoil_wire(sim: Simulation) -> str:
    sim.cast.wire.troubles += sim.dice.choices(TROUBLES, k=sim.dice.randint(1, 3))
    return ", ".join(sim.cast.wire.troubles)


def deafen(sim: Simulation) -> str:
    """Our acknowledgements get lost for a while, so the carrier repeats itself."""
    sim.cast.door.deaf = sim.dice.choice((0.0, 0.0, 0.3, 1.0))
    return str(sim.cast.door.deaf)


def push_again(sim: Simulation) -> str | None:
    """Something said long ago is said once more, byte for byte."""
    if not sim.cast.door.sent:
        return None
    url, body, headers = sim.dice.choice(sim.cast.door.sent)
    sim.cast.door.deliver(url, body, headers)
    return "repeated"


def forge(sim: Simulation) -> str:
    """Somebody who does not know the secret says that a parcel was signed for."""
    known = sim.pick()
    content = {"tradeOrderNo": known.order_no if known else "EX1", "status": "signed"}
    form = {"logistics_interface": json.dumps(content), "data_digest": "Zm9yZ2Vk", "msg_type": "X"}
    sim.cast.door.deliver(URL, urlencode(form).encode(), FORM)
    return "refused"


def speak_of_strangers(sim: Simulation) -> str:
    """A verified callback about an order that nobody here knows."""
    number = f"STRANGER{sim.dice.randrange(10**6)}"
    fields = {"tradeOrderNo": number, "orderCode": f"LP{number}", "app_key": APP_KEY}
    sim.cast.control("POST", "push", status="picked", **fields)
    return number


def hold(sim: Simulation) -> str | None:
    known = sim.pick()
    parcel = sim.cast.parcel(known.order_no, is_test=known.owner.is_test) if known else None
    if known is None or parcel is None:
        return None
    verb = "release" if parcel.held else "hold"
    sim.cast.control("POST", verb, tradeOrderNo=known.order_no)
    return f"{verb} {known.label}"


ACTIONS = {
    "spoil requests": (9, spoil_requests),
    "spoil callbacks": (6, spoil_callbacks),
    "spoil wire": (5, spoil_wire),
    "deafen": (2, deafen),
    "push again": (3, push_again),
    "forge": (1, forge),
    "strangers": (1, speak_of_strangers),
    "hold or release": (1, hold),
}
