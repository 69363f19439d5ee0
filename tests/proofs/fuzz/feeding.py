"""Generated requests get real words, so that most of them come past validation."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from random import Random
from typing import Any

from schemathesis import Case

PHONES = ("13800138000", "0571-88886666", "+8613912345678", "400-800-8888", "0086-13800138000")
ADDRESSES = (
    "浙江省杭州市余杭区文一西路969号", "上海市浦东新区世纪大道1号", "内蒙古呼和浩特市新城区1号",
    "北京市朝阳区建国路1号", "广东省东莞市虎门镇1号", "不知道在哪里",
)  # fmt: skip
NAMES = ("张三丰", "O'Neil", "👩‍👩‍👧‍👦", "%", "Łukasz", "a" * 100)
DATES = ("2026-02-28", "2024-02-29", "1970-01-01", "9000-12-31", "2026-11-21")
KEYS = ("k-1", "k-2", "k-3")


def cursor(text: str) -> str:
    """A cursor that nobody was given but that reads like one."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


FORGED = [
    cursor(text)
    for text in (
        "0001-01-01T00:00:00+00:00|1", "9999-12-31T23:59:59.999999+00:00|9223372036854775808",
        "2026-11-21T00:00:00+23:59|-1", "2026-11-21T00:00:00+00:00|0_0", "0001-01-01T00:00+14:00|1",
        "2026-11-21|1", "2026-11-21T00:00:00+00:00|", "|",
    )
]  # fmt: skip


@dataclass
class Larder:
    """What is real: orders made so far, an operator's name and password, the live account."""

    username: str
    password: str
    account: dict[str, Any]
    tenant_id: int
    order_ids: list[int] = field(default_factory=lambda: [1])
    rule_ids: list[int] = field(default_factory=lambda: [1])
    quota_ids: list[int] = field(default_factory=lambda: [1])
    order_nos: list[str] = field(default_factory=lambda: ["EX0"])
    tenant_nos: list[str] = field(default_factory=lambda: ["T-0"])
    cursors: list[str] = field(default_factory=lambda: ["", *FORGED])


def feed(case: Case, dice: Random, larder: Larder) -> None:
    """Replace some of what was generated; one in four requests stays as it is."""
    if dice.random() < 0.25:
        return
    _feed_path(case, dice, larder)
    number = dice.getrandbits(60)
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = dice.choice((*KEYS, *(f"{number}",) * 7))
    if case.method == "GET":
        _feed_query(case, dice, larder)
    if case.method in ("POST", "PUT"):
        _feed_body(case, dice, larder)


def _feed_path(case: Case, dice: Random, larder: Larder) -> None:
    numbers: dict[str, list[Any]] = {
        "order_no": larder.order_nos, "order_id": larder.order_ids, "rule_id": larder.rule_ids,
        "quota_id": larder.quota_ids,
    }  # fmt: skip
    for name in numbers.keys() & (case.path_parameters or {}).keys():
        case.path_parameters[name] = dice.choice(numbers[name])


def _feed_body(case: Case, dice: Random, larder: Larder) -> None:
    given = case.body if isinstance(case.body, dict) else {}
    # Generated fields stay where ours are not needed: half of the parcel is always theirs.
    kept = {name: given[name] for name in given if dice.random() < 0.3}
    whose = dice.choice((larder.tenant_id, larder.tenant_id, None))
    place = {"province": "浙江省", "city": dice.choice(("杭州市", "三沙市"))}
    bodies: dict[str, Any] = {
        "token": {"username": larder.username, "password": larder.password},
        "batch": {"items": [parcel(dice, larder) for _ in range(dice.randint(1, 5))]},
        "cancel": {"reason": dice.choice(NAMES)},
        "express-orders": kept | parcel(dice, larder),
        "create": kept | parcel(dice, larder) | {"tenant_id": whose},
        "parse": {"address_text": dice.choice(ADDRESSES)},
        "find": {"cp_code": dice.choice(("YTO", "NONE")), **place},
        "quotas": kept | {"tenant_id": larder.tenant_id},
        "rules": kept | {"rule_name": dice.choice(NAMES), "cp_code": "ZTO"},
        "config": kept | larder.account,
    }
    case.body = bodies.get(case.operation.path.rpartition("/")[2], case.body)


def parcel(dice: Random, larder: Larder) -> dict[str, Any]:
    """A parcel that passes every check but perhaps the division table's and 409."""
    made: dict[str, Any] = {
        "receiver_name": dice.choice(NAMES),
        "receiver_phone": dice.choice(PHONES),
        "receiver_address": dice.choice(ADDRESSES),
    }
    more: dict[str, Any] = {
        "goods_name": dice.choice(NAMES),
        "goods_count": dice.choice((1, 2, 10_000)),
        "weight": dice.choice((0, 1.25, "0.001", "9999999.999", 1e3)),
        "volume": dice.choice((None, "0", 0.5)),
        "tenant_order_no": dice.choice((*larder.tenant_nos, f"T-{dice.getrandbits(40)}")),
        "tenant_order_id": dice.choice((None, 0, -2_147_483_647)),
        "remark": dice.choice(NAMES),
        "cp_code": dice.choice(("YTO", "ZTO", "")),
    }
    return made | {name: value for name, value in more.items() if dice.random() < 0.5}


def _feed_query(case: Case, dice: Random, larder: Larder) -> None:
    real: dict[str, Any] = {
        "page": dice.choice((1, 2, 100)),
        "page_size": dice.choice((1, 20, 100)),
        "cursor": dice.choice(larder.cursors),
        "status": dice.choice(("created", "cancelled", "signed")),
        "tenant_id": dice.choice((larder.tenant_id, 0, 2**63 - 1)),
        "order_no": dice.choice(larder.order_nos),
        "order_id": dice.choice(larder.order_ids),
        "is_test": dice.choice(("true", "false")),
        "success": dice.choice(("true", "0")),
        "error_type": "business",
        "api_method": "TMS_WAYBILL_GET",
        "cp_code": "YTO",
        "waybill_status": "unused",
        "tenant_order_no": dice.choice(larder.tenant_nos),
        "date_from": dice.choice(DATES),
        "date_to": dice.choice(DATES),
        "date_range": f"{dice.choice(DATES)},{dice.choice(DATES)}",
    }
    case.query = {name: real[name] for name in (case.query or {}) if name in real}


def remember(answer: dict[str, Any], larder: Larder) -> None:
    """Take real numbers out of an answer."""
    data = answer.get("data")
    rows = data.get("items", [data]) if isinstance(data, dict) else []
    for row in rows:
        inner = row.get("data") or row if isinstance(row, dict) else {}
        if inner.get("order_no"):
            larder.order_nos.append(inner["order_no"])
            larder.order_ids.append(inner["id"])
        if inner.get("tenant_order_no"):
            larder.tenant_nos.append(inner["tenant_order_no"])
        if inner.get("rule_name"):
            larder.rule_ids.append(inner["id"])
        if "quota_reset_day" in inner:
            larder.quota_ids.append(inner["id"])
    if isinstance(data, dict) and data.get("next_cursor"):
        larder.cursors.append(data["next_cursor"])
