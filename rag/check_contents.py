"""Verify what an index stores with each text: its blocks, its passages, and their vectors."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from rag.faults import MOST_NAMED, Fault, Part, is_torn, list_some
from rag.pack import count_row_bytes
from rag.rows import PASSAGE_BITS, SENTENCE_BITS, digest_content, digest_row, hash_text
from rag.texts import BLOCK_CHARS, TextReader
from rag.types import LANGUAGES

_KINDS = [int, int, str, int, bytes, bytes, str, bytes]  # of the columns that `_find_fault` reads


def check_contents(
    connection: sqlite3.Connection, tick: Callable[[int], None] = lambda _: None
) -> Iterator[Fault]:
    """Yield the faults of all contents, in their order; memory is bounded by the longest text.

    Args:
        connection: In a transaction; its texts decoded by `rag.faults.decode_any`.
        tick: Told of each content that is done.

    Raises:
        sqlite3.DatabaseError: If a table cannot be read.
    """
    texts, dim = TextReader(connection), _find_dim(connection)
    query = "SELECT content, key, language, title, digest FROM contents ORDER BY content"
    for content, *stored in connection.execute(query):
        faults = list(_check_content(connection, texts, content, stored, dim))
        holders = _name_holders(connection, content) if faults else ""
        for problem, part in faults:
            yield Fault(f"{holders}{problem}", part, content)
        tick(1)
    orphans = "SELECT content FROM contents WHERE content NOT IN (SELECT content FROM documents)"
    for (content,) in connection.execute(orphans):
        yield Fault(f"content {content}: no document has this text", "content", content)


def _find_dim(connection: sqlite3.Connection) -> int:
    """How many values a vector of this index has: as many as most of them do."""
    found = connection.execute(
        "SELECT length(vector) FROM vectors WHERE typeof(vector) = 'blob' "
        "GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    ).fetchone()
    return int(found[0]) * 8 // PASSAGE_BITS if found else 0


def _name_holders(connection: sqlite3.Connection, content: int) -> str:
    query = "SELECT id FROM documents WHERE content = ? ORDER BY id"
    ids = [repr(id_) for (id_,) in connection.execute(f"{query} LIMIT {MOST_NAMED}", (content,))]
    count = connection.execute(f"SELECT count(*) FROM ({query})", (content,)).fetchone()[0]  # noqa: S608
    return list_some("document", ids, count) if ids else f"content {content}"


def _check_content(
    connection: sqlite3.Connection, texts: TextReader, content: int, stored: Sequence[Any], dim: int
) -> Iterator[tuple[str, Part]]:
    key, language, title, digest = stored
    try:
        text = _read_blocks(connection, texts, content)
    except (sqlite3.DatabaseError, ValueError):
        yield ": its text cannot be read", "text"
        return
    if hash_text(text) != key:
        yield ": its text is not what was stored", "text"
        return
    query = "SELECT count(*) FROM passages WHERE content = ?"
    (count,) = connection.execute(query, (content,)).fetchone()
    if digest_content(key, language, title, count) != digest:
        problem = ": its language, title or count of passages is damaged"
        yield problem, "content" if language in LANGUAGES else "text"
    yield from _check_passages(connection, content, len(text), dim)


def _read_blocks(connection: sqlite3.Connection, texts: TextReader, content: int) -> str:
    query = "SELECT start FROM blocks WHERE content = ? ORDER BY start"
    starts = [start for (start,) in connection.execute(query, (content,))]
    if starts != [n * BLOCK_CHARS for n in range(len(starts))]:
        raise ValueError("a block is missing")
    blocks = [texts.read_slice(content, start, start + BLOCK_CHARS) for start in starts]
    if any(len(block) != BLOCK_CHARS for block in blocks[:-1]):
        raise ValueError("a block is cut short")
    return "".join(blocks)


def _check_passages(
    connection: sqlite3.Connection, content: int, length: int, dim: int
) -> Iterator[tuple[str, Part]]:
    query = (
        'SELECT p.number, p.start, p."end", p.heading, p.section, p.sentences, '
        "p.sentence_vectors, v.language, v.vector, p.digest FROM passages p "
        'LEFT JOIN vectors v ON v."row" = p."row" WHERE p.content = ? ORDER BY p.number'
    )
    faults: defaultdict[tuple[str, Part], list[int]] = defaultdict(list)
    due = 0
    for number, *row, digest in connection.execute(query, (content,)):
        fault = _find_fault(row, length, dim)
        if row[-1] is None:
            faults["without a vector", "content"].append(number)
        elif fault:
            faults[fault, "text"].append(number)
        elif digest_row(content, number, *row) != digest:
            faults["not what was stored", "content"].append(number)
        if number != due:
            faults["another is missing before", "content"].append(number)
        due = number + 1 if isinstance(number, int) else due
    for (problem, part), numbers in faults.items():
        yield f", {list_some('passage', numbers, len(numbers))}: {problem}", part


def _find_fault(row: Sequence[Any], length: int, dim: int) -> str:
    """Return what keeps a passage from being read and quoted; "" if nothing does."""
    start, end, heading, section, spans, sentence_vectors, language, vector = row
    if [*map(type, row)] != _KINDS or language not in LANGUAGES or section < 0 or is_torn(heading):
        return "unreadable"
    if not 0 <= start < end <= length:
        return "outside the text"
    bounds = np.frombuffer(spans[: len(spans) // 8 * 8], dtype="<u4")
    starts, ends = bounds[0::2], bounds[1::2]
    if len(spans) % 8 or not ((starts >= start) & (starts < ends) & (ends <= end)).all():
        return "with sentences outside of it"
    wanted = len(starts) * count_row_bytes(dim, SENTENCE_BITS)
    if len(vector) != count_row_bytes(dim, PASSAGE_BITS) or len(sentence_vectors) != wanted:
        return "with vectors of a wrong length"
    return ""
