"""Pick-up orders: created once per number, cancelled until picked up, found again by number."""

from __future__ import annotations

from collections.abc import Mapping

from logistics.carriers.cainiao.sandbox import numbers, statuses
from logistics.carriers.cainiao.sandbox.book import fingerprint
from logistics.carriers.cainiao.sandbox.desk import Desk
from logistics.carriers.cainiao.sandbox.envelope import Message
from logistics.carriers.cainiao.sandbox.express_companies import Company, company
from logistics.carriers.cainiao.sandbox.fields import party, text, trade_number, whole
from logistics.carriers.cainiao.sandbox.journeys import SIGNED, ending_in
from logistics.carriers.cainiao.sandbox.parcels import Parcel
from logistics.carriers.cainiao.sandbox.refusals import Refusal, bad_field

# An order asked for again under another number is the same order if all but these agree.
NUMBERS = frozenset({"tradeOrderNo", "waybillCode"})


def essence(content: Mapping[str, object]) -> str:
    """Return what two requests for the same parcel have in common, whatever their numbers."""
    return fingerprint({name: value for name, value in content.items() if name not in NUMBERS})


def create(desk: Desk, message: Message) -> Mapping[str, object]:
    """Take an order under its number; without a waybill it is given its number here."""
    content = message.content
    trade_order_no = trade_number(content.get("tradeOrderNo"), "tradeOrderNo")
    carrier = company(text(content, "cpCode", "", limit=20, required=True))
    sender = party(content, "sender")
    receiver_name = "receiver" if "receiver" in content else "recipient"
    receiver = party(content, receiver_name)
    given = text(content, "waybillCode", "", limit=32)
    for name, limit in (
        ("branchCode", 50),
        ("goodsName", 200),
        ("serviceType", 50),
        ("payMethod", 20),
    ):
        text(content, name, "", limit=limit)
    remark = text(content, "remark", "", limit=500)
    whole(content, "goodsCount", "", least=1)
    whole(content, "volume", "")
    grams = whole(content, "weight", "")
    who = content[receiver_name]
    remarks = [remark, str(who.get("remark") or "") if isinstance(who, Mapping) else ""]
    app_key, book = message.account.app_key, desk.book
    with book.lock:
        parcel = book.parcel(app_key, trade_order_no)
        if parcel.order_code:
            book.violate("repeated_create", parcel, f"order: {parcel.order_code}")
            raise Refusal("ORDER_EXISTS", f"订单 {trade_order_no} 已存在")
        mail_no = _mail_no(desk, parcel, carrier, given)
        order_code = numbers.order_code(app_key, trade_order_no)
        book.accept(parcel, order_code=order_code, mail_no=mail_no, cp_code=carrier.code)
        wished = book.endings.get(trade_order_no) or ending_in(remarks) or book.endings.get("")
        desk.rounds.begin(
            parcel,
            ending=wished or SIGNED,
            origin=sender.city or sender.province,
            destination=receiver.city or receiver.province,
            grams=grams,
        )
    return {"orderCode": order_code, "mailNo": mail_no}


def cancel(desk: Desk, message: Message) -> Mapping[str, object]:
    """Call the courier off; asked again it is still called off."""
    content = message.content
    order_code = text(content, "orderCode", "", limit=64)
    trade_order_no = text(content, "tradeOrderNo", "", limit=64)
    text(content, "reason", "", limit=500)
    if not order_code and not trade_order_no:
        raise bad_field("orderCode", "orderCode和tradeOrderNo至少填写一个")
    with desk.book.lock:
        parcel = _found(desk, message, trade_order_no, order_code)
        if parcel.status != statuses.CANCELLED:
            if parcel.was_picked or parcel.status in statuses.TERMINAL:
                raise Refusal("ORDER_PICKED", "快件已揽收,不能取消")
            desk.rounds.cancel(parcel)
        return {"orderCode": parcel.order_code}


def query(desk: Desk, message: Message) -> Mapping[str, object]:
    """Say what is known under a number of the caller's."""
    trade_order_no = trade_number(message.content.get("tradeOrderNo"), "tradeOrderNo")
    with desk.book.lock:
        parcel = _found(desk, message, trade_order_no, "")
        return {
            "orderCode": parcel.order_code,
            "mailNo": parcel.mail_no,
            "status": desk.rounds.said(message.account, parcel.status),
        }


def _found(desk: Desk, message: Message, trade_order_no: str, order_code: str) -> Parcel:
    parcel = desk.book.order(
        message.account.app_key, trade_order_no=trade_order_no, order_code=order_code
    )
    if parcel is None:
        raise Refusal("ORDER_NOT_FOUND", f"订单 {trade_order_no or order_code} 不存在")
    return parcel


def _mail_no(desk: Desk, parcel: Parcel, carrier: Company, given: str) -> str:
    own = desk.book.number(carrier, parcel.app_key, parcel.trade_order_no, parcel.trade_order_no)
    if not given:
        return own
    user = desk.book.user_of(given)
    if user is not None:
        desk.book.violate("reused_waybill", parcel, f"{given} belongs to {user.trade_order_no}")
        raise Refusal("WAYBILL_USED", f"面单号 {given} 已被其他订单使用")
    waybill = desk.book.waybill(given)
    # A number of this very order is good even if it was issued before the sandbox restarted.
    issued_here = waybill is not None and (
        waybill.app_key == parcel.app_key
        and waybill.cp_code == carrier.code
        and parcel.trade_order_no in waybill.trade_order_nos
    )
    if not issued_here and given != own:
        raise Refusal("WAYBILL_NOT_FOUND", f"面单号 {given} 不是为该订单取的号")
    return given
