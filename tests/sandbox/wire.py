"""A client of the gateway with signing code of its own, and the contents the tests send."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from config.sandbox import Sandbox

CREATE = "TMS_CREATE_ORDER_OFFLINE_NOTIFY"
CANCEL = "TMS_ORDER_CANCEL"
QUERY = "GUOGUO_QUERY_SEND_ORDER_FULL_DETAIL"
WAYBILL = "TMS_WAYBILL_GET"
BRANCH = "TMS_DISPATCH_FIND_SEND_BRANCH"
TRACE = "CNTECH_LV_LOGISTICS_DETAIL_GET"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"

SENDER = {
    "name": "申屠明",
    "mobile": "13800138000",
    "address": {
        "province": "浙江省",
        "city": "杭州市",
        "district": "桐庐县",
        "detail": "迎春南路1号",
    },
}
RECEIVER = {
    "name": "欧阳𠮷",
    "phone": "021-55550000",
    "address": {
        "province": "上海市",
        "city": "上海市",
        "district": "浦东新区",
        "town": "陆家嘴街道",
        "detail": "世纪大道100号",
    },
}


def digest(content: bytes, secret: str) -> str:
    """LINK's rule, written once more."""
    return base64.b64encode(hashlib.md5(content + secret.encode()).digest()).decode()


def post(
    url: str, body: bytes, content_type: str = FORM, *, method: str = "POST", timeout: float = 10
) -> tuple[int, dict[str, str], bytes]:
    """One request on a connection of its own: status, headers, body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=timeout)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    try:
        connection.request(method, path, body, {"Content-Type": content_type})
        response = connection.getresponse()
        with response:
            return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def link_form(
    sandbox: Sandbox, message: str, content: Any, *, app_key: str = "", secret: str = ""
) -> dict[str, str | bytes]:
    """The fields of a LINK envelope; content may be an object or bytes as they shall travel."""
    if not isinstance(content, bytes):
        content = json.dumps(content, ensure_ascii=False).encode()
    return {
        "msg_type": message,
        "logistic_provider_id": app_key or sandbox.app_key,
        "logistics_interface": content,
        "data_digest": digest(content, secret or sandbox.secret()),
    }


def signed_form(
    message: str, content: Any, *, app_key: str, secret: str, sign_method: str, **changed: str
) -> dict[str, str]:
    """The fields of S001 4.3's envelope; `changed` takes effect before signing."""
    beijing = datetime.now(UTC) + timedelta(hours=8)
    form = {
        "app_key": app_key,
        "method": message,
        "timestamp": beijing.strftime("%Y-%m-%d %H:%M:%S"),
        "format": "json",
        "v": "1.0",
        "sign_method": sign_method,
        "logistics_interface": json.dumps(content, ensure_ascii=False),
        **changed,
    }
    text = secret + "".join(f"{name}{form[name]}" for name in sorted(form)) + secret
    if sign_method == "hmac":
        form["sign"] = hmac.new(secret.encode(), text.encode(), hashlib.md5).hexdigest().upper()
    else:
        form["sign"] = hashlib.md5(text.encode()).hexdigest().upper()
    return form


def send(sandbox: Sandbox, form: Any) -> Any:
    """Post a form to Cainiao's gateway and read the JSON answer."""
    status, _, body = post(sandbox.cainiao_url, urlencode(form).encode())
    assert status == 200, (status, body)
    return json.loads(body)


def ask(sandbox: Sandbox, message: str, content: Any, **who: str) -> Any:
    """Ask one LINK question."""
    return send(sandbox, link_form(sandbox, message, content, **who))


def order(trade_order_no: str, **changed: Any) -> dict[str, Any]:
    """A pick-up order."""
    return {
        "tradeOrderNo": trade_order_no,
        "cpCode": "YTO",
        "sender": deepcopy(SENDER),
        "receiver": deepcopy(RECEIVER),
        "goodsName": "茶叶",
        "goodsCount": 1,
        "weight": 1200,
        **changed,
    }


def waybill(*object_ids: str, **changed: Any) -> dict[str, Any]:
    """A question for waybill numbers."""
    return {
        "cpCode": "YTO",
        "sender": deepcopy(SENDER),
        "tradeOrderInfoDtos": [
            {
                "objectId": object_id,
                "orderInfo": {"orderChannelsType": "OTHERS", "tradeOrderList": [object_id]},
                "packageInfo": {"items": [{"name": "茶叶", "count": 1}], "weight": 1200},
                "recipient": deepcopy(RECEIVER),
            }
            for object_id in object_ids
        ],
        **changed,
    }
