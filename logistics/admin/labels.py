"""Printing labels: by those who may see full names and addresses, each printing recorded.

The orders' admin mixes `LabelPrinting` in, which adds `admin:logistics_expressorder_label`
(`<pk>/label.pdf`, by POST: a printing leaves a record), and names `print_labels` among its
`actions`. The order's page has the button by
`{% include "admin/logistics/label_button.html" with order=original %}`, shown where
`may_print(request, order)` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from config.kernel import audit
from config.kernel.errors import Refusal
from logistics.errors import TooManyLabels
from logistics.models import ExpressOrder
from logistics.services.labels import MOST_LABELS, draw_labels, label_refusals
from logistics.states import WaybillStatus

PERMISSION = "logistics.reveal_expressorder"
PDF = "application/pdf"


def may_print(request: HttpRequest, order: ExpressOrder) -> bool:
    """Whether the button belongs on this order's page."""
    allowed = request.user.has_perm(PERMISSION)
    return allowed and bool(order.waybill_no) and order.waybill_status != WaybillStatus.INVALID


class LabelPrinting(admin.ModelAdmin[Model]):
    """The label of one order, as a page of its own."""

    def has_reveal_permission(self, request: HttpRequest) -> bool:
        """Whether this operator may see full names, phones and addresses."""
        return request.user.has_perm(PERMISSION)

    def get_urls(self) -> list[Any]:
        """The label's page before the stock ones, whose last takes anything."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_label"
        page = self.admin_site.admin_view(self.label_view)
        return [path("<path:object_id>/label.pdf", page, name=name), *super().get_urls()]

    def label_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The PDF; a visit by link is sent to the button."""
        order = self.get_object(request, object_id)
        if order is None:
            raise Http404
        if not (self.has_reveal_permission(request) and self.has_view_permission(request, order)):
            raise PermissionDenied
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        back = HttpResponseRedirect(
            reverse(name, args=[order.pk], current_app=self.admin_site.name)
        )
        if request.method != "POST":
            text = gettext("A label shows everything: print it by its button, which records it.")
            self.message_user(request, text, messages.WARNING)
            return back
        try:
            return _printed(request, [order])
        except Refusal as exc:
            self.message_user(request, exc.text, messages.ERROR)
            return back


@admin.action(description=_("Print labels"), permissions=["reveal"])
def print_labels(
    modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]
) -> HttpResponse | None:
    """One file of the selected orders' labels; what cannot be printed is listed first, and why."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    orders = list(queryset[: MOST_LABELS + 1])
    try:
        if len(orders) > MOST_LABELS:
            raise TooManyLabels(most=MOST_LABELS)
        refused = label_refusals(orders=orders)
        if not refused:
            return _printed(request, orders)
    except Refusal as exc:
        modeladmin.message_user(request, exc.text, messages.ERROR)
        return None
    printable = [order for order in orders if order.pk not in refused]
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": gettext("Print labels"),
        "opts": modeladmin.opts,
        "refused": [(order, refused[order.pk].text) for order in orders if order.pk in refused],
        "printable": printable,
        "checkbox": ACTION_CHECKBOX_NAME,
        "button": ngettext("Print %(count)d label", "Print %(count)d labels", len(printable))
        % {"count": len(printable)},
        "back": request.get_full_path(),
    }
    return TemplateResponse(request, "admin/logistics/print_labels.html", context)


def _printed(request: HttpRequest, orders: Sequence[Any]) -> HttpResponse:
    """The PDF of orders, once it is on record that it was shown."""
    pdf = draw_labels(orders=orders)
    with translation.override(audit.LANGUAGE):
        what = gettext("label printed, names, phones and addresses in full")
    with transaction.atomic():
        for order in orders:
            audit.record(user=request.user, row=order, what=what)
    answer = HttpResponse(pdf, content_type=PDF)
    single = len(orders) == 1
    name = f"{orders[0].order_no}.pdf" if single else f"labels-{len(orders)}.pdf"
    answer["Content-Disposition"] = f'{"inline" if single else "attachment"}; filename="{name}"'
    return answer
