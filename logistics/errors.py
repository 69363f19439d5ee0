"""What logistics refuses (codes 4000–4999)."""

from __future__ import annotations

from config.kernel.errors import Conflict, Rejected


class AccountMissing(Rejected):
    """No enabled carrier account for this kind of order."""

    slug, code = "account_missing", 4001
    message = "尚未配置可用的菜鸟账号，请联系平台在“菜鸟账号”中启用。"


class RuleMissing(Rejected):
    """Neither the order nor a rule says who sends or with which carrier."""

    slug, code = "rule_missing", 4002
    message = "缺少寄件人或快递公司，且没有可用的快递规则；请补全 {missing}，或先设置默认规则。"


class OrderDiffers(Conflict):
    """Other content under a tenant order number that is taken."""

    slug, code = "tenant_order_no_taken", 4003
    message = "该 tenant_order_no 已用于内容不同的订单 {order_no}，请更换订单号。"


class CancelRefused(Conflict):
    """The order is too far along to be cancelled."""

    slug, code = "cancel_refused", 4004
    message = "订单当前状态为 {state}，已不能取消。"


class WaybillIssued(Conflict):
    """The waybill says who sends to whom; it cannot say something else any more."""

    slug, code = "waybill_issued", 4006
    message = "面单 {waybill_no} 已按原收寄信息出单，不能再修改；请取消本单后重新下单。"


class NothingToDecide(Conflict):
    """No outcome is unknown, or the number that proves it is missing."""

    slug, code = "nothing_to_decide", 4007
    message = "没有待裁定的结果；若裁定下单已发生，请同时给出承运方订单号。"


class NothingToResume(Conflict):
    """The order waits for nobody."""

    slug, code = "nothing_to_resume", 4005
    message = "订单当前状态为 {state}，无需恢复。"
