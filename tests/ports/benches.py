"""Every carrier adapter of the registry before its own sandbox, put to work by the port alone.

A new adapter is a row in `BENCHES`; the suite then asks of it what it asks of all.
"""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from config.sandbox import Sandbox
from logistics.carriers.base import Carrier, Party, Place, Reply, Shipment
from logistics.carriers.registry import carrier_class

RECEIVER = Party(
    "欧阳小明", "13912345678", Place("北京市", "北京市", "朝阳区", "", "建国路88号7幢")
)
SENDER = Party(
    "司徒大伟", "0571-86880001", Place("浙江省", "杭州市", "余杭区", "五常街道", "文一西路969号3幢")
)
ADDRESS = "浙江省杭州市余杭区文一西路969号3幢 欧阳小明 13912345678"
#: Whatever of this a call log shows is a leak.
PERSONAL = (
    *("欧阳小明", "司徒大伟", "13912345678", "86880001", "969号", "88号", "3幢"),
    *("五常街道", "小心轻放", "测试取消"),
)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Bench:
    """An adapter's client with a test's patience, and how its other side is disturbed."""

    carrier: Carrier
    hurried: Carrier
    #: The same account of a gateway where nobody listens.
    unreachable: Carrier
    #: The same with a wrong secret.
    impostor: Carrier
    #: The same, RETRY_LATER being a code the account lists as one to retry.
    patient: Carrier
    secrets: tuple[str, ...]
    #: (method of the port, kind of fault, further fields) for the next such call.
    fault: Callable[..., object]
    not_found: Mapping[str, str]


HURRY_S = 0.25
WAY_TOO_LONG_S = 5.0


def closed_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def cainiao(sandbox: Sandbox, sign_method: str) -> Bench:
    """Cainiao's, with an account of its own."""
    number = next(_numbers)
    key, secret = f"bench-{number}", f"bench-secret-{number}"
    sandbox.account(app_key=key, app_secret=secret, sign_method=sign_method)

    def client(**changes: Any) -> Carrier:
        columns = {
            "app_key": key,
            "app_secret": secret,
            "endpoint_url": sandbox.cainiao_url,
            "sign_method": sign_method,
            "deadline": 10.0,
        }
        return carrier_class("cainiao").from_account(**{**columns, **changes})

    names = {
        "parse_address": "ADDRLIB_DIV_FULLPARSE",
        "find_branch": "TMS_DISPATCH_FIND_SEND_BRANCH",
        "get_waybill": "TMS_WAYBILL_GET",
        "create_pickup": "TMS_CREATE_ORDER_OFFLINE_NOTIFY",
        "cancel_pickup": "TMS_ORDER_CANCEL",
        "query": "GUOGUO_QUERY_SEND_ORDER_FULL_DETAIL",
        "track": "CNTECH_LV_LOGISTICS_DETAIL_GET",
    }

    def fault(method: str, kind: str, **fields: Any) -> None:
        sandbox.fault(names[method], kind, match={"app_key": key}, **fields)

    return Bench(
        carrier=client(),
        hurried=client(deadline=HURRY_S),
        unreachable=client(endpoint_url=f"http://127.0.0.1:{closed_port()}/gateway/link.do"),
        impostor=client(app_secret="another secret"),
        patient=client(retry_codes=["RETRY_LATER"]),
        secrets=(secret, "another secret"),
        fault=fault,
        not_found={"errorCode": "ORDER_NOT_FOUND"},
    )


@dataclass(frozen=True)
class Maker:
    """How an adapter's bench is made, and the variants of its wire that matter."""

    make: Callable[[Sandbox, str], Bench]
    variants: tuple[str, ...]


BENCHES: Mapping[str, Maker] = {"cainiao": Maker(cainiao, ("link", "md5", "hmac"))}


@dataclass
class Parcel:
    """One order as far as `method` needs it, and the call itself."""

    bench: Bench
    method: str
    shipment: Shipment
    carrier_order_id: str = ""

    def ask(self, carrier: Carrier) -> Reply[Any]:
        """Call `method`."""
        order = self.shipment
        match self.method:
            case "parse_address":
                return carrier.parse_address(ADDRESS)
            case "find_branch":
                return carrier.find_branch(order.cp_code, order.sender.place)
            case "get_waybill":
                return carrier.get_waybill(order)
            case "create_pickup":
                return carrier.create_pickup(order)
            case "cancel_pickup":
                return carrier.cancel_pickup(order.order_no, self.carrier_order_id, "测试取消")
            case "query":
                return carrier.query(order.order_no)
            case "track":
                return carrier.track(order.cp_code, order.waybill_no)
        raise AssertionError(self.method)


def shipment() -> Shipment:
    """A parcel nobody has asked anything for yet."""
    return Shipment(
        order_no=f"TLPORT{next(_numbers):010d}",
        cp_code="YTO",
        sender=SENDER,
        receiver=RECEIVER,
        goods_name="图书",
        goods_count=2,
        weight_kg=Decimal("1.250"),
        volume_m3=Decimal("0.003"),
        remark="小心轻放",
        service_type="STANDARD",
        pay_method="PREPAY",
    )


def prepared(bench: Bench, method: str) -> Parcel:
    """A parcel of which `method` can be asked with success."""
    parcel = Parcel(bench, method, shipment())
    if method in ("create_pickup", "cancel_pickup", "query", "track"):
        waybill = bench.carrier.get_waybill(parcel.shipment).value
        assert waybill is not None
        parcel.shipment = replace(parcel.shipment, waybill_no=waybill.waybill_no)
    if method in ("cancel_pickup", "query", "track"):
        pickup = bench.carrier.create_pickup(parcel.shipment).value
        assert pickup is not None
        parcel.carrier_order_id = pickup.carrier_order_id
    return parcel
