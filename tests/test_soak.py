"""What takes minutes: the real commands, the bundled encoder, thousands of documents.

The rows A1, A10, A11, B2 and B7 of the reliability bar; `make slow` runs them before a release.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from time import monotonic, sleep

import numpy as np
import pytest

from embeddings.gloss import Glossary
from rag.check import check_index
from rag.pack import unpack_vectors
from rag.rows import PASSAGE_BITS
from tests.fake_folder import (
    ROOT,
    build,
    get_environment,
    make_texts,
    name_place,
    open_answerer,
    quote_all,
    read_content,
    run_child,
    write_texts,
)
from tests.test_concurrency import FORK
from tests.test_second_run import ANSWER_ALL
from tests.test_second_run import QUESTIONS as ASKED

pytestmark = pytest.mark.slow

KILLS, COUNT = 30, 2_000
QUESTIONS = [
    f"When was the lighthouse of {name_place(1021)} built?",
    f"{name_place(1023)}灯塔高多少米？",
]


def start_index(folder: Path, index: Path, *options: str) -> subprocess.Popen[str]:
    words = ["index", str(folder), "--index", str(index), *options]
    return subprocess.Popen(  # noqa: S603  (our own interpreter and words)
        [sys.executable, "-m", "rag", *words],
        cwd=ROOT,
        env=get_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


def kill_at_random(folder: Path, index: Path, seconds: float) -> bool:
    """Run the command, and kill it with all that it started after so long; whether that was so."""
    with start_index(folder, index) as command:
        try:
            command.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(command.pid, signal.SIGKILL)
            return True
        assert command.returncode == 0
        return False


def assert_same(one: Path, other: Path, glossary: Glossary) -> None:
    """Two indexes hold the same and answer the same.

    Vectors may differ by what a number of eight bits may: in batches that were put together
    otherwise, sums are rounded otherwise.
    """
    left, right = (read_content(index / "index.db") for index in (one, other))
    vectors = [content.pop("vectors") for content in (left, right)]
    assert left == right
    for id_, (packed, _) in vectors[0].items():
        rows = [unpack_vectors(v, 384, PASSAGE_BITS)[0] for v in (packed, vectors[1][id_][0])]
        assert float(np.dot(*rows)) > 0.9995
    assert check_index(one / "index.db", glossary).problems == ()
    texts = [[a["text"] for a in quote_all(i, QUESTIONS, encoder=None)] for i in (one, other)]
    assert texts[0] == texts[1]


def test_the_command_may_be_killed_thirty_times(tmp_path: Path, glossary: Glossary) -> None:
    """A1."""
    rng = Random(30)  # noqa: S311  (seeded on purpose)
    folder = write_texts(tmp_path / "documents", make_texts(COUNT))
    began = monotonic()
    with start_index(folder, tmp_path / "whole") as command:
        assert command.wait() == 0
    seconds = monotonic() - began
    killed = runs = 0
    finished: list[Path] = []

    while killed < KILLS or not finished:
        index = tmp_path / f"{len(finished)}"
        limit = rng.uniform(0.2, 0.4 * seconds) if killed < KILLS else 10 * seconds
        runs += 1
        if kill_at_random(folder, index, limit):
            killed += 1
        else:
            finished.append(index)
    assert runs == killed + len(finished)

    for index in finished:
        assert_same(index, tmp_path / "whole", glossary)


@contextmanager
def watching(folder: Path, index: Path) -> Iterator[subprocess.Popen[str]]:
    with start_index(folder, index, "--watch") as command:
        try:
            assert command.stderr is not None
            assert command.stderr.readline().startswith("Watching ")
            yield command
        finally:
            command.kill()


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_a_reader_sees_a_change_while_the_folder_is_watched(
    tmp_path: Path, way: signal.Signals
) -> None:
    """B2: within five seconds, and the time to look twice and to encode; and the watch ends."""
    folder = write_texts(tmp_path / "documents", make_texts(20))
    with watching(folder, tmp_path / "index") as command:
        answerer = open_answerer(tmp_path / "index", encoder=None)
        with closing(answerer.index):
            answerer("Where is the harbor?")
            (folder / "new.txt").write_text("The harbor of Linhe was opened by Ann Reed.\n")
            began = monotonic()
            while "new.txt" not in str(answerer("Who opened the harbor of Linhe?").to_dict()):
                assert monotonic() - began < 30
                sleep(0.1)
        command.send_signal(way)
        command.communicate(timeout=60)
        (folder / "late.txt").write_text("The harbor was closed again.\n")
        report = build(folder, tmp_path / "index", encoder=None)

    assert command.returncode in (0, -way)
    assert (report.encoded, report.unchanged) == (1, 21)


@pytest.mark.parametrize("kind", ["opened", "not opened"])
def test_workers_with_the_bundled_encoder_that_are_forked_before_a_question_answer(
    tmp_path: Path, kind: str
) -> None:
    """B7: see `test_concurrency`."""
    folder = write_texts(tmp_path / "documents", make_texts(24))
    program = "import sys; from pathlib import Path; from tests.fake_folder import build; "
    program += "build(Path(sys.argv[1]), Path(sys.argv[2]), encoder=None)"
    assert run_child(program, folder, tmp_path / "index").returncode == 0
    question = f"When was the lighthouse of {name_place(21)} built?"

    done = run_child(FORK, tmp_path / "index", question, "bundled", kind, OMP_NUM_THREADS="2")

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["1021", "1021"]


def test_number_of_threads_changes_no_answer(tmp_path: Path) -> None:
    """A11, with the bundled encoder. Its vectors may differ in the last digit that is stored."""
    texts = make_texts(60)
    told = []
    for threads in (1, 2):
        folder = write_texts(tmp_path / f"{threads}", texts)
        arguments = (folder, tmp_path / f"index{threads}", json.dumps(ASKED), "bundled")
        done = run_child(ANSWER_ALL, *arguments, OMP_NUM_THREADS=str(threads))
        assert done.returncode == 0, done.stderr
        told.append(json.loads(done.stdout))

    (one, answers), (two, others) = told
    assert {key for key in one if one[key] != two[key]} <= {"vectors"}
    assert [answer["text"] for answer in answers] == [answer["text"] for answer in others]


def test_the_second_run_takes_less_than_a_tenth_of_the_first(tmp_path: Path) -> None:
    """A10, in seconds."""
    folder = write_texts(tmp_path / "documents", make_texts(COUNT))
    taken = []
    for _ in range(2):
        with start_index(folder, tmp_path / "index", "--json") as command:
            out, err = command.communicate()
        assert command.returncode == 0, err
        taken.append(json.loads(out)["seconds"])

    assert taken[1] < taken[0] / 10
