"""`POST /api/platform/cainiao/callback`: stored, acknowledged, then handled (law 3).

Answers are in the sender's own form (CONTRACT section 4), never in our envelope.
"""

from __future__ import annotations

from django.db import Error as AnyDatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from config.kernel.api.addresses import client_address
from config.kernel.api.envelope import as_refusal
from config.kernel.callbacks import read_body
from config.kernel.errors import BodyTooLarge, Unavailable
from logistics.carriers.cainiao.events import Unreadable
from logistics.services.handling import unwrap_body
from logistics.services.receiving import receive_callback


@csrf_exempt
def cainiao_callback(request: HttpRequest) -> JsonResponse:
    """Receive one."""
    if request.method != "POST":
        return _refused(405, "S01", "只接受 POST")
    try:
        body = read_body(request)
        pushed = unwrap_body(body)
    except BodyTooLarge:
        return _refused(413, "S01", "报文过大")
    except Unreadable:
        return _refused(400, "S01", "非法的报文：缺少 logistics_interface 或 data_digest")
    try:
        stored = receive_callback(
            pushed=pushed, body=body, address=client_address(request), at=timezone.now()
        )
    except AnyDatabaseError as exc:
        if not isinstance(refusal := as_refusal(exc), Unavailable):
            raise
        answer = _refused(503, "S07", "系统繁忙，请稍后重新推送")
        answer["Retry-After"] = str(refusal.retry_after)
        return answer
    if not stored:
        return _refused(401, "S02", "验签失败")
    return JsonResponse({"success": True})


def _refused(status: int, code: str, text: str) -> JsonResponse:
    return JsonResponse(
        {"success": False, "errorCode": code, "errorMsg": text},
        status=status,
        json_dumps_params={"ensure_ascii": False},
    )
