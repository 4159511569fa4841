"""A set of strings that may be larger than memory: which keys have come before."""

from __future__ import annotations

import sqlite3
from types import TracebackType
from typing import Self

CACHE_KILOBYTES = 32 * 1024  # 400,000 ids


class SeenKeys:
    """Keys met so far, in a private database that is gone when it is closed.

    Ten million of them would take a gigabyte as a Python set. Any thread may use it, one at a
    time.

    Args:
        cache_kilobytes: Of keys held in memory; the rest lies in a temporary file.
    """

    def __init__(self, *, cache_kilobytes: int = CACHE_KILOBYTES) -> None:
        # an empty name is a temporary file that is made when the cache is full, and never before
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute(f"PRAGMA cache_size = -{cache_kilobytes}")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def add(self, key: str) -> bool:
        """Remember `key`; return whether it is new.

        Raises:
            OSError: If there is no room for the temporary file.
        """
        coded = key.encode("utf-8", "surrogatepass")
        try:
            done = self._database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (coded,))
        except sqlite3.OperationalError as exc:
            raise OSError(None, f"no room for temporary files ({exc})") from exc
        return done.rowcount == 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._database.close()
