"""What a search looks like from inside, as plain data: each leg's ranking, and what was kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.types import Hit, Language, Leg, Quote

SHOWN = 10  # of a leg and a language; below that a leg's ranking says little


@dataclass(frozen=True, slots=True)
class Term:
    """What a leg looked for: a word, pair of characters or stem, and how many passages hold it."""

    text: str
    holders: int


@dataclass(frozen=True, slots=True)
class Search:
    """What the three search legs found for a query, what was kept of it, and why.

    A leg ranks each language on its own, so there is a first of each; `Hit.dense`, `lexical` and
    `gloss` hold those ranks.

    Attributes:
        asked: The query as it was given.
        query: As it was searched for: without surrounding space, typos mended.
        language: Of the query.
        terms: Leg -> its terms in the order of the query, each once.
        weights: Language of passages -> what dense, lexical and gloss count for this query.
        hits: The passages that are kept, best first: what an answer would be read from.
        dropped: Passages that a leg had among its best and that are not kept, best first; their
            ranks go on from those of `hits`.
        copies: Id of a passage of `dropped` -> id of a better one that says the same.
        sentences: Passage id -> the sentence in it that ranks highest.
        titles: Document id -> title.
        candidates: Language -> how many passages the legs gave, kept or not.
        generation: Of the index that was read.
        seconds: Step -> wall-clock time: `read` (the query), `search` (the legs), `choose`.
    """

    asked: str
    query: str
    language: Language
    terms: Mapping[Leg, tuple[Term, ...]]
    weights: Mapping[Language, tuple[float, float, float]]
    hits: tuple[Hit, ...]
    dropped: tuple[Hit, ...]
    copies: Mapping[str, str]
    sentences: Mapping[str, Quote]
    titles: Mapping[str, str]
    candidates: Mapping[Language, int]
    generation: int
    seconds: Mapping[str, float]
