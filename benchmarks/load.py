"""A load: requests made and signed beforehand, sent by wrk over kept connections."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.ground import Ground, Key

CONNECTIONS = 8
ORDERS = "/api/v1/express-orders"
DELIVERIES = "/api/external/order/receive"
CALLBACKS = "/api/platform/cainiao/callback"


class Void(RuntimeError):
    """A run that proves nothing; the text says why."""


@dataclass(frozen=True, slots=True)
class Result:
    """What wrk saw; times in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


def lacking() -> str:
    """What a load needs and this machine has not."""
    return "" if shutil.which("wrk") else "wrk (apt-get install wrk)"


def send(
    requests: Iterable[bytes], port: int, *, seconds: int, connections: int = CONNECTIONS
) -> Result:
    """Send until the time is over.

    :raises Void: an answer that was not 2xx, a broken connection, or the requests ran out.
    """
    with tempfile.NamedTemporaryFile() as file:
        for request in requests:
            file.write(b"%d\n%s" % (len(request), request))
        file.flush()
        command = [
            "wrk", "-t1", f"-c{connections}", f"-d{seconds:d}s", "--timeout", "10s",
            "-s", str(Path(__file__).with_name("wrk.lua")), f"http://127.0.0.1:{port}",
            "--", file.name,
        ]  # fmt: skip
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise Void(run.stderr or run.stdout)
    said = json.loads(run.stdout.strip().splitlines()[-1])
    if said.pop("refused") or said.pop("broken"):
        raise Void(f"answers that were not 2xx: {run.stdout[-600:]}")
    return Result(said["requests"], said["seconds"], said["p50"], said["p99"])


def order_requests(keys: list[Key], count: int) -> Iterable[bytes]:
    """Signed bookings, the tenants taking turns, each parcel with a number of its own."""
    stamp = str(int(time.time()))
    for index in range(count):
        key = keys[index % len(keys)]
        nonce = uuid.uuid4().hex
        body = json.dumps(
            {
                "tenant_order_no": nonce,
                "receiver_name": "张三丰",
                "receiver_phone": "13800138000",
                "receiver_address": "浙江省杭州市余杭区文一西路969号",
                "goods_name": "茶叶",
                "weight": "1.250",
            },
            ensure_ascii=False,
        ).encode()
        digest = hashlib.sha256(body).hexdigest()
        text = f"POST\n{ORDERS}\n{stamp}\n{nonce}\n{digest}"
        signature = hmac.new(key.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Tonglu-Key": key.key_id,
            "X-Tonglu-Timestamp": stamp,
            "X-Tonglu-Nonce": nonce,
            "X-Tonglu-Signature": signature,
            "X-Tenant": str(key.tenant_id),  # for the reference, which has no keys
        }
        yield raw(ORDERS, body, headers)


def delivery_requests(keys: list[Key], count: int) -> Iterable[bytes]:
    """Deliveries as S000 sends them, the secret in the body, each with a number of its own."""
    for index in range(count):
        key = keys[index % len(keys)]
        body = json.dumps(
            {
                "platform_code": key.code,
                "api_secret": key.secret,
                "external_order_no": f"NC{uuid.uuid4().hex[:24].upper()}",
                "merchant_name": "桐庐小吃",
                "merchant_address": "浙江省杭州市桐庐县迎春南路1号",
                "merchant_phone": "0571-88886666",
                "merchant_lat": 29.7931,
                "merchant_lng": 119.6915,
                "receiver_name": "张三丰",
                "receiver_phone": "13800138000",
                "receiver_address": "浙江省杭州市桐庐县白云源东路8号",
                "receiver_lat": 29.8012,
                "receiver_lng": 119.7003,
                "goods_info": '[{"name": "牛肉面", "quantity": 2}]',
                "goods_amount": 36.5,
                "delivery_fee": 5,
                "total_amount": 41.5,
                "remark": "少辣",
            },
            ensure_ascii=False,
        ).encode()
        # The second is for the reference, which knows no codes.
        headers = {"Content-Type": "application/json", "X-Tenant": str(key.tenant_id)}
        yield raw(DELIVERIES, body, headers)


def callback_requests(ground: Ground, orders: Iterable[tuple[str, str]]) -> Iterable[bytes]:
    """Signed "picked up" callbacks, one for each (order number, Cainiao's number)."""
    at = time.strftime("%Y-%m-%d %H:%M:%S")
    for order_no, outside in orders:
        content = json.dumps(
            {
                "orderCode": outside,
                "tradeOrderNo": order_no,
                "status": "picked",
                "statusDesc": "快递员已揽收",
                "eventTime": at,
            },
            ensure_ascii=False,
        ).encode()
        digest = hashlib.md5(content + ground.carrier_secret.encode()).digest()
        form = {
            "logistics_interface": content,
            "data_digest": base64.b64encode(digest).decode(),
            "msg_type": "TMS_UPDATE_ORDER_CALLBACK",
            "msg_id": uuid.uuid4().hex,
            "from_code": "CNCTP",
            "partner_code": "bench",
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        yield raw(CALLBACKS, urlencode(form).encode(), headers)


def raw(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """One HTTP/1.1 request as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
