"""Rows that name an order or a tenant by a plain id show both, read in one query each a page.

What the order knows of its people is read with it: no text beside the number names them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.queries import TenantInfo, tenants_by_id
from config.kernel.masking import KnownValues
from logistics.models import ExpressOrder
from logistics.queries.known_values import PEOPLE, known_of

# An order's numbers that find it, each by an index of its own.
NUMBERS = ("order_no", "waybill_no", "mail_no", "cainiao_order_id")


class RelatedList(ChangeList):
    """A page's orders and tenants are read with it."""

    def get_results(self, request: HttpRequest) -> None:
        """The rows, then what they name."""
        super().get_results(request)
        rows = list(self.result_list)
        attach(rows)
        self.result_list: Any = rows


def attach(rows: Iterable[Any]) -> None:
    """Put orders and tenants on rows that have `order_id` and perhaps `tenant_id`."""
    rows = list(rows)
    order_ids = {row.order_id for row in rows} - {None}
    tenant_ids = {row.tenant_id for row in rows if getattr(row, "tenant_id", None)}
    found = ExpressOrder.objects.filter(pk__in=order_ids).only("order_no", *PEOPLE)
    orders = {order.pk: order for order in found} if order_ids else {}
    known = {pk: known_of(order) for pk, order in orders.items()}
    tenants = tenants_by_id(tenant_ids) if tenant_ids else {}
    for row in rows:
        order = orders.get(row.order_id)
        row.named_order_no = order.order_no if order else ""
        row.known_values = known.get(row.order_id) or KnownValues()
        row.named_tenant = tenants.get(getattr(row, "tenant_id", None) or 0)


def order_link(row: Any) -> SafeString | str:
    """The order's number, leading to its page; the bare id of one that is gone."""
    if row.order_id is None:
        return "—"
    if not hasattr(row, "named_order_no"):
        attach([row])
    url = reverse("admin:logistics_expressorder_change", args=[row.order_id])
    return format_html('<a href="{}">{}</a>', url, row.named_order_no or f"#{row.order_id}")


def known_to(row: Any) -> KnownValues:
    """What the row's order knows of its people."""
    if not hasattr(row, "known_values"):
        attach([row])
    known: KnownValues = row.known_values
    return known


def tenant_link(row: Any) -> SafeString | str:
    """The tenant's name and code, leading to its page."""
    if row.tenant_id is None:
        return "—"
    if not hasattr(row, "named_tenant"):
        attach([row])
    tenant: TenantInfo | None = row.named_tenant
    url = reverse("admin:accounts_tenant_change", args=[row.tenant_id])
    name = f"{tenant.name} {tenant.platform_code}" if tenant else f"#{row.tenant_id}"
    return format_html('<a href="{}">{}</a>', url, name)


def order_ids_of(term: str) -> list[int]:
    """The orders that carry this very number; a bare number is an order's id as well."""
    for column in NUMBERS:
        found = list(
            ExpressOrder.objects.filter(**{column: term}).values_list("pk", flat=True)[:50]
        )
        if found:
            return found
    is_id = term.isascii() and term.isdigit() and len(term) < 19
    return [int(term)] if is_id else []
