"""The whole end of a story, ours and the carrier's, in words that two runs of it share.

Numbers drawn by lot are replaced by what they stand for, times by whether there is one. Left out
is what a death may change, and nothing else: see `MAY_DIFFER`.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model

from accounts.models import IdempotencyKey, SecurityEvent, TenantEvent
from logistics.models import (
    CallbackRecord,
    DailyOrders,
    DailyTotals,
    ExpressOrder,
    FreightRevision,
    OrderImport,
    OrderImportLine,
    RolledDay,
)
from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from quotas.queries import find_discrepancies
from tests.proofs.crashes.ground import QUEUES, Ground

TABLES = (
    ExpressOrder, CallbackRecord, FreightRevision, QuotaDetail, QuotaStatement, TenantQuota,
    IdempotencyKey, SecurityEvent, OrderImport, OrderImportLine, DailyOrders, DailyTotals,
    RolledDay, TenantEvent,
)  # fmt: skip
# Rows' own ids, tokens and ciphertexts, beside:
MAY_DIFFER = frozenset({
    "id", "lock_token", "raw_body", "print_data", "order_import_id",
    # A claim that led to nothing counted, and an intent that was committed moved the version.
    "attempts", "version",
    # The first answer of a booking says 201, that of its repetition 200, as the API promises.
    "status_code", "answer",
})  # fmt: skip
# At the carrier: how often a waybill was asked for (under one object id) and how often we asked
# about a number. Creates and cancels are none of it: they must be as many as without a death.
CARRIER = ("tradeOrderNo", "orderCode", "mailNo", "cpCode", "status", "waybills",
           "creates_received", "creates_accepted", "cancels_received", "cancels_accepted",
           "events")  # fmt: skip
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[-+.:\dZ]*")
# An imported order's key names its import by its id.
_IMPORT = re.compile(r"\bimport:\d+:")
_DIGEST = re.compile(r"\b[0-9a-f]{32,64}\b|(?<=_)[0-9a-f]{32}\b")


def snapshot(ground: Ground) -> dict[str, Any]:
    """Return tables and carrier, JSON-ready."""
    orders = {order.pk: f"order {n}" for n, order in enumerate(ground.orders(), 1)}
    tables = {
        model.__name__: [_row(row, orders) for row in model.objects.order_by("pk").values()]
        for model in TABLES
    }
    parcels = [_parcel(row) for row in ground.sandbox.state()["parcels"]]
    text = json.dumps({"ours": tables, "carrier": parcels}, ensure_ascii=False, default=_plain)
    for number, order in enumerate(ground.orders(), 1):
        for column in ("order_no", "waybill_no", "cainiao_order_id"):
            if drawn := getattr(order, column):
                text = text.replace(drawn, f"<{column} {number}>")
    found: dict[str, Any] = json.loads(
        _IMPORT.sub("import:", _DIGEST.sub("<digest>", _TIME.sub("<time>", text)))
    )
    return found


def differences(was: Any, now: Any, where: str = "") -> list[str]:
    """Every place at which two snapshots part ways."""
    if isinstance(was, dict) and isinstance(now, dict) and was.keys() == now.keys():
        pairs = [(f"{where}.{name}".lstrip("."), was[name], now[name]) for name in was]
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        pairs = [(f"{where}[{n}]", was[n], now[n]) for n in range(len(was))]
    else:
        return [] if was == now else [f"{where}: {was!r} without a death, now {now!r}"]
    return [line for place, old, new in pairs for line in differences(old, new, place)]


def unsettled(ground: Ground) -> list[str]:
    """What must hold at the end of any run, with or without a death."""
    faults = [str(row) for row in find_discrepancies()]
    state = ground.sandbox.state()
    faults += [f"violation at the carrier: {row}" for row in state["violations"]]
    for model in QUEUES:
        faults += _some(model, "is due for ever", due_at__isnull=False)
        faults += _some(model, "is leased for ever", lease_token__isnull=False)
    faults += _some(ExpressOrder, "is asking for ever", asking__isnull=False)
    faults += _some(CallbackRecord, "was never handled", processed=False)
    faults += _some(IdempotencyKey, "is running for ever", status_code__isnull=True)
    for row in state["parcels"]:
        if row["creates_accepted"] > 1 or len(row["waybills"]) > 1:
            faults.append(f"twice at the carrier: {row['tradeOrderNo']}")
    ordered = [row["orderCode"] for row in state["parcels"] if row["orderCode"]]
    known = {order.cainiao_order_id for order in ground.orders()}
    faults += [f"unknown to us: {code}" for code in ordered if code not in known]
    return faults


def _some(model: type[Model], what: str, **where: Any) -> list[str]:
    count = model._default_manager.filter(**where).count()
    return [f"{count} {model.__name__} {what}"] if count else []


def _row(row: dict[str, Any], orders: dict[int, str]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in MAY_DIFFER}
    if kept.get("order_id") is not None:
        kept["order_id"] = orders.get(kept["order_id"], "of no order")
    if "subject_id" in kept:
        kept["subject_id"] = orders.get(kept["subject_id"], "of no order")
    return kept


def _parcel(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: row[name] for name in CARRIER if name in row}
    kept["callbacks"] = [[told["content"], told["acknowledged"]] for told in row["callbacks"]]
    return kept


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return "<time>"
    if isinstance(value, (Decimal, date)):
        return str(value)
    raise TypeError(type(value))
