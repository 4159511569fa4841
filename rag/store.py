"""The index as a reader sees it: SQLite holds the truth; vectors and postings follow it in memory.

An `Index` may be shared by threads. Everything a question reads, it reads in one transaction
(`Index.read`), so it sees one generation of the index whole, even while another process
writes the next; a new generation is picked up by the next question, which reads only what changed.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Vectors
from rag.caches import MissingFileError, TermCache, list_rows
from rag.errors import IndexMismatchError
from rag.passages import (
    EACH,
    StoredPassage,
    read_documents,
    read_passage_ids,
    read_passages,
    read_vectors,
)
from rag.schema import FrozenConnection, connect_reading, damaged, read_meta
from rag.term_search import TermIndex, TermScores
from rag.texts import TextReader
from rag.types import LANGUAGES, Document, FindTerms, Language, Leg
from rag.vector_cache import open_vectors
from rag.vectors import VectorIndex


@dataclass(slots=True)
class _Loaded:
    """What is held in memory of one generation."""

    id: str = ""
    generation: int = -1
    vectors: dict[Language, VectorIndex] = field(default_factory=dict)
    terms: dict[Language, TermIndex] = field(default_factory=dict)


class Index:
    """An open index.

    Args:
        path: The `index.db` file.
        expected: What the caller will ask it with, by name (`encoder`, `terms`, …): each must
            equal what the index was built with.
        find_terms: Gives the terms of a passage, leg by leg, as when the index was built.

    Raises:
        IndexMissingError, IndexDamagedError: As `rag.schema` says.
        IndexMismatchError: If one of `expected` differs, before any question is asked.
    """

    def __init__(self, path: Path, expected: dict[str, str], find_terms: FindTerms) -> None:
        self.path = path
        self._expected = expected
        self._find_terms = find_terms
        self._lock = threading.RLock()
        self._open()
        try:
            self._check_meta()
        except BaseException:
            self._connection.close()
            raise
        self._forget()

    @contextmanager
    def read(self) -> Iterator[View]:
        """Give a consistent view of the newest generation; one thread at a time.

        Raises:
            IndexDamagedError: If what is read turns out to be damaged.
            IndexMismatchError: If the index was built anew with something else.
        """
        with self._lock:
            if self._connection.in_transaction:
                raise RuntimeError("Index.read() within Index.read(): use the view you have")
            try:
                self._begin()
                yield View(self._connection, self._texts, self._loaded)
            except sqlite3.DatabaseError as exc:
                raise damaged(self.path, str(exc)) from exc
            finally:
                _end_transaction(self._connection)

    def close(self) -> None:
        """Close the file; the index can no longer be read."""
        with self._lock:
            self._connection.close()

    def _forget(self) -> None:
        folder = self.path.parent
        self._loaded = _Loaded()
        self._terms = {lang: TermCache(folder, lang, self._find_terms) for lang in LANGUAGES}

    def _begin(self) -> None:
        """Begin to read; a table that names a file which a writer has replaced is read again."""
        self._thaw()
        self._connection.execute("BEGIN")
        try:
            self._refresh(patient=True)
        except MissingFileError:
            _end_transaction(self._connection)
            self._connection.execute("BEGIN")
            self._refresh(patient=False)

    def _thaw(self) -> None:
        """Open the file again if it was replaced, or cannot be seen otherwise to have changed."""
        seen = self._look()
        frozen = isinstance(self._connection, FrozenConnection)
        if seen[0] and (seen[0] != self._seen[0] or (frozen and seen != self._seen)):
            self._connection.close()
            self._open()

    def _open(self) -> None:
        self._seen = self._look()
        self._connection = connect_reading(self.path)
        self._texts = TextReader(self._connection)

    def _look(self) -> tuple[int, int, int]:
        try:
            found = self.path.stat()
        except OSError:
            return (0, 0, 0)
        return (found.st_ino, found.st_size, found.st_mtime_ns)

    def _refresh(self, *, patient: bool) -> None:
        query = "SELECT value FROM meta WHERE key IN ('generation', 'id') ORDER BY key"
        (number,), (id_,) = self._connection.execute(query).fetchall()
        generation = int(number)
        if id_ != self._loaded.id:
            self._forget()  # another index has taken its place
        elif generation == self._loaded.generation:
            return
        try:
            self._check_meta()
            for language in LANGUAGES:
                rows = list_rows(self._connection, language)
                if language not in self._loaded.vectors:
                    self._loaded.vectors[language] = open_vectors(
                        self._connection, self.path.parent, language
                    )
                self._loaded.vectors[language].follow(rows, self._load_vectors)
                self._loaded.terms[language] = self._terms[language].follow(
                    self._connection, self._texts, rows, patient=patient
                )
        except ValueError as exc:
            self._forget()
            raise damaged(self.path, f"vectors, {exc}") from exc
        except MissingFileError:
            raise  # `_begin` tries once more, and goes on from what is there
        except BaseException:
            self._forget()  # half of two generations must not be searched
            raise
        self._loaded.id, self._loaded.generation = id_, generation

    def _check_meta(self) -> None:
        meta = read_meta(self._connection, self.path)
        if not meta.get("generation", "").isdecimal() or not meta.get("id"):
            raise damaged(self.path, "it does not say its generation")
        for key, value in self._expected.items():
            if meta.get(key) != value:
                raise IndexMismatchError(
                    f"the index at {str(self.path)!r} was built with {key} {meta.get(key)!r}, but "
                    f"now it is {value!r}. Rebuild it: crossquote index FOLDER --rebuild, "
                    "or ask with what it was built with (--encoder, --glossary)"
                )

    def _load_vectors(self, rows: npt.NDArray[np.int64]) -> Vectors:
        return read_vectors(self._connection, rows)


class View:
    """One generation of an index, to be used inside `Index.read` only."""

    def __init__(self, connection: sqlite3.Connection, texts: TextReader, loaded: _Loaded) -> None:
        self._connection = connection
        self._texts = texts
        self._vectors = loaded.vectors
        self._terms = loaded.terms
        self._scores: dict[tuple[Leg, Language, tuple[str, ...]], TermScores] = {}
        self.generation = loaded.generation

    def count_passages(self, language: Language) -> int:
        """How many passages of that language there are."""
        return len(self._vectors[language])

    def search_vectors(self, query: Vectors, language: Language, k: int) -> dict[int, float]:
        """Return row -> cosine of the `k` closest passages, closest first, ties by row.

        Raises:
            IndexMismatchError: If the query has not as many values as the vectors of the index.
            ValueError: If it is no unit vector.
        """
        dim = self._vectors[language].dim
        if dim and query.ndim == 1 and len(query) != dim:
            raise IndexMismatchError(
                f"the index holds vectors of {dim} values, but the encoder gives {len(query)}. "
                "Rebuild it: crossquote index FOLDER --rebuild, or ask with the --encoder that it "
                "was built with"
            )
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
        return self._score(leg, language, terms).top(k)

    def score_terms(
        self, leg: Leg, language: Language, terms: Sequence[str], rows: Sequence[int]
    ) -> dict[int, float]:
        """Return row -> BM25 for those of `rows` that hold any of the terms."""
        return self._score(leg, language, terms).of(rows)

    def count_holders(self, leg: Leg, language: Language, terms: Sequence[str]) -> dict[str, int]:
        """Return term -> number of passages that hold it; absent terms are left out."""
        return self._terms[language].count_holders(leg, terms)

    def list_words(self, language: Language) -> tuple[str, ...]:
        """Return the Latin words of `language`'s passages, of 4 to 30 letters a to z, sorted.

        The first call of a generation reads the whole vocabulary; the next find it ready.
        """
        return self._terms[language].list_words()

    def get_passages(self, rows: Sequence[int]) -> list[StoredPassage]:
        """Return the passages of `rows`, in that order."""
        return read_passages(self._connection, self._texts, rows)

    def get_passage_ids(self, rows: Sequence[int]) -> dict[int, str]:
        """Return row -> id of a passage, for those of `rows` that exist."""
        return read_passage_ids(self._connection, rows)

    def get_sources(self, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return id -> sources of all documents with its text, for those of `ids` that exist."""
        query = (
            "SELECT d.id, o.source FROM documents d JOIN documents o ON o.content = d.content "  # noqa: S608
            f"WHERE d.id IN ({EACH}) ORDER BY d.id, o.id"
        )
        found: dict[str, tuple[str, ...]] = {}
        for id_, source in self._connection.execute(query, (json.dumps(ids),)):
            found[id_] = (*found.get(id_, ()), source)
        return found

    def get_titles(self, ids: Sequence[str]) -> dict[str, str]:
        """Return id -> title for those of `ids` that exist; their texts are not read."""
        query = f"SELECT id, title FROM documents WHERE id IN ({EACH})"  # noqa: S608
        return dict(self._connection.execute(query, (json.dumps(ids),)).fetchall())

    def get_documents(self, ids: Sequence[str]) -> dict[str, Document]:
        """Return id -> document for those of `ids` that exist."""
        return read_documents(self._connection, self._texts, ids)

    def list_documents(self) -> list[tuple[str, str, Language, int]]:
        """Return (id, title, language, number of passages) of every document, by id."""
        query = (
            "SELECT d.id, d.title, c.language, "
            "(SELECT count(*) FROM passages p WHERE p.content = d.content) "
            "FROM documents d JOIN contents c ON c.content = d.content ORDER BY d.id"
        )
        return list(self._connection.execute(query))

    def _score(self, leg: Leg, language: Language, terms: Sequence[str]) -> TermScores:
        key = (leg, language, tuple(terms))
        if key not in self._scores:
            self._scores[key] = self._terms[language].score_terms(leg, terms)
        return self._scores[key]


def _end_transaction(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("COMMIT")
