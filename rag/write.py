"""Write an index: one process at a time, one transaction a file, nothing half done.

What a reader sees is always a whole generation; a run that is killed leaves the files that
were committed, and the next run goes on from there.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from embeddings.encoder import Vectors
from rag.errors import (
    CorpusError,
    IndexDamagedError,
    IndexLockedError,
    IndexMismatchError,
    IndexMissingError,
)
from rag.schema import (
    FTS_TABLES,
    connect_reading,
    create_tables,
    damaged,
    is_blank,
    read_meta,
)
from rag.types import Document, Language, Leg, Passage


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage made ready: with its vectors and the spans of its sentences.

    `sentences` are spans into the document's text, `sentence_vectors` has one row each.
    """

    passage: Passage
    language: Language
    vector: Vectors = field(compare=False)  # arrays do not compare as one truth
    sentences: tuple[tuple[int, int], ...]
    sentence_vectors: Vectors = field(compare=False)


FindTerms = Callable[[Passage], Mapping[Leg, Sequence[str]]]


class IndexWriter:
    """The one writer of an index; use it as a context manager.

    Args:
        path: The `index.db` file; made with its folder if there is none.
        meta: What the index is built with and from; an existing index must agree.
        find_terms: Gives the terms of a passage, leg by leg; the same for the same passage, since
            contentless search tables must be told again what to forget.
        anew: Start from nothing. The old content stays, and is what readers see, until the new
            one is whole; if the block ends with an error, it stays for good.

    Raises:
        IndexLockedError: If another process writes to it.
        IndexMismatchError: If an existing index was built otherwise.
        CorpusError: If the folder cannot be written to.
    """

    def __init__(
        self, path: Path, meta: dict[str, str], find_terms: FindTerms, *, anew: bool = False
    ) -> None:
        self._path = path
        self._find_terms = find_terms
        self._anew = anew
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(path.with_suffix(".lock"))
            self._lock.acquire(blocking=False)
        except Timeout as exc:
            raise IndexLockedError(
                f"another process is writing to the index at {str(path)!r}. Wait until it has "
                "ended, or give another place with --index"
            ) from exc
        except OSError as exc:
            raise unwritable(path, exc) from exc
        try:
            self._connection = self._open(meta)
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> IndexWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            with self._translate_errors(), closing(self._connection):
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK" if error else "COMMIT")
                bare = error is not None and not self.list_files()
            if bare:  # a first build that failed leaves no index, rather than an empty one
                self._path.unlink(missing_ok=True)
        finally:
            self._lock.release()

    def list_files(self) -> dict[str, str]:
        """Return path -> SHA-256 of every file in the index."""
        return dict(self._connection.execute("SELECT path, sha256 FROM files ORDER BY path"))

    def replace_file(
        self, path: str, sha256: str, documents: Sequence[tuple[Document, Sequence[Entry]]]
    ) -> None:
        """Put the documents of one file in the place of those it had before, if any."""
        with self._transaction():
            self._delete(path)
            self._connection.execute("INSERT INTO files VALUES (?, ?)", (path, sha256))
            try:
                for document, entries in documents:
                    self._insert_document(path, document)
                    for entry in entries:
                        self._insert_entry(entry)
            except sqlite3.IntegrityError as exc:
                if "UNIQUE" not in str(exc):
                    raise
                raise CorpusError(
                    f"{path!r} gives a document an id that one of another file has ({exc}). "
                    "Rename one of the two files"
                ) from exc

    def remove_file(self, path: str) -> None:
        """Take a file out of the index, with its documents and passages."""
        with self._transaction():
            self._delete(path)

    def _open(self, meta: dict[str, str]) -> sqlite3.Connection:
        if self._anew:
            self._drop_unreadable()
        with self._translate_errors():
            connection = sqlite3.connect(self._path, isolation_level=None)
        try:
            with self._translate_errors():
                connection.execute("PRAGMA foreign_keys = ON")
                if is_blank(connection):  # any other file is left as it is until it proves ours
                    connection.execute("PRAGMA journal_mode = WAL")
                    create_tables(connection, {**meta, "generation": "0"})
                stored = read_meta(connection, self._path)
                if self._anew:
                    _clear_tables(connection, meta)
                else:
                    self._check_meta(stored, meta)
        except BaseException:
            connection.close()
            raise
        return connection

    def _drop_unreadable(self) -> None:
        try:
            with closing(connect_reading(self._path)) as connection:
                read_meta(connection, self._path)
        except IndexMissingError:
            pass
        except (IndexDamagedError, IndexMismatchError):
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _check_meta(self, stored: dict[str, str], meta: dict[str, str]) -> None:
        for key, value in meta.items():
            if stored.get(key) != value:
                raise IndexMismatchError(
                    f"the index at {str(self._path)!r} was built with {key} {stored.get(key)!r}, "
                    f"but now it is {value!r}. Add --rebuild to replace it, or give another "
                    "place with --index"
                )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """One file whole or not at all; `anew`, within the transaction of the whole build."""
        begin, commit, rollback = ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
        if self._anew:
            begin, commit, rollback = ("SAVEPOINT file", "RELEASE file", "ROLLBACK TO file")
        with self._translate_errors():
            self._connection.execute(begin)
            try:
                yield
                if not self._anew:
                    _count_up(self._connection)
                self._connection.execute(commit)
            except BaseException:
                if self._connection.in_transaction:  # a full disk may have ended it
                    self._connection.execute(rollback)
                raise

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as exc:
            raise unwritable(self._path, exc) from exc
        except sqlite3.IntegrityError:
            raise  # two documents of one id: the caller's bug, not the file's
        except sqlite3.DatabaseError as exc:
            raise damaged(self._path, str(exc)) from exc

    def _delete(self, path: str) -> None:
        found = self._connection.execute(
            'SELECT p."row", p.language, p.id, p.document_id, p.text, p.start, p."end", '
            "p.heading, p.section FROM passages p JOIN documents d ON d.id = p.document_id "
            "WHERE d.file = ?",
            (path,),
        ).fetchall()
        for row, language, *fields in found:
            for leg, terms in self._find_terms(Passage(*fields)).items():
                table = f"{leg}_{language}"
                self._connection.execute(
                    f"INSERT INTO {table}({table}, rowid, terms) VALUES ('delete', ?, ?)",  # noqa: S608
                    (row, " ".join(terms)),
                )
            self._connection.execute('DELETE FROM passages WHERE "row" = ?', (row,))
        self._connection.execute("DELETE FROM documents WHERE file = ?", (path,))
        self._connection.execute("DELETE FROM files WHERE path = ?", (path,))

    def _insert_document(self, path: str, document: Document) -> None:
        published = document.published.isoformat() if document.published else None
        self._connection.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                document.id, path, document.title, document.text, document.source,
                document.language, published, hash_text(document.text),
            ),
        )  # fmt: skip

    def _insert_entry(self, entry: Entry) -> None:
        passage = entry.passage
        cursor = self._connection.execute(
            'INSERT INTO passages (id, document_id, text, start, "end", heading, section, '
            "language, vector, sentences, sentence_vectors) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                passage.id, passage.document_id, passage.text, passage.start, passage.end,
                passage.heading, passage.section, entry.language,
                entry.vector.astype("<f4").tobytes(),
                json.dumps(entry.sentences, separators=(",", ":")),
                entry.sentence_vectors.astype("<f2").tobytes(),
            ),
        )  # fmt: skip
        for leg, terms in self._find_terms(passage).items():
            self._connection.execute(
                f"INSERT INTO {leg}_{entry.language} (rowid, terms) VALUES (?, ?)",  # noqa: S608
                (cursor.lastrowid, " ".join(terms)),
            )


def _clear_tables(connection: sqlite3.Connection, meta: dict[str, str]) -> None:
    """Begin the one transaction of a new start: everything goes, unless it is rolled back."""
    connection.execute("BEGIN IMMEDIATE")
    for table in FTS_TABLES:
        connection.execute(f"INSERT INTO {table}({table}) VALUES ('delete-all')")  # noqa: S608
    for table in ("passages", "documents", "files"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta.items())
    _count_up(connection)


def _count_up(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")


def hash_text(text: str) -> str:
    """SHA-256 of a document's text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def unwritable(path: Path, why: Exception) -> CorpusError:
    """The error for an index that cannot be written to: full disk, no permission."""
    return CorpusError(
        f"the index at {str(path)!r} cannot be written: {why}. What it held is kept; make room or "
        "give another place with --index"
    )
