"""What a tenant's server said: taken, refused, later, or never again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from accounts.services.outbox.schedule import LONGEST_RETRY_AFTER
from accounts.states import CallbackAck

GONE = HTTPStatus.GONE


def accepted(ack: str, status: int, body: bytes) -> bool:
    """Whether this answer counts as delivered for a tenant whose servers answer as `ack` says.

    A redirect is a refusal: we follow none.
    """
    if not 200 <= status < 300:
        return False
    if ack == CallbackAck.HTTP:
        return True
    return _is_success(body.decode("utf-8-sig", "replace").strip())


def _is_success(text: str) -> bool:
    if text.strip("\"'").strip().lower() == "success":
        return True
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return False
    # False == 0, and a text is another vocabulary's.
    return isinstance(answer, dict) and type(answer.get("code")) is int and answer["code"] == 0


def asked_to_wait_until(headers: Mapping[str, str], at: datetime) -> datetime | None:
    """The instant that Retry-After names, in seconds or as a date; None where it says nothing."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        seconds = int(text[:10])
        return at + min(timedelta(seconds=seconds), LONGEST_RETRY_AFTER)
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return then if then.tzinfo is not None else then.replace(tzinfo=UTC)
