"""What the authors of a set give as right, in our terms: kinds of answers, quotes, languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice

from rag.language import detect_language
from rag.sentences import Span, split_sentences
from rag.types import Language
from rag.values import Kind, find_values

LANGUAGE_SAMPLE = 100  # questions, to tell the language of a set

_KINDS: dict[Kind, str] = {
    "date": "date", "time": "time", "number": "number", "count": "number", "measure": "number",
    "money": "money", "share": "share", "duration": "duration",
}  # fmt: skip
_YES_OR_NO = frozenset(("yes", "no", "是", "否"))
_MARKS = " \t\n.,;:。，；：、\"'“”"


def find_kind(accept: Sequence[Sequence[str]], language: Language) -> str:
    """Tell the kind of a question by its right answers, as far as they show it.

    Args:
        accept: As in `Question`; the first way that tells decides.
        language: Of the answers.

    Returns:
        "list" for an answer of several parts, "yesno", the kind of an answer that is nothing but a
        value ("March 28, 2024", "17 %"), else "other": no one has said whether it is a person or a
        place.
    """
    for way in accept:
        if len(way) > 1:
            return "list"
        part = way[0].strip(_MARKS)
        if part.casefold() in _YES_OR_NO:
            return "yesno"
        values = find_values(part, language=language)
        if len(values) == 1 and values[0].text == part:
            return _KINDS[values[0].kind]
    return "other"


def find_language(questions: Iterable[str]) -> Language:
    """Tell the language of a set by its first questions."""
    return detect_language("\n".join(islice(questions, LANGUAGE_SAMPLE)))


def find_words(text: str, words: str) -> Span | None:
    """Return where words first stand in a text, or None.

    Case does not count, nor how words are spaced; a Latin word or a number must stand whole.
    """
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    if not pattern:
        return None
    before = r"(?<![A-Za-z0-9])" if re.match(r"[A-Za-z0-9]", words.strip()) else ""
    after = r"(?![A-Za-z0-9])" if re.search(r"[A-Za-z0-9]$", words.strip()) else ""
    found = re.search(before + pattern + after, text, re.IGNORECASE)
    return found.span() if found else None


def quote_sentences(text: str, start: int, end: int) -> str:
    """Return the sentences of a text that a span of it touches, with all that stands between.

    Args:
        text: Of a document.
        start: Where the span begins.
        end: Where it ends, beyond `start`.
    """
    touched = [span for span in _split(text) if span[0] < end and start < span[1]]
    return text[touched[0][0] : touched[-1][1]] if touched else ""


def quote_words(text: str, wordings: Iterable[str]) -> str:
    """Return the sentence in which the first wording that is found stands; empty if none is."""
    for wording in wordings:
        span = find_words(text, wording)
        if span is not None:
            return quote_sentences(text, *span)
    return ""


@lru_cache(maxsize=64)  # many questions in a row ask about one text
def _split(text: str) -> tuple[Span, ...]:
    return tuple(split_sentences(text))
