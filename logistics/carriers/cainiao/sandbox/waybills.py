"""TMS_WAYBILL_GET: a number per object, the same number for the same object, all or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from logistics.carriers.cainiao.sandbox import numbers
from logistics.carriers.cainiao.sandbox.book import fingerprint
from logistics.carriers.cainiao.sandbox.desk import Desk
from logistics.carriers.cainiao.sandbox.envelope import Message
from logistics.carriers.cainiao.sandbox.express_companies import Company, company
from logistics.carriers.cainiao.sandbox.fields import (
    items,
    members,
    party,
    text,
    trade_number,
    whole,
)
from logistics.carriers.cainiao.sandbox.parcels import Waybill
from logistics.carriers.cainiao.sandbox.refusals import Refusal, bad_field

MOST_INFOS = 10
MOST_TRADE_NUMBERS = 100
MOST_ITEMS = 100


@dataclass(frozen=True)
class _Asked:
    object_id: str
    trade_order_nos: tuple[str, ...]
    template_url: str
    everything: str


def get_waybills(desk: Desk, message: Message) -> Mapping[str, object]:
    """Issue the numbers asked for; other content under a known objectId is refused."""
    content = message.content
    carrier = company(text(content, "cpCode", "", limit=20, required=True))
    party(content, "sender")
    common = {name: value for name, value in content.items() if name != "tradeOrderInfoDtos"}
    asked = [
        _read(info, f"tradeOrderInfoDtos[{position}]", common)
        for position, info in enumerate(items(content, "tradeOrderInfoDtos", "", most=MOST_INFOS))
    ]
    if len({one.object_id for one in asked}) < len(asked):
        raise bad_field("tradeOrderInfoDtos", "objectId重复")
    account = message.account
    with desk.book.lock:
        known = desk.book.waybills
        for one in asked:
            earlier = known.get((account.app_key, one.object_id))
            if earlier is not None and earlier.asked != one.everything:
                raise Refusal(
                    "OBJECT_ID_CONFLICT", f"objectId {one.object_id} 已取号,且内容与上次不一致"
                )
        for one in asked:
            if (account.app_key, one.object_id) not in known:
                desk.book.issue(_new(desk, account.app_key, account.app_secret, carrier, one))
        issued = [known[(account.app_key, one.object_id)] for one in asked]
    return {
        "waybillCloudPrintResponseList": [
            {
                "objectId": waybill.object_id,
                "waybillCode": waybill.code,
                "printData": waybill.print_data,
            }
            for waybill in issued
        ]
    }


def _new(desk: Desk, app_key: str, secret: str, carrier: Company, asked: _Asked) -> Waybill:
    owner = (app_key, asked.object_id, ",".join(asked.trade_order_nos))
    code = desk.book.number(carrier, *owner)
    return Waybill(
        code=code,
        app_key=app_key,
        cp_code=carrier.code,
        object_id=asked.object_id,
        trade_order_nos=asked.trade_order_nos,
        asked=asked.everything,
        print_data=numbers.print_data(code, asked.everything, secret, asked.template_url),
    )


def _read(info: object, at: str, common: Mapping[str, object]) -> _Asked:
    if not isinstance(info, Mapping):
        raise bad_field(at, "必须是对象")
    object_id = text(info, "objectId", at, limit=32, required=True)
    order = members(info, "orderInfo", at)
    text(order, "orderChannelsType", f"{at}.orderInfo", limit=20, required=True)
    where = f"{at}.orderInfo.tradeOrderList"
    trade_numbers = items(order, "tradeOrderList", f"{at}.orderInfo", most=MOST_TRADE_NUMBERS)
    package = members(info, "packageInfo", at)
    path = f"{at}.packageInfo"
    for position, item in enumerate(items(package, "items", path, most=MOST_ITEMS)):
        if not isinstance(item, Mapping):
            raise bad_field(f"{path}.items[{position}]", "必须是对象")
        text(item, "name", f"{path}.items[{position}]", limit=200, required=True)
        if whole(item, "count", f"{path}.items[{position}]", least=1) is None:
            raise bad_field(f"{path}.items[{position}].count", "不能为空")
    whole(package, "weight", path)
    whole(package, "volume", path)
    party(info, "recipient", at)
    return _Asked(
        object_id=object_id,
        trade_order_nos=tuple(trade_number(value, where) for value in trade_numbers),
        template_url=text(info, "templateUrl", at, limit=500),
        everything=fingerprint({**common, "info": info}),
    )
