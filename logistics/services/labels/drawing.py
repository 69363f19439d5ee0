"""A label of 100 × 150 mm for thermal printers: black on white, bars of whole printer dots."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from config.kernel.printing.fonts import LabelFont, label_font
from config.kernel.printing.layout import ASCENT, LEADING, Block, Text, settle
from logistics.errors import WaybillNotABarcode
from logistics.services.labels.content import Label, Side

PAGE = (100 * mm, 150 * mm)
MARGIN = 2.5 * mm
LEFT, RIGHT = MARGIN, PAGE[0] - MARGIN
TOP, BOTTOM = PAGE[1] - MARGIN, MARGIN
INSET = 1.5 * mm
TAB = 9 * mm
HEADER, PLACE, BRANCH, BARS, ROW, SIGNATURE = (each * mm for each in (14, 16, 7, 25, 6, 11))
QUIET_MODULES = 10
# Four, three, two dots of a 203 dpi printer; thinner ones only where a number is that long.
MODULES = tuple(each * mm for each in (0.5, 0.375, 0.25, 0.2, 0.17))
_BARCODE = re.compile(r"[!-~]+")
# Words printed on every label.
_WORDS = "收寄网点物品备注件数重量体积付款订单号商家日期人签名测试请勿揽：，—"


def font() -> LabelFont:
    """What labels are drawn with.

    :raises LabelFontUnusable: none can be.
    """
    return label_font()


def checked(label: Label) -> Label:
    """The label, if it prints true.

    :raises WaybillNotABarcode, LabelGlyphsMissing: it does not.
    """
    number = label.waybill_no
    if not _BARCODE.fullmatch(number) or _barcode(number) is None:
        raise WaybillNotABarcode(waybill_no=number)
    font().require([_WORDS, *label.texts()])
    return label


def draw_pages(labels: Sequence[Label]) -> bytes:
    """One page each; the same labels give the same bytes."""
    buffer = BytesIO()
    # The first font named is ours: no page refers to one that is not embedded.
    canvas = Canvas(
        buffer,
        pagesize=PAGE,
        invariant=1,
        initialFontName=font().name,  # type: ignore[arg-type] # the stubs say a number
    )
    canvas.setTitle("快递面单")
    for label in labels:
        _Page(canvas, font(), label).draw()
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _barcode(number: str) -> Code128 | None:
    """The widest bars that leave their quiet zones; None where none can be read."""
    for module in MODULES:
        bars = Code128(number, barWidth=module, barHeight=BARS - 8.5 * mm, quiet=False)
        if bars.width + 2 * QUIET_MODULES * module <= RIGHT - LEFT:
            return bars
    return None


class _Page:
    """One label on the canvas, from the top down."""

    def __init__(self, canvas: Canvas, font: LabelFont, label: Label) -> None:
        self.canvas, self.font, self.label = canvas, font, label
        self.y = TOP

    def draw(self) -> None:
        self.canvas.setLineWidth(0.8)
        self.canvas.rect(LEFT, BOTTOM, RIGHT - LEFT, TOP - BOTTOM)
        self._header()
        self._place()
        self._branch()
        self._people_and_goods()
        self._measures()
        self._bars()
        self._numbers()
        self._signature()

    def _header(self) -> None:
        label = self.label
        split = RIGHT - 30 * mm
        self._in_box(label.carrier, LEFT, split, HEADER, 22, bold=True)
        self._line(split, self.y, split, self.y - HEADER)
        code = "" if label.carrier_code == label.carrier else label.carrier_code
        upper = " ".join(filter(None, (code, label.service)))
        if label.is_test:
            self._inverse("测试件", split, HEADER / 2, RIGHT - split, 13)
        else:
            self._in_box(label.payment, split, RIGHT, HEADER / 2, 12, bold=True, middle=True)
        self._in_box(upper, split, RIGHT, HEADER / 2, 9, middle=True, drop=HEADER / 2)
        self._close(HEADER)

    def _place(self) -> None:
        self._in_box(self.label.destination, LEFT, RIGHT, PLACE, 26, bold=True, middle=True)
        self._close(PLACE)

    def _branch(self) -> None:
        text = f"网点：{self.label.branch}" if self.label.branch else ""
        split = RIGHT - 30 * mm
        self._in_box(text, LEFT, split, BRANCH, 8.5)
        self._in_box(self.label.created_on, split, RIGHT, BRANCH, 9, middle=True)
        self._line(split, self.y, split, self.y - BRANCH)
        self._close(BRANCH)

    def _people_and_goods(self) -> None:
        label = self.label
        fixed = BOTTOM + SIGNATURE + ROW + BARS + ROW
        height = self.y - fixed
        goods = [f"物品：{label.goods or '—'}"] + (
            [f"备注：{label.remark}"] if label.remark else []
        )
        blocks = [
            self._side(label.receiver, 12),
            self._side(label.sender, 9),
            Block(
                [(self._text(each), 1.0) for each in goods],
                size=9,
                room=RIGHT - LEFT - 2 * INSET,
                padding=1 * mm,
            ),
        ]
        settle(blocks, height)
        spare = height - sum(block.height for block in blocks)
        shares = (0.55, 0.35, 0.1)
        for block, share, mark in zip(blocks, shares, ("收", "寄", ""), strict=True):
            full = block.height + spare * share
            self._block(block, full, mark)
            self._close(full)

    def _side(self, side: Side, size: float) -> Block:
        who = self._text(f"{side.name}   {side.phone}")
        where = self._text(f"{side.place}{side.detail}")
        room = RIGHT - LEFT - TAB - 2 * INSET
        return Block([(who, 1.15), (where, 1.0)], size=size, room=room, padding=1 * mm)

    def _block(self, block: Block, full: float, mark: str) -> None:
        x = LEFT + INSET
        if mark == "收":
            self._inverse(mark, LEFT, full, TAB, 18)
        elif mark:
            self._in_box(mark, LEFT, LEFT + TAB, full, 18, middle=True)
            self._line(LEFT + TAB, self.y, LEFT + TAB, self.y - full)
        x += TAB if mark else 0
        y = self.y - (full - block.height) / 2 - block.padding
        for line, size, place in block.lines():
            self._write(line, x, y - size * ASCENT, size, bold=bool(mark) and place == 0)
            y -= size * LEADING

    def _measures(self) -> None:
        label = self.label
        cells = (
            f"件数：{label.pieces}",
            f"重量：{label.weight}",
            f"体积：{label.volume}",
            f"付款：{label.payment}",
        )
        self._cells(cells, (1, 1, 1, 1))

    def _bars(self) -> None:
        bars = _barcode(self.label.waybill_no)
        if bars is None:
            raise WaybillNotABarcode(waybill_no=self.label.waybill_no)
        bars.drawOn(self.canvas, (PAGE[0] - bars.width) / 2, self.y - 2 * mm - bars.barHeight)
        below = 2 * mm + bars.barHeight
        self._in_box(
            self.label.waybill_no, LEFT, RIGHT, BARS - below, 15, bold=True, middle=True, drop=below
        )
        self._close(BARS)

    def _numbers(self) -> None:
        label = self.label
        theirs = f"商家订单号：{label.tenant_order_no}" if label.tenant_order_no else ""
        self._cells((f"订单号：{label.order_no}", theirs), (1.25, 1))

    def _signature(self) -> None:
        if self.label.is_test:
            self._inverse("测试件，请勿揽收", LEFT, SIGNATURE, RIGHT - LEFT, 16)
            return
        third = LEFT + (RIGHT - LEFT) * 0.62
        self._in_box("收件人签名：", LEFT, third, SIGNATURE, 9)
        self._line(third, self.y, third, self.y - SIGNATURE)
        self._in_box("日期：", third, RIGHT, SIGNATURE, 9)

    def _cells(self, texts: Sequence[str], shares: Sequence[float]) -> None:
        x = LEFT
        for text, share in zip(texts, shares, strict=True):
            end = x + (RIGHT - LEFT) * share / sum(shares)
            if x > LEFT:
                self._line(x, self.y, x, self.y - ROW)
            self._in_box(text, x, end, ROW, 8.5)
            x = end
        self._close(ROW)

    def _in_box(
        self,
        text: str,
        left: float,
        right: float,
        height: float,
        size: float,
        *,
        bold: bool = False,
        middle: bool = False,
        drop: float = 0.0,
    ) -> None:
        """Write into the box below the present line, `drop` further down, centred vertically."""
        room = right - left - 2 * INSET
        size, lines = self._text(text).fit(size, room, height - 1 * mm)
        y = self.y - drop - (height - len(lines) * size * LEADING) / 2
        for line in lines:
            x = left + INSET
            if middle:
                x = (left + right - self.font.width(line, size)) / 2
            self._write(line, x, y - size * ASCENT, size, bold=bold)
            y -= size * LEADING

    def _inverse(self, text: str, left: float, height: float, wide: float, size: float) -> None:
        """White on black."""
        self.canvas.setFillGray(0)
        self.canvas.rect(left, self.y - height, wide, height, stroke=0, fill=1)
        self.canvas.setFillGray(1)
        self._in_box(text, left, left + wide, height, size, middle=True)
        self.canvas.setFillGray(0)

    def _write(self, line: str, x: float, y: float, size: float, *, bold: bool) -> None:
        canvas = self.canvas
        canvas.setFont(self.font.name, size)
        if not bold:
            canvas.drawString(x, y, line)
            return
        # The font has one weight: a bold one is its outline drawn as well.
        canvas.saveState()
        canvas.setLineWidth(size * 0.03)
        canvas.drawString(x, y, line, mode=2)
        canvas.restoreState()

    def _line(self, x1: float, y1: float, x2: float, y2: float) -> None:
        self.canvas.line(x1, y1, x2, y2)

    def _close(self, height: float) -> None:
        """Move below the row, and rule it off."""
        self.y -= height
        self._line(LEFT, self.y, RIGHT, self.y)

    def _text(self, text: str) -> Text:
        return Text(text, self.font.width)
