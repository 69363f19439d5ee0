"""Work that waits for others' slow servers holds none of a worker's few slots.

It runs in a thread of its own, one of a name in each process. The thread dies with the process,
and the leases of what it had in hand bring those rows back; one that is told to stop takes no
more, and a process that ends gently waits for it.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

from django.db import connections

log = logging.getLogger(__name__)
_Key = tuple[int, str]
_running: dict[_Key, threading.Thread] = {}
_again: set[_Key] = set()
_changing = threading.Lock()
_ending = threading.Event()


def start_aside(name: str, work: Callable[[], object]) -> bool:
    """Run `work` aside unless it runs already: then it runs once more; returns whether started.

    The second run is for whom the first one, about to end, has not seen. A forked child has none
    of its parent's threads. In a process that is about to end nothing is started.
    """
    if is_ending():
        return False
    key = (os.getpid(), name)
    with _changing:
        thread = _running.get(key)
        if thread is not None and thread.is_alive():
            _again.add(key)
            return False
        thread = threading.Thread(target=_run, args=(key, work), name=f"aside-{name}", daemon=True)
        _running[key] = thread
        thread.start()
    return True


def end_asides() -> None:
    """Have what runs aside take nothing more: this process is told to stop."""
    _ending.set()


def is_ending() -> bool:
    """Whether this process is told to stop: for work that would go on for long."""
    return _ending.is_set()


def await_asides(seconds: float) -> bool:
    """Give what is in hand so long to be written down; returns whether all of it was."""
    end_asides()
    ends = time.monotonic() + seconds
    with _changing:
        threads = [thread for (pid, _), thread in _running.items() if pid == os.getpid()]
    for thread in threads:
        thread.join(max(0.0, ends - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)


def _run(key: _Key, work: Callable[[], object]) -> None:
    try:
        while True:
            work()
            with _changing:
                if key not in _again or is_ending():
                    _running.pop(key, None)
                    return
                _again.discard(key)
    except Exception:
        # The clock starts it anew; what it had in hand comes back with its lease.
        log.exception("%s ended", key[1])
        with _changing:
            _again.discard(key)
            _running.pop(key, None)
    finally:
        connections.close_all()
