"""Two databases on one server, at a thousand orders and at very many; the sizes take turns."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from benchmarks import books
from benchmarks.servers import PRODUCT, Server, serving

SMALL = 1_000
# The first tenant holds a tenth of all orders, most of them done.
SHARE = 10
# As many orders need a person in both sizes.
RARE = 80
RARE_ROWS = SMALL // RARE
COPIED = ("accounts_tenant", "accounts_credential", "platform_tenant_quota")
Fill = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Sizes:
    """The same product over a small and over a large database."""

    small: Server
    large: Server


@contextlib.contextmanager
def two_sizes(
    *, tenant_id: int, large: int, also: Sequence[Fill] = (), copied: Sequence[str] = ()
) -> Iterator[Sizes]:
    """Serve both; `also` fills more tables, `copied` are carried over as they are."""
    fills: list[Fill] = [lambda database, count: fill_orders(database, count, tenant_id), *also]
    books.empty()
    for fill in fills:
        fill("tonglu", SMALL)
    with (
        _second_database([*COPIED, *copied], fills, large) as other,
        serving(PRODUCT) as (small,),
        _pointed_at(other),
        serving(PRODUCT) as (big,),
    ):
        yield Sizes(small, big)


def fill_orders(database: str, count: int, tenant_id: int) -> None:
    """Orders a second apart, oldest first: number n was created n seconds after the first."""
    from django.db import connection  # noqa: PLC0415 - after the settings

    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {database}.platform_express_orders"
            " (attempts, order_no, content_hash, is_test, cp_code, waybill_status, sender_name,"
            "  sender_phone, receiver_name, receiver_phone, receiver_phone_hash, address_fallback,"
            "  status, exception_from, resends, version, event_sequence, tenant_id, created_at,"
            "  updated_at)"
            " SELECT 0, CONCAT('L', LPAD(seq, 12, '0')), '', 0, 'YTO', 'used', '桐庐仓', '0571-1',"
            "  '张三丰', '13800138000', MD5(seq), 0,"
            f"  IF(MOD(seq, {RARE}) = 0 AND seq <= {SMALL}, 'exception', 'signed'),"
            f"  IF(MOD(seq, {RARE}) = 0 AND seq <= {SMALL}, 'created', NULL), 0, 0, 0,"
            f"  IF(MOD(seq, {SHARE}) = 0, {tenant_id}, 1000 + MOD(seq, 500)),"
            "  TIMESTAMPADD(SECOND, seq, '2026-01-01'), TIMESTAMPADD(SECOND, seq, '2026-01-01')"
            f" FROM seq_1_to_{count}"
        )
        cursor.execute(f"ANALYZE TABLE {database}.platform_express_orders")
        cursor.fetchall()


@contextlib.contextmanager
def _second_database(copied: Sequence[str], fills: Sequence[Fill], count: int) -> Iterator[str]:
    from django.db import connection  # noqa: PLC0415 - after the settings

    other = urlsplit(os.environ["DATABASE_URL"])._replace(path="/large").geturl()
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE large CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin")
        try:
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
                env={**os.environ, "DATABASE_URL": other},
                check=True,
            )
            for table in copied:
                cursor.execute(f"DELETE FROM large.{table}")
                cursor.execute(f"INSERT INTO large.{table} SELECT * FROM tonglu.{table}")
            for fill in fills:
                fill("large", count)
            yield other
        finally:
            cursor.execute("DROP DATABASE large")


@contextlib.contextmanager
def _pointed_at(url: str) -> Iterator[None]:
    """What is started inside sees that database."""
    before = os.environ["DATABASE_URL"]
    os.environ["DATABASE_URL"] = url
    try:
        yield
    finally:
        os.environ["DATABASE_URL"] = before
