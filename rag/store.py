"""The index as a reader sees it: SQLite holds the truth, FAISS is built from it in memory.

An `Index` may be shared by threads. Everything a question reads, it reads in one transaction
(`Index.read`), so it sees one generation of the index whole, even while another process
writes the next; a new generation is picked up by the next question.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

import numpy as np

from embeddings.encoder import Vectors
from rag.errors import IndexMismatchError
from rag.schema import connect_reading, damaged, read_meta
from rag.types import LANGUAGES, Document, Language, Leg, Passage
from rag.vectors import VectorIndex


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as stored: its row, its language, and its sentences with their vectors.

    `sentences` are spans into the document's text; `sentence_vectors` has one unit row each.
    """

    row: int
    passage: Passage
    language: Language
    sentences: tuple[tuple[int, int], ...]
    sentence_vectors: Vectors


class Index:
    """An open index.

    Args:
        path: The `index.db` file.
        expected: What the caller will ask it with, by name (`encoder`, `terms`, …): each must
            equal what the index was built with.

    Raises:
        IndexMissingError, IndexDamagedError: As `rag.schema` says.
        IndexMismatchError: If one of `expected` differs, before any question is asked.
    """

    def __init__(self, path: Path, expected: dict[str, str]) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._connection = connect_reading(path)
        meta = read_meta(self._connection, path)
        for key, value in expected.items():
            if meta.get(key) != value:
                raise IndexMismatchError(
                    f"the index at {str(path)!r} was built with {key} {meta.get(key)!r}, but now "
                    f"it is {value!r}. Rebuild it: crossquote index FOLDER --rebuild"
                )
        self._generation = -1
        self._vectors: dict[Language, VectorIndex] = {}

    @contextmanager
    def read(self) -> Iterator[View]:
        """Give a consistent view of the newest generation; one thread at a time."""
        with self._lock:
            try:
                self._connection.execute("BEGIN")
                self._refresh()
                yield View(self._connection, self._vectors, self._generation)
            except sqlite3.DatabaseError as exc:
                raise damaged(self.path, str(exc)) from exc
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file; the index can no longer be read."""
        with self._lock:
            self._connection.close()

    def _refresh(self) -> None:
        query = "SELECT value FROM meta WHERE key = 'generation'"
        generation = int(self._connection.execute(query).fetchone()[0])
        if generation == self._generation:
            return
        self._vectors = {language: self._load_vectors(language) for language in LANGUAGES}
        self._generation = generation

    def _load_vectors(self, language: Language) -> VectorIndex:
        found = self._connection.execute(
            'SELECT "row", vector FROM passages WHERE language = ? ORDER BY "row"', (language,)
        ).fetchall()
        rows = np.array([row for row, _ in found], dtype=np.int64)
        blob = b"".join(vector for _, vector in found)
        vectors = np.frombuffer(blob, dtype="<f4").astype(np.float32)
        return VectorIndex(rows, vectors.reshape(len(rows), -1) if len(rows) else vectors)


class View:
    """One generation of an index, to be used inside `Index.read` only."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        vectors: dict[Language, VectorIndex],
        generation: int,
    ) -> None:
        self._connection = connection
        self._vectors = vectors
        self.generation = generation

    def count_passages(self, language: Language) -> int:
        """How many passages of that language there are."""
        return len(self._vectors[language])

    def search_vectors(self, query: Vectors, language: Language, k: int) -> dict[int, float]:
        """Return row -> cosine of the `k` closest passages, closest first, ties by row."""
        return self._vectors[language].search(query, k)

    def compare_vectors(
        self, query: Vectors, language: Language, rows: Sequence[int]
    ) -> dict[int, float]:
        """Return row -> cosine for the given rows of that language."""
        return self._vectors[language].compare(query, rows)

    def search_terms(
        self, leg: Leg, language: Language, terms: Sequence[str], k: int
    ) -> dict[int, float]:
        """Return row -> BM25 (higher is better) of the `k` best, best first, ties by row.

        Passages that hold none of the terms are not in it.
        """
        if not terms:
            return {}
        table = f"{leg}_{language}"
        return self._bm25(table, terms, f"ORDER BY {table}.rank, rowid LIMIT ?", (k,))

    def score_terms(
        self, leg: Leg, language: Language, terms: Sequence[str], rows: Sequence[int]
    ) -> dict[int, float]:
        """Return row -> BM25 for those of `rows` that hold any of the terms."""
        if not terms or not rows:
            return {}
        marks = ",".join("?" * len(rows))
        return self._bm25(f"{leg}_{language}", terms, f"AND rowid IN ({marks})", tuple(rows))

    def _bm25(
        self, table: str, terms: Sequence[str], rest: str, values: tuple[int, ...]
    ) -> dict[int, float]:
        match = " OR ".join(f'"{term}"' for term in terms)
        query = f"SELECT rowid, -bm25({table}) FROM {table} WHERE {table} MATCH ? {rest}"  # noqa: S608
        return dict(self._connection.execute(query, (match, *values)))

    def count_holders(self, leg: Leg, language: Language, terms: Sequence[str]) -> dict[str, int]:
        """Return term -> number of passages that hold it; absent terms are left out."""
        unique = sorted(set(terms))
        marks = ",".join("?" * len(unique))
        query = f"SELECT term, doc FROM {leg}_{language}_terms WHERE term IN ({marks})"  # noqa: S608
        return dict(self._connection.execute(query, unique))

    def get_passages(self, rows: Sequence[int]) -> list[StoredPassage]:
        """Return the passages of `rows`, in that order."""
        marks = ",".join("?" * len(rows))
        query = (
            'SELECT p."row", p.id, p.document_id, p.start, p."end", p.heading, p.section, '  # noqa: S608
            "p.language, p.sentences, p.sentence_vectors, "
            'substr(d.text, p.start + 1, p."end" - p.start) '
            f'FROM passages p JOIN documents d ON d.id = p.document_id WHERE p."row" IN ({marks})'
        )
        found = {row[0]: _stored_passage(row) for row in self._connection.execute(query, rows)}
        return [found[row] for row in rows]

    def get_documents(self, ids: Sequence[str]) -> dict[str, Document]:
        """Return id -> document for those of `ids` that exist."""
        marks = ",".join("?" * len(ids))
        query = (
            "SELECT id, title, text, source, language, published FROM documents "  # noqa: S608
            f"WHERE id IN ({marks})"
        )
        return {row[0]: _document(row) for row in self._connection.execute(query, ids)}

    def list_documents(self) -> list[tuple[str, str, Language, int]]:
        """Return (id, title, language, number of passages) of every document, by id."""
        query = (
            "SELECT d.id, d.title, d.language, count(p.id) FROM documents d "
            "LEFT JOIN passages p ON p.document_id = d.id GROUP BY d.id ORDER BY d.id"
        )
        return list(self._connection.execute(query))


def _stored_passage(row: Sequence[Any]) -> StoredPassage:
    number, id_, document_id, start, end, heading, section, language, spans, blob, text = row
    sentences = tuple((first, last) for first, last in json.loads(spans))
    vectors = np.frombuffer(blob, dtype="<f2").astype(np.float32)
    return StoredPassage(
        row=number,
        passage=Passage(id_, document_id, text, start, end, heading, section),
        language=cast("Language", language),
        sentences=sentences,
        sentence_vectors=vectors.reshape(len(sentences), -1) if sentences else vectors,
    )


def _document(row: Sequence[Any]) -> Document:
    id_, title, text, source, language, published = row
    day = date.fromisoformat(published) if published else None
    return Document(id_, title, text, source, cast("Language", language), day)
