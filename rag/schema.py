"""The tables of `index.db`: one SQLite file that holds all that an index knows.

`PRAGMA user_version` is the file format and `application_id` marks the file as ours. Vectors
are float32 (passages) and float16 (sentences) in little-endian byte order. A passage's text is
stored beside its document's, of which it is a slice: cutting it out of a long document for every
question would read that document anew each time.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from rag.errors import IndexDamagedError, IndexMismatchError, IndexMissingError

FORMAT = 1
APPLICATION_ID = 0x58515445  # "XQTE"

# Contentless FTS5 tables, one a leg and language: the terms come ready made, so the tokenizer
# only cuts at spaces. detail must stay "full": bm25() gives 0 for every row of a contentless
# table without it.
_FTS = (
    "CREATE VIRTUAL TABLE {name} USING fts5(terms, content='', detail=full, "
    "tokenize=\"ascii tokenchars '.'\")",
    "CREATE VIRTUAL TABLE {name}_terms USING fts5vocab({name}, 'row')",
)
FTS_TABLES = ("lexical_zh", "lexical_en", "gloss_zh", "gloss_en")
_TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE files (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE documents (id TEXT PRIMARY KEY, file TEXT NOT NULL REFERENCES files(path), "
    "title TEXT NOT NULL, text TEXT NOT NULL, source TEXT NOT NULL, language TEXT NOT NULL, "
    "published TEXT, sha256 TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX documents_file ON documents(file)",
    'CREATE TABLE passages ("row" INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, '
    "document_id TEXT NOT NULL REFERENCES documents(id), text TEXT NOT NULL, "
    'start INTEGER NOT NULL, "end" INTEGER NOT NULL, heading TEXT NOT NULL, '
    "section INTEGER NOT NULL, language TEXT NOT NULL, vector BLOB NOT NULL, "
    "sentences TEXT NOT NULL, sentence_vectors BLOB NOT NULL)",
    "CREATE INDEX passages_document ON passages(document_id)",
)


def create_tables(connection: sqlite3.Connection, meta: dict[str, str]) -> None:
    """Make the tables of an empty database and store `meta`, in one transaction."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        for statement in _TABLES:
            connection.execute(statement)
        for name in FTS_TABLES:
            for statement in _FTS:
                connection.execute(statement.format(name=name))
        connection.executemany("INSERT INTO meta VALUES (?, ?)", sorted(meta.items()))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")


def is_blank(connection: sqlite3.Connection) -> bool:
    """Whether the file holds nothing yet: it is new, or its making was interrupted."""
    tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    return not tables and not application


def read_meta(connection: sqlite3.Connection, path: Path) -> dict[str, str]:
    """Return what the index says of itself, after checking that it is one, of this format.

    Raises:
        IndexDamagedError: If the file is not a readable index.
        IndexMismatchError: If another version of the program wrote it.
    """
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if application != APPLICATION_ID:
            raise damaged(path, "it is not an index of this program")
        if version != FORMAT:
            made = "a newer" if version > FORMAT else "an older"
            raise IndexMismatchError(
                f"the index at {str(path)!r} was made by {made} version (format {version}, this "
                f"program reads {FORMAT}). Build it anew: crossquote index FOLDER --rebuild"
            )
        return dict(connection.execute("SELECT key, value FROM meta"))
    except sqlite3.DatabaseError as exc:
        raise damaged(path, str(exc)) from exc


def damaged(path: Path, why: str) -> IndexDamagedError:
    """The error for a file that cannot be read as an index."""
    return IndexDamagedError(
        f"the index at {str(path)!r} cannot be read: {why}. Build it anew from your documents: "
        "crossquote index FOLDER --rebuild"
    )


def connect_reading(path: Path) -> sqlite3.Connection:
    """Open `path` for reading, also where its folder cannot be written to.

    SQLite wants to keep a file beside one that it reads. Where it cannot, the index is taken to
    be immutable, unless a write-ahead log says that the file alone is not the whole of it.

    Raises:
        IndexMissingError: If there is no such file.
        IndexDamagedError: If SQLite cannot open it.
    """
    if not path.is_file():
        raise IndexMissingError(
            f"there is no index at {str(path)!r}. Make one: crossquote index FOLDER"
        )
    try:
        return _connect(path, "mode=ro")
    except sqlite3.DatabaseError as exc:
        log = path.with_name(f"{path.name}-wal")
        if exc.sqlite_errorcode & 0xFF not in _NO_ROOM or (log.exists() and log.stat().st_size):
            raise damaged(path, str(exc)) from exc
    try:
        return _connect(path, "mode=ro&immutable=1")
    except sqlite3.DatabaseError as exc:
        raise damaged(path, str(exc)) from exc


_NO_ROOM = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}",
        uri=True,
        check_same_thread=False,
        isolation_level=None,
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection
