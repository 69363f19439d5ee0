"""Every call leaves one masked row, whatever became of its order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from config.kernel.text import as_json, clip
from logistics.carriers.base import CallLine, Reply
from logistics.models import CainiaoAccount, CallLog

if TYPE_CHECKING:
    from logistics.models import ExpressOrder
    from logistics.services.questions import Attempt

LONGEST_TEXT = 20_000
LONGEST_REPLY = 500


def keep_calls(order: ExpressOrder, attempt: Attempt) -> None:
    """Write the call log of an attempt, and flag the account whose keys were refused."""
    if attempt.reply.error_type == "auth" and order.account_id:
        flag_account(order.account_id, attempt.reply)
    if attempt.reply.calls:
        log_calls(attempt.reply.calls, order_id=order.pk, tenant_id=order.tenant_id)


def flag_account(account_id: int, reply: Reply[Any]) -> None:
    """Say on the account that its keys were refused."""
    CainiaoAccount.objects.filter(pk=account_id).update(
        test_passed=False, last_test_at=timezone.now(), test_error=reply_text(reply)
    )


def reply_text(reply: Reply[Any]) -> str:
    """What the carrier said: `[code] message`."""
    code = f"[{reply.code}] " if reply.code else ""
    return clip(f"{code}{reply.message or '没有给出可用的答复'}", LONGEST_REPLY)


def log_calls(
    lines: tuple[CallLine, ...], *, order_id: int | None = None, tenant_id: int | None = None
) -> None:
    """Write one row per call."""
    CallLog.objects.bulk_create(
        [
            CallLog(
                api_method=clip(line.api_method, 100),
                api_version="1.0",
                request_id=line.request_id,
                request_params=as_json(line.record.request_text, LONGEST_TEXT),
                request_time=line.record.started_at,
                response_code=clip(line.code, 50) or str(line.record.status or "") or None,
                response_msg=clip(line.message, 500) or None,
                response_data=as_json(line.record.response_text, LONGEST_TEXT),
                response_time=line.record.finished_at,
                duration_ms=line.record.duration_ms,
                tenant_id=tenant_id,
                order_id=order_id,
                success=line.success,
                error_type=line.error_type or None,
                error_detail=clip(line.record.error_detail, LONGEST_TEXT) or None,
                outcome=line.record.outcome,
                created_at=line.record.finished_at,
            )
            for line in lines
        ]
    )
