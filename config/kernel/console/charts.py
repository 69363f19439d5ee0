"""Plots as inline SVG: pure functions of their values, coloured by classes alone (`charts.css`).

Every plot says its title and, on each mark, its figures; labels are thinned out so that they stay
legible on a telephone. Pages that show one link `console/charts.css`. A `tone` is a colour's name
there: `1`…`8`, `step-1`…`step-6` (ever darker), `good`, `warn`, `bad`, `quiet`.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

Number = float | None
Words = Callable[[float], str]
# Units of the view box; the browser scales it to the width there is.
WIDTH, HEIGHT, TOP, RIGHT, BOTTOM = 720, 280, 16, 8, 36
# `charts.css` grows letters up to this in a narrow box; a Latin one is about half as wide.
LETTER = 22
ROW, BAR = 46, 12
TONES = 8
# An axis tells nothing smaller: a number may be so small that a quarter of it is none.
LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Series:
    """Values under one name, one for each label; None where there is none."""

    label: Any
    values: Sequence[Number]
    tone: str = ""


def whole(value: float) -> str:
    """Thousands grouped, places only where there are some."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def bars(
    labels: Sequence[Any],
    values: Sequence[Number],
    *,
    title: Any,
    tone: str = "1",
    words: Words = whole,
    links: Sequence[str] | None = None,
) -> SafeString:
    """One column for each label."""
    return stacked_bars(labels, [Series("", values, tone)], title=title, words=words, links=links)


def stacked_bars(
    labels: Sequence[Any],
    series: Sequence[Series],
    *,
    title: Any,
    words: Words = whole,
    links: Sequence[str] | None = None,
) -> SafeString:
    """One column for each label, the series on top of each other; what is below 0 is not drawn."""
    tops = [sum(max(0.0, one.values[n] or 0) for one in series) for n in range(len(labels))]
    if not any(tops):
        return _figure(title, series, _nothing())
    axis = _Axis.over(max(tops), len(labels), words)
    columns = [_column(axis, n, labels[n], series, links) for n in range(len(labels))]
    inner = format_html("{}{}{}", axis.grid(), _joined(columns), axis.names(labels))
    return _figure(title, series, _svg(title, inner, HEIGHT))


def line(
    labels: Sequence[Any], series: Sequence[Series], *, title: Any, words: Words = whole
) -> SafeString:
    """One line for each series; interrupted where there is no value."""
    known = [value for one in series for value in one.values if value is not None]
    if not any(known):
        return _figure(title, series, _nothing())
    axis = _Axis.over(max(known), len(labels), words)
    paths = [_path(axis, number, one, labels) for number, one in enumerate(series)]
    inner = format_html("{}{}{}", axis.grid(), _joined(paths), axis.names(labels))
    return _figure(title, series, _svg(title, inner, HEIGHT))


def horizontal_bars(
    labels: Sequence[Any],
    values: Sequence[Number],
    *,
    title: Any,
    tone: str = "1",
    words: Words = whole,
    links: Sequence[str] | None = None,
) -> SafeString:
    """A ranking: name and figure on a line of their own, the bar beneath."""
    if not labels:
        return _figure(title, (), _nothing())
    most = max((value or 0 for value in values), default=0) or 1
    rows = []
    for number, (label, value) in enumerate(zip(labels, values, strict=True)):
        said = "–" if value is None else words(value)
        room = WIDTH - _width(said) - LETTER
        name: Any = _shortened(str(label), room)
        if links and links[number]:
            name = format_html('<a href="{}">{}</a>', links[number], name)
        top = number * ROW
        rows.append(
            format_html(
                '<g><title>{}</title><text x="0" y="{}">{}</text>'
                '<text class="chart-figure" x="{}" y="{}" text-anchor="end">{}</text>'
                '<rect class="chart-track" x="0" y="{}" width="{}" height="{}"/>'
                '<rect class="chart-mark tone-{}" x="0" y="{}" width="{}" height="{}"/></g>',
                f"{label}: {said}", top + 21, name, WIDTH, top + 21, said,
                top + 28, WIDTH, BAR, tone, top + 28,
                _r(WIDTH * max(0.0, value or 0) / most), BAR,
            )
        )  # fmt: skip
    return _figure(title, (), _svg(title, _joined(rows), len(labels) * ROW))


@dataclass(frozen=True, slots=True)
class _Axis:
    """Where a value and a label's place lie in the view box."""

    most: float
    step: float
    places: int
    left: float
    words: Words

    @classmethod
    def over(cls, largest: float, places: int, words: Words) -> _Axis:
        step = _nice(largest / 4)
        most = step * max(1, math.ceil(largest / step - 1e-9))
        marks = [words(step * n) for n in range(round(most / step) + 1)]
        return cls(most, step, places, max(map(_width, marks)) + 10, words)

    def y(self, value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / self.most)

    @property
    def pitch(self) -> float:
        return (WIDTH - RIGHT - self.left) / self.places

    def middle(self, place: int) -> float:
        return self.left + self.pitch * (place + 0.5)

    def grid(self) -> SafeString:
        values = [self.step * n for n in range(round(self.most / self.step) + 1)]
        return format_html_join(
            "",
            '<line class="chart-grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
            '<text x="{}" y="{}" text-anchor="end" dominant-baseline="middle">{}</text>',
            (
                (_r(self.left), WIDTH - RIGHT, _r(self.y(v)), _r(self.y(v)), _r(self.left - 8),
                 _r(self.y(v)), self.words(v))
                for v in values
            ),
        )  # fmt: skip

    def names(self, labels: Sequence[Any]) -> SafeString:
        widest = max(_width(str(label)) for label in labels) + LETTER
        every = max(1, math.ceil(widest / self.pitch))
        first = (len(labels) - 1) % every  # so that the last one, the newest, is named
        return format_html_join(
            "",
            '<text x="{}" y="{}" text-anchor="{}">{}</text>',
            (
                (*self._anchored(n, _width(str(labels[n]))), labels[n])
                for n in range(first, len(labels), every)
            ),
        )

    def _anchored(self, place: int, width: float) -> tuple[str, int, str]:
        """Under its column, but never beyond the right edge."""
        if self.middle(place) + width / 2 > WIDTH:
            return _r(WIDTH), HEIGHT - 8, "end"
        return _r(self.middle(place)), HEIGHT - 8, "middle"


def _column(
    axis: _Axis,
    place: int,
    label: Any,
    series: Sequence[Series],
    links: Sequence[str] | None,
) -> SafeString:
    wide = max(1.0, min(axis.pitch * 0.78, 56.0))
    left = axis.middle(place) - wide / 2
    below, marks, said = 0.0, [], [str(label)]
    for number, one in enumerate(series):
        value = one.values[place]
        if not value:
            continue
        said.append(f"{one.label} {axis.words(value)}".strip())
        if value < 0:
            continue
        top = axis.y(below + value)
        high = max(0.8, axis.y(below) - top)
        tone = one.tone or str(number % TONES + 1)
        marks.append((tone, _r(left), _r(top), _r(wide), _r(high)))
        below += value
    # The whole column answers the pointer, not only its lowest pixels.
    drawn = format_html_join(
        "",
        '<rect class="chart-mark tone-{}" x="{}" y="{}" width="{}" height="{}"/>',
        marks,
    )
    inner = format_html(
        '<title>{}</title><rect class="chart-touch" x="{}" y="{}" width="{}" height="{}"/>{}',
        "\n".join(said), _r(axis.middle(place) - axis.pitch / 2), TOP, _r(axis.pitch),
        HEIGHT - TOP - BOTTOM, drawn,
    )  # fmt: skip
    if links and links[place]:
        return format_html('<a href="{}">{}</a>', links[place], inner)
    return format_html("<g>{}</g>", inner)


def _path(axis: _Axis, number: int, one: Series, labels: Sequence[Any]) -> SafeString:
    points = [
        (n, _r(axis.middle(n)), _r(axis.y(max(0.0, value))), value)
        for n, value in enumerate(one.values)
        if value is not None
    ]
    steps = [
        f"{'L' if points[i - 1][0] == n - 1 and i else 'M'}{x} {y}"
        for i, (n, x, y, _value) in enumerate(points)
    ]
    dots = format_html_join(
        "",
        '<circle class="chart-mark" cx="{}" cy="{}" r="4"><title>{}</title></circle>',
        (
            (x, y, f"{labels[n]}\n{one.label} {axis.words(value)}".strip())
            for n, x, y, value in points
        ),
    )
    return format_html(
        '<g class="tone-{}"><path class="chart-line" d="{}"/>{}</g>',
        one.tone or str(number % TONES + 1), " ".join(steps), dots,
    )  # fmt: skip


def _figure(title: Any, series: Sequence[Series], drawn: SafeString) -> SafeString:
    named = [(one.tone or str(n % TONES + 1), one.label) for n, one in enumerate(series)]
    key = format_html_join(
        "", '<li><span class="chart-swatch tone-{}"></span>{}</li>', [k for k in named if k[1]]
    )
    legend = format_html('<ul class="chart-key">{}</ul>', key) if key else mark_safe("")
    return format_html(
        '<figure class="chart"><figcaption>{}</figcaption>{}{}</figure>', title, legend, drawn
    )


def _svg(title: Any, inner: SafeString, height: float) -> SafeString:
    return format_html(
        '<svg role="img" aria-label="{}" viewBox="0 0 {} {}"><title>{}</title>{}</svg>',
        title, WIDTH, height, title, inner,
    )  # fmt: skip


def _nothing() -> SafeString:
    return format_html('<p class="chart-empty">{}</p>', _("Nothing in this time."))


def _joined(parts: Sequence[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def _nice(rough: float) -> float:
    """1, 2 or 5 times a power of ten, not below `rough`; whole numbers are counted in ones."""
    rough = max(rough, LEAST)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((n * power for n in (1, 2, 5) if n * power >= rough - 1e-9), 10 * power)
    return max(step, 1.0) if rough >= 0.25 else step


def _width(text: str) -> float:
    """About how wide the largest letters make it; Chinese ones are square."""
    return sum(LETTER if unicodedata.east_asian_width(c) in "WF" else LETTER * 0.58 for c in text)


def _shortened(text: str, room: float) -> str:
    if _width(text) <= room:
        return text
    while text and _width(text) > room - LETTER:
        text = text[:-1]
    return f"{text}…"


def _r(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
