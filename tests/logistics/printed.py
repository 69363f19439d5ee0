"""Reads a label's PDF back with nothing of what drew it: its texts, its rectangles, its bars."""

from __future__ import annotations

import base64
import re
import zlib
from dataclasses import dataclass
from itertools import pairwise

# Six widths of bars and gaps a character, as the standard lists them.
PATTERNS = re.findall(
    r"\d{6}",
    """
    212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232
    122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122
    321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311
    211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113
    213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422
    121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111
    241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121
    412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412
    211214 211232
    """,
)
STOP = "2331112"
_TEXT = re.compile(
    r"1 0 0 1 (?P<x>\S+) (?P<y>\S+) Tm (?:2 Tr )?/(?P<font>\S+) (?P<size>\S+) Tf \S+ TL "
    r"\((?P<text>(?:\\.|[^\\)])*)\) Tj",
    re.DOTALL,
)


@dataclass(frozen=True)
class Written:
    """A line of text: where its base line starts, its size and its width, in points."""

    text: str
    x: float
    y: float
    size: float
    width: float


@dataclass(frozen=True)
class Page:
    """One page: its size in points, its lines of text, the bars of its code (x, width)."""

    size: tuple[float, float]
    written: list[Written]
    bars: list[tuple[float, float]]

    @property
    def text(self) -> str:
        """Every line, as they were drawn, one after the other."""
        return "".join(line.text for line in self.written)


class Printed:
    """A PDF."""

    def __init__(self, pdf: bytes) -> None:
        found = re.finditer(rb"(\d+) 0 obj\s(.*?)endobj", pdf, re.DOTALL)
        self.objects = {int(match[1]): match[2] for match in found}
        self.fonts = self._fonts()
        catalogue = next(body for body in self.objects.values() if b"/Type /Pages" in body)
        kids = re.search(rb"/Kids \[(.*?)\]", catalogue, re.DOTALL)
        assert kids
        self.pages = [self._page(int(number)) for number in re.findall(rb"(\d+) 0 R", kids[1])]

    def _stream(self, number: int) -> bytes:
        body = self.objects[number]
        head, _, rest = body.partition(b"stream\n")
        length = re.search(rb"/Length (\d+)", head)
        assert length
        data = rest[: int(length[1])]
        if b"ASCII85Decode" in head:
            data = base64.a85decode(data.strip().removesuffix(b"~>"))
        return zlib.decompress(data)

    def _fonts(self) -> dict[str, tuple[dict[int, str], list[float]]]:
        """Characters and widths by code, for every font that the pages name."""
        named = next(b for b in self.objects.values() if re.fullmatch(rb"<<[^>]*/F\d[^>]*>>\s*", b))
        fonts = {}
        for name, number in re.findall(rb"/(F\S+) (\d+) 0 R", named):
            body = self.objects[int(number)]
            unicode = re.search(rb"/ToUnicode (\d+) 0 R", body)
            widths = re.search(rb"/Widths \[(.*?)\]", body, re.DOTALL)
            assert unicode, f"{name!r} says not which characters it has"
            assert widths
            lines = re.findall(rb"<(\w\w)> <(\w{4,})>", self._stream(int(unicode[1])))
            characters = {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
                          for code, text in lines}  # fmt: skip
            fonts[name.decode()] = (characters, [float(each) for each in widths[1].split()])
        return fonts

    def _page(self, number: int) -> Page:
        body = self.objects[number]
        contents = re.search(rb"/Contents (\d+) 0 R", body)
        box = re.search(rb"/MediaBox \[ 0 0 (\S+) (\S+) \]", body)
        assert contents
        assert box
        drawn = self._stream(int(contents[1])).decode("latin-1")
        moved = re.search(r"1 0 0 1 (\S+) \S+ cm\n((?:n \S+ 0 \S+ \S+ re f\*\n)+)", drawn)
        assert moved, "no bars"
        bars = [
            (float(moved[1]) + float(x), float(width))
            for x, width in re.findall(r"n (\S+) 0 (\S+) \S+ re", moved[2])
        ]
        written = [self._written(match) for match in _TEXT.finditer(drawn)]
        return Page((float(box[1]), float(box[2])), written, bars)

    def _written(self, match: re.Match[str]) -> Written:
        characters, widths = self.fonts[match["font"]]
        plain = re.sub(
            r"\\(\d{1,3}|.)",
            lambda escape: _unescaped(escape[1]),
            match["text"],
            flags=re.DOTALL,
        )
        size = float(match["size"])
        return Written(
            "".join(characters[ord(code)] for code in plain),
            float(match["x"]),
            float(match["y"]),
            size,
            sum(widths[ord(code)] for code in plain) * size / 1000,
        )


def _unescaped(escape: str) -> str:
    known = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
    return chr(int(escape, 8)) if escape.isdigit() else known.get(escape, escape)


def read_bars(bars: list[tuple[float, float]]) -> str:
    """What a scanner reads: Code128 with its check digit."""
    module = min(width for _x, width in bars)
    lengths = []
    for (x, width), (following, _) in pairwise([*bars, (bars[-1][0] + bars[-1][1], 0.0)]):
        lengths += [width / module, (following - x - width) / module]
    assert all(abs(length - round(length)) < 0.01 for length in lengths), "uneven bars"
    digits = "".join(str(round(length)) for length in lengths[:-1])
    assert digits.endswith(STOP)
    codes = [PATTERNS.index(digits[at : at + 6]) for at in range(0, len(digits) - 7, 6)]
    start, *values, check = codes
    assert check == (start + sum(i * value for i, value in enumerate(values, 1))) % 103
    return _decoded({103: "A", 104: "B", 105: "C"}[start], values)


def _decoded(table: str, values: list[int]) -> str:
    text, shift = "", ""
    for value in values:
        using, shift = shift or table, ""
        if value in {99, 100, 101} and not (value == 99 and using == "C"):
            switch = {99: "C", 100: "B", 101: "A"}[value]
            if switch != using:
                table = switch
                continue
        if value == 98 and using != "C":
            shift = "A" if using == "B" else "B"
        elif using == "C":
            text += f"{value:02d}"
        else:
            text += chr(value - 64 if using == "A" and value >= 64 else value + 32)
    return text
