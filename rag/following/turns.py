"""What the turn before can lend: the things of its question, the names and dates of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from embeddings.fold import fold_text
from embeddings.gloss import Glossary
from rag.following.phrases import find_things
from rag.following.things import Thing, ThingKind, find_named
from rag.types import Answer, Language
from rag.understand import Question, read_question
from rag.values import Value, find_values

LONGEST_VALUE = 60  # characters of an answer that is a value, and no sentence


@dataclass(frozen=True, slots=True)
class Turn:
    """What the turn before can lend.

    Attributes:
        text: Its question, folded, in which things and dates have their spans.
        things: Of its question, the most likely meant first.
        answered: Names that its answer gives, in order; their spans are those in the answer.
        quote: The first sentence cited, on one line; empty for a refusal.
    """

    text: str
    asked: Question
    things: tuple[Thing, ...]
    answered: tuple[Thing, ...]
    dates: tuple[Value, ...]
    answered_dates: tuple[Value, ...]
    quote: str

    @property
    def subjects(self) -> tuple[Thing, ...]:
        """What is spoken of now: what was asked for and answered, where that is a product."""
        named = {thing.text for thing in self.things}
        chosen = len(named) > 1 and any(thing.text in named for thing in self.answered)
        if chosen or self.asked.asked == "product":
            return self.answered + self.things
        return self.things

    @property
    def language(self) -> Language:
        """Of its question."""
        return self.asked.language


def read_turn(previous: Answer, glossary: Glossary) -> Turn:
    """Read the turn before; its question is the one that was searched for."""
    text = " ".join(fold_text(previous.rewritten or previous.question).split())
    said = fold_text(previous.statements[0].text) if previous.found else ""
    value = said if len(said) <= LONGEST_VALUE and said[:1] not in "“「" else ""
    asked = read_question(text, glossary)
    return Turn(
        text=text,
        asked=asked,
        things=tuple(find_things(text, asked.language, glossary)),
        answered=tuple(_find_answered(value, asked, glossary)),
        dates=tuple(_find_dates(text)),
        answered_dates=tuple(v for v in find_values(value) if v.kind == "date"),
        quote=_print_quote(previous),
    )


def _print_quote(previous: Answer) -> str:
    if not previous.citations:
        return ""
    text = previous.citations[0].quote.text
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _find_dates(text: str) -> Iterator[Value]:
    """The dates of a question; `fall in 2023` is more likely the verb than the season."""
    for value in find_values(text):
        start = value.start + len("fall ") if value.text.startswith("fall in ") else value.start
        if value.kind == "date":
            yield replace(value, start=start, text=text[start : value.end])


def _find_answered(value: str, asked: Question, glossary: Glossary) -> Iterator[Thing]:
    if not value:
        return
    kinds: dict[str, ThingKind] = {
        "person": "person", "organization": "organization", "place": "place",
    }  # fmt: skip
    kind = kinds.get(asked.asked)
    if kind is not None:
        yield Thing(value, kind, 0, len(value))
        return
    for thing in find_named(value, glossary):
        whole = value.casefold() == f"the {thing.text}".casefold()
        yield Thing(value, thing.kind, 0, len(value)) if whole else thing
