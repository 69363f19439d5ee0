"""Rows of logistics as they lie in the tables, for pages that only show them."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from logistics.models import CallbackRecord, CallLog, ExpressOrder

_numbers = itertools.count(1)


def make_order(**columns: Any) -> ExpressOrder:
    at = columns.pop("created_at", None) or timezone.now()
    given = {
        "order_no": f"EX{next(_numbers):012d}", "content_hash": "0" * 64, "cp_code": "YTO",
        "sender_name": "桐庐仓", "sender_phone": "0571-88886666", "receiver_name": "张三丰",
        "receiver_phone": "13800138000", "receiver_phone_hash": "0" * 64, "created_at": at,
        "updated_at": at, "news_at": at, **columns,
    }  # fmt: skip
    if given.get("status") == "exception":
        given.setdefault("exception_from", "created")
    return ExpressOrder.objects.create(**given)


def make_callback(**columns: Any) -> CallbackRecord:
    at = columns.pop("created_at", None) or timezone.now()
    given = {
        "callback_id": f"LP{next(_numbers)}:signed:0", "raw_body": b"{}", "raw_data": {},
        "account_id": 1, "created_at": at, **columns,
    }  # fmt: skip
    return CallbackRecord.objects.create(**given)


def make_call(method: str = "TMS_WAYBILL_GET", *, ago: timedelta, **columns: Any) -> CallLog:
    at: datetime = timezone.now() - ago
    given = {
        "api_method": method, "request_time": at, "created_at": at, "outcome": "done",
        "success": True, "duration_ms": 100, **columns,
    }  # fmt: skip
    return CallLog.objects.create(**given)
