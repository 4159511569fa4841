"""How contents, passages and documents become rows of `index.db`, and the digests that guard them.

A digest covers all of a row that no key covers, so that `rag.check` finds every changed bit.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from embeddings.encoder import Vectors
from rag.pack import Bits, pack_vectors
from rag.texts import write_text
from rag.types import Document, Language, Passage

PASSAGE_BITS: Bits = 8
SENTENCE_BITS: Bits = 4  # what it costs in recall stands in eval/LOG.md
_DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage made ready: with its vectors and the spans of its sentences.

    `sentences` are spans into the document's text, `sentence_vectors` has one row each.
    """

    passage: Passage
    language: Language
    vector: Vectors = field(compare=False)  # arrays do not compare as one truth
    sentences: tuple[tuple[int, int], ...]
    sentence_vectors: Vectors = field(compare=False)


def insert_content(
    connection: sqlite3.Connection, document: Document, entries: Iterable[Entry]
) -> int:
    """Store a text with its passages, each as it comes; return its number.

    Raises:
        sqlite3.IntegrityError: If the text is stored already.
    """
    cursor = connection.execute(
        "INSERT INTO contents (key, language, title, digest) VALUES (?, ?, ?, ?)",
        (hash_text(document.text), document.language, "", b""),
    )
    content = cursor.lastrowid
    assert content is not None  # noqa: S101  (after an INSERT it is a number)
    write_text(connection, content, document.text)
    _fill_content(connection, content, document, entries)
    return content


def _fill_content(
    connection: sqlite3.Connection, content: int, document: Document, entries: Iterable[Entry]
) -> None:
    """Store the passages of a content that has none, and what its row says of them."""
    count = _insert_passages(connection, content, entries)
    key, title = hash_text(document.text), document.heading
    connection.execute(
        "UPDATE contents SET title = ?, digest = ? WHERE content = ?",
        (title, digest_content(key, document.language, title, count), content),
    )


def _insert_passages(connection: sqlite3.Connection, content: int, entries: Iterable[Entry]) -> int:
    """Store the passages of a content, numbered in the order given; return how many."""
    count = 0
    for number, entry in enumerate(entries):
        passage = entry.passage
        spans = np.asarray(entry.sentences, dtype="<u4").tobytes()
        (vector,) = pack_vectors(entry.vector[None, :], PASSAGE_BITS)
        sentences = b"".join(pack_vectors(entry.sentence_vectors, SENTENCE_BITS))
        fields = (
            content, number, passage.start, passage.end, passage.heading, passage.section,
            spans, sentences,
        )  # fmt: skip
        cursor = connection.execute(
            'INSERT INTO passages (content, number, start, "end", heading, section, sentences, '
            "sentence_vectors, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*fields, digest_row(*fields, entry.language, vector)),
        )
        connection.execute(
            "INSERT INTO vectors VALUES (?, ?, ?)", (cursor.lastrowid, entry.language, vector)
        )
        count = number + 1
    return count


def replace_passages(
    connection: sqlite3.Connection, content: int, document: Document, entries: Iterable[Entry]
) -> None:
    """Put other passages in the place of those a content has, as cut under another title."""
    delete_passages(connection, content)
    _fill_content(connection, content, document, entries)


def delete_passages(connection: sqlite3.Connection, content: int) -> None:
    """Take the passages of a content away, with their vectors."""
    connection.execute(
        'DELETE FROM vectors WHERE "row" IN (SELECT "row" FROM passages WHERE content = ?)',
        (content,),
    )
    connection.execute("DELETE FROM passages WHERE content = ?", (content,))


def delete_contents(connection: sqlite3.Connection, contents: Iterable[int]) -> None:
    """Take away those of `contents` that no document holds any more."""
    held = "SELECT 1 FROM documents WHERE content = ? LIMIT 1"
    for content in contents:
        if connection.execute(held, (content,)).fetchone():
            continue
        delete_passages(connection, content)
        connection.execute("DELETE FROM blocks WHERE content = ?", (content,))
        connection.execute("DELETE FROM contents WHERE content = ?", (content,))


def insert_document(
    connection: sqlite3.Connection, path: str, document: Document, content: int
) -> None:
    """Store that `document`, of the file `path`, has the text of `content`.

    Raises:
        sqlite3.IntegrityError: If there is a document of that id.
    """
    connection.execute(
        "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*_list_fields(path, document, content), digest_document(path, document, content)),
    )


def digest_content(key: bytes, language: str, title: str, passages: int) -> bytes:
    """The digest of a content's row, which also tells how many passages it has."""
    return digest_row(key, language, title, passages)


def digest_document(path: str, document: Document, content: int) -> bytes:
    """The digest of a document's row."""
    return digest_row(*_list_fields(path, document, content))


def _list_fields(
    path: str, document: Document, content: int
) -> tuple[str, str, int, str, str, str | None]:
    published = document.published.isoformat() if document.published else None
    return document.id, path, content, document.title, document.source, published


def hash_text(text: str) -> bytes:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).digest()


def digest_row(*values: str | bytes | int | None) -> bytes:
    """Eight bytes that tell whether any of `values`, or their order, has changed."""
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for value in values:
        data = value if isinstance(value, bytes) else repr(value).encode("utf-8", "surrogatepass")
        digest.update(b"%d:%b" % (len(data), data))
    return digest.digest()
