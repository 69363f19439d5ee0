"""A delivery becomes a slip of 76 × 130 mm that the shop sticks on the bag; the same bytes again.

The pick-up and the delivery code are not on it: whoever reads a code could use it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.kernel.printing.errors import LabelsNotInstalled
from delivery.queries.tracking import tracking_url
from delivery.services.goods import goods_lines

if TYPE_CHECKING:
    from delivery.models import DeliveryOrder

__all__ = ["Slip", "draw_slip"]


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed, people whole; `link` is the public tracking page."""

    order_no: str
    external_order_no: str
    shop: tuple[str, str, str]
    receiver: tuple[str, str, str]
    goods: str
    remark: str
    link: str
    is_test: bool


def draw_slip(*, order: DeliveryOrder) -> bytes:
    """The PDF; nothing is written.

    :raises LabelGlyphsMissing: the font lacks characters of it.
    :raises LabelsNotInstalled, LabelFontUnusable: what to install or to set.
    """
    try:
        from delivery.services.slips import drawing  # noqa: PLC0415 - an extra
    except ImportError:
        raise LabelsNotInstalled from None
    return drawing.draw(
        Slip(
            order_no=order.order_no,
            external_order_no=order.external_order_no,
            shop=(order.merchant_name, order.merchant_phone, order.merchant_address),
            receiver=(order.receiver_name, order.receiver_phone, order.receiver_address),
            goods=goods_lines(order.goods_info),
            remark=order.remark,
            link=tracking_url(order),
            is_test=order.is_test,
        )
    )
