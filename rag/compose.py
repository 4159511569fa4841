"""The extractive composer: from evidence to statements, each carried by its quotes.

Every sentence is an option, and where the question asks for a value, so is each value of that
kind in it. The options are judged by `rag.judge`; equal values from several documents stand
together. The answer is the value first, in the question's language, then the sentences that
prove it, word for word. Nothing is worded freely, so nothing can be invented.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from embeddings.gloss import Glossary
from rag.candidates import Candidate, find_candidates
from rag.judge import describe_option, estimate_probability
from rag.types import Document, Language, Quote, Statement
from rag.understand import Question
from rag.weigh import Reading

# A further quote of the same value may be far less probable by itself, since another source that
# says the same makes it so; but it must be about what was asked, as much as this of the best is.
SECOND_QUOTE, ABOUT_IT = 0.05, 0.4
SECOND_SENTENCE = 0.6  # the same where no value holds the quotes together

REFUSALS: Mapping[Language, str] = {"en": "The documents do not say.", "zh": "文档中没有提到。"}
_MARKS: Mapping[Language, tuple[str, str]] = {"zh": ("「", "」"), "en": ("“", "”")}


@dataclass(frozen=True, slots=True)
class Option:
    """A sentence, or a value in it, that may be the answer, with the probability that it is."""

    reading: Reading
    candidate: Candidate | None
    features: tuple[float, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class Draft:
    """What the composer would say, and the probability that it answers the question."""

    statements: tuple[Statement, ...]
    probability: float


def list_options(
    question: Question,
    readings: Sequence[Reading],
    documents: Mapping[str, Document],
    glossary: Glossary,
) -> list[Option]:
    """Return every sentence and every value of the kind asked for, most probable first.

    Ties keep the order of the evidence.
    """
    ranks: Counter[Language] = Counter()  # scores of two languages are not on one scale
    options = []
    for reading in readings:
        language = reading.evidence.hit.language
        ranks[language] += 1
        found = find_candidates(question, reading, documents, glossary)
        for candidate in (None, *found):
            features = describe_option(question, reading, candidate, ranks[language])
            probability = estimate_probability(features, question.language, language)
            options.append(Option(reading, candidate, features, probability))
    return sorted(options, key=lambda option: -option.probability)


def draft_answer(options: Sequence[Option], *, max_quotes: int = 3) -> Draft | None:
    """Draft the answer that the options give best; None where there is none.

    Args:
        options: As `list_options` returns them.
        max_quotes: Of the whole answer.
    """
    if not options:
        return None
    groups: dict[Hashable, list[Option]] = {}
    for option in options:
        key = option.candidate.key if option.candidate else option.reading.evidence.quote
        groups.setdefault((option.candidate is None, key), []).append(option)
    chosen = max(groups.values(), key=_join_probability)
    if chosen[0].candidate is None:
        return _draft_sentences([o for o in options if o.candidate is None], max_quotes)
    return _draft_value(chosen, max_quotes)


def _join_probability(group: Sequence[Option]) -> float:
    """One less the probability that every document of the group is wrong, each by its best."""
    best: dict[str, float] = {}
    for option in group:
        document = option.reading.evidence.quote.document_id
        best[document] = max(best.get(document, 0.0), option.probability)
    return 1.0 - math.prod(1.0 - probability for probability in best.values())


def _draft_value(group: Sequence[Option], max_quotes: int) -> Draft:
    least = SECOND_QUOTE * group[0].probability
    covered = ABOUT_IT * group[0].reading.whole
    held = [o for o in group if o.probability >= least and o.reading.whole >= covered]
    quoted = {option.reading.evidence.quote: option for option in reversed(held)}
    first = [quoted[q] for q in dict.fromkeys(o.reading.evidence.quote for o in held)][:max_quotes]
    candidate = group[0].candidate
    assert candidate is not None  # noqa: S101 - the caller groups by it
    quotes = tuple(option.reading.evidence.quote for option in first)
    statements = (Statement(candidate.printed, quotes), *(_prove(option) for option in first))
    return Draft(statements, _join_probability(group))


def _draft_sentences(options: Sequence[Option], max_quotes: int) -> Draft:
    least = SECOND_SENTENCE * options[0].probability
    alike = {o.reading.evidence.quote.text: o for o in reversed(options[:max_quotes])}
    held = [o for o in options[:max_quotes] if o is alike[o.reading.evidence.quote.text]]
    statements = tuple(_prove(option) for option in held if option.probability >= least)
    return Draft(statements, options[0].probability)


def _prove(option: Option) -> Statement:
    quote: Quote = option.reading.evidence.quote
    opening, closing = _MARKS[option.reading.evidence.hit.language]
    return Statement(f"{opening}{quote.text}{closing}", (quote,))
