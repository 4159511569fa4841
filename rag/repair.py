"""Mend an index that `rag.check` found damaged, as far as that goes without the documents.

Caches are written anew. What else is damaged is marked, so that the next `crossquote index` reads
its files again and replaces it. Until then it is shown as it is if every quote of it can still be
trusted; otherwise it is taken out at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

from embeddings.gloss import Glossary
from rag.caches import remove_strays, write_caches
from rag.check import connect_matching
from rag.encode import make_find_terms
from rag.faults import CheckReport, Fault, decode_any, encode_any, is_torn, list_some
from rag.lock import WriterLock
from rag.rows import delete_contents
from rag.schema import damaged, unwritable
from rag.types import ADDED

_STRAYS = (
    "DELETE FROM passages WHERE content NOT IN (SELECT content FROM contents)",
    "DELETE FROM blocks WHERE content NOT IN (SELECT content FROM contents)",
    'DELETE FROM vectors WHERE "row" NOT IN (SELECT "row" FROM passages)',
)
_TEXT = "CAST(? AS TEXT)"  # of bytes, since damaged text may be no UTF-8
_FORGET = "UPDATE files SET sha256 = '' WHERE "  # the next run then reads the file again


def repair_index(path: Path, glossary: Glossary, report: CheckReport) -> tuple[str, ...]:
    """Mend what `report` says is damaged; return in sentences what was done and is left to do.

    Args:
        path: The `index.db` file.
        glossary: The one that the index was built with.
        report: As `rag.check.check_index` has just given it.

    Raises:
        IndexMissingError, IndexDamagedError, IndexMismatchError: As `check_index` does.
        IndexLockedError: If another process writes to the index.
        CorpusError: If the folder cannot be written to.
    """
    if not report.faults:
        return ()
    if any(fault.part == "database" for fault in report.faults):
        return ("This cannot be mended. Build it anew: crossquote index FOLDER --rebuild",)
    connect_matching(path, glossary).close()
    lock = WriterLock(path)
    try:
        lock.acquire()
    except OSError as exc:
        raise unwritable(path, exc) from exc
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            advice = _mark_damage(connection, report.faults)
            remove_strays(connection, path.parent)
            write_caches(connection, path.parent, make_find_terms(glossary), least=1)
    except (OSError, sqlite3.OperationalError) as exc:
        raise unwritable(path, exc) from exc
    except sqlite3.DatabaseError as exc:
        raise damaged(path, str(exc)) from exc
    finally:
        lock.release()
    return advice


def _mark_damage(connection: sqlite3.Connection, faults: Sequence[Fault]) -> tuple[str, ...]:
    connection.text_factory = decode_any
    connection.execute("BEGIN IMMEDIATE")
    for statement in _STRAYS:
        connection.execute(statement)
    out: list[str] = []  # documents that are taken out
    for id_ in sorted({fault.name for fault in faults if fault.part == "document"}):
        out += _mark_document(connection, id_)
    for fault in faults:
        if fault.content:
            out += _mark_content(connection, fault.content, shown=fault.part == "content")
    caches = sorted({fault.name for fault in faults if fault.part == "cache"})
    for name in caches:
        connection.execute(f"DELETE FROM caches WHERE name = {_TEXT}", (encode_any(name),))  # noqa: S608
    files = _tidy_files(connection)
    connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
    connection.execute("COMMIT")
    return tuple(_give_advice(caches, files, sorted(out)))


def _mark_document(connection: sqlite3.Connection, id_: str) -> list[str]:
    """Have the file of a damaged row read again; return its id if it is taken out till then."""
    query = (
        "SELECT d.file, d.title, d.source, d.published, f.path IS NULL OR c.content IS NULL "  # noqa: S608
        "FROM documents d LEFT JOIN files f ON f.path = d.file "
        f"LEFT JOIN contents c ON c.content = d.content WHERE d.id = {_TEXT}"
    )
    key = encode_any(id_)
    found = connection.execute(query, (key,)).fetchone()
    if found is None:  # a run has replaced it since
        return []
    file, title, source, published, loose = found
    owners = {id_, *(id_[:n] for n, character in enumerate(id_) if character == "#")}
    for name in {file, *owners}:  # either may be what is damaged: the file, or the id
        connection.execute(f"{_FORGET} path = {_TEXT}", (encode_any(name),))
    if file in owners and not loose and _is_shown((id_, title, source), published):
        # The writer takes a row without its digest for another than it has to write.
        connection.execute(f"UPDATE documents SET digest = X'' WHERE id = {_TEXT}", (key,))  # noqa: S608
        return []
    connection.execute(f"DELETE FROM documents WHERE id = {_TEXT}", (key,))  # noqa: S608
    return [id_]


def _is_shown(texts: Sequence[object], published: object) -> bool:
    """Whether a reader can make a document of what stands in its row."""
    try:
        day = published is None or date.fromisoformat(str(published))
    except ValueError:
        return False
    return bool(day) and all(isinstance(t, str) and t and not is_torn(t) for t in texts)


def _mark_content(connection: sqlite3.Connection, content: int, *, shown: bool) -> list[str]:
    """Have a damaged text read again; return the documents that are taken out till then."""
    own = "SELECT {} FROM documents WHERE content = ?"
    connection.execute(f"{_FORGET} path IN ({own.format('file')})", (content,))
    if shown:  # under a key that is no text's, it counts as not stored
        connection.execute("UPDATE contents SET key = randomblob(32) WHERE content = ?", (content,))
        return []
    ids = [str(id_) for (id_,) in connection.execute(own.format("id"), (content,))]
    connection.execute("DELETE FROM documents WHERE content = ?", (content,))
    return ids


def _tidy_files(connection: sqlite3.Connection) -> list[str]:
    """Bring files, documents and contents in line; return the files to be read again."""
    connection.execute(
        "INSERT INTO files SELECT DISTINCT file, '' FROM documents "
        "WHERE file NOT IN (SELECT path FROM files)"
    )
    connection.execute(
        f"{_FORGET} typeof(sha256) <> 'text' OR length(sha256) <> 64 OR sha256 GLOB '*[^0-9a-f]*'"
    )
    orphans = "SELECT content FROM contents WHERE content NOT IN (SELECT content FROM documents)"
    delete_contents(connection, [content for (content,) in connection.execute(orphans)])
    empty = "path NOT IN (SELECT file FROM documents)"
    query = f"SELECT path FROM files WHERE sha256 = '' OR {empty} ORDER BY path"  # noqa: S608
    files = [str(path) for (path,) in connection.execute(query)]
    connection.execute(f"DELETE FROM files WHERE {empty}")  # noqa: S608
    return files


def _give_advice(caches: Sequence[str], files: Sequence[str], out: Sequence[str]) -> Iterator[str]:
    if caches:
        yield f"Written anew: {list_some('cache', caches, len(caches))}"
    if out:
        taken = list_some("document", [*map(repr, out)], len(out))
        yield f"Taken out, since no quote could be trusted: {taken}"
    if files:
        again = list_some("file", [*map(repr, files)], len(files))
        added = all(name.startswith(ADDED) for name in files)
        how = "Start crossquote chat" if added else "Run crossquote index FOLDER"
        yield f"To be read again: {again}. {how}"
