"""A file is shown with every error before anything is booked; what was shown is what is booked.

Upload, confirm, stop, discard: the operators' side. Workers book the lines (`import_slices`).
Uploading the same file again is safe: the tenant's number tells what was booked before.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet

from accounts.errors import TenantSuspended
from config.kernel.errors import Malformed, Missing, Refusal
from config.kernel.states import NotAllowed, Outrun, swap
from config.kernel.text import clip
from config.kernel.work import nudge
from config.kernel.work.claims import again_if_deadlocked
from logistics.errors import ImportBlocked, ImportMoved, OrderDiffers, RuleMissing
from logistics.models import ExpressOrder, OrderImport, OrderImportLine
from logistics.services.accounts import account_for
from logistics.services.booking import complete_draft
from logistics.services.drafts import Draft
from logistics.services.importing import Row, read_rows
from logistics.states import IMPORT_STATES, ImportStatus, LineOutcome
from quotas.errors import QuotaExhausted
from quotas.queries import quota_as_of
from quotas.services.reservation import look

IMPORT_TASK = "logistics.imports"
LARGEST_FILE = 10_000_000
MOST_LINES = 20_000
# A file that nobody confirmed, and the lines of one that is finished, are kept this long.
UNCONFIRMED_KEPT = timedelta(days=1)
FINISHED_KEPT = timedelta(days=30)
BATCH = 500


@dataclass(frozen=True, slots=True)
class Outlook:
    """What booking now would run into; `blocked` says why not one line could be booked.

    `needed` units at most, `free_left` of them free; beyond that overage at `overage_price` (yuan),
    or, where that is None, `short` lines refused.
    """

    needed: int
    blocked: str = ""
    free_left: int = 0
    overage_price: Decimal | None = None

    @property
    def short(self) -> int:
        """How many lines find no unit, as things are."""
        return 0 if self.overage_price is not None else max(0, self.needed - self.free_left)

    @property
    def paid(self) -> int:
        """How many units cost overage, as things are."""
        return max(0, self.needed - self.free_left) if self.overage_price is not None else 0


def preview_import(
    *,
    content: bytes,
    filename: str,
    tenant_id: int,
    by: int | None,
    at: datetime,
    note: Callable[[OrderImport], None] | None = None,
) -> OrderImport:
    """Keep a file's lines, each checked as far as can be foreseen; nothing is booked.

    `note` writes down that it was kept, in the same transaction: the file is read before it.

    :raises Malformed: not a file of parcels at all, empty, or too long.
    """
    if len(content) > LARGEST_FILE:
        text = f"文件超过 {LARGEST_FILE // 1_000_000} MB，请拆分后分批导入。"
        raise Malformed(fields={"file": [text]})
    rows = read_rows(content, most=MOST_LINES)
    if not rows:
        raise Malformed(fields={"file": ["文件中没有数据行。"]})
    known: set[int] = set()
    rows = _compared([_completed(row) for row in rows], tenant_id, known)
    with transaction.atomic():
        made = OrderImport.objects.create(
            tenant_id=tenant_id,
            filename=clip(filename, 200),
            total_lines=len(rows),
            bad_lines=sum(row.draft is None for row in rows),
            known_lines=len(known),
            created_by=by,
            created_at=at,
        )
        lines = (_line(made, row) for row in rows)
        OrderImportLine.objects.bulk_create(lines, batch_size=BATCH)
        if note is not None:
            note(made)
    return made


def find_outlook(*, order_import: OrderImport, at: datetime) -> Outlook:
    """What stands between this import and its booking, as of now."""
    needed = max(0, order_import.good_lines - order_import.known_lines)
    tenant_id = order_import.tenant_id
    try:
        account_for(is_test=False)
        if look(tenant_id=tenant_id, at=at).suspended:
            raise TenantSuspended
        quota = quota_as_of(tenant_id=tenant_id, at=at)
    except QuotaExhausted as exc:
        # Lines that were booked before need none.
        return Outlook(needed, blocked=exc.text if needed == order_import.good_lines else "")
    except Refusal as exc:
        return Outlook(needed, blocked=exc.text)
    left = quota.monthly_free_quota - (quota.monthly_used - quota.overage_used)
    price = quota.overage_price if quota.overage_enabled else None
    return Outlook(needed, free_left=max(0, left), overage_price=price)


def confirm_import(*, import_id: int, by: int | None, at: datetime) -> OrderImport:
    """Have the workers book the good lines.

    :raises ImportMoved: somebody did, or it was discarded. :raises ImportBlocked: none could be.
    """
    row = find_import(import_id=import_id)
    if row.status == ImportStatus.PREVIEWED:
        if not row.good_lines:
            raise ImportBlocked(why="文件中没有可以下单的行。")
        blocked = find_outlook(order_import=row, at=at).blocked
        if blocked:
            raise ImportBlocked(why=blocked)
    _move(row, ImportStatus.RUNNING, due_at=at, confirmed_by=by, confirmed_at=at)
    nudge(IMPORT_TASK)
    return row


def stop_import(*, import_id: int, at: datetime) -> OrderImport:
    """Book no more lines; those in a worker's hands are booked yet.

    :raises ImportMoved: it is not being booked.
    """
    row = find_import(import_id=import_id)
    _move(row, ImportStatus.STOPPED, finished_at=at)
    return row


def discard_import(*, import_id: int) -> None:
    """Forget a file that was not confirmed.

    :raises ImportMoved: it was.
    """
    with transaction.atomic():
        row = OrderImport.objects.select_for_update().filter(pk=import_id).first()
        if row is None:
            raise Missing
        if row.status != ImportStatus.PREVIEWED:
            raise ImportMoved(state=ImportStatus(row.status).label)
        row.delete()


def prune_imports(*, at: datetime) -> int:
    """Delete files nobody confirmed, and finished ones after their time; returns how many."""
    unconfirmed = OrderImport.objects.filter(
        status=ImportStatus.PREVIEWED, created_at__lt=at - UNCONFIRMED_KEPT
    )
    finished = OrderImport.objects.filter(
        status__in=IMPORT_STATES.terminal, due_at=None, created_at__lt=at - FINISHED_KEPT
    )
    return sum(
        _prune(rows, pk)
        for rows in (unconfirmed, finished)
        for pk in list(rows.values_list("pk", flat=True))
    )


def _prune(rows: QuerySet[OrderImport], pk: int) -> bool:
    """Delete it if it is still one of `rows`: somebody may have confirmed it meanwhile."""

    def prune() -> bool:
        with transaction.atomic():
            row = rows.select_for_update().filter(pk=pk).first()
            if row is not None:
                row.delete()
        return row is not None

    return again_if_deadlocked(prune)


def find_import(*, import_id: int) -> OrderImport:
    """The import of this id.

    :raises Missing: there is none (any more).
    """
    row = OrderImport.objects.filter(pk=import_id).first()
    if row is None:
        raise Missing
    return row


def draft_of(line: OrderImportLine) -> Draft:
    """A waiting line's content."""
    values: dict[str, Any] = json.loads(cast("str", line.draft))
    for name in ("weight", "volume"):
        values[name] = None if values[name] is None else Decimal(values[name])
    return Draft(**values)


def _move(row: OrderImport, to: ImportStatus, **changes: Any) -> None:
    before = row.status
    try:
        IMPORT_STATES.require(before, to)
        swap(row, {"status": before}, {"status": to, **changes})
    except (NotAllowed, Outrun):
        now = OrderImport.objects.filter(pk=row.pk).values_list("status", flat=True).first()
        state = ImportStatus(now).label if now else "已删除"
        raise ImportMoved(state=state) from None


def _completed(row: Row) -> Row:
    """The row, or what it leaves open that no rule says."""
    if row.draft is None:
        return row
    try:
        complete_draft(row.draft)
    except RuleMissing as exc:
        return replace(row, draft=None, errors={"": [exc.text]})
    return row


def _compared(rows: list[Row], tenant_id: int, known: set[int]) -> list[Row]:
    """The rows, but those whose number is taken by other content are faulty; notes known ones."""
    checked = []
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH]
        booked = ExpressOrder.objects.filter(
            tenant_id=tenant_id,
            is_test=False,
            tenant_order_no__in=[row.tenant_order_no for row in some if row.draft],
        ).values_list("tenant_order_no", "content_hash", "order_no")
        before = {number: (digest, order_no) for number, digest, order_no in booked}
        for row in some:
            digest, order_no = before.get(row.tenant_order_no, ("", ""))
            if row.draft is None or not digest:
                checked.append(row)
            elif row.draft.content_hash == digest:
                known.add(row.line)
                checked.append(row)
            else:
                text = OrderDiffers(order_no=order_no).text
                checked.append(replace(row, draft=None, errors={"tenant_order_no": [text]}))
    return checked


def _line(made: OrderImport, row: Row) -> OrderImportLine:
    good = row.draft is not None
    return OrderImportLine(
        order_import=made,
        line=row.line,
        tenant_order_no=clip(row.tenant_order_no, 64),
        outcome=LineOutcome.WAITING if good else LineOutcome.BAD,
        draft=json.dumps(asdict(row.draft), default=str) if row.draft else None,
        errors={name: texts[:5] for name, texts in row.errors.items()},
    )
