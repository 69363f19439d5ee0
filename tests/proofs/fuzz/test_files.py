"""Any file is read as parcels or refused by line and column; no byte makes the import stop."""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.errors import Malformed
from logistics.models import ExpressOrder
from logistics.services.importing import LABELS, REQUIRED, Row, book_rows, read_rows
from quotas.models import TenantQuota
from quotas.queries import find_discrepancies
from tests.factories import AccountFactory, QuotaFactory, RuleFactory
from tests.proofs.fuzz.budget import examples

pytestmark = pytest.mark.timeout(900)
SLOWEST = 2.0
COLUMNS = [*LABELS, *LABELS.values()]
GOOD = {
    "tenant_order_no": "A-1", "receiver_name": "张三", "receiver_phone": "13800138000",
    "receiver_address": "浙江省杭州市余杭区文一西路969号",
}  # fmt: skip
cells = st.one_of(
    st.sampled_from([*GOOD.values(), "", "--5", "-", "1e5", "1", "１", "②", "NaN", "\x00", "\ufeff",
                     '"', '""', "\n", "x" * 600, "=1+1", "0.0001", "9" * 400, "\ud7ff", " "]),
    st.text(max_size=20),
    st.integers().map(str),
    st.decimals().map(str),
)  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """A file that could be a table of parcels."""
    header = [*REQUIRED, *draw(st.lists(st.sampled_from(COLUMNS), max_size=5, unique=True))]
    header = draw(st.permutations(header))
    if draw(st.integers(0, 3)):
        header = [name for name in dict.fromkeys(header) if LABELS.get(name) not in header]
    lines = []
    for number in range(draw(st.integers(0, 6))):
        row = [
            draw(cells) if draw(st.integers(0, 3)) == 0 else GOOD.get(name, "") for name in header
        ]
        if draw(st.booleans()):
            row = [f"A-{number}" if cell == "A-1" else cell for cell in row]
        lines.append(row[: draw(st.integers(0, len(row)))] if draw(st.integers(0, 9)) == 0 else row)
    out = io.StringIO()
    csv.writer(out, lineterminator=draw(st.sampled_from(["\n", "\r\n", "\r"]))).writerows(
        [header, *lines]
    )
    charset = draw(st.sampled_from(["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "latin-1"]))
    return out.getvalue().encode(charset, "replace")


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """The same with bytes changed."""
    raw = bytearray(draw(tables()))
    for place, byte in draw(
        st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=2)), max_size=5)
    ):
        at = place % (len(raw) + 1)
        raw[at : at + 1] = byte
    return bytes(raw)


def read(content: bytes) -> list[Row] | Malformed:
    began = time.perf_counter()
    result: list[Row] | Malformed
    try:
        result = read_rows(content)
    except Malformed as refusal:
        result = refusal
    assert time.perf_counter() - began < SLOWEST
    assert isinstance(result, list) or result.fields
    return result


def check_rows(rows: list[Row], content: bytes) -> None:
    lines = [row.line for row in rows]
    assert lines == sorted(set(lines))
    assert all(2 <= line <= content.count(b"\n") + content.count(b"\r") + 1 for line in lines)
    for row in rows:
        assert (row.draft is None) == bool(row.errors)
        assert all(texts for texts in row.errors.values())
    numbers = [row.draft.tenant_order_no for row in rows if row.draft]
    assert len(numbers) == len(set(numbers))
    assert None not in numbers


def test_any_file_is_read_or_refused_by_line_and_column() -> None:
    heard = Counter[str]()

    @examples(1500)
    @given(st.one_of(tables(), spoilt(), st.binary(max_size=400), st.sampled_from([
        b"", b"\n", b'"', b'"' * 100_000, b"," * 100_000, b"\x00", b"\xff\xfe", b"a," * 100_000,
        b"\n" * 100_000, b"\r" * 100_000, ",".join(REQUIRED).encode() + b"\n" + b'"' * 200_001,
        (",".join(REQUIRED) + "\n" + ",".join(GOOD.values()) + "\n").encode() * 2000,
    ])))  # fmt: skip
    def reading(content: bytes) -> None:
        rows = read(content)
        heard["refused" if isinstance(rows, Malformed) else "read"] += 1
        if isinstance(rows, list):
            check_rows(rows, content)
            heard["good rows"] += sum(row.draft is not None for row in rows)

    reading()
    print(dict(heard))
    assert min(heard["refused"], heard["read"], heard["good rows"]) > 100, heard


@pytest.mark.django_db(transaction=True)
def test_every_good_row_can_be_booked_on_this_database_and_twice_books_nothing_new() -> None:
    RuleFactory()
    AccountFactory()
    quota: Any = QuotaFactory(monthly_free_quota=1_000_000)
    at = datetime.now(UTC)

    @examples(150)
    @given(tables() | spoilt())
    def booking(content: bytes) -> None:
        ExpressOrder.objects.all().delete()
        rows = read(content)
        if isinstance(rows, Malformed):
            return
        first = list(book_rows(rows, tenant_id=quota.tenant_id, at=at))
        made = ExpressOrder.objects.count()
        second = list(book_rows(rows, tenant_id=quota.tenant_id, at=at))
        assert (
            ExpressOrder.objects.count() == made == sum(each.booked is not None for each in first)
        )
        assert [each.line for each in first] == [each.line for each in second]
        assert not any(each.booked.created for each in second if each.booked)

    booking()
    assert TenantQuota.objects.get().total_used > 20
    assert list(find_discrepancies()) == []
