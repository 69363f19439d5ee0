"""A state changes only along its table, by compare-and-swap; a loser is told.

A table is a mapping from a state to the states it may become. States with no way out are
terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from config.kernel.errors import Conflict
from config.kernel.rows import update


class Outrun(Conflict):
    """Someone else moved the row between our reading and our writing."""

    slug, code = "outrun", 1410
    message = "数据刚刚被其他操作更新，请刷新后重试。"


class NotAllowed(Conflict):
    """The table has no such move."""

    slug, code = "transition_not_allowed", 1411
    message = "当前状态“{state}”不允许此操作。"


class StateTable:
    """The moves one kind of thing may make."""

    def __init__(self, moves: Mapping[str, Iterable[str]]) -> None:
        self.moves = {old: frozenset(new) for old, new in moves.items()}
        strays = {new for targets in self.moves.values() for new in targets} - set(self.moves)
        if strays:
            msg = f"states without a row of their own: {sorted(strays)}"
            raise ValueError(msg)
        self.terminal = frozenset(old for old, new in self.moves.items() if not new)

    def allows(self, old: str, new: str) -> bool:
        """Whether `old` may become `new`."""
        return new in self.moves[old]

    def require(self, old: str, new: str) -> None:
        """Raise `NotAllowed` unless `old` may become `new`."""
        if not self.allows(old, new):
            raise NotAllowed(state=old)


def swap(row: models.Model, expected: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Write `changes` if the row still holds `expected`, and onto `row`; else raise `Outrun`.

    `expected` holds what the decision was based on: at least the state or a version counter.
    """
    if update(type(row), {"pk": row.pk, **expected}, changes) != 1:
        raise Outrun
    for name, value in changes.items():
        setattr(row, name, value)
