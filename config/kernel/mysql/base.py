"""What the engine `config.kernel.mysql` does otherwise than `django.db.backends.mysql`.

Django asks the server before each request whether it is still there, switches autocommit off, and
on again after COMMIT. A BEGIN under autocommit does the same with a word less; where it finds the
connection broken, it begins on a new one. A connection that answered half a second ago is not
asked again: it may break a moment after any question, so its users have to bear that anyway.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.backends.mysql import base
from django.db.backends.utils import debug_transaction
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property

TRUSTED_SECONDS = 0.5
# A deadlock's victim: the server has rolled back the whole transaction, savepoints and all.
_DEADLOCK = (1213,)


class _Marking(DatabaseErrorWrapper):
    """With autocommit on, what a rolled back block still wrote would be committed one by one."""

    wrapper: Any

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None and error.args[:1] == _DEADLOCK and self.wrapper.in_atomic_block:
            self.wrapper.needs_rollback = True
        super().__exit__(kind, error, traceback)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection; Django looks for this name."""

    _trusted_until = 0.0

    def is_usable(self) -> bool:
        """Ask the server."""
        usable = bool(super().is_usable())
        self._trusted_until = time.monotonic() + TRUSTED_SECONDS if usable else 0.0
        return usable

    def close_if_health_check_failed(self) -> None:
        """Ask once a request (Django's rule), and not within `TRUSTED_SECONDS` of an answer.

        Trust counts as an answer for the whole request: none is asked for in a transaction.
        """
        if time.monotonic() < self._trusted_until:
            self.health_check_done = True
        super().close_if_health_check_failed()

    @cached_property
    def wrap_database_errors(self) -> _Marking:
        """What every call of the driver goes through."""
        return _Marking(self)

    def _start_transaction_under_autocommit(self) -> None:
        """`atomic()` calls this where a backend has it, as SQLite's does."""
        try:
            self._begin()
        except (OperationalError, InterfaceError):
            if self.is_usable():
                raise
            self.close()
            self._begin()

    def _begin(self) -> None:
        self.ensure_connection()
        with debug_transaction(self, "BEGIN"), self.wrap_database_errors:
            self.connection.query("BEGIN")
