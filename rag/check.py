"""Verify an index: SQLite's own check, every hash, every passage and sentence, every search row.

Nothing is believed that can be computed anew: passages are cut out of their documents again, and
the terms of the search tables are read from the passages again.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.gloss import Glossary
from rag.encode import find_terms
from rag.errors import IndexMismatchError
from rag.schema import FTS_TABLES, connect_reading, damaged, read_meta
from rag.terms import REVISION
from rag.types import Passage
from rag.write import hash_text

MOST_ROWS = 20  # of one search table that are named
_Terms = dict[int, tuple[int, int]]  # row -> how many terms, and a sum over them and their places
_TOKEN = re.compile(r"[A-Za-z0-9.\u0080-\U0010ffff]+")  # as the search tables cut terms


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What an index holds, and what is wrong with it: one sentence a finding, none if sound."""

    counts: Mapping[str, int]
    problems: tuple[str, ...]


def check_index(path: Path, glossary: Glossary) -> CheckReport:
    """Read all of the index at `path` and compare every part with the others.

    Args:
        path: The `index.db` file.
        glossary: The one that the index was built with.

    Raises:
        IndexMissingError, IndexDamagedError: If it cannot even be opened.
        IndexMismatchError: If it was built with other words, or by another version.
    """
    with closing(connect_reading(path)) as connection:
        terms = f"{REVISION}/{glossary.fingerprint}"
        built_with = read_meta(connection, path).get("terms")
        if built_with != terms:
            raise IndexMismatchError(
                f"the index at {str(path)!r} was built with terms {built_with!r}, but now it is "
                f"{terms!r}. Give the --glossary that it was built with, or build it anew: "
                "crossquote index FOLDER --rebuild"
            )
        connection.text_factory = _decode
        try:
            problems = [*_check_database(connection), *_check_documents(connection)]
            problems += [*_check_passages(connection), *_check_terms(connection, glossary)]
            counts = {
                table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
                for table in ("files", "documents", "passages")
            }
        except sqlite3.DatabaseError as exc:
            raise damaged(path, str(exc)) from exc
    return CheckReport(counts, tuple(problems))


def _decode(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")  # damaged text must be named, not raise


def _check_database(connection: sqlite3.Connection) -> Iterator[str]:
    for (finding,) in connection.execute("PRAGMA integrity_check"):
        if finding != "ok":
            yield f"SQLite: {finding}"
    for table, row, *_ in connection.execute("PRAGMA foreign_key_check"):
        yield f"{table}, row {row}: belongs to nothing"


def _check_documents(connection: sqlite3.Connection) -> Iterator[str]:
    for id_, text, digest in connection.execute("SELECT id, text, sha256 FROM documents"):
        if hash_text(text) != digest:
            yield f"document {id_!r}: its text is not what was stored"


def _check_passages(connection: sqlite3.Connection) -> Iterator[str]:
    query = (
        'SELECT p.id, p.text, p.start, p."end", p.sentences, p.vector, p.sentence_vectors, d.text '
        'FROM passages p LEFT JOIN documents d ON d.id = p.document_id ORDER BY p."row"'
    )
    dim = 0
    for id_, text, start, end, spans, vector, vectors, document in connection.execute(query):
        dim = dim or len(vector) // 4
        if document is None:
            yield f"passage {id_!r}: its document is missing"
        elif document[start:end] != text:
            yield f"passage {id_!r}: its text is not {start}:{end} of its document"
        sentences = _read_spans(spans)
        if sentences is None or not all(start <= a < b <= end for a, b in sentences):
            yield f"passage {id_!r}: its sentences are not spans of it"
        if not _are_units(vector, "<f4", 1, dim, 1e-3):
            yield f"passage {id_!r}: its vector is damaged"
        if not _are_units(vectors, "<f2", len(sentences or ()), dim, 1e-2):
            yield f"passage {id_!r}: a sentence vector is damaged"


def _read_spans(spans: str) -> list[tuple[int, int]] | None:
    try:
        return [(int(first), int(last)) for first, last in json.loads(spans)]
    except (TypeError, ValueError):
        return None


def _are_units(blob: bytes, kind: str, count: int, dim: int, tolerance: float) -> bool:
    if len(blob) != count * dim * np.dtype(kind).itemsize:
        return False
    rows: npt.NDArray[Any] = np.frombuffer(blob, dtype=kind).astype(np.float64)
    norms = np.linalg.norm(rows.reshape(count, dim), axis=1)
    return bool((np.abs(norms - 1.0) <= tolerance).all())  # False for NaN too


def _check_terms(connection: sqlite3.Connection, glossary: Glossary) -> Iterator[str]:
    """Each search table must hold, for every passage of its language, its terms in order."""
    ids: dict[int, str] = dict(connection.execute('SELECT "row", id FROM passages'))
    expected = _expect_terms(connection, glossary)
    for table in FTS_TABLES:
        try:
            held = _sum_up_table(connection, table)
            lengths = _read_lengths(connection, table)
            average = _read_average(connection, table)
            lost = list(_find_lost_terms(connection, table))
        except (sqlite3.DatabaseError, IndexError) as exc:
            yield f"search table {table}: {exc}"
            continue
        yield from lost[:MOST_ROWS]
        terms = expected[table]
        wrong = {row for row in {**held, **terms} if held.get(row) != terms.get(row)}
        counts = {row: count for row, (count, _) in terms.items()}
        wrong |= {row for row in {**lengths, **counts} if lengths.get(row, 0) != counts.get(row, 0)}
        for row in sorted(wrong)[:MOST_ROWS]:
            name = f"passage {ids[row]!r}" if row in ids else f"row {row}, which is no passage,"
            yield f"search table {table}: {name} has other terms there than in its text"
        if average != (len(lengths), sum(counts.values())):
            yield f"search table {table}: its average length is damaged"


def _expect_terms(connection: sqlite3.Connection, glossary: Glossary) -> dict[str, _Terms]:
    expected: dict[str, _Terms] = {table: {} for table in FTS_TABLES}
    query = (
        'SELECT "row", language, id, document_id, text, start, "end", heading, section '
        "FROM passages"
    )
    for row, language, *fields in connection.execute(query):
        try:
            passage = Passage(*fields)
        except ValueError:  # named by `_check_passages`
            continue
        for leg, terms in find_terms(passage, glossary).items():
            tokens = _TOKEN.findall(" ".join(terms))
            if tokens:
                total = sum(hash((token, place)) for place, token in enumerate(tokens))
                expected.setdefault(f"{leg}_{language}", {})[row] = (len(tokens), total)
    return expected


def _sum_up_table(connection: sqlite3.Connection, table: str) -> _Terms:
    connection.execute(
        f"CREATE VIRTUAL TABLE temp.all_{table} USING fts5vocab(main, {table}, instance)"
    )
    found: dict[int, tuple[int, int]] = {}
    rows = connection.execute(f'SELECT term, doc, "offset" FROM temp.all_{table}')  # noqa: S608
    for term, row, place in rows:
        count, total = found.get(row, (0, 0))
        found[row] = (count + 1, total + hash((term, place)))
    return found


def _find_lost_terms(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    """Look each term up, since a listing of the table does not show a damaged way to it."""
    query = f"SELECT count(*) FROM {table} WHERE {table} MATCH ?"  # noqa: S608
    terms = connection.execute(f"SELECT term, doc FROM {table}_terms").fetchall()  # noqa: S608
    for term, count in terms:
        quoted = '"' + term.replace('"', '""') + '"'
        if connection.execute(query, (quoted,)).fetchone()[0] != count:
            yield f"search table {table}: a search for {term!r} misses passages"


def _read_lengths(connection: sqlite3.Connection, table: str) -> dict[int, int]:
    rows = connection.execute(f"SELECT id, sz FROM {table}_docsize")  # noqa: S608
    return {row: _read_varints(blob)[0] for row, blob in rows}


def _read_average(connection: sqlite3.Connection, table: str) -> tuple[int, int]:
    """How many rows and tokens the table says it has, from which BM25 takes the mean length."""
    row = connection.execute(f"SELECT block FROM {table}_data WHERE id = 1").fetchone()  # noqa: S608
    numbers = _read_varints(row[0]) if row else []
    return (numbers[0], numbers[1]) if len(numbers) > 1 else (0, 0)


def _read_varints(blob: bytes) -> list[int]:
    """SQLite's variable-length integers, seven bits a byte, high bits first; short ones only."""
    numbers, number = [], 0
    for byte in blob:
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            numbers.append(number)
            number = 0
    return numbers
