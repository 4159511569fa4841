"""Verify an index: SQLite's own check, every text and row by its digest, every cache by its terms.

Nothing is believed that can be computed anew: texts are hashed, passages must lie in them, and
the terms in the caches are read from the texts again. Memory does not grow with the index.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Set
from contextlib import closing
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings.gloss import Glossary
from rag.caches import build_segments
from rag.check_contents import check_contents
from rag.encode import make_find_terms
from rag.errors import IndexMismatchError
from rag.faults import CheckReport, Fault, decode_any
from rag.postings import TermSegment, hash_file, merge_segments, read_segment
from rag.rows import digest_row
from rag.schema import connect_reading, create_tables, damaged, read_meta
from rag.terms import REVISION
from rag.texts import TextReader
from rag.types import LANGUAGES, FindTerms, Language

_Rows = npt.NDArray[np.int64]
_PART = 4_096  # passages whose terms are compared at once; bounds memory
_HASH = re.compile("[0-9a-f]{64}")


def check_index(
    path: Path, glossary: Glossary, *, progress: Callable[[int, int], None] | None = None
) -> CheckReport:
    """Read all of the index at `path` and compare every part with the others.

    Args:
        path: The `index.db` file; its caches lie beside it.
        glossary: The one that the index was built with.
        progress: Told how many texts, and then passages in caches, are done, of how many.

    Raises:
        IndexMissingError, IndexDamagedError: If it cannot even be opened.
        IndexMismatchError: If it was built with other words, or by another version.
    """
    with closing(connect_matching(path, glossary)) as connection:
        connection.text_factory = decode_any
        try:
            connection.execute("BEGIN")
            faults = list(_guard(_check_tables(connection)))
            tick = _count_ticks(connection, progress)
            faults += _guard(check_contents(connection, tick))
            faults += [*_guard(_check_documents(connection)), *_guard(_check_files(connection))]
            if all(fault.part != "database" for fault in faults):  # else no row is sure
                hit = {fault.content for fault in faults}
                faults += _guard(_check_caches(connection, path.parent, glossary, hit, tick))
            counts = {
                table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
                for table in ("files", "documents", "passages")
            }
            connection.execute("COMMIT")
            # A file that is no longer named was removed by a writer meanwhile.
            named = {str(name) for (name,) in connection.execute("SELECT name FROM caches")}
        except sqlite3.DatabaseError as exc:
            raise damaged(path, str(exc)) from exc
    return CheckReport(counts, tuple(f for f in faults if f.part != "cache" or f.name in named))


def connect_matching(path: Path, glossary: Glossary) -> sqlite3.Connection:
    """Open an index for reading, after checking that it was built with `glossary`.

    Raises:
        IndexMissingError, IndexDamagedError, IndexMismatchError: As `check_index` does.
    """
    connection = connect_reading(path)
    try:
        _check_words(read_meta(connection, path).get("terms"), path, glossary)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_words(built_with: str | None, path: Path, glossary: Glossary) -> None:
    terms = f"{REVISION}/{glossary.fingerprint}"
    if built_with != terms:
        raise IndexMismatchError(
            f"the index at {str(path)!r} was built with terms {built_with!r}, but now it is "
            f"{terms!r}. Give the --glossary that it was built with, or build it anew: "
            "crossquote index FOLDER --rebuild"
        )


def _guard(faults: Iterator[Fault]) -> Iterator[Fault]:
    try:
        yield from faults
    except sqlite3.DatabaseError as exc:
        yield Fault(f"SQLite: {exc}", "database")


def _count_ticks(
    connection: sqlite3.Connection, progress: Callable[[int, int], None] | None
) -> Callable[[int], None]:
    """Return what is to be told how many more are done; it tells `progress`."""
    if progress is None:
        return lambda _: None
    counts = ("SELECT count(*) FROM contents", "SELECT sum(count) FROM caches WHERE kind = 'terms'")
    total = sum(connection.execute(query).fetchone()[0] or 0 for query in counts)
    done = 0

    def tick(more: int) -> None:
        nonlocal done
        done += more
        progress(min(done, total), total)

    return tick


def _check_tables(connection: sqlite3.Connection) -> Iterator[Fault]:
    for (finding,) in connection.execute("PRAGMA integrity_check"):
        if finding != "ok":
            yield Fault(f"SQLite: {finding}", "database")
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master"
    with closing(sqlite3.connect(":memory:")) as blank:
        create_tables(blank, {})
        wanted = set(blank.execute(query))
    for kind, name, *_ in sorted(wanted ^ set(connection.execute(query)), key=repr):
        yield Fault(f"SQLite: the {kind} {name!r} is not as it was made", "database")
    generation = connection.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
    if generation is None or not str(generation[0]).isdecimal():
        yield Fault("the index does not say its generation", "database")
    strays = Counter(table for table, *_ in connection.execute("PRAGMA foreign_key_check"))
    for table, count in sorted(strays.items()):
        if table != "documents":  # of which each is named
            yield Fault(f"table {table!r}: rows that belong to nothing, {count} of them", "content")


def _check_documents(connection: sqlite3.Connection) -> Iterator[Fault]:
    query = (
        "SELECT d.id, d.file, d.content, d.title, d.source, d.published, d.digest, "
        "f.path IS NULL, c.content IS NULL FROM documents d LEFT JOIN files f ON f.path = d.file "
        "LEFT JOIN contents c ON c.content = d.content"
    )
    for *row, digest, no_file, no_content in connection.execute(query):
        id_, file = map(str, row[:2])
        name = f"document {id_!r}"
        if digest_row(*row) != digest:
            problem = f"{name} of the file {file!r}: its title, source, date or place is damaged"
            yield Fault(problem, "document", name=id_)
        elif no_file:
            yield Fault(f"{name}: its file {file!r} is not listed", "file", name=file)
        if no_content:
            yield Fault(f"{name}: its text is missing", "document", name=id_)


def _check_files(connection: sqlite3.Connection) -> Iterator[Fault]:
    query = "SELECT path, sha256, EXISTS (SELECT 1 FROM documents WHERE file = path) FROM files"
    for path, sha256, held in connection.execute(query):
        if not held:
            yield Fault(f"file {path!r}: it has no documents", "file", name=str(path))
        if sha256 != "" and not _HASH.fullmatch(str(sha256)):
            yield Fault(f"file {path!r}: its checksum is damaged", "file", name=str(path))


def _check_caches(
    connection: sqlite3.Connection,
    folder: Path,
    glossary: Glossary,
    hit: Set[int],
    tick: Callable[[int], None],
) -> Iterator[Fault]:
    """Compare each file with what the table says of it, and with the texts that are not `hit`."""
    texts, find_terms = TextReader(connection), make_find_terms(glossary)
    sound = {language: _list_sound_rows(connection, language, hit) for language in LANGUAGES}
    taken: dict[Language, _Rows] = {}
    query = 'SELECT name, kind, digest, language, "first", "last", count FROM caches ORDER BY name'
    for name, kind, digest, *stated in connection.execute(query).fetchall():
        try:
            segment = _read_cache(folder / str(name), kind, digest, stated)
            if segment is not None:
                _check_rows(segment, stated[0], sound, taken)
                _check_terms(segment, sound[stated[0]], connection, texts, find_terms, tick)
        except FileNotFoundError:
            yield Fault(f"cache {name!r}: it is missing", "cache", name=str(name))
        except (OSError, ValueError, IndexError) as exc:
            yield Fault(f"cache {name!r}: {exc}", "cache", name=str(name))


def _list_sound_rows(connection: sqlite3.Connection, language: Language, hit: Set[int]) -> _Rows:
    query = (
        'SELECT v."row", p.content FROM vectors v JOIN passages p ON p."row" = v."row" '
        'JOIN contents c ON c.content = p.content WHERE v.language = ? ORDER BY v."row"'
    )
    found = connection.execute(query, (language,))
    return np.fromiter((row for row, content in found if content not in hit), dtype=np.int64)


def _read_cache(path: Path, kind: str, digest: str, stated: list[object]) -> TermSegment | None:
    """Return the terms in a file; None if it is sound, but of a kind that is not known here."""
    if hash_file(path) != digest:
        raise ValueError("its checksum is wrong")
    if not path.name.startswith(f"{kind}-"):
        raise ValueError(f"it is not of the kind {kind!r}")
    if kind != "terms":
        return None
    segment = read_segment(path)
    rows = segment.rows.tolist()
    if stated[0] not in LANGUAGES or stated[1:] != [*rows[:1], *rows[-1:], len(rows)]:
        raise ValueError("it does not hold the rows that it should")
    return segment


def _check_rows(
    segment: TermSegment,
    language: Language,
    sound: dict[Language, _Rows],
    taken: dict[Language, _Rows],
) -> None:
    others = [sound[other] for other in LANGUAGES if other != language] + [*taken.values()]
    if np.isin(segment.rows, np.concatenate(others)).any():
        raise ValueError("it holds rows that belong to another")
    before = taken.get(language, np.zeros(0, dtype=np.int64))
    taken[language] = np.concatenate([before, segment.rows])


def _check_terms(
    segment: TermSegment,
    sound: _Rows,
    connection: sqlite3.Connection,
    texts: TextReader,
    find_terms: FindTerms,
    tick: Callable[[int], None],
) -> None:
    """Raise ValueError if `segment` has other terms for its passages than their texts have."""
    rows = np.intersect1d(segment.rows, sound)
    for first in range(0, len(rows), _PART):
        part = rows[first : first + _PART]
        held = merge_segments([segment], [np.isin(segment.rows, part)])
        (built,) = build_segments(connection, texts, part, find_terms)
        for leg, postings in built.legs.items():
            for field in fields(postings):
                mine = getattr(held.legs[leg], field.name)
                if not np.array_equal(mine, getattr(postings, field.name)):
                    raise ValueError("its terms are not those of the texts")
        tick(len(part))
    for postings in segment.legs.values():  # a merge sorts them, a search does not
        terms = postings.read_terms(0, len(postings.starts) - 1)
        if any(term >= following for term, following in pairwise(terms)):
            raise ValueError("its terms are out of order")
