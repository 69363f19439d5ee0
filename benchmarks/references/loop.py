"""R1: the same statements through the raw driver, no HTTP and no Django: eight processes."""

from __future__ import annotations

import os
import sys
import time
import uuid
from multiprocessing import get_context
from urllib.parse import parse_qs, urlsplit

from benchmarks.references import sql

PROCESSES = 8


def rate(url: str, tenants: list[int], seconds: float) -> float:
    """Bookings a second."""
    context = get_context("spawn")  # a fork would share the caller's connections
    with context.Pool(PROCESSES) as pool:
        jobs = [(url, tenants[number % len(tenants)], seconds) for number in range(PROCESSES)]
        return sum(pool.starmap(_loop, jobs, chunksize=1))


def _loop(url: str, tenant_id: int, seconds: float) -> float:
    import MySQLdb  # noqa: PLC0415 - an extra of the product

    parts = urlsplit(url)
    link = MySQLdb.connect(
        user=parts.username,
        db=parts.path.strip("/"),
        unix_socket=parse_qs(parts.query)["unix_socket"][0],
        charset="utf8mb4",
    )
    cursor = link.cursor()
    cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    link.autocommit(False)
    done, began = 0, time.monotonic()
    while time.monotonic() - began < seconds:
        nonce, at = uuid.uuid4().hex, sql.now()
        cursor.execute(sql.NONCE, [tenant_id, nonce, at])
        link.commit()
        parcel = {
            "tenant_order_no": nonce, "receiver_name": "张三丰", "receiver_phone": "13800138000",
            "receiver_address": "浙江省杭州市余杭区文一西路969号", "goods_name": "茶叶",
            "weight": "1.250",
        }  # fmt: skip
        sql.book(cursor, tenant_id, parcel, at)
        link.commit()
        done += 1
    link.close()
    return done / (time.monotonic() - began)


if __name__ == "__main__":
    print(rate(os.environ["DATABASE_URL"], [int(text) for text in sys.argv[1:]], 2.0))
