"""Time questions on an index: once loaded, and as a whole command from a cold start."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from eval.bench import Timing, read_peak_memory_bytes, time_calls
from rag.config import Settings
from rag.pipeline import Answerer

COLD_STARTS = 3


@dataclass(frozen=True, slots=True)
class BenchReport:
    """Seconds a question when loaded, seconds of a whole `crossquote ask`, and peak memory."""

    loaded: Timing
    cold: Timing
    peak_memory_bytes: int

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON types."""
        return {
            "loaded": self.loaded.to_dict(),
            "cold": self.cold.to_dict(),
            "peak_memory_bytes": self.peak_memory_bytes,
        }


def bench_questions(
    settings: Settings,
    questions: Sequence[str],
    *,
    repeat: int,
    progress: Callable[[int, int], None] | None = None,
) -> BenchReport:
    """Ask each question `repeat` times of a loaded index, then start the command anew a few times.

    Raises:
        RagError: As `Answerer` does.
    """
    answerer = Answerer(settings)
    answerer.warm_up()
    total = len(questions) * repeat + COLD_STARTS
    done = 0

    def count(call: Callable[[str], object], argument: str) -> None:
        nonlocal done
        call(argument)
        done += 1
        if progress:
            progress(done, total)

    loaded = time_calls(lambda q: count(answerer, q), questions, repeat=repeat)
    starts = [questions[n % len(questions)] for n in range(COLD_STARTS)]
    cold = time_calls(lambda q: count(lambda text: _ask_cold(settings, text), q), starts)
    return BenchReport(loaded, cold, read_peak_memory_bytes())


def format_bench(report: BenchReport) -> str:
    """The report as three lines of text."""
    lines = [
        f"{name:<28} n={t.n:<4} p50 {t.p50 * 1000:8.1f} ms   p95 {t.p95 * 1000:8.1f} ms"
        for name, t in (("question, loaded", report.loaded), ("crossquote ask, cold", report.cold))
    ]
    return "\n".join(
        [*lines, f"peak memory                  {report.peak_memory_bytes / 2**20:.0f} MB"]
    )


def _ask_cold(settings: Settings, question: str) -> None:
    command = [sys.executable, "-m", "rag", "ask", question, "--index", str(settings.index)]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own command
    if done.returncode not in (0, 3):
        raise RuntimeError(done.stderr.decode("utf-8", "replace"))
