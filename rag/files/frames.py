"""How two processes hand each other bytes and extractions over a pipe.

A frame is eight bytes of length, big-endian, and then as many bytes.
"""

from __future__ import annotations

import json
from datetime import date
from typing import IO, Any

from rag.files.records import Extraction, Note, Record

_LENGTH_BYTES = 8


def write_frame(file: IO[bytes], data: bytes) -> None:
    """Write one frame; the caller flushes.

    Raises:
        OSError: If the other side is gone.
    """
    file.write(len(data).to_bytes(_LENGTH_BYTES, "big"))
    file.write(data)


def read_frame(file: IO[bytes], max_bytes: int) -> bytes | None:
    """Return the next frame; None if the other side has closed the pipe.

    Raises:
        EOFError: If the pipe ends within a frame.
        ValueError: If the frame is larger than `max_bytes`.
    """
    head = file.read(_LENGTH_BYTES)
    if not head:
        return None
    size = int.from_bytes(head, "big")
    if size > max_bytes:
        raise ValueError(f"a frame of {size} bytes, more than {max_bytes}")
    data = file.read(size)
    if len(head) < _LENGTH_BYTES or len(data) < size:
        raise EOFError("the pipe ended within a frame")
    return data


def pack_json(value: Any) -> bytes:
    """Return plain data as JSON; lone surrogates survive."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def unpack_json(data: bytes) -> Any:
    """Return what `pack_json` was given.

    Raises:
        ValueError: If `data` is no such JSON.
    """
    return json.loads(data.decode("utf-8", "surrogatepass"))


def flatten_extraction(extraction: Extraction) -> dict[str, Any]:
    """Return an extraction as plain data for JSON."""
    return {
        "records": [
            [
                record.text,
                record.title,
                record.published.isoformat() if record.published else None,
                record.source,
                record.key,
            ]
            for record in extraction.records
        ],
        "notes": [[note.reason, note.skipped] for note in extraction.notes],
    }


def build_extraction(value: Any) -> Extraction:
    """Return the extraction that `flatten_extraction` was given.

    Raises:
        KeyError, TypeError, ValueError: If `value` is no such data.
    """
    records = tuple(
        Record(text, title, date.fromisoformat(published) if published else None, source, key)
        for text, title, published, source, key in value["records"]
    )
    return Extraction(records, tuple(Note(reason, skipped) for reason, skipped in value["notes"]))
