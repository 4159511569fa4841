"""Measures as they are counted: shares in percent, tokens and what they cost as numbers."""

from __future__ import annotations

from eval.measures.grade import MEASURES
from eval.measures.metrics import Mean
from eval.pages.digest import Headline, count, format_interval, format_share
from eval.report import ALL, Report

_LABELS = {
    "prompt tokens": "Tokens that the model read, a question",
    "completion tokens": "Tokens that it wrote, a question",
}


def list_usage(report: Report) -> list[Headline]:
    """What the language model took, a question; empty if none was asked.

    They have no `Headline.mean` to draw: there is no best value to stand by.
    """
    means = report.parts[ALL]
    found = [
        Headline(
            label,
            format_mean(name, means[name]),
            f"{format_range(name, means[name])} over {count(means[name].n, 'question')}",
        )
        for name, label in _LABELS.items()
        if name in means
    ]
    if report.cost:
        n, total = report.cost.mean.n, report.cost.total
        note = f"{format_number(total)} for {count(n, 'question')}, in the currency of the prices"
        found.append(Headline("Cost of a question", format_number(report.cost.mean.value), note))
    return found


def format_mean(measure: str, mean: Mean) -> str:
    """The value of a mean: of a share in percent, else a plain number."""
    return format_share(mean.value) if MEASURES[measure].is_share else format_number(mean.value)


def format_range(measure: str, mean: Mean) -> str:
    """Where the interval of a mean begins and ends: of a share in percent, without the sign."""
    if MEASURES[measure].is_share:
        return format_interval(mean)
    return f"{format_number(mean.low)}–{format_number(mean.high)}"


def format_number(value: float) -> str:
    """A number of at least 0: `1,234.5` from 100 on, below that four digits, as in `0.01234`."""
    return f"{value:,.1f}" if value >= 100 else f"{value:.4g}"
