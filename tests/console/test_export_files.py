"""Files leave row by row, no cell is a formula, and what was written is what is read again."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from config.kernel.console import workbooks
from config.kernel.console.exporting import safe_text, stream_csv, stream_xlsx

FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n=1", "\u3000=1", "\ufeff=1",
    "\u200b=1", "＝1", "＋1", "－1", "＠x", " ＝1", "\t1", "\r1", "=cmd|' /C calc'!A0", "﹣1",
    "\u200e=1", "\u202a=1", "\u061c=1", "⁺1",
]  # fmt: skip
PLAIN = [
    "",
    "张三",
    "1-1",
    "a=b",
    "'=1",
    "13800138000",
    "2026-02-28",
    "(=1)",
    "—",
    "0571-8888",
    "\u200e",
    "²",
]


def content(answer: StreamingHttpResponse) -> bytes:
    return b"".join(answer)  # type: ignore[arg-type]


def read_csv(answer: StreamingHttpResponse) -> list[list[str]]:
    data = content(answer)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def read_xlsx(answer: StreamingHttpResponse) -> list[tuple[Any, ...]]:
    book = load_workbook(io.BytesIO(content(answer)))
    return [row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_a_spreadsheet_would_compute_gets_an_apostrophe(text: str) -> None:
    assert safe_text(text) == f"'{text}"
    assert read_csv(stream_csv("x.csv", ["h"], [[text]]))[1] == [f"'{text}"]
    ((cell,),) = read_xlsx(stream_xlsx("x.xlsx", ["h"], [[text]]))[1:]
    assert cell == f"'{text}"


@pytest.mark.parametrize("text", PLAIN)
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert safe_text(text) == text


def test_headers_are_as_safe_as_cells() -> None:
    assert read_csv(stream_csv("x.csv", ["=1", "b"], []))[0] == ["'=1", "b"]


def test_numbers_dates_and_answers_keep_their_kinds() -> None:
    at = datetime(2026, 11, 20, 16, 30, 5, tzinfo=UTC)
    row = [7, -5, Decimal("-1.50"), 0.25, None, True, at, date(2026, 2, 28), "007"]
    (shown,) = read_csv(stream_csv("x.csv", ["h"] * 9, [row]))[1:]
    assert shown[:5] == ["7", "-5", "-1.50", "0.25", ""]
    assert shown[6:] == ["2026-11-21 00:30:05", "2026-02-28", "007"]
    (cells,) = read_xlsx(stream_xlsx("x.xlsx", ["h"] * 9, [row]))[1:]
    assert cells[:5] == (7, -5, -1.5, 0.25, None)
    assert [str(cell) for cell in cells[6:]] == [
        "2026-11-21 00:30:05", "2026-02-28 00:00:00", "007",
    ]  # fmt: skip
    with translation.override("en"):
        assert read_csv(stream_csv("x.csv", ["h"], [[True], [False]]))[1:] == [["yes"], ["no"]]


def test_the_language_is_that_of_the_request_though_the_file_is_read_later() -> None:
    with translation.override("en"):
        answer = stream_csv("x.csv", [translation.gettext_lazy("yes")], iter([[True]]))
    with translation.override("zh-hans"):
        assert read_csv(answer) == [["yes"], ["yes"]]


def test_a_number_too_long_for_a_spreadsheet_is_a_text() -> None:
    rows = read_xlsx(stream_xlsx("x.xlsx", ["h"], [[7512345678901234567], [float("nan")]]))
    assert rows[1:] == [("7512345678901234567",), ("nan",)]


def test_what_no_file_can_hold_is_replaced_or_shortened() -> None:
    row = ["a\x00b\x0b\ud800c\uffff", "x" * 100_000, "_x0041_", "a\r\nb", "<&>\"'"]
    (cells,) = read_xlsx(stream_xlsx("x.xlsx", ["h"] * 5, [row]))[1:]
    assert cells[0] == "a\ufffdb\ufffd\ufffdc\ufffd"
    assert len(cells[1]) < 32_768
    assert cells[2:] == ("_x005F_x0041_", "a\r\nb", "<&>\"'")
    assert len(read_csv(stream_csv("x.csv", ["h"] * 5, [row]))[1]) == 5


@given(st.lists(st.lists(st.text(max_size=30), min_size=3, max_size=3), max_size=10))
def test_no_text_whatever_breaks_a_file_or_becomes_a_formula(rows: list[list[str]]) -> None:
    for found in (
        read_csv(stream_csv("x.csv", ["a", "b", "c"], rows))[1:],
        read_xlsx(stream_xlsx("x.xlsx", ["a", "b", "c"], rows))[1:],
    ):
        assert len(found) == len(rows)
        for cell in (cell for row in found for cell in row):
            assert not str(cell or "").lstrip().startswith(("=", "+", "-", "@", "＝", "＋"))


def test_rows_that_one_sheet_cannot_hold_go_on_in_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 11)
    answer = stream_xlsx("x.xlsx", ["n"], ([number] for number in range(25)), title="订单[1]/明细")
    book = load_workbook(io.BytesIO(content(answer)))
    assert book.sheetnames == ["订单 1  明细", "订单 1  明细 2", "订单 1  明细 3"]
    assert [sheet.max_row for sheet in book.worksheets] == [11, 11, 6]
    assert [sheet["A1"].value for sheet in book.worksheets] == ["n"] * 3
    assert book.worksheets[2]["A6"].value == 24


@pytest.mark.parametrize("write", [stream_csv, stream_xlsx])
def test_rows_are_asked_for_only_as_they_leave_and_are_not_kept(write: Any) -> None:
    asked = 0

    def rows() -> Iterator[list[Any]]:
        nonlocal asked
        for number in range(60_000):
            asked += 1
            yield [number, "桐庐" * 40, Decimal("1.25")]

    answer = iter(write("x", ["a", "b", "c"], rows()))
    next(answer)
    assert 0 < asked <= 1_000
    tracemalloc.start()
    try:
        size = sum(len(chunk) for chunk in answer)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert asked == 60_000
    assert size > 100_000
    assert peak < 8_000_000


def test_a_file_whose_rows_fail_is_not_a_whole_one() -> None:
    def rows() -> Iterator[list[int]]:
        yield from ([number] for number in range(5_000))
        raise RuntimeError("the database went away")

    got: list[Any] = []
    with pytest.raises(RuntimeError):
        got.extend(stream_xlsx("x.xlsx", ["n"], rows()))
    assert not zipfile.is_zipfile(io.BytesIO(b"".join(got)))


def test_the_file_is_named_in_any_script() -> None:
    answer = stream_csv("快递订单.csv", ["a"], [])
    assert "filename*=utf-8''%E5%BF%AB" in answer["Content-Disposition"]
    assert answer["Content-Disposition"].startswith("attachment")
