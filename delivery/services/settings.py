"""How a tenant's deliveries are dispatched: its own row where it has one, else the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.db import transaction

from accounts.queries import tenant_by_id
from config.kernel.errors import Malformed
from config.kernel.keeping import Kept
from config.kernel.work.claims import again_if_deadlocked
from delivery.models import DeliverySettings

KEPT_SECONDS = 5
# Least and most of each number.
_BOUNDS = {
    "offer_seconds": (5, 600),
    "offer_minutes": (1, 1_440),
    "first_radius_m": (100, 50_000),
    "radius_step_m": (100, 50_000),
    "largest_radius_m": (100, 50_000),
    "riders_at_once": (1, 50),
    "promised_minutes": (5, 1_440),
}


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """What stands in the tenant's row, or the defaults; seconds, metres, minutes."""

    auto_offer: bool
    offer_seconds: int
    offer_minutes: int
    first_radius_m: int
    radius_step_m: int
    largest_radius_m: int
    riders_at_once: int
    needs_pickup_code: bool
    needs_delivery_code: bool
    promised_minutes: int


_NAMES = tuple(field.name for field in fields(TenantSettings))
_DEFAULTS = tuple(getattr(DeliverySettings(), name) for name in _NAMES)
_kept: Kept[TenantSettings] = Kept(KEPT_SECONDS)


def settings_of(*, tenant_id: int) -> TenantSettings:
    """The tenant's settings; a change takes effect within 5 seconds.

    So long an order may still be booked as before: where offering was just switched on, it waits
    on the board, and an operator may have it offered.
    """
    return _kept.get(tenant_id, lambda: _read(tenant_id))


def fresh_settings_of(*, tenant_id: int) -> TenantSettings:
    """The tenant's settings as they stand now, for what is not done again once it is done."""
    _kept.drop(tenant_id)
    return settings_of(tenant_id=tenant_id)


def _read(tenant_id: int) -> TenantSettings:
    row = DeliverySettings.objects.filter(tenant_id=tenant_id).values_list(*_NAMES).first()
    return TenantSettings(*(row or _DEFAULTS))


def save_settings(*, tenant_id: int, values: Mapping[str, Any]) -> DeliverySettings:
    """Write the settings named in `values` (of `TenantSettings`), the others as they are.

    :raises Malformed: a number out of bounds, or the first radius wider than the widest.
    :raises Missing: no such tenant.
    """
    unknown = sorted(set(values) - set(_NAMES))
    if unknown:
        msg = f"no such settings: {unknown}"
        raise TypeError(msg)
    tenant_by_id(tenant_id)
    row = again_if_deadlocked(lambda: _save(tenant_id, values))
    _kept.forget()
    return row


def _save(tenant_id: int, values: Mapping[str, Any]) -> DeliverySettings:
    with transaction.atomic():
        row, _ = DeliverySettings.objects.select_for_update().get_or_create(tenant_id=tenant_id)
        for name, value in values.items():
            setattr(row, name, value)
        _check(row)
        row.save()
    return row


def _check(row: DeliverySettings) -> None:
    wrong = {
        name: [f"应在 {least} 到 {most} 之间。"]
        for name, (least, most) in _BOUNDS.items()
        if not least <= getattr(row, name) <= most
    }
    if not wrong and row.first_radius_m > row.largest_radius_m:
        wrong["largest_radius_m"] = ["最大半径不能小于首次半径。"]
    if wrong:
        raise Malformed(fields=wrong)
