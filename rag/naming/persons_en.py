"""Persons in Latin letters: `Tim Cook`, `Ursula von der Leyen`, and `Jean Roux` in Chinese text.

A chain of capitalised words is weighed: a given name, a title or a verb beside it make it one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from rag.naming.chains_en import Chain, Word, span_words
from rag.naming.cues_en import (
    COPULAS,
    GENERATIONS,
    GIVEN_NAMES,
    MONONYMS,
    NOBLE_TITLES,
    ORDINARY,
    ORGANIZATIONS,
    PARTICLES,
    PINYIN_SURNAMES,
    PLACES,
    TITLES,
    TITLES_LOWER,
    VERBS_AFTER,
)
from rag.naming.cues_zh import TITLE_CHARS, TITLES_BEFORE, VERB_AFTER
from rag.naming.tokens import Reading

_SYLLABLES = re.compile(
    "(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ian|iao|ing|ong|uai|uan|"
    "ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|[aeiou])){1,2}"
)
_SAYING = frozenset("said says told wrote tells writes".split())


def read_person(text: str, chain: Chain, lower: Collection[str]) -> Reading | None:
    """Return the person that a chain names, without titles, if it names one.

    Args:
        text: Where the chain stands, folded one for one.
        chain: No organization, and cut at small words that are no part of a name.
        lower: Words of the text that stand there in lower case, and so are hardly names.
    """
    words = list(chain.words)
    titled = chain.before in TITLES_LOWER or _has_title_zh(text, chain)
    while len(words) > 1 and _is_title(words[0]):
        if len(words) == 2 and words[0].text in NOBLE_TITLES:
            return (
                span_words("person", words, 0.8) if words[1].low not in PLACES | ORDINARY else None
            )
        words, titled = words[1:], True
    if _opens_with_trade(words):
        words = words[1:]
    if words[0].text in TITLES or words[0].text in ORGANIZATIONS:
        return None
    while len(words) > 1 and not words[-1].cap:
        words = words[:-1]
    if not _may_be_person(words, lower):
        return None
    score = _weigh_person(text, words, chain, titled)
    least = 0.4 if len(words) > 1 else 0.6
    return span_words("person", words, min(0.95, score)) if score >= least else None


def _opens_with_trade(words: Sequence[Word]) -> bool:
    """Whether a word for what a person does stands before a given name: `Economist Thomas`."""
    if len(words) < 3 or words[0].low in GIVEN_NAMES or not words[0].text[1:].islower():
        return False
    return words[1].low in GIVEN_NAMES


def _may_be_person(words: Sequence[Word], lower: Collection[str]) -> bool:
    names = [word for word in words if word.cap and word.text not in GENERATIONS]
    if not 1 <= len(names) <= 4 or not words[0].cap:
        return False
    if (
        len(names[-1].text) < 2
        or names[-1].text.endswith(".")
        or any(re.search(r"\d", name.text) for name in names)
    ):
        return False
    if any(name.text.isupper() and len(name.text) > 2 for name in names):
        return False
    first = names[0].low
    if len(names) > 1 and first in GIVEN_NAMES:
        return names[1].low not in PLACES
    return not any(
        name.low in ORDINARY or name.low in lower or name.low in PLACES for name in names
    )


def _weigh_person(text: str, words: Sequence[Word], chain: Chain, titled: bool) -> float:
    if len(words) == 1 and words[0].low in MONONYMS:
        return 0.8
    score = 0.5 * titled + 0.2 * (chain.after in VERBS_AFTER)
    score += 0.15 * (chain.before in TITLES_LOWER)
    if chain.foreign:
        score += 0.2 * (VERB_AFTER.match(text, words[-1].end) is not None)
    return score + (
        _weigh_single(words[0], chain) if len(words) == 1 else _weigh_form(words, chain)
    )


def _weigh_single(word: Word, chain: Chain) -> float:
    score = -0.2 if chain.opens else 0.1
    return score + 0.15 * (word.low in GIVEN_NAMES) + 0.2 * (chain.after in _SAYING)


def _weigh_form(words: Sequence[Word], chain: Chain) -> float:
    given = words[0].low in GIVEN_NAMES or words[0].low.split("-")[0] in GIVEN_NAMES
    score = 0.6 * (given or _is_pinyin(words))
    score += 0.3 * any(word.text.endswith(".") and len(word.text) < 5 for word in words[:-1])
    score += 0.2 * any(word.low in PARTICLES for word in words[1:])
    if len(words) <= 3 and not chain.opens:
        score += 0.25 if chain.before == "the" or chain.foreign else 0.45
    elif chain.after in VERBS_AFTER - COPULAS:
        score += 0.2
    return score


def _is_pinyin(words: Sequence[Word]) -> bool:
    """Whether two words are a Chinese surname and given name in pinyin: `Wang Hua`."""
    if len(words) != 2 or words[0].low not in PINYIN_SURNAMES:
        return False
    return _SYLLABLES.fullmatch(words[1].low) is not None


def _is_title(word: Word) -> bool:
    last = word.text.rpartition("-")[2]
    return word.text in TITLES or (last != word.text and last in TITLES)  # Vice-Chair


def _has_title_zh(text: str, chain: Chain) -> bool:
    """Whether a Chinese title stands right before a chain: `首席财务官Jean Roux`."""
    if not chain.foreign or len(chain.words) < 2:
        return False
    return (
        TITLES_BEFORE.search(text, max(0, chain.words[0].start - TITLE_CHARS), chain.words[0].start)
        is not None
    )
