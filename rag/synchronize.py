"""Bring an index in line with the files of a folder: load, clean, chunk, encode, store.

Only files whose bytes changed are read, and only texts that the index does not hold are encoded,
whatever file they come from: a renamed file or a copy costs no encoding. Documents are encoded
together in batches, for speed, and each batch is committed, so that a run that is stopped goes on
where it was. Nothing here grows with the folder: files, and records of a file, come one by one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from embeddings.encoder import Encoder
from rag.chunk import chunk_document
from rag.clean import find_noise
from rag.encode import encode_passages
from rag.errors import CorpusError
from rag.load import name_file, stream_file
from rag.places import Place, Stamp, count_bytes, forget_former, read_stamp
from rag.rows import Entry
from rag.sentences import split_sentences
from rag.types import Document, Passage, Problem
from rag.write import IndexWriter

REVISION = "2"  # counts up when the same document may give other passages
Cut = tuple[Passage, list[tuple[int, int]]]
NAMED_PROBLEMS = 5  # in one message
BATCH_PASSAGES = 256  # encoded together; bounds memory and what a killed run repeats
BATCH_CHARS = 4_000_000  # of documents waiting, as where none needs encoding
CACHE_PASSAGES = 2_048  # after so many, caches are written: a reader then opens in seconds

Progress = Callable[[int, int, str], None]
"""Called with the bytes of the files done, of how many, and the name of the file at work.

A file is done when it is stored; while its passages are encoded, as many of its bytes count as of
its passages. Those of a file that is found unchanged are taken off the bytes to be done, so that
the time left can be told from what is done. The name is "" at the end.
"""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        encoded, unchanged, removed: Files: read, left as they were, no longer there.
        documents: In the files read.
        copies: Of those, the ones whose text the index held already.
        passages: That were encoded.
        problems: Files that were skipped, and warnings about others.
        unread: Names of the files that gave no document, with their stamps before they were read.
    """

    encoded: int
    unchanged: int
    removed: int
    documents: int
    passages: int
    copies: int = 0
    problems: tuple[Problem, ...] = ()
    seconds: float = field(default=0.0, compare=False)
    unread: Mapping[str, Stamp] = field(default_factory=dict, compare=False)


def synchronize_files(
    places: Sequence[Place],
    writer: IndexWriter,
    encoder: Encoder,
    *,
    total_bytes: int = 0,
    progress: Progress | None = None,
    at_once: int | None = None,
) -> BuildReport:
    """Add and replace what changed in each place, and remove what is no longer there.

    A file that can no longer be read is removed too, and reported.

    Args:
        places: One after the other; one that may not be empty comes first.
        writer: Of the index.
        encoder: Gives unit rows.
        total_bytes: Of all files, for `progress`.
        progress: Told of every file, and each time that passages were encoded.
        at_once: How many of these go to the encoder together; fewer is slower and tells more.
            None is a whole batch.

    Raises:
        CorpusError: If nothing could be read where something must be; the index is left as it was.
    """
    gauge = _Gauge(total_bytes, progress)
    batch = _Batch(writer, encoder, gauge, at_once or BATCH_PASSAGES)
    unchanged = 0
    for place in places:
        unchanged += batch.take(place)
        if not place.may_be_empty and not unchanged and not batch.files:
            raise _nothing_read(place.root, batch.problems)
    batch.flush()
    gone = [name for place in places for name in writer.list_unseen(place.prefix)]
    if gone:
        writer.remove_files(gone)
    batch.renew(writer.list_retitled())
    writer.write_caches()
    gauge.show("")
    return BuildReport(
        batch.files, unchanged, len(gone), batch.documents, batch.passages, batch.copies,
        tuple(batch.problems), unread=batch.unread,
    )  # fmt: skip


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
        self._progress = progress
        self.total = total
        self.done = 0

    def show(self, name: str, *, more: float = 0.0) -> None:
        """Tell of the bytes done and `more`, of which part is at work."""
        if self._progress:
            total = max(0, self.total)  # files may grow meanwhile
            self._progress(min(total, self.done + int(more)), total, name)


@dataclass(slots=True)
class _Step:
    """A document to be put, or with None a file that is whole; `cuts` None: its text is stored."""

    path: str
    document: Document | None
    cuts: list[Cut] | None = None
    sha256: str = ""
    size_bytes: int = 0


class _Batch:
    """Documents on their way into the index; counts what it has taken."""

    def __init__(self, writer: IndexWriter, encoder: Encoder, gauge: _Gauge, at_once: int) -> None:
        self._at_once = at_once
        self._writer = writer
        self._encoder = encoder
        self._gauge = gauge
        self._steps: list[_Step] = []
        self._texts: set[str] = set()  # of this batch
        self._owners: dict[str, str] = {}  # of its documents, by id
        self._waiting = self._chars = 0  # passages to encode, and characters of documents
        self._uncached = 0
        self.problems: list[Problem] = []
        self.unread: dict[str, Stamp] = {}
        self.files = self.documents = self.copies = self.passages = 0

    def take(self, place: Place) -> int:
        """Take in the files of a place that have changed; return how many have not."""
        unchanged = 0
        for path in place.files:
            name = name_file(path, place.root, place.prefix)
            self._gauge.show(name)
            stamp, digest = read_stamp(path), _hash_file(path)
            held = self._writer.get_file_hash(name) if place.encoding is None else None
            if digest is not None and digest == held:
                forget_former(place, path)
                self._writer.mark_seen(name)
                self._gauge.total -= count_bytes(path)
                unchanged += 1
            else:
                self._read(path, place, digest or "", stamp)
        return unchanged

    def _read(self, path: Path, place: Place, sha256: str, stamp: Stamp) -> None:
        """Take in the documents of one file, which had this hash and stamp a moment ago."""
        name = name_file(path, place.root, place.prefix)
        count, known, rest = self.documents, len(self.problems), count_bytes(path)
        for document in stream_file(
            path, place.root, report=self.problems.append, encoding=place.encoding,
            prefix=place.prefix,
        ):  # fmt: skip
            size = min(rest, len(document.text.encode("utf-8", errors="replace")))
            rest -= size
            self._add(_Step(name, document, size_bytes=size))
        if self.documents == count:  # nothing in it: as if it were not there
            self._gauge.done += rest
            self.unread[name] = stamp
            if place.find_former(path):  # what it has replaced is still there
                self._writer.mark_seen(name)
            if path.is_dir():  # that cannot be opened now: what lay in it is not gone for that
                self._writer.mark_seen_below(name)
            return
        if any(problem.retry for problem in self.problems[known:]) or stamp != read_stamp(path):
            sha256 = ""  # what was read may not be what was hashed: to be read again
        else:
            forget_former(place, path)
        self.files += 1
        self._writer.mark_seen(name)
        self._steps.append(_Step(name, None, sha256=sha256, size_bytes=rest))
        self._flush_if_full()

    def flush(self) -> None:
        """Encode and commit what waits."""
        if not self._steps:
            return  # a run without changes must not even load the model
        cuts = [cut for step in self._steps for cut in step.cuts or ()]
        ready = self._encode(cuts)  # as they are stored: the vectors of a long document are many
        with self._writer.batch():
            for step in self._steps:
                if step.document is None:
                    self._writer.finish_file(step.path, step.sha256)
                else:
                    own = None if step.cuts is None else islice(ready, len(step.cuts))
                    self._writer.put_document(step.path, step.document, own)
        self._gauge.done += sum(step.size_bytes for step in self._steps)
        self._steps, self._waiting, self._chars = [], 0, 0
        self._texts.clear()
        self._owners.clear()
        self._uncached += len(cuts)
        if self._uncached >= CACHE_PASSAGES:
            self._writer.write_caches(least=CACHE_PASSAGES // 2)
            self._uncached = 0

    def renew(self, ids: Sequence[str]) -> None:
        """Cut and encode anew the texts of documents whose title has changed."""
        for id_ in ids:
            document = self._writer.get_document(id_)
            cuts = cut_document(document)
            with self._writer.batch():
                self._writer.replace_passages(document, self._encode(cuts))
            self.passages += len(cuts)

    def _add(self, step: _Step) -> None:
        document = step.document
        assert document is not None  # noqa: S101  (a document, not the end of a file)
        self._flush_if_full()
        owner = self._owners.get(document.id) or self._writer.get_file_of(document.id)
        if owner not in (None, step.path):  # one file must not keep all others out
            reason = f"{owner!r} has a document of the id {document.id!r}; rename one of the two"
            self.problems.append(Problem(step.path, reason, skipped=True, retry=True))
            return
        self._owners[document.id] = step.path
        self.documents += 1
        if document.text in self._texts or self._writer.holds_text(document.text):
            self.copies += 1
        else:
            step.cuts = cut_document(document)
            self._texts.add(document.text)
            self.passages += len(step.cuts)
            self._waiting += len(step.cuts)
            if not step.cuts:
                reason = f"nothing in {document.id!r} reads as an article; it will not be cited"
                self.problems.append(Problem(step.path, reason, skipped=False))
        self._steps.append(step)
        self._chars += len(document.text)

    def _flush_if_full(self) -> None:
        if self._waiting >= BATCH_PASSAGES or self._chars >= BATCH_CHARS:
            self.flush()

    def _encode(self, cuts: Sequence[Cut]) -> Iterator[Entry]:
        name = self._steps[-1].path if self._steps else ""
        size = sum(step.size_bytes for step in self._steps)
        for first in range(0, len(cuts), self._at_once):
            self._gauge.show(name, more=size * first / len(cuts))
            part = cuts[first : first + self._at_once]
            yield from encode_passages(
                [passage for passage, _ in part], [spans for _, spans in part], self._encoder
            )


def _nothing_read(root: Path, problems: Sequence[Problem]) -> CorpusError:
    reasons = [f"{problem.path}: {problem.reason}" for problem in problems[:NAMED_PROBLEMS]]
    if len(problems) > NAMED_PROBLEMS:
        reasons.append(f"and {len(problems) - NAMED_PROBLEMS} more")
    return CorpusError(f"nothing in {str(root)!r} could be read. {'; '.join(reasons)}")


def _hash_file(path: Path) -> str | None:
    """SHA-256 of the file's bytes; None if it cannot be read, which `stream_file` reports."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
