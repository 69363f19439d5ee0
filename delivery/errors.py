"""What delivery refuses (codes 6000–6999). On the seed's doors these are answered as HTTP 200."""

from __future__ import annotations

from config.kernel.errors import Conflict, Denied, Malformed, Missing, Rejected


class DeliveryDiffers(Conflict):
    """The tenant's number belongs to an order of other content."""

    slug, code = "external_order_no_taken", 6001
    message = (
        "单号已用于另一张配送单（{order_no}），且内容不同：{difference}。请更换单号或核对内容。"
    )


class DeliveryCancelRefused(Conflict):
    """Picked up or further: nothing is cancelled any more."""

    slug, code = "delivery_cancel_refused", 6002
    message = "配送单当前为“{state}”，已不能取消；如需处理请联系平台。"


class OrderTaken(Conflict):
    """Another rider was faster, or the order is open no more."""

    slug, code = "delivery_taken", 6010
    message = "手慢了，订单已被接走或已取消，请刷新列表。"


class NotYours(Conflict):
    """The order is with another rider."""

    slug, code = "delivery_not_yours", 6011
    message = "该订单不在您名下，请刷新列表。"


class RiderOff(Rejected):
    """Off duty, or not allowed to take orders."""

    slug, code = "rider_off_duty", 6012
    message = "请先上线再接单；如无法上线，请联系平台。"


class TooManyOrders(Rejected):
    """The rider has as many in hand as allowed."""

    slug, code = "rider_full", 6013
    message = "手中订单已达上限（{most} 单），请先完成后再接。"


class RiderUnfit(Rejected):
    """The rider an operator chose is off duty or switched off."""

    slug, code = "rider_unfit", 6017
    message = "该骑手未上线或已停用，请选择其他骑手。"


class RiderBusy(Rejected):
    """The rider an operator chose has as many in hand as allowed."""

    slug, code = "rider_busy", 6018
    message = "该骑手手中订单已达上限（{most} 单），请选择其他骑手，或调高其上限。"


class Rehearsed(Rejected):
    """Test orders never reach riders."""

    slug, code = "delivery_rehearsed", 6019
    message = "测试单由系统自动演练，不派给骑手。"


class RiderDisabled(Denied):
    """The rider's profile is switched off."""

    slug, code = "rider_disabled", 6030
    message = "骑手账号已停用，请联系平台。"


class WrongCode(Rejected):
    """The pick-up or delivery code is not the order's."""

    slug, code = "code_wrong", 6014
    message = "{what}不正确，请与对方核对。"


class ProofMissing(Rejected):
    """This order is delivered with a code or a photo."""

    slug, code = "proof_missing", 6015
    message = "请输入收货码，或拍照上传后再确认送达。"


class PhotoUnusable(Malformed):
    """No JPEG or PNG, or too large."""

    slug, code = "photo_unusable", 6016
    message = "照片无法使用：请上传 JPEG 或 PNG，大小不超过 {limit_kb} KB。"


class PriceUnknown(Rejected):
    """No price rule is set up."""

    slug, code = "price_rule_missing", 6020
    message = "平台尚未设置配送价格，请联系平台，或自行填写配送费。"


class TooFar(Rejected):
    """Beyond what is delivered."""

    slug, code = "too_far", 6021
    message = "距离 {km} 公里，超出配送范围（{most} 公里）。"


class DeliveryUnknown(Missing):
    """No such order, or another tenant's; the code is the one that S000 writes."""

    slug, code = "delivery_not_found", -1
    message = "订单不存在，请核对单号。"
