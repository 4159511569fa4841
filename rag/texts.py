"""Long texts in SQLite: cut into blocks and compressed, so that a part is read without the rest."""

from __future__ import annotations

import sqlite3
import zlib
from collections import OrderedDict

BLOCK_CHARS = 16_384  # compresses as well as a whole text does; a passage lies in one or two
KEPT_BLOCKS = 256  # of a reader: 4 million characters


def write_text(connection: sqlite3.Connection, content: int, text: str) -> None:
    """Store the text of a content; an empty one has no blocks."""
    connection.executemany(
        "INSERT INTO blocks VALUES (?, ?, ?)",
        (
            (content, start, zlib.compress(_encode(text[start : start + BLOCK_CHARS]), 6))
            for start in range(0, len(text), BLOCK_CHARS)
        ),
    )


class TextReader:
    """Reads texts and slices of them, and keeps the blocks last used.

    A content's text never changes and its number is never used again, so what is kept stays
    true whatever is written meanwhile.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._kept: OrderedDict[tuple[int, int], str] = OrderedDict()

    def read_slice(self, content: int, start: int, end: int) -> str:
        """Return `text[start:end]`; what lies beyond the end of the text is left out.

        Raises:
            sqlite3.DatabaseError: If a block is damaged.
        """
        first = start // BLOCK_CHARS * BLOCK_CHARS
        blocks: list[str] = []
        for at in range(first, end, BLOCK_CHARS):
            blocks.append(self._read_block(content, at))
            if len(blocks[-1]) < BLOCK_CHARS:  # the last, however far a damaged `end` reaches
                break
        return "".join(blocks)[start - first : end - first]

    def read_text(self, content: int) -> str:
        """Return a whole text, which is not kept.

        Raises:
            sqlite3.DatabaseError: If a block is damaged.
        """
        query = "SELECT text FROM blocks WHERE content = ? ORDER BY start"
        blobs = self._connection.execute(query, (content,))
        return "".join(_decode(content, blob) for (blob,) in blobs)

    def _read_block(self, content: int, start: int) -> str:
        key = (content, start)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        query = "SELECT text FROM blocks WHERE content = ? AND start = ?"
        found = self._connection.execute(query, key).fetchone()
        text = _decode(content, found[0]) if found else ""
        self._kept[key] = text
        if len(self._kept) > KEPT_BLOCKS:
            self._kept.popitem(last=False)
        return text


def _encode(text: str) -> bytes:
    return text.encode("utf-8", errors="surrogatepass")


def _decode(content: int, blob: bytes) -> str:
    # Not more than a block can be: a damaged or forged one must not fill the memory.
    most = BLOCK_CHARS * 4
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(blob, most).decode("utf-8", errors="surrogatepass")
    except (zlib.error, ValueError, TypeError) as exc:
        raise sqlite3.DatabaseError(f"the text of content {content}: {exc}") from exc
    if not unpacker.eof:
        raise sqlite3.DatabaseError(f"the text of content {content} is cut short or too long")
    return text
