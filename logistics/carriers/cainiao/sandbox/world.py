"""What the Cainiao sandbox needs from the world that hosts it, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from wsgiref.types import StartResponse


class Fault(Protocol):
    """A trouble that somebody asked for."""

    @property
    def kind(self) -> str:
        """Its name; kinds not known here are the wire's and the world's own affair."""

    @property
    def delay_s(self) -> float | None:
        """Real seconds to wait, as asked for."""

    @property
    def error_code(self) -> str:
        """The code of an asked-for refusal, or empty."""

    @property
    def error_msg(self) -> str:
        """The message of an asked-for refusal, or empty."""


class Reply(Protocol):
    """An answer ready to leave."""

    @property
    def status(self) -> str:
        """The HTTP status line's code and reason."""

    @property
    def content_type(self) -> str:
        """The media type with its charset."""

    @property
    def body(self) -> bytes:
        """The whole body."""


class Outgoing(Protocol):
    """A callback ready to be sent, and sent again."""

    @property
    def system(self) -> str:
        """The system's name."""

    @property
    def key(self) -> str:
        """What it is about."""

    @property
    def url(self) -> str:
        """Where to; empty: composed and kept, not sent."""

    @property
    def fields(self) -> Mapping[str, str]:
        """What a fault's `match` is compared with."""

    @property
    def retry_after(self) -> Sequence[float]:
        """Virtual seconds before each repetition."""

    def compose(self, fault: str) -> tuple[bytes, Mapping[str, str]]:
        """Return body and headers, spoiled as the fault's kind asks."""

    def acknowledged(self, status: int, body: bytes) -> bool:
        """Say whether the receiver's answer means that it has it."""

    def record(self, attempt: Mapping[str, object]) -> None:
        """Keep what became of one attempt."""


class World(Protocol):
    """Time, chance troubles, and the way out."""

    @property
    def seed(self) -> int:
        """What all dice are seeded with."""

    @property
    def journey(self) -> float | None:
        """How long a whole journey shall take in virtual seconds; None: as long as in life."""

    def now(self) -> datetime:
        """Return the virtual moment, aware UTC."""

    def later(self, seconds: float, action: Callable[[], None], *, key: str) -> None:
        """Run `action` after virtual seconds; actions of one key follow each other."""

    def fault(self, system: str, point: str, fields: Mapping[str, str]) -> Fault | None:
        """Use up and return an injected fault meant for this request, if there is one."""

    def respond(
        self, start_response: StartResponse, fault: Fault | None, handle: Callable[[], Reply]
    ) -> Iterable[bytes]:
        """Answer with what `handle` returns, disturbed as the fault asks."""

    def send(self, callback: Outgoing) -> None:
        """Send a callback now, and again until it is acknowledged or given up."""
