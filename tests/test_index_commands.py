"""The commands that make and keep an index say what they did, and end as they promise."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag import index_commands
from rag.__main__ import main
from rag.watch import watch_folder
from tests.fake_damage import flip_file
from tests.fake_folder import (
    ENCODER,
    build,
    list_caches,
    make_texts,
    open_answerer,
    read_content,
    write_texts,
)
from tests.fake_index import open_writer

TEA = "The tea house by the river sells forty kinds of tea.\n"
TEXTS = {
    "bridge.md": "---\ndate: 2021-05-18\n---\n# The long bridge\n\nThe bridge is long.\n",
    "copy/tea.txt": TEA,
    "tea.txt": TEA,
    "大桥.txt": "临河大桥于2021年通车。\n",
}
NEXT = 'Ask: crossquote ask "…"   or chat: crossquote chat\n'
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command with an encoder that needs no model."""
    monkeypatch.setattr("rag.pipeline.load_encoder", lambda _: ENCODER)
    monkeypatch.setattr(index_commands, "_step_back", lambda: None)  # the tests are no courtesy

    def run_command(*words: object) -> tuple[int, str, str]:
        """Exit status, standard output and standard error."""
        monkeypatch.setattr(sys, "argv", ["crossquote", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        status = ended.value.code
        out, err = capsys.readouterr()
        return (status if isinstance(status, int) else 0), out, err

    return run_command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_texts(tmp_path / "documents", TEXTS)


@pytest.fixture
def index(folder: Path, tmp_path: Path) -> Path:
    build(folder, tmp_path / "index")
    return tmp_path / "index"


def test_indexing_tells_what_it_read_copied_removed_and_skipped(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    first = run("index", folder, "--index", tmp_path / "index")
    (folder / "bridge.md").unlink()
    (folder / "new.txt").write_text(TEA)
    (folder / "bad.txt").write_bytes(b"")
    second = run("index", folder, "--index", tmp_path / "index")

    summary = "4 files read (4 documents, 1 of them held already, 3 passages encoded), 0 unchanged"
    assert (first[0], first[2]) == (0, "")
    assert first[1].startswith(f"{summary}, 0 removed, 0 skipped, in ")
    assert first[1].endswith(NEXT)
    assert (second[0], second[2]) == (3, "skipped: bad.txt: the file is empty\n")
    assert second[1].startswith(
        "1 files read (1 documents, 1 of them held already, 0 passages encoded), 3 unchanged, "
        "1 removed, 1 skipped, in "
    )


def test_indexing_as_json_counts_copies_too(run: Run, folder: Path, tmp_path: Path) -> None:
    status, out, err = run("index", folder, "--index", tmp_path / "index", "--json")

    record = json.loads(out)
    assert (status, err) == (0, "")
    assert record.pop("seconds") >= 0
    assert record == {
        "encoded": 4, "unchanged": 0, "removed": 0, "documents": 4, "copies": 1, "passages": 3,
        "problems": [],
    }  # fmt: skip


def test_a_rebuild_starts_anew_and_says_so_when_it_is_wanted(
    run: Run, folder: Path, index: Path
) -> None:
    other = write_texts(folder.parent / "other", {"tea.txt": TEA})

    refused = run("index", other, "--index", index)
    rebuilt = run("index", other, "--index", index, "--rebuild")

    assert (refused[0], refused[1]) == (1, "")
    assert "was built with folder" in refused[2]
    assert "Add --rebuild to replace it" in refused[2]
    assert rebuilt[0] == 0
    assert read_content(index / "index.db")["documents"].keys() == {"tea.txt"}


def test_an_index_of_a_newer_version_is_refused_by_every_command(
    run: Run, folder: Path, index: Path
) -> None:
    """A6, at the command line: one sentence, and nothing is touched."""
    from tests.fake_damage import change

    change(index / "index.db", "PRAGMA user_version = 99")
    before = (index / "index.db").read_bytes()

    for words in (
        ("index", folder), ("documents",), ("remove", "tea.txt"), ("check",), ("ask", "why?"),
    ):  # fmt: skip
        status, out, err = run(*words, "--index", index)
        assert (words, status, out) == (words, 1, "")
        assert "was made by a newer version (format 99, this program reads " in err
        assert err.count("\n") == 1

    assert (index / "index.db").read_bytes() == before


def test_documents_are_listed_a_line_each(run: Run, index: Path) -> None:
    status, out, err = run("documents", "--index", index)

    assert (status, err) == (0, "")
    assert [line.split() for line in out.splitlines()] == [
        ["en", "1", "2021-05-18", "bridge.md", "The", "long", "bridge"],
        ["en", "1", "----------", "copy/tea.txt", "tea"],
        ["en", "1", "----------", "tea.txt", "tea", "(copy", "of", "copy/tea.txt)"],
        ["zh", "1", "----------", "大桥.txt", "大桥"],
    ]


def test_documents_as_json_say_of_which_one_is_a_copy(run: Run, index: Path) -> None:
    status, out, err = run("documents", "--index", index, "--json")

    records = json.loads(out)
    assert (status, err) == (0, "")
    assert records[0] == {
        "id": "bridge.md", "file": "bridge.md", "title": "The long bridge", "source": "bridge.md",
        "language": "en", "passages": 1, "copy_of": "", "published": "2021-05-18",
    }  # fmt: skip
    assert [(record["id"], record["copy_of"]) for record in records[1:]] == [
        ("copy/tea.txt", ""), ("tea.txt", "copy/tea.txt"), ("大桥.txt", ""),
    ]  # fmt: skip


def test_a_title_cannot_write_to_the_terminal(run: Run, tmp_path: Path) -> None:
    """What stands in a document, or in the name of one, is no command to the terminal."""
    texts = {"a\x1b[2Jb.txt": TEA, "c.md": '---\ntitle: "x\\e]0;y\\a\\nz"\n---\nThe mill.\n'}
    build(write_texts(tmp_path / "documents", texts), tmp_path / "index")

    _, out, _ = run("documents", "--index", tmp_path / "index")

    assert len(out.splitlines()) == 2
    assert not [c for c in out if ord(c) < 32 and c != "\n"]


def test_no_documents_are_an_empty_list(run: Run, index: Path) -> None:
    with open_writer(index / "index.db", {}) as writer:
        writer.remove_files(TEXTS)

    assert run("documents", "--index", index) == (0, "", "")
    assert run("documents", "--index", index, "--json") == (0, "[]\n", "")


def test_a_removed_document_is_gone_and_its_file_is_left(
    run: Run, folder: Path, index: Path
) -> None:
    status, out, err = run("remove", "tea.txt", "bridge.md", "--index", index)

    assert (status, err) == (0, "")
    assert out.startswith("2 documents removed. The next crossquote index takes in again")
    assert ".crossquoteignore" in out
    assert read_content(index / "index.db")["documents"].keys() == {"copy/tea.txt", "大桥.txt"}
    assert (folder / "tea.txt").read_text() == TEA


@pytest.mark.parametrize("name", ["coffee.txt", "[red]x[/red]", "a\nb"])
def test_a_name_that_is_unknown_removes_nothing(run: Run, index: Path, name: str) -> None:
    status, out, err = run("remove", "tea.txt", name, "--index", index)

    assert (status, out) == (1, "")
    assert f"holds no document {name!r}. List what it holds: crossquote documents\n" in err
    assert len(read_content(index / "index.db")["documents"]) == 4


@pytest.mark.parametrize("words", [("documents",), ("remove", "tea.txt"), ("check",)])
def test_without_an_index_each_says_how_to_make_one(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    status, out, err = run(*words, "--index", tmp_path / "none")

    assert (status, out) == (1, "")
    assert err.endswith("Make one: crossquote index FOLDER\n")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", ["index", "remove"])
def test_a_second_writer_is_told_who_is_first(
    run: Run, folder: Path, index: Path, command: str
) -> None:
    """B3, at the command line."""
    words = (folder,) if command == "index" else ("tea.txt",)

    with open_writer(index / "index.db", {}):
        status, out, err = run(command, *words, "--index", index)

    assert (status, out) == (1, "")
    assert "is locked by pid " in err
    assert err.count("\n") == 1


def test_a_sound_index_is_called_sound(run: Run, index: Path) -> None:
    status, out, err = run("check", "--index", index)

    assert (status, err) == (0, "")
    assert out.split() == ["4", "files", "4", "documents", "3", "passages", "sound"]


def test_a_damaged_cache_is_told_and_mended_unless_that_is_not_wanted(
    run: Run, tmp_path: Path
) -> None:
    """A4, at the command line."""
    index = tmp_path / "index"
    build(write_texts(tmp_path / "documents", make_texts(90)), index)
    ((name,), _) = list_caches(index)
    flip_file(index / name, 500, 3)

    looked = run("check", "--no-repair", "--index", index)
    mended = run("check", "--index", index, "--json")
    again = run("check", "--index", index)

    assert looked[0] == 3
    assert looked[1].endswith("damaged\n")
    assert name in looked[2]
    record = json.loads(mended[1])
    assert mended[0] == 3
    assert (record["documents"], len(record["problems"])) == (90, 1)
    assert record["advice"] == [f"Written anew: cache {name}"]
    assert (again[0], again[1].split()[-1]) == (0, "sound")


def test_a_damaged_text_is_told_with_what_to_do_and_comes_back_with_the_next_run(
    run: Run, folder: Path, index: Path
) -> None:
    """A5, at the command line."""
    from tests.fake_damage import change

    change(index / "index.db", "UPDATE blocks SET text = x'00' WHERE content = 1")

    status, out, err = run("check", "--index", index)
    built = run("index", folder, "--index", index)
    after = run("check", "--index", index)

    assert status == 3
    assert out.endswith("damaged\n")
    assert "'bridge.md'" in err
    assert "Run crossquote index FOLDER" in err
    assert built[0] == 0
    assert (after[0], after[1].split()[-1]) == (0, "sound")


def play(*steps: Callable[[], object]) -> Callable[[float], None]:
    """A pause in which the next step happens; Ctrl-C when there are none left."""
    rest = iter(steps)

    def pause(_seconds: float) -> None:
        step = next(rest, None)
        if step is None:
            raise KeyboardInterrupt
        step()

    return pause


def nothing() -> None:
    return


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has the given steps happen while a folder is watched."""

    def set_steps(*steps: Callable[[], object]) -> None:
        def watch_with_steps(folder: Path) -> Iterator[None]:
            return watch_folder(folder, pause=play(*steps))

        monkeypatch.setattr("rag.watch.watch_folder", watch_with_steps)

    return set_steps


def test_watching_takes_in_what_changes_until_it_is_stopped(
    run: Run, folder: Path, tmp_path: Path, watch: Callable[..., None]
) -> None:
    changes = (
        lambda: (folder / "new.txt").write_text("A new ferry crosses the river.\n"),
        nothing,
        lambda: (folder / "tea.txt").unlink(),
        nothing,
    )
    watch(nothing, *changes, nothing)

    status, out, err = run("index", folder, "--watch", "--index", tmp_path / "index")

    reports = [line for line in out.splitlines() if "files read" in line]
    assert status == 0
    assert [line.partition(" files read")[0] for line in reports] == ["4", "1", "0"]
    assert "1 removed" in reports[2]
    assert err.splitlines() == [f"Watching {str(folder)!r}   (stop with Ctrl-C)", "Stopped"]
    documents = read_content(tmp_path / "index" / "index.db")["documents"]
    assert documents.keys() == {"bridge.md", "copy/tea.txt", "new.txt", "大桥.txt"}


def test_a_reader_sees_what_the_watch_takes_in(
    run: Run, folder: Path, index: Path, watch: Callable[..., None]
) -> None:
    """B2: a serving process beside `index --watch`."""
    question = "When was the tea house by the river sold?"
    answerer = open_answerer(index)
    before = answerer(question)
    text = "The tea house by the river was sold in 1999.\n"
    watch(lambda: (folder / "sale.txt").write_text(text), nothing, nothing)

    run("index", folder, "--watch", "--index", index)
    after = answerer(question)

    answerer.index.close()
    assert "sale.txt" not in {hit.passage.document_id for hit in before.hits}
    assert after.hits[0].passage.document_id == "sale.txt"
    assert after.generation > before.generation


def test_watching_starts_anew_only_once(
    run: Run, folder: Path, index: Path, watch: Callable[..., None]
) -> None:
    watch(lambda: (folder / "new.txt").write_text("A new ferry.\n"), nothing, nothing)

    _, out, _ = run("index", folder, "--watch", "--rebuild", "--index", index)

    reports = [line for line in out.splitlines() if "files read" in line]
    assert [line.partition(" files read")[0] for line in reports] == ["4", "1"]


def test_watching_a_folder_that_is_not_there_is_an_error(run: Run, tmp_path: Path) -> None:
    status, out, err = run("index", tmp_path / "none", "--watch", "--index", tmp_path / "index")

    assert (status, out) == (1, "")
    assert err.startswith(f"cannot read the folder {str(tmp_path / 'none')!r}")


def test_watching_with_another_writer_at_work_is_an_error_at_first_and_waited_for_later(
    run: Run, folder: Path, index: Path, watch: Callable[..., None]
) -> None:
    """What changed while the index was locked is taken in as soon as it is not."""
    watch(nothing)
    with open_writer(index / "index.db", {}):
        first = run("index", folder, "--watch", "--index", index)
    other = open_writer(index / "index.db", {})
    other.__exit__(None, None, None)

    def lock() -> None:
        nonlocal other
        other = open_writer(index / "index.db", {})
        (folder / "new.txt").write_text("A new ferry crosses the river.\n")

    watch(lock, nothing, lambda: other.__exit__(None, None, None), nothing, nothing, nothing)
    later = run("index", folder, "--watch", "--index", index)

    assert first[0] == 1
    assert "is locked by pid" in first[2]
    assert later[0] == 0
    assert "is locked by pid" in later[2]
    assert "new.txt" in read_content(index / "index.db")["documents"]


def test_an_added_document_that_is_removed_takes_its_file_with_it(
    run: Run, folder: Path, index: Path
) -> None:
    added = write_texts(index / "added", {"salt.txt": "The salt museum opened in 1998.\n"})
    run("index", folder, "--index", index)

    status, out, err = run("remove", "/added/salt.txt", "--index", index)

    assert (status, err) == (0, "")
    assert out == (
        "1 documents removed. Files that had been added are deleted, with all their documents.\n"
    )
    assert list(added.iterdir()) == []
    assert sorted(read_content(index / "index.db")["documents"]) == sorted(TEXTS)


def test_a_damaged_index_of_added_files_says_how_they_are_read_again(
    run: Run, tmp_path: Path
) -> None:
    from tests.fake_damage import change

    added = write_texts(tmp_path / "index" / "added", {"tea.txt": TEA})
    run("index", added, "--index", tmp_path / "index")
    change(tmp_path / "index" / "index.db", "UPDATE documents SET digest = X'00'")

    status, _, err = run("check", "--index", tmp_path / "index")

    assert status == 3
    assert "To be read again: file '/added/tea.txt'. Start crossquote chat" in err
