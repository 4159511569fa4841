"""What happened, window by window, while an index was asked and changed; and what was wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.bench.timing import (
    Timing,
    count_open_files,
    fit_line,
    read_memory_bytes,
    summarize_seconds,
)
from eval.pages.plots import Chart, Series, draw_charts

KEPT_ERRORS = 100  # told in full
# What may grow, and how much a minute, over the second half: that growth beyond doubt is a leak.
LIMITS = {"memory_bytes": 1e6, "open_files": 0.1, "threads": 0.1}
LEAST_WINDOWS = 8  # in the second half, to tell growth from noise
DOUBT = 2.0  # standard errors that the growth must exceed its limit by


@dataclass(frozen=True, slots=True)
class Window:
    """What happened in some seconds, and how things stood at their end.

    Attributes:
        seconds: From the start of the soak to the end of the window.
        answers, found, errors: Questions answered; of those with statements; that failed.
        timing: Of the answers; None if there were none.
        memory_bytes, open_files, threads: Of the process that asks.
        generation: Of the index, as the last question saw it.
        runs: Of the indexer that ended.
        run_seconds: Of the last one.
    """

    seconds: float
    answers: int
    found: int
    errors: int
    timing: Timing | None
    memory_bytes: int
    open_files: int
    threads: int
    generation: int
    runs: int
    run_seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON types."""
        return asdict(self)


def format_window(window: Window) -> str:
    """The window on one line."""
    times = "no answers"
    if window.timing is not None:
        times = f"p50 {window.timing.p50 * 1e3:.0f} ms, p95 {window.timing.p95 * 1e3:.0f} ms"
    return (
        f"{window.seconds:7.0f} s  {window.answers} answers ({window.found} found), {times}, "
        f"{window.errors} errors, {window.memory_bytes / 1e6:.0f} MB, {window.open_files} files, "
        f"{window.threads} threads, generation {window.generation}, {window.runs} runs "
        f"({window.run_seconds:.1f} s)"
    )


def find_problems(windows: Sequence[Window], errors: Sequence[str]) -> list[str]:
    """Return a sentence for each thing that is wrong, none if all is well."""
    problems = [f"{len(errors)} errors, such as: {errors[0][:200]}"] if errors else []
    if not windows:
        return [*problems, "it ended before the first window"]
    idle = [round(w.seconds) for w in windows if not w.answers]
    if idle:
        problems.append(f"no answer came in the windows that end at {idle} s")
    if not any(window.runs for window in windows):
        problems.append("no run of the indexer ended")
    late = windows[len(windows) // 2 :]
    if len(late) < LEAST_WINDOWS:
        return problems
    minutes = [window.seconds / 60 for window in late]
    for name, limit in LIMITS.items():
        line = fit_line(minutes, [float(getattr(window, name)) for window in late])
        if line.slope - DOUBT * line.error > limit:
            words = name.replace("_", " ")
            problems.append(f"{words} grow by {line.slope:,.1f} a minute, {limit:,.1f} are allowed")
    return problems


def draw_windows(windows: Sequence[Window]) -> str:
    """Seconds an answer, memory, and open files and threads over time, as one SVG."""

    def plot(name: str, get: Callable[[Window], float]) -> Series:
        points = ((window.seconds / 60, get(window)) for window in windows)
        return Series(name, tuple(points))

    timed = [(window.seconds / 60, window.timing) for window in windows if window.timing]
    answers = (
        Series("p50", tuple((minute, timing.p50 * 1000) for minute, timing in timed)),
        Series("p95", tuple((minute, timing.p95 * 1000) for minute, timing in timed)),
    )
    memory = plot("resident memory", lambda window: window.memory_bytes / 1e6)
    counts = (
        plot("open files", lambda window: window.open_files),
        plot("threads", lambda window: window.threads),
        plot("errors", lambda window: window.errors),
    )
    charts = [
        Chart("Memory of the process that asks", "minutes", "MB", (memory,)),
        Chart("What it holds", "minutes", "count", counts),
    ]
    if timed:
        charts.insert(0, Chart("Answers while the index changes", "minutes", "ms", answers))
    return draw_charts(charts)


class Tally:
    """Counts what happens until the next window; threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: list[float] = []
        self._found = self._failed = self._runs = self._generation = 0
        self._run_seconds = 0.0
        self._errors: list[str] = []
        self._more = 0

    def count(self, seconds: float, *, found: bool, generation: int) -> None:
        """Count an answer, of so many seconds, from that generation of the index."""
        with self._lock:
            self._seconds.append(seconds)
            self._found += found
            self._generation = generation

    def count_run(self, seconds: float) -> None:
        """Count a run of the indexer."""
        with self._lock:
            self._runs += 1
            self._run_seconds = seconds

    def fail(self, words: str) -> None:
        """Count an error, and keep its words if there are not too many."""
        with self._lock:
            self._failed += 1
            if len(self._errors) < KEPT_ERRORS:
                self._errors.append(words)
            else:
                self._more += 1

    def list_errors(self) -> tuple[str, ...]:
        """The words of all errors that were kept, and how many more there were."""
        with self._lock:
            more = (f"and {self._more} more",) if self._more else ()
            return (*self._errors, *more)

    def close_window(self, seconds: float) -> Window:
        """Return what happened since the last window; `seconds` since the start."""
        with self._lock:
            window = Window(
                seconds=seconds,
                answers=len(self._seconds),
                found=self._found,
                errors=self._failed,
                timing=summarize_seconds(self._seconds) if self._seconds else None,
                memory_bytes=read_memory_bytes(),
                open_files=count_open_files(),
                threads=threading.active_count(),
                generation=self._generation,
                runs=self._runs,
                run_seconds=self._run_seconds,
            )
            self._seconds, self._found, self._failed, self._runs = [], 0, 0, 0
            return window
