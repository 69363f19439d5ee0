"""What the reports' answers look like; a key is always present, money is yuan with two places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from accounts.queries import TenantInfo
from logistics.queries.reports.orders import OrderLine, OrderSums
from logistics.queries.reports.settlement import Fees, Settlement
from logistics.queries.reports.tenants import TenantUse, share
from quotas.money import to_yuan

Shape = type[serializers.Serializer[Any]]


def _yuan() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=20, decimal_places=2)


def _share() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=5, decimal_places=4, help_text="0 到 1")


class OrderFigures(serializers.Serializer[Any]):
    """Orders, how many of them stand in these states now, and their freight."""

    orders = serializers.IntegerField()
    signed = serializers.IntegerField()
    under_way = serializers.IntegerField()
    exceptions = serializers.IntegerField()
    rejected = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    freight = _yuan()


class Named(serializers.Serializer[Any]):
    """Whose; all null where the row is not about one tenant, `tenant_id` 0 the platform itself."""

    tenant_id = serializers.IntegerField(allow_null=True)
    platform_code = serializers.CharField(allow_null=True)
    tenant_name = serializers.CharField(allow_null=True)


class OrdersItem(Named, OrderFigures):
    """The sums of a group; what it is not grouped by is null."""

    day = serializers.DateField(allow_null=True)
    cp_code = serializers.CharField(allow_null=True)
    status = serializers.CharField(allow_null=True)


class TenantFigures(serializers.Serializer[Any]):
    """Use of the days asked for, and the quota of the open period as of now."""

    orders = serializers.IntegerField()
    signed = serializers.IntegerField()
    signed_rate = _share()
    exceptions = serializers.IntegerField()
    exception_rate = _share()
    monthly_free_quota = serializers.IntegerField(allow_null=True)
    monthly_used = serializers.IntegerField(allow_null=True)
    free_left = serializers.IntegerField(allow_null=True)
    overage_used = serializers.IntegerField(allow_null=True)
    overage_amount = serializers.DecimalField(max_digits=20, decimal_places=2, allow_null=True)


class TenantsItem(Named, TenantFigures):
    """One tenant; the quota's fields are null where it has none."""

    rank = serializers.IntegerField()


class FeeFigures(serializers.Serializer[Any]):
    """Freight as it came about, overage as closed; `open_*` is not closed yet, and in no total."""

    parcels = serializers.IntegerField()
    first_freight = _yuan()
    revisions = serializers.IntegerField()
    freight_revised = _yuan()
    freight = _yuan()
    overage_units = serializers.IntegerField()
    overage_amount = _yuan()
    credit_amount = _yuan()
    overage_due = _yuan()
    total = _yuan()
    open_overage_units = serializers.IntegerField()
    open_overage_amount = _yuan()


class SettlementItem(Named, FeeFigures):
    """One tenant's month."""


class Stand(serializers.Serializer[Any]):
    """What every report says of itself."""

    counted_at = serializers.DateTimeField(allow_null=True)
    waiting_days = serializers.IntegerField(help_text="正在重算、数字尚旧的天数")
    page = serializers.IntegerField()
    page_size = serializers.IntegerField()
    more = serializers.BooleanField()
    date_from = serializers.DateField()
    date_to = serializers.DateField()


class OrdersReport(Stand):
    """Groups, newest day first, then the largest; and the sums of all of them."""

    items = OrdersItem(many=True)
    totals = OrderFigures()


class TenantsReport(Stand):
    """The largest first, and the sums of all."""

    items = TenantsItem(many=True)
    totals = TenantFigures()


class SettlementReport(Stand):
    """The largest total first, and the sums of all."""

    month = serializers.CharField(help_text="YYYY-MM")
    items = SettlementItem(many=True)
    totals = FeeFigures()


def show_tenant(tenant_id: int | None, tenant: TenantInfo | None) -> dict[str, Any]:
    """Id, code and name."""
    return {
        "tenant_id": tenant_id,
        "platform_code": tenant.platform_code if tenant else None,
        "tenant_name": tenant.name if tenant else None,
    }


def show_orders(sums: OrderSums) -> dict[str, Any]:
    """The figures of a group."""
    return {
        "orders": sums.orders,
        "signed": sums.signed,
        "under_way": sums.under_way,
        "exceptions": sums.exceptions,
        "rejected": sums.rejected,
        "cancelled": sums.cancelled,
        "freight": str(to_yuan(sums.freight_minor)),
    }


def show_line(line: OrderLine, tenant: TenantInfo | None) -> dict[str, Any]:
    """A group."""
    return {
        "day": line.day.isoformat() if line.day else None,
        "cp_code": line.cp_code,
        "status": line.status,
        **show_tenant(line.tenant_id, tenant),
        **show_orders(line.sums),
    }


def show_use(use: TenantUse) -> dict[str, Any]:
    """One tenant of the ranking."""
    whose = show_tenant(use.tenant_id, use.tenant)
    return {"rank": use.rank, **whose, **show_uses([use], use.sums)}


def show_uses(uses: Sequence[TenantUse], sums: OrderSums) -> dict[str, Any]:
    """The figures of these tenants, whose orders add up to `sums`."""
    known = [use.quota for use in uses if use.quota is not None]
    quota = {
        "monthly_free_quota": sum(one.free for one in known),
        "monthly_used": sum(one.used for one in known),
        "free_left": sum(one.left for one in known),
        "overage_used": sum(one.overage_units for one in known),
        "overage_amount": str(to_yuan(sum(one.overage_minor for one in known))),
    }
    return {
        "orders": sums.orders,
        "signed": sums.signed,
        "signed_rate": str(share(sums.signed, sums.orders)),
        "exceptions": sums.exceptions,
        "exception_rate": str(share(sums.exceptions, sums.orders)),
        **(quota if known else dict.fromkeys(quota)),
    }


def show_settlement(one: Settlement) -> dict[str, Any]:
    """One tenant's month."""
    return {**show_tenant(one.tenant_id, one.tenant), **show_fees(one.fees)}


def show_fees(fees: Fees) -> dict[str, Any]:
    """A month's figures."""
    money = {
        "first_freight": fees.first_freight_minor,
        "freight_revised": fees.revised_minor,
        "freight": fees.freight_minor,
        "overage_amount": fees.overage_minor,
        "credit_amount": fees.credit_minor,
        "overage_due": fees.due_minor,
        "total": fees.total_minor,
        "open_overage_amount": fees.open_minor,
    }
    return {
        "parcels": fees.parcels,
        "revisions": fees.revisions,
        "overage_units": fees.overage_units,
        "open_overage_units": fees.open_units,
        **{name: str(to_yuan(minor)) for name, minor in money.items()},
    }
