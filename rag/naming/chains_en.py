"""Cut Latin text into words, and join capitalised ones that may be one name into chains.

`University of California and the Bank of America` is one chain: what is one name in it,
`rag.naming.names_en` decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rag.naming.cues_en import PARTICLES
from rag.naming.tokens import HAN, NameKind, Reading

JOINTS = frozenset({"of", "&", "for", "and", "the"})
_WITHIN = PARTICLES | JOINTS
_LETTER = "A-Za-zÀ-ÖØ-öø-ſ"
_WORD = re.compile(
    r"(?:[A-Z]\.){2,4}|[A-Z]\.(?= ?[A-Z])"
    r"|(?:Dr|Mr|Mrs|Ms|Jr|Sr|St|Prof|Gen|Sen|Gov|Rep|Inc|Corp|Ltd|Co)\."
    f"|[{_LETTER}][{_LETTER}0-9]*(?:[-&.'][{_LETTER}0-9]+)*"
)
_SENTENCE_END = re.compile(r"(?:^|[.!?:;。！？：；\n\"“”])[\s\"“‘'(\[*#>-]*$")
_HAN = re.compile(f"[{HAN}]")
_MAX_WORDS = 9  # of a chain


class Word(NamedTuple):
    """A Latin word: `low` is in lower case, without a genitive `'s`; `end` leaves that out too."""

    text: str
    start: int
    end: int
    low: str
    cap: bool
    owns: bool  # it had a genitive, so nothing follows in its name


class Chain(NamedTuple):
    """Neighbouring words that may be one name, and the words around it in lower case."""

    words: list[Word]
    before: str
    after: str
    opens: bool  # whether it stands at the start of a sentence
    foreign: bool  # whether a Han character stands beside it


def read_words(text: str) -> list[Word]:
    """Return the Latin words of a text, in order."""
    return [_read_word(match) for match in _WORD.finditer(text)]


def chain_words(text: str, words: Sequence[Word]) -> Iterator[Chain]:
    """Yield the longest chains of capitalised words, in order; small words may join them."""
    n = 0
    while n < len(words):
        last = n + 1
        if words[n].cap:
            last = _end_chain(text, words, n)
            before = (
                words[n - 1].low if n and text[words[n - 1].end : words[n].start] == " " else ""
            )
            gap = text[words[last - 1].end : words[last].start] if last < len(words) else ""
            after = words[last].low if gap == " " else ""
            lead = text[max(0, words[n].start - 6) : words[n].start]
            opens = bool(_SENTENCE_END.search(lead)) and (words[n].start < 6 or lead.strip() != "")
            beside = text[max(0, words[n].start - 2) : words[n].start]
            beside += text[words[last - 1].end : words[last - 1].end + 2]
            foreign = _HAN.search(beside) is not None
            yield Chain(list(words[n:last]), before, after, opens, foreign)
        n = last


def span_words(kind: NameKind, words: Sequence[Word], certainty: float) -> Reading:
    """Return the reading of some words, at least one, as a name."""
    return Reading(kind, words[0].start, words[-1].end, certainty)


def _read_word(match: re.Match[str]) -> Word:
    text = match[0]
    owns = text.endswith("'s") and len(text) > 2
    text = text[:-2] if owns else text
    cap = text[0].isupper() or any(c.isupper() for c in text[1:])
    return Word(text, match.start(), match.start() + len(text), text.lower(), cap, owns)


def _end_chain(text: str, words: Sequence[Word], n: int) -> int:
    last = n + 1
    while last < len(words) and last - n < _MAX_WORDS and not words[last - 1].owns:
        if not _joins(text, words[last - 1], words[last]):
            break
        if words[last].cap:
            last += 1
        elif words[last].low in _WITHIN and (skip := _skip_joints(text, words, last)):
            last = skip
        else:
            break
    return last


def _skip_joints(text: str, words: Sequence[Word], at: int) -> int:
    """Return the word behind `of the X` or `van der X` that begins at `at`, or 0."""
    for last in range(at + 1, min(at + 3, len(words))):
        if not _joins(text, words[last - 1], words[last]):
            return 0
        if words[last].cap:
            return last + 1
        if words[last].low not in _WITHIN:
            return 0
    return 0


def _joins(text: str, left: Word, right: Word) -> bool:
    gap = text[left.end : right.start]
    if gap in (" ", " & "):
        return True
    return gap == "" and left.text.endswith(".")
