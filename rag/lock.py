"""One writer at a time: a lock that dies with its process and says who holds it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import IndexLockedError


class WriterLock:
    """The lock of an index; the system frees it when its process ends, however it ends.

    Args:
        path: The `index.db` file; the lock lies beside it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path.with_suffix(".lock"))
        self._holder = path.with_suffix(".pid")

    def acquire(self) -> None:
        """Take the lock, or say at once who has it.

        Raises:
            IndexLockedError: If another process holds it.
            OSError: If the folder cannot be written to.
        """
        try:
            self._lock.acquire(blocking=False)
        except Timeout as exc:
            raise IndexLockedError(
                f"the index at {str(self._path)!r} is locked by {self._name_holder()}, which "
                "writes to it. Wait until it has ended, or give another place with --index"
            ) from exc
        try:
            self._holder.write_text(f"{os.getpid()}\n", encoding="ascii")
        except BaseException:
            self._lock.release()
            raise

    def release(self) -> None:
        """Give the lock back; without it, nothing happens."""
        with suppress(OSError):  # who holds it is only told, never relied upon
            self._holder.unlink(missing_ok=True)
        self._lock.release()

    def _name_holder(self) -> str:
        try:
            pid = self._holder.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            pid = ""
        return f"pid {pid}" if pid.isdecimal() else "another process"
