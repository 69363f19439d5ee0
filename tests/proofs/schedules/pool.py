"""Stands where the job runner has its threads: one at a time, in an order that the seed chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from random import Random
from typing import Any, Self


class Pool:
    """What was submitted runs only when somebody waits for it."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Whatever a pool of threads is given."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """What a dead worker had not begun is never begun."""

    def submit(self, action: Callable[[], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        future.__dict__["action"] = action
        return future


def waiter(dice: Random) -> Callable[..., tuple[set[Future[Any]], set[Future[Any]]]]:
    """`concurrent.futures.wait`, which runs one of what it is given; which, the dice say."""

    def wait(flying: Iterable[Future[Any]], *_: Any, **__: Any) -> Any:
        waiting = list(flying)
        chosen = waiting.pop(dice.randrange(len(waiting)))
        try:
            chosen.set_result(chosen.__dict__["action"]())
        except Exception as exc:  # noqa: BLE001 - as a thread's future keeps it
            chosen.set_exception(exc)
        return {chosen}, set(waiting)

    return wait
