"""The file beside `index.db` that spares a large index the making of its codes when it is opened.

Up to `rag.vectors.EXACT_ROWS` passages of a language there is none: their vectors are read from
the database at once. As with every cache, nothing depends on it: without one, or with an older
one, the codes that are missing are made from the vectors.
"""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

from rag.caches import list_caches, list_rows, update_table, write_file
from rag.postings import hash_file
from rag.types import LANGUAGES, Language
from rag.vectors import EXACT_ROWS, Load, VectorIndex

logger = logging.getLogger(__name__)

_MOST_STALE = 0.1  # of the rows: so many that are new or gone are made up for at opening


def open_vectors(
    connection: sqlite3.Connection,
    folder: Path,
    language: Language,
    *,
    exact_rows: int = EXACT_ROWS,
) -> VectorIndex:
    """Return the vectors of a language as its file has them, or none; they must follow yet.

    Args:
        connection: In a transaction.
        folder: Of the index.
        language: Of the passages.
        exact_rows: As for `VectorIndex`.
    """
    for named in list_caches(connection, language, kind="vectors"):
        path = folder / named.name
        try:
            if hash_file(path) == named.digest:
                return VectorIndex.read(path, exact_rows=exact_rows)
            logger.warning("the cache %r has a wrong checksum and is not used", named.name)
        except (OSError, ValueError) as exc:
            logger.warning("the cache %r cannot be read (%s) and is not used", named.name, exc)
    return VectorIndex(exact_rows=exact_rows)


def write_vectors(
    connection: sqlite3.Connection, folder: Path, load: Load, *, exact_rows: int = EXACT_ROWS
) -> None:
    """Bring the files in line with the rows, where there are so many that a file is worth it.

    Args:
        connection: Of the writer.
        folder: Of the index.
        load: Gives the vectors of rows.
        exact_rows: As for `VectorIndex`.

    Raises:
        OSError: If a file cannot be written.
    """
    for language in LANGUAGES:
        named = list_caches(connection, language, kind="vectors")
        rows = list_rows(connection, language)
        if not named and len(rows) <= exact_rows:
            continue
        vectors = open_vectors(connection, folder, language, exact_rows=exact_rows)
        stale = vectors.count_differences(rows)
        if len(vectors) and len(rows) > exact_rows and stale <= _MOST_STALE * len(rows):
            continue
        vectors.follow(rows, load)
        fresh = []
        if not vectors.exact:
            fresh = [write_file(folder, "vectors", language, rows, vectors.write)]
        update_table(connection, "vectors", [item.name for item in named], fresh)
