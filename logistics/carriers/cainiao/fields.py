"""Fields are put on the wire and found there as a table says, not as code does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from logistics.carriers.cainiao.sources import Sources
from logistics.carriers.cainiao.tables import Source

_PATH = re.compile(r"[A-Za-z_]\w{0,63}(?:\.(?:[A-Za-z_]\w{0,63}|\d{1,2})){0,9}", re.ASCII)
Step = str | int


def is_path(path: object) -> bool:
    """Whether `path` can be a place on the wire: names and list places joined by dots."""
    return isinstance(path, str) and _PATH.fullmatch(path) is not None


def source_name(source: Source) -> str | None:
    """The name of the source meant; None for a literal."""
    if not isinstance(source, str) or source.startswith("="):
        return None
    return source.removesuffix("!")


def without_literals(questions: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The tables fit to be shown: a literal may be a token."""
    return {
        kind: {path: "=…" if str(source).startswith("=") else source
               for path, source in (table or {}).items()}
        for kind, table in questions.items()
    }  # fmt: skip


def leaf(path: str) -> str:
    """The last name in a path: what masking looks at."""
    return next((step for step in reversed(path.split(".")) if not step.isdigit()), path)


def build(table: Mapping[str, Source], sources: Sources) -> dict[str, Any]:
    """The question as nested objects and lists.

    None is left out, and so is an empty text unless its source ends in `!`.

    :raises ValueError: two paths of the table exclude each other.
    """
    root: dict[str, Any] = {}
    for path, source in table.items():
        value = _value(source, sources)
        if value is not None:
            _put(root, path, value)
    return {name: _settled(value) for name, value in root.items()}


def _value(source: Source, sources: Sources) -> str | int | None:
    name = source_name(source)
    if name is None:
        return source[1:] if isinstance(source, str) else source
    value = sources.get(name)
    empty_is_sent = str(source).endswith("!")
    return value if value != "" or empty_is_sent else None


def _put(root: dict[str, Any], path: str, value: str | int) -> None:
    steps = path.split(".")
    place, last = root, steps[-1]
    for step, following in pairwise(steps):
        place = place.setdefault(step, {})
        if not isinstance(place, dict) or any(
            known.isdigit() != following.isdigit() for known in place
        ):
            raise _clash(path)
    if last in place:
        raise _clash(path)
    place[last] = value


def _settled(value: Any) -> Any:
    """Objects whose members are all numbered are lists; places left out close up."""
    if not isinstance(value, dict):
        return value
    if all(name.isdigit() for name in value):
        return [_settled(value[name]) for name in sorted(value, key=int)]
    return {name: _settled(member) for name, member in value.items()}


def _clash(path: str) -> ValueError:
    return ValueError(f"路径 {path!r} 与同一张表里的另一条路径冲突")


def find(fields: Mapping[str, object], path: str | None) -> tuple[object, tuple[Step, ...]]:
    """What lies at `path`, flat or under `data`, and the steps to it; (None, ()) if nothing."""
    if not path:
        return None, ()
    steps = tuple(int(step) if step.isdigit() else step for step in path.split("."))
    for way in (steps, ("data", *steps)):
        value = _at(fields, way)
        if value is not None and value != "":
            return value, way
    return None, ()


def _at(value: object, way: tuple[Step, ...]) -> object:
    for step in way:
        if isinstance(step, str) and isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def has(fields: Mapping[str, object], path: str) -> bool:
    """Whether there is a member at `path`, be it null or empty."""
    *way, last = path.split(".")
    for prefix in ((), ("data",)):
        holder = _at(fields, (*prefix, *way))
        if isinstance(holder, Mapping) and last in holder:
            return True
    return False


def items(value: object) -> list[tuple[tuple[Step, ...], Mapping[str, object]]]:
    """The objects of a list, each with the steps to it; XML wraps a list in an element."""
    steps: tuple[Step, ...] = ()
    if isinstance(value, Mapping) and len(value) == 1:
        name, inner = next(iter(value.items()))
        if isinstance(inner, list | Mapping):
            value, steps = inner, (str(name),)
    if isinstance(value, Mapping):
        return [(steps, value)]
    if not isinstance(value, list):
        return []
    return [
        ((*steps, place), item) for place, item in enumerate(value) if isinstance(item, Mapping)
    ]
