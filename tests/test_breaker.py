"""After failures in a row nobody waits for the next one; a try now and then finds the end of it."""

from __future__ import annotations

import pytest

from rag.language_models.breaker import CircuitBreaker


def test_a_breaker_must_let_something_through() -> None:
    with pytest.raises(ValueError, match="limit must be at least 1, got 0"):
        CircuitBreaker(limit=0)


def test_a_breaker_counts_failures_in_a_row_only() -> None:
    now = [0.0]
    breaker = CircuitBreaker(limit=2, seconds=10.0, clock=lambda: now[0])
    breaker.note_failure()
    breaker.note_success()
    breaker.note_failure()
    assert breaker.pause_seconds() == 0.0

    breaker.note_failure()
    now[0] = 4.0
    assert breaker.pause_seconds() == 6.0

    now[0] = 10.0
    assert [breaker.pause_seconds(), breaker.pause_seconds()] == [0.0, 10.0]  # one may try
