"""Logs and handled callbacks go by date, in small bites, without touching orders."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Model, QuerySet

from logistics.models import CallbackRecord, CallLog

BITE = 2_000


def prune_logs(*, before: datetime) -> dict[str, int]:
    """Delete call logs and handled callback records from before `before`; returns rows of each.

    Callbacks that were never handled are evidence still needed: they stay.
    """
    return {
        "calls": _bites(CallLog.objects.filter(created_at__lt=before)),
        "callbacks": _bites(
            CallbackRecord.objects.filter(created_at__lt=before, processed=True, due_at=None)
        ),
    }


def _bites(rows: QuerySet[Model]) -> int:
    total = 0
    while pks := list(rows.values_list("pk", flat=True)[:BITE]):
        rows.model._default_manager.filter(pk__in=pks).delete()  # noqa: SLF001
        total += len(pks)
    return total
