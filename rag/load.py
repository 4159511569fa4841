"""Read the files of a folder into documents: the first stage of a build.

Nothing here stops at a bad file. What cannot be read, or was read with doubt, comes back as a
`Problem` with a sentence that says what to do. PDF, Word and HTML files are parsed in another
process, and JSON Lines line by line, so that no file takes more than a gigabyte or half a minute.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rag.files.decode import check_encoding, replace_unsafe
from rag.files.formats import APART, LINES, PARSERS, SUPPORTED, supported_suffix
from rag.files.front_matter import split_front_matter
from rag.files.lines import read_json_lines
from rag.files.metadata import find_dateline
from rag.files.reader import Reader, read_apart
from rag.files.records import Extraction, Note, Record, UnreadableError
from rag.files.sniff import find_mismatch
from rag.files.steady import open_steady
from rag.files.walk import walk_files
from rag.language import detect_language
from rag.types import Document, Problem

__all__ = [
    "LoadedFile", "Problem", "load_file", "name_file", "stream_file", "walk_files",
]  # fmt: skip

MAX_FILE_BYTES = 50 * 2**20  # a novel is 2 MB; parsing takes ten times the size in memory
MAX_LINES_BYTES = 4 * 2**30  # of a file of JSON Lines, which is never in memory
START_BYTES = 2**16  # of JSON Lines, to see whether they are text
MAX_NAME_CHARS = 80  # of a suffix or name repeated in a message


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """The documents of one file, none if it was skipped, and its problems, none if all is well."""

    path: str
    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]


Report = Callable[[Problem], None]


def stream_file(
    path: Path,
    root: Path,
    *,
    report: Report,
    encoding: str | None = None,
    max_file_bytes: int = MAX_FILE_BYTES,
    max_lines_bytes: int = MAX_LINES_BYTES,
    reader: Reader | None = None,
    prefix: str = "",
) -> Iterator[Document]:
    """Yield the documents of one file, in the order of the file.

    The file may change while it is read. A file of one document is given whole, as it stood at one
    moment, or not at all; of JSON Lines the documents are out by then, so a last problem says that
    they are not to be believed. Either way the problem has `retry` set.

    Args:
        path: As `walk_files` yielded it.
        root: What `walk_files` was given.
        report: Called with each problem when it is met, between the documents.
        encoding: The encoding of text files, if it is known; otherwise it is found out.
        max_file_bytes: A larger file is skipped.
        max_lines_bytes: The same for JSON Lines.
        reader: Who parses PDF, Word and HTML; None is the one that the program shares.
        prefix: As for `name_file`; the source of a document is its file's name without it.

    Raises:
        ValueError: At once, if `encoding` is unknown, or `path` does not lie below `root`.
    """
    if encoding is not None:
        check_encoding(encoding)
    source = _Source(path, root, encoding, max_file_bytes, max_lines_bytes, reader)
    return _stream(source, name_file(path, root), prefix, report)


def load_file(
    path: Path, root: Path, *, encoding: str | None = None, max_file_bytes: int = MAX_FILE_BYTES
) -> LoadedFile:
    """Read one file into documents at once; what is wrong with it comes back as problems.

    Args:
        path: As `walk_files` yielded it.
        root: What `walk_files` was given.
        encoding: The encoding of text files, if it is known; otherwise it is found out.
        max_file_bytes: A larger file is skipped, JSON Lines too.

    Raises:
        ValueError: If `encoding` is unknown, or `path` does not lie below `root`.
    """
    problems: list[Problem] = []
    documents = tuple(
        stream_file(
            path,
            root,
            report=problems.append,
            encoding=encoding,
            max_file_bytes=max_file_bytes,
            max_lines_bytes=max_file_bytes,
        )
    )
    return LoadedFile(name_file(path, root), documents, tuple(problems))


def name_folder(folder: Path) -> str:
    """Return the place of a folder as valid text, also where its name holds bytes that are none."""
    return _safe_id(folder.resolve().as_posix())


def name_file(path: Path, root: Path, prefix: str = "") -> str:
    """Return the id of a file: `prefix` and its path below `root`, as valid text on one line.

    Raises:
        ValueError: If `path` does not lie below `root`.
    """
    return prefix + _safe_id(path.relative_to(path.parent if path == root else root).as_posix())


@dataclass(frozen=True, slots=True)
class _Source:
    """A file and how to read it: the arguments of `stream_file`."""

    path: Path
    root: Path
    encoding: str | None
    max_file_bytes: int
    max_lines_bytes: int
    reader: Reader | None


def _stream(source: _Source, name: str, prefix: str, report: Report) -> Iterator[Document]:
    def tell(note: Note) -> None:
        report(Problem(prefix + name, note.reason, note.skipped))

    try:
        suffix = _check_place(source.path, source.root)
        records = _read_lines(source, tell) if suffix == LINES else _read(source, suffix, tell)
        for record in records:
            yield _to_document(record, name, prefix)
    except UnreadableError as exc:
        report(Problem(prefix + name, f"the file {exc}", skipped=True, retry=exc.retry))


def _check_place(path: Path, root: Path) -> str:
    """The suffix of a file that may be read."""
    try:
        is_folder = path.is_dir()
        is_inside = path == root or path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError) as exc:  # a folder that may not be entered; a loop of links
        raise UnreadableError("cannot be reached; check its permissions", retry=True) from exc
    if is_folder:
        reason = "is a folder that cannot be opened; check its permissions"
        raise UnreadableError(reason, retry=True)
    if not is_inside:
        raise UnreadableError("lies outside of the folder, behind a link; copy it there")
    suffix = supported_suffix(path)
    if suffix is None:
        raise UnreadableError(_unsupported(path))
    return suffix


def _read_lines(source: _Source, tell: Callable[[Note], None]) -> Iterator[Record]:
    with open_steady(source.path, source.max_lines_bytes) as file:
        start = file.read(START_BYTES)
        _check_content(start[: start.rfind(b"\n") + 1] or start, LINES, source.encoding)
        file.seek(0)
        yield from read_json_lines(file, source.encoding, tell)


def _read(source: _Source, suffix: str, tell: Callable[[Note], None]) -> Iterator[Record]:
    with open_steady(source.path, source.max_file_bytes) as file:
        data = file.read(source.max_file_bytes + 1)
    _check_content(data, suffix, source.encoding)
    extraction = _parse(data, suffix, source)
    if not any(record.text.strip() for record in extraction.records):
        raise UnreadableError("holds only white space")
    for note in extraction.notes:
        tell(note)
    yield from extraction.records


def _parse(data: bytes, suffix: str, source: _Source) -> Extraction:
    if suffix not in APART:
        return PARSERS[suffix](data, source.encoding)
    read = read_apart if source.reader is None else source.reader.read
    return read(suffix, data, source.encoding)


def _check_content(data: bytes, suffix: str, encoding: str | None) -> None:
    if not data:
        raise UnreadableError("is empty")
    binary_format = suffix in (".pdf", ".docx")
    mismatch = find_mismatch(data, suffix) if encoding is None or binary_format else None
    if mismatch is not None:
        raise UnreadableError(mismatch)


def _to_document(record: Record, name: str, prefix: str) -> Document:
    text = replace_unsafe(record.text)
    place = f"{name}#{_safe_id(record.key)}" if record.key else name
    stem = place if record.key else PurePosixPath(name).stem
    return Document(
        id=prefix + place,
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
    return f"{found}; supported: {', '.join(SUPPORTED)}"
