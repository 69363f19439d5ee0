"""Plots are valid SVG that says its figures, carries no style, and fits its box."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from config.kernel.console.charts import (
    HEIGHT,
    TOP,
    WIDTH,
    Series,
    bars,
    horizontal_bars,
    line,
    stacked_bars,
)

NASTY = "<script>&\"'</script>"
names = st.text(min_size=1, max_size=30).filter(lambda text: all(c.isprintable() for c in text))
numbers = st.one_of(st.none(), st.integers(0, 10**12), st.floats(0, 1e9, allow_nan=False))


def svg_of(figure: str) -> ElementTree.Element:
    found = re.search(r"<svg.*</svg>", figure, re.DOTALL)
    assert found, figure
    return ElementTree.fromstring(found[0])


def titles(figure: str) -> list[str]:
    return [one.text or "" for one in svg_of(figure).iter("title")]


def test_a_plot_says_its_title_and_each_figure() -> None:
    figure = stacked_bars(
        ["11-01", "11-02"],
        [Series("signed", [3, 1_200], "good"), Series("lost", [0, 7], "bad")],
        title="Orders",
    )
    assert svg_of(figure).get("role") == "img"
    assert titles(figure) == ["Orders", "11-01\nsigned 3", "11-02\nsigned 1,200\nlost 7"]
    assert [svg_of(figure).get("viewBox")] == [f"0 0 {WIDTH} {HEIGHT}"]
    assert "chart-swatch tone-good" in figure


def test_parts_stand_on_each_other_in_proportion() -> None:
    figure = stacked_bars(["x"], [Series("a", [10], "1"), Series("b", [30], "2")], title="t")
    low, high = [r for r in svg_of(figure).iter("rect") if "chart-mark" in (r.get("class") or "")]
    assert float(high.get("height") or 0) == pytest.approx(3 * float(low.get("height") or 0), 0.01)
    top = float(high.get("y") or 0) + float(high.get("height") or 0)
    assert top == pytest.approx(float(low.get("y") or 0), abs=0.2)


def test_a_line_is_interrupted_where_nothing_is_known() -> None:
    figure = line(["a", "b", "c", "d"], [Series("p95", [1, 2, None, 4])], title="t")
    path = next(svg_of(figure).iter("path")).get("d") or ""
    assert re.sub(r"[\d. ]", "", path) == "MLM"


def test_a_ranking_names_leads_and_shortens() -> None:
    figure = horizontal_bars(
        ["长" * 60, "b"], [5, None], title="t", links=["/x/?a=1&b=2", ""], words=lambda v: f"{v} 件"
    )
    link = next(svg_of(figure).iter("a"))
    assert link.get("href") == "/x/?a=1&b=2"
    assert (link.text or "").endswith("…")
    assert titles(figure)[1:] == [f"{'长' * 60}: 5 件", "b: –"]


def test_nothing_is_said_to_be_nothing() -> None:
    assert "<svg" not in bars(["a"], [0], title="t")
    assert "<svg" not in line(["a"], [Series("x", [None])], title="t")
    assert "<svg" not in stacked_bars([], [], title="t")
    assert "<svg" not in horizontal_bars([], [], title="t")


def test_nothing_given_becomes_markup() -> None:
    for figure in (
        stacked_bars([NASTY], [Series(NASTY, [1])], title=NASTY, words=lambda _v: NASTY),
        horizontal_bars([NASTY], [1], title=NASTY, links=[f'/"{NASTY}']),
        line([NASTY], [Series(NASTY, [1])], title=NASTY),
    ):
        assert "<script" not in figure
        svg_of(figure)


@settings(max_examples=60)
@example([("a", 5e-324, None)])
@given(st.lists(st.tuples(names, numbers, numbers), min_size=1, max_size=70))
def test_whatever_is_drawn_lies_inside_the_box(
    rows: list[tuple[str, float | None, float | None]],
) -> None:
    labels = [row[0] for row in rows]
    series = [Series("a", [row[1] for row in rows]), Series("b", [row[2] for row in rows])]
    for figure in (stacked_bars(labels, series, title="t"), line(labels, series, title="t"),
                   horizontal_bars(labels, series[0].values, title="t")):  # fmt: skip
        if "<svg" not in figure:
            continue
        assert " style=" not in figure
        assert not re.search(r'="[-.\d]*(nan|inf)', figure)
        for mark in svg_of(figure).iter("rect"):
            x, y = float(mark.get("x") or 0), float(mark.get("y") or 0)
            wide, high = float(mark.get("width") or 0), float(mark.get("height") or 0)
            assert -0.1 <= x <= x + wide <= WIDTH + 1
            assert y >= -0.1 <= high
        if "chart-grid" in figure:
            tops = [float(mark.get("y") or 0) for mark in svg_of(figure).iter("rect")]
            assert all(TOP - 1 <= top <= HEIGHT for top in tops)
