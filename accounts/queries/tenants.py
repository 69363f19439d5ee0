"""Who is who, as other apps may know it: by code, by id, many at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from accounts.models import Tenant
from accounts.states import TenantStatus
from config.kernel.errors import Missing
from config.kernel.keeping import Kept

_ADDRESSES = ("callback_url", "callback_hosts", "status")


@dataclass(frozen=True, slots=True)
class TenantInfo:
    """What other apps may know of a tenant."""

    id: int
    platform_code: str
    name: str
    zone: ZoneInfo
    suspended: bool


@dataclass(frozen=True, slots=True)
class CallbackAddresses:
    """Where a tenant's events may go, and whether it may send at all just now."""

    default_url: str
    hosts: frozenset[str]
    suspended: bool


_addresses: Kept[CallbackAddresses] = Kept(5)


def callback_addresses(tenant_id: int) -> CallbackAddresses:
    """The tenant's callback URL and hosts; a change takes effect within 5 seconds.

    :raises Missing: there is no such tenant.
    """
    return _addresses.get(tenant_id, lambda: _read_addresses(tenant_id))


def _read_addresses(tenant_id: int) -> CallbackAddresses:
    row = Tenant.objects.filter(pk=tenant_id).values_list(*_ADDRESSES).first()
    if row is None:
        raise Missing
    url, hosts, status = row
    return CallbackAddresses(url, frozenset(hosts), status != TenantStatus.ENABLED)


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
    rows = Tenant.objects.filter(pk__in=set(tenant_ids)).defer(
        "callback_secret", "previous_callback_secret"
    )
    return {row.pk: _info(row) for row in rows}


def _info(row: Tenant | None) -> TenantInfo:
    if row is None:
        raise Missing
    return TenantInfo(
        row.pk, row.platform_code, row.name, row.zone, row.status != TenantStatus.ENABLED
    )
