"""修正并恢复: an order in exception goes on with fields corrected by somebody who says why."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kernel import audit
from config.kernel.console.acting import both_or_neither
from config.kernel.errors import Refusal
from config.kernel.states import Outrun
from logistics.admin.orders.facts import UNMASKED, masked
from logistics.admin.orders.forms import SIDES, CorrectForm, add_refusal
from logistics.admin.orders.progress import tell_progress
from logistics.admin.orders.revealing import REVEAL, REVEALED
from logistics.models import ExpressOrder
from logistics.services.carrying import carry_on
from logistics.services.resuming import resume_order
from logistics.states import OrderStatus

CHANGE = "logistics.change_expressorder"
WHAT = "修正并恢复"
PROSE = frozenset({"goods_name", "remark"})


def may_correct(user: Any, order: ExpressOrder) -> bool:
    """Whether this operator may correct this order as it is now."""
    return bool(user.has_perm(CHANGE)) and is_correctable(order)


def is_correctable(order: ExpressOrder) -> bool:
    """In exception, and no waybill says anything yet."""
    return order.status == OrderStatus.EXCEPTION and not order.waybill_no


class OrderCorrecting(admin.ModelAdmin[Model]):
    """A page with the fields that may be corrected."""

    def get_urls(self) -> list[Any]:
        """Before the stock ones, whose last takes anything."""
        page = self.admin_site.admin_view(self.correct_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_correct"
        return [path("<path:object_id>/correct/", page, name=name), *super().get_urls()]

    def correct_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Prefilled for those who may see people in full, which is recorded; else empty fields."""
        order: Any = self.get_object(request, object_id)
        if order is None:
            raise Http404
        if not (request.user.has_perm(CHANGE) and self.has_view_permission(request, order)):
            raise PermissionDenied
        if not is_correctable(order):
            text = _("Only an order in exception without a waybill can be corrected.")
            self.message_user(request, text, messages.WARNING)
            return self._back_to(order)
        shown = request.user.has_perm(REVEAL)
        form = CorrectForm(order, request.POST or None, shown=shown)
        if request.method == "POST" and form.is_valid() and self._corrected(request, order, form):
            return self._back_to(order)
        if request.method != "POST" and shown:
            audit.record(user=request.user, row=order, what=REVEALED)
        return self._correct_page(request, order, form)

    def _corrected(self, request: HttpRequest, order: ExpressOrder, form: CorrectForm) -> bool:
        def correct() -> None:
            corrections = form.corrections()
            resume_order(order_id=order.pk, at=timezone.now(), corrections=corrections)
            # Of the order as it was: what is corrected it knows no more, and would hide no more.
            hidden = masked(order).kept
            changes = {name: (form.before[name], value) for name, value in corrections.items()}
            for name in PROSE & changes.keys():
                changes[name] = (hidden(changes[name][0]), hidden(changes[name][1]))
            why = hidden(form.cleaned_data["reason"])
            audit.record(user=request.user, row=order, what=WHAT, changes=changes, why=why)

        try:
            if form.cleaned_data["version"] != order.version:
                form.open_on(order)
                raise Outrun
            both_or_neither(correct)
        except Refusal as refusal:
            add_refusal(form, refusal, {})
            return False
        tell_progress(self, request, carry_on(order_id=order.pk), started=_("Resumed"))
        return True

    def _correct_page(
        self, request: HttpRequest, order: ExpressOrder, form: CorrectForm
    ) -> HttpResponse:
        receiver, sender = (
            [form[name] for name in form.before if name.startswith(side)] for side in SIDES
        )
        others = [form[name] for name in form.before if not name.startswith(SIDES)]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Correct and resume %(order)s") % {"order": order.order_no},
            "opts": self.opts,
            "order": order,
            "form": form,
            "exception_reason": (UNMASKED if form.shown else masked(order)).text(
                order.exception_reason or ""
            ),
            "media": self.media + form.media,
            "groups": [
                (_("receiver"), receiver),
                (_("sender"), sender),
                (_("goods and branch"), others),
            ],
            "back": self._order_url(order),
        }
        return TemplateResponse(request, "admin/logistics/expressorder/correct.html", context)

    def _back_to(self, order: ExpressOrder) -> HttpResponse:
        return HttpResponseRedirect(self._order_url(order))

    def _order_url(self, order: ExpressOrder) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[order.pk], current_app=self.admin_site.name)
