"""A file of parcels is read completely before anything is booked, and errors name line and column.

Header names are the fields' names or their Chinese labels. Text is UTF-8 with or without BOM, or
GBK. A bad row never costs a good one.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from config.kernel.errors import Malformed, Refusal
from config.kernel.text import unstorable
from logistics.services.booking import Booked, book_order
from logistics.services.drafts import Draft, read_draft

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
REQUIRED = ("tenant_order_no", "receiver_name", "receiver_phone", "receiver_address")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: a checked request, or what is wrong with it by column."""

    line: int
    draft: Draft | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a line."""

    line: int
    booked: Booked | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)


def label_of(name: str) -> str:
    """A column as people read it."""
    return f"{_NAMES[name]}({name})" if name in _NAMES else name


def read_rows(content: bytes) -> list[Row]:
    """Read a whole file.

    :raises Malformed: not a CSV of parcels at all (encoding, header).
    """
    lines = csv.reader(io.StringIO(_text(content), newline=""), strict=True)
    try:
        header = _header(next(lines, []))
    except csv.Error as exc:
        raise Malformed(fields={"file": [f"第 1 行不是有效的 CSV：{exc}"]}) from None
    rows: list[Row] = []
    seen: dict[str, int] = {}
    while True:
        first = lines.line_num + 1
        try:
            cells = next(lines)
        except StopIteration:
            return rows
        except csv.Error as exc:
            # Where quoting breaks, what follows cannot be told apart; what came before can.
            rows.append(Row(first, errors={"file": [f"CSV 格式有误，其后各行未读取：{exc}"]}))
            return rows
        if any(cell.strip() for cell in cells):
            rows.append(_row(first, header, cells, seen))


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


def _text(content: bytes) -> str:
    for charset in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(charset)
        except UnicodeDecodeError:
            continue
    raise Malformed(fields={"file": ["无法识别文件编码，请另存为 UTF-8 或 GBK 的 CSV。"]})


def _header(cells: list[str]) -> list[str]:
    names = [LABELS.get(cell.strip(), cell.strip()) for cell in cells]
    wrong = [f"未知的列“{name}”" for name in names if name not in _NAMES]
    wrong += [f"列“{label_of(name)}”重复" for name, times in Counter(names).items() if times > 1]
    wrong += [f"缺少列“{label_of(name)}”" for name in REQUIRED if name not in names]
    if wrong:
        raise Malformed(fields={"第 1 行（表头）": wrong[:20]})
    return names


def _row(line: int, header: list[str], cells: list[str], seen: dict[str, int]) -> Row:
    if len(cells) > len(header):
        return Row(line, errors={"file": [f"有 {len(cells)} 列，表头只有 {len(header)} 列。"]})
    data: dict[str, object] = {}
    errors: dict[str, list[str]] = {}
    for name, cell in zip(header, cells, strict=False):
        value = cell.strip()
        if unstorable(value):
            errors[name] = ["含有不允许的字符。"]
        elif name in _WHOLE and value:
            data[name] = int(value) if _INTEGER.fullmatch(value) else value
        elif value:
            data[name] = value
    number = str(data.get("tenant_order_no", ""))
    if not number:
        errors["tenant_order_no"] = ["必填：重复执行时靠它识别同一单。"]
    elif number in seen:
        errors["tenant_order_no"] = [f"与第 {seen[number]} 行重复。"]
    else:
        seen[number] = line
    try:
        draft = read_draft(data)
    except Malformed as exc:
        return Row(line, errors={**exc.fields, **errors})
    return Row(line, errors=errors) if errors else Row(line, draft=draft)
