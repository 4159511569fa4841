"""Bring an index in line with the files of a folder: load, clean, chunk, encode, store.

Only files whose bytes changed are read. Files are encoded together in batches, for speed, and
stored one by one, each in a transaction of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from embeddings.encoder import Encoder
from rag.chunk import chunk_document
from rag.clean import find_noise
from rag.encode import encode_passages
from rag.errors import CorpusError
from rag.load import LoadedFile, Problem, load_file, name_file
from rag.sentences import split_sentences
from rag.types import Document, Passage
from rag.write import Entry, IndexWriter

REVISION = "1"  # counts up when the same document may give other passages
Cut = tuple[Passage, list[tuple[int, int]]]
NAMED_PROBLEMS = 5  # in one message
BATCH_PASSAGES = 256  # encoded together; bounds memory and what a killed run repeats

Progress = Callable[[int, int, str], None]
"""Called with the bytes of the files done, of how many, and the name of the file at work.

A file is done when it is stored or found unchanged; while its passages are encoded, as many of
its bytes count as of its passages. The name is "" at the end.
"""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        encoded, unchanged, removed: Files.
        documents, passages: In the files encoded.
        problems: Files that were skipped, and warnings about others.
    """

    encoded: int
    unchanged: int
    removed: int
    documents: int
    passages: int
    problems: tuple[Problem, ...] = ()
    seconds: float = field(default=0.0, compare=False)


def synchronize_files(
    files: Sequence[Path],
    root: Path,
    writer: IndexWriter,
    encoder: Encoder,
    *,
    encoding: str | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Add and replace what changed among `files`, remove what is not among them.

    A file that can no longer be read is removed too, and reported. With `encoding` given, files
    that did not change are read again.

    Raises:
        CorpusError: If nothing could be read; the index is left as it was.
    """
    stored = writer.list_files()
    gauge = _Gauge(sum(map(_count_bytes, files)), progress)
    batch = _Batch(writer, encoder, gauge)
    problems: list[Problem] = []
    kept: set[str] = set()
    for path in files:
        name, size = name_file(path, root), _count_bytes(path)
        gauge.show(name)
        digest = _hash_file(path)
        if digest is not None and encoding is None and stored.get(name) == digest:
            kept.add(name)
            gauge.done += size
            continue
        loaded = load_file(path, root, encoding=encoding)
        problems += loaded.problems
        if loaded.documents:
            batch.add(loaded, digest or "", size)
        else:
            gauge.done += size
    batch.flush()
    problems += batch.problems
    if not kept and not batch.names:
        raise _nothing_read(root, problems)
    gone = sorted(set(stored) - kept - batch.names)
    for name in gone:
        writer.remove_file(name)
    gauge.show("")
    return BuildReport(
        len(batch.names), len(kept), len(gone), batch.documents, batch.passages, tuple(problems)
    )


def cut_document(document: Document) -> list[Cut]:
    """Return the passages of a document, each with its sentences as spans of the document."""
    passages = chunk_document(document, find_noise(document))
    return [
        (
            passage,
            [(passage.start + a, passage.start + b) for a, b in split_sentences(passage.text)],
        )
        for passage in passages
    ]


class _Gauge:
    """Tells how far the work is."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total = total
        self._progress = progress
        self.done = 0

    def show(self, name: str, *, more: float = 0.0) -> None:
        """Tell of the bytes done and `more`, of which part is at work."""
        if self._progress:
            self._progress(min(self._total, self.done + int(more)), self._total, name)


class _Batch:
    """Files on their way into the index; counts what it has taken."""

    def __init__(self, writer: IndexWriter, encoder: Encoder, gauge: _Gauge) -> None:
        self._writer = writer
        self._encoder = encoder
        self._gauge = gauge
        self._bytes = 0
        self._pending: list[tuple[str, str, Document, list[Cut]]] = []
        self.names: set[str] = set()
        self.problems: list[Problem] = []
        self.documents = 0
        self.passages = 0

    def add(self, loaded: LoadedFile, sha256: str, size: int) -> None:
        self.names.add(loaded.path)
        self._bytes += size
        for document in loaded.documents:
            cut = cut_document(document)
            if not cut:
                reason = f"nothing in {document.id!r} reads as an article; it will not be cited"
                self.problems.append(Problem(loaded.path, reason, skipped=False))
            self._pending.append((loaded.path, sha256, document, cut))
            self.documents += 1
            self.passages += len(cut)
        if sum(len(cut) for _, _, _, cut in self._pending) >= BATCH_PASSAGES:
            self.flush()

    def flush(self) -> None:
        if not self._pending:
            return  # a run without changes must not even load the model
        cuts = [pair for _, _, _, cut in self._pending for pair in cut]
        name = self._pending[-1][0]
        entries = self._encode(cuts, name)
        files: dict[tuple[str, str], list[tuple[Document, list[Entry]]]] = {}
        for path, sha256, document, cut in self._pending:
            ready = [next(entries) for _ in cut]
            files.setdefault((path, sha256), []).append((document, ready))
        for (path, sha256), documents in files.items():
            self._writer.replace_file(path, sha256, documents)
        self._gauge.done += self._bytes
        self._pending, self._bytes = [], 0

    def _encode(self, cuts: Sequence[Cut], name: str) -> Iterator[Entry]:
        for first in range(0, len(cuts), BATCH_PASSAGES):
            self._gauge.show(name, more=self._bytes * first / len(cuts))
            part = cuts[first : first + BATCH_PASSAGES]
            yield from encode_passages(
                [passage for passage, _ in part], [spans for _, spans in part], self._encoder
            )


def _nothing_read(root: Path, problems: Sequence[Problem]) -> CorpusError:
    reasons = [f"{problem.path}: {problem.reason}" for problem in problems[:NAMED_PROBLEMS]]
    if len(problems) > NAMED_PROBLEMS:
        reasons.append(f"and {len(problems) - NAMED_PROBLEMS} more")
    return CorpusError(f"nothing in {str(root)!r} could be read. {'; '.join(reasons)}")


def _count_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # reported when it is read


def _hash_file(path: Path) -> str | None:
    """SHA-256 of the file's bytes; None if it cannot be read, which `load_file` reports."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
