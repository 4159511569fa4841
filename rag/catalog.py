"""What an index holds: its documents listed and removed, without searching them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rag.errors import CorpusError
from rag.schema import connect_reading, damaged, read_meta
from rag.types import Language
from rag.write import IndexWriter


@dataclass(frozen=True, slots=True)
class Listed:
    """A document of an index.

    Attributes:
        id, title, source, language, published: As of `Document`.
        file: Path of its file, below the indexed folder.
        passages: How many its text has.
        copy_of: Id of the document that is cited for this text; empty if that is this one.
    """

    id: str
    file: str
    title: str
    source: str
    language: Language
    published: date | None
    passages: int
    copy_of: str


def list_documents(path: Path) -> Iterator[Listed]:
    """Yield every document of the index at `path`, by id; memory does not grow with the index.

    Raises:
        IndexMissingError, IndexDamagedError, IndexMismatchError: As `rag.schema` says.
    """
    query = (
        "SELECT d.id, d.file, d.title, d.source, c.language, d.published, "
        "(SELECT count(*) FROM passages p WHERE p.content = d.content), "
        "(SELECT min(id) FROM documents o WHERE o.content = d.content) "
        "FROM documents d JOIN contents c ON c.content = d.content ORDER BY d.id"
    )
    with closing(connect_reading(path)) as connection:
        read_meta(connection, path)
        try:
            for (
                id_,
                file,
                title,
                source,
                language,
                published,
                passages,
                first,
            ) in connection.execute(query):
                day = date.fromisoformat(published) if published else None
                copy_of = "" if first == id_ else first
                yield Listed(id_, file, title, source, language, day, passages, copy_of)
        except (sqlite3.DatabaseError, ValueError) as exc:
            raise damaged(path, str(exc)) from exc


def remove_documents(
    path: Path, names: Sequence[str], open_writer: Callable[[], IndexWriter]
) -> int:
    """Take documents out of the index at `path`; return how many.

    Args:
        path: The `index.db` file.
        names: Each the path of a file, all of whose documents go, or the id of a document.
        open_writer: Opens the writer of that index.

    Raises:
        CorpusError: If a name is unknown; then nothing is removed.
        IndexMissingError, IndexLockedError, …: As `IndexWriter` does.
    """
    with closing(connect_reading(path)) as connection:
        read_meta(connection, path)
        ids = [_find_ids(connection, name) for name in names]
    for name, found in zip(names, ids, strict=True):
        if not found:
            raise CorpusError(
                f"the index at {str(path)!r} holds no document {name!r}. "
                "List what it holds: crossquote documents"
            )
    chosen = sorted({id_ for found in ids for id_ in found})
    with open_writer() as writer:
        writer.remove_documents(chosen)
        writer.write_caches()
    return len(chosen)


def _find_ids(connection: sqlite3.Connection, name: str) -> list[str]:
    query = "SELECT id FROM documents WHERE id = ? OR file = ? ORDER BY id"
    return [id_ for (id_,) in connection.execute(query, (name, name))]
