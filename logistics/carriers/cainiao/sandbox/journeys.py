"""A journey is a list of steps with the time between them; the same parcel always gets the same.

In life a parcel is signed about 26 hours after it was ordered. Where the world asks for a short
journey the steps are spread evenly over it, so that each can be seen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from logistics.carriers.cainiao.sandbox import statuses

MINUTE = 60.0
HOUR = 3600.0
LIFE = 26 * HOUR
RETRY_AFTER = (30 * MINUTE, 60 * MINUTE, 120 * MINUTE)
CANCEL_TOLD_AFTER = 30.0
JITTER = 0.15

SIGNED = "signed"
NONE = "none"
# What can be asked for by control, or by `#name` in a remark.
ENDINGS = {
    SIGNED: "everything goes well",
    "rejected": "the receiver refuses it at the door",
    "exception": "held up on the road, then recovered and signed",
    "pickup_failed": "the first pick-up fails, another courier comes later",
    "station": "left at a station, collected there",
    "returned": "nobody is reached, it goes back to the sender",
    "cancelled": "the carrier cancels before the pick-up",
    "reweighed": "weight and freight are corrected after the pick-up",
    NONE: "nothing happens by itself",
}
_MARKER = re.compile(r"#([a-z]+(?:[_-][a-z]+)*)")


@dataclass(frozen=True)
class Step:
    """One scan: `after` is virtual seconds since the step before."""

    status: str
    after: float
    desc: str
    courier: int | None = None
    reweighs: bool = False


def ending_in(remarks: Sequence[str]) -> str | None:
    """Return the ending that a remark's marker asks for."""
    for remark in remarks:
        for found in _MARKER.findall(remark):
            ending = str(found).replace("-", "_")
            if ending in ENDINGS:
                return ending
    return None


def plan(
    ending: str, *, origin: str, destination: str, dice: Random, journey: float | None
) -> list[Step]:
    """Return the steps of a whole journey, lasting `journey` virtual seconds if that is given."""
    steps = _steps(ending, origin, destination, third_scan=dice.random() < 0.5)
    stretched = [
        replace(step, after=step.after * dice.uniform(1 - JITTER, 1 + JITTER)) for step in steps
    ]
    if journey is None or not steps:
        return stretched
    shares = [dice.uniform(1 - JITTER, 1 + JITTER) for _ in steps]
    return [
        replace(step, after=journey * share / sum(shares))
        for step, share in zip(steps, shares, strict=True)
    ]


def shortened(seconds: float, journey: float | None) -> float:
    """Return a time of life in the proportion of this world's journeys."""
    return seconds if journey is None else max(0.05, seconds * journey / LIFE)


def _steps(ending: str, origin: str, destination: str, *, third_scan: bool) -> list[Step]:
    if ending == NONE:
        return []
    steps = [Step(statuses.DISPATCHED, 5 * MINUTE, "已派单,快递员将上门取件", courier=0)]
    if ending == "cancelled":
        return [*steps, Step(statuses.CANCELLED, 90 * MINUTE, "运力不足,订单已被快递公司取消")]
    if ending == "pickup_failed":
        why = "揽收失败:寄件人不在,已改约"
        steps += [
            Step(statuses.EXCEPTION, 50 * MINUTE, why),
            Step(statuses.PICKED, 3 * HOUR, f"【{origin}】快件已由快递员揽收", courier=1),
        ]
    else:
        steps.append(
            Step(statuses.PICKED, 40 * MINUTE, f"【{origin}】快件已由快递员揽收", courier=0)
        )
    reweighs = ending == "reweighed"
    left = f"【{origin}】快件已发往【{destination}转运中心】"
    steps.append(Step(statuses.IN_TRANSIT, 2.5 * HOUR, left, reweighs=reweighs))
    if ending == "exception":
        steps.append(Step(statuses.EXCEPTION, 3 * HOUR, "运输途中异常:天气原因,快件滞留"))
    arrived = f"【{destination}】快件已到达转运中心"
    if third_scan:
        steps += [
            Step(statuses.IN_TRANSIT, 5 * HOUR, f"【{origin}转运中心】快件已装车"),
            Step(statuses.IN_TRANSIT, 6 * HOUR, arrived),
        ]
    else:
        steps.append(Step(statuses.IN_TRANSIT, 11 * HOUR, arrived))
    steps.append(
        Step(statuses.DELIVERING, 9.25 * HOUR, f"【{destination}】快递员正在派件", courier=2)
    )
    return steps + _end(ending, destination)


def _end(ending: str, destination: str) -> list[Step]:
    match ending:
        case "rejected":
            return [Step(statuses.REJECTED, 2.5 * HOUR, "收件人拒收,快件将退回")]
        case "station":
            return [
                Step(statuses.STATION_HOLD, 2 * HOUR, f"【{destination}】快件已存放至驿站"),
                Step(statuses.SIGNED, 6 * HOUR, "已在驿站取出,签收人:本人"),
            ]
        case "returned":
            return [
                Step(statuses.EXCEPTION, 2.5 * HOUR, "派件失败:无法联系收件人"),
                Step(statuses.RETURNED, 24 * HOUR, "快件已退回寄件人"),
            ]
    return [Step(statuses.SIGNED, 2.5 * HOUR, "已签收,签收人:本人")]
