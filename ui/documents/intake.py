"""One file on its way from the network into the folder of added files: whole, or not at all.

A file is written under a name of its own in another folder of the same disk and then renamed, so
that a reader never finds half of one, and one of the same name is replaced only by a whole one.
What is replaced is kept beside until the new one was read, as that may turn out to be unreadable.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import stat
import threading
import time
import unicodedata
import uuid
from collections.abc import AsyncIterable, AsyncIterator, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal

from rag.types import FORMER

MAX_NAME_BYTES = 255  # of most file systems
LEFTOVER_SECONDS = 3600  # an upload that has not been written to for so long was interrupted
_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"|?*#', "_"))  # in names on Windows; # stands in ids
_DEVICES = {"CON", "PRN", "AUX", "NUL"} | {f"{d}{n}" for d in ("COM", "LPT") for n in range(1, 10)}
STALL_SECONDS = 60.0  # longest wait for the next bytes of a file
UPLOAD_SECONDS = 900.0  # for all of a file
AT_ONCE = 8  # files on their way
_DRAFT = ".part"
_WRITE_BYTES = 2**20
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

logger = logging.getLogger(__name__)
Reason = Literal["name", "long", "type", "empty", "large", "full", "disk", "slow", "busy"]


class RefusedError(Exception):
    """A file is not taken; `reason` says why, to be put into words for its reader."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be added: bytes of one file, bytes and number of all."""

    file_bytes: int = 50 * 2**20
    all_bytes: int = 2 * 2**30
    files: int = 5_000


class Intake:
    """Takes files into a folder; `AT_ONCE` at the same time, which share the room that is left.

    Args:
        folder: Where they are to lie; made at the first file.
        incoming: A folder on the same disk, for files that are not whole.
        suffixes: That are taken, in lower case with their dots.
        limits: Of sizes.
    """

    def __init__(
        self, folder: Path, incoming: Path, suffixes: Collection[str], limits: Limits
    ) -> None:
        self._folder = folder
        self._incoming = incoming
        self._suffixes = frozenset(suffixes)
        self._lock = threading.Lock()
        self._coming: dict[str, int] = {}  # drafts, and the bytes that each may still have
        self.limits = limits

    async def take(self, name: str, body: AsyncIterable[bytes], *, size: int | None) -> bool:
        """Take one file in, whole; return whether it replaced one of its name.

        Args:
            name: As its owner calls it; see `clean_name`.
            body: Its bytes. If reading them raises, nothing stays.
            size: How many bytes there are said to be; None if that is not said.

        Raises:
            RefusedError: If it is not taken; then all is as it was.
        """
        path = self._folder / clean_name(name, self._suffixes)
        draft = self._incoming / f"{uuid.uuid4().hex}{_DRAFT}"
        with self._lock:
            if len(self._coming) >= AT_ONCE:
                raise RefusedError("busy")
            self._coming[draft.name] = 0
        try:
            room = await asyncio.to_thread(self._prepare, path, draft, size)
            with draft.open("xb") as file:
                over: Reason = "large" if room == self.limits.file_bytes else "full"
                await _write(file, body, room, over)
            return await asyncio.to_thread(self._put, draft, path)
        except OSError as exc:
            logger.warning("an added file could not be written: %s", exc)
            raise RefusedError("full" if exc.errno in _NO_ROOM else "disk") from exc
        finally:
            draft.unlink(missing_ok=True)
            with self._lock:
                self._coming.pop(draft.name, None)

    def sweep(self, *, older_than_seconds: float = LEFTOVER_SECONDS) -> None:
        """Delete what interrupted uploads have left behind."""
        before = time.time() - older_than_seconds
        for name, found in _list_files(self._incoming):
            if name.endswith(_DRAFT) and found.st_mtime < before:
                (self._incoming / name).unlink(missing_ok=True)

    def _prepare(self, path: Path, draft: Path, size: int | None) -> int:
        """Make the folders, reserve room, and return how many bytes the file may have."""
        for folder in (self._folder, self._incoming):
            folder.mkdir(parents=True, exist_ok=True)
        self.sweep()
        if size is not None and size > self.limits.file_bytes:
            raise RefusedError("large")
        with self._lock:
            room = self._count_room(path)
            if size is not None and size > room:
                raise RefusedError("full")
            most = min(room, self.limits.file_bytes)
            if draft.name in self._coming:  # else it was given up meanwhile
                self._coming[draft.name] = most if size is None else size
        return most

    def _put(self, draft: Path, path: Path) -> bool:
        with self._lock:
            if draft.name not in self._coming:  # its upload was given up
                return False
            self._coming[draft.name] = draft.stat().st_size
            self._count_room(path)  # others may have come in since
            replaced = path.exists()
            self._keep_former(path)
            draft.replace(path)
            del self._coming[draft.name]  # it counts as one of the folder from now on
        return replaced

    def _keep_former(self, path: Path) -> None:
        """Keep what is about to be replaced, unless an older one waits that is known to be good."""
        former = self._incoming / FORMER / path.name
        if not path.exists():
            former.unlink(missing_ok=True)  # of a file that has been removed
        elif not former.exists():
            former.parent.mkdir(exist_ok=True)
            try:
                os.link(path, former)
            except OSError:  # this file system has no links
                path.rename(former)

    def _count_room(self, path: Path) -> int:
        """How many bytes more may be written, beside those on their way, to put `path` there."""
        others = [s.st_size for name, s in _list_files(self._folder) if name != path.name]
        left = [s.st_size for n, s in _list_files(self._incoming) if n not in self._coming]
        room = self.limits.all_bytes - sum(others) - sum(left) - sum(self._coming.values())
        if room < 0 or len(others) >= self.limits.files:
            raise RefusedError("full")
        return room


def clean_name(name: str, suffixes: Collection[str]) -> str:
    """Return the name under which a file is kept: one part of a path, fit for any file system.

    What a name must not hold becomes `_`; equal characters that are written in two ways, as
    macOS does with accents, become one.

    Args:
        name: As its owner calls it.
        suffixes: That are taken, in lower case.

    Raises:
        RefusedError: If it has parts, is none, is too long, or not of these types.
    """
    if "/" in name or "\\" in name:
        raise RefusedError("name")
    name = unicodedata.normalize("NFC", name).translate(_FORBIDDEN)
    name = "".join("_" if unicodedata.category(c)[0] == "C" else c for c in name).strip(" ")
    path = PurePosixPath(name)
    if not name or name.startswith("."):
        raise RefusedError("name")
    if path.suffix.lower() not in suffixes:
        raise RefusedError("type")
    if path.stem.partition(".")[0].rstrip(" ").upper() in _DEVICES:
        name = f"_{name}"
    if len(name.encode("utf-8", errors="replace")) > MAX_NAME_BYTES:
        raise RefusedError("long")
    return name


async def _write(file: BinaryIO, body: AsyncIterable[bytes], most: int, over: Reason) -> None:
    """Write a body to the disk, all of it; refuse it when it turns out to be too large."""
    size, waiting = 0, bytearray()
    end = time.monotonic() + UPLOAD_SECONDS
    async for part in _wait_for_each(body, end):
        size += len(part)
        if size > most:
            raise RefusedError(over)
        waiting += part
        if len(waiting) >= _WRITE_BYTES:
            await asyncio.to_thread(file.write, bytes(waiting))
            waiting.clear()
    if not size:
        raise RefusedError("empty")
    await asyncio.to_thread(_finish, file, bytes(waiting))


async def _wait_for_each(body: AsyncIterable[bytes], end: float) -> AsyncIterator[bytes]:
    parts = aiter(body)
    while True:
        try:
            left = end - time.monotonic()
            yield await asyncio.wait_for(anext(parts), min(STALL_SECONDS, left))
        except StopAsyncIteration:
            return
        except TimeoutError as exc:
            raise RefusedError("slow") from exc


def _finish(file: BinaryIO, rest: bytes) -> None:
    file.write(rest)
    file.flush()
    os.fsync(file.fileno())


def _list_files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the names of the files of a folder; none if there is no such folder."""
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                found = entry.stat()
            except FileNotFoundError:  # taken in, or deleted, meanwhile
                continue
            if not stat.S_ISDIR(found.st_mode):
                yield entry.name, found
