"""Counts the points at which this process could die, over all its threads, and dies at one.

Before and after every COMMIT, ROLLBACK and outside call; before and after every statement; and at
the end, when all is done and nobody has been told. After one statement and before the next is a
single point, because nothing outside the process can tell them apart, but for a write that is
its own commit: SQLite commits `INSERT ... RETURNING` only when its row has been read.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from config.kernel.http.partner import Partner

LONGEST = 110
END = "the end, before anybody is told"
# Savepoints are numbered through a connection's whole life.
_SAVEPOINT = re.compile(r"SAVEPOINT \w+$")
_MESSAGE = re.compile(rb"(?:msg_type|method)=(\w+)")


class Killer:
    """Armed in a forked child that ends with it, so nothing is ever disarmed.

    `at` None only counts. `last_words` is told of the point before the process is killed, or
    where `how` is SIGSTOP put to sleep.
    """

    def __init__(
        self, at: int | None, last_words: Callable[[str], None], how: int = signal.SIGKILL
    ) -> None:
        self.at = at
        self.how = how
        self.points: list[str] = []
        self._committing = False
        self._last_words = last_words
        self._lock = threading.Lock()

    def arm(self) -> None:
        connection.execute_wrappers.append(self._statement)
        # What `atomic` and autocommit both go through, below Django's own bookkeeping.
        for verb in ("commit", "rollback"):
            inner = getattr(connection, f"_{verb}")
            setattr(connection, f"_{verb}", self._around(verb.upper(), inner))
        call = Partner.call

        def watched(partner: Partner, method: str, url: str, **more: Any) -> Any:
            found = _MESSAGE.search(more.get("data") or b"")
            name = found[1].decode() if found else url
            return self._around(f"CALL {name}", call)(partner, method, url, **more)

        Partner.call = watched  # type: ignore[method-assign]

    def point(self, words: str, *, once: bool = False) -> None:
        """Die here if this is the one; `once`: it is the point before, if there was one."""
        with self._lock:
            if once and self.points:
                return
            self.points.append(words)
            if len(self.points) == self.at:
                self._last_words(words)
                os.kill(os.getpid(), self.how)

    def _around(
        self, what: str, inner: Callable[..., Any], *, once: bool = False
    ) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            self.point(f"before {what}", once=once)
            try:
                return inner(*args, **kwargs)
            finally:
                self.point(f"after {what}")

        return run

    def _statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        plain = _SAVEPOINT.sub("SAVEPOINT", sql.replace('"', "").replace("`", ""))
        words = " ".join(plain.split())
        watched = self._around(words[:LONGEST], execute, once=not self._committing)
        alone = not connection.in_atomic_block
        self._committing = alone and not words.startswith(("SELECT", "BEGIN"))
        return watched(sql, params, many, context)
