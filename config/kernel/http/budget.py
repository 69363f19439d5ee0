"""One call has one deadline; every operation on its sockets asks here what is left of it.

The budget belongs to the call, not to the pooled connection, so it is found through a context
variable: a connection serves the budget of whichever call is using it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

#: `(host, address)`, asked of every address a name has.
AddressAllowed = Callable[[str, str], bool]


class Budget:
    """The time one call may take, and whether any of it has been handed to the other side.

    `address_allowed` says whereto a connection may be made for it; None: anywhere.
    """

    def __init__(
        self,
        deadline: float,
        connect_timeout: float,
        address_allowed: AddressAllowed | None = None,
    ) -> None:
        self.address_allowed = address_allowed
        self.started = monotonic()
        self.ends = self.started + deadline
        self.connect_timeout = connect_timeout
        #: From here on the other side may act on the request: what fails now is unknown.
        self.sent = False

    def left(self) -> float:
        """Seconds left.

        :raises TimeoutError: when there are none; never returns 0, which sockets read as
            "do not block".
        """
        return _positive(self.ends - monotonic())

    def connecting_ends(self) -> float:
        """The instant by which name, connection and TLS handshake of this call must be done."""
        return min(monotonic() + self.connect_timeout, self.ends)

    def elapsed_ms(self) -> int:
        """Whole milliseconds since the call began."""
        return round((monotonic() - self.started) * 1000)


def until(instant: float) -> float:
    """Seconds until `instant` of the monotonic clock; raises TimeoutError when it has passed."""
    return _positive(instant - monotonic())


def _positive(seconds: float) -> float:
    if seconds <= 0:
        msg = "the deadline of this call has passed"
        raise TimeoutError(msg)
    return seconds


_current: ContextVar[Budget] = ContextVar("outside_call_budget")


def current() -> Budget:
    """The budget of the call this thread is making."""
    return _current.get()


@contextmanager
def spending(budget: Budget) -> Iterator[Budget]:
    """Make `budget` the current one."""
    token = _current.set(budget)
    try:
        yield budget
    finally:
        _current.reset(token)
