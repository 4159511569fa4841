"""A folder is looked at until it has changed and come to rest."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from rag.errors import CorpusError
from rag.watch import look_at, watch_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("one")
    return tmp_path


def play(*steps: Callable[[], object]) -> Callable[[float], None]:
    """A pause in which the next step happens; the test ends when there are none left."""
    rest = iter(steps)

    def pause(_seconds: float) -> None:
        step = next(rest, None)
        if step is None:
            raise KeyboardInterrupt
        step()

    return pause


def count_yields(watch: Iterator[None]) -> int:
    count = 0
    try:
        for _ in watch:
            count += 1
    except KeyboardInterrupt:
        return count
    raise AssertionError("watching never ends by itself")


def nothing() -> None:
    return


def test_it_yields_at_once_and_not_again_without_a_change(folder: Path) -> None:
    assert count_yields(watch_folder(folder, pause=play(nothing, nothing, nothing))) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda f: (f / "b.txt").write_text("new"),
        lambda f: (f / "a.txt").unlink(),
        lambda f: (f / "a.txt").rename(f / "c.txt"),
        lambda f: os.utime(f / "a.txt", ns=(1, 1)),
    ],
    ids=["added", "removed", "renamed", "touched"],
)
def test_a_change_yields_once(folder: Path, change: Callable[[Path], object]) -> None:
    steps = (nothing, lambda: change(folder), nothing, nothing, nothing)

    assert count_yields(watch_folder(folder, pause=play(*steps))) == 2


def test_a_file_that_still_grows_is_waited_for(folder: Path) -> None:
    grow = [lambda n=n: (folder / "big.txt").write_text("x" * n) for n in range(1, 6)]

    assert count_yields(watch_folder(folder, pause=play(*grow))) == 1
    assert count_yields(watch_folder(folder, pause=play(*grow, nothing, nothing))) == 2


def test_a_change_during_the_work_is_seen_afterwards(folder: Path) -> None:
    watch = watch_folder(folder, pause=play(nothing, nothing))
    list(islice(watch, 1))
    (folder / "late.txt").write_text("while it was indexed")

    assert count_yields(watch) == 1


def test_a_folder_that_goes_away_and_comes_back_is_no_change(folder: Path, tmp_path: Path) -> None:
    away = tmp_path.with_name(f"{tmp_path.name}-away")
    steps = (lambda: folder.rename(away), nothing, nothing, lambda: away.rename(folder), nothing)

    assert count_yields(watch_folder(folder, pause=play(*steps, nothing, nothing))) == 1


def test_a_folder_that_is_not_there_at_first_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="missing"):
        next(watch_folder(tmp_path / "missing"))


def test_the_same_folder_looks_the_same(folder: Path) -> None:
    assert look_at(folder) == look_at(folder)
