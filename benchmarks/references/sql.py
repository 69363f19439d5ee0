"""The statements of a booking and of a callback, by statement, on the product's tables."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import Any

NONCE = "INSERT INTO accounts_nonce (credential_id, nonce, created_at) VALUES (%s, %s, %s)"
LOOK = (
    "SELECT status, monthly_free_quota, monthly_used, overage_used, period_no, period_start,"
    " period_end FROM platform_tenant_quota WHERE tenant_id = %s"
)
ORDER = """
INSERT INTO platform_express_orders (
 due_at, attempts, order_no, tenant_order_no, content_hash, is_test, account_id, cp_code, cp_name,
 waybill_status, sender_name, sender_phone, sender_province, sender_city, sender_district,
 sender_address, receiver_name, receiver_phone, receiver_phone_hash, receiver_address,
 address_fallback, goods_name, goods_count, weight, status, resends, version, event_sequence,
 freight, pay_method, service_type, news_at, tenant_id, rule_id, created_at, updated_at
) VALUES (
 %s, 0, %s, %s, %s, 0, 1, 'YTO', '圆通速递', 'unused', '桐庐仓', '0571-88886666', '浙江省',
 '杭州市', '桐庐县', '迎春南路1号', %s, %s, %s, %s, 0, %s, 1, %s, 'created', 0, 0, 0,
 0.00, 'PREPAY', 'STANDARD', %s, %s, 1, %s, %s
)"""
DETAIL = """
INSERT INTO platform_tenant_quota_detail (
 tenant_id, order_id, quota_type, used_num, amount, cp_code, line_no, period_no, period_start,
 created_at
) VALUES (%s, %s, 'normal', 1, 0.00, 'YTO', 1, %s, %s, %s)"""
DRAW = (
    "UPDATE platform_tenant_quota SET monthly_used = monthly_used + 1, total_used = total_used + 1"
    " WHERE tenant_id = %s AND period_no = %s AND status = 'enabled'"
    " AND monthly_free_quota > monthly_used - overage_used"
)
FIND = (
    "SELECT id, status, track_info, version, tenant_id, mail_no FROM platform_express_orders"
    " WHERE order_no = %s FOR UPDATE"
)
MOVE = (
    "UPDATE platform_express_orders SET status = 'picked', status_desc = %s, track_info = %s,"
    " last_track_time = %s, last_track_desc = %s, dispatch_time = %s, pick_time = %s,"
    " waybill_status = 'used', news_at = %s, updated_at = %s, version = version + 1,"
    " event_sequence = event_sequence + 1"
    " WHERE id = %s AND version = %s"
)
RECORD = """
INSERT INTO platform_callback_records (
 attempts, callback_id, processed, process_time, process_result, raw_data, raw_body, created_at,
 callback_type, cainiao_order_id, order_no, order_id, account_id
) VALUES (1, %s, 1, %s, '状态更新为 picked', %s, %s, %s, 'picked', %s, %s, %s, 1)"""
ENDPOINT = "SELECT id FROM accounts_callback_endpoint WHERE tenant_id = %s AND is_test = 0"
EVENT = """
INSERT INTO accounts_event (
 event_id, endpoint_id, tenant_id, is_test, kind, subject_id, sequence, order_no, event_type,
 content, status, due_at, attempts, refusals, occurred_at, created_at
) VALUES (%s, %s, %s, 0, 'express_order', %s, 1, %s, 'express.picked', %s, 'waiting', %s, 0, 0, %s,
 %s)"""
WAKE = (
    "UPDATE accounts_callback_endpoint SET due_at = %s"
    " WHERE (due_at IS NULL OR due_at > %s) AND id = %s AND lease_token IS NULL"
    " AND paused_at IS NULL"
)
DELIVERY = """
INSERT INTO delivery_order (
 attempts, order_no, external_order_no, tenant_id, is_test, content_hash, merchant_name,
 merchant_phone, merchant_address, merchant_lat, merchant_lng, receiver_name, receiver_phone,
 receiver_phone_hash, receiver_address, receiver_lat, receiver_lng, distance_m, goods_info,
 goods_amount, delivery_fee, total_amount, remark, status, attempt, sequence, version, offer_round,
 promised_at, created_at, updated_at
) VALUES (
 0, %s, %s, %s, 0, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 1200, %s, %s, %s, %s, %s,
 'pending', 0, 0, 0, 0, %s, %s, %s
)"""
STEP = (
    "INSERT INTO delivery_step (order_id, status, actor, note, attempt, created_at)"
    " VALUES (%s, 'pending', 'tenant', '', 0, %s)"
)
_HASH = "0" * 64
_endpoints: dict[int, int] = {}


def now() -> str:
    """As MariaDB takes it."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def book(cursor: Any, tenant_id: int, parcel: dict[str, str], at: str) -> str:
    """The four statements after the nonce, inside the caller's transaction."""
    cursor.execute(LOOK, [tenant_id])
    row = cursor.fetchone()
    if row[0] != "enabled" or row[1] <= row[2] - row[3]:
        raise RuntimeError("no quota")
    number = "BX" + secrets.token_hex(11).upper()
    cursor.execute(
        ORDER,
        [
            at, number, parcel["tenant_order_no"], _HASH, parcel["receiver_name"],
            parcel["receiver_phone"], _HASH, parcel["receiver_address"], parcel["goods_name"],
            parcel["weight"], at, tenant_id, at, at,
        ],
    )  # fmt: skip
    cursor.execute(DETAIL, [tenant_id, cursor.lastrowid, row[4], row[5], at])
    if cursor.execute(DRAW, [tenant_id, row[4]]) != 1:
        raise RuntimeError("no quota")
    return number


def receive(cursor: Any, tenant_id: int, given: dict[str, Any], at: str) -> str:
    """The two statements of a delivery, inside the caller's transaction."""
    number = "BD" + secrets.token_hex(11).upper()
    shop = [given[f"merchant_{name}"] for name in ("name", "phone", "address", "lat", "lng")]
    cursor.execute(
        DELIVERY,
        [
            number, given["external_order_no"], tenant_id, _HASH, *shop, given["receiver_name"],
            given["receiver_phone"], _HASH, given["receiver_address"], given["receiver_lat"],
            given["receiver_lng"], given["goods_info"], given["goods_amount"],
            given["delivery_fee"], given["total_amount"], given["remark"], at, at, at,
        ],
    )  # fmt: skip
    cursor.execute(STEP, [cursor.lastrowid, at])
    return number


def take_in(cursor: Any, scan: dict[str, str], body: bytes, identity: str, at: str) -> int:
    """The statements of a callback, inside the caller's transaction; returns whom to wake after."""
    cursor.execute(FIND, [scan["tradeOrderNo"]])
    pk, status, track, version, tenant_id, mail_no = cursor.fetchone()
    if status != "waybill_created":
        raise RuntimeError(status)
    event = {
        "time": scan["eventTime"], "status": "picked", "code": scan["status"],
        "desc": scan["statusDesc"], "applied": True,
    }  # fmt: skip
    track = json.dumps([*json.loads(track or "[]"), event])
    text = scan["statusDesc"]
    happened = scan["eventTime"]
    if (
        cursor.execute(MOVE, [text, track, happened, text, happened, happened, at, at, pk, version])
        != 1
    ):
        raise RuntimeError("outrun")
    told = json.dumps(
        {"status": "picked", "status_text": "已揽收", "mail_no": mail_no, "cp_code": "YTO"}
    )
    endpoint = _endpoint(cursor, tenant_id)
    name = "evt_" + secrets.token_hex(16)
    cursor.execute(EVENT, [name, endpoint, tenant_id, pk, scan["tradeOrderNo"], told, at, at, at])
    cursor.execute(
        RECORD,
        [
            identity, at, json.dumps(scan), body, at, scan["orderCode"], scan["tradeOrderNo"], pk,
        ],
    )  # fmt: skip
    return endpoint


def _endpoint(cursor: Any, tenant_id: int) -> int:
    if tenant_id not in _endpoints:
        cursor.execute(ENDPOINT, [tenant_id])
        _endpoints[tenant_id] = int(cursor.fetchone()[0])
    return _endpoints[tenant_id]


def wake(cursor: Any, endpoint: int, at: str) -> None:
    """After the commit."""
    cursor.execute(WAKE, [at, at, endpoint])
