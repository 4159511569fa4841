"""A chart is valid SVG; numbers stand where arithmetic puts them, and text cannot break out."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from eval.pages.plots import (
    HEIGHT,
    SMALL_WIDTH,
    Chart,
    Series,
    choose_ticks,
    draw_chart,
    draw_charts,
    draw_small_chart,
    format_number,
)

SVG = "{http://www.w3.org/2000/svg}"
LEFT, RIGHT, TOP, BOTTOM = 92.0, 650.0, 58.0, 394.0  # of the plot, in pixels


def read_points(svg: str) -> list[list[tuple[float, float]]]:
    lines = ET.fromstring(svg).iter(f"{SVG}polyline")  # noqa: S314 - our own text
    return [
        [
            (float(x), float(y))
            for x, y in (pair.split(",") for pair in line.attrib["points"].split())
        ]
        for line in lines
    ]


def read_texts(svg: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314


def test_points_stand_where_a_linear_axis_puts_them() -> None:
    chart = Chart("t", "x", "y", (Series("a", ((0, 0), (5, 10), (10, 2.5))),))

    ((first, second, third),) = read_points(draw_chart(chart))

    assert first == (LEFT, BOTTOM)
    assert second == ((LEFT + RIGHT) / 2, TOP)
    assert third == (RIGHT, TOP + (BOTTOM - TOP) * 0.75)


def test_a_factor_of_ten_is_as_wide_anywhere_on_a_log_axis() -> None:
    points = ((10.0, 1.0), (100.0, 10.0), (1000.0, 100.0))
    chart = Chart(
        "t", "x", "y", (Series("a", points),), "log", "log", x_range=(10, 1000), y_range=(1, 100)
    )

    ((first, second, third),) = read_points(draw_chart(chart))

    assert (first, second, third) == ((LEFT, BOTTOM), (371.0, 226.0), (RIGHT, TOP))


def test_labels_title_legend_and_ticks_are_all_there() -> None:
    chart = Chart("Time", "passages", "ms", (Series("dense", ((0, 0), (4, 2))),))

    texts = read_texts(draw_chart(chart))

    assert {"Time", "passages", "ms", "dense", "0", "1", "2", "4"} <= set(texts)


def test_a_small_chart_has_its_legend_below_the_plot() -> None:
    chart = Chart("t", "x", "y", (Series("a", ((0, 0), (10, 10))), Series("b", ((0, 1),))))

    root = ET.fromstring(draw_small_chart(chart))  # noqa: S314 - our own text

    heights = {text.text: float(text.attrib.get("y", 0)) for text in root.iter(f"{SVG}text")}
    assert root.attrib["width"] == str(SMALL_WIDTH)
    assert heights["x"] < heights["a"] < heights["b"] < float(root.attrib["height"])
    assert read_points(draw_small_chart(chart))[0] == [(72.0, 300.0), (SMALL_WIDTH - 22, 52.0)]


def test_characters_that_xml_cannot_hold_are_replaced() -> None:
    chart = Chart("a\x00b\ud800", "x", "y", (Series("s", ((0, 1),)),))

    assert "a\ufffdb\ufffd" in read_texts(draw_chart(chart))


def test_text_cannot_break_out() -> None:
    evil = "<script>alert(1)</script>&\"'"
    chart = Chart(evil, evil, evil, (Series(evil, ((0, 1), (1, 2))),))

    svg = draw_chart(chart)

    assert "<script" not in svg
    assert read_texts(svg).count(evil) == 4


def test_a_dashed_line_has_no_marks_and_others_have_one_a_point_and_one_in_the_legend() -> None:
    points = ((0.0, 0.0), (1.0, 1.0))

    plain = draw_chart(Chart("t", "x", "y", (Series("a", points),)))
    dashed = draw_chart(Chart("t", "x", "y", (Series("a", points, dashed=True),)))

    assert (plain.count("<circle"), plain.count("dasharray")) == (3, 0)
    assert (dashed.count("<circle"), dashed.count("dasharray")) == (0, 2)


def test_charts_stand_below_each_other_in_one_file() -> None:
    chart = Chart("t", "x", "y", (Series("a", ((0, 1),)),))

    svg = draw_charts([chart, chart, chart])

    root = ET.fromstring(svg)  # noqa: S314 - our own text
    assert root.attrib["height"] == str(3 * HEIGHT)
    assert [g.attrib["transform"] for g in root.iter(f"{SVG}g")] == [
        f"translate(0 {n * HEIGHT})" for n in range(3)
    ]


@pytest.mark.parametrize(
    ("scale", "low", "high", "ticks"),
    [
        ("linear", 0, 10, [0, 2, 4, 6, 8, 10]),
        ("linear", 0, 0.3, [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]),
        ("linear", -5, 5, [-4, -2, 0, 2, 4]),
        ("log", 1, 100, [1, 2, 5, 10, 20, 50, 100]),
        ("log", 0.001, 100, [0.001, 0.01, 0.1, 1, 10, 100]),
        ("log", 500, 5000, [500, 1000, 2000, 5000]),
    ],
)
def test_ticks_are_round_numbers(scale: str, low: float, high: float, ticks: list[float]) -> None:
    assert choose_ticks("log" if scale == "log" else "linear", low, high) == ticks


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0"), (0.05, "0.05"), (12.5, "12.5"), (999, "999"), (1000, "1k"), (1234, "1,234"),
     (2500, "2.5k"), (100_000, "100k"), (3_000_000, "3M"), (2e9, "2G"), (-5000, "-5k")],
)  # fmt: skip
def test_a_tick_is_short_and_exact(number: float, shown: str) -> None:
    assert format_number(number) == shown


@pytest.mark.parametrize("value", [1.0, 0.0, 3e-7, 123456.0])
def test_a_single_point_can_be_drawn(value: float) -> None:
    svg = draw_chart(Chart("t", "x", "y", (Series("a", ((value, value),)),)))

    assert len(read_points(svg)) == 1


@pytest.mark.parametrize("value", [1.0, 10.0, 3e-7, 123456.0])
def test_a_single_point_can_be_drawn_on_log_axes(value: float) -> None:
    svg = draw_chart(Chart("t", "x", "y", (Series("a", ((value, value),)),), "log", "log"))

    (((x, y),),) = read_points(svg)
    assert LEFT <= x <= RIGHT
    assert TOP <= y <= BOTTOM


@pytest.mark.parametrize(
    "point", [(0.0, 1.0), (1.0, -1.0), (float("nan"), 1.0), (1.0, float("inf"))]
)
def test_what_a_log_axis_cannot_show_is_refused(point: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="cannot show"):
        Chart("t", "x", "y", (Series("a", (point,)),), "log", "log")


def test_nothing_to_draw_is_an_error() -> None:
    with pytest.raises(ValueError, match="has no points"):
        Chart("t", "x", "y", (Series("a", ()),))
    with pytest.raises(ValueError, match="no charts"):
        draw_charts([])
