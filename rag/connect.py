"""Open the database of an index for writing, and tell its errors apart."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.caches import remove_strays
from rag.errors import IndexMismatchError
from rag.schema import (
    clear_tables,
    create_tables,
    damaged,
    drop_unreadable,
    is_blank,
    read_meta,
    unwritable,
)

# What this run has seen; in memory or a file of SQLite's own, whatever the size of the folder.
_TEMPORARY = (
    "CREATE TEMP TABLE seen (path TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TEMP TABLE kept (file TEXT, id TEXT, PRIMARY KEY (file, id)) WITHOUT ROWID",
)


def connect_writing(path: Path, meta: dict[str, str], *, anew: bool) -> sqlite3.Connection:
    """Open an index for its one writer, who holds the lock; made if there is none.

    Args:
        path: The `index.db` file; its folder is there.
        meta: What the index is built with and from; unless `anew`, an existing one must agree.
        anew: Begin a transaction in which the index is empty and has this `meta`.

    Raises:
        IndexMismatchError, IndexDamagedError, CorpusError: As `IndexWriter` does.
    """
    if anew:
        drop_unreadable(path)
    with translate_errors(path):
        connection = sqlite3.connect(path, isolation_level=None)
    try:
        with translate_errors(path):
            connection.execute("PRAGMA foreign_keys = ON")
            if is_blank(connection):  # any other file is left as it is until it proves ours
                connection.execute("PRAGMA journal_mode = WAL")
                create_tables(connection, {**meta, "generation": "0"})
            stored = read_meta(connection, path)
            for statement in _TEMPORARY:
                connection.execute(statement)
            remove_strays(connection, path.parent)
            if anew:
                clear_tables(connection, meta)
            else:
                _check_meta(stored, meta, path)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the index at `path` into ours, which say what to do."""
    try:
        yield
    except sqlite3.OperationalError as exc:
        raise unwritable(path, exc) from exc
    except sqlite3.IntegrityError:
        raise  # the caller's bug, not the file's
    except (sqlite3.DatabaseError, UnicodeDecodeError) as exc:  # SQLite's message may be torn
        raise damaged(path, str(exc)) from exc


def _check_meta(stored: dict[str, str], meta: dict[str, str], path: Path) -> None:
    for key, value in meta.items():
        if key == "folder" and key not in stored:
            continue  # made for added files; the folder is stored with the first of its files
        if stored.get(key) != value:
            raise IndexMismatchError(
                f"the index at {str(path)!r} was built with {key} {stored.get(key)!r}, "
                f"but now it is {value!r}. Add --rebuild to replace it, or give another "
                "place with --index"
            )
