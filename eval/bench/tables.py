"""Show what was measured at growing sizes: a table of text, and charts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from eval.bench.baselines import LIMITS
from eval.bench.growth import GrowthReport, SizeReport
from eval.bench.steps import STEPS
from eval.bench.timing import Timing, fit_exponent
from eval.pages.plots import Chart, Series, draw_chart, draw_charts

_MEGABYTE, _MILLISECONDS = 1e-6, 1e3
_WHAT_STEPS = (
    "dense, lexical and gloss are the legs of the search; fetch reads passages and documents; rank "
    "fuses the legs and ranks sentences."
)


@dataclass(frozen=True, slots=True)
class _Row:
    label: str
    values: tuple[float, ...]
    places: int = 0  # behind the point


def format_growth(report: GrowthReport) -> str:
    """A table: a line a measure, a column a size, and the power of the passages it grows with."""
    passages = [float(size.ingest.passages) for size in report.sizes]
    heads = [f"{count:,.0f}" for count in passages]
    lines = [
        f"{report.data}, encoder {report.encoder}",
        f"{'passages':<40}{''.join(f'{head:>12}' for head in heads)}{'grows with':>14}",
    ]
    for row in _list_rows(report):
        if isinstance(row, str):
            lines += ["", row]
            continue
        cells = "".join(f"{value:>12,.{row.places}f}" for value in row.values)
        lines.append(f"{row.label:<40}{cells}{_format_growth(passages, row.values):>14}")
    notes = [_WHAT_STEPS, *([LIMITS] if report.sizes[0].baselines else []), *report.missing]
    return "\n".join([*lines, "", *notes])


def draw_growth(report: GrowthReport) -> dict[str, str]:
    """Name -> SVG: `latency` and `steps` of an answer, and `ingest` (time, memory, disk)."""
    sizes = report.sizes

    def plot(name: str, get: Callable[[SizeReport], float], scale: float = 1.0) -> Series:
        points = ((float(s.ingest.passages), get(s) * scale) for s in sizes)
        return Series(name, tuple(point for point in points if point[1] > 0))

    def plot_times(name: str, timings: Sequence[Timing]) -> Series:
        pairs = zip(sizes, timings, strict=True)
        points = ((float(s.ingest.passages), t.p50 * _MILLISECONDS) for s, t in pairs)
        return Series(name, tuple(point for point in points if point[1] > 0))

    threads = f"p50, {sizes[0].asking.threads} threads"
    latency = [
        plot("p50", lambda s: s.asking.alone.p50, _MILLISECONDS),
        plot("p95", lambda s: s.asking.alone.p95, _MILLISECONDS),
        plot(threads, lambda s: s.asking.together.p50, _MILLISECONDS),
    ]
    for n, baseline in enumerate(sizes[0].baselines):
        timings = [size.baselines[n].timing for size in sizes]
        latency.append(plot_times(f"{baseline.name}, p50, no answer", timings))
    steps = [plot_times(step, [s.asking.steps[step] for s in sizes]) for step in STEPS]
    seconds = [
        plot("build", lambda s: s.ingest.seconds),
        plot("build, not encoder", lambda s: s.ingest.seconds - s.ingest.encoder_seconds),
        plot("run, no change", lambda s: s.ingest.unchanged_seconds),
        plot("run, one change", lambda s: s.ingest.changed_seconds),
        plot("open", lambda s: s.asking.open_seconds),
    ]
    held = [
        plot("build, peak memory", lambda s: s.ingest.peak_memory_bytes, _MEGABYTE),
        plot("asking, memory", lambda s: s.asking.memory_end_bytes, _MEGABYTE),
        plot("index.db", lambda s: s.ingest.database_bytes, _MEGABYTE),
        plot("caches on disk", lambda s: s.ingest.cache_bytes, _MEGABYTE),
    ]
    return {
        "latency": draw_chart(_make_chart("Time of an answer", "ms", latency)),
        "steps": draw_chart(_make_chart("Where an answer's time goes", "ms, p50", steps)),
        "ingest": draw_charts(
            [
                _make_chart("Time to build and to open", "seconds", seconds),
                _make_chart("Memory and disk", "MB", held),
            ]
        ),
    }


def _make_chart(title: str, unit: str, series: Sequence[Series]) -> Chart:
    shown = tuple(one for one in series if one.points)
    return Chart(title, "passages", unit, shown, x_scale="log", y_scale="log")


def _list_rows(report: GrowthReport) -> Iterator[_Row | str]:
    sizes = report.sizes

    def row(label: str, get: Callable[[SizeReport], float], places: int = 0) -> _Row:
        return _Row(label, tuple(get(size) for size in sizes), places)

    yield "build"
    yield row("documents a second", lambda s: s.ingest.documents / s.ingest.seconds, 1)
    yield row("passages a second", lambda s: s.ingest.passages / s.ingest.seconds, 1)
    yield row("MB a second", lambda s: s.ingest.input_bytes / 1e6 / s.ingest.seconds, 3)
    yield row("seconds", lambda s: s.ingest.seconds, 1)
    yield row("not the encoder, %", lambda s: s.ingest.other_share * 100, 1)
    yield row("run without changes, s", lambda s: s.ingest.unchanged_seconds, 2)
    yield row("run with one document changed, s", lambda s: s.ingest.changed_seconds, 2)
    yield row("run with one document gone, s", lambda s: s.ingest.removed_seconds, 2)
    yield row("memory before, MB", lambda s: s.ingest.memory_before_bytes / 1e6)
    yield row("peak memory, MB", lambda s: s.ingest.peak_memory_bytes / 1e6)
    yield row("index.db, bytes a passage", lambda s: s.ingest.bytes_per_passage)
    yield row("caches, bytes a passage", lambda s: s.ingest.cache_bytes / max(s.ingest.passages, 1))
    yield "open, in a fresh process"
    yield row("start Python and import, s", lambda s: s.asking.start_seconds, 2)
    yield row("open the index, s", lambda s: s.asking.open_seconds, 2)
    yield row("first answer, s", lambda s: s.asking.first_seconds, 2)
    yield row("memory when open, MB", lambda s: s.asking.memory_open_bytes / 1e6)
    yield row("memory after the questions, MB", lambda s: s.asking.memory_end_bytes / 1e6)
    yield from _list_answers(sizes)
    yield from _list_baselines(sizes)


def _list_answers(sizes: Sequence[SizeReport]) -> Iterator[_Row | str]:
    asking = [size.asking for size in sizes]
    threads = asking[0].threads
    yield f"answers, ms (n={asking[0].alone.n} each)"
    yield from _list_quantiles("alone", [one.alone for one in asking], "p50", "p95", "p99")
    yield from _list_quantiles(f"{threads} threads", [one.together for one in asking], "p50", "p95")
    yield _Row(f"{threads} threads, answers a second", tuple(a.per_second for a in asking), 1)
    yield _Row("found, %", tuple(100 * a.found / a.alone.n for a in asking), 1)
    yield "steps of an answer alone, ms"
    for step in STEPS:
        yield from _list_quantiles(step, [one.steps[step] for one in asking], "p50", "p95", "p99")


def _list_quantiles(label: str, timings: Sequence[Timing], *names: str) -> Iterator[_Row]:
    for name in names:
        milliseconds = (float(getattr(timing, name)) * _MILLISECONDS for timing in timings)
        yield _Row(f"{label}, {name}", tuple(milliseconds), 1)


def _list_baselines(sizes: Sequence[SizeReport]) -> Iterator[_Row | str]:
    for n, baseline in enumerate(sizes[0].baselines):
        plain = [size.baselines[n] for size in sizes]
        yield f"plain search: {baseline.name}"
        yield _Row("build, s", tuple(one.build_seconds for one in plain), 2)
        yield _Row("memory, MB", tuple(one.memory_bytes / 1e6 for one in plain), 1)
        yield from _list_quantiles(
            "a question, ms", [one.timing for one in plain], "p50", "p95", "p99"
        )


def _format_growth(passages: Sequence[float], values: Sequence[float]) -> str:
    if len(passages) < 2 or any(value <= 0 for value in values):
        return ""
    return f"n^{fit_exponent(passages, values):.2f}"
