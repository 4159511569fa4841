"""The charts of a report: what each is called, its SVG, and what to read from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from eval.measures.grade import LEGS
from eval.pages.digest import RECALL, count, count_parts, format_seconds, list_parts, name_pair
from eval.pages.intervals import IntervalChart, IntervalGroup, draw_intervals
from eval.pages.plots import Chart, Series, draw_small_chart
from eval.report import Judgement, Report

MAX_POINTS = 200  # of a line; more cannot be seen


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart as SVG, and a sentence that tells how to read it."""

    title: str
    svg: str
    caption: str


def draw_figures(report: Report) -> list[Figure]:
    """The charts that the report has numbers for; the latency it always has."""
    return [*_draw_pairs(report), *_draw_legs(report), *_draw_judgement(report), _draw_time(report)]


def _draw_pairs(report: Report) -> Iterator[Figure]:
    names = {"value": "right value", "document": "telling document cited"}
    if groups := _group_pairs(report, names):
        title = "Right answers by pair of languages"
        yield Figure(
            title,
            draw_intervals(IntervalChart(title, "% of the questions", groups)),
            "Language of the question → language of the documents that tell. Bands are 95% "
            "bootstrap intervals: how far the number would move with other questions of the kind.",
        )


def _draw_legs(report: Report) -> Iterator[Figure]:
    names = {RECALL: "all legs together"}
    names |= {f"{leg} {RECALL}": f"{leg} leg" for leg in LEGS}
    if groups := _group_pairs(report, names):
        title = "Evidence among the first five"
        yield Figure(
            title,
            draw_intervals(IntervalChart(title, f"{RECALL}, %", groups)),
            "Each leg by its own ranks, of the passages that were kept: what a leg alone would "
            "have found besides them does not count.",
        )


def _draw_judgement(report: Report) -> Iterator[Figure]:
    judgement = report.judgement
    if judgement is None:
        return
    risk = judgement.risk_coverage
    n = sum(bin_.n for bin_ in judgement.calibration.bins)
    title = "What is wrong, the more is answered"
    curve = Series("the most probable first", _thin(((risk[0][0], risk[0][1]), *risk)))
    flat = Series("in any order", ((0.0, risk[-1][1]), (1.0, risk[-1][1])), dashed=True)
    yield Figure(
        title,
        draw_small_chart(
            Chart(title, "share of the answers given", "share wrong", (curve, flat), x_range=(0, 1))
        ),
        f"Of {count(n, 'answer')} that can be judged. Area below the line {judgement.aurc:.3f}; "
        f"low is good.{_say_roc(judgement)}",
    )
    title = "Can the probability be believed?"
    yield Figure(
        title,
        draw_small_chart(
            Chart(
                title,
                "probability that the answer gives",
                "share right",
                (
                    Series("answers of about this probability", _list_bins(judgement)),
                    Series("as promised", ((0.0, 0.0), (1.0, 1.0)), dashed=True),
                ),
                x_range=(0, 1),
                y_range=(0, 1),
            )
        ),
        "Above the dashed line answers are right more often than they promise. Expected "
        f"calibration error {judgement.calibration.error:.3f}, in bins of these sizes: "
        f"{', '.join(str(bin_.n) for bin_ in judgement.calibration.bins)}.",
    )


def _draw_time(report: Report) -> Figure:
    timing = report.timing
    seconds = sorted(record.seconds for record in report.records)
    points = tuple((value, (n + 1) / len(seconds)) for n, value in enumerate(seconds))
    title = "Time to an answer"
    lines = (
        Series("share of the questions done", _thin(points)),
        Series(f"half within {format_seconds(timing.p50)}", _draw_upright(timing.p50), dashed=True),
        Series(f"95% within {format_seconds(timing.p95)}", _draw_upright(timing.p95), dashed=True),
    )
    chart = Chart(
        title, "seconds", "share done", lines,
        x_scale="log" if seconds[0] > 0 else "linear", y_range=(0, 1),
    )  # fmt: skip
    return Figure(
        title,
        draw_small_chart(chart),
        f"Mean {format_seconds(timing.mean)}, 99% within {format_seconds(timing.p99)}, slowest "
        f"{format_seconds(timing.slowest)}; one question at a time unless the run says otherwise.",
    )


def _group_pairs(report: Report, names: dict[str, str]) -> tuple[IntervalGroup, ...]:
    """A group for each pair that has any of the measures, which are shown under other names."""
    counts = count_parts(report)
    groups = []
    for pair in list_parts(report, ""):
        measures = report.parts[pair]
        means = tuple((shown, measures[name]) for name, shown in names.items() if name in measures)
        if means:
            groups.append(IntervalGroup(name_pair(pair), f"n = {counts[pair]:,}", means))
    return tuple(groups)


def _list_bins(judgement: Judgement) -> tuple[tuple[float, float], ...]:
    return tuple((bin_.probability, bin_.accuracy) for bin_ in judgement.calibration.bins)


def _say_roc(judgement: Judgement) -> str:
    if judgement.roc is None:
        return ""
    return f" ROC of the answerable against the others {judgement.roc:.3f}; 1 is best."


def _draw_upright(x: float) -> tuple[tuple[float, float], ...]:
    return ((x, 0.0), (x, 1.0))


def _thin(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """At most about `MAX_POINTS` of the points, in order, the last one always."""
    step = ceil(len(points) / MAX_POINTS)
    return (*points[:-1:step], points[-1])
