"""Timings are those of a clock read by hand; percentiles are times that were measured."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.bench.timing import (
    Line,
    Timing,
    count_open_files,
    fit_exponent,
    fit_line,
    measure_apart,
    read_memory_bytes,
    read_peak_memory_bytes,
    summarize_seconds,
    time_calls,
    time_threads,
)

ROOT = Path(__file__).parents[1]


class FakeClock:
    """A clock that stands still until a call makes it go on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def spend(self, seconds: float) -> None:
        self.now += seconds


def test_each_call_is_timed_alone_and_rounds_are_repeated_in_order() -> None:
    clock = FakeClock()
    called: list[float] = []

    def work(seconds: float) -> None:
        called.append(seconds)
        clock.spend(seconds)

    timing = time_calls(work, [1.0, 4.0], repeat=2, clock=clock)

    assert called == [1.0, 4.0, 1.0, 4.0]
    assert timing == Timing(n=4, mean=2.5, p50=1.0, p95=4.0, p99=4.0, slowest=4.0)


@pytest.mark.parametrize(
    ("n", "p50", "p95", "p99"), [(1, 1, 1, 1), (2, 1, 2, 2), (20, 10, 19, 20), (200, 100, 190, 198)]
)
def test_percentiles_go_by_nearest_rank(n: int, p50: float, p95: float, p99: float) -> None:
    timing = summarize_seconds([float(second) for second in range(n, 0, -1)])

    assert timing == Timing(n, (n + 1) / 2, p50, p95, p99, slowest=float(n))


def test_the_real_clock_moves() -> None:
    assert time_calls(sum, [range(20_000)], repeat=3).mean > 0


def test_a_timing_has_its_fields_as_json() -> None:
    assert summarize_seconds([0.5]).to_dict() == {
        "n": 1, "mean": 0.5, "p50": 0.5, "p95": 0.5, "p99": 0.5, "slowest": 0.5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: time_calls(str, []), "no calls"),
        (lambda: time_calls(str, [1], repeat=0), "repeat must be at least 1, got 0"),
    ],
)
def test_nothing_to_time_is_an_error(call: Callable[[], Timing], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


def test_peak_memory_counts_what_was_held_and_given_back() -> None:
    """In a process of its own: the peak of the tests before this one would hide it."""
    program = """
from eval.bench.timing import read_peak_memory_bytes
print(read_peak_memory_bytes())
held = bytearray(b"x" * 50_000_000)
del held
print(read_peak_memory_bytes())
"""

    printed = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True, timeout=60
    ).stdout

    before, after = map(int, printed.split())
    assert 1_000_000 < before < 1_000_000_000
    assert before + 50_000_000 < after < before + 150_000_000


def test_threads_run_at_once_and_each_call_is_timed_alone() -> None:
    """With a barrier: were it one call after the other, none would ever end."""
    together = threading.Barrier(4)
    moments = iter(range(100))
    lock = threading.Lock()

    def clock() -> float:
        with lock:
            return float(next(moments))

    timing, seconds = time_threads(
        lambda _: together.wait(10), list(range(8)), threads=4, clock=clock
    )

    assert timing.n == 8
    assert seconds == 17  # the first and the last of 18 readings
    assert 1 <= timing.p50 <= timing.slowest <= 16


@pytest.mark.parametrize(("arguments", "threads"), [([], 1), ([1], 0)])
def test_no_calls_or_no_threads_are_an_error(arguments: list[int], threads: int) -> None:
    with pytest.raises(ValueError, match=r"no calls|threads must be at least 1, got 0"):
        time_threads(str, arguments, threads=threads)


def test_a_line_is_that_of_least_squares() -> None:
    """Worked by hand: middle (1, 2), spread 2, slope 2 / 2; rests 1/3, -2/3, 1/3."""
    line = fit_line([0, 1, 2], [4 / 3, 4 / 3, 10 / 3])

    assert line.slope == pytest.approx(1)
    assert line.start == pytest.approx(1)
    assert line.error == pytest.approx((6 / 9 / 1 / 2) ** 0.5)


def test_points_on_a_line_leave_no_doubt() -> None:
    assert fit_line([0, 1, 2, 5], [7, 10, 13, 22]) == Line(slope=3, start=7, error=0)


@pytest.mark.parametrize("x", [[], [1.0], [1.0, 2.0], [1.0, 1.0, 1.0]])
def test_too_few_points_make_no_line(x: list[float]) -> None:
    with pytest.raises(ValueError, match="three points at two places"):
        fit_line(x, x)


@pytest.mark.parametrize(
    ("values", "power"), [([7, 7, 7], 0), ([3, 30, 300], 1), ([1, 100, 10_000], 2)]
)
def test_the_exponent_tells_how_values_grow(values: list[float], power: float) -> None:
    assert fit_exponent([1_000, 10_000, 100_000], values) == pytest.approx(power)


def test_one_size_tells_no_growth_and_nothing_grows_from_zero() -> None:
    assert fit_exponent([1_000], [5]) == 0
    with pytest.raises(ValueError, match="above 0"):
        fit_exponent([1, 2], [0, 1])


def test_memory_now_is_at_most_the_peak_and_open_files_are_counted() -> None:
    before = count_open_files()
    with Path(__file__).open(encoding="utf-8"):
        during = count_open_files()

    assert 1_000_000 < read_memory_bytes() <= read_peak_memory_bytes() + 2**20  # some pages
    assert (before, during) in ((before, before + 1), (-1, -1))


def test_a_process_of_its_own_replies_in_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "doubles.py").write_text(
        "from eval.bench.timing import read_request, write_reply\n"
        "request = read_request()\n"
        "write_reply({'twice': 2 * request['n'], 'text': request['text']})\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")

    assert measure_apart("doubles", {"n": 4, "text": "桥"}) == {"twice": 8, "text": "桥"}


def test_a_process_that_fails_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "breaks.py").write_text("raise SystemExit('the disk is full')\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")

    with pytest.raises(RuntimeError, match="breaks failed with status 1; what it said is above"):
        measure_apart("breaks", {})
    assert "the disk is full" in capfd.readouterr().err
