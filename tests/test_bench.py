"""Timings are those of a clock read by hand; percentiles are times that were measured."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.bench import Timing, summarize_seconds, time_calls

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
from eval.bench import read_peak_memory_bytes
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
