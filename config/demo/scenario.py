"""What each line of the demo's file shows and how it must end; told apart from the orders.

`book_orders` knows no such columns, so expectations lie in a file beside the CSV: one entry a
line, in the same order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

FOLDER = settings.BASE_DIR / "fixtures"
ORDERS = FOLDER / "demo_orders.csv"
EXPECTED = FOLDER / "demo_expected.json"
REFUSED = "refused"
CALLBACK = "callback"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault meant for one line. `share` of a journey, or `seconds`, is how long it lasts."""

    on: str
    kind: str
    match: Mapping[str, str] = field(default_factory=dict)
    share: float | None = None
    seconds: float | None = None
    errorCode: str = ""  # noqa: N815 - as the sandbox's control door names it
    errorMsg: str = ""  # noqa: N815

    def asked(self, *, journey: float, order_no: str = "") -> dict[str, Any]:
        """Return the request to the control door; a callback's fault needs our number."""
        match = {**self.match, "tradeOrderNo": order_no} if order_no else dict(self.match)
        delay = self.seconds if self.share is None else self.share * journey
        return {
            "on": self.on,
            "kind": self.kind,
            "match": match,
            "delay_s": delay,
            "errorCode": self.errorCode,
            "errorMsg": self.errorMsg,
        }


@dataclass(frozen=True, slots=True)
class Expectation:
    """One line: `end` is a state, or `refused` when reading finds fault with `columns`.

    `says` is part of the reason; `unit` "returned" where the quota gets its unit back.
    """

    line: int
    number: str
    shows: str
    end: str
    says: str = ""
    columns: tuple[str, ...] = ()
    unit: str = ""
    fault: Fault | None = None

    @property
    def holds_unit(self) -> bool:
        """Whether the parcel counts in the tenant's quota at the end."""
        return self.end != REFUSED and self.unit != "returned"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one line."""

    end: str
    reason: str = ""
    columns: tuple[str, ...] = ()


def load_expectations() -> list[Expectation]:
    """Read the file of expectations."""
    entries = json.loads(EXPECTED.read_text(encoding="utf-8"))
    return [_expectation(entry) for entry in entries]


def _expectation(entry: dict[str, Any]) -> Expectation:
    fault = entry.get("fault")
    columns = tuple(sorted(entry.get("columns", ())))
    return Expectation(**{**entry, "columns": columns, "fault": Fault(**fault) if fault else None})


def differences(expected: Iterable[Expectation], fates: Mapping[int, Fate]) -> list[str]:
    """Return a sentence for every line that did not end as it must."""
    found = []
    known = {one.line for one in expected}
    for one in expected:
        fate = fates.get(one.line, Fate("没有下单"))
        wanted = (one.end, one.columns)
        if (fate.end, fate.columns) != wanted or one.says not in fate.reason:
            where = f"第 {one.line} 行（{one.number or '无单号'}，{one.shows}）"
            text = f"应为 {_told(one.end, one.says, one.columns)}"
            found.append(f"{where}：{text}，实为 {_told(fate.end, fate.reason, fate.columns)}")
    found += [f"第 {line} 行：没有写明预期" for line in sorted(set(fates) - known)]
    return found


def _told(end: str, reason: str, columns: tuple[str, ...]) -> str:
    details = "；".join([*columns, *([reason] if reason else [])])
    return f"{end}（{details}）" if details else end
