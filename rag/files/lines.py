"""JSON Lines: a record a line, read from disk one line at a time.

A file may be far larger than memory. Its encoding is that of a sample: the whole of a small file,
and of a larger one the first megabyte of lines that are not plain ASCII.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from rag.files.decode import (
    check_encoding,
    decode_bytes,
    describe_bad_byte,
    find_wide_encoding,
    replace_unsafe,
)
from rag.files.metadata import (
    clean_source,
    clean_title,
    describe_unread_date,
    parse_date,
    title_line,
)
from rag.files.records import Note, Record, UnreadableError
from rag.files.seen import SeenKeys

MAX_LINE_BYTES = 10 * 2**20  # a long book; parsing brackets takes up to 25 times as much memory
MAX_ID_CHARS = 200  # of a record; longer ones are cut
MAX_LINE_NOTES = 20  # of one file; the rest is counted in one more note
SAMPLE_BYTES = 2**20
_PIECE_BYTES = 2**20

Tell = Callable[[Note], None]


def read_json_lines(file: BinaryIO, encoding: str | None, tell: Tell) -> Iterator[Record]:
    """Yield a record a line, with `id` and `text`, and perhaps `title`, `date` and `source`.

    A line that is no such record, or repeats an id, is left out and told of by its number, counted
    from 1. Nothing is told of before the first record.

    Args:
        file: At its start; it must be able to go back there.
        encoding: Its encoding, if it is known.
        tell: Called with each problem when it is met.

    Raises:
        UnreadableError: If there is no record.
        OSError: If the file cannot be read to its end, or there is no room for temporary files.
        ValueError: If `encoding` is unknown.
    """
    notes = _Notes(tell)
    lines = _decode_lines(file, _find_encoding(file, encoding, notes), notes)
    count = 0
    with SeenKeys() as seen:
        for number, line in enumerate(lines, start=1):
            if line is not None and not line.strip():
                continue
            try:
                record, warning = _read_record(line, seen)
            except _LineError as exc:
                notes.add(Note(f"line {number} {exc}; it was left out", skipped=True))
                continue
            notes.release()
            if warning:
                notes.add(Note(f"line {number}: {warning}"))
            count += 1
            yield record
    if not count:
        raise UnreadableError(f"holds no record with an id and a text{notes.first_reason()}")
    notes.finish()


class _LineError(Exception):
    """A line that is no record; the message goes on from "line 5"."""


class _Notes:
    """Passes on the first problems, once there is a record, and counts the rest."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._held: list[Note] | None = []
        self._count = 0
        self._rest_skipped = False

    def add(self, note: Note) -> None:
        self._count += 1
        if self._count > MAX_LINE_NOTES:
            self._rest_skipped |= note.skipped
        elif self._held is not None:
            self._held.append(note)
        else:
            self._tell(note)

    def release(self) -> None:
        for note in self._held or ():
            self._tell(note)
        self._held = None

    def finish(self) -> None:
        rest = self._count - MAX_LINE_NOTES
        if rest > 0:
            reason = f"{rest} more lines have problems of this kind"
            self._tell(Note(reason, self._rest_skipped))

    def first_reason(self) -> str:
        reasons = (note.reason for note in self._held or () if note.skipped)
        first = next(reasons, "")
        return f" ({first})" if first else ""


def _find_encoding(file: BinaryIO, encoding: str | None, notes: _Notes) -> str:
    start = file.read(SAMPLE_BYTES)
    wide = find_wide_encoding(start)
    if encoding is not None:
        name = check_encoding(encoding)
        found = (wide or f"{name}-le") if name in ("utf-16", "utf-32") else name
    elif wide and len(start) == SAMPLE_BYTES:
        found = wide
    else:
        decoded = decode_bytes(_gather_sample(file, start))
        found = decoded.encoding
        if decoded.warning and not found.startswith("utf"):  # bad bytes are told of by line
            notes.add(Note(decoded.warning))
    file.seek(0)
    return found


def _gather_sample(file: BinaryIO, start: bytes) -> bytes:
    if len(start) < SAMPLE_BYTES:
        return start
    file.seek(0)
    sample = bytearray()
    for _, line in _split_lines(file, b"\n"):
        if line is not None and not line.isascii():
            sample += line
        if len(sample) >= SAMPLE_BYTES:
            break
    return bytes(sample)


def _decode_lines(file: BinaryIO, name: str, notes: _Notes) -> Iterator[str | None]:
    """The text of each line; None for one that is too long."""
    newline = "\n\n".encode(name)[len("\n".encode(name)) :]  # without a byte order mark
    if b"\n" not in newline:
        raise UnreadableError(f"is in {name}, where lines cannot be told apart; save it as UTF-8")
    bad = False
    for offset, line in _split_lines(file, newline):
        if line is None:
            yield None
            continue
        try:
            text = line.decode(name)
        except UnicodeDecodeError as exc:
            text = line.decode(name, errors="replace")
            if not bad:
                notes.add(Note(describe_bad_byte(name, offset + exc.start)))
            bad = True
        yield replace_unsafe(text.removeprefix("\ufeff") if offset == 0 else text)


def _split_lines(file: BinaryIO, newline: bytes) -> Iterator[tuple[int, bytes | None]]:
    """Where each line begins, and its bytes; None for one that is too long to be held."""
    offset = 0
    while True:
        line = bytearray()
        size = 0
        while True:
            piece = _read_piece(file, size, len(newline))
            size += len(piece)
            if size <= MAX_LINE_BYTES:
                line += piece
            if not piece or piece.endswith(newline):
                break
        if not size:
            return
        yield offset, bytes(line) if size <= MAX_LINE_BYTES else None
        offset += size


def _read_piece(file: BinaryIO, before: int, width: int) -> bytes:
    """To the end of a line or a part of it, and always whole units of `width` bytes."""
    piece = file.readline(_PIECE_BYTES)
    return piece + file.read(-(before + len(piece)) % width)


def _read_record(line: str | None, seen: SeenKeys) -> tuple[Record, str | None]:
    """The record of a line, and a warning about its date or None."""
    if line is None:
        raise _LineError(f"is longer than {MAX_LINE_BYTES // 2**20} MB")
    try:
        value: Any = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise _LineError("is not valid JSON") from exc
    if not isinstance(value, dict):
        raise _LineError("is no JSON object with an id and a text")
    key, text, stated = value.get("id"), value.get("text"), value.get("date")
    if isinstance(key, bool) or not isinstance(key, str | int) or not str(key).strip():
        raise _LineError("has no id that is a string or a whole number")
    if not isinstance(text, str) or not text.strip():
        raise _LineError("has no text")
    key = str(key).strip()[:MAX_ID_CHARS]
    if not seen.add(key):
        raise _LineError(f"repeats the id {key!r} of an earlier line")
    published = parse_date(stated) if stated else None
    warning = describe_unread_date(stated) if stated and published is None else None
    title = clean_title(value.get("title")) or title_line(text)
    return Record(text, title, published, clean_source(value.get("source")), key), warning
