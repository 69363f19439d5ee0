"""What logistics refuses (codes 4000–4999)."""

from __future__ import annotations

from config.kernel.errors import Conflict, Rejected, Unavailable


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
    message = "订单当前状态为 {state}，已不能取消；如需处理请联系平台。"


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


class WaybillAbsent(Conflict):
    """A label shows a waybill's number, and the order has none yet."""

    slug, code = "waybill_absent", 4030
    message = "订单 {order_no} 还没有面单号，请先获取面单再打印。"


class WaybillVoid(Conflict):
    """Nobody may stick a void waybill on a parcel."""

    slug, code = "waybill_void", 4031
    message = "订单 {order_no} 的面单 {waybill_no} 已作废，不能打印。"


class WaybillNotABarcode(Rejected):
    """Code128 has no bars for it, or no scanner would read bars so thin."""

    slug, code = "waybill_not_a_barcode", 4032
    message = "面单号 {waybill_no} 含有条码无法表示的字符，或者过长，不能打印。"


class TooManyLabels(Rejected):
    """One file for a printer, not an archive."""

    slug, code = "too_many_labels", 4036
    message = "一次最多打印 {most} 张面单，请缩小选择范围后分批打印。"


class AccountTestFailed(Rejected):
    """The gateway did not understand who asked."""

    slug, code = "account_test_failed", 4037
    message = "连通测试未通过（{ms} 毫秒）：{error}"


class AlreadySo(Conflict):
    """Nothing is left to be done, so nothing is recorded."""

    slug, code = "already_so", 4038
    message = "已经是“{state}”，无需再改。"


class DefaultRuleKept(Conflict):
    """Orders that name no sender lean on the default rule."""

    slug, code = "default_rule_kept", 4008
    message = "默认规则不能删除，请先将另一条规则设为默认。"


class RuleOff(Conflict):
    """A rule that is switched off supplies nothing."""

    slug, code = "rule_disabled", 4009
    message = "规则已停用，请先启用再设为默认。"


class CarrierRefused(Rejected):
    """The carrier understood the question and said no."""

    slug, code = "carrier_refused", 4010
    message = "承运方拒绝了请求：{reason}"


class WaybillUnavailable(Conflict):
    """The order is in a state that gets no waybill."""

    slug, code = "waybill_unavailable", 4011
    message = "订单当前状态为 {state}，不能获取面单{reason}；{advice}。"


class WaybillPending(Unavailable):
    """The carrier gave no number yet; the order goes on asking under its own."""

    slug, code = "waybill_pending", 4012
    message = "承运方暂未给出面单号，系统会继续以同一单号获取，请稍后再查。"


class NothingToSync(Conflict):
    """There is nobody to ask about this order, or nothing to be learnt."""

    slug, code = "nothing_to_sync", 4020
    message = "无法同步：{why}。"


class CancelAskedBefore(Conflict):
    """Somebody else asked for it first; nothing was changed."""

    slug, code = "cancel_asked_before", 4021
    message = "本次未生效：{why}。"


class ImportMoved(Conflict):
    """Somebody confirmed, stopped or discarded the import meanwhile."""

    slug, code = "import_moved", 4022
    message = "该导入当前为“{state}”，不能再执行此操作；可能已由其他人处理，请刷新查看。"


class ImportBlocked(Rejected):
    """Not one line of the file could be booked now."""

    slug, code = "import_blocked", 4023
    message = "现在无法下单：{why}"
