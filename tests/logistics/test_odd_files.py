"""A file of parcels that nobody meant is refused by line and column, however odd it is."""

from __future__ import annotations

import time

import pytest

from config.kernel.errors import Malformed
from logistics.services.importing import read_rows

HEADER = "tenant_order_no,receiver_name,receiver_phone,receiver_address,goods_count\n"


@pytest.mark.parametrize("count", ["--5", "-", "1-", "²", "٣", "1_0", "9" * 30])
def test_a_count_that_is_no_number_is_named(count: str) -> None:
    [row] = read_rows(f"{HEADER}A-1,张三,13800138000,杭州,{count}\n".encode())
    assert row.draft is None
    assert (row.line, list(row.errors)) == (2, ["goods_count"])


def test_a_header_of_a_hundred_thousand_columns_is_refused_at_once() -> None:
    began = time.perf_counter()
    with pytest.raises(Malformed) as caught:
        read_rows(",".join(f"c{number}" for number in range(100_000)).encode())
    assert len(caught.value.fields["第 1 行（表头）"]) == 20
    assert time.perf_counter() - began < 5
