"""A text comes back as it was stored, whole and in slices, and damage is an error."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing

import pytest

from rag.texts import BLOCK_CHARS, TextReader, write_text

LONG = "".join(chr(0x4E00 + n % 5000) for n in range(3 * BLOCK_CHARS + 7))


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "CREATE TABLE blocks (content INTEGER, start INTEGER, text BLOB, "
            "PRIMARY KEY (content, start))"
        )
        yield connection


@pytest.mark.parametrize(
    "text", ["", "a", LONG, "\0 \ud800 \U0001f697\r\n"], ids=["empty", "one", "long", "odd"]
)
def test_a_text_comes_back(connection: sqlite3.Connection, text: str) -> None:
    write_text(connection, 1, text)

    assert TextReader(connection).read_text(1) == text


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, 10),
        (BLOCK_CHARS - 5, BLOCK_CHARS + 5),
        (BLOCK_CHARS, 2 * BLOCK_CHARS),
        (100, len(LONG)),
        (len(LONG) - 3, len(LONG) + 50),
        (5, 5),
    ],
)
def test_a_slice_is_that_of_the_text(connection: sqlite3.Connection, start: int, end: int) -> None:
    write_text(connection, 1, "another text")
    write_text(connection, 2, LONG)

    assert TextReader(connection).read_slice(2, start, end) == LONG[start:end]


def test_blocks_are_kept_so_that_a_slice_is_read_once(connection: sqlite3.Connection) -> None:
    write_text(connection, 1, LONG)
    reader = TextReader(connection)
    reader.read_slice(1, 3, 9)

    connection.execute("DELETE FROM blocks")

    assert reader.read_slice(1, 0, 20) == LONG[:20]


@pytest.mark.parametrize(
    "blob",
    [
        b"no zlib",
        zlib.compress(b"a" * 10_000_000),
        zlib.compress(b"abc")[:-2],
        zlib.compress(b"\xff"),
    ],
    ids=["other", "bomb", "cut short", "no UTF-8"],
)
def test_a_damaged_block_is_an_error_and_never_a_text(
    connection: sqlite3.Connection, blob: bytes
) -> None:
    connection.execute("INSERT INTO blocks VALUES (1, 0, ?)", (blob,))

    with pytest.raises(sqlite3.DatabaseError, match="content 1"):
        TextReader(connection).read_text(1)
