"""Open a file that others may be writing to, and notice if they do."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from rag.files.records import UnreadableError

_NON_BLOCKING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # Unix | Windows


@contextmanager
def open_steady(path: Path, max_bytes: int) -> Iterator[BinaryIO]:
    """Give a file to be read to its end; if it changes meanwhile, that is an error at the end.

    Opening a FIFO does not wait for a writer. Two writes within one tick of the file system's
    clock (4 ms or less) that leave the size as it was go unnoticed.

    Raises:
        UnreadableError: If it is no ordinary file, cannot be opened or read, is larger than
            `max_bytes`, or has changed; with `retry` where another time may be better.
    """
    try:
        handle = os.open(path, os.O_RDONLY | _NON_BLOCKING)
    except OSError as exc:
        reason = f"cannot be opened: {exc.strerror}; check its permissions"
        raise UnreadableError(reason, retry=True) from exc
    try:
        with open(handle, "rb") as file:  # noqa: PTH123  (a descriptor, not a path)
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode):
                raise UnreadableError("is no ordinary file")
            if before.st_size > max_bytes:
                raise UnreadableError(_too_large(before.st_size, max_bytes))
            yield file
            after, read = os.fstat(handle), file.tell()
    except OSError as exc:
        reason = f"could not be read to its end: {exc.strerror}; check the disk it is on"
        raise UnreadableError(reason, retry=True) from exc
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size) or (
        read != before.st_size
    ):
        raise UnreadableError("changed while it was being read; run the command again", retry=True)


def _too_large(size_bytes: int, max_bytes: int) -> str:
    return (
        f"is {size_bytes / 2**20:.1f} MB, more than the limit of {max_bytes / 2**20:.1f} MB; "
        "split it"
    )
