"""Tables of logistics; relations between them carry no database constraint (seed 7.1)."""

from __future__ import annotations

from logistics.models.accounts import CainiaoAccount
from logistics.models.callbacks import CallbackRecord
from logistics.models.calls import CallLog
from logistics.models.freight import FreightRevision
from logistics.models.imports import OrderImport, OrderImportLine
from logistics.models.orders import ExpressOrder
from logistics.models.rollups import DailyOrders, DailyTotals, RolledDay
from logistics.models.rules import ExpressRule

__all__ = [
    "CainiaoAccount",
    "CallLog",
    "CallbackRecord",
    "DailyOrders",
    "DailyTotals",
    "ExpressOrder",
    "ExpressRule",
    "FreightRevision",
    "OrderImport",
    "OrderImportLine",
    "RolledDay",
]
