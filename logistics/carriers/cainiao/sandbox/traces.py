"""CNTECH_LV_LOGISTICS_DETAIL_GET: the scans of a parcel so far, oldest first."""

from __future__ import annotations

from collections.abc import Mapping

from logistics.carriers.cainiao.sandbox.desk import Desk
from logistics.carriers.cainiao.sandbox.envelope import Message
from logistics.carriers.cainiao.sandbox.fields import members, text
from logistics.carriers.cainiao.sandbox.refusals import Refusal
from logistics.carriers.cainiao.sandbox.rounds import wire_time


def detail(desk: Desk, message: Message) -> Mapping[str, object]:
    """Return the trace of a mail number; a parcel nobody scanned yet has an empty one."""
    asked = members(message.content, "arg0")
    text(asked, "appCode", "arg0", limit=64)
    cp_code = text(asked, "cpCode", "arg0", limit=20, required=True)
    mail_no = text(asked, "mailNo", "arg0", limit=32, required=True)
    with desk.book.lock:
        parcel = desk.book.mailed(message.account.app_key, cp_code, mail_no)
        if parcel is None:
            raise Refusal("ORDER_NOT_FOUND", f"运单号 {mail_no} 不存在")
        return {
            "fullTraceDetail": [
                {"time": wire_time(event.time), "status": event.said, "desc": event.desc}
                for event in parcel.events
            ]
        }
