"""What became of a call: whether the other side may have acted on it is never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class Outcome(StrEnum):
    """The four classes every adapter and every call log speaks of.

    The transport gives DONE, RETRY or UNKNOWN. REFUSED, and whether a DONE answer (any status, a
    500 too) is what was hoped for, is for the adapter to say, which can read it.
    """

    DONE = "done"  #: an HTTP answer arrived whole
    REFUSED = "refused"  #: the other side understood and said no
    RETRY = "retry"  #: provably nothing reached the other side
    UNKNOWN = "unknown"  #: it may have been handled: ask, never repeat blindly


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer, its body decoded from any content-encoding."""

    status: int
    headers: Mapping[str, str]  #: case-insensitive; repeated ones joined by ", "
    body: bytes
    duration_ms: int


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call as its log may keep it: masked, unclipped. Header fields are never in it."""

    partner: str
    method: str
    url: str
    request_text: str
    response_text: str
    status: int | None
    started_at: datetime
    finished_at: datetime
    duration_ms: int
    outcome: Outcome
    error_detail: str


class ForbiddenTarget(ValueError):
    """Raised by whoever decides where calls may go; a caller sees `Forbidden`."""


class OutsideError(Exception):
    """No answer to work with. `detail` is masked and may be logged; clients never see it."""

    outcome: ClassVar[Outcome]

    def __init__(self, detail: str, *, timed_out: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        #: The other side was silent for too long, other than by refusing or hanging up.
        self.timed_out = timed_out


class NotSent(OutsideError):
    """Not one byte of the request was handed over: the same call may be made again."""

    outcome = Outcome.RETRY


class Forbidden(NotSent):
    """We do not call there: who decides raised `ForbiddenTarget`, or refused an address."""


class NoAnswer(OutsideError):
    """The request, or part of it, went out and no whole answer came back."""

    outcome = Outcome.UNKNOWN
