"""A file of parcels is read completely before anything is booked, and errors name line and column.

Header names are the fields' names or their Chinese labels. The file is CSV (UTF-8 with or without
BOM, or GBK) or the first sheet of an XLSX. A bad row never costs a good one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from config.kernel.errors import Malformed, Refusal
from config.kernel.text import unstorable
from logistics.services.booking import Booked, book_order
from logistics.services.drafts import Draft, read_draft
from logistics.services.spreadsheets import MOST_COLUMNS, Line, is_error_value, read_lines

LABELS = {
    "商家订单号": "tenant_order_no", "商家订单ID": "tenant_order_id", "快递公司": "cp_code",
    "寄件人": "sender_name", "寄件人电话": "sender_phone", "寄件省": "sender_province",
    "寄件市": "sender_city", "寄件区": "sender_district", "寄件镇": "sender_town",
    "寄件地址": "sender_address", "收件人": "receiver_name", "收件人电话": "receiver_phone",
    "收件省": "receiver_province", "收件市": "receiver_city", "收件区": "receiver_district",
    "收件镇": "receiver_town", "收件地址": "receiver_address", "物品名称": "goods_name",
    "物品数量": "goods_count", "重量": "weight", "体积": "volume", "备注": "remark",
}  # fmt: skip
_NAMES = {name: label for label, name in LABELS.items()}
_INTEGER = re.compile(r"-?[0-9]{1,11}")
_WHOLE = frozenset({"tenant_order_id", "goods_count"})
_PHONES = frozenset({"sender_phone", "receiver_phone"})
# What programs make of a whole number they read as one with a fraction.
_POINT_ZERO = re.compile(r"(-?[0-9]+)\.0+")
# A long number that went through a spreadsheet as a number has lost its last digits.
_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]+")
REQUIRED = ("tenant_order_no", "receiver_name", "receiver_phone", "receiver_address")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: a checked request, or what is wrong with it by column."""

    line: int
    draft: Draft | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)
    tenant_order_no: str = ""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a line."""

    line: int
    booked: Booked | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)


def label_of(name: str) -> str:
    """A column as people read it."""
    return f"{_NAMES[name]}({name})" if name in _NAMES else name


def read_rows(content: bytes, *, most: int | None = None) -> list[Row]:
    """Read a whole file.

    :raises Malformed: not a file of parcels at all (encoding, header), or of more than `most`.
    """
    lines = read_lines(content)
    first = next(lines, Line(1, []))
    if first.trouble:
        raise Malformed(fields={"file": [f"第 1 行无法读取：{first.trouble}"]})
    header = _header(first)
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for line in lines:
        if most is not None and len(rows) >= most:
            raise Malformed(fields={"file": [f"超过 {most} 行，请拆分后分批导入。"]})
        if line.trouble:
            rows.append(Row(line.number, errors={"file": [line.trouble]}))
        else:
            rows.append(_row(line, header, seen))
    return rows


def book_rows(rows: list[Row], *, tenant_id: int, at: datetime) -> Iterator[RowResult]:
    """Book every good row; yields what became of each, in order."""
    for row in rows:
        if row.draft is None:
            yield RowResult(row.line, errors=row.errors)
            continue
        try:
            booked = book_order(draft=row.draft, tenant_id=tenant_id, at=at)
        except Refusal as exc:
            yield RowResult(row.line, errors=exc.fields or {"": [exc.text]})
        else:
            yield RowResult(row.line, booked=booked)


def _header(line: Line) -> list[str]:
    # Among more cells than there are columns one is wrong; of millions not all are looked at.
    names = [LABELS.get(cell.strip(), cell.strip()) for cell in line.cells[:MOST_COLUMNS]]
    wrong = [f"未知的列“{name}”" for name in names if name not in _NAMES]
    wrong += [f"列“{label_of(name)}”重复" for name, times in Counter(names).items() if times > 1]
    wrong += [f"缺少列“{label_of(name)}”" for name in REQUIRED if name not in names]
    if wrong:
        raise Malformed(fields={f"第 {line.number} 行（表头）": wrong[:20]})
    return names


def _row(line: Line, header: list[str], seen: dict[str, int]) -> Row:
    cells = line.cells
    if len(cells) > len(header):
        text = f"有 {len(cells)} 列，表头只有 {len(header)} 列。"
        return Row(line.number, errors={"file": [text]})
    data, errors = _read_cells(header, cells)
    number = str(data.get("tenant_order_no", ""))
    if not number:
        errors.setdefault("tenant_order_no", ["必填：重复执行时靠它识别同一单。"])
    elif _ROUNDED.fullmatch(number):
        errors["tenant_order_no"] = ["数字过长，已被表格软件取整；请把该列设为文本后重新填写。"]
    elif number in seen:
        errors["tenant_order_no"] = [f"与第 {seen[number]} 行重复。"]
    else:
        seen[number] = line.number
    draft: Draft | None = None
    try:
        draft = read_draft(data)
    except Malformed as exc:
        errors = {**exc.fields, **errors}
    return Row(line.number, None if errors else draft, errors, number)


def _read_cells(
    header: list[str], cells: list[str]
) -> tuple[dict[str, object], dict[str, list[str]]]:
    data: dict[str, object] = {}
    errors: dict[str, list[str]] = {}
    for name, cell in zip(header, cells, strict=False):
        value = cell.strip()
        if unstorable(value):
            errors[name] = ["含有不允许的字符。"]
        elif is_error_value(value):
            errors[name] = [f"单元格的公式出错（{value}）。"]
        elif value:
            data[name] = _value(name, value)
    return data, errors


def _value(name: str, text: str) -> object:
    if name in _WHOLE or name in _PHONES:
        whole = _POINT_ZERO.fullmatch(text)
        text = whole.group(1) if whole else text
    if name in _WHOLE and _INTEGER.fullmatch(text):
        return int(text)
    return text
