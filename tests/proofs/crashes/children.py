"""What is run in a child of this process ends with it: finished, failed, or killed where asked."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, connections

from tests.proofs.crashes.killer import END, Killer

PATIENCE_SECONDS = 60.0
WORDLESS = {"error": "it ended wordless"}
_OTHERS = (
    "SELECT COUNT(*) FROM information_schema.processlist"
    " WHERE db = DATABASE() AND id <> CONNECTION_ID()"
)


@dataclass(frozen=True)
class End:
    """How a child ended: `died` is the point at which it was killed, else it told the rest."""

    died: str | None = None
    points: tuple[str, ...] = ()
    result: Any = None
    error: str = ""


def run_child(
    action: Callable[[], Any], at: int | None, *, asleep: Callable[[], None] | None = None
) -> End:
    """Run `action` in a fork of this process, killed at its point number `at`.

    With `asleep` it is not killed there but stopped, until that has been done by us.
    """
    connections.close_all()  # a connection must not have two owners
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        _be_child(action, at, writer, signal.SIGSTOP if asleep else signal.SIGKILL)
    os.close(writer)
    try:
        told = _read(reader)
        if asleep and "died" in told:
            asleep()
            connections.close_all()
            os.kill(pid, signal.SIGCONT)
            told = {**_read(reader), "died": told["died"]}
        elif "died" in told and _read(reader) != WORDLESS:
            told = {"error": f"it survived its own death at {told['died']}"}
    finally:
        os.close(reader)
        os.kill(pid, signal.SIGKILL)  # ours until it is waited for; it may hang
        os.waitpid(pid, 0)
    _await_rollback()
    return End(
        died=told.get("died"),
        points=tuple(told.get("points", ())),
        result=told.get("result"),
        error=told.get("error", ""),
    )


def _be_child(action: Callable[[], Any], at: int | None, writer: int, how: int) -> None:
    gc.disable()  # it would touch, and so copy, every page we share with the parent
    try:
        killer = Killer(at, lambda words: _say(writer, died=words), how)
        killer.arm()
        result = action()
        killer.point(END)
        _say(writer, points=killer.points, result=result)
    except BaseException:  # noqa: BLE001 - the parent is told, and nobody above is ours
        _say(writer, error=traceback.format_exc())
    finally:
        # Neither pytest's nor Django's endings are this process's business.
        os._exit(0)


def _say(writer: int, **told: Any) -> None:
    rest = json.dumps(told).encode() + b"\n"
    while rest:
        rest = rest[os.write(writer, rest) :]


def _read(reader: int) -> dict[str, Any]:
    """One line of what the child says."""
    said = b""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not said.endswith(b"\n"):
        ready, _, _ = select.select([reader], [], [], max(0.0, ends - time.monotonic()))
        if not ready:
            return {"error": f"no end within {PATIENCE_SECONDS} s"}
        part = os.read(reader, 65536)
        if not part:
            return WORDLESS
        said += part
    told: dict[str, Any] = json.loads(said)
    return told


def _await_rollback() -> None:
    """Wait until the server has undone what the dead left open: SQLite does it as we open."""
    if connection.vendor != "mysql":
        return
    ends = time.monotonic() + PATIENCE_SECONDS
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_OTHERS)
            if cursor.fetchone() == (0,):
                return
            assert time.monotonic() < ends, "the server still serves the dead"
            time.sleep(0.001)
