"""The values that documents show: S000's words, of one order from one shop."""

from __future__ import annotations

from typing import Any

PROOF = {"platform_code": "wx_miniprogram_001", "api_secret": "sk_wx_xxxxxxxx"}
PLACES: dict[str, Any] = {
    "merchant_lat": 29.797,
    "merchant_lng": 119.685,
    "receiver_lat": 29.803,
    "receiver_lng": 119.691,
}
ORDER: dict[str, Any] = {
    "external_order_no": "NC20260216A1B2C3",
    "merchant_name": "桐庐面馆",
    "merchant_address": "浙江省杭州市桐庐县迎春南路1号",
    "merchant_phone": "0571-64001234",
    "receiver_name": "王小明",
    "receiver_address": "浙江省杭州市桐庐县学圣路23号4幢502室",
    "receiver_phone": "13800138000",
    **PLACES,
    "goods_info": '[{"name":"片儿川","quantity":1,"price":22}]',
    "goods_amount": 22,
    "delivery_fee": 6,
    "total_amount": 28,
    "remark": "少放辣",
}
