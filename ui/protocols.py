"""What the pages need from behind: any function from question to `Answer`, and little more.

The pipeline fits these, and so does whatever else answers questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from rag.legs import Search
from rag.types import Answer, Document, Language, Listed, TakenIn


class Ask(Protocol):
    """Whatever answers a question, and a follow-up to the answer before it."""

    def __call__(self, question: str, previous: Answer | None = None) -> Answer:
        """Answer `question`; `previous` is the last answer of the same conversation, or None."""
        ...


@runtime_checkable
class Streaming(Protocol):
    """An `Ask` whose answers can be seen growing."""

    def stream(self, question: str, previous: Answer | None = None) -> Iterator[Answer]:
        """Yield the answer as it grows, at least once; the last one is whole."""
        ...


GetDocument = Callable[[str], Document | None]
"""Gives the document of an id, as the index holds it now; None if it does not."""

SearchPassages = Callable[[str], Search]
"""Searches for a query and tells how; `QuestionError` if it is empty or too long."""
Progress = Callable[[int, int, str], None]
"""Called with the bytes of the files done, of how many, and the name of the file at work."""


class Library(Protocol):
    """The documents there are, and ways to add and remove them; called from several threads.

    Every method may raise a `RagError`, whose text is shown.
    """

    @property
    def added(self) -> Path:
        """The folder into which files are put, whole and under their final names, to be added."""
        ...

    @property
    def incoming(self) -> Path:
        """A folder on the same disk for files that are not whole."""
        ...

    @property
    def suffixes(self) -> Sequence[str]:
        """Of files that can be read, in lower case with their dots."""
        ...

    @property
    def max_file_bytes(self) -> int:
        """Larger files are not read."""
        ...

    def count(self, text: str = "") -> int:
        """Return how many documents there are whose title or id holds `text`."""
        ...

    def count_languages(self) -> Mapping[Language, int]:
        """Return how many documents there are of each language, without those that have none."""
        ...

    def list_documents(self, text: str = "", *, skip: int = 0, most: int = 100) -> Sequence[Listed]:
        """Return those documents by id, without the first `skip`, `most` at most."""
        ...

    def is_in_line(self) -> bool:
        """Whether the index holds what lies in `added`, and nothing that is gone from it."""
        ...

    def take_in(self, progress: Progress) -> TakenIn:
        """Bring the index in line with `added`; `progress` may raise, to stop."""
        ...

    def remove(self, id_: str) -> int:
        """Take a document out, with all of its file if that was added; return how many went."""
        ...
