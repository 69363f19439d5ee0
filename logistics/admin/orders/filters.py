"""The list's filters: each is served by an index, and a value not on offer is called wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.queries import tenant_by_code, tenant_by_id
from config.kernel.console.filters import ExactFilter, OneOf
from config.kernel.errors import Missing
from config.kernel.work.due import CAP
from logistics.models import ExpressRule
from logistics.queries.attention import struggling_orders, undecided_orders
from logistics.states import OrderStatus, WaybillStatus

OWN = "0"
LIVE, TEST, BOTH = "live", "test", "all"
EXCEPTION, UNKNOWN, TRIED = "exception", "undecided", "struggling"


class StatusFilter(OneOf):
    """The order's state."""

    title = gettext_lazy("status")
    parameter_name = "status__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The ten words."""
        return [(status.value, status.label) for status in OrderStatus]


class WaybillStatusFilter(OneOf):
    """The waybill's state."""

    title = gettext_lazy("waybill status")
    parameter_name = "waybill_status__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The three."""
        return [(status.value, status.label) for status in WaybillStatus]


class CarrierFilter(OneOf):
    """The carrier, out of those that rules name or named: the orders themselves are not asked.

    A code that no rule names may be given in the address all the same.
    """

    title = gettext_lazy("carrier")
    parameter_name = "cp_code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """By code, with the newest rule's name of it."""
        rules = ExpressRule.objects.order_by("id").values_list("cp_code", "cp_name")
        names: dict[str, str] = {}
        for code, name in rules:
            names[code] = name or names.get(code, "")
        asked = str(request.GET.get(self.parameter_name, ""))[:50]
        if asked:
            names.setdefault(asked, "")
        return [(code, f"{name} {code}".strip()) for code, name in sorted(names.items())]


class TenantFilter(ExactFilter):
    """A tenant by its code, or by its number."""

    hint = gettext_lazy("platform code or number")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """A tenant's; 0 are the platform's own parcels, as in the reports."""
        if self.typed(self.field_path) == OWN:
            return queryset.filter(tenant=None)
        return super().queryset(request, queryset)

    def meaning(self, text: str) -> Any:
        """The tenant's key."""
        finders: list[Callable[[], Any]] = [lambda: tenant_by_code(text)]
        if text.isascii() and text.isdigit() and len(text) < 19:
            finders.append(lambda: tenant_by_id(int(text)))
        for find in finders:
            try:
                return find().id
            except Missing:
                continue
        return None


class ModeFilter(OneOf):
    """Live orders unless test ones are asked for; whoever searches finds either.

    A tenant's orders are indexed by mode: both kinds in one order would have to be sorted.
    """

    title = gettext_lazy("mode")
    parameter_name = "mode"

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        exact = bool(
            request.GET.get("q", "").strip() or request.GET.get(NeedsFilter.parameter_name)
        )
        self.unasked = BOTH if exact else LIVE
        self.either = exact or not request.GET.get("tenant", "").strip()
        super().__init__(request, *args, **kwargs)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Both only where that costs no sorting."""
        offered = [(LIVE, _("live")), (TEST, _("test"))]
        return [*offered, (BOTH, _("both"))] if self.either else offered

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Never without a mode."""
        value = self.value() or self.unasked
        if value == BOTH and not self.either:
            self.error = _("Choose live or test orders of a tenant.")
            return queryset.none()
        if value not in self.known():
            self.error = _("There is no such choice.")
            return queryset.none()
        if value == BOTH:
            return queryset
        # Not `is_test=False`: that is `NOT is_test` on SQLite, for which it uses no index.
        return queryset.filter(is_test__in=[value == TEST])

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The one in force is marked, whether it was asked for or not."""
        value = self.value() or self.unasked
        for choice, label in self.lookup_choices:
            yield {
                "selected": value == choice,
                "query_string": changelist.get_query_string({self.parameter_name: choice}),
                "display": label,
            }


class NeedsFilter(OneOf):
    """What waits for a person, as the home page counts it."""

    title = gettext_lazy("needs a person")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Three kinds."""
        return [
            (EXCEPTION, _("in exception")),
            (UNKNOWN, _("outcome unknown")),
            (TRIED, _("tried many times")),
        ]

    def narrowed(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Few rows, found by their own index first, then put in order."""
        if value == EXCEPTION:
            return queryset.filter(status=OrderStatus.EXCEPTION)
        keys = undecided_orders() if value == UNKNOWN else struggling_orders()
        if len(keys) > CAP:
            self.error = _("Only %(most)d of them are shown.") % {"most": CAP}
        return queryset.filter(pk__in=keys[:CAP])
