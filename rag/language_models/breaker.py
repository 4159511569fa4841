"""A circuit breaker: after failures in a row, do not make every further question wait for one."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic


class CircuitBreaker:
    """Counts failures in a row; from `limit` on it refuses for `seconds`, then lets one try.

    Threads may share it.

    Args:
        limit: Failures in a row, at least 1.
        seconds: From the last failure, or from the last try that was let through.
        clock: Seconds from any start, never going back.
    """

    def __init__(
        self, *, limit: int = 3, seconds: float = 30.0, clock: Callable[[], float] = monotonic
    ) -> None:
        if limit < 1:
            raise ValueError(f"limit must be at least 1, got {limit}")
        self._limit, self._seconds, self._clock = limit, seconds, clock
        self._failures = 0
        self._shut_until = 0.0
        self._lock = Lock()

    def pause_seconds(self) -> float:
        """Return 0.0 if the caller may try now, which takes the one try; else how long to wait."""
        with self._lock:
            if self._failures < self._limit:
                return 0.0
            now = self._clock()
            if now < self._shut_until:
                return self._shut_until - now
            self._shut_until = now + self._seconds
            return 0.0

    def note_success(self) -> None:
        """Forget all failures."""
        with self._lock:
            self._failures = 0

    def note_failure(self) -> None:
        """Count one."""
        with self._lock:
            self._failures += 1
            self._shut_until = self._clock() + self._seconds
