"""A mini-program backend as S000 3.1 wrote it, and the order it sends."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.test import Client

DOOR = "/api/external/order"
V1 = "/api/v1/delivery-orders"
ORDER: dict[str, Any] = {
    "external_order_no": "NC20260216A1B2C3",
    "merchant_name": "桐庐面馆",
    "merchant_address": "迎春南路1号",
    "merchant_phone": "0571-64001234",
    "merchant_lat": 29.797,
    "merchant_lng": 119.685,
    "receiver_name": "王小明",
    "receiver_phone": "13800138000",
    "receiver_address": "学圣路23号4幢502室",
    "receiver_lat": 29.803,
    "receiver_lng": 119.691,
    "goods_info": '[{"name":"片儿川","quantity":1}]',
    "goods_amount": 22,
    "delivery_fee": 6,
    "total_amount": 28,
    "remark": "",
}


class Backend:
    """Sends code and secret in the message, from one address."""

    def __init__(self, code: str, secret: str, address: str = "203.0.113.7") -> None:
        self.proof = {"platform_code": code, "api_secret": secret}
        self.http = Client(raise_request_exception=False, REMOTE_ADDR=address)

    def post(self, route: str, data: dict[str, Any]) -> Any:
        return self.http.post(
            f"{DOOR}/{route}", json.dumps({**self.proof, **data}), content_type="application/json"
        )

    def receive(self, **changes: Any) -> Any:
        return self.post("receive", {**ORDER, **changes})

    def cancel(self, **data: Any) -> Any:
        return self.post("cancel", data)

    def status(self, **query: str) -> Any:
        return self.http.get(f"{DOOR}/status?{urlencode({**self.proof, **query})}")
