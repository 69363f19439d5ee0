"""What a call came to: final is only a readable no; what may have been done is never called failed.

CONTRACT section 4: a readable `success: false` is final, except S02 (the order waits, the account
is to be looked at) and the codes that the account lists as retry. Doubt is UNKNOWN where the call
may have changed something, RETRY where it only asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from config.kernel.http import Answer, NotSent, Outcome, OutsideError
from config.kernel.masking import mask_text
from config.kernel.text import clip
from logistics.carriers.cainiao import contents, tables
from logistics.carriers.cainiao.contents import Content, Unreadable
from logistics.carriers.cainiao.profile import Profile

NETWORK: Final = "network"
AUTH: Final = "auth"
BUSINESS: Final = "business"
SYSTEM: Final = "system"

#: The gateway's word for a digest that does not hold: about us, not about the parcel.
BAD_SIGNATURE: Final = "S02"
#: Calls after which something may be different; get_waybill may be repeated all the same.
CHANGING: Final = frozenset({tables.GET_WAYBILL, tables.CREATE_PICKUP, tables.CANCEL_PICKUP})
#: Calls that ask for something by a number, which the other side may not know.
LOOKING_UP: Final = frozenset({tables.QUERY, tables.TRACK})

_FIRST_REDIRECT, _FIRST_REFUSAL, _TOO_MANY, _FIRST_FAILURE = 300, 400, 429, 500
_LONGEST_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """What one answer came to; `content` is there when it is DONE and not `absent`."""

    outcome: Outcome
    code: str = ""
    message: str = ""
    error_type: str = ""
    absent: bool = False
    content: Content | None = None


def classify(kind: str, result: Answer | OutsideError, profile: Profile) -> Finding:
    """The finding of a call of `kind`."""
    if isinstance(result, NotSent):
        return Finding(Outcome.RETRY, "", shown(result.detail), NETWORK)
    if isinstance(result, OutsideError):
        return doubt(kind, result.detail, error_type=NETWORK)
    # Whoever answers 5xx does not know what it did, whatever its body says; a redirect comes
    # from something before the gateway.
    if result.status >= _FIRST_FAILURE or _FIRST_REDIRECT <= result.status < _FIRST_REFUSAL:
        return doubt(kind, f"HTTP {result.status}")
    try:
        content = contents.read(result.body)
    except Unreadable as exc:
        return doubt(kind, f"HTTP {result.status}, {exc}")
    said = contents.verdict(content)
    if said.success is None:
        return doubt(kind, f"HTTP {result.status}, says neither success nor refusal")
    if not said.success:
        return _refusal(kind, result.status, said, profile)
    if result.status >= _FIRST_REFUSAL:
        return doubt(kind, f"HTTP {result.status} that says success")
    return Finding(Outcome.DONE, content=content)


def doubt(kind: str, why: str, *, error_type: str = SYSTEM, code: str = "") -> Finding:
    """Nobody can tell from this what became of the question."""
    outcome = Outcome.UNKNOWN if kind in CHANGING else Outcome.RETRY
    return Finding(outcome, code, shown(why), error_type)


def refusal(content: Content) -> Finding:
    """A final no."""
    said = contents.verdict(content)
    return Finding(Outcome.REFUSED, said.code, shown(said.message), BUSINESS)


def shown(message: str) -> str:
    """A message as it may be kept and shown."""
    return clip(mask_text(clip(message, _LONGEST_MESSAGE)), _LONGEST_MESSAGE)


def _refusal(kind: str, status: int, said: contents.Verdict, profile: Profile) -> Finding:
    message = shown(said.message)
    if said.code == BAD_SIGNATURE:
        return Finding(Outcome.RETRY, said.code, message, AUTH)
    # "Too many requests" is no judgement on this one, whatever code comes with it.
    if said.code in profile.retry_codes or status == _TOO_MANY:
        return Finding(Outcome.RETRY, said.code, message, SYSTEM)
    if kind in LOOKING_UP and said.code in profile.not_found_codes:
        return Finding(Outcome.DONE, said.code, message, absent=True)
    return Finding(Outcome.REFUSED, said.code, message, BUSINESS)
