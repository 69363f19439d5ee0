"""What a report is asked by, in the address so that it can be kept and sent; bad values are named.

What is left out has a usual value, and the form shows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar, Self

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts.queries import tenant_by_code
from config.kernel.errors import Missing
from logistics.admin.reports.links import OWN
from logistics.queries.reports.counting import PLATFORM
from logistics.queries.reports.settlement import month_of
from logistics.queries.reports.tenants import SORTS
from logistics.queries.reports.window import MOST_DAYS, Window
from logistics.states import OrderStatus

USUAL_DAYS = 30
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)
SORT_LABELS: dict[str, Any] = {
    "orders": _("number of orders"),
    "exception_rate": _("share in exception"),
    "quota_used": _("units used this period"),
    "overage_units": _("overage units this period"),
}
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")


def day_field(label: Any) -> forms.DateField:
    """One day, picked from a calendar."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    limits = [MinValueValidator(EARLIEST), MaxValueValidator(LATEST)]
    return forms.DateField(
        label=label, input_formats=["%Y-%m-%d"], widget=widget, validators=limits
    )


class MonthField(forms.Field):
    """`YYYY-MM`; its value is the first day."""

    widget = forms.DateInput(attrs={"type": "month", "pattern": r"\d{4}-\d{2}"})

    def to_python(self, value: Any) -> date:
        """The month's first day."""
        found = _MONTH.fullmatch(str(value or "").strip())
        try:
            month = date(int(found[1]), int(found[2]), 1) if found else date.min
        except ValueError:
            month = date.min
        if not EARLIEST <= month <= LATEST:
            raise ValidationError(_("Write the month as 2026-02."))
        return month


class TenantField(forms.CharField):
    """A platform code; its value is the tenant's id, 0 for the platform itself."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("tenant"),
            max_length=64,
            help_text=_("platform code; 0: the platform's own parcels"),
            **kwargs,
        )

    def clean(self, value: Any) -> int | None:
        """Look it up."""
        code = super().clean(value)
        if not code or code == OWN:
            return PLATFORM if code else None
        try:
            return tenant_by_code(code).id
        except Missing:
            raise ValidationError(_("There is none of this name.")) from None


class ReportForm(forms.Form):
    """Bound to what the address says, over the usual values."""

    error_css_class = "errors"
    required_css_class = ""

    @classmethod
    def read(cls, query: Mapping[str, str], today: date) -> Self:
        """The form as asked for on that business day."""
        given = {name: value for name, value in query.items() if value.strip()}
        return cls({**cls.usual(today), **given}, label_suffix="")

    @classmethod
    def usual(cls, today: date) -> dict[str, str]:
        """What stands in the fields unless the address says otherwise."""
        raise NotImplementedError

    @property
    def code(self) -> str:
        """The tenant as it was called."""
        return str(self.data.get("tenant", "")).strip()


class WindowForm(ReportForm):
    """Days, and what else orders are narrowed down by."""

    date_from = day_field(_("from"))
    date_to = day_field(_("to"))
    tenant = TenantField(required=False)
    cp_code = forms.CharField(label=_("carrier code"), max_length=50, required=False)

    @classmethod
    def usual(cls, today: date) -> dict[str, str]:
        """The last thirty days."""
        first = today - timedelta(days=USUAL_DAYS - 1)
        return {"date_from": first.isoformat(), "date_to": today.isoformat()}

    def clean(self) -> dict[str, Any]:
        """Refuse days that lie the wrong way round, or too many."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("date_from"), cleaned.get("date_to")
        if first and last and first > last:
            self.add_error("date_to", _("The first day lies behind the last one."))
        elif first and last and (last - first).days >= MOST_DAYS:
            text = _("At most %(most)d days at once.") % {"most": MOST_DAYS}
            self.add_error("date_to", text)
        return cleaned

    @property
    def window(self) -> Window:
        """What it asks about."""
        given = self.cleaned_data
        return Window(
            given["date_from"], given["date_to"], given["tenant"], given["cp_code"],
            given.get("status", ""),
        )  # fmt: skip


class OrdersForm(WindowForm):
    """Which orders, grouped by what."""

    GROUPS: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("day", _("day")),
        ("cp_code", _("carrier")),
        ("status", _("status")),
        ("tenant", _("tenant")),
        ("day,cp_code", _("day, carrier")),
        ("day,status", _("day, status")),
        ("day,tenant", _("day, tenant")),
        ("cp_code,status", _("carrier, status")),
        ("cp_code,tenant", _("tenant, carrier")),
        ("status,tenant", _("tenant, status")),
        ("day,cp_code,status,tenant", _("day, carrier, status, tenant")),
    )
    status = forms.ChoiceField(
        label=_("status"), required=False, choices=[("", _("any")), *OrderStatus.choices]
    )
    group = forms.ChoiceField(label=_("grouped by"), choices=GROUPS)

    @classmethod
    def usual(cls, today: date) -> dict[str, str]:
        """By day."""
        return {**super().usual(today), "group": "day"}

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of what it is grouped by."""
        return tuple(self.cleaned_data["group"].split(","))


class TenantsForm(WindowForm):
    """Whose orders, ranked by what."""

    sort = forms.ChoiceField(
        label=_("ranked by"), choices=[(name, SORT_LABELS[name]) for name in SORTS]
    )

    @classmethod
    def usual(cls, today: date) -> dict[str, str]:
        """By orders."""
        return {**super().usual(today), "sort": "orders"}


class SettlementForm(ReportForm):
    """Which month."""

    month = MonthField(label=_("month"))
    tenant = TenantField(required=False)

    @classmethod
    def usual(cls, today: date) -> dict[str, str]:
        """This month."""
        return {"month": f"{month_of(today):%Y-%m}"}


class ParcelsForm(SettlementForm):
    """Which month of which tenant."""

    tenant = TenantField()
    revised = forms.BooleanField(label=_("revised only"), required=False)
