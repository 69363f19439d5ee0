"""What we asked the carrier and what it told us, side by side in time; masked as it was kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from logistics.admin.orders.facts import Eyes, page_of
from logistics.admin.pretty import pretty
from logistics.models import CallbackRecord, CallLog, ExpressOrder

# Of each kind; the lists have the rest.
MOST = 50


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call of ours, or one callback of theirs; `parts` are (title, masked content)."""

    at: datetime
    is_call: bool
    title: str
    said: str
    is_good: bool
    parts: tuple[tuple[str, SafeString], ...]
    url: str


@dataclass(frozen=True, slots=True)
class Traffic:
    """The newest of both kinds, newest first, and whether there are more."""

    exchanges: list[Exchange]
    more_calls: bool
    more_callbacks: bool


def traffic_of(order: ExpressOrder, user: Any, eyes: Eyes) -> Traffic:
    """Two statements, however much there is; a kind this operator may not see is left out."""
    calls, callbacks = _calls(order, user), _callbacks(order, user)
    found = [
        *(_asked(row, page_of(row, user), eyes) for row in calls[:MOST]),
        *(_told(row, page_of(row, user), eyes) for row in callbacks[:MOST]),
    ]
    return Traffic(
        sorted(found, key=lambda exchange: exchange.at, reverse=True),
        more_calls=len(calls) > MOST,
        more_callbacks=len(callbacks) > MOST,
    )


def _asked(row: CallLog, url: str, eyes: Eyes) -> Exchange:
    # The log's own page has the orders' filters: each would have to be imported first.
    from logistics.admin.calls import LABELS, OUTCOMES  # noqa: PLC0415

    duration = f"{row.duration_ms} ms" if row.duration_ms is not None else ""
    outcome, _shade = OUTCOMES.get(row.outcome, (row.outcome, ""))
    said = (str(outcome), row.response_code, eyes.text(row.response_msg or ""), duration)
    return Exchange(
        at=row.request_time,
        is_call=True,
        title=f"{LABELS.get(row.api_method, '')} {row.api_method}".strip(),
        said=" · ".join(filter(None, said)),
        is_good=row.success,
        parts=(
            (_("request (masked)"), pretty(row.request_params, eyes.kept)),
            (_("answer (masked)"), pretty(row.response_data, eyes.kept)),
        ),
        url=url,
    )


def _told(row: CallbackRecord, url: str, eyes: Eyes) -> Exchange:
    from logistics.admin.callbacks import STATES, in_words  # noqa: PLC0415 - as above

    kind = row.callback_type or ""
    return Exchange(
        at=row.created_at,
        is_call=False,
        title=f"{STATES.get(kind, '')} {kind}".strip() or "—",
        said=in_words(eyes.kept(row.process_result))
        or (_("handled") if row.processed else _("not handled yet")),
        is_good=row.processed,
        parts=((_("content (masked)"), pretty(row.raw_data, eyes.kept)),),
        url=url,
    )


def _calls(order: ExpressOrder, user: Any) -> list[CallLog]:
    if not user.has_perm("logistics.view_calllog"):
        return []
    return list(CallLog.objects.filter(order_id=order.pk).order_by("-id")[: MOST + 1])


def _callbacks(order: ExpressOrder, user: Any) -> list[CallbackRecord]:
    if not user.has_perm("logistics.view_callbackrecord"):
        return []
    rows = CallbackRecord.objects.filter(order_id=order.pk).defer("raw_body")
    return list(rows.order_by("-id")[: MOST + 1])
