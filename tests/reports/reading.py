"""Reads the console's pages as a person would: tables by their texts, numbers by their links."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin
from django.test import Client, RequestFactory

from logistics.models import ExpressOrder
from quotas.models import QuotaDetail


@dataclass
class ReadCell:
    """A cell's text and where it leads."""

    text: str = ""
    url: str = ""

    @property
    def number(self) -> Decimal:
        """Its number."""
        return Decimal(self.text.replace(",", "").strip().rstrip("%"))


@dataclass
class ReadTable:
    """Rows by part."""

    head: list[ReadCell] = field(default_factory=list)
    rows: list[list[ReadCell]] = field(default_factory=list)
    foot: list[ReadCell] = field(default_factory=list)

    def row(self, text: str) -> dict[str, ReadCell]:
        """The row that has this text in a cell, by column."""
        found = next(row for row in self.rows if text in [cell.text for cell in row])
        return self.named(found)

    def named(self, row: list[ReadCell]) -> dict[str, ReadCell]:
        """Its cells by column."""
        return dict(zip([cell.text for cell in self.head], row, strict=True))


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[ReadTable] = []
        self.inside, self.part = False, ""
        self.cell: ReadCell | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        if tag == "div" and "report-table" in given.get("class", ""):
            self.tables.append(ReadTable())
            self.inside = True
        elif self.inside and tag in {"thead", "tbody", "tfoot"}:
            self.part = tag
        elif self.inside and tag == "tr" and self.part == "tbody":
            self.tables[-1].rows.append([])
        elif self.inside and tag in {"th", "td"}:
            self.cell = ReadCell()
            table = self.tables[-1]
            {"thead": table.head, "tfoot": table.foot}.get(
                self.part, table.rows[-1] if table.rows else []
            ).append(self.cell)
        elif self.cell is not None and tag == "a":
            self.cell.url = given["href"]

    def handle_endtag(self, tag: str) -> None:
        if tag in {"th", "td"}:
            self.cell = None
        elif tag == "table":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.text += data.strip()


def read(client: Client, url: str, **query: str) -> list[ReadTable]:
    """The tables of a report's page."""
    answer = client.get(url, query)
    assert answer.status_code == 200, answer.content[:500]
    return tables_of(answer)


def tables_of(answer: Any) -> list[ReadTable]:
    """All of them, as they stand."""
    found = _Tables()
    found.feed(_text(answer))
    return found.tables


def listed(user: Any, url: str) -> list[Any]:
    """Every row of the console's list that `url` leads to, page by page."""
    models = {"/logistics/expressorder/": ExpressOrder, "/quotas/quotadetail/": QuotaDetail}
    model: Any = next(model for part, model in models.items() if part in url)
    request = RequestFactory().get(url)
    request.user = user
    request.session = {}  # type: ignore[assignment]
    request._messages = []  # type: ignore[attr-defined]
    changelist = admin.site._registry[model].get_changelist_instance(request)
    assert not [spec for spec in changelist.filter_specs if getattr(spec, "error", "")]
    return list(changelist.get_queryset(request))


def opens(client: Client, url: str) -> bool:
    """Whether the page is there, and takes the address as it is."""
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return bool(urlsplit(url).path) and not re.search(r"errornote|messagelist", _text(answer))


def _text(answer: Any) -> str:
    return str(answer.content.decode())
