"""Files are taken in by one run at a time; what comes meanwhile by the next, at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.errors import IndexLockedError
from tests.fake_folder import write_texts
from tests.fake_library import FakeLibrary
from ui.documents import job as module
from ui.documents.job import Job, State


@pytest.fixture
def library(tmp_path: Path) -> FakeLibrary:
    made = FakeLibrary(tmp_path)
    write_texts(made.added, {"bad.txt": "?", "tea.txt": "Tea."})
    return made


def wait_for(job: Job, is_so: Callable[[State], bool]) -> State:
    for _ in range(2_000):
        state = job.look()
        if is_so(state):
            return state
        time.sleep(0.005)
    pytest.fail(f"it came to nothing: {job.look()}")


def wait_until_done(job: Job) -> State:
    return wait_for(job, lambda state: not state.running)


def test_before_the_first_job_there_is_nothing_to_tell(library: FakeLibrary) -> None:
    assert Job(library).look() == State()


def test_a_job_tells_the_file_at_work_and_then_what_came_of_it(library: FakeLibrary) -> None:
    job = Job(library)
    library.gate.clear()

    number = job.start()
    working = wait_for(job, lambda state: bool(state.name))
    library.gate.set()
    done = wait_until_done(job)

    assert (number, working.number, working.running) == (1, 1, True)
    assert (working.done, working.total, working.name) == (0, 2, "/added/bad.txt")
    assert (done.done, done.total, done.name, done.error) == (2, 2, "", None)
    assert [item.id for item in done.documents] == ["/added/tea.txt"]
    assert [problem.path for problem in done.problems] == ["/added/bad.txt"]


def test_files_that_come_while_it_works_are_taken_in_by_a_next_run(library: FakeLibrary) -> None:
    job = Job(library)
    library.gate.clear()
    job.start()
    wait_for(job, lambda state: bool(state.name))

    write_texts(library.added, {"mill.txt": "A mill.", "bad-too.txt": "?"})
    again = [job.start(), job.start()]
    library.gate.set()
    done = wait_until_done(job)

    assert again == [1, 1]
    assert library.runs == 2
    assert [item.id for item in done.documents] == ["/added/tea.txt", "/added/mill.txt"]
    assert [p.path for p in done.problems] == ["/added/bad.txt", "/added/bad-too.txt"]


def test_the_next_job_starts_with_clean_hands(library: FakeLibrary) -> None:
    job = Job(library)
    job.start()
    wait_until_done(job)
    write_texts(library.added, {"mill.txt": "A mill."})

    number = job.start()
    done = wait_until_done(job)

    assert (number, done.number) == (2, 2)
    assert [item.id for item in done.documents] == ["/added/mill.txt"]
    assert done.problems == ()


def test_an_error_is_told_in_its_own_words_and_can_be_tried_again(library: FakeLibrary) -> None:
    job = Job(library)
    library.fails = IndexLockedError("the index is locked by pid 7")
    job.start()
    failed = wait_until_done(job)
    library.fails = None

    job.start()
    done = wait_until_done(job)

    assert (str(failed.error), failed.documents) == ("the index is locked by pid 7", ())
    assert (done.error, len(done.documents)) == (None, 1)


def test_an_unexpected_failure_is_logged_under_a_reference_and_not_shown(
    library: FakeLibrary, caplog: pytest.LogCaptureFixture
) -> None:
    job = Job(library)
    library.fails = RuntimeError("cannot open /secret/path")

    with caplog.at_level(logging.ERROR):
        job.start()
        failed = wait_until_done(job)

    assert (failed.error, len(failed.reference)) == (None, 8)
    assert failed.reference in caplog.text
    assert "/secret/path" in caplog.text


def test_a_server_that_ends_stops_it_at_the_next_file(library: FakeLibrary) -> None:
    job = Job(library)
    library.gate.clear()
    job.start()
    wait_for(job, lambda state: bool(state.name))

    job.stop(timeout_seconds=0)
    library.gate.set()
    done = wait_until_done(job)
    job.start()

    assert "/added/tea.txt" not in library.held
    assert (done.error, done.reference) == (None, "")
    assert (job.look().running, library.runs) == (False, 1)


class SteadyLibrary(FakeLibrary):
    """Does a hundred bytes a second, by a clock of its own, and keeps what is told after each."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.now = 1_000.0
        self.job: Job | None = None
        self.told: list[float | None] = []

    def take_in(self, progress):  # type: ignore[no-untyped-def]
        assert self.job is not None
        for second in range(8):
            self.now += 1.0
            progress(100 * second, 1_000, "/added/book.txt")
            self.told.append(self.job.look().left_seconds)
        return super().take_in(progress)


def test_the_time_left_is_reckoned_from_what_was_done_of_late(tmp_path: Path) -> None:
    library = SteadyLibrary(tmp_path)
    job = library.job = Job(library, clock=lambda: library.now)

    job.start()
    done = wait_until_done(job)

    # nothing is told before three seconds; then 100 bytes a second are left to do
    assert library.told == [None, None, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0]
    assert done.left_seconds is None
    assert done.seconds == 8.0


def test_a_thread_that_cannot_step_back_is_a_failure_that_is_told(
    library: FakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job(library)

    def fail() -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(module, "_step_back", fail)
        job.start()
        failed = wait_until_done(job)
    job.start()
    done = wait_until_done(job)

    assert (len(failed.reference), failed.documents) == (8, ())
    assert (done.reference, len(done.documents)) == ("", 1)


def test_where_no_thread_can_be_had_no_job_is_said_to_run(
    library: FakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job(library)

    def fail(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    with pytest.raises(RuntimeError, match="new thread"):
        job.start()

    assert job.look() == State()
    job.stop()
