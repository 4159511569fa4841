"""What an index holds: its documents listed and removed, without searching them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

from rag.errors import CorpusError
from rag.passages import EACH
from rag.places import get_added, set_aside
from rag.schema import connect_reading, damaged, read_meta
from rag.types import ADDED, Language, Listed
from rag.write import IndexWriter

_LISTED = (
    "SELECT d.id, d.file, d.title, d.source, c.language, d.published, "
    "(SELECT count(*) FROM passages p WHERE p.content = d.content), "
    "(SELECT min(id) FROM documents o WHERE o.content = d.content) "
    "FROM documents d JOIN contents c ON c.content = d.content "
)
_HOLDS = "(d.title LIKE :like ESCAPE '!' OR d.id LIKE :like ESCAPE '!')"


def list_documents(
    path: Path, *, text: str = "", skip: int = 0, most: int | None = None
) -> Iterator[Listed]:
    """Yield the documents of the index at `path`, by id; memory does not grow with the index.

    Args:
        path: The `index.db` file.
        text: Only those whose title or id holds it; of Latin letters the case does not matter.
        skip: How many of the first are left out.
        most: How many are given at most; None is all.

    Raises:
        IndexMissingError, IndexDamagedError, IndexMismatchError: As `rag.schema` says.
    """
    query = f"{_LISTED} WHERE {_HOLDS} ORDER BY d.id LIMIT :most OFFSET :skip"
    limit = -1 if most is None else most
    return _read(path, query, {"like": _make_pattern(text), "most": limit, "skip": skip})


def list_of_files(path: Path, files: Sequence[str]) -> Iterator[Listed]:
    """Yield the documents of these files, by id; otherwise as `list_documents`."""
    query = f"{_LISTED} WHERE d.file IN ({EACH}) ORDER BY d.id"
    return _read(path, query, (json.dumps(files),))


def count_documents(path: Path, text: str = "") -> int:
    """Return how many documents `list_documents` would yield; errors are as there."""
    query = f"SELECT count(*) FROM documents d WHERE {_HOLDS}"  # noqa: S608
    with closing(connect_reading(path)) as connection, _translate(path):
        read_meta(connection, path)
        found = connection.execute(query, {"like": _make_pattern(text)}).fetchone()
    return int(found[0])


def count_languages(path: Path) -> dict[Language, int]:
    """Return language -> how many documents are in it, without languages of none.

    Raises:
        IndexMissingError, IndexDamagedError, IndexMismatchError: As `rag.schema` says.
    """
    query = (
        "SELECT c.language, count(*) FROM documents d JOIN contents c ON c.content = d.content "
        "GROUP BY c.language ORDER BY c.language"
    )
    with closing(connect_reading(path)) as connection, _translate(path):
        read_meta(connection, path)
        return dict(connection.execute(query))


def read_added(path: Path) -> dict[str, str]:
    """Return name -> SHA-256 of the added files in the index; "" for one to be read again.

    Raises:
        IndexMissingError, IndexDamagedError, IndexMismatchError: As `rag.schema` says.
    """
    query = "SELECT path, sha256 FROM files WHERE substr(path, 1, ?) = ? ORDER BY path"
    with closing(connect_reading(path)) as connection, _translate(path):
        read_meta(connection, path)
        return dict(connection.execute(query, (len(ADDED), ADDED)))


def find_files(path: Path, names: Sequence[str]) -> dict[str, list[str]]:
    """Return file -> ids of the documents that `names` mean in it.

    Args:
        path: The `index.db` file.
        names: Each the path of a file, all of whose documents are meant, or the id of a document.

    Raises:
        CorpusError: If a name is unknown.
        IndexMissingError, IndexDamagedError, IndexMismatchError: As `rag.schema` says.
    """
    query = "SELECT file, id FROM documents WHERE id = ? OR file = ? ORDER BY id"
    files: dict[str, list[str]] = {}
    with closing(connect_reading(path)) as connection, _translate(path):
        read_meta(connection, path)
        for name in names:
            found = connection.execute(query, (name, name)).fetchall()
            if not found:
                raise CorpusError(
                    f"the index at {str(path)!r} holds no document {name!r}. "
                    "List what it holds: crossquote documents"
                )
            for file, id_ in found:
                files.setdefault(file, []).append(id_)
    return {file: sorted(set(ids)) for file, ids in files.items()}


def remove_documents(
    path: Path, names: Sequence[str], open_writer: Callable[[], IndexWriter]
) -> int:
    """Take documents out of the index at `path`; return how many.

    A file that was added is deleted, so that it does not come back, with all its documents.

    Args:
        path: The `index.db` file.
        names: Each the path of a file, all of whose documents go, or the id of a document.
        open_writer: Opens the writer of that index.

    Raises:
        CorpusError: If a name is unknown, or an added file cannot be deleted; then nothing is
            removed.
        IndexMissingError, IndexLockedError, …: As `IndexWriter` does.
    """
    files = find_files(path, names)
    gone = [file for file in files if file.startswith(ADDED)]
    files |= find_files(path, gone)  # of these all documents go
    chosen = sorted(id_ for ids in files.values() for id_ in ids)
    with open_writer() as writer:
        with set_aside(gone, get_added(path)):
            writer.remove_documents(chosen)
        writer.write_caches()
    return len(chosen)


def _make_pattern(text: str) -> str:
    for sign in "!%_":
        text = text.replace(sign, f"!{sign}")
    return f"%{text}%"


def _read(
    path: Path, query: str, values: Mapping[str, str | int] | Sequence[str]
) -> Iterator[Listed]:
    with closing(connect_reading(path)) as connection, _translate(path):
        read_meta(connection, path)
        for row in connection.execute(query, values):
            id_, file, title, source, language, published, passages, first = row
            day = date.fromisoformat(published) if published else None
            copy_of = "" if first == id_ else first
            yield Listed(id_, file, title, source, language, day, passages, copy_of)


@contextmanager
def _translate(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.DatabaseError, ValueError) as exc:
        raise damaged(path, str(exc)) from exc
