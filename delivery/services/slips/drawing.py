"""A slip from the top down: whom for, what, whose, and the number as bars."""

from __future__ import annotations

from io import BytesIO

from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from config.kernel.printing.fonts import LabelFont, label_font
from config.kernel.printing.layout import ASCENT, LEADING, Block, Text, settle
from delivery.services.slips import Slip

PAGE = (76 * mm, 130 * mm)
MARGIN = 2.5 * mm
LEFT, RIGHT, TOP, BOTTOM = MARGIN, PAGE[0] - MARGIN, PAGE[1] - MARGIN, MARGIN
ROOM = RIGHT - LEFT
HEAD, BARS, QR = 11 * mm, 16 * mm, 20 * mm
PADDING = 1.2 * mm
# Two dots of a 203 dpi printer: our numbers are at most 255 modules wide, and leave quiet zones.
MODULE = 0.25 * mm
_WORDS = "同城配送测试单请勿送：·"


def draw(slip: Slip) -> bytes:
    """One page.

    :raises LabelGlyphsMissing: see `draw_slip`.
    """
    font = label_font()
    texts = (*slip.shop, *slip.receiver, slip.goods.replace("\n", ""), slip.remark)
    font.require([_WORDS, slip.order_no, slip.external_order_no, *texts])
    buffer = BytesIO()
    canvas = Canvas(
        buffer,
        pagesize=PAGE,
        invariant=1,
        initialFontName=font.name,  # type: ignore[arg-type] # the stubs say a number
    )
    canvas.setTitle("配送小票")
    _Page(canvas, font, slip).draw()
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


class _Page:
    def __init__(self, canvas: Canvas, font: LabelFont, slip: Slip) -> None:
        self.canvas, self.font, self.slip = canvas, font, slip
        self.y = TOP

    def draw(self) -> None:
        self.canvas.setLineWidth(0.8)
        self.canvas.rect(LEFT, BOTTOM, ROOM, TOP - BOTTOM)
        self._head()
        self._blocks()
        self._bars()

    def _head(self) -> None:
        title = "测试单 请勿配送" if self.slip.is_test else "同城配送"
        self._fitted(title, LEFT + PADDING, ROOM - QR - 2 * PADDING, 15, HEAD)
        number = f"#{self.slip.external_order_no}"
        self.y -= HEAD
        self._fitted(number, LEFT + PADDING, ROOM - QR - 2 * PADDING, 11, QR - HEAD)
        self._qr()
        self.y = TOP - QR
        self._rule()

    def _qr(self) -> None:
        """The link as squares, its quiet zone of four modules inside the corner."""
        code = QRCode(None, QRErrorCorrectLevel.M)
        code.addData(self.slip.link)
        code.make()
        count = code.getModuleCount()  # type: ignore[no-untyped-call]
        side = QR / (count + 8)
        for row in range(count):
            y = TOP - (row + 5) * side
            for column in range(count):
                if not code.isDark(row, column):  # type: ignore[no-untyped-call]
                    continue
                x = RIGHT - QR + (column + 4) * side
                self.canvas.rect(x, y, side, side, stroke=0, fill=1)

    def _blocks(self) -> None:
        name, phone, address = self.slip.receiver
        shop, shop_phone, shop_address = self.slip.shop
        parts = [
            [(f"{name}  {phone}", 1.0), (address, 1.0)],
            [(line, 1.0) for line in self.slip.goods.splitlines()],
            [(self.slip.remark, 1.0)],
            [(f"{shop}  {shop_phone}", 1.0), (shop_address, 0.85)],
        ]
        sizes = (12, 9, 10, 8.5)
        blocks = [
            Block(
                [(Text(text, self.font.width), share) for text, share in lines if text.strip()],
                size=size, room=ROOM - 2 * PADDING, padding=PADDING,
            )
            for lines, size in zip(parts, sizes, strict=True)
            if any(text.strip() for text, _ in lines)
        ]  # fmt: skip
        settle(blocks, self.y - BOTTOM - BARS)
        for block in blocks:
            y = self.y - block.padding
            for line, size, _place in block.lines():
                self._text(line, LEFT + PADDING, y - size * ASCENT, size)
                y -= size * LEADING
            self.y -= block.height
            self._rule()

    def _bars(self) -> None:
        bars = Code128(self.slip.order_no, barWidth=MODULE, barHeight=9 * mm, quiet=False)
        bars.drawOn(self.canvas, LEFT + (ROOM - bars.width) / 2, BOTTOM + 5 * mm)
        size = 8.5
        wide = self.font.width(self.slip.order_no, size)
        self._text(self.slip.order_no, LEFT + (ROOM - wide) / 2, BOTTOM + 1.6 * mm, size)

    def _fitted(self, text: str, x: float, room: float, size: float, height: float) -> None:
        size, lines = Text(text, self.font.width).fit(size, room, height - 2 * PADDING)
        y = self.y - PADDING
        for line in lines:
            self._text(line, x, y - size * ASCENT, size)
            y -= size * LEADING

    def _text(self, text: str, x: float, y: float, size: float) -> None:
        self.canvas.setFont(self.font.name, size)
        self.canvas.drawString(x, y, text)

    def _rule(self) -> None:
        self.canvas.line(LEFT, self.y, RIGHT, self.y)
