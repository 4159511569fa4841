"""Bringing the index in line with the added files, in a thread, one run at a time.

Files that come in while a run is at work are taken in by another run, at once after it; both are
one job, whose results add up.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from rag.errors import RagError
from rag.types import Listed, Problem
from ui.protocols import Library
from ui.tell import note_failure

COURTESY = 5  # niceness of the thread: questions go first
RATE_SECONDS = 30.0  # the time left is reckoned from what was done in the last so many seconds
LEAST_SECONDS = 3.0  # of work before it is told
STOP_SECONDS = 5.0  # for a batch to end, when the server does


@dataclass(frozen=True, slots=True)
class State:
    """How far a job is, or what came of it.

    Attributes:
        number: Of the job, from 1; 0 if there was none yet.
        running: Whether it is at work.
        done, total: Bytes of the files of this run.
        name: Of the file at work; empty if none is.
        seconds: Since the job began; until its end, if it has ended.
        left_seconds: That this run will still take; None if that cannot be told.
        documents: Taken in so far, newest run last.
        problems: With files, so far.
        error: Why it ended early, if that can be told; else None.
        reference: Under which the log holds a failure that cannot be shown; else empty.
    """

    number: int = 0
    running: bool = False
    done: int = 0
    total: int = 0
    name: str = ""
    seconds: float = 0.0
    left_seconds: float | None = None
    documents: tuple[Listed, ...] = ()
    problems: tuple[Problem, ...] = ()
    error: RagError | None = None
    reference: str = ""


@dataclass(slots=True)
class _Pace:
    """How fast bytes are done."""

    clock: Callable[[], float]
    began: float
    marks: deque[tuple[float, int]] = field(default_factory=deque)

    def reckon(self, done: int, total: int) -> float | None:
        """Return the seconds that the rest will take; None if nothing was done of late."""
        now = self.clock()
        self.marks.append((now, done))
        while len(self.marks) > 2 and self.marks[1][0] < now - RATE_SECONDS:
            self.marks.popleft()
        first, before = self.marks[0]
        if now - self.began < LEAST_SECONDS or done <= before:
            return None
        return (total - done) * (now - first) / (done - before)


class Job:
    """The work on one library; any thread may start it, look at it and stop it."""

    def __init__(self, library: Library, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._library = library
        self._clock = clock
        self._lock = threading.RLock()
        self._state = State()
        self._began = 0.0
        self._again = self._stopped = False
        self._thread: threading.Thread | None = None

    def start(self) -> int:
        """Begin, or see to it that what is at work runs once more; return the number of the job."""
        with self._lock:
            if self._state.running:
                self._again = True
            elif not self._stopped:
                before, self._began = self._state, self._clock()
                self._state = State(number=before.number + 1, running=True)
                # a server that ends must not wait for a book to be encoded
                thread = threading.Thread(target=self._work, name="documents", daemon=True)
                try:
                    thread.start()
                except RuntimeError:  # the machine has none left
                    self._state = before
                    raise
                self._thread = thread
            return self._state.number

    def look(self) -> State:
        """Return how far it is."""
        with self._lock:
            if not self._state.running:
                return self._state
            return replace(self._state, seconds=self._clock() - self._began)

    def stop(self, *, timeout_seconds: float = STOP_SECONDS) -> None:
        """End for good: at the next batch, which is waited for a little; what is done is kept."""
        with self._lock:
            self._stopped, thread = True, self._thread
        if thread is not None:
            thread.join(timeout_seconds)

    def _work(self) -> None:
        try:
            _step_back()
            while self._run():
                pass
        except RagError as exc:
            self._end(error=exc)
        except _StoppedError:
            self._end()
        except Exception as exc:  # noqa: BLE001 - the end of a thread; nobody else would tell
            self._end(reference=note_failure(exc))

    def _end(self, *, error: RagError | None = None, reference: str = "") -> None:
        with self._lock:
            self._again = False
            self._state = replace(
                self._state, running=False, name="", left_seconds=None,
                seconds=self._clock() - self._began, error=error, reference=reference,
            )  # fmt: skip

    def _run(self) -> bool:
        """Take in once; return whether to do so again."""
        pace = _Pace(self._clock, self._clock())

        def tell(done: int, total: int, name: str) -> None:
            left = pace.reckon(done, total)
            with self._lock:
                if self._stopped:
                    raise _StoppedError
                self._state = replace(
                    self._state, done=done, total=total, name=name, left_seconds=left
                )

        taken = self._library.take_in(tell)
        with self._lock:
            fresh = {item.id for item in taken.documents}
            kept = tuple(item for item in self._state.documents if item.id not in fresh)
            self._state = replace(
                self._state,
                documents=kept + taken.documents,
                problems=tuple(dict.fromkeys(self._state.problems + taken.problems)),
            )
            if self._again and not self._stopped:
                self._again = False
                return True
            self._end()  # in the same breath, so that who starts it now is not overlooked
            return False


class _StoppedError(Exception):
    """The server ends."""


def _step_back() -> None:
    """Let threads that answer questions go first, where threads have a niceness of their own."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        before = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, max(before, COURTESY))
