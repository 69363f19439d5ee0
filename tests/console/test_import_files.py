"""A spreadsheet is read as texts by line and column; one that means harm is refused unread."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from config.kernel.errors import Malformed
from logistics.services import spreadsheets
from logistics.services.importing import Row, read_rows
from logistics.services.spreadsheets import read_lines

HEADER = ["商家订单号", "收件人", "收件人电话", "收件地址", "物品数量", "重量"]
GOOD = ["A-1", "张三", "13800138000", "浙江省杭州市余杭区文一西路969号", 2, 1.5]


def workbook(*rows: list[Any], sheets: int = 1) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for _ in range(sheets - 1):
        book.create_sheet().append(["别的"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rebuilt(content: bytes, **members: bytes) -> bytes:
    """The same archive with members replaced or added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name not in members:
                new.writestr(name, old.read(name))
        for name, data in members.items():
            new.writestr(name, data)
    return out.getvalue()


def only(content: bytes) -> Row:
    (row,) = read_rows(content)
    return row


def test_a_workbook_is_read_as_the_same_file_in_csv() -> None:
    csv_row = only((",".join(HEADER) + "\n" + ",".join(map(str, GOOD)) + "\n").encode())
    assert csv_row.draft is not None
    assert only(workbook(HEADER, GOOD)).draft == csv_row.draft


@pytest.mark.parametrize("phone", [13800138000, 13800138000.0, "13800138000.0", " 13800138000 "])
def test_a_phone_is_a_phone_however_the_spreadsheet_typed_it(phone: Any) -> None:
    row = only(workbook(HEADER, [GOOD[0], GOOD[1], phone, *GOOD[3:]]))
    assert row.draft is not None
    assert row.draft.receiver_phone == "13800138000"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1001, "1001"), (1001.0, "1001"), (0.1, "0.1"), (1e-7, "0.0000001"), (True, "TRUE"),
        (datetime(2026, 2, 28, tzinfo=UTC).replace(tzinfo=None), "2026-02-28"),
        (None, ""), ("007", "007"), (7.512345678901234e18, "7.51234567890123E+18"),
    ],
)  # fmt: skip
def test_a_cell_is_the_text_a_person_reads(value: Any, text: str) -> None:
    assert spreadsheets.cell_text(value) == text


def test_a_number_that_lost_its_last_digits_is_no_order_number() -> None:
    row = only(workbook(HEADER, [7.512345678901234e18, *GOOD[1:]]))
    assert row.draft is None
    assert "取整" in row.errors["tenant_order_no"][0]


def test_a_formula_that_came_to_nothing_is_named() -> None:
    row = only(workbook(HEADER, [*GOOD[:5], "#REF!"]))
    assert row.draft is None
    assert "#REF!" in row.errors["weight"][0]


def test_lines_are_those_of_the_sheet_blank_ones_and_trailing_cells_left_out() -> None:
    second = ["A-2", *GOOD[1:]]
    content = workbook([*HEADER, None, ""], [*GOOD, None, " "], [None], [], second, sheets=2)
    assert [(row.line, row.draft is not None) for row in read_rows(content)] == [
        (2, True), (5, True),
    ]  # fmt: skip


def test_a_cell_beyond_the_header_is_not_dropped_silently() -> None:
    row = only(workbook(HEADER, [*GOOD, "多余"]))
    assert list(row.errors) == ["file"]
    far = only(workbook(HEADER, [*GOOD, *[None] * 200, "很远"]))
    assert far.draft is not None  # beyond what is read at all


def test_a_sheet_without_cells_has_no_header() -> None:
    with pytest.raises(Malformed):
        read_rows(workbook())


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 and then nothing",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        rebuilt(workbook(HEADER), **{"xl/workbook.xml": b"<no"}),
        rebuilt(workbook(HEADER), **{"[Content_Types].xml": b""}),
        rebuilt(workbook(HEADER), **{"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row"}),
    ],
    ids=["cut", "old", "workbook", "types", "sheet"],
)
def test_what_is_no_workbook_is_refused_kindly(content: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        read_rows(content)
    assert refused.value.fields["file"]


def test_a_sheet_that_breaks_in_the_middle_keeps_the_rows_before_it() -> None:
    good = workbook(HEADER, GOOD)
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    broken = sheet.replace(b"</sheetData>", b'<row r="3"><c r="A3" t="s"><v>9999</v></c></row>')
    rows = read_rows(rebuilt(good, **{"xl/worksheets/sheet1.xml": broken}))
    assert rows[0].draft is not None
    assert list(rows[-1].errors) == ["file"]


ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row></sheetData></worksheet>'
)
OUTSIDE = ENTITIES[:0] + (
    b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize("sheet", [ENTITIES, OUTSIDE], ids=["entities", "file"])
def test_entities_are_not_followed(sheet: bytes) -> None:
    with pytest.raises(Malformed):
        read_rows(rebuilt(workbook(HEADER), **{"xl/worksheets/sheet1.xml": sheet}))


SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s'
    b"</sheetData></worksheet>"
)


@pytest.mark.parametrize(
    "members",
    [
        {"xl/media/image1.png": b"\0" * (spreadsheets.MOST_UNPACKED + 1)},
        {"xl/sharedStrings.xml": b" " * (spreadsheets.MOST_TEXTS + 1)},
        {f"xl/x{number}.xml": b"" for number in range(spreadsheets.MOST_MEMBERS)},
        {"xl/worksheets/sheet1.xml": SHEET % (b"<row>" + b"<c><v>1</v></c>" * 400_000 + b"</row>")},
        {"xl/worksheets/sheet1.xml": SHEET % (b" " * 3_000_000)},
    ],
    ids=["unpacked", "texts", "members", "row", "blanks"],
)
def test_what_unpacks_to_more_than_a_file_of_parcels_is_refused_before_it_is(
    members: dict[str, bytes],
) -> None:
    content = rebuilt(workbook(HEADER), **members)
    assert len(content) < 1_000_000
    began = time.perf_counter()
    with pytest.raises(Malformed) as refused:
        read_rows(content)
    assert "过大" in refused.value.fields["file"][0]
    assert time.perf_counter() - began < 10


def test_a_row_numbered_beyond_any_sheet_ends_the_file() -> None:
    far = b'<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row><row r="99999999999"/>'
    content = rebuilt(workbook(HEADER), **{"xl/worksheets/sheet1.xml": SHEET % far})
    began = time.perf_counter()
    assert [line.number for line in read_lines(content)] == [1]
    assert time.perf_counter() - began < 5


def test_longest_rows_are_measured_across_blocks() -> None:
    body = b"<row>" + b"x" * 700_000 + b"</row><row r='2'/>" + b"<row>" + b"y" * 500_000
    longest = spreadsheets._longest_row(io.BytesIO(b"z" * 1_000 + body))
    assert 700_000 <= longest <= 700_100


def test_a_file_of_too_many_lines_is_refused_whole() -> None:
    rows = [[f"A-{number}", *GOOD[1:]] for number in range(4)]
    assert len(read_rows(workbook(HEADER, *rows), most=4)) == 4
    with pytest.raises(Malformed) as refused:
        read_rows(workbook(HEADER, *rows), most=3)
    assert "超过 3 行" in refused.value.fields["file"][0]


def test_of_a_header_of_a_million_columns_no_million_sentences_are_made() -> None:
    content = ("x," * 1_000_000 + "x\n").encode()
    tracemalloc.start()
    try:
        with pytest.raises(Malformed):
            read_rows(content)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 40_000_000
