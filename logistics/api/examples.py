"""The values that documents show: one parcel from a tenant's shop."""

from __future__ import annotations

from typing import Any

PARCEL: dict[str, Any] = {
    "tenant_order_no": "T20260216A1B2C3",
    "receiver_name": "王小明",
    "receiver_phone": "13800138000",
    "receiver_province": "浙江省",
    "receiver_city": "杭州市",
    "receiver_district": "桐庐县",
    "receiver_address": "学圣路23号4幢502室",
    "goods_name": "雪水云绿 250 克",
    "goods_count": 1,
    "weight": "0.500",
    "remark": "轻放",
}
