"""The documents that a running app may list, add to and take away from: an index and its files.

Files are added by putting them into `Library.added`, whole and under their final names; `take_in`
then brings the index in line with that folder. It belongs to the index: what in it cannot be read
is reported once and deleted, and the file that it replaced, if any, is put back; what is removed
is deleted as well. The files of the indexed folder are never
touched.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from embeddings.encoder import Encoder, Vectors
from embeddings.gloss import Glossary
from rag.catalog import (
    count_documents,
    count_languages,
    list_documents,
    list_of_files,
    read_added,
    remove_documents,
)
from rag.config import Settings
from rag.encode import make_find_terms
from rag.errors import CorpusError
from rag.files.formats import SUPPORTED
from rag.files.reader import stop_reader
from rag.load import MAX_FILE_BYTES
from rag.pipeline import Answerer, describe_tools, load_encoder, load_glossary
from rag.places import (
    count_files,
    find_added,
    get_added,
    get_incoming,
    list_added,
    read_stamp,
    restore_former,
    set_aside,
)
from rag.synchronize import BuildReport, Progress, synchronize_files
from rag.types import ADDED, Language, Listed, TakenIn
from rag.write import IndexWriter

logger = logging.getLogger(__name__)

PASSAGES_AT_ONCE = 16  # with their sentences, about a second: so often is told how far it is
TEXTS_AT_ONCE = 16  # on two busy cores a question then took 0.2 s (median), not 0.6 s
REST_SECONDS = 0.001  # else who gave the encoder back is the first to get it again


def open_library(
    settings: Settings, *, encoder: Encoder | None = None, may_add: bool = False
) -> tuple[Answerer, Library]:
    """Open an index for questions and as a library; both share the encoder.

    Args:
        settings: Name the index.
        encoder: Instead of the one that the settings name.
        may_add: Whether documents may be added; then an index is made if there is none.

    Raises:
        RagError: As `Answerer` does, and `IndexWriter` where an index is made.
    """
    encoder = encoder or load_encoder(settings)
    if may_add and not settings.database.exists():
        glossary = load_glossary(settings.glossary)
        meta = describe_tools(encoder, glossary)
        with IndexWriter(settings.database, meta, make_find_terms(glossary)):
            logger.info("made an index without documents at %s", settings.database)
    answerer = Answerer(settings, encoder=encoder)
    return answerer, Library(settings, encoder, answerer.glossary)


class Library:
    """The documents of one index; threads may share it, and one of them writes at a time.

    Args:
        settings: Name the index.
        encoder: Of the index; may be in use by an `Answerer`.
        glossary: Of the index.

    Attributes:
        added: The folder of added files.
        incoming: A folder on the same disk, for files on their way in.
        suffixes: Of files that can be read, in lower case with their dots.
        max_file_bytes: Larger files are skipped.
    """

    suffixes: Sequence[str] = SUPPORTED
    max_file_bytes = MAX_FILE_BYTES

    def __init__(self, settings: Settings, encoder: Encoder, glossary: Glossary) -> None:
        self._path = settings.database
        self._encoder = _Sharing(encoder)
        self._find_terms = make_find_terms(glossary)
        self._meta = describe_tools(encoder, glossary)
        self.added = get_added(settings.database)
        self.incoming = get_incoming(self.added)

    def count(self, text: str = "") -> int:
        """Return how many documents there are whose title or id holds `text`.

        Raises:
            IndexMissingError, IndexDamagedError, IndexMismatchError: As `rag.schema` says.
        """
        return count_documents(self._path, text)

    def count_languages(self) -> dict[Language, int]:
        """Return language -> how many documents are in it; errors are as of `count`."""
        return count_languages(self._path)

    def list_documents(self, text: str = "", *, skip: int = 0, most: int = 100) -> list[Listed]:
        """Return documents whose title or id holds `text`, by id; errors are as of `count`."""
        return list(list_documents(self._path, text=text, skip=skip, most=most))

    def is_in_line(self) -> bool:
        """Whether the index holds the added files, by their names, and none that is gone.

        Raises:
            IndexMissingError, IndexDamagedError, IndexMismatchError: As `rag.schema` says.
            CorpusError: If the folder of added files cannot be read.
        """
        held = read_added(self._path)
        return all(held.values()) and held.keys() == {name for name, _ in list_added(self.added)}

    def take_in(self, progress: Progress | None = None) -> TakenIn:
        """Bring the index in line with the added files, and tell what came of it.

        What is done is kept batch by batch: after an error the next call goes on from there.

        Args:
            progress: Told of every file; it may raise, to stop.

        Raises:
            IndexLockedError: If another is writing to the index.
            IndexMismatchError, IndexDamagedError, CorpusError: As `IndexWriter` does.
        """
        total = count_files(find_added(self.added)).size_bytes
        try:
            with self._open_writer() as writer:
                before = writer.list_files(ADDED)
                report = synchronize_files(
                    [find_added(self.added)], writer, self._encoder,
                    total_bytes=total, progress=progress, at_once=PASSAGES_AT_ONCE,
                )  # fmt: skip
                after = writer.list_files(ADDED)
                back = self._drop_unreadable(report)
        finally:
            stop_reader()
        changed = [name for name, sha256 in after.items() if before.get(name) != sha256]
        problems = tuple(
            replace(problem, reason=f"{problem.reason}; the file that it replaced is kept")
            if problem.path in back
            else problem
            for problem in report.problems
        )
        documents = tuple(list_of_files(self._path, changed))
        if back <= after.keys():
            return TakenIn(documents, problems)
        more = self.take_in(progress)  # of what is back, one was replaced before it was read
        return TakenIn(documents + more.documents, problems + more.problems)

    def remove(self, id_: str) -> int:
        """Take a document out; return how many went.

        A file that was added is deleted, with all its documents. One of the indexed folder is left
        alone, and comes back with the next run over that folder.

        Raises:
            CorpusError: If there is no such document, or its file cannot be deleted.
            IndexLockedError: If another is writing to the index.
        """
        return remove_documents(self._path, [id_], self._open_writer)

    def _open_writer(self) -> IndexWriter:
        return IndexWriter(self._path, self._meta, self._find_terms)

    def _drop_unreadable(self, report: BuildReport) -> set[str]:
        """Delete added files that gave no document, unless another time may be better.

        A file that has changed since is left to the next run.

        Returns:
            Those whose former files are back in their places.
        """
        out = {problem.path for problem in report.problems if problem.skipped}
        out -= {problem.path for problem in report.problems if problem.retry}
        found = {
            name: path
            for name, path in list_added(self.added)
            if name in out and report.unread.get(name) == read_stamp(path)
        }
        place = find_added(self.added)
        back = {name for name, path in found.items() if place.find_former(path)}
        try:
            for name in back:
                restore_former(place, found[name])
            with set_aside(found.keys() - back, self.added):
                pass
        except (CorpusError, OSError) as exc:  # they are reported again by the next run
            logger.warning("%s", exc)
        return back


class _Sharing:
    """An encoder that is free for a question every now and then while it encodes passages."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def dim(self) -> int:
        return self._encoder.dim

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode a few texts at a time, those of like length together, as is quickest."""
        order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for first in range(0, len(order), TEXTS_AT_ONCE):
            part = order[first : first + TEXTS_AT_ONCE]
            rows[part] = self._encoder.encode_passages([texts[n] for n in part])
            time.sleep(REST_SECONDS)
        return rows

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.encode_queries(texts)
