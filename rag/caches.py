"""Files beside `index.db` that are derived from it; those of the terms of its passages.

A file holds the terms of a range of rows (`rag.postings`); the table `caches` names it with its
checksum. Nothing depends on a file being there: rows that no sound file covers are read from
their texts, which takes longer and gives the same. So a crash, a lost or a damaged file cost time
and nothing else. Files are never changed: small ones are merged into new ones, and what the table
no longer names is removed. A reader that was about to open such a file reads the table again.
"""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.passages import read_passages
from rag.postings import (
    MAX_PLACES,
    TermSegment,
    build_segment,
    hash_file,
    merge_segments,
    read_segment,
    write_segment,
)
from rag.term_search import TermIndex
from rag.texts import TextReader
from rag.types import LANGUAGES, FindTerms, Language, Leg

logger = logging.getLogger(__name__)

Rows = npt.NDArray[np.int64]
LEAST_ROWS = 64  # fewer are left to readers, who need half a second for 500
_MOST_DEAD = 0.25  # of the rows of a file; beyond, it is written anew without them
_OURS = re.compile(r"(?:terms|vectors)-(?:zh|en)-\d+-\d+(?:-[0-9a-f]{8}|\.new)?(?:\.part)?")
_READ_ROWS = 512  # passages read at once


class MissingFileError(Exception):
    """A file that the table names is not there: the table was read before a writer was done."""


@dataclass(frozen=True, slots=True)
class Named:
    """A row of the table `caches`: a file, what it covers, and its checksum."""

    name: str
    language: Language
    first: int
    last: int
    count: int
    digest: str


class TermCache:
    """What a reader keeps of one language: segments in files, and those of rows in no file."""

    def __init__(self, folder: Path, language: Language, find_terms: FindTerms) -> None:
        self._folder = folder
        self._language = language
        self._find_terms = find_terms
        self._files: dict[str, TermSegment] = {}
        self._own: list[TermSegment] = []

    def follow(
        self, connection: sqlite3.Connection, texts: TextReader, rows: Rows, *, patient: bool
    ) -> TermIndex:
        """Return the postings of exactly `rows`, reading as little anew as possible.

        Args:
            connection: In a transaction.
            texts: Of that connection.
            rows: All rows of the language, ascending.
            patient: Raise if a file is missing, since a newer table may name another.

        Raises:
            MissingFileError: If `patient`, and a file that the table names is missing.
        """
        self._open_files(list_caches(connection, self._language), patient=patient)
        covered = _join_rows(self._files.values())
        self._own = [own for own in self._own if not np.isin(own.rows, covered).any()]
        rest = np.setdiff1d(rows, np.concatenate([covered, _join_rows(self._own)]))
        if len(rest) > _READ_ROWS:
            logger.warning("reading the terms of %d passages that no cache covers", len(rest))
        self._own += build_segments(connection, texts, rest, self._find_terms)
        self._own = _merge_tail(self._own, rows)
        return TermIndex([*self._files.values(), *self._own], rows)

    def _open_files(self, named: Sequence[Named], *, patient: bool) -> None:
        opened: dict[str, TermSegment] = {}
        for item in named:
            known = self._files.get(item.name)
            segment = known or open_segment(self._folder, item, patient=patient)
            if segment is not None:
                opened[item.name] = segment
        self._files = opened


def list_caches(
    connection: sqlite3.Connection, language: Language, *, kind: str = "terms"
) -> list[Named]:
    """The files of a kind that the table names for a language, in order of their rows."""
    query = (
        'SELECT name, language, "first", "last", count, digest FROM caches '
        'WHERE kind = ? AND language = ? ORDER BY "first", name'
    )
    return [Named(*row) for row in connection.execute(query, (kind, language))]


def open_segment(folder: Path, named: Named, *, patient: bool = False) -> TermSegment | None:
    """Open a file and check that it is what the table says; None, and a line in the log, if not.

    Raises:
        MissingFileError: If `patient` and there is no such file.
    """
    path = folder / named.name
    try:
        if hash_file(path) == named.digest:
            return read_segment(path)
        logger.warning("the cache %r has a wrong checksum and is not used", named.name)
    except FileNotFoundError as exc:
        if patient:
            raise MissingFileError(named.name) from exc
        logger.warning("the cache %r is missing; it is read from the texts anew", named.name)
    except (OSError, ValueError) as exc:
        logger.warning("the cache %r is damaged (%s) and not used", named.name, exc)
    return None


def build_segments(
    connection: sqlite3.Connection, texts: TextReader, rows: Rows, find_terms: FindTerms
) -> list[TermSegment]:
    """Read the terms of `rows` from their texts, into as few segments as they fit in."""
    return [
        build_segment(part, _read_terms(connection, texts, part, find_terms))
        for part in (rows[n : n + MAX_PLACES] for n in range(0, len(rows), MAX_PLACES))
    ]


def write_caches(
    connection: sqlite3.Connection, folder: Path, find_terms: FindTerms, *, least: int = LEAST_ROWS
) -> bool:
    """Bring the files in line with the rows; return whether anything was written.

    Rows in no sound file get one if there are at least `least` of a language; neighboring files
    are merged while the later is more than half the size of the earlier, so that a row is
    rewritten only a few times however large the index grows.
    """
    texts = TextReader(connection)
    wrote = False
    for language in LANGUAGES:
        named = list_caches(connection, language)
        opened = [(item, open_segment(folder, item)) for item in named]
        sound = {id(segment): item for item, segment in opened if segment is not None}
        segments = [segment for _, segment in opened if segment is not None]
        rows = list_rows(connection, language)
        rest = np.setdiff1d(rows, _join_rows(segments))
        if len(rest) >= least or len(segments) < len(named):
            segments += _build_between(connection, texts, rest, segments, find_terms)
        segments = _drop_dead(segments, rows)
        segments = _merge_tail(sorted(segments, key=lambda s: int(s.rows[0])), rows)
        kept = {sound[id(s)].name for s in segments if id(s) in sound}
        fresh = [
            write_file(folder, "terms", language, s.rows, partial(write_segment, s))
            for s in segments
            if id(s) not in sound
        ]
        gone = [item.name for item in named if item.name not in kept]
        update_table(connection, "terms", gone, fresh)
        wrote = wrote or bool(gone or fresh)
    return wrote


def remove_strays(connection: sqlite3.Connection, folder: Path) -> None:
    """Remove cache files that the table does not name, and half-written ones."""
    named = {name for (name,) in connection.execute("SELECT name FROM caches")}
    for path in folder.iterdir():
        if _OURS.fullmatch(path.name) and path.name not in named:
            try:
                path.unlink(missing_ok=True)
            except OSError as exc:  # another system's reader may hold it open
                logger.warning("the old cache %r could not be removed: %s", path.name, exc)


def list_rows(connection: sqlite3.Connection, language: Language) -> Rows:
    """The rows of a language, ascending."""
    query = 'SELECT "row" FROM vectors WHERE language = ? ORDER BY "row"'
    return np.fromiter((row for (row,) in connection.execute(query, (language,))), dtype=np.int64)


def _read_terms(
    connection: sqlite3.Connection, texts: TextReader, rows: Rows, find_terms: FindTerms
) -> Iterator[Mapping[Leg, Sequence[str]]]:
    for first in range(0, len(rows), _READ_ROWS):
        part = rows[first : first + _READ_ROWS].tolist()
        for stored in read_passages(connection, texts, part):
            yield find_terms(stored.passage)


def _build_between(
    connection: sqlite3.Connection,
    texts: TextReader,
    rows: Rows,
    segments: Sequence[TermSegment],
    find_terms: FindTerms,
) -> list[TermSegment]:
    """Segments of `rows` whose ranges do not overlap those of `segments`."""
    borders = sorted(int(segment.rows[0]) for segment in segments)
    parts = np.split(rows, np.searchsorted(rows, borders))
    return [s for part in parts for s in build_segments(connection, texts, part, find_terms)]


def _drop_dead(segments: Sequence[TermSegment], rows: Rows) -> list[TermSegment]:
    """The segments without those that hold no row any more; rewritten where many are gone."""
    kept = []
    for segment in segments:
        alive = np.isin(segment.rows, rows, assume_unique=True)
        if alive.mean() < 1 - _MOST_DEAD and alive.any():
            kept.append(merge_segments([segment], [alive]))
        elif alive.any():
            kept.append(segment)
    return kept


def _merge_tail(segments: list[TermSegment], rows: Rows) -> list[TermSegment]:
    """Merge the last segments while one is more than half as large as that before it."""
    segments = list(segments)
    while len(segments) > 1:
        one, other = segments[-2:]
        both = len(one.rows) + len(other.rows)
        if 2 * len(other.rows) <= len(one.rows) or both > MAX_PLACES:
            break
        if one.rows[-1] >= other.rows[0]:
            break
        alive = [np.isin(s.rows, rows, assume_unique=True) for s in (one, other)]
        segments[-2:] = [merge_segments([one, other], alive)]
    return [segment for segment in segments if len(segment.rows)]


def write_file(
    folder: Path, kind: str, language: Language, rows: Rows, write: Callable[[Path], None]
) -> Named:
    """Write a file that covers `rows`, named after these and its checksum."""
    first, last = int(rows[0]), int(rows[-1])
    draft = folder / f"{kind}-{language}-{first}-{last}.new"
    write(draft)
    digest = hash_file(draft)
    name = f"{kind}-{language}-{first}-{last}-{digest[:8]}"
    draft.replace(folder / name)
    return Named(name, language, first, last, len(rows), digest)


def update_table(
    connection: sqlite3.Connection, kind: str, gone: Sequence[str], fresh: Sequence[Named]
) -> None:
    """Let the table name the files of `fresh` and no longer those of `gone`, at once."""
    own = not connection.in_transaction
    if own:
        connection.execute("BEGIN IMMEDIATE")
    connection.executemany("DELETE FROM caches WHERE name = ?", [(name,) for name in gone])
    connection.executemany(
        "INSERT OR REPLACE INTO caches VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(f.name, kind, f.language, f.first, f.last, f.count, f.digest) for f in fresh],
    )
    if own:
        connection.execute("COMMIT")


def _join_rows(segments: Iterable[TermSegment]) -> Rows:
    parts = [segment.rows for segment in segments]
    return np.sort(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)
