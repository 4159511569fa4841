"""The extractive composer: from ranked sentences to statements, each carried by its quotes.

Every sentence is read against the question (`rag.weigh`). Where the question asks for a value,
each value of that kind in each sentence is a candidate: it is judged by its sentence and by how
close it stands to the question's words, and equal values from several sources stand together.
The answer is the value first, in the question's language, then the sentences that prove it,
word for word. Nothing is worded freely, so nothing can be invented.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from embeddings.gloss import Glossary
from rag.candidates import Candidate, find_candidates
from rag.types import Document, Language, Quote, Statement
from rag.understand import Question
from rag.weigh import Reading

# What counts in judging a sentence, beside its rank score. Set by hand on a development set and
# checked on another: eval/LOG.md, 2026-11-22.
OWN, WHOLE, NAMES = 3.0, 2.0, 2.0
SECOND_SOURCE = 0.5  # another document with the same value
CLOSE = 1.5  # a further quote may be this much worse than the best
CLOSE_SENTENCE = 0.7  # the same where no value holds them together
SUPPORTS = 0.6  # and must cover this share of what the best sentence covers

_MARKS: Mapping[Language, tuple[str, str]] = {"zh": ("「", "」"), "en": ("“", "”")}


@dataclass(frozen=True, slots=True)
class Draft:
    """What the composer would say, and the reading that it rests on most.

    `valued` tells whether a value of the kind asked for was found.
    """

    statements: tuple[Statement, ...]
    best: Reading
    valued: bool


def draft_answer(
    question: Question,
    readings: Sequence[Reading],
    documents: Mapping[str, Document],
    glossary: Glossary,
    *,
    max_quotes: int = 3,
) -> Draft | None:
    """Draft the answer that the evidence gives best; None where there is no evidence.

    Args:
        question: Read by `rag.understand`.
        readings: Of the evidence, best first.
        documents: By id, for the dates that relative ones are resolved against.
        glossary: For names in the other language.
        max_quotes: Of the whole answer.
    """
    if not readings:
        return None
    scores = {id(reading): score_reading(reading) for reading in readings}
    top = max(readings, key=lambda reading: scores[id(reading)])
    candidates = [
        candidate
        for reading in readings
        for candidate in find_candidates(question, reading, documents, glossary)
    ]
    group = _choose_group(candidates, scores)
    if group and _stands(group[0], top, scores):
        return _draft_value(group, question, max_quotes)
    return _draft_quotes(readings, scores, question, max_quotes)


def score_reading(reading: Reading) -> float:
    """How well a sentence answers: its rank score, and what it covers of the question."""
    return (
        reading.evidence.score + OWN * reading.own + WHOLE * reading.whole + NAMES * reading.names
    )


def _stands(candidate: Candidate, top: Reading, scores: Mapping[int, float]) -> bool:
    """A value from a far worse sentence than the best is not what was asked for."""
    return scores[id(candidate.reading)] + candidate.score >= scores[id(top)] - CLOSE


def _choose_group(candidates: Sequence[Candidate], scores: Mapping[int, float]) -> list[Candidate]:
    """The candidates of the best value, best first; ties go to the earlier one."""
    groups: dict[Hashable, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.key, []).append(candidate)

    def worth(candidate: Candidate) -> float:
        return scores[id(candidate.reading)] + candidate.score

    def total(group: list[Candidate]) -> float:
        best = max(map(worth, group))
        close = {
            candidate.reading.evidence.quote.document_id
            for candidate in group
            if worth(candidate) >= best - 2 * CLOSE
        }
        return best + SECOND_SOURCE * (len(close) - 1)

    if not groups:
        return []
    chosen = max(groups.values(), key=total)
    best = max(map(worth, chosen))
    return sorted((c for c in chosen if worth(c) >= best - 2 * CLOSE), key=lambda c: -worth(c))


def _draft_value(group: Sequence[Candidate], question: Question, max_quotes: int) -> Draft:
    first = group[0]
    held = [c for c in group if c.reading.whole >= SUPPORTS * first.reading.whole]
    quotes = list(dict.fromkeys(c.reading.evidence.quote for c in held))[:max_quotes]
    value = Statement(first.printed, tuple(quotes))
    languages = {c.reading.evidence.quote: c.reading.evidence.hit.language for c in held}
    proof = [Statement(_mark(quote, languages[quote]), (quote,)) for quote in quotes]
    return Draft((value, *proof), first.reading, valued=True)


def _draft_quotes(
    readings: Sequence[Reading],
    scores: Mapping[int, float],
    question: Question,
    max_quotes: int,
) -> Draft:
    ordered = sorted(readings, key=lambda reading: -scores[id(reading)])
    best = ordered[0]
    chosen = [
        reading
        for reading in ordered[:max_quotes]
        if scores[id(reading)] >= scores[id(best)] - CLOSE_SENTENCE
        and reading.own >= SUPPORTS * best.own
    ]
    chosen = list({reading.evidence.quote.text: reading for reading in chosen}.values())
    statements = tuple(
        Statement(_mark(r.evidence.quote, r.evidence.hit.language), (r.evidence.quote,))
        for r in chosen
    )
    return Draft(statements, best, valued=False)


def _mark(quote: Quote, language: Language) -> str:
    opening, closing = _MARKS[language]
    return f"{opening}{quote.text}{closing}"
