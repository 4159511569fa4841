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
from dataclasses import dataclass, field
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

    `sentences` are spans into the document's text; `sentence_vectors` has one unit row each,
    as exact as float16 is.
    """

    row: int
    passage: Passage
    language: Language
    sentences: tuple[tuple[int, int], ...]
    sentence_vectors: Vectors = field(compare=False)  # arrays do not compare as one truth


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
        try:
            self._check_meta(read_meta(self._connection, path), expected)
        except BaseException:
            self._connection.close()
            raise
        self._generation = -1
        self._vectors: dict[Language, VectorIndex] = {}
        self._words: dict[Language, tuple[str, ...]] = {}  # filled when first asked for

    @contextmanager
    def read(self) -> Iterator[View]:
        """Give a consistent view of the newest generation; one thread at a time.

        Raises:
            IndexDamagedError: If what is read turns out to be damaged.
        """
        with self._lock:
            if self._connection.in_transaction:
                raise RuntimeError("Index.read() within Index.read(): use the view you have")
            try:
                self._connection.execute("BEGIN")
                self._refresh()
                yield View(self._connection, self._vectors, self._words, self._generation)
            except sqlite3.DatabaseError as exc:
                raise damaged(self.path, str(exc)) from exc
            finally:
                _end_transaction(self._connection)

    def close(self) -> None:
        """Close the file; the index can no longer be read."""
        with self._lock:
            self._connection.close()

    def _check_meta(self, meta: dict[str, str], expected: dict[str, str]) -> None:
        if not meta.get("generation", "").isdecimal():
            raise damaged(self.path, "it does not say its generation")
        for key, value in expected.items():
            if meta.get(key) != value:
                raise IndexMismatchError(
                    f"the index at {str(self.path)!r} was built with {key} {meta.get(key)!r}, but "
                    f"now it is {value!r}. Rebuild it: crossquote index FOLDER --rebuild, "
                    "or ask with what it was built with (--encoder, --glossary)"
                )

    def _refresh(self) -> None:
        query = "SELECT value FROM meta WHERE key = 'generation'"
        generation = int(self._connection.execute(query).fetchone()[0])
        if generation == self._generation:
            return
        self._vectors = {language: self._load_vectors(language) for language in LANGUAGES}
        self._words = {}
        self._generation = generation

    def _load_vectors(self, language: Language) -> VectorIndex:
        found = self._connection.execute(
            'SELECT "row", vector FROM passages WHERE language = ? ORDER BY "row"', (language,)
        ).fetchall()
        rows = np.array([row for row, _ in found], dtype=np.int64)
        blob = b"".join(vector for _, vector in found)
        try:
            vectors = np.frombuffer(blob, dtype="<f4").astype(np.float32)
            return VectorIndex(rows, vectors.reshape(len(rows), -1) if len(rows) else vectors)
        except ValueError as exc:
            raise damaged(self.path, f"vectors, {exc}") from exc


class View:
    """One generation of an index, to be used inside `Index.read` only."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        vectors: dict[Language, VectorIndex],
        words: dict[Language, tuple[str, ...]],
        generation: int,
    ) -> None:
        self._connection = connection
        self._vectors = vectors
        self._words = words
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
        # "+" keeps SQLite from searching anew for every row: 8 ms instead of 340.
        rest = f"AND +rowid IN ({_EACH})"
        return self._bm25(f"{leg}_{language}", terms, rest, (json.dumps(rows),))

    def _bm25(
        self, table: str, terms: Sequence[str], rest: str, values: tuple[int | str, ...]
    ) -> dict[int, float]:
        match = " OR ".join(_quote_term(term) for term in terms)
        query = f"SELECT rowid, -bm25({table}) FROM {table} WHERE {table} MATCH ? {rest}"  # noqa: S608
        return dict(self._connection.execute(query, (match, *values)))

    def count_holders(self, leg: Leg, language: Language, terms: Sequence[str]) -> dict[str, int]:
        """Return term -> number of passages that hold it; absent terms are left out."""
        query = f"SELECT term, doc FROM {leg}_{language}_terms WHERE term IN ({_EACH})"  # noqa: S608
        return dict(self._connection.execute(query, (json.dumps(sorted(set(terms))),)))

    def list_words(self, language: Language) -> tuple[str, ...]:
        """Return the Latin words of `language`'s passages, of 4 to 30 letters a to z, sorted.

        The first call of a generation reads the whole vocabulary; the next find it ready.
        """
        if language not in self._words:
            query = (
                f"SELECT term FROM lexical_{language}_terms WHERE term >= 'a' AND term < '{{' "  # noqa: S608
                "AND length(term) BETWEEN 4 AND 30 AND term NOT GLOB '*[^a-z]*' ORDER BY term"
            )
            self._words[language] = tuple(term for (term,) in self._connection.execute(query))
        return self._words[language]

    def get_passages(self, rows: Sequence[int]) -> list[StoredPassage]:
        """Return the passages of `rows`, in that order."""
        query = (
            'SELECT "row", id, document_id, text, start, "end", heading, section, language, '  # noqa: S608
            f'sentences, sentence_vectors FROM passages WHERE "row" IN ({_EACH})'
        )
        records = self._connection.execute(query, (json.dumps(rows),)).fetchall()
        try:
            found = {record[0]: _stored_passage(record) for record in records}
            return [found[row] for row in rows]
        except (KeyError, TypeError, ValueError) as exc:
            raise sqlite3.DatabaseError(f"passages, {exc}") from exc  # `Index.read` names the file

    def get_documents(self, ids: Sequence[str]) -> dict[str, Document]:
        """Return id -> document for those of `ids` that exist."""
        query = (
            "SELECT id, title, text, source, language, published FROM documents "  # noqa: S608
            f"WHERE id IN ({_EACH})"
        )
        found = self._connection.execute(query, (json.dumps(ids),))
        return {row[0]: _document(row) for row in found}

    def list_documents(self) -> list[tuple[str, str, Language, int]]:
        """Return (id, title, language, number of passages) of every document, by id."""
        query = (
            "SELECT d.id, d.title, d.language, count(p.id) FROM documents d "
            "LEFT JOIN passages p ON p.document_id = d.id GROUP BY d.id ORDER BY d.id"
        )
        return list(self._connection.execute(query))


def _end_transaction(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("COMMIT")


_EACH = "SELECT value FROM json_each(?)"  # one value for a list of any length


def _quote_term(term: str) -> str:
    return '"' + term.replace('"', '""').replace("\0", "") + '"'


def _stored_passage(row: Sequence[Any]) -> StoredPassage:
    number, id_, document_id, text, start, end, heading, section, language, spans, blob = row
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
