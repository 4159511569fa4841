"""Find the files of a folder, of any size: one after the other, and never a list of all.

The order is that of the relative paths as text, so it depends on nothing but the names. In
memory are at most `NAMES_AT_ONCE` names of each folder on the way down; a folder of more is listed
anew for every further part of them.
"""

from __future__ import annotations

import fnmatch
import heapq
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.errors import CorpusError
from rag.files.seen import SeenKeys

IGNORE_FILE = ".crossquoteignore"
MAX_IGNORE_BYTES = 2**20  # ten thousand patterns; each costs every file a look
NAMES_AT_ONCE = 100_000  # of one folder: 45 MB; a million take ten listings of 2 s each

_FOLDER, _FILE, _LINK = "folder", "file", "link"
_Entry = tuple[str, str]  # its name, with a slash at the end of a folder's; and its kind
_Keeps = Callable[[str], bool]


def walk_files(folder: Path) -> Iterator[Path]:
    """Yield the files below `folder`, sorted by their relative path as text.

    Files of any type come, so that `load_file` can report what is not supported. Left out
    are names that start with a dot, what `.crossquoteignore` in `folder` names (a pattern a line,
    matched against the relative path and the bare name), and what is no file: FIFOs, sockets,
    devices. Links to folders are not followed. A link to a file counts if the file lies below
    `folder` and is not found without it; of several links to one file the first counts. A folder
    that cannot be opened comes as it is, and is reported by `load_file`.

    What is added, removed or renamed meanwhile may be missed; nothing comes twice.

    Args:
        folder: A folder, or one file, which yields just that file.

    Raises:
        CorpusError: At once, if `folder` does not exist or cannot be read; later, if a folder of
            links needs a temporary file and there is no room.
    """
    try:
        mode = folder.stat().st_mode
        if stat.S_ISREG(mode):
            return iter((folder,))
        if not stat.S_ISDIR(mode):
            raise CorpusError(f"{str(folder)!r} is neither a folder nor a file")
        os.scandir(folder).close()
        ignored = _read_patterns(folder / IGNORE_FILE)
    except (OSError, ValueError) as exc:  # ValueError: a NUL in the path
        reason = getattr(exc, "strerror", None) or str(exc)
        raise CorpusError(
            f"cannot read the folder {str(folder)!r}: {reason}. Give a folder of documents."
        ) from exc
    return _walk(folder, lambda relative: not _is_left_out(relative, ignored))


def list_entries(
    folder: Path, keeps: _Keeps, *, at_once: int = NAMES_AT_ONCE
) -> Iterator[tuple[str, str]]:
    """Yield the names in a folder and what they are ("folder", "file" or "link"), in order.

    A folder's name has a slash at its end, which puts what is in it where its relative paths
    belong.

    Args:
        folder: What to list; not what lies deeper.
        keeps: Whether a name is wanted.
        at_once: How many names to hold in memory.

    Raises:
        OSError: If the folder cannot be listed.
    """
    last = ""
    while True:
        with os.scandir(folder) as found:
            part = heapq.nsmallest(at_once, _sort_out(found, last, keeps))
        yield from part
        if len(part) < at_once:
            return
        last = part[-1][0]


def _walk(folder: Path, keeps: _Keeps) -> Iterator[Path]:
    with SeenKeys() as taken:
        base = folder.resolve()
        pending = [("", _list_below(folder, "", keeps))]
        while pending:
            where, entries = pending[-1]
            try:
                name, kind = next(entries)
            except StopIteration:
                pending.pop()
            except OSError:
                pending.pop()
                yield folder / where
            else:
                below = where + name
                if kind == _FOLDER:
                    pending.append((below, _list_below(folder, below, keeps)))
                elif kind == _FILE or _is_only_way(folder / below, base, keeps, taken):
                    yield folder / below


def _list_below(folder: Path, where: str, keeps: _Keeps) -> Iterator[_Entry]:
    return list_entries(folder / where, lambda name: keeps(where + name))


def _sort_out(found: Iterator[os.DirEntry[str]], last: str, keeps: _Keeps) -> Iterator[_Entry]:
    """What comes after `last` in order, and is kept."""
    for entry in found:
        if entry.is_file(follow_symlinks=False):
            name, kind = entry.name, _FILE
        elif entry.is_dir(follow_symlinks=False):
            name, kind = entry.name + "/", _FOLDER
        elif entry.is_symlink():
            name, kind = entry.name, _LINK
        else:
            continue
        if name > last and keeps(entry.name):
            yield name, kind


def _is_only_way(link: Path, base: Path, keeps: _Keeps, taken: SeenKeys) -> bool:
    """Whether a link leads to a file below `base` that is found by no name and no earlier link.

    The walk finds the file by itself if it leaves out neither its name nor a folder above it:
    there are no links in a resolved path.
    """
    try:
        target = link.resolve(strict=True)
        is_file = target.is_file()
    except (OSError, RuntimeError):  # broken; a loop
        return False
    if not is_file or not target.is_relative_to(base):
        return False
    relative = target.relative_to(base)
    way = [*relative.parents][-2::-1]  # from the top down, without "."
    if all(keeps(part.as_posix()) for part in [*way, relative]):
        return False
    try:
        return taken.add(str(target))
    except OSError as exc:
        raise CorpusError(f"cannot remember the links of the folder: {exc.strerror}") from exc


def _read_patterns(path: Path) -> re.Pattern[str] | None:
    """One pattern for all lines of the ignore file; None if there is none."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        data = file.read(MAX_IGNORE_BYTES + 1)
    if len(data) > MAX_IGNORE_BYTES:
        raise CorpusError(f"{str(path)!r} is larger than 1 MB. Use wildcards in it")
    text = data.decode("utf-8-sig", errors="surrogateescape")
    lines = (line.strip() for line in text.splitlines())
    wanted = [line.rstrip("/") for line in lines if line and not line.startswith("#")]
    return re.compile("|".join(map(fnmatch.translate, wanted))) if wanted else None


def _is_left_out(relative: str, ignored: re.Pattern[str] | None) -> bool:
    name = relative.rpartition("/")[2]
    if name.startswith("."):
        return True
    return ignored is not None and bool(ignored.match(relative) or ignored.match(name))
