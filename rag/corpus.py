"""What a corpus is made of: documents, the passages they are cut into, and problems of files.

Plain data, frozen, valid or not built at all; `rag.types` gives it out with the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Language = Literal["zh", "en"]
Leg = Literal["lexical", "gloss"]  # the two search legs that match terms
LANGUAGES: tuple[Language, ...] = ("zh", "en")
ADDED = "/added/"  # begins the names of files that were added; none below a folder begins so
FORMER = "former"  # in the folder of files on their way: what they replace, until they are read


@dataclass(frozen=True, slots=True)
class Document:
    """A file, or a record of one, as text.

    Attributes:
        id: Path below the indexed folder with `/` between parts, or `ADDED` and the name of a
            file that was added; `path#key` for a record of a file that holds many. Unique in an
            index.
        title: What a reader would call it; never empty.
        text: As loaded. Cleaning marks spans of it and never rewrites it.
        source: Where a reader can find it: a site, an address, or the path again.
        language: The language that most of the text is in.
        published: The article's own date where it gives one, else None. Never guessed.
        copies: Where else in the index the very same text stands: sources, by document id.
    """

    id: str
    title: str
    text: str
    source: str
    language: Language
    published: date | None = None
    copies: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """What the headings of its passages begin with: the title, unless that is only the id."""
        return "" if self.id in (self.title, f"{ADDED}{self.title}") else self.title


@dataclass(frozen=True, slots=True)
class Listed:
    """A document of an index, without its text.

    Attributes:
        id, title, source, language, published: As of `Document`.
        file: Path of its file, below the indexed folder; or `ADDED` and its name.
        passages: How many its text has.
        copy_of: Id of the document that is cited for this text; empty if that is this one.
    """

    id: str
    file: str
    title: str
    source: str
    language: Language
    published: date | None
    passages: int
    copy_of: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file, and what to do about it.

    Attributes:
        path: Name of the file, as in `Document.id`.
        reason: One clear sentence.
        skipped: Whether text was left out for it; False is a warning.
        retry: Whether the file should be read again at the next run, even if its bytes are the
            same then: it changed while it was read, or the machine failed and not the file.
    """

    path: str
    reason: str
    skipped: bool
    retry: bool = False


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of taking added files in: documents that are new or read anew, and problems."""

    documents: tuple[Listed, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A slice of whole sentences of one document: the unit that is encoded and retrieved.

    Attributes:
        id: `document_id#n`, n counted from 0 in reading order.
        text: `document.text[start:end]`, exactly.
        heading: The heading or title it stands under; may be empty.
        section: Ordinal of the item or headed part that it belongs to, from 0. Passages of
            different sections have nothing to say about each other's dates.
    """

    id: str
    document_id: str
    text: str
    start: int
    end: int
    heading: str = ""
    section: int = 0

    def __post_init__(self) -> None:
        if self.end - self.start != len(self.text) or not self.text:
            raise ValueError(
                f"passage {self.id!r} spans {self.start}:{self.end} but holds "
                f"{len(self.text)} characters"
            )


FindTerms = Callable[[Passage], Mapping[Leg, Sequence[str]]]
"""Gives the terms of a passage, leg by leg, in reading order."""
