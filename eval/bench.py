"""How long calls take and how much memory the process has needed.

Seconds are wall-clock. A percentile is a time that was measured, by nearest rank: the smallest
one that at least that share of the calls kept to.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds a call over `n` calls. With fewer than 100 calls `p99` is the slowest one."""

    n: int
    mean: float
    p50: float
    p95: float
    p99: float
    slowest: float

    def to_dict(self) -> dict[str, float]:
        """All fields under their names."""
        return asdict(self)


def time_calls(
    function: Callable[[T], object],
    arguments: Sequence[T],
    *,
    repeat: int = 1,
    clock: Callable[[], float] = perf_counter,
) -> Timing:
    """Time `function` on every argument, `repeat` rounds over all of them, in order.

    Nothing is thrown away: call `function` once before for times without the first call's cost.

    Args:
        function: Called with one argument; an exception ends the timing and passes through.
        arguments: At least one.
        repeat: Rounds, at least 1.
        clock: Seconds since any fixed moment.

    Raises:
        ValueError: If there is nothing to call.
    """
    if repeat < 1:
        raise ValueError(f"repeat must be at least 1, got {repeat}")
    seconds = []
    for argument in list(arguments) * repeat:
        start = clock()
        function(argument)
        seconds.append(clock() - start)
    return summarize_seconds(seconds)


def summarize_seconds(seconds: Sequence[float]) -> Timing:
    """The timing of calls that took `seconds` each, in any order.

    Raises:
        ValueError: If there are none.
    """
    if not seconds:
        raise ValueError("there are no calls to time")
    ordered = sorted(seconds)

    def percentile(percent: int) -> float:
        return ordered[ceil(len(ordered) * percent / 100) - 1]

    return Timing(
        n=len(ordered),
        mean=sum(ordered) / len(ordered),
        p50=percentile(50),
        p95=percentile(95),
        p99=percentile(99),
        slowest=ordered[-1],
    )


def read_peak_memory_bytes() -> int:
    """The most memory this process has held at once, resident, since it started.

    Counts everything, compiled libraries too, to within some pages, and does not fall again: for
    the peak of one step, run it in a process of its own.
    """
    status = Path("/proc/self/status")
    if status.exists():  # unlike getrusage, not inherited from the process that started this one
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource  # not on Windows, where everything else in here works

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
