"""A file of rows, CSV or XLSX, becomes numbered lines of texts; nothing in it is run or followed.

Its size is bounded before it is unpacked: an archive that unpacks to much more than its bytes, or
a row as long as a book, is refused.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from openpyxl import load_workbook

from config.kernel.errors import Malformed

MOST_COLUMNS = 64
MOST_MEMBERS = 200
MOST_UNPACKED = 48_000_000
# Of the table of texts alone: each becomes an object of its own.
MOST_TEXTS = 24_000_000
LONGEST_ROW = 2_000_000
MOST_SHEET_ROWS = 1_048_576
# Spreadsheets keep fifteen digits of a number; the rest is zeros by then.
EXACT = 10**15
_ARCHIVE, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ROW = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,30}:)?row[\s/>]")
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})


class Line(NamedTuple):
    """A line of the file by its number; `trouble` says why nothing after it could be read."""

    number: int
    cells: list[str]
    trouble: str = ""


def read_lines(content: bytes) -> Iterator[Line]:
    """Yield the file's lines, the header's first; blank ones are left out.

    :raises Malformed: it is no such file, or one too large.
    """
    if content.startswith(_ARCHIVE):
        return _sheet_lines(content)
    if content.startswith(_OLD_EXCEL):
        raise _unreadable("不支持旧版 Excel（.xls）文件，请另存为 .xlsx 或 CSV。")
    return _csv_lines(_text(content))


def _unreadable(text: str) -> Malformed:
    return Malformed(fields={"file": [text]})


def _text(content: bytes) -> str:
    for charset in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(charset)
        except UnicodeDecodeError:
            continue
    raise _unreadable("无法识别文件编码，请另存为 UTF-8 或 GBK 的 CSV。")


def _csv_lines(text: str) -> Iterator[Line]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        first = lines.line_num + 1
        try:
            cells = _trimmed(next(lines))
        except StopIteration:
            return
        except csv.Error as exc:
            # Where quoting breaks, what follows cannot be told apart; what came before can.
            yield Line(first, [], f"CSV 格式有误，其后各行未读取：{exc}")
            return
        if cells:
            yield Line(first, cells)


def _trimmed(cells: list[str]) -> list[str]:
    """Without the blank cells at the end that spreadsheets leave."""
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def _sheet_lines(content: bytes) -> Iterator[Line]:
    try:
        _refuse_bombs(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True)
    except Malformed:
        raise
    except Exception as exc:
        raise _broken() from exc
    return _rows_as_lines(rows)


def _rows_as_lines(rows: Iterator[tuple[Any, ...]]) -> Iterator[Line]:
    number = 0
    while number < MOST_SHEET_ROWS:
        number += 1
        try:
            values = next(rows)
        except StopIteration:
            return
        except Exception as exc:
            if number == 1:
                raise _broken() from exc
            yield Line(number, [], "工作表已损坏，其后各行未读取。")
            return
        if values.count(None) == len(values):
            continue  # a sheet may claim a million of them
        if cells := _trimmed([cell_text(value) for value in values]):
            yield Line(number, cells)


def _broken() -> Malformed:
    return _unreadable("无法读取该 Excel 文件：文件已损坏、已加密，或不是 .xlsx 工作簿。")


def _refuse_bombs(content: bytes) -> None:
    """Look at what the archive says it unpacks to (no more is ever read), and at its rows."""
    too_large = _unreadable("Excel 文件展开后过大，请拆分后分批导入，或另存为 CSV。")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        sizes = {member.filename.lower(): member.file_size for member in members}
        if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > MOST_UNPACKED:
            raise too_large
        if any(size > MOST_TEXTS for name, size in sizes.items() if "sharedstrings" in name):
            raise too_large
        for member in members:
            if member.file_size > LONGEST_ROW and "worksheets/" in member.filename.lower():
                with archive.open(member) as sheet:
                    if _longest_row(sheet) > LONGEST_ROW:
                        raise too_large


def _longest_row(sheet: Any) -> int:
    """Bytes between two rows' beginnings, at most: a row is held in memory whole."""
    longest = since = 0
    tail = b""
    while block := sheet.read(262_144):
        data = tail + block
        start = 0
        for row in _ROW.finditer(data):
            longest = max(longest, since + row.start() - start)
            since, start = 0, row.start()
        tail = data[-40:]
        since += max(0, len(data) - len(tail) - start)
    return max(longest, since)


def cell_text(value: Any) -> str:
    """A cell as a person reads it: 13800138000.0 is 13800138000, a date 2026-02-28."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        midnight = value.time() == datetime.min.time()
        return value.date().isoformat() if midnight else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _number(value: float) -> str:
    if not -EXACT < value < EXACT:
        return f"{value:.14E}"  # whoever expects a number of many digits sees that it is none
    return f"{value:.0f}" if value.is_integer() else format(Decimal(repr(value)), "f")


def is_error_value(text: str) -> bool:
    """Whether the cell's formula came to nothing."""
    return text in _ERRORS
