"""Where the files of an index come from: the folder that is indexed, and the one of added files.

Added files lie in the index folder. They are named after `rag.types.ADDED`, which no file below
the indexed folder can be, so that either place is brought in line without touching the other.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rag.errors import CorpusError
from rag.load import name_file, walk_files
from rag.types import ADDED, FORMER

Stamp = tuple[int, int, int]
_ASIDE = "gone-"  # begins the names of files that are set aside

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Files that an index is brought in line with.

    Attributes:
        files: Below `root`, each once; the result does not depend on their order.
        root: The folder, or the one file.
        prefix: What their names in the index begin with. Files of the index whose names begin
            otherwise are left alone.
        encoding: Of text files; None finds it out. If it is given, files that did not change are
            read again.
        may_be_empty: Whether it is no error if none of them can be read.
        former: Holds, under the same names, the files that newer ones have replaced. While a file
            is there, its documents stay in the index, unless the newer one gives some.
    """

    files: Iterable[Path]
    root: Path
    prefix: str = ""
    encoding: str | None = None
    may_be_empty: bool = False
    former: Path | None = None

    def find_former(self, path: Path) -> Path | None:
        """Return where the file is that `path` has replaced; None if it is not kept."""
        if self.former is None:
            return None
        found = self.former / path.relative_to(self.root)
        return found if found.is_file() else None


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is to read."""

    files: int
    size_bytes: int


def find_places(root: Path, added: Path, *, encoding: str | None = None) -> list[Place]:
    """Return the indexed folder and, behind it, the added files; either alone if it is the other.

    Args:
        root: The folder, or one file; added files that lie below it are not taken twice.
        added: The folder of added files, which need not be there.
        encoding: Of text files below `root`.

    Raises:
        CorpusError: If `root` cannot be read.
    """
    inner, outer = added.resolve(), root.resolve()
    files = walk_files(root)
    if inner == outer:
        return [Place(files, root, ADDED, encoding)]
    if inner.is_relative_to(outer):
        files = (path for path in files if not path.resolve().is_relative_to(inner))
    return [Place(files, root, encoding=encoding), find_added(added)]


def find_added(added: Path) -> Place:
    """Return the added files; none if there is no such folder.

    Raises:
        CorpusError: If the folder cannot be read.
    """
    files = walk_files(added) if added.is_dir() else iter(())
    return Place(files, added, ADDED, may_be_empty=True, former=get_incoming(added) / FORMER)


def count_files(place: Place) -> Size:
    """Walk over a place; its files are then used up."""
    sizes = [0, 0]
    for path in place.files:
        sizes = [sizes[0] + 1, sizes[1] + count_bytes(path)]
    return Size(*sizes)


def count_bytes(path: Path) -> int:
    """The size of a file; 0 if it cannot be told, which is reported when it is read."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def read_stamp(path: Path) -> Stamp:
    """What changes when a file does, but for two writes within a tick of the file system."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def list_added(added: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name in the index, and the path, of every added file."""
    place = find_added(added)
    for path in place.files:
        yield name_file(path, added, place.prefix), path


@contextmanager
def set_aside(names: Collection[str], added: Path) -> Iterator[None]:
    """Delete added files at the end of the block; if it ends with an error, they stay.

    A file that comes in under such a name meanwhile is left alone, and takes the place of the one
    that would have stayed. Only who holds the lock of the index may call this: what a killed run
    was about to delete goes first.

    Args:
        names: Of the files in the index; those that are not there are passed over.
        added: The folder of added files.

    Raises:
        CorpusError: At once, if one cannot be moved; then all stay.
    """
    for left in get_incoming(added).glob(f"{_ASIDE}*"):
        left.unlink(missing_ok=True)
    moved: list[tuple[Path, Path]] = []
    try:
        _move_files(names, added, moved)
        yield
    except BaseException:
        for path, aside in moved:
            _put_back(path, aside)
        raise
    for path, aside in moved:
        aside.unlink(missing_ok=True)
        (get_incoming(added) / FORMER / path.relative_to(added)).unlink(missing_ok=True)


def _put_back(path: Path, aside: Path) -> None:
    try:
        if path.exists():  # a newer one has come in
            aside.unlink(missing_ok=True)
        else:
            aside.rename(path)
    except OSError as exc:  # the others are to come back all the same
        logger.warning("the added file %s could not be put back: %s", path, exc)


def _move_files(names: Collection[str], added: Path, moved: list[tuple[Path, Path]]) -> None:
    folder = get_incoming(added)
    for name, path in list_added(added) if names else ():
        if name in names:
            aside = folder / f"{_ASIDE}{uuid.uuid4().hex}"
            try:
                folder.mkdir(exist_ok=True)
                path.rename(aside)
            except OSError as exc:
                raise CorpusError(
                    f"the added file {str(path)!r} cannot be deleted: {exc.strerror}. "
                    "Check the permissions of its folder"
                ) from exc
            moved.append((path, aside))


def restore_former(place: Place, path: Path) -> None:
    """Put the file that `path` has replaced back into its place."""
    former = place.find_former(path)
    if former is not None:
        former.replace(path)


def forget_former(place: Place, path: Path) -> None:
    """Delete the file that `path` has replaced; that it cannot be is no reason to stop."""
    former = place.find_former(path)
    if former is not None:
        try:
            former.unlink(missing_ok=True)
        except OSError as exc:
            logger.warning("the replaced file %s could not be deleted: %s", former, exc)


def get_added(database: Path) -> Path:
    """The folder of the files that were added to the index of that `index.db`."""
    return database.with_name("added")


def get_incoming(added: Path) -> Path:
    """The folder beside the added files for those on their way in or out."""
    return added.with_name("incoming")
