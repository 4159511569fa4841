"""The indexed folder and the added files are told apart, and files are put aside safely."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import CorpusError
from rag.load import load_file, stream_file
from rag.places import count_files, find_added, find_places, get_incoming, list_added, set_aside
from rag.types import ADDED, Problem
from tests.fake_folder import write_texts


@pytest.fixture
def added(tmp_path: Path) -> Path:
    return write_texts(tmp_path / "index" / "added", {"a.txt": "One.\n", "b.txt": "Two, three.\n"})


def list_names(added: Path) -> list[str]:
    return sorted(path.name for path in added.iterdir())


def test_the_folder_comes_first_and_may_not_be_empty(tmp_path: Path, added: Path) -> None:
    root = write_texts(tmp_path / "documents", {"c.txt": "Four.\n"})

    folder, more = find_places(root, added, encoding="latin-1")

    assert (folder.prefix, folder.encoding, folder.may_be_empty) == ("", "latin-1", False)
    assert (more.prefix, more.encoding, more.may_be_empty) == (ADDED, None, True)
    assert [list(folder.files), list(more.files)] == [
        [root / "c.txt"], [added / "a.txt", added / "b.txt"],
    ]  # fmt: skip


def test_added_files_below_the_folder_are_left_out_of_it(tmp_path: Path, added: Path) -> None:
    write_texts(tmp_path, {"c.txt": "Four.\n"})

    folder, more = find_places(tmp_path, added)

    assert list(folder.files) == [tmp_path / "c.txt"]
    assert len(list(more.files)) == 2


def test_a_place_is_counted_in_files_and_bytes(tmp_path: Path, added: Path) -> None:
    size, none = count_files(find_added(added)), count_files(find_added(tmp_path / "none"))

    assert (size.files, size.size_bytes) == (2, len("One.\n") + len("Two, three.\n"))
    assert (none.files, none.size_bytes) == (0, 0)


def test_an_added_file_is_named_after_the_prefix_and_its_source_is_not(added: Path) -> None:
    (added / "bad\u202ename.txt").write_bytes(b"")
    problems: list[Problem] = []

    names = [name for name, _ in list_added(added)]
    (document,) = stream_file(added / "a.txt", added, report=problems.append, prefix=ADDED)
    list(stream_file(added / "bad\u202ename.txt", added, report=problems.append, prefix=ADDED))

    assert names == ["/added/a.txt", "/added/b.txt", "/added/bad\\u202ename.txt"]
    assert (document.id, document.title, document.source) == ("/added/a.txt", "a", "a.txt")
    assert problems == [Problem(names[2], "the file is empty", skipped=True)]
    assert load_file(added / "a.txt", added).documents[0].id == "a.txt"


def test_files_set_aside_are_deleted_at_the_end(added: Path) -> None:
    with set_aside(["/added/a.txt", "/added/none.txt", "b.txt"], added):
        within = list_names(added)

    assert (within, list_names(added)) == (["b.txt"], ["b.txt"])
    assert list(get_incoming(added).iterdir()) == []


def test_files_set_aside_come_back_after_an_error(added: Path) -> None:
    with pytest.raises(KeyboardInterrupt), set_aside(["/added/a.txt", "/added/b.txt"], added):
        raise KeyboardInterrupt

    assert list_names(added) == ["a.txt", "b.txt"]
    assert (added / "a.txt").read_text() == "One.\n"


def test_a_newer_file_of_the_name_is_not_overwritten_by_the_one_that_comes_back(
    added: Path,
) -> None:
    def fail_after_an_upload() -> None:
        with set_aside(["/added/a.txt", "/added/b.txt"], added):
            write_texts(added, {"a.txt": "Newer.\n"})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_after_an_upload()

    assert list_names(added) == ["a.txt", "b.txt"]
    assert (added / "a.txt").read_text() == "Newer.\n"
    assert list(get_incoming(added).iterdir()) == []


def test_if_one_cannot_come_back_the_others_do(added: Path) -> None:
    def fail_after_a_loss() -> None:
        with set_aside(["/added/a.txt", "/added/b.txt"], added):
            next(p for p in get_incoming(added).iterdir() if p.read_text() == "One.\n").unlink()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_after_a_loss()

    assert list_names(added) == ["b.txt"]


def test_what_a_killed_run_was_deleting_is_deleted(added: Path) -> None:
    write_texts(get_incoming(added), {"gone-1": "x", "coming.part": "x"})

    with set_aside([], added):
        pass

    assert [path.name for path in get_incoming(added).iterdir()] == ["coming.part"]


def test_if_one_cannot_be_moved_all_stay(added: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def fail_at_b(path: Path, target: Path) -> Path:
        if path.name == "b.txt":
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail_at_b)
    with (
        pytest.raises(CorpusError, match=r"'.*b\.txt' cannot be deleted: Permission denied"),
        set_aside(["/added/a.txt", "/added/b.txt"], added),
    ):
        pytest.fail("the block was run")

    assert list_names(added) == ["a.txt", "b.txt"]
