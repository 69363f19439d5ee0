"""Orders as one tenant may see them: scoped to that tenant and one mode."""

from __future__ import annotations

from django.db.models import QuerySet

from config.kernel.errors import Missing
from logistics.models import ExpressOrder

# Lists never show these, and they are what makes a row long.
HEAVY = ("print_data", "track_info")


def tenant_orders(*, tenant_id: int, is_test: bool) -> QuerySet[ExpressOrder]:
    """A tenant's orders of one mode."""
    # `= false` becomes NOT on SQLite, which no index serves.
    return ExpressOrder.objects.filter(tenant_id=tenant_id, is_test__in=[is_test])


def tenant_order(*, tenant_id: int, is_test: bool, order_no: str) -> ExpressOrder:
    """One of a tenant's orders by our number.

    :raises Missing: there is none, or it is somebody else's.
    """
    order = tenant_orders(tenant_id=tenant_id, is_test=is_test).filter(order_no=order_no).first()
    if order is None:
        raise Missing
    return order
