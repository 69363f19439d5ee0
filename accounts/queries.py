"""Reads of accounts that other apps need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from accounts.models import Tenant
from accounts.states import TenantStatus
from config.kernel.errors import Missing


@dataclass(frozen=True, slots=True)
class TenantInfo:
    """What other apps may know of a tenant."""

    id: int
    platform_code: str
    name: str
    zone: ZoneInfo
    suspended: bool


def tenant_by_code(code: str) -> TenantInfo:
    """The tenant with this platform code.

    :raises Missing: there is none.
    """
    return _info(Tenant.objects.filter(platform_code=code).first())


def tenant_by_id(tenant_id: int) -> TenantInfo:
    """The tenant with this id.

    :raises Missing: there is none.
    """
    return _info(Tenant.objects.filter(pk=tenant_id).first())


def tenants_by_id(tenant_ids: Iterable[int]) -> dict[int, TenantInfo]:
    """Those of these tenants that there are, by id, in one statement."""
    rows = Tenant.objects.filter(pk__in=set(tenant_ids)).defer("callback_secret")
    return {row.pk: _info(row) for row in rows}


def _info(row: Tenant | None) -> TenantInfo:
    if row is None:
        raise Missing
    return TenantInfo(
        row.pk, row.platform_code, row.name, row.zone, row.status != TenantStatus.ENABLED
    )
