"""Draw means with their intervals as SVG: one line a mean, grouped, over an axis from 0 to 1.

The style is that of `eval.pages.plots`: a color and a shape for each series.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from eval.measures.metrics import Mean
from eval.pages.plots import COLORS, GRID, INK, SMALL_WIDTH, draw_mark, wrap_svg

_LEFT, _RIGHT, _TOP, _BOTTOM = 118, 86, 50, 56  # around the lines; the legend stands above them
_LINE, _GROUP = 22, 16  # height of a line, and of the gap between groups
_LEAST_LINES = 2  # of a group: its name and its number of questions stand below each other


@dataclass(frozen=True, slots=True)
class IntervalGroup:
    """What stands together: its name, a note below it, and a mean for each series it has."""

    name: str
    note: str
    means: tuple[tuple[str, Mean], ...]


@dataclass(frozen=True, slots=True)
class IntervalChart:
    """Groups, from above; every mean lies in [0, 1] and is shown in percent.

    Raises:
        ValueError: If there is nothing to draw.
    """

    title: str
    label: str
    groups: tuple[IntervalGroup, ...]

    def __post_init__(self) -> None:
        if not any(group.means for group in self.groups):
            raise ValueError(f"the chart {self.title!r} has no means")

    @property
    def series(self) -> list[str]:
        """The names of the series, in the order they first come in."""
        return list(dict.fromkeys(name for group in self.groups for name, _ in group.means))


def draw_intervals(chart: IntervalChart) -> str:
    """Return the chart as the text of an SVG file, ending in a line break."""
    series = chart.series
    top = _TOP + (24 * ((len(series) + 1) // 2) if len(series) > 1 else 0)
    heights = [_LINE * max(_LEAST_LINES, len(group.means)) + _GROUP for group in chart.groups]
    bottom = top + sum(heights)
    lines = [f'<text x="20" y="32" font-size="18" font-weight="600">{escape(chart.title)}</text>']
    if len(series) > 1:
        lines += _draw_legend(series)
    lines += _draw_axis(top, bottom, chart.label)
    at = float(top)
    for group, height in zip(chart.groups, heights, strict=True):
        lines += _draw_group(group, series, at)
        at += height
    return wrap_svg(lines, SMALL_WIDTH, bottom + _BOTTOM)


def _place(share: float) -> float:
    return _LEFT + share * (SMALL_WIDTH - _LEFT - _RIGHT)


def _draw_legend(series: list[str]) -> Iterator[str]:
    for number, name in enumerate(series):
        x, y = 28 + 270 * (number % 2), _TOP + 6 + 24 * (number // 2)
        yield draw_mark(number, x, y)
        yield f'<text x="{x + 14}" y="{y + 5}" font-size="14">{escape(name)}</text>'


def _draw_axis(top: float, bottom: float, label: str) -> Iterator[str]:
    for percent in range(0, 101, 20):
        at = f"{_place(percent / 100):.1f}"
        yield f'<line x1="{at}" y1="{top}" x2="{at}" y2="{bottom}" stroke="{GRID}"/>'
        yield (
            f'<text x="{at}" y="{bottom + 20}" font-size="14" text-anchor="middle">{percent}</text>'
        )
    yield f'<line x1="{_place(0)}" y1="{bottom}" x2="{_place(1)}" y2="{bottom}" stroke="{INK}"/>'
    yield (
        f'<text x="{_place(0.5)}" y="{bottom + 44}" font-size="15" text-anchor="middle">'
        f"{escape(label)}</text>"
    )


def _draw_group(group: IntervalGroup, series: list[str], top: float) -> Iterator[str]:
    first = top + _GROUP / 2 + _LINE / 2
    yield f'<text x="20" y="{first + 5}" font-size="14">{escape(group.name)}</text>'
    yield (
        f'<text x="20" y="{first + 23}" font-size="12.5" fill-opacity="0.7">'
        f"{escape(group.note)}</text>"
    )
    lines = max(_LEAST_LINES, len(group.means))
    shift = (lines - len(group.means)) * _LINE / 2
    for line, (name, mean) in enumerate(group.means):
        yield from _draw_mean(series.index(name), name, mean, first + shift + line * _LINE)


def _draw_mean(number: int, name: str, mean: Mean, at: float) -> Iterator[str]:
    color = COLORS[number % len(COLORS)]
    low, high = f"{_place(mean.low):.1f}", f"{_place(mean.high):.1f}"
    yield (
        f'<line x1="{low}" y1="{at}" x2="{high}" y2="{at}" stroke="{color}" stroke-width="6" '
        f'stroke-opacity="0.32"><title>{escape(name)}: {100 * mean.value:.1f} '
        f"({100 * mean.low:.1f} to {100 * mean.high:.1f}), n = {mean.n}</title></line>"
    )
    yield draw_mark(number, _place(mean.value), at)
    yield (
        f'<text x="{SMALL_WIDTH - 20}" y="{at + 5}" font-size="14" text-anchor="end">'
        f"{100 * mean.value:.1f}</text>"
    )
