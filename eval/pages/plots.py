"""Draw line charts as SVG: files that need nothing else to be looked at, in a browser or a page.

Colors are those of Okabe and Ito, which people who do not see all colors can tell apart, and every
line has a marker of its own shape besides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, isfinite, log10
from typing import Literal

Scale = Literal["linear", "log"]

WIDTH, HEIGHT = 880, 460
SMALL_WIDTH = 560  # its text can be read on a phone
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#7A5C00")
INK, GRID, PAPER = "#222222", "#E2E2E2", "#FFFFFF"
_FONT = "system-ui, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', Helvetica, Arial, sans-serif"
_TICKS = 6  # about so many on a linear axis
_NO_XML = {*range(0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF} - {0x9, 0xA, 0xD}
_INERT = dict.fromkeys(_NO_XML, "\ufffd")
_DECADES_WITH_PARTS = 3.2  # a log axis of up to so many decades has ticks at 2 and 5, too


@dataclass(frozen=True, slots=True)
class Series:
    """A line: its name in the legend, and its points (x, y), joined in their order.

    A dashed line is one to compare with, such as the diagonal of a calibration plot.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over two axes; the labels say the units.

    On a log axis every number must be above 0. `x_range` and `y_range` are (lowest, highest);
    None takes in all points, and on a linear axis 0.

    Raises:
        ValueError: If there is no point, or one that cannot be drawn.
    """

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    x_scale: Scale = "linear"
    y_scale: Scale = "linear"
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        points = [point for series in self.series for point in series.points]
        if not points:
            raise ValueError(f"the chart {self.title!r} has no points")
        for point in points:
            for number, scale in zip(point, (self.x_scale, self.y_scale), strict=True):
                if not isfinite(number) or (scale == "log" and number <= 0):
                    raise ValueError(f"the chart {self.title!r} cannot show {point} ({scale})")


@dataclass(frozen=True, slots=True)
class _Axis:
    """Where numbers stand: from `low` at pixel `start` to `high` at pixel `end`."""

    scale: Scale
    low: float
    high: float
    start: float
    end: float

    def place(self, number: float) -> float:
        low, high, at = self.low, self.high, number
        if self.scale == "log":
            low, high, at = log10(low), log10(high), log10(at)
        return self.start + (at - low) / (high - low) * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class _Frame:
    """The edges of the plot, and where the first line of the legend stands, in pixels."""

    left: float
    right: float
    top: float
    bottom: float
    legend: tuple[float, float]


_WIDE = _Frame(92, WIDTH - 230, 58, HEIGHT - 66, (WIDTH - 210, 68))  # the legend at the right
_SMALL = _Frame(72, SMALL_WIDTH - 22, 52, 300, (72, 374))  # the legend below


def draw_chart(chart: Chart) -> str:
    """Return the chart as the text of an SVG file, ending in a line break."""
    return draw_charts([chart])


def draw_small_chart(chart: Chart) -> str:
    """Return the chart, narrow and with its legend below, as the text of an SVG file."""
    return wrap_svg(_draw(chart, _SMALL), SMALL_WIDTH, 368 + 24 * len(chart.series))


def draw_charts(charts: Sequence[Chart]) -> str:
    """Return charts, one below the other, as the text of one SVG file.

    Raises:
        ValueError: If there are none.
    """
    if not charts:
        raise ValueError("there are no charts to draw")
    lines: list[str] = []
    for number, chart in enumerate(charts):
        lines += [f'<g transform="translate(0 {HEIGHT * number})">', *_draw(chart, _WIDE), "</g>"]
    return wrap_svg(lines, WIDTH, HEIGHT * len(charts))


def wrap_svg(lines: Iterable[str], width: float, height: float) -> str:
    """Return the text of an SVG file with these elements on paper of a size in pixels.

    Characters that XML cannot hold become U+FFFD.
    """
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="{_FONT}" fill="{INK}">',
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
    )
    return "\n".join([*head, *lines, "</svg>", ""]).translate(_INERT)


def choose_ticks(scale: Scale, low: float, high: float) -> list[float]:
    """Return round numbers from `low` to `high`, ascending: where an axis has its ticks."""
    if scale == "log":
        first, last = floor(log10(low)), ceil(log10(high))
        parts = (1, 2, 5) if log10(high / low) <= _DECADES_WITH_PARTS else (1,)
        ticks = [part * 10.0**power for power in range(first, last + 1) for part in parts]
    else:
        step = _choose_step((high - low) / _TICKS)
        ticks = [n * step for n in range(floor(low / step), ceil(high / step) + 1)]
    slack = 1e-9 * abs(high)
    return [float(f"{tick:.10g}") for tick in ticks if low - slack <= tick <= high + slack]


def format_number(number: float) -> str:
    """A number as a tick shows it: 1k, 2.5M, 0.05, 1,500."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= size and float(f"{number / size:.3g}") * size == number:
            return f"{number / size:.3g}{letter}"
    return f"{number:,.10g}"


def _draw(chart: Chart, frame: _Frame) -> Iterator[str]:
    x, y = _make_axes(chart, frame)
    yield (
        f'<text x="{frame.left}" y="32" font-size="18" font-weight="600">'
        f"{escape(chart.title)}</text>"
    )
    yield from _draw_x(x, chart.x_label, frame)
    yield from _draw_y(y, chart.y_label, frame)
    for number, series in enumerate(chart.series):
        yield from _draw_series(series, number, x, y)
        yield from _draw_legend(series, number, frame)


def _make_axes(chart: Chart, frame: _Frame) -> tuple[_Axis, _Axis]:
    points = [point for series in chart.series for point in series.points]
    x = chart.x_range or _find_range([point[0] for point in points], chart.x_scale)
    y = chart.y_range or _find_range([point[1] for point in points], chart.y_scale)
    return (
        _Axis(chart.x_scale, *x, frame.left, frame.right),
        _Axis(chart.y_scale, *y, frame.bottom, frame.top),
    )


def _find_range(numbers: Sequence[float], scale: Scale) -> tuple[float, float]:
    """Where an axis begins and ends: around all numbers, with some room, and at round numbers."""
    low, high = min(numbers), max(numbers)
    if scale == "log":
        low, high = _round_log(low / 1.1, floor), _round_log(high * 1.1, ceil)
        return (low, high) if low < high else (low / 10, high * 10)
    low, high = min(low, 0.0), max(high, 0.0)
    step = _choose_step(((high - low) or 1.0) / _TICKS)
    return floor(low / step) * step, max(ceil(high / step), floor(low / step) + 1) * step


def _round_log(number: float, toward: Callable[[float], int]) -> float:
    """The next of 1, 2, 5, 10, … below or above."""
    power = 10.0 ** floor(log10(number))
    steps = [part * power for part in (1, 2, 5, 10)]
    if toward is floor:
        return max(step for step in steps if step <= number)
    return min(step for step in steps if step >= number)


def _choose_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, … that is at least so large."""
    power = 10.0 ** floor(log10(least))
    return next(part * power for part in (1, 2, 5, 10) if part * power >= least * (1 - 1e-9))


def _draw_x(axis: _Axis, label: str, frame: _Frame) -> Iterator[str]:
    bottom = frame.bottom
    for tick in choose_ticks(axis.scale, axis.low, axis.high):
        at = f"{axis.place(tick):.1f}"
        yield f'<line x1="{at}" y1="{frame.top}" x2="{at}" y2="{bottom}" stroke="{GRID}"/>'
        yield (
            f'<text x="{at}" y="{bottom + 22}" font-size="14" text-anchor="middle">'
            f"{format_number(tick)}</text>"
        )
    yield (
        f'<line x1="{frame.left}" y1="{bottom}" x2="{frame.right}" y2="{bottom}" stroke="{INK}"/>'
    )
    middle = (frame.left + frame.right) / 2
    yield (
        f'<text x="{middle}" y="{bottom + 50}" font-size="15" text-anchor="middle">'
        f"{escape(label)}</text>"
    )


def _draw_y(axis: _Axis, label: str, frame: _Frame) -> Iterator[str]:
    for tick in choose_ticks(axis.scale, axis.low, axis.high):
        at = f"{axis.place(tick):.1f}"
        yield f'<line x1="{frame.left}" y1="{at}" x2="{frame.right}" y2="{at}" stroke="{GRID}"/>'
        yield (
            f'<text x="{frame.left - 10}" y="{at}" dy="5" font-size="14" text-anchor="end">'
            f"{format_number(tick)}</text>"
        )
    middle = (frame.top + frame.bottom) / 2
    yield (
        f'<text transform="translate(24 {middle}) rotate(-90)" font-size="15" '
        f'text-anchor="middle">{escape(label)}</text>'
    )


def _draw_series(series: Series, number: int, x: _Axis, y: _Axis) -> Iterator[str]:
    color = COLORS[number % len(COLORS)]
    places = [(x.place(a), y.place(b)) for a, b in series.points]
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
    yield (
        f'<polyline points="{line}" stroke="{color}" stroke-width="2.2" fill="none"'
        f"{_dash(series)}><title>{escape(series.name)}</title></polyline>"
    )
    if _has_marks(series):
        yield from (draw_mark(number, a, b) for a, b in places)


def _draw_legend(series: Series, number: int, frame: _Frame) -> Iterator[str]:
    left, top = frame.legend[0], frame.legend[1] + 24 * number
    yield (
        f'<line x1="{left}" y1="{top}" x2="{left + 28}" y2="{top}" '
        f'stroke="{COLORS[number % len(COLORS)]}" stroke-width="2.2"{_dash(series)}/>'
    )
    if _has_marks(series):
        yield draw_mark(number, left + 14, top)
    yield f'<text x="{left + 36}" y="{top + 5}" font-size="14">{escape(series.name)}</text>'


def _dash(series: Series) -> str:
    return ' stroke-dasharray="7 6"' if series.dashed else ""


def _has_marks(series: Series) -> bool:
    return not series.dashed and len(series.points) <= 30


def draw_mark(number: int, x: float, y: float) -> str:
    """Return the mark of a series, by its number from 0, with its middle at a pixel."""
    color = COLORS[number % len(COLORS)]
    shape = (number + number // len(COLORS)) % 4  # no color comes twice with one shape
    paint = f'fill="{color}" stroke="{PAPER}" stroke-width="1"'
    if shape == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.8" {paint}/>'
    corners = (
        ((-4.5, -4.5), (4.5, -4.5), (4.5, 4.5), (-4.5, 4.5)),
        ((0, -6), (5.6, 4.5), (-5.6, 4.5)),
        ((0, -6), (6, 0), (0, 6), (-6, 0)),
    )[shape - 1]
    points = " ".join(f"{x + a:.1f},{y + b:.1f}" for a, b in corners)
    return f'<polygon points="{points}" {paint}/>'
