"""The tables of `index.db`: one SQLite file that holds all that an index knows.

`PRAGMA user_version` is the file format and `application_id` marks the file as ours.

A content is a text, stored once, however many documents hold it; it is cut into passages, and
each passage has one vector for itself and one for each of its sentences (`rag.pack`). Rows and
contents are never changed and their numbers never used again, so that whoever has read one may
keep it. Only rows of documents are changed, as when a file is renamed. `caches` names the files
beside the database that are derived from it (`rag.caches`).
"""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

from rag.errors import CorpusError, IndexDamagedError, IndexMismatchError, IndexMissingError

FORMAT = 2
APPLICATION_ID = 0x58515445  # "XQTE"

_TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE files (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL) WITHOUT ROWID",
    # key: SHA-256 of the text. title: what the headings of its passages begin with.
    "CREATE TABLE contents (content INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL UNIQUE, "
    "language TEXT NOT NULL, title TEXT NOT NULL, digest BLOB NOT NULL)",
    # The text in parts of `rag.texts.BLOCK_CHARS` characters, compressed.
    "CREATE TABLE blocks (content INTEGER NOT NULL REFERENCES contents(content), "
    "start INTEGER NOT NULL, text BLOB NOT NULL, PRIMARY KEY (content, start)) WITHOUT ROWID",
    "CREATE TABLE documents (id TEXT PRIMARY KEY, file TEXT NOT NULL REFERENCES files(path), "
    "content INTEGER NOT NULL REFERENCES contents(content), title TEXT NOT NULL, "
    "source TEXT NOT NULL, published TEXT, digest BLOB NOT NULL) WITHOUT ROWID",
    "CREATE INDEX documents_file ON documents(file)",
    "CREATE INDEX documents_content ON documents(content)",
    'CREATE TABLE passages ("row" INTEGER PRIMARY KEY AUTOINCREMENT, '
    "content INTEGER NOT NULL REFERENCES contents(content), number INTEGER NOT NULL, "
    'start INTEGER NOT NULL, "end" INTEGER NOT NULL, heading TEXT NOT NULL, '
    "section INTEGER NOT NULL, sentences BLOB NOT NULL, sentence_vectors BLOB NOT NULL, "
    "digest BLOB NOT NULL)",
    "CREATE UNIQUE INDEX passages_content ON passages(content, number)",
    # Apart from the passages, so that reading all vectors reads nothing else.
    'CREATE TABLE vectors ("row" INTEGER PRIMARY KEY REFERENCES passages("row"), '
    "language TEXT NOT NULL, vector BLOB NOT NULL)",
    "CREATE INDEX vectors_language ON vectors(language)",
    "CREATE TABLE caches (name TEXT PRIMARY KEY, kind TEXT NOT NULL, language TEXT NOT NULL, "
    '"first" INTEGER NOT NULL, "last" INTEGER NOT NULL, count INTEGER NOT NULL, '
    "digest TEXT NOT NULL) WITHOUT ROWID",
)


class FrozenConnection(sqlite3.Connection):
    """Sees the file as it was when it was opened, and nothing that is written to it later."""


def create_tables(connection: sqlite3.Connection, meta: dict[str, str]) -> None:
    """Make the tables of an empty database and store `meta`, in one transaction."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        for statement in _TABLES:
            connection.execute(statement)
        meta = {"id": uuid.uuid4().hex, **meta}
        connection.executemany("INSERT INTO meta VALUES (?, ?)", sorted(meta.items()))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")


def clear_tables(connection: sqlite3.Connection, meta: dict[str, str]) -> None:
    """Begin the one transaction of a new start: everything goes, unless it is rolled back."""
    connection.execute("BEGIN IMMEDIATE")
    for table in ("caches", "vectors", "passages", "blocks", "documents", "contents", "files"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta.items())
    count_up(connection)


def count_up(connection: sqlite3.Connection) -> None:
    """Begin the next generation, in the transaction that makes it."""
    connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")


def drop_unreadable(path: Path) -> None:
    """Remove an index that is damaged or of another version; any other file is left alone.

    Raises:
        IndexDamagedError: If it is a database of another program.
        CorpusError: If it may be sound, but cannot be read now.
    """
    try:
        with closing(connect_reading(path)) as connection:
            if not is_blank(connection):
                read_meta(connection, path)
    except IndexMissingError:
        return
    except IndexMismatchError:
        _drop(path)
    except IndexDamagedError as exc:
        _refuse_to_drop(path, exc)
        _drop(path)


def _drop(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _refuse_to_drop(path: Path, error: IndexDamagedError) -> None:
    """Raise if what cannot be read is not, for sure, a damaged index or no database at all."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error) and cause.sqlite_errorcode & 0xFF not in _DAMAGED:
        raise unwritable(path, cause) from cause
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError as exc:
        raise unwritable(path, exc) from exc
    of_another = int.from_bytes(header[68:72], "big") != APPLICATION_ID
    if header.startswith(b"SQLite format 3\0") and of_another:
        raise error


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


def unwritable(path: Path, why: Exception) -> CorpusError:
    """The error for an index that cannot be written to: full disk, no permission."""
    return CorpusError(
        f"the index at {str(path)!r} cannot be written: {why}. What it held is kept; make room or "
        "give another place with --index"
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
    _check_length(path)
    try:
        return _connect(path, "mode=ro")
    except UnicodeDecodeError as exc:  # of SQLite's message, when it quotes what is damaged
        raise damaged(path, "its tables are damaged") from exc
    except sqlite3.DatabaseError as exc:
        log = path.with_name(f"{path.name}-wal")
        if exc.sqlite_errorcode & 0xFF not in _NO_ROOM or _count_bytes(log):
            raise damaged(path, str(exc)) from exc
    try:
        return _connect(path, "mode=ro&immutable=1", FrozenConnection)
    except sqlite3.DatabaseError as exc:
        raise damaged(path, str(exc)) from exc


def _check_length(path: Path) -> None:
    """Refuse a file that is shorter than it says, of which SQLite might never read what is gone.

    The header is only believed where no write-ahead log is at work on the file.
    """
    log = path.with_name(f"{path.name}-wal")
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
        size, busy = path.stat().st_size, _count_bytes(log) > 0
    except OSError as exc:
        raise damaged(path, exc.strerror or str(exc)) from exc
    page = int.from_bytes(header[16:18], "big") or 1
    pages = int.from_bytes(header[28:32], "big")
    if len(header) == _HEADER_BYTES and header[24:28] == header[92:96] and not busy:
        promised = pages * (65_536 if page == 1 else page)
        if size < promised:
            raise damaged(path, f"it is cut short: {size:,} of {promised:,} bytes are there")


# What SQLite says where it has no room, or no right, to keep a file beside the one it reads.
_NO_ROOM = (
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL
)  # fmt: skip
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_HEADER_BYTES = 100


def _count_bytes(path: Path) -> int:
    """The size of a file, 0 if there is none: a writer that ends removes its log at any time."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _connect(
    path: Path, mode: str, kind: type[sqlite3.Connection] = sqlite3.Connection
) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}",
        uri=True,
        check_same_thread=False,
        isolation_level=None,
        factory=kind,
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection
