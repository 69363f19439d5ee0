"""Rows leave as a file while they are read: flat memory at any length, and no cell is a formula.

`stream_csv` and `stream_xlsx` take a header and an iterable of rows. Numbers stay numbers, instants
are shown on the default zone's wall, texts that a spreadsheet would compute are prefixed with an
apostrophe. Who exported what is the caller's to record, with
`audit.record_list`.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from config.kernel.console.workbooks import write_workbook
from config.kernel.masking import mask_text
from config.kernel.text import clip

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a spreadsheet's cell holds at most.
LONGEST_CELL = 32_000
CHUNK_ROWS = 500
_COMPUTED = frozenset("=+-@")
# Controls and formats: joiners, marks of direction, byte order marks.
_UNSEEN = frozenset({"Cc", "Cf"})
Cell = str | int | float | Decimal | date | datetime


def stream_csv(
    filename: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """UTF-8 with BOM, so that spreadsheets read Chinese; texts quoted, whatever the separator."""
    lines = _csv_chunks(chain([_texts(header)], _cells(rows)))
    return _attachment(lines, filename, "text/csv; charset=utf-8")


def stream_xlsx(
    filename: str, header: Sequence[Any], rows: Iterable[Sequence[Any]], *, title: str = ""
) -> StreamingHttpResponse:
    """A workbook; rows that one sheet cannot hold (1,048,575) go on in the next."""
    chunks = write_workbook(_texts(header), _cells(rows), title=title)
    return _attachment(chunks, filename, XLSX)


def safe_text(text: str) -> str:
    """`text`, with an apostrophe before it where a spreadsheet would compute it.

    That is after blanks and invisible characters, and in full width, too.
    """
    if text[:1] in {"\t", "\r", "\n"}:
        return f"'{text}"
    first = text[:1]
    if not first.isalnum():
        first = next((char for char in text if not _is_unseen(char)), "")
    return f"'{text}" if unicodedata.normalize("NFKC", first)[:1] in _COMPUTED else text


def _is_unseen(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in _UNSEEN


def spoken_filters(request: HttpRequest) -> str:
    """A list's filters as people read them; a phone that was searched for is masked."""
    given = request.GET.items()
    return " ".join(f"{name}={mask_text(str(value))}" for name, value in given if value)


def newest_first(
    rows: QuerySet[Any], *, by: str = "created_at", size: int = 2_000
) -> Iterator[Any]:
    """The rows by `by` and key, newest first: instances, or named tuples that have both.

    Each `size` of them is a statement of its own, which goes on behind the last one's key: no
    cursor stays open, on no engine is the whole list held, and writers are not in the way.
    """
    ordered = rows.order_by(f"-{by}", "-pk")
    left = ordered
    while some := list(left[:size]):
        yield from some
        if len(some) < size:
            return
        last = some[-1]
        at, pk = getattr(last, by), last.pk if isinstance(last, Model) else last.id
        # The plain bound is what an index is entered by.
        older = Q(**{f"{by}__lt": at}) | Q(pk__lt=pk)
        left = ordered.filter(older, **{f"{by}__lte": at})


def counted(rows: Iterable[Any], entry: LogEntry) -> Iterator[Any]:
    """Pass the rows on; how many went is added to the entry, also when the reader hung up."""
    number = 0
    try:
        for row in rows:
            number += 1
            yield row
    finally:
        text = f"{entry.change_message}；共 {number} 行"
        LogEntry.objects.filter(pk=entry.pk).update(change_message=text)


def _attachment(chunks: Iterator[bytes], filename: str, kind: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(chunks, content_type=kind)
    answer["Content-Disposition"] = str(content_disposition_header(True, filename))
    return answer


def _texts(header: Sequence[Any]) -> list[Cell]:
    """Lazy translations are made here: the language is another one when the file is read."""
    return [safe_text(str(name)) for name in header]


def _cells(rows: Iterable[Sequence[Any]]) -> Iterator[list[Cell]]:
    words = {True: _("yes"), False: _("no")}
    zone = timezone.get_default_timezone()

    def cell(value: Any) -> Cell:
        if value is None:
            return ""
        if isinstance(value, bool):
            return words[value]
        if isinstance(value, datetime):
            return value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value
        if isinstance(value, int | float | Decimal | date):
            return value
        return safe_text(clip(value, LONGEST_CELL))

    return ([cell(value) for value in row] for row in rows)


class _Lines:
    """What the csv writer writes to: keeps text until it is fetched."""

    def __init__(self) -> None:
        self._kept: list[str] = []

    def write(self, text: str) -> int:
        self._kept.append(text)
        return len(text)

    def fetch(self) -> bytes:
        data = "".join(self._kept).encode("utf-8", "replace")
        self._kept.clear()
        return data


def _csv_chunks(rows: Iterable[list[Cell]]) -> Iterator[bytes]:
    lines = _Lines()
    lines.write("\ufeff")
    writer = csv.writer(lines, quoting=csv.QUOTE_NONNUMERIC)
    for number, row in enumerate(rows, 1):
        writer.writerow([_plain(value) for value in row])
        if number % CHUNK_ROWS == 0:
            yield lines.fetch()
    yield lines.fetch()


def _plain(value: Cell) -> str | int | float | Decimal:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return value
