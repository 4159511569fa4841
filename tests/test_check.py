"""Damage anywhere in an index is found, and named by the documents that it hit."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.check import check_index
from rag.errors import IndexDamagedError, IndexMismatchError, IndexMissingError, RagError
from rag.faults import CheckReport
from tests.fake_damage import (
    COLUMNS,
    change,
    check,
    copy_index,
    flip_column,
    flip_file,
    list_owners,
    make_indexes,
    read_content,
    seed_rng,
    synchronize,
    write_folder,
)  # fmt: skip
from tests.fake_index import GLOSSARY, open_writer

ROUNDS, ROWS = 14, 3  # 42 flips a column


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_indexes(tmp_path_factory.mktemp("made"))


@pytest.fixture
def plain(made: Path, tmp_path: Path) -> Path:
    return copy_index(made, "plain", tmp_path)


@pytest.fixture
def cached(made: Path, tmp_path: Path) -> Path:
    return copy_index(made, "cached", tmp_path)


def test_a_sound_index_has_no_problems(plain: Path, cached: Path) -> None:
    counts = {"files": 6, "documents": 7, "passages": 29}

    assert check(plain) == CheckReport(counts, ())
    assert check(cached) == CheckReport(counts, ())
    assert check(cached).problems == ()


def test_checking_tells_how_far_it_is(cached: Path) -> None:
    told: list[tuple[int, int]] = []

    check_index(cached, GLOSSARY, progress=lambda done, total: told.append((done, total)))

    assert told[:2] == [(1, 35), (2, 35)]  # six texts, then 29 passages in caches
    assert told[-1] == (35, 35)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_an_index_that_was_changed_often_is_sound(cached: Path) -> None:
    folder = write_folder(cached.parent / "documents")
    for n in range(4):
        (folder / "bridge.txt").write_text(f"The bridge was closed {n} times. " * (n + 1))
        (folder / f"new {n}.txt").write_text("大桥通车。")
        (folder / f"new {n - 1}.txt").unlink(missing_ok=True)
        synchronize(folder, cached, cached=n % 2 == 0)

        assert check(cached).problems == ()


def test_an_empty_index_is_sound(made: Path, tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    shutil.copy(made / "documents" / "tea.txt", tmp_path / "documents")
    synchronize(tmp_path / "documents", tmp_path / "index.db")
    with open_writer(tmp_path / "index.db", {}) as writer:
        writer.remove_files(["tea.txt"])

    assert check(tmp_path / "index.db") == CheckReport(
        {"files": 0, "documents": 0, "passages": 0}, ()
    )


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_every_bit_flipped_in_a_column_is_found_and_its_document_named(
    table: str, column: str, plain: Path
) -> None:
    sound, owners = plain.read_bytes(), list_owners(plain, table)
    flipped, missed = 0, []
    for n in range(ROUNDS):
        hit = flip_column(plain, table, column, seed_rng(n), rows=ROWS)
        problems = "\n".join(check(plain).problems)
        flipped += len(hit)
        for key in hit:
            names = [*owners[key], *(id_.partition("#")[0] for id_ in owners[key])]
            missed += [] if any(repr(name) in problems for name in names) else [(n, key)]
        plain.write_bytes(sound)

    assert flipped >= ROUNDS
    assert missed == []


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("DELETE FROM blocks WHERE start > 0", "document 'river.txt': its text is not what was"),
        ("DELETE FROM blocks WHERE start = 0", "document 'river.txt': its text cannot be read"),
        (
            "UPDATE contents SET language = 'en' WHERE language = 'zh'",
            "document 'bridge.txt': its language, title or count",
        ),
        (
            "UPDATE contents SET title = 'Coffee' WHERE title = 'tea'",
            "documents 'archive/tea.txt', 'tea.txt': its language, title or count",
        ),
        (
            "UPDATE passages SET heading = heading || 's' WHERE heading LIKE 'river%'",
            "document 'river.txt', passages 0, 1, 2, 3, 4 and 18 more: not what was stored",
        ),
        (
            'UPDATE passages SET "end" = "end" + 99 WHERE heading = \'Ferry\'',
            "document 'news.jsonl#1', passage 0: outside the text",
        ),
        (
            "UPDATE passages SET sentences = X'0000000001000000ff' WHERE heading = 'Ferry'",
            "document 'news.jsonl#1', passage 0: with sentences outside of it",
        ),
        (
            "UPDATE passages SET sentences = X'00000000ff000000' WHERE heading = 'Ferry'",
            "document 'news.jsonl#1', passage 0: with sentences outside of it",
        ),
        (
            "UPDATE passages SET sentence_vectors = X'00' WHERE heading = 'Ferry'",
            "document 'news.jsonl#1', passage 0: with vectors of a wrong length",
        ),
        (
            "UPDATE vectors SET vector = substr(vector, 2) WHERE language = 'zh'",
            "document 'bridge.txt', passage 0: with vectors of a wrong length",
        ),
        (
            "DELETE FROM vectors WHERE language = 'zh'",
            "document 'bridge.txt', passage 0: without a vector",
        ),
        (
            "DELETE FROM passages WHERE number = 7",
            "document 'river.txt', passage 8: another is missing before",
        ),
        ("DELETE FROM passages WHERE number = 22", "document 'river.txt': its language, title or"),
        ("DELETE FROM passages WHERE number = 7", "'vectors': rows that belong to nothing, 1 of"),
        (
            "UPDATE documents SET published = '2021-03-05' WHERE published = '2021-03-04'",
            "document 'news.jsonl#1' of the file 'news.jsonl': its title, source, date or place",
        ),
        ("DELETE FROM contents WHERE title = 'Mill'", "document 'news.jsonl#2': its text is miss"),
        ("DELETE FROM documents WHERE id = 'bridge.txt'", "content 2: no document has this text"),
        ("DELETE FROM documents WHERE id = 'bridge.txt'", "file 'bridge.txt': it has no documents"),
        (
            "DELETE FROM files WHERE path = 'news.jsonl'",
            "document 'news.jsonl#2': its file 'news.jsonl' is not listed",
        ),
        (
            "UPDATE files SET sha256 = 'x' WHERE path = 'tea.txt'",
            "file 'tea.txt': its checksum is damaged",
        ),
        ("DELETE FROM meta WHERE key = 'generation'", "the index does not say its generation"),
        ("DROP INDEX vectors_language", "SQLite: the index 'vectors_language' is not as it was"),
    ],
)
def test_what_is_wrong_is_said(statement: str, problem: str, plain: Path) -> None:
    change(plain, statement)

    assert problem in "\n".join(check(plain).problems)


def test_many_documents_of_one_text_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    for n in range(8):
        (folder / f"{n}.txt").write_text("The same notice hangs at each of the doors.\n")
    synchronize(folder, tmp_path / "index.db")
    change(tmp_path / "index.db", "UPDATE passages SET section = section + 1")

    assert check(tmp_path / "index.db").problems == (
        "documents '0.txt', '1.txt', '2.txt', '3.txt', '4.txt' and 3 more, "
        "passage 0: not what was stored",
    )


@pytest.mark.parametrize("seed", range(60))
def test_a_bit_flipped_anywhere_in_the_file_is_found_or_of_no_consequence(
    seed: int, plain: Path
) -> None:
    """Of no consequence are bytes that are in no use, and what only has a file read again."""
    before, rng = read_content(plain), seed_rng(seed)
    flip_file(plain, rng.randrange(plain.stat().st_size), rng.randrange(8))

    try:
        sound = not check(plain).problems and read_content(plain) == before
    except RagError as exc:
        assert plain.name in str(exc)  # noqa: PT017 - either is right
    else:
        assert sound or check(plain).problems


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[: len(data) // 2], id="cut in half"),
        pytest.param(lambda data: data[: len(data) * 99 // 100], id="cut a little"),
        pytest.param(lambda data: b"x" * 100 + data[100:], id="no header"),
        pytest.param(lambda data: b"", id="empty"),
    ],
)
def test_a_file_cut_short_is_damaged_or_has_problems(
    damage: Callable[[bytes], bytes], plain: Path
) -> None:
    plain.write_bytes(damage(plain.read_bytes()))

    try:
        assert check(plain).problems
    except IndexDamagedError as exc:
        assert "Build it anew" in str(exc)  # noqa: PT017 - either is right


def test_caches_are_not_compared_with_what_damaged_tables_say(cached: Path) -> None:
    """A passage that ended far beyond its text was read for ever."""
    change(cached, 'UPDATE passages SET "end" = 1 << 60')
    change(cached, "DROP INDEX vectors_language")

    problems = check(cached).problems

    assert problems[0] == "SQLite: the index 'vectors_language' is not as it was made"
    assert "document 'bridge.txt', passage 0: outside the text" in problems


@pytest.mark.parametrize("place", range(11))
def test_a_damaged_definition_of_a_table_is_said_to_be_damaged(place: int, plain: Path) -> None:
    """SQLite quotes the damaged word in its message, which is then no UTF-8."""
    flip_file(plain, plain.read_bytes().index(b"PRIMARY KEY") + place, 7)

    with pytest.raises(IndexDamagedError, match=r"cannot be read: .*Build it anew"):
        check(plain)


def test_a_missing_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="no index at"):
        check(tmp_path / "index.db")


def test_an_index_of_other_words_is_not_compared(plain: Path) -> None:
    change(plain, "UPDATE meta SET value = '0/old' WHERE key = 'terms'")

    with pytest.raises(IndexMismatchError, match=r"built with terms '0/old'.* --glossary"):
        check(plain)
