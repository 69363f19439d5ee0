"""A lying bar in parts for each row, drawn with the classes of `config.kernel.console.charts`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from config.kernel.console.charts import BAR, ROW, WIDTH


@dataclass(frozen=True, slots=True)
class Stack:
    """One row: its name, its parts in the order of the key, and the figure at its right end."""

    label: str
    values: Sequence[float]
    figure: str


def lying_stacks(
    rows: Sequence[Stack], key: Sequence[tuple[Any, str]], *, title: Any
) -> SafeString:
    """Names and figures above, parts beneath; `key` names the parts and their tones."""
    most = max((sum(row.values) for row in rows), default=0) or 1
    drawn = format_html_join("", "{}", ((_row(n, row, key, most),) for n, row in enumerate(rows)))
    svg = format_html(
        '<svg role="img" aria-label="{}" viewBox="0 0 {} {}"><title>{}</title>{}</svg>',
        title, WIDTH, max(1, len(rows)) * ROW, title, drawn,
    )  # fmt: skip
    names = format_html_join(
        "",
        '<li><span class="chart-swatch tone-{}"></span>{}</li>',
        ((tone, label) for label, tone in key),
    )
    return format_html(
        '<figure class="chart"><figcaption>{}</figcaption><ul class="chart-key">{}</ul>{}</figure>',
        title, names, svg,
    )  # fmt: skip


def _row(place: int, row: Stack, key: Sequence[tuple[Any, str]], most: float) -> SafeString:
    top = place * ROW
    parts, left, said = [], 0.0, []
    for value, (name, tone) in zip(row.values, key, strict=True):
        if value:
            wide = WIDTH * value / most
            parts.append((tone, f"{left:.1f}", top + 28, f"{wide:.1f}", BAR))
            said.append(f"{name} {value:,.0f}")
            left += wide
    return format_html(
        '<g><title>{}</title><text x="0" y="{}">{}</text>'
        '<text class="chart-figure" x="{}" y="{}" text-anchor="end">{}</text>{}</g>',
        "\n".join([row.label, *said]), top + 21, row.label, WIDTH, top + 21, row.figure,
        format_html_join(
            "",
            '<rect class="chart-mark tone-{}" x="{}" y="{}" width="{}" height="{}"/>',
            parts,
        ),
    )  # fmt: skip
