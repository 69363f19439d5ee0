"""A confirmed import is booked slice by slice by whichever worker comes; no line is booked twice.

Each line is an order in a transaction of its own, under a key made of import and line: booked
again after a crash, it is found, and counted as the same.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from config.kernel.errors import Internal, Refusal
from config.kernel.work import Job
from logistics.models import ExpressOrder, OrderImport, OrderImportLine
from logistics.services.booking import book_order
from logistics.services.imports import draft_of
from logistics.states import ImportStatus, LineOutcome

log = logging.getLogger(__name__)
SLICE_LINES = 100
# A slice ends after this long, so that progress is seen and other work gets its turn.
SLICE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of one line."""

    line: OrderImportLine
    outcome: LineOutcome
    order_no: str | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)


def book_slice(row: OrderImport) -> Callable[[], list[Handled]]:
    """Book the next waiting lines; the results are noted by `note_slice`."""
    handled: list[Handled] = []
    if row.status == ImportStatus.STOPPED:
        handled = _booked_unnoted(row)
    if row.status == ImportStatus.RUNNING:
        ends = time.monotonic() + SLICE_SECONDS
        waiting = row.lines.filter(outcome=LineOutcome.WAITING).order_by("line")
        for line in waiting[:SLICE_LINES]:
            if time.monotonic() > ends:
                break
            handled.append(_book(row, line))
    return lambda: handled


def note_slice(row: OrderImport, handled: list[Handled], at: datetime) -> datetime | None:
    """Write what became of the lines; returns `at` while there are more."""
    for done in handled:
        done.line.outcome, done.line.order_no = done.outcome, done.order_no
        done.line.errors = done.errors
    OrderImportLine.objects.bulk_update(
        [done.line for done in handled], ["outcome", "order_no", "errors"], batch_size=SLICE_LINES
    )
    row.lines.filter(pk__in=[done.line.pk for done in handled]).update(draft=None)
    outcomes = [done.outcome for done in handled]
    row.created_lines += outcomes.count(LineOutcome.CREATED)
    row.existing_lines += outcomes.count(LineOutcome.EXISTING)
    row.refused_lines += outcomes.count(LineOutcome.REFUSED)
    if row.status == ImportStatus.STOPPED:
        row.lines.filter(outcome=LineOutcome.WAITING).update(draft=None)
        return None
    if row.handled_lines < row.good_lines:
        return at
    row.status, row.finished_at = ImportStatus.DONE, at
    return None


def _booked_unnoted(row: OrderImport) -> list[Handled]:
    """The lines that a worker booked before it died: stopped since, they are booked all the same.

    One worker at a time books, in the order of the lines, so they are among the first that wait.
    """
    lines = row.lines.defer("draft").filter(outcome=LineOutcome.WAITING).order_by("line")
    keys = {_key(row, line): line for line in lines[:SLICE_LINES]}
    orders = ExpressOrder.objects.filter(request_key__in=keys)
    booked = dict(orders.values_list("request_key", "order_no"))
    return [
        Handled(line, LineOutcome.CREATED, order_no=booked[key])
        for key, line in keys.items()
        if key in booked
    ]


def _key(row: OrderImport, line: OrderImportLine) -> str:
    return f"import:{row.pk}:{line.line}"


def _book(row: OrderImport, line: OrderImportLine) -> Handled:
    key = _key(row, line)
    try:
        booked = book_order(
            draft=draft_of(line),
            tenant_id=row.tenant_id,
            at=timezone.now(),
            request_key=key,
            created_by=row.confirmed_by,
        )
    except Refusal as exc:
        return Handled(line, LineOutcome.REFUSED, errors=exc.fields or {"": [exc.text]})
    except (OperationalError, InterfaceError):
        raise  # the database's trouble, not the line's
    except Exception:
        log.exception("import %s: line %s could not be booked", row.pk, line.line)
        return Handled(line, LineOutcome.REFUSED, errors={"": [Internal.message]})
    ours = booked.created or booked.order.request_key == key
    outcome = LineOutcome.CREATED if ours else LineOutcome.EXISTING
    return Handled(line, outcome, order_no=booked.order.order_no)


IMPORTS: Job[OrderImport, list[Handled]] = Job(
    name="imports",
    model=OrderImport,
    deadline=timedelta(seconds=60),
    lease=timedelta(seconds=180),
    prepare=book_slice,
    apply=note_slice,
    writes=(
        "status", "finished_at", "created_lines", "existing_lines", "refused_lines",
    ),
)  # fmt: skip
