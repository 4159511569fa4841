"""Time questions on an index: once loaded, and as a whole command from a cold start.

Run as a module it opens an index in a process of its own, as `eval.bench.timing.measure_apart`
wants it, and measures opening, answers one at a time and at once, the steps of an answer, and
memory.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

from embeddings.encoder import Encoder
from eval.bench.ingest import describe_request
from eval.bench.steps import STEPS, answer_in_steps
from eval.bench.timing import (
    Timing,
    measure_apart,
    read_memory_bytes,
    read_peak_memory_bytes,
    read_request,
    summarize_seconds,
    time_calls,
    time_threads,
    write_reply,
)
from rag.config import Settings
from rag.pipeline import Answerer

COLD_STARTS = 3
THREADS = 8


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


@dataclass(frozen=True, slots=True)
class AskReport:
    """Opening an index in a fresh process, and asking it.

    Attributes:
        start_seconds: From the start of the process until Python has imported what it needs.
        open_seconds: From there until the index can be searched.
        first_seconds: Of warming up: a first question, which loads the encoder's weights.
        alone: Answers, one at a time.
        together: Answers, each of `threads` threads asking the next question at once.
        per_second: Answers a second of those.
        steps: Of an answer alone, by the names of `eval.bench.steps.STEPS`.
        found: How many of the answers alone are no refusals.
        memory_open_bytes: Held when the index was open, before the first question.
        memory_end_bytes: Held after the last question.
        peak_memory_bytes: The most held.
    """

    start_seconds: float
    open_seconds: float
    first_seconds: float
    alone: Timing
    together: Timing
    threads: int
    per_second: float
    steps: dict[str, Timing]
    found: int
    memory_open_bytes: int
    memory_end_bytes: int
    peak_memory_bytes: int

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON types."""
        return asdict(self)

    @staticmethod
    def from_dict(record: dict[str, Any]) -> AskReport:
        """The report that `to_dict` wrote."""
        timings = {key: Timing(**record[key]) for key in ("alone", "together")}
        steps = {name: Timing(**timing) for name, timing in record["steps"].items()}
        return AskReport(**{**record, **timings, "steps": steps})


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


def measure_asking_apart(
    settings: Settings, questions: Sequence[str], *, threads: int = THREADS
) -> AskReport:
    """Measure as `measure_asking` does, in a fresh process.

    Raises:
        RuntimeError: If that process fails.
    """
    request = describe_request(
        settings, questions=list(questions), threads=threads, began=time.time()
    )
    return AskReport.from_dict(measure_apart("eval.bench.latency", request))


def measure_asking(
    settings: Settings,
    questions: Sequence[str],
    *,
    threads: int = THREADS,
    start_seconds: float = 0.0,
    encoder: Encoder | None = None,
) -> AskReport:
    """Open the index and ask: a third of the questions alone, one in steps, one all at once.

    No question is asked twice, since what an answer read is kept for a while.

    Args:
        settings: Name the index.
        questions: At least three.
        threads: That ask at once.
        start_seconds: That the process took to start.
        encoder: Instead of the one that the settings name.

    Raises:
        RagError: As `Answerer` does.
        ValueError: If there are too few questions.
    """
    if len(questions) < 3:
        raise ValueError(f"at least 3 questions are needed, got {len(questions)}")
    began = perf_counter()
    answerer = Answerer(settings, encoder=encoder)
    with answerer.index.read():
        opened = perf_counter()
    memory_open = read_memory_bytes()
    answerer.warm_up()
    warm = perf_counter()
    found = 0

    def ask(question: str) -> None:
        nonlocal found
        found += answerer(question).found

    alone = time_calls(ask, questions[0::3])
    steps = [answer_in_steps(answerer, question)[1] for question in questions[1::3]]
    together, seconds = time_threads(answerer, questions[2::3], threads=threads)
    report = AskReport(
        start_seconds=start_seconds,
        open_seconds=opened - began,
        first_seconds=warm - opened,
        alone=alone,
        together=together,
        threads=threads,
        per_second=together.n / seconds,
        steps={name: summarize_seconds([spent[name] for spent in steps]) for name in STEPS},
        found=found,
        memory_open_bytes=memory_open,
        memory_end_bytes=read_memory_bytes(),
        peak_memory_bytes=read_peak_memory_bytes(),
    )
    answerer.index.close()
    return report


def main() -> None:
    """Measure what standard input asks for."""
    request = read_request()
    report = measure_asking(
        Settings(**request["settings"]),
        request["questions"],
        threads=request["threads"],
        start_seconds=time.time() - request["began"],
    )
    write_reply(report.to_dict())


def _ask_cold(settings: Settings, question: str) -> None:
    command = [sys.executable, "-m", "rag", "ask", question, "--index", str(settings.index)]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own command
    if done.returncode not in (0, 3):
        raise RuntimeError(done.stderr.decode("utf-8", "replace"))


if __name__ == "__main__":
    main()
