"""The font of labels: TrueType outlines, embedded; what it cannot draw is known beforehand.

`LABEL_FONT` names a file; without it, the one the `labels` extra brings. That package is located
and never imported: it would draw in a plotting library.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from config.kernel.printing.errors import LabelFontUnusable, LabelGlyphsMissing

PACKAGE, FILE = "zhplot", "fonts/NotoSansSC-Regular.ttf"


class LabelFont:
    """A registered font: its name for the canvas, its widths, its gaps."""

    def __init__(self, name: str, font: TTFont) -> None:
        self.name = name
        self._font = font
        self._glyphs = font.face.charToGlyph

    def width(self, text: str, size: float) -> float:
        """Points."""
        return float(self._font.stringWidth(text, size))

    def lacking(self, texts: Iterable[str]) -> list[str]:
        """The characters it has no glyph for, each once, as they come."""
        seen = dict.fromkeys("".join(texts))
        return [each for each in seen if ord(each) not in self._glyphs]

    def require(self, texts: Iterable[str]) -> None:
        """Raise `LabelGlyphsMissing`, naming them, where it has not all of the characters."""
        lacking = self.lacking(texts)
        if lacking:
            shown = " ".join(f"{each}（U+{ord(each):04X}）" for each in lacking[:20])
            raise LabelGlyphsMissing(characters=shown)


def label_font() -> LabelFont:
    """The font labels are drawn with.

    :raises LabelFontUnusable: no such file, or not of TrueType outlines.
    """
    return _read(str(settings.LABEL_FONT or _packaged()))


def _packaged() -> Path:
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        return Path(folder) / FILE
    raise LabelFontUnusable(why="没有安装自带字体的组件，也没有设置 LABEL_FONT")


@lru_cache(maxsize=2)
def _read(path: str) -> LabelFont:
    """Read once: 40 ms and 20 MB."""
    if not Path(path).is_file():
        raise LabelFontUnusable(why=f"找不到文件 {path}")
    try:
        font = TTFont(path, path)
    except TTFError as exc:
        why = "不是 TrueType 轮廓（CFF/OpenType）" if "postscript" in str(exc).lower() else str(exc)
        raise LabelFontUnusable(why=f"{path}：{why}") from None
    except (OSError, ValueError, LookupError, struct.error) as exc:
        raise LabelFontUnusable(why=f"{path} 不是完整的字体文件：{exc!r}") from None
    pdfmetrics.registerFont(font)
    return LabelFont(path, font)
