"""Damage anywhere in an index is found, and named by the document or passage that it hit."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from rag.check import CheckReport, check_index
from rag.errors import IndexDamagedError, IndexMismatchError, IndexMissingError
from rag.schema import FTS_TABLES
from rag.terms import REVISION
from tests.fake_index import GLOSSARY, open_writer, put_file

TEXTS = {
    "a": "The bridge is old. It was built of stone.",
    "b": "Tea and salt are sold here. Bridge tea is best.",
    "c": "临河大桥通车。大桥很长。",
}
META = {"encoder": "hashing/1", "terms": f"{REVISION}/{GLOSSARY.fingerprint}"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "index.db"
    with open_writer(path, META) as writer:
        for name, text in TEXTS.items():
            put_file(writer, name, text)
    return path


def change(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(statement, values).rowcount == 1


def check(path: Path) -> CheckReport:
    return check_index(path, GLOSSARY)


def test_a_sound_index_has_no_problems(path: Path) -> None:
    assert check(path) == CheckReport({"files": 3, "documents": 3, "passages": 3}, ())


def test_an_index_that_was_changed_often_is_sound(path: Path) -> None:
    for n in range(4):
        with open_writer(path, META) as writer:
            put_file(writer, "a", f"The bridge was closed {n} times. " * (n + 1))
            put_file(writer, f"new {n}", "大桥通车。")
            writer.remove_file(f"new {n - 1}")

    assert check(path).problems == ()


def test_an_empty_index_is_sound(tmp_path: Path) -> None:
    with open_writer(tmp_path / "index.db", META):
        pass

    assert check(tmp_path / "index.db").problems == ()


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            "UPDATE documents SET text = replace(text, 'old', 'new') WHERE id = 'a'",
            "document 'a': its text is not what was stored",
        ),
        (
            "UPDATE documents SET text = CAST(X'ff' || substr(text, 2) AS TEXT) WHERE id = 'a'",
            "document 'a': its text is not what was stored",
        ),
        (
            "UPDATE passages SET text = replace(text, 'old', 'new') WHERE id = 'a#0'",
            "passage 'a#0': its text is not 0:41 of its document",
        ),
        ("UPDATE passages SET start = 1 WHERE id = 'b#0'", "passage 'b#0': its text is not 1:47"),
        ("UPDATE passages SET start = -9 WHERE id = 'b#0'", "passage 'b#0': its text is not -9:47"),
        (
            "UPDATE passages SET sentences = '[[0,99]]' WHERE id = 'b#0'",
            "passage 'b#0': its sentences are not spans of it",
        ),
        (
            "UPDATE passages SET sentences = '[[0,' WHERE id = 'b#0'",
            "passage 'b#0': its sentences are not spans of it",
        ),
        (
            "UPDATE passages SET vector = substr(vector, 5) WHERE id = 'b#0'",
            "passage 'b#0': its vector is damaged",
        ),
        (
            "UPDATE passages SET vector = zeroblob(256) WHERE id = 'c#0'",
            "passage 'c#0': its vector is damaged",
        ),
        (
            "UPDATE passages SET sentence_vectors = zeroblob(256) WHERE id = 'c#0'",
            "passage 'c#0': a sentence vector is damaged",
        ),
        (
            "UPDATE passages SET sentence_vectors = X'00' WHERE id = 'c#0'",
            "passage 'c#0': a sentence vector is damaged",
        ),
        (
            "UPDATE passages SET language = 'zh' WHERE id = 'a#0'",
            "search table lexical_zh: passage 'a#0' has other terms there than in its text",
        ),
        ("UPDATE passages SET document_id = 'x' WHERE id = 'a#0'", "its document is missing"),
        ("DELETE FROM passages WHERE id = 'a#0'", "row 1, which is no passage, has other terms"),
        (
            "UPDATE passages SET heading = 'Wine' WHERE id = 'a#0'",
            "search table lexical_en: passage 'a#0' has other terms",
        ),
    ],
)
def test_what_is_wrong_is_named(statement: str, problem: str, path: Path) -> None:
    change(path, statement)

    assert problem in "\n".join(check(path).problems)


@pytest.mark.parametrize("column", ["vector", "sentence_vectors"])
@pytest.mark.parametrize("place", range(4))
def test_a_high_bit_flipped_in_a_vector_is_found(column: str, place: int, path: Path) -> None:
    """Of the largest numbers; the norm betrays it, though not a flipped sign or a last bit."""
    kind, bit = ("<f4", 1 << 29) if column == "vector" else ("<f2", 1 << 13)
    with closing(sqlite3.connect(path)) as connection:
        (blob,) = connection.execute(f"SELECT {column} FROM passages WHERE id = 'b#0'").fetchone()  # noqa: S608
    numbers = np.frombuffer(blob, dtype=kind).copy()
    bits = numbers.view("<u4" if column == "vector" else "<u2")
    bits[np.argsort(-np.abs(numbers))[place]] ^= bit

    change(path, f"UPDATE passages SET {column} = ? WHERE id = 'b#0'", numbers.tobytes())  # noqa: S608

    (problem,) = check(path).problems
    assert problem.startswith("passage 'b#0': ")
    assert problem.endswith("vector is damaged")


@pytest.mark.parametrize("table", FTS_TABLES)
def test_a_byte_flipped_in_a_search_table_is_found(table: str, path: Path) -> None:
    """SQLite's own check, before 3.44, does not look into them."""
    with closing(sqlite3.connect(path)) as connection:
        blocks = connection.execute(f"SELECT id, block FROM {table}_data WHERE id > 99").fetchall()  # noqa: S608
    missed = []
    for id_, block in blocks:
        for place in range(4, len(block), 5):
            damaged = bytes([*block[:place], block[place] ^ 0x04, *block[place + 1 :]])
            change(path, f"UPDATE {table}_data SET block = ? WHERE id = ?", damaged, id_)  # noqa: S608
            if not find_problem(path, table):
                missed.append((id_, place))
            change(path, f"UPDATE {table}_data SET block = ? WHERE id = ?", block, id_)  # noqa: S608

    assert blocks
    assert missed == []
    assert check(path).problems == ()


def find_problem(path: Path, table: str) -> bool:
    try:
        return any(table in problem for problem in check(path).problems)
    except IndexDamagedError:
        return True


def test_a_search_row_that_is_lost_is_named(path: Path) -> None:
    change(path, "DELETE FROM lexical_en_docsize WHERE id = 1")

    (problem, *_) = check(path).problems
    assert problem == (
        "search table lexical_en: passage 'a#0' has other terms there than in its text"
    )


def test_a_damaged_average_is_found(path: Path) -> None:
    change(path, "UPDATE lexical_en_data SET block = X'0209' WHERE id = 1")

    assert check(path).problems == ("search table lexical_en: its average length is damaged",)


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
    damage: Callable[[bytes], bytes], path: Path
) -> None:
    path.write_bytes(damage(path.read_bytes()))

    try:
        assert check(path).problems
    except IndexDamagedError as exc:
        assert "Build it anew" in str(exc)  # noqa: PT017 - either is right


def test_a_missing_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="no index at"):
        check(tmp_path / "index.db")


def test_an_index_of_other_words_is_not_compared(path: Path) -> None:
    change(path, "UPDATE meta SET value = '0/old' WHERE key = 'terms'")

    with pytest.raises(IndexMismatchError, match=r"built with terms '0/old'.* --glossary"):
        check(path)
