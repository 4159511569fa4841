"""Parse files apart from the program, so that a crash, a hang or a bomb costs one file.

The process that parses is started for the first file, kept for the next ones, and replaced when a
file was too much for it.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rag.files.frames import build_extraction, pack_json, unpack_json
from rag.files.process import ParserProcess, ProcessFailedError
from rag.files.records import Extraction, UnreadableError

MAX_SECONDS = 30.0  # of computing for one file
MAX_WAIT_SECONDS = 120.0  # by the clock, for a parser that waits, or a machine with much to do
MAX_MEMORY_BYTES = 2**30
MAX_FILES = 2_000  # read by one process: what its libraries leak goes with it
MAX_BYTES = 2**27
CLOSE_SECONDS = 1

_PROGRAM = (sys.executable or "python", "-P", "-m", "rag.files.child")


class ReaderFailedError(UnreadableError):
    """A parser crashed, or needed too much time or memory, or could not be started."""


class Reader:
    """Parses files in another process; threads may share it, and take turns.

    Args:
        program: What to start to parse; it must do as `rag.files.child` does.
        max_seconds: Of computing for one file, where the system can limit it.
        max_wait_seconds: For one file, by the clock on the wall.
        max_memory_bytes: Of the address space of the process, where the system can limit it.
    """

    def __init__(
        self,
        program: Sequence[str] = _PROGRAM,
        *,
        max_seconds: float = MAX_SECONDS,
        max_wait_seconds: float = MAX_WAIT_SECONDS,
        max_memory_bytes: int = MAX_MEMORY_BYTES,
    ) -> None:
        self._program = program
        self._max_seconds = max_seconds
        self._max_wait_seconds = max_wait_seconds
        self._max_memory_bytes = max_memory_bytes
        self._lock = threading.Lock()
        self._process: ParserProcess | None = None
        self._files = 0
        self._bytes = 0

    def read(self, suffix: str, data: bytes, encoding: str | None) -> Extraction:
        """Return what the parser of `suffix` makes of the bytes of a file.

        Raises:
            UnreadableError: If there is no text to be had.
            ReaderFailedError: If the file was too much for the parser; `retry` says that it may
                have been the machine's fault.
        """
        with self._lock:
            used = self._process is not None
            try:
                return self._read(suffix, data, encoding)
            except ProcessFailedError as exc:
                if exc.certain or not used:
                    raise ReaderFailedError(str(exc), retry=exc.retry) from exc
            try:  # a file before may have left the process in disorder
                return self._read(suffix, data, encoding)
            except ProcessFailedError as exc:
                raise ReaderFailedError(str(exc), retry=exc.retry) from exc

    def close(self) -> None:
        """End the process, unless a thread is using it; the next file will start another."""
        if not self._lock.acquire(timeout=CLOSE_SECONDS):
            return  # at the end of the program; the process ends when it finds its input closed
        try:
            process, self._process = self._process, None
            if process is not None:
                process.end()
        finally:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _read(self, suffix: str, data: bytes, encoding: str | None) -> Extraction:
        process = self._process or self._start()
        self._process = None  # until all went well: an interrupt leaves a reply in the pipe
        try:
            extraction = _understand(process.ask(pack_json([suffix, encoding]), data))
        except UnreadableError:
            self._keep(process, len(data))
            raise
        except BaseException:
            process.kill()
            raise
        self._keep(process, len(data))
        return extraction

    def _start(self) -> ParserProcess:
        self._files = self._bytes = 0
        return ParserProcess(
            self._program,
            max_seconds=self._max_seconds,
            max_wait_seconds=self._max_wait_seconds,
            max_memory_bytes=self._max_memory_bytes,
        )

    def _keep(self, process: ParserProcess, size_bytes: int) -> None:
        self._files += 1
        self._bytes += size_bytes
        if self._files >= MAX_FILES or self._bytes >= MAX_BYTES:
            process.end()
        else:
            self._process = process


def read_apart(suffix: str, data: bytes, encoding: str | None) -> Extraction:
    """Read with the reader that the whole program shares: see `Reader.read`."""
    return _shared[-1].read(suffix, data, encoding)


def stop_reader() -> None:
    """End the process of the shared reader; it is started again when it is needed."""
    _shared[-1].close()


def _understand(reply: bytes) -> Extraction:
    try:
        value = unpack_json(reply)
        if "unreadable" in value:
            raise UnreadableError(str(value["unreadable"]))
        if "failed" in value:
            raise ProcessFailedError(f"made its reader fail ({value['failed']}); export it again")
        return build_extraction(value)
    except (KeyError, RecursionError, TypeError, ValueError) as exc:
        raise ProcessFailedError("made its reader talk nonsense; export it again") from exc


# The last counts. A fork must not use what the process before it does, and not collect it either.
_shared = [Reader()]
atexit.register(stop_reader)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _shared.append(Reader()))
