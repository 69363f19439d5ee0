"""回调记录: what was received, what it did, what hindered it; handled again by its evidence."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import audit
from config.kernel.console import ActingAdmin, ReadOnlyAdmin, ReasonedAction
from config.kernel.console.filters import DateRangeFilter, OneOf
from logistics.admin.pretty import pretty
from logistics.admin.related import RelatedList, known_to, order_ids_of, order_link
from logistics.models import CainiaoAccount, CallbackRecord
from logistics.services.accounts import BUILT_IN
from logistics.services.replaying import replay_callback
from logistics.states import OrderStatus

HANDLED, OPEN, WAITING, GIVEN_UP, ORDERLESS = "handled", "open", "waiting", "given_up", "orderless"
MOST_OPEN = 1_000
CHOICES = "admin/filters/choices.html"
# An index serves "later than" where it does not serve "not null".
EVER = datetime(1970, 1, 1, tzinfo=UTC)
# How `services.handling` says what a scan came to; the state it names is shown in words.
MOVED = re.compile(r"状态更新为 (\w+)")
KEPT = re.compile(r"状态仍为 (\w+)")
STATES = dict(OrderStatus.choices)


def in_words(result: str | None) -> str:
    """What a scan came to, the state it names as the console calls it."""
    text = result or ""
    for pattern in (MOVED, KEPT):
        if found := pattern.search(text):
            return text.replace(found[1], str(STATES.get(found[1], found[1])))
    return text


class StateFilter(OneOf):
    """What became of it: each but the first is few rows that an index finds."""

    template = CHOICES
    title = gettext_lazy("handled")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Five."""
        return [
            (HANDLED, _("handled")),
            (OPEN, _("not handled")),
            (WAITING, _("not handled: will be tried again")),
            (GIVEN_UP, _("not handled: given up")),
            (ORDERLESS, _("with an error: no order found or unreadable")),
        ]

    def narrowed(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """A record that touched no order has none: given up ones are looked for among those."""
        waiting = Q(due_at__gt=EVER, processed=False)
        given_up = Q(order__isnull=True, due_at__isnull=True, processed=False)
        if value == HANDLED:
            return queryset.filter(processed=True)
        conditions = {
            OPEN: (waiting, given_up),
            WAITING: (waiting,),
            GIVEN_UP: (given_up,),
            ORDERLESS: (Q(order__isnull=True, process_time__isnull=False),),
        }
        # Found first and put in order then: a list in order would be looked through for them.
        keys = [key for where in conditions[value] for key in _first_keys(where)]
        if len(keys) > MOST_OPEN:
            self.error = _("Only %(most)d of them are shown.") % {"most": MOST_OPEN}
        return queryset.filter(pk__in=keys[:MOST_OPEN])


def _first_keys(where: Q) -> list[int]:
    return list(CallbackRecord.objects.filter(where).values_list("pk", flat=True)[: MOST_OPEN + 1])


def _replay(record: Any, _values: dict[str, Any], _user: Any) -> str:
    replay_callback(record_id=record.pk, at=timezone.now())
    with translation.override(audit.LANGUAGE):
        return _("due again, to be handled anew")


ACTIONS = (
    ReasonedAction(
        name="replay", label=gettext_lazy("handle again"), run=_replay,
        note=gettext_lazy("By what was received then; what it did already is not done twice."),
    ),
)  # fmt: skip


@admin.register(CallbackRecord)
class CallbackAdmin(ActingAdmin, ReadOnlyAdmin):
    """回调记录."""

    reasoned = ACTIONS
    list_display = (
        "created_at", "callback_type", "order_named", "moved", "result_said", "attempts",
        "processed",
    )  # fmt: skip
    list_filter: ClassVar[Any] = (StateFilter, ("created_at", DateRangeFilter))
    ordering: ClassVar[Any] = ("-created_at", "-id")
    sortable_by = ()
    search_fields = ("callback_id",)
    search_help_text = gettext_lazy(
        "Exact callback id, or an order's order, waybill, mail or Cainiao number."
    )
    fieldsets = (
        (gettext_lazy("received"), {"fields": (
            ("created_at", "callback_type"), "callback_id", ("cainiao_order_id", "order_no"),
            "account_named",
        )}),
        (gettext_lazy("what it did"), {"fields": (
            "result_said", "moved", "order_named", ("processed", "process_time"),
            ("attempts", "due_at"),
        )}),
        (gettext_lazy("content (masked)"), {"classes": ("sole",), "fields": ("content",)}),
    )  # fmt: skip

    class Media:
        css: ClassVar[Any] = {"all": ("console/details.css",)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[RelatedList]:
        """Orders come with the page."""
        return RelatedList

    def get_queryset(self, request: HttpRequest) -> Any:
        """Evidence is decrypted by nobody's page; its masked view is for the page of one."""
        rows = super().get_queryset(request).defer("raw_body")
        match = request.resolver_match
        listing = match is not None and (match.url_name or "").endswith("changelist")
        return rows.defer("raw_data") if listing else rows

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """By a number it carries, or by an order's, each by its index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        for column in ("callback_id", "cainiao_order_id"):
            found = queryset.filter(**{column: term})
            if found.exists():
                return found, False
        return queryset.filter(order_id__in=order_ids_of(term)), False

    @admin.display(description=gettext_lazy("order"))
    def order_named(self, row: CallbackRecord) -> SafeString | str:
        """Its number, as a link."""
        return order_link(row)

    @admin.display(description=gettext_lazy("account"))
    def account_named(self, row: CallbackRecord) -> SafeString | str:
        """Whose secret its digest was made with."""
        account = CainiaoAccount.objects.filter(pk=row.account_id).first()
        if account is None:
            return _("the sandbox's built-in account") if row.account_id == BUILT_IN else "—"
        url = reverse("admin:logistics_cainiaoaccount_change", args=[account.pk])
        return format_html('<a href="{}">{}</a>', url, account)

    @admin.display(description=gettext_lazy("moved the order"))
    def moved(self, row: CallbackRecord) -> str:
        """Whether it changed the order's state: most need not, so that "no" is no alarm."""
        return _("yes") if row.processed and MOVED.search(row.process_result or "") else "—"

    @admin.display(description=gettext_lazy("result"))
    def result_said(self, row: CallbackRecord) -> str:
        """As it was noted, states in words."""
        return in_words(known_to(row).hide_kept(row.process_result)) or "—"

    @admin.display(description=gettext_lazy("content (masked)"))
    def content(self, row: CallbackRecord) -> SafeString:
        """Indented."""
        return pretty(row.raw_data, known_to(row).hide_kept)
