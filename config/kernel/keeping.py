"""What a process may keep of the database is at most some seconds stale, and never more than that.

For what is read at every request and changed by operators: keys, accounts, rules.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, ClassVar, Generic, TypeVar
from weakref import WeakSet

Value = TypeVar("Value")
MOST = 10_000


class Kept(Generic[Value]):
    """Values by key, each for `seconds` from when it was read; safe to use from many threads.

    Only values that are `worth` it are kept; others are read each time.
    """

    _all: ClassVar[WeakSet[Kept[Any]]] = WeakSet()

    def __init__(self, seconds: float, worth: Callable[[Value], bool] = lambda _: True) -> None:
        self.seconds, self.worth = seconds, worth
        self._values: dict[Hashable, tuple[float, Value]] = {}
        Kept._all.add(self)

    def get(self, key: Hashable, read: Callable[[], Value]) -> Value:
        """The kept value, or what `read` returns; that there is none (None) is never kept."""
        now = time.monotonic()
        hit = self._values.get(key)
        if hit and hit[0] > now:
            return hit[1]
        value = read()
        if value is None or not self.worth(value):
            self._values.pop(key, None)
            return value
        if len(self._values) >= MOST:
            self._values.clear()
        self._values[key] = (now + self.seconds, value)
        return value

    def drop(self, key: Hashable) -> None:
        """Read this one again."""
        self._values.pop(key, None)

    def forget(self) -> None:
        """Read everything again."""
        self._values.clear()

    @classmethod
    def forget_all(cls) -> None:
        """Have the whole process read everything again."""
        for kept in list(cls._all):
            kept.forget()
