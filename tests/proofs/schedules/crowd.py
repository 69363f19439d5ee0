"""Many seeds are shared out to processes, each with a database of its own."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing.util import Finalize

from tests.proofs.schedules.databases import own_database
from tests.proofs.schedules.playing import Played, play

_kept = contextlib.ExitStack()


def play_many(seeds: range, *, orders: int, jobs: int, server: str) -> Iterator[Played]:
    """Play all seeds; what came of each, as soon as it is known."""
    # Spawned: a process that has Django loaded cannot be forked into one with another database.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, spawn, _begin, (server,)) as pool:
        for future in as_completed([pool.submit(play, seed, orders=orders) for seed in seeds]):
            yield future.result()


def _begin(server: str) -> None:
    _kept.enter_context(own_database(server))
    Finalize(None, _kept.close, exitpriority=10)
