"""Lists at a million orders against the same lists at a thousand, row for row.

Two databases on one server, so that the two sizes take turns.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

from benchmarks import books
from benchmarks.ground import Ground, Key
from benchmarks.load import ORDERS, Void
from benchmarks.rounds import Figure, figure, interleave, ratio
from benchmarks.servers import PRODUCT, Server, serving

SMALL = 1_000
PAGE = 20
# The first tenant holds a tenth of all orders, most of them done.
SHARE = 10
# As many of its orders need a person in both sizes.
RARE = 80
RARE_ROWS = SMALL // RARE
COPIED = ("accounts_tenant", "accounts_credential", "platform_tenant_quota")


def run(ground: Ground) -> list[Figure]:
    """Milliseconds a page, large over small, for the first page and for the last of many."""
    large, rounds, calls = (200_000, 2, 20) if ground.quick else (1_000_000, 7, 150)
    key = ground.keys[0]
    url = os.environ["DATABASE_URL"]
    books.empty()
    _fill("tonglu", key, SMALL)
    with (
        _second_database(url, key, large) as other,
        serving(PRODUCT) as (small,),
        _pointed_at(other),
        serving(PRODUCT) as (big,),
    ):
        pages = {
            "first": "",
            "deep": "&cursor=" + _cursor(PAGE),
            "rare status": "&status=exception",
        }
        figures: list[Figure] = []
        cpu: list[float] = []

        def at_large(number: int, target: str) -> float:
            before = big.cpu_seconds()
            took = _milliseconds(big, key, target, calls)
            if number:
                cpu.append((big.cpu_seconds() - before) / calls * 1000)
            return took

        for name, query in pages.items():
            target = f"{ORDERS}?page_size={PAGE}{query}"
            seen = interleave(
                {
                    "small": lambda _, t=target: _milliseconds(small, key, t, calls),
                    "large": lambda number, t=target: at_large(number, t),
                },
                rounds,
            )
            beside = ", ".join(
                f"{size} {statistics.median(values):.2f} ms" for size, values in seen.items()
            )
            figures.append(
                ratio(f"{name} page at {large:,} / at {SMALL:,} orders", seen["large"],
                      seen["small"], at_most=1.2, beside=beside)
            )  # fmt: skip
    return [*figures, figure("a page of a list, web CPU", cpu, unit="ms")]


def _fill(database: str, key: Key, count: int) -> None:
    """Orders a second apart, oldest first: number n was created n seconds after the first."""
    from django.db import connection  # noqa: PLC0415 - after the settings

    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {database}.platform_express_orders"
            " (attempts, order_no, content_hash, is_test, cp_code, waybill_status, sender_name,"
            "  sender_phone, receiver_name, receiver_phone, receiver_phone_hash, address_fallback,"
            "  status, exception_from, resends, version, tenant_id, created_at, updated_at)"
            " SELECT 0, CONCAT('L', LPAD(seq, 12, '0')), '', 0, 'YTO', 'used', '桐庐仓', '0571-1',"
            "  '张三丰', '13800138000', MD5(seq), 0,"
            f"  IF(MOD(seq, {RARE}) = 0 AND seq <= {SMALL}, 'exception', 'signed'),"
            f"  IF(MOD(seq, {RARE}) = 0 AND seq <= {SMALL}, 'created', NULL), 0, 0,"
            f"  IF(MOD(seq, {SHARE}) = 0, {key.tenant_id}, 1000 + MOD(seq, 500)),"
            "  TIMESTAMPADD(SECOND, seq, '2026-01-01'), TIMESTAMPADD(SECOND, seq, '2026-01-01')"
            f" FROM seq_1_to_{count}"
        )
        cursor.execute(f"ANALYZE TABLE {database}.platform_express_orders")
        cursor.fetchall()


@contextlib.contextmanager
def _second_database(url: str, key: Key, count: int) -> Iterator[str]:
    from django.db import connection  # noqa: PLC0415 - after the settings

    other = urlsplit(url)._replace(path="/large").geturl()
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE large CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin")
        try:
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
                env={**os.environ, "DATABASE_URL": other},
                check=True,
            )
            for table in COPIED:
                cursor.execute(f"INSERT INTO large.{table} SELECT * FROM tonglu.{table}")
            _fill("large", key, count)
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


def _cursor(rows: int) -> str:
    """The cursor after which the tenant's oldest `rows` orders follow, whatever the size."""
    number = (rows + 1) * SHARE
    at = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(1_767_225_600 + number))
    return base64.urlsafe_b64encode(f"{at}|{number}".encode()).decode().rstrip("=")


def _milliseconds(server: Server, key: Key, target: str, calls: int) -> float:
    """The median of single calls, one after the other, each with the rows of its page."""
    times = []
    for _ in range(calls):
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}{target}")
        for name, value in _signed(key, target).items():
            request.add_header(name, value)
        began = time.perf_counter()
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = answer.read()
        times.append((time.perf_counter() - began) * 1000)
    found = len(json.loads(body)["data"]["items"])
    if found != RARE_ROWS if "status" in target else found != PAGE:
        raise Void(f"{target}: {found} rows")
    return statistics.median(times)


def _signed(key: Key, target: str) -> dict[str, str]:
    stamp, nonce = str(int(time.time())), uuid.uuid4().hex
    text = f"GET\n{target}\n{stamp}\n{nonce}\n{hashlib.sha256(b'').hexdigest()}"
    return {
        "X-Tonglu-Key": key.key_id,
        "X-Tonglu-Timestamp": stamp,
        "X-Tonglu-Nonce": nonce,
        "X-Tonglu-Signature": hmac.new(
            key.secret.encode(), text.encode(), hashlib.sha256
        ).hexdigest(),
    }
