"""How long calls take, alone or at once, how much memory a process needs, and how numbers grow.

Seconds are wall-clock. A percentile is a time that was measured, by nearest rank: the smallest
one that at least that share of the calls kept to.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from math import ceil, log, sqrt
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

T = TypeVar("T")
_STATUS = Path("/proc/self/status")
_OPEN_FILES = Path("/proc/self/fd")


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


@dataclass(frozen=True, slots=True)
class Line:
    """`start + slope * x`, and how far the slope may be off: one standard error."""

    slope: float
    start: float
    error: float


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


def time_threads(
    function: Callable[[T], object],
    arguments: Sequence[T],
    *,
    threads: int,
    clock: Callable[[], float] = perf_counter,
) -> tuple[Timing, float]:
    """Time `function` on every argument while `threads` calls run at once.

    Returns:
        The timing of single calls, which wait for each other, and the seconds from the first
        call to the end of the last: `n` divided by these is the throughput.

    Raises:
        ValueError: If there is nothing to call.
    """
    if threads < 1:
        raise ValueError(f"threads must be at least 1, got {threads}")

    def time_one(argument: T) -> float:
        start = clock()
        function(argument)
        return clock() - start

    start = clock()
    with ThreadPoolExecutor(threads) as pool:
        seconds = list(pool.map(time_one, arguments))
    return summarize_seconds(seconds), clock() - start


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
    held = _read_status("VmHWM:")
    if held is not None:  # unlike getrusage, not inherited from the process that started this one
        return held
    import resource  # not on Windows, where everything else in here works

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def read_memory_bytes() -> int:
    """The memory this process holds now, resident; where the system does not tell, the peak."""
    held = _read_status("VmRSS:")
    return read_peak_memory_bytes() if held is None else held


def count_open_files() -> int:
    """How many file descriptors this process has open; -1 where the system does not tell."""
    return sum(1 for _ in _OPEN_FILES.iterdir()) if _OPEN_FILES.is_dir() else -1


def fit_line(x: Sequence[float], y: Sequence[float]) -> Line:
    """The straight line through points that leaves the least squares.

    Raises:
        ValueError: If there are fewer than three points, or all lie at one `x`.
    """
    if len(x) < 3 or len(set(x)) < 2:
        raise ValueError(f"a line needs three points at two places at least, got {len(x)}")
    middle, height = sum(x) / len(x), sum(y) / len(x)
    spread = sum((a - middle) ** 2 for a in x)
    slope = sum((a - middle) * (b - height) for a, b in zip(x, y, strict=True)) / spread
    start = height - slope * middle
    rest = sum((b - start - slope * a) ** 2 for a, b in zip(x, y, strict=True))
    return Line(slope, start, sqrt(rest / (len(x) - 2) / spread))


def fit_exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """The power of the size that the values grow with: 0 not at all, 1 in proportion.

    By least squares over the logarithms; 0 for fewer than two sizes.

    Raises:
        ValueError: If a size or value is not above 0.
    """
    if any(number <= 0 for number in (*sizes, *values)):
        raise ValueError("only numbers above 0 can be compared by their logarithms")
    x, y = [log(size) for size in sizes], [log(value) for value in values]
    middle, height = sum(x) / max(len(x), 1), sum(y) / max(len(y), 1)
    spread = sum((a - middle) ** 2 for a in x)
    if not spread:
        return 0.0
    return sum((a - middle) * (b - height) for a, b in zip(x, y, strict=True)) / spread


def measure_apart(module: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Run `python -m module` in a process of its own, so that its memory is that of one step.

    Args:
        module: Reads a JSON object from standard input (`read_request`) and writes one to
            standard output (`write_reply`); what it writes to standard error is passed on.
        request: JSON types.

    Raises:
        RuntimeError: If it fails.
    """
    done = subprocess.run(  # noqa: S603 - our own modules
        [sys.executable, "-m", module],
        input=json.dumps(request).encode("ascii"),
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} failed with status {done.returncode}; what it said is above")
    reply: dict[str, Any] = json.loads(done.stdout)
    return reply


def read_request() -> dict[str, Any]:
    """The request that `measure_apart` gave this process."""
    request: dict[str, Any] = json.load(sys.stdin)
    return request


def write_reply(reply: Mapping[str, Any]) -> None:
    """Give `measure_apart` its result."""
    sys.stdout.write(json.dumps(reply))


def _read_status(name: str) -> int | None:
    if _STATUS.exists():
        for line in _STATUS.read_text(encoding="utf-8").splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return None
