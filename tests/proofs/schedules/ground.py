"""The stage of one seed: an empty database with its cast, a sandbox, and every source of chance."""

from __future__ import annotations

import contextlib
import importlib
import logging
import secrets
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from unittest import mock

import time_machine
from django.apps import apps
from django.core.cache import cache
from django.db import connection, transaction

from accounts.services.outbox import owing
from config.kernel.http import partner
from config.kernel.keeping import Kept
from config.kernel.work import Job, runner
from logistics.carriers.cainiao import partners
from logistics.services import accounts
from tests.proofs.schedules.clock import Clock
from tests.proofs.schedules.pool import Pool, waiter

# The package gives its function the module's name.
nudges = importlib.import_module("config.kernel.work.nudge")


# Rows of other tables are bound to theirs.
PARENTS = ("accounts_tenant", "accounts_user")


def empty_tables() -> None:
    """Delete every row of ours, children first; nothing is migrated anew."""
    tables = [
        model._meta.db_table
        for label in ("delivery", "logistics", "quotas", "accounts")
        for model in apps.get_app_config(label).get_models()
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        for table in sorted(tables, key=lambda name: name in PARENTS):
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("DELETE FROM proof_moves")


def begin_at(dice: Random) -> datetime:
    """Any minute of two years."""
    return datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(2 * 365 * 24 * 60))


@contextlib.contextmanager
def seeded(seed: int, start: datetime, trouble: logging.Handler) -> Iterator[Clock]:
    """Time, chance, threads, messages and logs are this run's own until the block ends."""
    chance = Random(f"{seed}:chance")
    order = Random(f"{seed}:threads")
    with contextlib.ExitStack() as stack:
        traveller = stack.enter_context(time_machine.travel(start, tick=False))
        clock = Clock(traveller, start)
        put = stack.enter_context
        put(mock.patch.object(time, "monotonic", clock.monotonic))
        put(mock.patch.object(time, "sleep", clock.advance))
        put(mock.patch("config.kernel.http.budget.monotonic", clock.monotonic))
        put(mock.patch.object(partner, "monotonic", clock.monotonic))
        put(mock.patch.object(secrets, "choice", chance.choice))
        put(mock.patch.object(secrets, "randbelow", chance.randrange))
        put(mock.patch.object(secrets, "token_bytes", chance.randbytes))
        put(mock.patch.object(secrets, "token_hex", lambda n=32: chance.randbytes(n).hex()))
        put(mock.patch.object(uuid, "uuid4", side_effect=lambda: _uuid(chance)))
        put(mock.patch.object(runner, "ThreadPoolExecutor", Pool))
        put(mock.patch.object(runner, "wait", waiter(order)))
        # Every nudge is lost: the rows are the queue, and the scheduler decides when to look.
        put(mock.patch.object(nudges, "hand_over"))
        put(mock.patch.object(owing, "hand_over"))
        put(mock.patch.dict(Job.known))
        put(mock.patch.dict(partners._partners, clear=True))
        root = logging.getLogger()
        put(mock.patch.object(root, "handlers", [trouble]))
        put(mock.patch.object(root, "level", logging.ERROR))
        cache.clear()
        _forget()
        stack.callback(_forget)
        yield clock


def _uuid(chance: Random) -> uuid.UUID:
    return uuid.UUID(bytes=chance.randbytes(16))


def _forget() -> None:
    """What a process keeps of its database, and of its ways out, was another run's."""
    Kept.forget_all()
    accounts.forget_cached_accounts()
