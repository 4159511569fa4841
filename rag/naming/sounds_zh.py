"""Foreign names in Chinese characters: `卡万·肖特`, and `马斯克` where a cue stands beside it.

They are spelt by sound, with characters of their own; a dot between two parts makes one sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from embeddings.gloss import Glossary
from rag.naming.cues_zh import (
    NOT_GIVEN,
    SURNAMES,
    TITLE_AFTER,
    TITLE_CHARS,
    TITLES_BEFORE,
    TRANSLITERATION,
    VERB_AFTER,
    WEAK_AFTER,
    WEAK_BEFORE,
)
from rag.naming.tokens import HAN, Reading, Token

_DOTTED = TRANSLITERATION | frozenset("符柳义律桑庆恰茂那东仲廖凡宏白辉冯郎梁蕊妲丝")  # by a dot
MAX_PART = 7  # code points of a name between two dots, and one more
DOT = re.compile(f"(?<=[{HAN}A-Z])[·•・‧](?=[{HAN}A-Z])")
_HAN_BEFORE = re.compile(f"[{HAN}]+$")
_HAN_AT = re.compile(f"[{HAN}]+")
_NOT_SOUNDS = frozenset("公司 马上 特别".split())


class HanText(NamedTuple):
    """A folded text, its words by where they start, and the dictionary to cut anew with."""

    folded: str
    words: dict[int, Token]
    inside: frozenset[int]  # positions within a word, not at its start
    glossary: Glossary


def find_dotted(text: HanText) -> Iterator[Reading]:
    """Yield the names with dots, each as far as its sounds go."""
    start = end = 0
    for match in DOT.finditer(text.folded):
        if match.start() != end or end == start:
            start = _spell_left(text, match.start())
        if start == match.start():
            continue
        end = _spell_right(text, match.end())
        if end == match.end():
            start = end = 0
        elif not DOT.match(text.folded, end):
            yield Reading("person", start, end, 0.9)


def find_sounds(text: HanText) -> Iterator[Reading]:
    """Names in sounds without a dot: dictionary persons, and others where a cue stands by."""
    for start, word in text.words.items():
        if word.kind == "person" and word.end - start > 2:
            yield Reading("person", start, word.end, 0.8)
        elif text.folded[start] in TRANSLITERATION:
            end = _spell(text, start)
            if 2 <= end - start <= 6 and text.folded[start:end] not in _NOT_SOUNDS:
                score = _weigh_sounds(text, start, end)
                if score >= 2:
                    yield Reading("person", start, end, min(0.9, 0.3 + score / 10))


def has_title(text: HanText, start: int) -> bool:
    """Whether a title ends right before `start`."""
    return bool(TITLES_BEFORE.search(text.folded[max(0, start - TITLE_CHARS) : start]))


def all_sounds(letters: str) -> bool:
    """Whether every character is one that foreign names are written with."""
    return all(letter in TRANSLITERATION for letter in letters)


def _spell_left(text: HanText, dot: int) -> int:
    """Return where the part of a name that ends at a dot begins, `dot` itself if nowhere."""
    least = max(0, dot - MAX_PART)
    run = _HAN_BEFORE.search(text.folded, least, dot)
    if run is None:
        return dot - 1 if dot and "A" <= text.folded[dot - 1] <= "Z" else dot
    if run.start() > least and _is_free(text, run.start(), dot):
        return run.start()
    start = dot
    while start > run.start() and text.folded[start - 1] in _DOTTED:
        first = start - 1
        while first in text.inside and first > run.start():
            first -= 1
        word = text.words.get(first)
        if word is not None and not _spells(word):
            break
        start -= 1
    return start


def _spell_right(text: HanText, first: int) -> int:
    """Return where the part of a name that begins behind a dot ends, `first` if nowhere."""
    run = _HAN_AT.match(text.folded, first, first + MAX_PART)
    if run is None:
        return first + ("A" <= text.folded[first : first + 1] <= "Z")
    if run.end() < first + MAX_PART and _is_free(text, first, run.end()):
        return run.end()
    word = text.words.get(first)
    end = word.end if word is not None and word.named and word.kind != "place" else first
    while end < run.end() and text.folded[end] in _DOTTED:
        word = text.words.get(end)
        if word is not None and end > first and (word.kind == "place" or not _spells(word)):
            break
        end += 1
    return end


def _is_free(text: HanText, start: int, end: int) -> bool:
    """Whether a part that stands between signs is one name: no word of another sort in it."""
    if sum(letter not in _DOTTED for letter in text.folded[start:end]) > 1:
        return False
    for at in range(start, end):
        word = text.words.get(at)
        if text.folded[at] in NOT_GIVEN - _DOTTED:
            return False
        if word is not None and not _spells(word):
            return False
    return True


def _spells(word: Token) -> bool:
    """Whether a word may be part of a name in sounds."""
    return len(word.text) == 1 or word.named or _DOTTED.issuperset(word.text)


def _spell(text: HanText, start: int) -> int:
    end = start
    while (word := text.words.get(end)) is not None:
        single = word.end - end == 1 and word.text in TRANSLITERATION
        if word.kind is not None or not (single or (word.named and all_sounds(word.text))):
            break
        end = word.end
    return end


def _weigh_sounds(text: HanText, start: int, end: int) -> float:
    score = 2.0 if has_title(text, start) else 0.0
    score += 1.5 if VERB_AFTER.match(text.folded, end) or TITLE_AFTER.match(text.folded, end) else 0
    score += 0.5 if end - start > 2 else -0.5
    score += 0.25 if WEAK_AFTER.match(text.folded, end) else 0.0
    score += 0.5 if WEAK_BEFORE.search(text.folded[max(0, start - 1) : start]) else 0.0
    word = text.words[start]
    score += 0.5 if word.named and word.end == end else 0.0
    if text.folded[start] in SURNAMES and end - start < 4:
        score -= 0.5
    return score
