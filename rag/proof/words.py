"""How much of what a statement says in words its quotes say too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from embeddings.gloss import PARTICLES, Glossary
from rag.proof.ground import Ground, read_words
from rag.question_words import EMPTY_WORDS
from rag.terms import HAN

Span = tuple[int, int]

# Set by judgement before the thresholds of `rag.verify` were measured with them.
NEARBY = 0.5  # what a word in the passage or heading counts beside one in the quote
SHARED = 0.7  # two Chinese words that share an English gloss, beside the word itself
_HAN = re.compile(f"[{HAN}]")


@dataclass(frozen=True, slots=True)
class Word:
    """A content word of a statement, its span, and how well it is met, in [0, 1]."""

    start: int
    end: int
    strength: float


def weigh_words(text: str, taken: Sequence[Span], ground: Ground, glossary: Glossary) -> list[Word]:
    """Return the content words of a statement in order, each with how well it is met.

    Args:
        text: The statement.
        taken: Spans of its values and names, which are judged by themselves.
        ground: What the quotes hold.
        glossary: Gives the English stems of Chinese words.
    """
    stems: dict[Span, set[str]] = {}
    texts: dict[Span, str] = {}
    for token in read_words(text, glossary):
        span = (token.start, token.end)
        if token.text in PARTICLES or token.text in EMPTY_WORDS or _overlaps(span, taken):
            continue
        stems.setdefault(span, set()).update(token.stems)
        texts[span] = token.text
    same = bool(_HAN.search(ground.text))
    return [
        Word(*span, _meet(texts[span], found, ground))
        for span, found in sorted(stems.items())
        if found or (same and _HAN.match(texts[span]))
    ]


def _meet(text: str, stems: set[str], ground: Ground) -> float:
    han = _HAN.match(text) is not None
    if han and text in ground.text:
        return 1.0
    if stems & ground.stems:
        return SHARED if han and _HAN.search(ground.text) else 1.0
    if (han and text in ground.near_text) or stems & ground.near:
        return NEARBY
    return 0.0


def _overlaps(span: Span, taken: Sequence[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in taken)
