"""The orders' forms: lenient fields; what a parcel may say is checked as at every other door."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils.translation import gettext_lazy as _

from config.kernel import audit
from config.kernel.errors import Refusal
from logistics.models import ExpressOrder
from logistics.services.drafts import MOST_PIECES
from logistics.services.resuming import CORRECTABLE

PARTS = ("name", "phone", "province", "city", "district", "town", "address")
SIDES = ("receiver", "sender")
LEVELS = ("province", "city", "district", "town")
_GOODS = ("goods_name", "goods_count", "weight", "volume", "remark")
_DRAFT = frozenset(
    {f"{side}_{part}" for side in SIDES for part in PARTS}
    | {"cp_code", "tenant_order_no", *_GOODS}
)  # fmt: skip


def _text(column: str, **attrs: Any) -> forms.CharField:
    """A text as long as its column, under its column's name."""
    field: Any = ExpressOrder._meta.get_field(column)
    width = {"class": "vTextField", "maxlength": field.max_length, "autocomplete": "off"}
    return forms.CharField(
        label=field.verbose_name, required=False, widget=forms.TextInput({**width, **attrs})
    )


def _pasted() -> forms.CharField:
    return forms.CharField(
        label=_("Paste a whole block"),
        required=False,
        widget=forms.Textarea({"rows": 3, "class": "paste-text", "autocomplete": "off"}),
    )


class TenantSelect(AutocompleteSelect):
    """Searched for by typing; what is no key is refused by the field, not by the database."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """The chosen tenant, if it can be one."""
        keys = [key for key in map(str, value) if key.isascii() and key.isdigit() and len(key) < 19]
        return super().optgroups(name, keys, attr)


class CreateForm(forms.Form):
    """A parcel as an operator writes it down; `read_draft` says what is wrong with it."""

    request_key = forms.RegexField(r"\A[0-9a-f]{32}\Z", widget=forms.HiddenInput)
    # Only where no script runs can the tenant not be searched for.
    tenant_code = forms.CharField(
        label=_("platform code"), required=False, max_length=64,
        widget=forms.TextInput({"class": "vTextField"}),
    )  # fmt: skip
    tenant_order_no = _text("tenant_order_no")
    cp_code = _text("cp_code", list="carriers")
    goods_name = _text("goods_name")
    goods_count = forms.IntegerField(
        label=_("pieces"), required=False,
        widget=forms.NumberInput({"min": 1, "max": MOST_PIECES, "class": "vIntegerField"}),
    )  # fmt: skip
    weight = forms.DecimalField(
        label=_("weight (kg)"), required=False,
        widget=forms.NumberInput({"min": 0, "step": "0.001", "class": "vIntegerField"}),
    )  # fmt: skip
    volume = forms.DecimalField(
        label=_("volume (m³)"), required=False,
        widget=forms.NumberInput({"min": 0, "step": "0.001", "class": "vIntegerField"}),
    )  # fmt: skip
    remark = _text("remark")
    branches = forms.CharField(required=False, widget=forms.HiddenInput)
    branch = forms.CharField(label=_("branch"), required=False, widget=forms.HiddenInput)
    receiver_text = _pasted()
    sender_text = _pasted()

    def __init__(self, site: AdminSite, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        column: Any = ExpressOrder._meta.get_field("tenant")
        tenant = column.formfield(required=False, widget=TenantSelect(column, site))
        tenant.help_text = _("Empty: the platform's own parcel, which draws no quota.")
        self.fields["tenant"] = tenant
        for side in SIDES:
            for part in PARTS:
                self.fields[f"{side}_{part}"] = _text(f"{side}_{part}")

    @classmethod
    def fresh(cls, site: AdminSite) -> CreateForm:
        """An empty form whose submission, however often, makes one order."""
        return cls(site, initial={"request_key": uuid.uuid4().hex, "goods_count": 1})

    @classmethod
    def again(cls, site: AdminSite, data: Mapping[str, Any]) -> CreateForm:
        """The same entries, not judged yet."""
        names = {*_DRAFT, "tenant", "tenant_code", "request_key", "branches", "branch",
                 "receiver_text", "sender_text"}  # fmt: skip
        form = cls(site, initial={name: data[name] for name in names & data.keys()})
        form.initial.setdefault("request_key", uuid.uuid4().hex)
        return form

    def draft_data(self) -> dict[str, Any]:
        """What `read_draft` reads: levels stand before the address, which ADDRLIB takes apart."""
        given = {name: self.cleaned_data.get(name) for name in _DRAFT}
        data: dict[str, Any] = {
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in given.items()
            if value not in (None, "")
        }
        for side in SIDES:
            levels = "".join(data.pop(f"{side}_{level}", "") for level in LEVELS)
            detail = data.get(f"{side}_address", "")
            if levels and detail and not detail.startswith(levels):
                data[f"{side}_address"] = f"{levels}{detail}"
            elif levels and side == "sender" and not detail:
                self.add_error("sender_address", _("Enter the street and number."))
        for name in ("receiver_name", "receiver_phone", "receiver_address"):
            data.setdefault(name, "")
        return data


class CorrectForm(forms.Form):
    """The fields of an order that may be corrected, and why; `resume_order` judges them."""

    # What the order was when the form was opened: a correction made meanwhile is not undone.
    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=audit.LONGEST_REASON,
        widget=forms.Textarea({"rows": 2, "cols": 60}),
        help_text=_("Kept in the history, with your name."),
    )

    def __init__(self, order: ExpressOrder, data: Any = None, *, shown: bool) -> None:
        columns = [name for name in _in_order() if name in CORRECTABLE]
        self.before = {name: getattr(order, name) or "" for name in columns}
        self.shown = shown
        initial = {"version": order.version, **(self.before if shown else {})}
        super().__init__(data, initial=initial)
        for name in columns:
            self.fields[name] = _text(name)
            # What was filled in travels along: only what was written otherwise is a correction.
            self.fields[name].show_hidden_initial = True
        self.order_fields([*columns, "reason"])

    def open_on(self, order: ExpressOrder) -> None:
        """Keep what was written, on the order as it is now."""
        data = {**dict(self.data.items()), "version": str(order.version)}
        if self.shown:
            for name in self.before:
                data[self.add_initial_prefix(name)] = self.before[name]
                if name not in self.changed_data:
                    data[name] = self.before[name]
        self.data = data

    def corrections(self) -> dict[str, Any]:
        """What was written otherwise than it was filled in."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in self.before}


def _in_order() -> tuple[str, ...]:
    both = [f"{side}_{part}" for side in SIDES for part in PARTS]
    return (*both, "goods_name", "remark", "branch_code")


def add_refusal(form: forms.Form, refusal: Refusal, fields: Mapping[str, str]) -> None:
    """Show a refusal at the fields it names; `fields`: which one a refusal as a whole is about."""
    for name, texts in refusal.fields.items():
        for text in texts:
            known = name in form.fields
            if not (known and form.has_error(name)):
                form.add_error(name if known else None, text if known else f"{name}：{text}")
    if not refusal.fields:
        form.add_error(fields.get(refusal.slug), refusal.text)
