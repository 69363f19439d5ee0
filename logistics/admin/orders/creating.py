"""创建快递订单: what is entered is kept until it is an order; submitted twice, it is one order."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.kernel import audit
from config.kernel.errors import Malformed, Missing, Refusal
from logistics.admin.orders.branching import Search, chosen_branch, kept_search, search_branches
from logistics.admin.orders.forms import SIDES, CreateForm, add_refusal
from logistics.admin.orders.pasted import Reading, read_block, take_choice
from logistics.admin.orders.progress import tell_progress
from logistics.admin.orders.terms import tenant_named, terms_for
from logistics.models import ExpressRule
from logistics.services.booking import Booked
from logistics.services.carrying import carry_on
from logistics.services.drafts import read_draft
from logistics.services.own_parcels import book_for
from logistics.states import SwitchStatus

PERMISSION = "logistics.add_expressorder"
FOLDER = "admin/logistics/expressorder"
# What a refusal as a whole is about.
FIELDS = {
    "quota_missing": "tenant",
    "quota_exhausted": "tenant",
    "quota_disabled": "tenant",
    "quota_suspended": "tenant",
    "tenant_suspended": "tenant",
    "rule_missing": "cp_code",
    "tenant_order_no_taken": "tenant_order_no",
}


class OrderCreating(admin.ModelAdmin[Model]):
    """The page behind the stock add URL, and what its script asks while it is filled in."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever may book."""
        return request.user.has_perm(PERMISSION)

    def get_urls(self) -> list[Any]:
        """Before the stock ones, whose last takes anything."""
        views = {"paste": self.paste_view, "branches": self.branches_view, "terms": self.terms_view}
        ours = [
            path(
                f"add/{name}/",
                self.admin_site.admin_view(require_POST(view)),
                name=f"{self.opts.app_label}_{self.opts.model_name}_{name}",
            )
            for name, view in views.items()
        ]
        return [*ours, *super().get_urls()]

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """An empty form; or what came of a button: one books, the others only fill in."""
        self._require_adding(request)
        if request.method != "POST":
            return self._create_page(request, CreateForm.fresh(self.admin_site))
        if "_book" in request.POST:
            return self._book(request)
        data = dict(request.POST.items())
        reading = _read(data)
        search = kept_search(data)
        if reading is not None:
            data |= reading.values
        elif "_branches" in data:
            search = search_branches(data, at=timezone.now())
        form = CreateForm.again(self.admin_site, data)
        return self._create_page(request, form, reading=reading, search=search)

    def _book(self, request: HttpRequest) -> HttpResponse:
        form = CreateForm(self.admin_site, request.POST)
        booked = self._booked(request, form) if form.is_valid() else None
        if booked is None:
            return self._create_page(request, form, search=kept_search(request.POST))
        order = booked.order
        if booked.created:
            audit.record(user=request.user, row=order, what="创建快递订单", flag=audit.ADDITION)
        order = carry_on(order_id=order.pk)
        started = _("Created") if booked.created else _("Created before")
        tell_progress(self, request, order, started=started)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(
            reverse(name, args=[order.pk], current_app=self.admin_site.name)
        )

    def _booked(self, request: HttpRequest, form: CreateForm) -> Booked | None:
        """Book it; None: the form says why not, at the fields at fault."""
        at, branch, tenant = timezone.now(), None, None
        data = form.draft_data()
        try:
            tenant = tenant_named(request.POST)
        except Missing:
            form.add_error("tenant", _("There is no such tenant."))
        try:
            branch = chosen_branch(request.POST, at=at)
        except LookupError:
            text = _("Carrier or sender have changed since: look the branches up again.")
            form.add_error("branch", text)
        try:
            draft = read_draft(data)
            if form.errors:
                return None
            key = (form.cleaned_data["request_key"], request.user.pk, tenant and tenant.id, branch)
            return book_for(
                draft=draft,
                tenant_id=tenant.id if tenant else None,
                at=at,
                request_key=hashlib.sha256(repr(key).encode()).hexdigest(),
                created_by=request.user.pk,
                branch=branch,
            )
        except Refusal as refusal:
            add_refusal(form, refusal, {} if isinstance(refusal, Malformed) else FIELDS)
            return None

    def _create_page(
        self,
        request: HttpRequest,
        form: CreateForm,
        *,
        reading: Reading | None = None,
        search: Search | None = None,
    ) -> HttpResponse:
        entries = {name: form[name].value() for name in form.fields}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Create express order"),
            "opts": self.opts,
            "form": form,
            "media": self.media + form.media,
            "sides": [_side(form, side, reading) for side in SIDES],
            "terms": terms_for(entries, at=timezone.now()),
            "search": search,
            "picked": entries["branch"],
            "carriers": _carriers(),
        }
        return TemplateResponse(request, f"{FOLDER}/create.html", context)

    def _require_adding(self, request: HttpRequest) -> None:
        if not self.has_add_permission(request):
            raise PermissionDenied

    def paste_view(self, request: HttpRequest) -> HttpResponse:
        """What a pasted block says: values for the fields of its side, questions as a fragment."""
        self._require_adding(request)
        data = dict(request.POST.items())
        reading = _read(data)
        if reading is None:
            return JsonResponse({}, status=400)
        html = render_to_string(f"{FOLDER}/pasted.html", {"reading": reading}, request)
        return JsonResponse({"side": reading.side, "values": reading.values, "html": html})

    def branches_view(self, request: HttpRequest) -> HttpResponse:
        """The branches for the sender as written down, as a fragment."""
        self._require_adding(request)
        search = search_branches(request.POST, at=timezone.now())
        html = render_to_string(f"{FOLDER}/branches.html", {"search": search}, request)
        return JsonResponse({"html": html})

    def terms_view(self, request: HttpRequest) -> HttpResponse:
        """Rule, sender and quota that would apply now, as a fragment."""
        self._require_adding(request)
        terms = terms_for(request.POST, at=timezone.now())
        html = render_to_string(f"{FOLDER}/terms.html", {"terms": terms}, request)
        return JsonResponse({"html": html})


def _read(data: dict[str, Any]) -> Reading | None:
    if "_take" in data:
        return take_choice(data)
    side = data.get("_paste")
    if side not in SIDES:
        return None
    forgotten = {f"{side}_chosen_{kind}": "" for kind in ("name", "phone", "place")}
    return read_block(side, {**data, **forgotten})


def _side(form: CreateForm, side: str, reading: Reading | None) -> dict[str, Any]:
    def field(part: str) -> Any:
        return form[f"{side}_{part}"]

    return {
        "name": side,
        "label": field("name").label,
        "text": field("text"),
        "persons": [field("name"), field("phone")],
        "levels": [field(level) for level in ("province", "city", "district", "town")],
        "address": field("address"),
        "reading": reading if reading is not None and reading.side == side else None,
    }


def _carriers() -> list[tuple[str, str]]:
    """Codes and names of the carriers that have a rule; any other may be typed."""
    rules = ExpressRule.objects.filter(status=SwitchStatus.ENABLED, hidden_at=None)
    named = rules.order_by("cp_code", "-is_default").values_list("cp_code", "cp_name")[:200]
    return list({code: (code, name or "") for code, name in named}.values())
