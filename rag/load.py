"""Find the files of a folder and read them into documents: the first stage of a build.

Nothing here stops at a bad file. What cannot be read, or was read with doubt, comes back as a
`Problem` with a sentence that says what to do.
"""

from __future__ import annotations

import fnmatch
import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rag.errors import CorpusError
from rag.files.decode import check_encoding, replace_unsafe
from rag.files.formats import PARSERS, supported_suffix
from rag.files.front_matter import split_front_matter
from rag.files.metadata import find_dateline
from rag.files.records import Extraction, Record, UnreadableError
from rag.files.sniff import find_mismatch
from rag.language import detect_language
from rag.types import Document

IGNORE_FILE = ".crossquoteignore"
MAX_FILE_BYTES = 50 * 2**20  # a novel is 2 MB; parsing takes ten times the size in memory
_NON_BLOCKING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # Unix | Windows
MAX_NAME_CHARS = 80  # of a suffix or name repeated in a message


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file, and what to do about it.

    Attributes:
        path: Relative to the folder, as in `Document.id`.
        reason: One clear sentence.
        skipped: Whether text was left out for it; False is a warning.
    """

    path: str
    reason: str
    skipped: bool


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """The documents of one file, none if it was skipped, and its problems, none if all is well."""

    path: str
    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]


def find_files(folder: Path) -> list[Path]:
    """Return the files below `folder`, sorted by their relative path.

    Files of any type are returned, so that `load_file` can report what is not supported. Left out
    are names that start with a dot, what `.crossquoteignore` in `folder` names (a pattern a line,
    matched against the relative path and the bare name), and what is no file: FIFOs, sockets,
    devices. Links to folders are not followed; a link to a file counts if the file lies below
    `folder` and is not found without it. A folder that cannot be opened is returned as it is,
    and reported by `load_file`.

    Args:
        folder: A folder, or one file, which yields just that file.

    Raises:
        CorpusError: If `folder` does not exist, or cannot be read.
    """
    try:
        mode = folder.stat().st_mode
        if stat.S_ISREG(mode):
            return [folder]
        if not stat.S_ISDIR(mode):
            raise CorpusError(f"{str(folder)!r} is neither a folder nor a file")
        os.scandir(folder).close()
        patterns = _read_patterns(folder / IGNORE_FILE)
    except (OSError, ValueError) as exc:  # ValueError: a NUL in the path
        reason = getattr(exc, "strerror", None) or str(exc)
        raise CorpusError(
            f"cannot read the folder {str(folder)!r}: {reason}. Give a folder of documents."
        ) from exc
    files: list[Path] = []
    links: list[Path] = []
    for path, is_link in _walk(folder, patterns):
        (links if is_link else files).append(path)
    files += _inner_links(links, folder, files)
    return sorted(files, key=lambda path: path.relative_to(folder).as_posix())


def load_file(
    path: Path, root: Path, *, encoding: str | None = None, max_file_bytes: int = MAX_FILE_BYTES
) -> LoadedFile:
    """Read one file into documents; what is wrong with it comes back as problems.

    Args:
        path: As `find_files` returned it.
        root: What `find_files` was given.
        encoding: The encoding of text files, if it is known; otherwise it is found out.
        max_file_bytes: A larger file is skipped.

    Raises:
        ValueError: If `encoding` is unknown, or `path` does not lie below `root`.
    """
    if encoding is not None:
        check_encoding(encoding)
    name = name_file(path, root)
    try:
        extraction = _extract(path, root, max_file_bytes, encoding)
    except UnreadableError as exc:
        return LoadedFile(name, (), (Problem(name, f"the file {exc}", skipped=True),))
    documents = tuple(_to_document(record, name) for record in extraction.records)
    problems = tuple(Problem(name, note.reason, note.skipped) for note in extraction.notes)
    return LoadedFile(name, documents, problems)


def name_file(path: Path, root: Path) -> str:
    """Return the id of a file: its path below `root`, as valid text on one line.

    Raises:
        ValueError: If `path` does not lie below `root`.
    """
    return _safe_id(path.relative_to(path.parent if path == root else root).as_posix())


def _read_patterns(path: Path) -> list[str]:
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8-sig", errors="surrogateescape")
    lines = (line.strip() for line in text.splitlines())
    return [line.rstrip("/") for line in lines if line and not line.startswith("#")]


def _walk(folder: Path, patterns: list[str]) -> Iterator[tuple[Path, bool]]:
    """Each file with whether it is a link, and each folder that cannot be opened."""
    pending = [folder]
    while pending:
        current = pending.pop()
        try:
            with os.scandir(current) as found:
                entries = list(found)
        except OSError:
            yield current, False
            continue
        for entry in entries:
            path = Path(entry.path)
            if entry.name.startswith(".") or _is_ignored(path.relative_to(folder), patterns):
                continue
            if entry.is_symlink():
                yield path, True
            elif entry.is_dir(follow_symlinks=False):
                pending.append(path)
            elif entry.is_file(follow_symlinks=False):
                yield path, False


def _is_ignored(relative: Path, patterns: list[str]) -> bool:
    names = (relative.as_posix(), relative.name)
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns for name in names)


def _inner_links(links: list[Path], folder: Path, files: list[Path]) -> list[Path]:
    """Links to files below `folder` that were not found otherwise, one for each file."""
    root = folder.resolve()
    seen = {path.resolve() for path in files} if links else set()
    kept: list[Path] = []
    for link in sorted(links):
        try:
            target = link.resolve(strict=True)
        except (OSError, RuntimeError):  # broken; a loop
            continue
        if target.is_file() and target.is_relative_to(root) and target not in seen:
            seen.add(target)
            kept.append(link)
    return kept


def _extract(path: Path, root: Path, max_bytes: int, encoding: str | None) -> Extraction:
    suffix = supported_suffix(path)
    if path.is_dir():
        raise UnreadableError("is a folder that cannot be opened; check its permissions")
    if path != root and not path.resolve().is_relative_to(root.resolve()):
        raise UnreadableError("lies outside of the folder, behind a link; copy it there")
    if suffix is None:
        raise UnreadableError(_unsupported(path))
    data = _read_bytes(path, max_bytes)
    if not data:
        raise UnreadableError("is empty")
    binary_format = suffix in (".pdf", ".docx")
    mismatch = find_mismatch(data, suffix) if encoding is None or binary_format else None
    if mismatch is not None:
        raise UnreadableError(mismatch)
    extraction = PARSERS[suffix](data, encoding)
    if not any(record.text.strip() for record in extraction.records):
        raise UnreadableError("holds only white space")
    return extraction


def _read_bytes(path: Path, max_bytes: int) -> bytes:
    """The whole file as it stood at one moment; opening a FIFO does not wait for a writer."""
    try:
        handle = os.open(path, os.O_RDONLY | _NON_BLOCKING)
        with open(handle, "rb") as file:  # noqa: PTH123  (a descriptor, not a path)
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode):
                raise UnreadableError("is no ordinary file")
            if before.st_size > max_bytes:
                raise UnreadableError(_too_large(before.st_size, max_bytes))
            data = file.read(max_bytes + 1)
            after = os.fstat(handle)
    except OSError as exc:
        raise UnreadableError(f"cannot be opened: {exc.strerror}; check its permissions") from exc
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, len(data)):
        raise UnreadableError("changed while it was being read; run the command again")
    return data


def _to_document(record: Record, name: str) -> Document:
    text = replace_unsafe(record.text)
    id_ = f"{name}#{_safe_id(record.key)}" if record.key else name
    stem = id_ if record.key else PurePosixPath(name).stem
    return Document(
        id=id_,
        title=replace_unsafe(record.title or "") or stem,
        text=text,
        source=replace_unsafe(record.source or "") or name,
        language=detect_language(text),
        published=record.published or find_dateline(text[split_front_matter(text)[1] :]),
    )


def _safe_id(path: str) -> str:
    r"""A path as valid text on one line; what a name must not hold is written as `\xNN`.

    Bytes that are no UTF-8, controls and marks that reorder text are written so. Different paths
    stay different, because a backslash is doubled.
    """
    return "".join(char if _is_plain(char) else _escape(char) for char in path)


def _escape(char: str) -> str:
    if char == "\\":
        return "\\\\"
    code = ord(char)
    code -= 0xDC00 if 0xDC80 <= code <= 0xDCFF else 0  # how Python holds a byte of a file name
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"


def _is_plain(char: str) -> bool:
    if char in "\u200c\u200d":  # the joiners inside emoji
        return True
    return char != "\\" and unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _unsupported(path: Path) -> str:
    kind = _safe_id(path.suffix.lower()[:MAX_NAME_CHARS])
    found = f"is of the unsupported type {kind}" if kind else "has no file extension"
    return f"{found}; supported: {', '.join(PARSERS)}"


def _too_large(size_bytes: int, max_bytes: int) -> str:
    return (
        f"is {size_bytes / 2**20:.1f} MB, more than the limit of {max_bytes / 2**20:.1f} MB; "
        "split it"
    )
