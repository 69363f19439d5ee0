"""A quota as its documents tell it, in plain integers: the machine's other opinion.

Written from DESIGN (law 4, D8), CONTRACT section 5 and the table of decisions (D22, D23, D25); it
imports nothing of the product. A month's reset day is found by walking the calendar day by day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
MOST_FEN = 9_999_999_999  # what the overage column holds


def resets_on(day: date, reset_day: int) -> bool:
    last_of_month = (day + DAY).month != day.month
    return day.day == reset_day or (last_of_month and day.day < reset_day)


def reset_after(day: date, reset_day: int) -> date:
    day += DAY
    while not resets_on(day, reset_day):
        day += DAY
    return day


def reset_at_or_before(day: date, reset_day: int) -> date:
    while not resets_on(day, reset_day):
        day -= DAY
    return day


@dataclass(frozen=True)
class Line:
    """One unit drawn or returned, as the ledger keeps it; `fen` is signed."""

    order_id: int
    line_no: int
    kind: str
    units: int
    fen: int
    period_no: int
    period_start: date
    credited_in: int | None = None


@dataclass(frozen=True)
class Closed:
    """A statement."""

    period_no: int
    start: date
    end: date
    free: int
    units: int
    overage_units: int
    overage_fen: int
    credit_units: int
    credit_fen: int

    @property
    def due_fen(self) -> int:
        return self.overage_fen - self.credit_fen


@dataclass
class Model:
    """One tenant's quota."""

    zone: str
    reset_day: int
    free: int
    overage: bool
    fen: int
    opened: datetime
    status: str = "enabled"
    number: int = 1
    start: date = field(init=False)
    end: date = field(init=False)
    lines: list[Line] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The first period is the one its first day lies in."""
        today = self.today(self.opened)
        self.start = reset_at_or_before(today, self.reset_day)
        self.end = reset_after(today, self.reset_day)

    def today(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    def is_over(self, at: datetime) -> bool:
        return self.today(at) >= self.end

    def sums(self, number: int) -> tuple[int, int, int]:
        """Units, overage units and overage fen of a period, late returns left out."""
        own = [x for x in self.lines if x.period_no == number and x.credited_in is None]
        over = [x for x in own if x.kind == "overage"]
        return sum(x.units for x in own), sum(x.units for x in over), sum(x.fen for x in over)

    def close(self, at: datetime) -> int:
        """Write what is due; returns how many statements."""
        written = 0
        while self.is_over(at):
            self._close_at(self.end)
            written += 1
        return written

    def reset(self, at: datetime) -> bool:
        """The console's reset: the period ends today."""
        self.close(at)
        today = self.today(at)
        if today <= self.start:
            return False
        self._close_at(today)
        return True

    def _close_at(self, end: date) -> None:
        units, over, fen = self.sums(self.number)
        late = [x for x in self.lines if x.credited_in == self.number]
        credit_units, credit_fen = -sum(x.units for x in late), -sum(x.fen for x in late)
        self.closed.append(
            Closed(
                self.number, self.start, end, self.free,
                units, over, fen, credit_units, credit_fen,
            )
        )  # fmt: skip
        self.number += 1
        self.start, self.end = end, reset_after(end, self.reset_day)

    def next_unit(self) -> tuple[str, int] | str:
        """Kind and price of the next unit of the open period, or why there is none."""
        if self.status != "enabled":
            return self.status
        units, over, fen = self.sums(self.number)
        if units - over < self.free:
            return "normal", 0
        if not self.overage or fen + self.fen > MOST_FEN:
            return "exhausted"
        return "overage", self.fen

    def draw(self, order_id: int) -> Line | str:
        """The line it becomes, or why it is refused."""
        unit = self.next_unit()
        if isinstance(unit, str):
            return unit
        kind, fen = unit
        line_no = sum(x.order_id == order_id for x in self.lines) + 1
        line = Line(order_id, line_no, kind, 1, fen, self.number, self.start)
        self.lines.append(line)
        return line

    def give_back(self, order_id: int) -> bool:
        own = [x for x in self.lines if x.order_id == order_id]
        if not own or own[-1].units < 0:
            return False
        drawn = own[-1]
        late = None if drawn.period_no == self.number else self.number
        self.lines.append(
            Line(
                order_id, drawn.line_no + 1, drawn.kind, -1, -drawn.fen,
                drawn.period_no, drawn.period_start, late,
            )
        )  # fmt: skip
        return True
