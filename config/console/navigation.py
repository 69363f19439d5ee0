"""What stands where in the sidebar: one table (seed 5.1, 5.2); a test finds every model in it once.

To add a page, add a line: `Listing` for a registered model, `Page` for a named URL of the admin
site. Nobody sees a line without the permission to open it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Listing:
    """A registered model's list, under its own name unless another is given."""

    model: str
    label: Any = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is no model's: its URL's name in the admin site, and who may open it."""

    label: Any
    url_name: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of the sidebar."""

    name: str
    label: Any
    entries: tuple[Listing | Page, ...]


GROUPS = (
    Group("companies", _("Company management"), (
        Listing("accounts.Tenant"),
        Listing("accounts.ApiCredential"),
        Listing("accounts.TenantEvent"),
        Listing("accounts.CallbackEndpoint"),
    )),
    Group("users", _("User management"), (
        Listing("accounts.User"),
        Listing("auth.Group", _("Roles")),
    )),
    Group("system", _("System settings"), (
        Page(_("Due work"), "admin:due_work", ("logistics.view_expressorder",)),
        Page(_("Operators' tokens"), "admin:operator_tokens", ("accounts.view_user",)),
        Listing("accounts.SecurityEvent"),
        Listing("admin.LogEntry", _("Operation log")),
    )),
    Group("logistics", _("Logistics console"), (
        Listing("logistics.CainiaoAccount"),
        Listing("logistics.ExpressRule"),
        Listing("logistics.ExpressOrder"),
        Listing("quotas.TenantQuota"),
        Listing("logistics.CallLog"),
        Listing("logistics.CallbackRecord"),
        Listing("logistics.FreightRevision"),
        Listing("quotas.QuotaDetail"),
        Listing("quotas.QuotaStatement"),
    )),
    Group("deliveries", _("Deliveries"), (
        Page(_("Dispatch board"), "admin:dispatch_board", ("delivery.view_deliveryorder",)),
        Listing("delivery.DeliveryOrder"),
        Listing("delivery.Rider"),
        Listing("delivery.DispatchOffer"),
        Listing("delivery.PriceRule"),
        Listing("delivery.DeliverySettings"),
    )),
    Group("reports", _("Reports"), (
        Page(_("Order statistics"), "admin:report_orders", ("logistics.view_expressorder",)),
        Page(
            _("Tenants' usage ranking"), "admin:report_tenants", ("logistics.view_expressorder",)
        ),
        Page(
            _("Fee settlement"),
            "admin:report_settlement",
            ("logistics.view_expressorder", "quotas.view_quotastatement"),
        ),
    )),
)  # fmt: skip


def arranged(models: Mapping[str, dict[str, Any]], user: Any) -> list[dict[str, Any]]:
    """The groups as the admin's templates want them, out of the models this user may see.

    A model that stands nowhere in the table is shown behind all groups rather than not at all.
    """
    groups = []
    for group in GROUPS:
        items = [_item(entry, models, user) for entry in group.entries]
        groups.append(_group(group.name, group.label, [item for item in items if item]))
    listed = listed_models()
    stray = [model for label, model in models.items() if label not in listed]
    groups.append(_group("other", _("Other"), stray))
    return [group for group in groups if group["models"]]


def listed_models() -> list[str]:
    """Every model of the table, as often as it stands there."""
    entries = [entry for group in GROUPS for entry in group.entries]
    return [entry.model for entry in entries if isinstance(entry, Listing)]


def _group(name: str, label: Any, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": label,
        "app_label": name,
        "app_url": f"{reverse('admin:index')}#{name}",
        "has_module_perms": True,
        "models": items,
    }


def _item(
    entry: Listing | Page, models: Mapping[str, dict[str, Any]], user: Any
) -> dict[str, Any] | None:
    if isinstance(entry, Listing):
        model = models.get(entry.model)
        return {**model, "name": capfirst(entry.label or model["name"])} if model else None
    if not user.has_perms(entry.permissions):
        return None
    return {
        "name": entry.label,
        "object_name": entry.url_name.removeprefix("admin:"),
        "admin_url": reverse(entry.url_name),
        "add_url": None,
        "view_only": True,
        "perms": {"view": True},
    }
