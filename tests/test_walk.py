"""Every file of a folder is found once, in an order that only the names decide."""

import inspect
import os
import random
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import CorpusError
from rag.files.walk import MAX_IGNORE_BYTES, list_entries, walk_files


def fill(folder: Path, names: list[str]) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")


def names(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in walk_files(folder)]


def test_files_come_sorted_and_without_what_is_hidden(tmp_path: Path) -> None:
    fill(tmp_path, ["b.txt", "a/z.md", "a.txt", ".hidden.txt", ".git/x.txt", "a/.y.txt", "c.png"])

    assert names(tmp_path) == ["a.txt", "a/z.md", "b.txt", "c.png"]


@pytest.mark.parametrize("seed", range(20))
def test_the_order_is_that_of_the_relative_paths_as_text(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  (seeded on purpose)
    parts = ["a", "a-", "a.b", "a0", "aa", "中", "B", "~"]
    wanted = {
        "/".join(rng.choices(parts, k=rng.randrange(1, 4))) + rng.choice([".txt", "-x", "0"])
        for _ in range(30)
    }
    free = [name for name in wanted if not any(other.startswith(f"{name}/") for other in wanted)]
    fill(tmp_path, free)

    assert names(tmp_path) == sorted(free)


@pytest.mark.parametrize("at_once", [1, 2, 3, 10, 11, 50])
def test_a_folder_of_more_names_than_fit_is_listed_in_parts(tmp_path: Path, at_once: int) -> None:
    fill(tmp_path, [f"{n}.txt" for n in range(10)])
    (tmp_path / "5").mkdir()

    listed = list(list_entries(tmp_path, lambda name: name != "7.txt", at_once=at_once))

    kept = [(f"{n}.txt", "file") for n in range(10) if n != 7]
    assert listed == sorted([*kept, ("5/", "folder")])


def test_nothing_is_listed_before_it_is_asked_for(tmp_path: Path) -> None:
    fill(tmp_path, ["a/1.txt", "b/1.txt"])
    found = walk_files(tmp_path)

    first = next(found)
    fill(tmp_path, ["b/2.txt"])

    assert isinstance(found, Iterator)
    assert [first, *found] == [tmp_path / name for name in ("a/1.txt", "b/1.txt", "b/2.txt")]


def test_the_ignore_file_names_paths_names_and_folders(tmp_path: Path) -> None:
    fill(tmp_path, ["keep.txt", "drop.bak.txt", "sub/drop.txt", "sub/keep.txt", "old/x.txt"])
    (tmp_path / ".crossquoteignore").write_text("# comment\n\n*.bak.txt\nsub/drop.txt\nold/\n")

    assert names(tmp_path) == ["keep.txt", "sub/keep.txt"]


def test_an_ignore_file_that_is_none_is_refused_or_harmless(tmp_path: Path) -> None:
    fill(tmp_path, ["a.txt", "b.txt"])
    ignore = tmp_path / ".crossquoteignore"
    ignore.write_bytes(b"\xff\xfe\n[\n" + b"*a" * 50 + b"b\nb.*")

    assert names(tmp_path) == ["a.txt"]
    ignore.write_bytes(b"x" * (MAX_IGNORE_BYTES + 1))
    with pytest.raises(CorpusError, match="larger than 1 MB"):
        walk_files(tmp_path)


def test_a_single_file_is_a_corpus_too(tmp_path: Path) -> None:
    fill(tmp_path, ["a.txt"])

    assert list(walk_files(tmp_path / "a.txt")) == [tmp_path / "a.txt"]


@pytest.mark.parametrize("name", ["missing", "pipe", "nul\x00"])
def test_what_is_no_folder_is_refused_at_once_and_by_name(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(CorpusError, match=name[:3]):
        walk_files(tmp_path / name)


def test_pipes_sockets_devices_and_loops_are_left_out(tmp_path: Path) -> None:
    """C15."""
    fill(tmp_path, ["a.txt"])
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self.txt").symlink_to("self.txt")
    (tmp_path / "broken.txt").symlink_to("nowhere")
    (tmp_path / "device.txt").symlink_to("/dev/zero")
    (tmp_path / "to-pipe.txt").symlink_to("pipe.txt")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.txt"))

        assert names(tmp_path) == ["a.txt"]


def test_a_link_counts_if_nothing_else_leads_to_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    fill(folder, ["a.txt", "..data/k.txt", "old/o.txt", "sub/.h/deep.txt"])
    fill(tmp_path, ["secret.txt"])
    (folder / ".crossquoteignore").write_text("old\n")
    links = {
        "out.txt": "../secret.txt",  # leads out
        "same.txt": "a.txt",  # found by itself
        "k.txt": "..data/k.txt",  # as Kubernetes mounts files
        "o.txt": "old/o.txt",
        "z/deep.txt": "../sub/.h/deep.txt",
        "z/second.txt": "../z/deep.txt",  # to the same file
        "z.txt": "z/deep.txt",  # to the same file too, and the first in order
        ".linked": "a.txt",
    }
    for name, target in links.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).symlink_to(target)

    assert names(folder) == ["a.txt", "k.txt", "o.txt", "z.txt"]


def test_a_folder_behind_a_link_is_walked_by_its_name(tmp_path: Path) -> None:
    fill(tmp_path, ["true/a.txt", "true/.b.txt"])
    (tmp_path / "true" / "b.txt").symlink_to(".b.txt")
    (tmp_path / "alias").symlink_to("true")

    assert names(tmp_path / "alias") == ["a.txt", "b.txt"]


def test_a_folder_that_goes_while_it_is_walked_is_given_to_be_reported(tmp_path: Path) -> None:
    fill(tmp_path, ["a.txt", "b/1.txt"])
    found = walk_files(tmp_path)

    first = next(found)
    (tmp_path / "b" / "1.txt").unlink()
    (tmp_path / "b").rmdir()

    assert [first, *found] == [tmp_path / "a.txt", tmp_path / "b"]


def test_a_deep_folder_is_walked_by_no_function_that_calls_itself(tmp_path: Path) -> None:
    deepest = tmp_path.joinpath(*["d"] * 300)
    deepest.mkdir(parents=True)
    (deepest / "a.txt").write_text("x")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 100)

    try:
        found = names(tmp_path)
    finally:
        sys.setrecursionlimit(limit)

    assert found == ["d/" * 300 + "a.txt"]
