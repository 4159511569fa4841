"""A mean and its interval stand where arithmetic puts them, and text cannot break out."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from eval.measures.metrics import Mean
from eval.pages.intervals import IntervalChart, IntervalGroup, draw_intervals

SVG = "{http://www.w3.org/2000/svg}"
LEFT, WIDTH = 118.0, 356.0  # of the axis, in pixels


def read_bands(svg: str) -> list[tuple[float, float, float]]:
    lines = ET.fromstring(svg).iter(f"{SVG}line")  # noqa: S314 - our own text
    return [
        (float(line.attrib["x1"]), float(line.attrib["x2"]), float(line.attrib["y1"]))
        for line in lines
        if line.attrib.get("stroke-width") == "6"
    ]


def read_texts(svg: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314


def test_bands_reach_from_low_to_high_a_line_a_mean() -> None:
    groups = (
        IntervalGroup("a", "n = 4", (("one", Mean(0.5, 0.25, 0.75, 4)), ("two", Mean(0, 0, 0, 4)))),
        IntervalGroup("b", "n = 9", (("two", Mean(1.0, 0.5, 1.0, 9)),)),
    )

    svg = draw_intervals(IntervalChart("t", "%", groups))

    first, second, third = read_bands(svg)
    assert first[:2] == (LEFT + WIDTH / 4, LEFT + WIDTH * 3 / 4)
    assert second[:2] == (LEFT, LEFT)
    assert third[:2] == (LEFT + WIDTH / 2, LEFT + WIDTH)
    assert second[2] - first[2] == 22
    assert third[2] > second[2]
    assert {"a", "n = 4", "b", "n = 9", "one", "two", "50.0", "0.0", "100.0"} <= set(
        read_texts(svg)
    )
    assert svg.count("<circle") == 2  # of series one: in the legend and in its line
    assert svg.count("<polygon") == 3


def test_one_series_needs_no_legend() -> None:
    group = IntervalGroup("a", "", (("only", Mean(0.5, 0.4, 0.6, 4)),))

    assert "only" not in read_texts(draw_intervals(IntervalChart("t", "%", (group,))))


def test_text_cannot_break_out() -> None:
    evil = "<script>alert(1)</script>&\"'"
    means = ((evil, Mean(0.5, 0.4, 0.6, 4)), ("x", Mean(0.5, 0.4, 0.6, 4)))
    group = IntervalGroup(evil + "\x00\ud800", evil, means)

    svg = draw_intervals(IntervalChart(evil, evil, (group,)))

    assert "<script" not in svg
    assert read_texts(svg).count(evil) == 4
    assert f"{evil}\ufffd\ufffd" in read_texts(svg)


def test_nothing_to_draw_is_an_error() -> None:
    with pytest.raises(ValueError, match="has no means"):
        IntervalChart("t", "%", (IntervalGroup("a", "", ()),))
