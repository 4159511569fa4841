"""Write an index: one process at a time, nothing half done.

What a reader sees is always a whole generation. A run that is killed leaves what was committed,
and the next run goes on from there: texts that are stored are not encoded again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType

from rag.caches import LEAST_ROWS, remove_strays, write_caches
from rag.connect import connect_writing, translate_errors
from rag.errors import CorpusError, IndexMismatchError
from rag.lock import WriterLock
from rag.passages import read_documents, read_vectors
from rag.rows import (
    Entry,
    delete_contents,
    digest_document,
    hash_text,
    insert_content,
    insert_document,
    replace_passages,
)
from rag.schema import count_up, unwritable
from rag.texts import TextReader
from rag.types import ADDED, Document, FindTerms
from rag.vector_cache import write_vectors

_PUT_FILE = (
    "INSERT INTO files VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET sha256 = excluded.sha256"
)
# Texts whose first document has another title than their passages were cut under.
_RETITLED = (
    "SELECT f.id FROM contents c JOIN documents f ON f.content = c.content AND f.id = "  # noqa: S608
    "(SELECT min(id) FROM documents d WHERE d.content = c.content) "
    f"WHERE c.title <> CASE WHEN f.id IN (f.title, '{ADDED}' || f.title) THEN '' "
    "ELSE f.title END ORDER BY f.id"
)


class IndexWriter:
    """The one writer of an index; use it as a context manager.

    Args:
        path: The `index.db` file; made with its folder if there is none.
        meta: What the index is built with and from; an existing index must agree, but may have no
            `folder` yet.
        find_terms: Gives the terms of a passage, leg by leg.
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
        self._meta = meta
        self._find_terms = find_terms
        self._anew = anew
        self._left: set[int] = set()  # contents that a document of this batch has left
        self._lock = WriterLock(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            self._found = path.exists()
        except OSError as exc:
            raise unwritable(path, exc) from exc
        try:
            self._connection = connect_writing(path, meta, anew=anew)
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
            with translate_errors(self._path), closing(self._connection):
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK" if error else "COMMIT")
                    remove_strays(self._connection, self._path.parent)
                bare = error is not None and not self._found and not self.list_files()
            if bare:  # a first build that failed leaves no index, rather than an empty one
                self._path.unlink(missing_ok=True)
        finally:
            self._lock.release()

    def list_files(self, prefix: str = "") -> dict[str, str]:
        """Return path -> SHA-256 of every file in the index; "" if it must be read again.

        Args:
            prefix: What their paths begin with.
        """
        query = "SELECT path, sha256 FROM files WHERE substr(path, 1, ?) = ? ORDER BY path"
        return dict(self._connection.execute(query, (len(prefix), prefix)))

    def get_file_hash(self, path: str) -> str | None:
        """Return the SHA-256 with which a file was stored; None if it was not, or not whole."""
        query = "SELECT sha256 FROM files WHERE path = ?"
        found = self._connection.execute(query, (path,)).fetchone()
        return (found[0] or None) if found else None

    def holds_text(self, text: str) -> bool:
        """Whether a text is stored, with its passages."""
        return self._find_content(text) is not None

    def get_file_of(self, id_: str) -> str | None:
        """Return the file that has the document of an id; None if there is none."""
        query = "SELECT file FROM documents WHERE id = ?"
        found = self._connection.execute(query, (id_,)).fetchone()
        return found[0] if found else None

    def mark_seen(self, path: str) -> None:
        """Remember that a file was found in this run."""
        self._connection.execute("INSERT OR IGNORE INTO seen VALUES (?)", (path,))

    def mark_seen_below(self, folder: str) -> None:
        """Remember that the files of the index below a folder are not known to be gone."""
        query = "INSERT OR IGNORE INTO seen SELECT path FROM files WHERE substr(path, 1, ?) = ?"
        self._connection.execute(query, (len(folder) + 1, f"{folder}/"))

    def list_unseen(self, prefix: str = "") -> list[str]:
        """Return the files of the index that were not marked in this run, sorted.

        Args:
            prefix: What their paths begin with; without it, those of the folder.
        """
        query = (
            "SELECT path FROM files WHERE path NOT IN (SELECT path FROM seen) "
            "AND (substr(path, 1, ?) = ?) = ? ORDER BY path"
        )
        start = prefix or ADDED
        values = (len(start), start, bool(prefix))
        return [path for (path,) in self._connection.execute(query, values)]

    @contextmanager
    def batch(self) -> Iterator[None]:
        """What is put and removed within is committed as one generation, or not at all."""
        begin, commit, rollback = ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
        if self._anew:  # within the transaction of the whole build
            begin, commit, rollback = ("SAVEPOINT batch", "RELEASE batch", "ROLLBACK TO batch")
        self._left.clear()
        with translate_errors(self._path):
            self._connection.execute(begin)
            try:
                yield
                self._claim_folder()
                delete_contents(self._connection, sorted(self._left))
                count_up(self._connection)
                self._connection.execute(commit)
            except BaseException:
                if self._connection.in_transaction:  # a full disk may have ended it
                    self._connection.execute(rollback)
                raise

    def put_document(
        self, path: str, document: Document, entries: Iterable[Entry] | None = None
    ) -> None:
        """Store a document of the file `path`, in the place of the one of its id; in a batch.

        Args:
            path: The file. It counts as stored once `finish_file` was called.
            document: Its text is stored only if it is not yet, whatever document it came with.
            entries: Its passages, taken one after the other; None if `holds_text`.

        Raises:
            CorpusError: If another file has a document of that id.
            ValueError: If `entries` are missing.
        """
        self._connection.execute(_PUT_FILE, (path, ""))  # it is whole only when it is finished
        content = self._find_content(document.text)
        if content is None:
            if entries is None:
                raise ValueError(f"the passages of {document.id!r} are missing")
            content = insert_content(self._connection, document, self._check_dim(entries))
        self._connection.execute("INSERT OR IGNORE INTO kept VALUES (?, ?)", (path, document.id))
        query = "SELECT file, content, digest FROM documents WHERE id = ?"
        held = self._connection.execute(query, (document.id,)).fetchone()
        if held and held[0] != path:
            raise CorpusError(
                f"{path!r} gives a document the id {document.id!r}, which one of {held[0]!r} has. "
                "Rename one of the two files"
            )
        if held and held[2] == digest_document(path, document, content):
            return
        self._connection.execute("DELETE FROM documents WHERE id = ?", (document.id,))
        insert_document(self._connection, path, document, content)
        if held:
            self._left.add(held[1])

    def finish_file(self, path: str, sha256: str) -> None:
        """Say that all documents of a file were put: those it had before are removed; in a batch.

        Args:
            path: The file, of which documents were put or not.
            sha256: Of its bytes; "" if it should be read again by the next run.
        """
        gone = self._connection.execute(
            "SELECT id, content FROM documents WHERE file = ? AND id NOT IN "
            "(SELECT id FROM kept WHERE file = ?)",
            (path, path),
        ).fetchall()
        self._delete_documents(gone)
        self._connection.execute(_PUT_FILE, (path, sha256))
        self._connection.execute("DELETE FROM kept WHERE file = ?", (path,))

    def replace_file(
        self, path: str, sha256: str, documents: Sequence[tuple[Document, Sequence[Entry]]]
    ) -> None:
        """Put the documents of one file in the place of those it had before, in one batch."""
        with self.batch():
            for document, entries in documents:
                self.put_document(path, document, entries)
            self.finish_file(path, sha256)

    def remove_files(self, paths: Iterable[str]) -> None:
        """Take files out of the index, with their documents, in one batch."""
        query = "SELECT id, content FROM documents WHERE file = ?"
        with self.batch():
            for path in paths:
                self._delete_documents(self._connection.execute(query, (path,)).fetchall())
                self._connection.execute("DELETE FROM files WHERE path = ?", (path,))

    def remove_documents(self, ids: Iterable[str]) -> None:
        """Take documents out of the index in one batch; the next run reads their files again."""
        query = "SELECT id, content, file FROM documents WHERE id = ?"
        forget = "UPDATE files SET sha256 = '' WHERE path = ?"
        empty = "DELETE FROM files WHERE path = ? AND path NOT IN (SELECT file FROM documents)"
        with self.batch():
            for id_ in ids:
                for found, content, path in self._connection.execute(query, (id_,)).fetchall():
                    self._delete_documents([(found, content)])
                    self._connection.execute(forget, (path,))
                    self._connection.execute(empty, (path,))

    def list_retitled(self) -> list[str]:
        """Ids of documents whose title their passages do not stand under, as they should."""
        return [id_ for (id_,) in self._connection.execute(_RETITLED)]

    def get_document(self, id_: str) -> Document:
        """Return a document of the index."""
        return read_documents(self._connection, TextReader(self._connection), [id_])[id_]

    def replace_passages(self, document: Document, entries: Iterable[Entry]) -> None:
        """Store the passages of a text anew, as cut under the title of `document`; in a batch."""
        content = self._find_content(document.text)
        if content is None:
            raise ValueError(f"the text of {document.id!r} is not stored")
        replace_passages(self._connection, content, document, self._check_dim(entries))

    def write_caches(self, *, least: int = LEAST_ROWS) -> None:
        """Write the files that make opening the index quick, if `least` passages have none yet."""
        folder = self._path.parent
        with translate_errors(self._path):
            try:
                write_caches(self._connection, folder, self._find_terms, least=least)
                write_vectors(self._connection, folder, partial(read_vectors, self._connection))
                if not self._anew:
                    remove_strays(self._connection, folder)
            except OSError as exc:
                raise unwritable(self._path, exc) from exc

    def _claim_folder(self) -> None:
        """An index that was made for added files has no folder until one is stored in it."""
        query = "INSERT OR IGNORE INTO meta SELECT 'folder', ? WHERE ? <> ''"
        folder = self._meta.get("folder", "")
        self._connection.execute(query, (folder, folder))

    def _check_dim(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        held = self._connection.execute("SELECT length(vector) FROM vectors LIMIT 1").fetchone()
        for entry in entries:
            if held and len(entry.vector) != held[0]:
                raise IndexMismatchError(
                    f"the index at {str(self._path)!r} holds vectors of {held[0]} values, but the "
                    f"encoder gives {len(entry.vector)}. Add --rebuild to replace it"
                )
            yield entry

    def _find_content(self, text: str) -> int | None:
        query = "SELECT content FROM contents WHERE key = ?"
        found = self._connection.execute(query, (hash_text(text),)).fetchone()
        return found[0] if found else None

    def _delete_documents(self, found: Sequence[tuple[str, int]]) -> None:
        for id_, _ in found:
            self._connection.execute("DELETE FROM documents WHERE id = ?", (id_,))
        self._left.update(content for _, content in found)
