"""Verify an index: SQLite's own check, every hash, every passage and sentence, every vector."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.schema import FTS_TABLES, connect_reading, damaged, read_meta
from rag.types import LANGUAGES
from rag.write import hash_text


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What an index holds, and what is wrong with it: one sentence a finding, none if sound."""

    counts: Mapping[str, int]
    problems: tuple[str, ...]


def check_index(path: Path) -> CheckReport:
    """Read all of the index at `path` and compare every part with the others.

    Raises:
        IndexMissingError, IndexDamagedError, IndexMismatchError: If it cannot even be opened.
    """
    with closing(connect_reading(path)) as connection:
        read_meta(connection, path)
        try:
            problems = [*_check_database(connection), *_check_documents(connection)]
            problems += [*_check_passages(connection), *_check_terms(connection)]
            counts = {
                table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
                for table in ("files", "documents", "passages")
            }
        except sqlite3.DatabaseError as exc:
            raise damaged(path, str(exc)) from exc
    return CheckReport(counts, tuple(problems))


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
        'SELECT p.id, p.start, p."end", p.sentences, p.vector, p.sentence_vectors, '
        "length(d.text), d.id FROM passages p LEFT JOIN documents d ON d.id = p.document_id"
    )
    for id_, start, end, spans, vector, vectors, length, document in connection.execute(query):
        if document is None:
            yield f"passage {id_!r}: its document is missing"
        elif not 0 <= start < end <= length:
            yield f"passage {id_!r}: {start}:{end} is not in its document"
        elif not all(start <= a < b <= end for a, b in json.loads(spans)):
            yield f"passage {id_!r}: a sentence is not in it"
        if not _is_unit(np.frombuffer(vector, dtype="<f4").reshape(1, -1), 1e-3):
            yield f"passage {id_!r}: its vector is damaged"
        rows = np.frombuffer(vectors, dtype="<f2").astype(np.float32)
        count = len(json.loads(spans))
        if count and (len(rows) % count or not _is_unit(rows.reshape(count, -1), 1e-2)):
            yield f"passage {id_!r}: a sentence vector is damaged"


def _is_unit(rows: npt.NDArray[Any], tolerance: float) -> bool:
    norms = np.linalg.norm(rows.astype(np.float64), axis=1)
    return bool((np.abs(norms - 1.0) <= tolerance).all())  # False for NaN too


def _check_terms(connection: sqlite3.Connection) -> Iterator[str]:
    """Each search table must be sound, and hold a row a passage of its language that has terms."""
    rows = {
        language: {
            row
            for (row,) in connection.execute(
                'SELECT "row" FROM passages WHERE language = ?', (language,)
            )
        }
        for language in LANGUAGES
    }
    for table in FTS_TABLES:
        language = next(language for language in LANGUAGES if table.endswith(language))
        held = {row for (row,) in connection.execute(f"SELECT rowid FROM {table}")}  # noqa: S608
        for row in sorted(held ^ rows[language])[:20]:
            yield f"search table {table}: row {row} and the passages do not agree"
