"""What the pages on callbacks share: words and colours, when something is due, masked JSON."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from accounts.states import UNDELIVERED, AttemptOutcome, EndpointState, EventStatus
from config.kernel.masking import mask_fields

MINUTE = timedelta(minutes=1)
TONES: dict[str, str] = {
    EventStatus.WAITING: "quiet",
    EventStatus.PASSED: "warn",
    EventStatus.DELIVERED: "good",
    EventStatus.EXHAUSTED: "bad",
    EventStatus.KEPT: "quiet",
    AttemptOutcome.REFUSED: "bad",
    AttemptOutcome.NO_ANSWER: "warn",
    AttemptOutcome.FORBIDDEN: "bad",
    EndpointState.OK: "good",
    EndpointState.FAILING: "bad",
    EndpointState.SLOW: "warn",
    EndpointState.PAUSED: "bad",
}


def toned(value: str, label: Any) -> SafeString:
    """A word; its colour says it again."""
    return format_html('<span class="outcome tone-{}">{}</span>', TONES.get(value, "quiet"), label)


def masked_json(value: Any) -> SafeString:
    """Indented, people masked whoever looks."""
    text = json.dumps(mask_fields(value), ensure_ascii=False, indent=2)
    return format_html('<pre class="json">{}</pre>', text)


def due_words(event: Any, at: datetime) -> str:
    """When an event is sent next, and what it waits for until then."""
    if event.status not in UNDELIVERED:
        return "—"
    if event.endpoint.paused_at is not None:
        return _("when the server is resumed")
    if event.due_at is None:
        return _("when the order's earlier event is delivered or passed over")
    if event.due_at <= at:
        return _("now: as soon as a worker comes to it")
    local = timezone.localtime(event.due_at)
    when = date_format(local, "DATETIME_FORMAT")
    if event.due_at < at + MINUTE:
        return _("in less than a minute, at %(when)s") % {"when": when}
    return _("in %(wait)s, at %(when)s") % {"wait": timeuntil(event.due_at, at), "when": when}
