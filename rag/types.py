"""The plain data that flows between the stages: frozen, valid or not built at all.

Offsets are half-open code-point spans into `Document.text`. Ranks count from 1, best first.
Scores are "higher is better". The one promise everything rests on: a quote is a slice,
`document.text[quote.start:quote.end] == quote.text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from rag.corpus import (
    ADDED,
    FORMER,
    LANGUAGES,
    Document,
    FindTerms,
    Language,
    Leg,
    Listed,
    Passage,
    Problem,
    TakenIn,
)

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = [
    "ADDED",
    "FORMER",
    "LANGUAGES",
    "Answer",
    "Citation",
    "Conflict",
    "Document",
    "Evidence",
    "FindTerms",
    "GlossedWord",
    "Hit",
    "Language",
    "Leg",
    "LegScore",
    "Listed",
    "Passage",
    "Problem",
    "Quote",
    "Statement",
    "TakenIn",
    "Usage",
]


@dataclass(frozen=True, slots=True)
class LegScore:
    """Where one search leg put a passage: rank from 1, and the leg's own score."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage, with the place each leg gave it (None: that leg missed it).

    `copies` are the sources of passages that say the same and are left out for it.
    """

    passage: Passage
    rank: int
    score: float
    language: Language
    dense: LegScore | None = None
    lexical: LegScore | None = None
    gloss: LegScore | None = None
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim span of a document."""

    document_id: str
    start: int
    end: int
    text: str

    def __post_init__(self) -> None:
        if self.end - self.start != len(self.text) or not self.text:
            raise ValueError(
                f"quote of {self.document_id!r} spans {self.start}:{self.end} but holds "
                f"{len(self.text)} characters"
            )


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that may answer the question, scored together with its passage.

    `similarity` is the cosine of the sentence and the question, in [-1, 1].
    """

    quote: Quote
    hit: Hit
    rank: int
    score: float
    similarity: float = 0.0


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing the answer says, and the quotes that carry it (at least one)."""

    text: str
    quotes: tuple[Quote, ...]

    def __post_init__(self) -> None:
        if not self.quotes:
            raise ValueError(f"the statement {self.text!r} rests on no quote")


@dataclass(frozen=True, slots=True)
class GlossedWord:
    """A word of a quote, `quote.text[start:end]`, with what it means in the reader's language.

    `pinyin` is how a Chinese word is read, with tone marks; empty for any other.
    """

    start: int
    end: int
    gloss: str
    pinyin: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quote with what a reader needs to find and judge it.

    Attributes:
        passage: The passage the quote stands in, so that it can be shown in its surroundings.
        copies: Further sources that say the same, word for word or nearly.
        gloss: Word by word, in reading order, where the question is in the other language than
            the quote: an aid to a reader, no translation and no evidence. Else empty.
    """

    number: int
    quote: Quote
    title: str
    source: str
    language: Language
    published: date | None
    passage: Passage
    copies: tuple[str, ...] = ()
    gloss: tuple[GlossedWord, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two or more different values that sources give for what was asked, each with its quote."""

    values: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """How many tokens a language model read and wrote, at least 0 each, as it counts them."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the documents say to a question, or that they do not say it.

    Attributes:
        language: Of the question, and so of the answer.
        statements: In reading order; a refusal has none and says so in `refusal`.
        citations: Every quote of the statements once, numbered from 1 in reading order.
        hits: All passages that were retrieved, best first, used or not.
        found: Whether the documents answer the question.
        refusal: One sentence in the question's language when `found` is False, else empty.
        conflicts: Where sources give different values; their quotes are cited, too.
        probability: How sure the judge is that the documents hold this answer, in [0, 1]; a score
            to compare by, fitted on public questions two thirds of which had no answer.
        rewritten: What was searched for, where it is not `question`: a follow-up with what the
            turn before lends it, or misspelt words mended; else empty.
        model: The language model that worded the statements; empty where they are quotes.
        usage: Of the model that was asked, even if the quotes stand by themselves in the end; None
            where none was asked, or it did not tell.
        dropped: How many statements failed verification and are not shown.
        note: One sentence in the question's language on what went another way than the settings
            ask for, such as a model server that did not reply; else empty.
        generation: Of the index that was read, all of it; counts up with every change.
        seconds: Wall-clock time spent.
    """

    question: str
    language: Language
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    found: bool
    refusal: str = ""
    conflicts: tuple[Conflict, ...] = ()
    probability: float = 0.0
    rewritten: str = ""
    model: str = ""
    dropped: int = 0
    note: str = ""
    generation: int = 0
    usage: Usage | None = None
    seconds: float = field(default=0.0, compare=False)

    def __post_init__(self) -> None:
        stated = {quote for statement in self.statements for quote in statement.quotes}
        cited = {citation.quote for citation in self.citations}
        if stated != cited or len(cited) != len(self.citations):
            raise ValueError("the statements and the citations name different quotes")
        if [c.number for c in self.citations] != list(range(1, len(self.citations) + 1)):
            raise ValueError("citations are not numbered from 1 in order")
        if self.found != bool(self.statements) or self.found == bool(self.refusal):
            raise ValueError("an answer has statements, or else a refusal")
        beside = {q for c in self.conflicts for value in c.values for q in value.quotes}
        if not beside <= cited:
            raise ValueError("a conflict rests on a quote that is not cited")

    @property
    def text(self) -> str:
        """The answer as prose, one statement a line, with `[n]` behind each; or the refusal."""
        if not self.found:
            return self.refusal
        numbers = {citation.quote: citation.number for citation in self.citations}
        return "\n".join(
            statement.text + " " + "".join(f"[{numbers[quote]}]" for quote in statement.quotes)
            for statement in self.statements
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON types; dates in ISO form; `text` as in the property."""
        record: dict[str, Any] = {"text": self.text}
        record.update(_plain(asdict(self)))
        return record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Answer:
        """The answer that `to_dict` described; equal to it.

        Raises:
            ValueError: If the record is none of an answer, or one that cannot be.
        """
        return _adapter().validate_python(dict(record))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def _adapter() -> TypeAdapter[Answer]:
    from pydantic import TypeAdapter

    return TypeAdapter(Answer)
