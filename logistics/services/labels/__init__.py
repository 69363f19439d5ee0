"""Orders become one PDF, a label of 100 × 150 mm each, in the order given; the same bytes again.

What would not print true is refused beforehand: no waybill or a void one, characters the font
lacks, a number without a barcode.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from config.kernel.errors import Refusal
from config.kernel.printing.errors import LabelsNotInstalled
from logistics.errors import TooManyLabels
from logistics.services.labels.content import label_of

if TYPE_CHECKING:
    from logistics.models import ExpressOrder

MOST_LABELS = 500

__all__ = ["MOST_LABELS", "draw_labels", "label_refusals"]


def draw_labels(*, orders: Sequence[ExpressOrder]) -> bytes:
    """The PDF of all `orders`; nothing is written. Their full names and addresses are in it.

    :raises WaybillAbsent, WaybillVoid, WaybillNotABarcode, LabelGlyphsMissing: one of the orders.
    :raises LabelsNotInstalled, LabelFontUnusable: what to install or to set.
    :raises TooManyLabels: more than `MOST_LABELS`.
    """
    if len(orders) > MOST_LABELS:
        raise TooManyLabels(most=MOST_LABELS)
    drawing = _drawing()
    pdf: bytes = drawing.draw_pages([drawing.checked(label_of(order)) for order in orders])
    return pdf


def label_refusals(*, orders: Sequence[ExpressOrder]) -> dict[int, Refusal]:
    """Why an order's label cannot be drawn, by its id; those that can are not in it.

    :raises LabelsNotInstalled, LabelFontUnusable: no label at all can be drawn.
    """
    drawing = _drawing()
    drawing.font()
    refused: dict[int, Refusal] = {}
    for order in orders:
        try:
            drawing.checked(label_of(order))
        except Refusal as exc:
            refused[order.pk] = exc
    return refused


def _drawing() -> ModuleType:
    """What draws is an extra: everything else of the platform runs without it."""
    try:
        from logistics.services.labels import drawing  # noqa: PLC0415 - an extra
    except ImportError:
        raise LabelsNotInstalled from None
    return drawing
