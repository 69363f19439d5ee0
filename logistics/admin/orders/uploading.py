"""Where a file of parcels is chosen: for whom, and what such a file looks like."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.queries import tenant_by_code
from config.kernel.errors import Missing
from logistics.admin.orders.forms import TenantSelect
from logistics.models import ExpressOrder
from logistics.services.importing import LABELS
from logistics.services.imports import LARGEST_FILE, MOST_LINES

SAMPLE = {
    "tenant_order_no": "A-1001", "receiver_name": "张三", "receiver_phone": "13800138000",
    "receiver_address": "浙江省杭州市余杭区文一西路969号", "goods_name": "茶叶", "goods_count": 1,
    "weight": "1.250",
}  # fmt: skip


class ImportForm(forms.Form):
    """For whom, and the file."""

    # Only where no script runs can the tenant not be searched for.
    tenant_code = forms.CharField(
        label=gettext_lazy("platform code"), required=False, max_length=64,
        widget=forms.TextInput({"class": "vTextField"}),
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("file"), max_length=200, allow_empty_file=True,
        widget=forms.FileInput({"accept": ".csv,.xlsx"}),
    )  # fmt: skip

    def __init__(self, site: AdminSite, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        column: Any = ExpressOrder._meta.get_field("tenant")
        self.fields["tenant"] = column.formfield(
            required=False, widget=TenantSelect(column, site), blank=False
        )
        self.order_fields(["tenant", "tenant_code", "file"])
        self.fields["file"].help_text = _(
            "CSV (UTF-8 or GBK) or XLSX, %(mega)d MB and %(lines)d lines at most."
        ) % {"mega": LARGEST_FILE // 1_000_000, "lines": MOST_LINES}

    def clean(self) -> dict[str, Any]:
        """One tenant, chosen or written."""
        values = self.cleaned_data
        code = values.get("tenant_code", "").strip()
        chosen = values.get("tenant")
        if chosen is None and not code and "tenant" not in self.errors:
            self.add_error("tenant", _("Choose the tenant."))
        elif chosen is not None and code and chosen.platform_code != code:
            self.add_error("tenant_code", _("This is another tenant's code."))
        elif code and chosen is None:
            try:
                values["tenant_id"] = tenant_by_code(code).id
            except Missing:
                self.add_error("tenant_code", _("There is no tenant of this code."))
        elif chosen is not None:
            values["tenant_id"] = chosen.pk
        return values


def sample_row() -> list[Any]:
    """A line as an example, in the order of the labels."""
    return [SAMPLE.get(name, "") for name in LABELS.values()]
