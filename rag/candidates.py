"""Values and names in a sentence that could be what a question asks for."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from embeddings.gloss import Glossary
from rag.names import NameKind, find_names, format_name
from rag.types import Document, Language
from rag.understand import Question
from rag.values import Value, find_values, format_value, resolve_value
from rag.weigh import Reading

# The kinds of value that answer each kind of question, with how well each fits.
_KINDS: Mapping[str, Mapping[str, float]] = {
    "date": {"date": 0.0},
    "time": {"time": 0.0, "date": -1.0},
    "duration": {"duration": 0.0},
    "share": {"share": 0.0},
    "money": {"money": 0.0},
    "amount": {"money": 0.0, "share": -0.2, "count": -0.3, "measure": -0.3, "number": -0.5},
    "number": {"count": 0.0, "measure": 0.0, "number": -0.3, "share": -1.0, "money": -1.0},
}
_NAME_KINDS: frozenset[str] = frozenset(("person", "organization", "place"))

NEAR = 2.0  # a value right at the question's words, against one far from all of them
REACH = 12.0  # characters of Chinese at which closeness has fallen to 1/e
REACH_EN = 40.0  # the same of English
CLAUSE = 0.6  # of the closeness is left behind a comma or the like
UNIT_FITS, UNIT_DIFFERS = 1.0, -1.0
ASKED_ITSELF = -3.0  # a value that the question names is not the one it asks for
DATELINE = -2.0  # the date of the report, not of the event
VAGUE = -0.4  # for each of year, month, day that a date leaves open
_DATELINE = re.compile(r"\s*(?:消息|讯|电(?!话|动|池|力|商)|报道|\([^()]{0,20}\) ?[-—–])")
_CLAUSE = re.compile(r"[,，;；:：。!！?？]|\n")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value or name in a sentence.

    Attributes:
        key: Equal for what is the same in another source or language.
        printed: For the reader of the question's language.
        score: How well it fits the question within its sentence; higher is better, 0 is plain.
    """

    reading: Reading
    key: Hashable
    printed: str
    score: float


def find_candidates(
    question: Question,
    reading: Reading,
    documents: Mapping[str, Document],
    glossary: Glossary,
) -> list[Candidate]:
    """Return what in the sentence is of the kind asked for, in reading order."""
    if question.asked in _NAME_KINDS:
        return _find_name_candidates(question, reading, glossary)
    fits = _KINDS.get(question.asked)
    if fits is None:
        return []
    text = reading.evidence.quote.text
    language = reading.evidence.hit.language
    named = {value.key for value in find_values(question.text)}
    candidates = []
    for found in find_values(text, language=language):
        if found.kind not in fits:
            continue
        value = _resolve(found, reading, documents)
        score = fits[found.kind] + _score_value(value, question, text)
        score += NEAR * score_closeness(found.start, found.end, reading)
        if found.key in named:
            score += ASKED_ITSELF
        printed = _print_value(found, value, language, question.language)
        candidates.append(Candidate(reading, value.key, printed, score))
    return candidates


def score_closeness(start: int, end: int, reading: Reading) -> float:
    """How close a span stands to the matched words of the question, in [0, 1].

    Each match counts by its strength, less with each character between, and less again with
    each clause mark between; the result is the mean over the matched concepts' best.
    """
    text = reading.evidence.quote.text
    reach = REACH if reading.evidence.hit.language == "zh" else REACH_EN
    best: dict[str, float] = {}
    for match in reading.matches:
        if match.start < end and start < match.end:
            continue
        gap = text[match.end : start] if match.end <= start else text[end : match.start]
        near = math.exp(-len(gap) / reach) * CLAUSE ** len(_CLAUSE.findall(gap))
        key = match.concept.text
        best[key] = max(best.get(key, 0.0), near * match.strength)
    return sum(best.values()) / len(best) if best else 0.0


def _score_value(value: Value, question: Question, text: str) -> float:
    score = 0.0
    if value.date is not None:
        parts = (value.date.year, value.date.month, value.date.day)
        score += VAGUE * sum(part is None for part in parts)
        if _DATELINE.match(text, value.end) and not text[: value.start].strip(
            " \t\n\u30000123456789.、"
        ):
            score += DATELINE
    elif question.unit is not None and value.unit is not None:
        score += UNIT_FITS if value.unit == question.unit else UNIT_DIFFERS
    return score


def _resolve(value: Value, reading: Reading, documents: Mapping[str, Document]) -> Value:
    """Give a date its year where the article's date or the item's own text tells it."""
    if value.date is None:
        return value
    passage = reading.evidence.hit.passage
    quote = reading.evidence.quote
    before = passage.text[: quote.start - passage.start + value.start]
    years = [v.date.year for v in find_values(before) if v.date is not None and v.date.year]
    anchor = documents[quote.document_id].published
    return resolve_value(value, anchor=anchor, year=years[-1] if years else None)


def _print_value(found: Value, value: Value, source: Language, reader: Language) -> str:
    if found.date is not None:
        same = found.key == value.key and source == reader
        return found.text.strip() if same else format_value(value, reader)
    if source == reader:
        return found.text.strip()
    return f"{format_value(value, reader)} ({found.text.strip()})"


def _find_name_candidates(
    question: Question, reading: Reading, glossary: Glossary
) -> list[Candidate]:
    text = reading.evidence.quote.text
    asked: NameKind = question.asked  # type: ignore[assignment]  # one of the three, seen above
    wanted = question.text.casefold()
    terms = {term for concept in question.concepts for term in concept.terms}
    candidates = []
    for name in find_names(text, glossary):
        if name.kind != asked:
            continue
        printed = format_name(name.text, name.kind, glossary, question.language)
        words = {word.casefold() for word in re.findall(r"\w+", printed)}
        score = name.certainty + NEAR * score_closeness(name.start, name.end, reading)
        if name.text.casefold() in wanted or words <= terms | {name.text.casefold()}:
            score += ASKED_ITSELF
        candidates.append(Candidate(reading, (asked, name.text.casefold()), printed, score))
    return candidates
