"""Read passages and documents out of `index.db`, as they were stored.

A text that several documents hold stands once; its passages belong to the one with the smallest
id, and the others are named as its copies.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Vectors
from rag.pack import unpack_vectors
from rag.rows import PASSAGE_BITS, SENTENCE_BITS
from rag.texts import TextReader
from rag.types import Document, Language, Passage

SWEEP = 8  # times as many rows are read past, rather than looked up
EACH = "SELECT value FROM json_each(?)"  # one value for a list of any length
_FIRST = "(SELECT min(id) FROM documents d WHERE d.content = p.content)"


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as stored: its row, its language, and its sentences with their vectors.

    `vector` is a unit row, as exact as eight bits a value are; `sentences` are spans into the
    document's text, and `sentence_vectors` has a unit row each, as exact as four bits are.
    """

    row: int
    passage: Passage
    language: Language
    vector: Vectors = field(compare=False)  # arrays do not compare as one truth
    sentences: tuple[tuple[int, int], ...]
    sentence_vectors: Vectors = field(compare=False)


def read_passages(
    connection: sqlite3.Connection, texts: TextReader, rows: Sequence[int]
) -> list[StoredPassage]:
    """Return the passages of `rows`, in that order.

    Raises:
        sqlite3.DatabaseError: If one is missing or damaged.
    """
    query = (
        f'SELECT p."row", {_FIRST}, p.content, p.number, p.start, p."end", p.heading, p.section, '  # noqa: S608
        "v.language, v.vector, p.sentences, p.sentence_vectors FROM passages p "
        f'JOIN vectors v ON v."row" = p."row" WHERE p."row" IN ({EACH})'
    )
    records = connection.execute(query, (json.dumps(rows),)).fetchall()
    try:
        found = {record[0]: _read_passage(record, texts) for record in records}
        return [found[row] for row in rows]
    except (KeyError, TypeError, ValueError) as exc:
        raise sqlite3.DatabaseError(f"passages, {exc}") from exc  # `Index.read` names the file


def read_passage_ids(connection: sqlite3.Connection, rows: Sequence[int]) -> dict[int, str]:
    """Return row -> passage id for those of `rows` that exist."""
    query = f'SELECT p."row", {_FIRST}, p.number FROM passages p WHERE p."row" IN ({EACH})'  # noqa: S608
    found = connection.execute(query, (json.dumps(rows),))
    return {row: name_passage(first, number) for row, first, number in found}


def read_documents(
    connection: sqlite3.Connection, texts: TextReader, ids: Sequence[str]
) -> dict[str, Document]:
    """Return id -> document, with its copies, for those of `ids` that exist.

    Raises:
        sqlite3.DatabaseError: If a text is damaged.
    """
    query = (
        "SELECT d.id, d.title, d.content, d.source, c.language, d.published FROM documents d "  # noqa: S608
        f"JOIN contents c ON c.content = d.content WHERE d.id IN ({EACH})"
    )
    documents = {}
    for id_, title, content, source, language, published in connection.execute(
        query, (json.dumps(ids),)
    ).fetchall():
        others = "SELECT source FROM documents WHERE content = ? AND id <> ? ORDER BY id"
        copies = tuple(dict.fromkeys(s for (s,) in connection.execute(others, (content, id_))))
        text = texts.read_text(content)
        day = _read_day(published)
        documents[id_] = Document(id_, title, text, source, language, day, copies)
    return documents


def _read_day(published: str | None) -> date | None:
    try:
        return date.fromisoformat(published) if published else None
    except (TypeError, ValueError) as exc:
        raise sqlite3.DatabaseError(f"documents, {exc}") from exc


def read_vectors(connection: sqlite3.Connection, rows: npt.NDArray[np.int64]) -> Vectors:
    """Return the vectors of `rows`, ascending: by one sweep where they lie close, else one by one.

    Raises:
        ValueError: If they differ in length, or one is damaged.
    """
    values: tuple[str | int, ...] = (json.dumps(rows.tolist()),)
    query = f'"row" IN ({EACH})'
    if rows[-1] - rows[0] < SWEEP * len(rows):
        query, values = '"row" BETWEEN ? AND ?', (int(rows[0]), int(rows[-1]))
    found = connection.execute(
        f'SELECT "row", vector FROM vectors WHERE {query} ORDER BY "row"',  # noqa: S608
        values,
    )
    wanted = set(rows.tolist())
    return unpack_passage_vectors([blob for row, blob in found if row in wanted])


def unpack_passage_vectors(blobs: Sequence[bytes]) -> Vectors:
    """Return the vectors of passages as float32 unit rows, shape (len(blobs), dim).

    Raises:
        ValueError: If they differ in length.
    """
    if len({len(blob) for blob in blobs}) > 1:
        raise ValueError("its vectors differ in length")
    return unpack_vectors(b"".join(blobs), len(blobs[0]), PASSAGE_BITS)


def name_passage(document_id: str, number: int) -> str:
    """The id of a passage: its document's, and its place there, from 0."""
    return f"{document_id}#{number}"


def _read_passage(record: Sequence[Any], texts: TextReader) -> StoredPassage:
    row, document_id, content, number, start, end, heading, section, language = record[:9]
    packed, spans, blob = record[9:]
    (vector,) = unpack_vectors(packed, len(packed), PASSAGE_BITS)
    sentences = np.frombuffer(spans, dtype="<u4").reshape(-1, 2).tolist()
    vectors = unpack_vectors(blob, len(vector), SENTENCE_BITS)
    if len(vectors) != len(sentences):
        raise ValueError(f"row {row} has {len(sentences)} sentences, but {len(vectors)} vectors")
    text = texts.read_slice(content, start, end)
    return StoredPassage(
        row=row,
        passage=Passage(
            name_passage(document_id, number), document_id, text, start, end, heading, section
        ),
        language=cast("Language", language),
        vector=vector,
        sentences=tuple((first, last) for first, last in sentences),
        sentence_vectors=vectors,
    )
