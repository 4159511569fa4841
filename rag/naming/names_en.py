"""Persons, organizations and places in English text, and Latin names in Chinese text.

A name is a chain of capitalised words. What kind it is, the words themselves tell (a suffix, a
given name, a place of the table), or else the words around it (a title, a verb, a preposition).
A chain that nothing explains is no name, except two or three words in the middle of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from rag.naming.chains_en import JOINTS, Chain, Word, chain_words, read_words, span_words
from rag.naming.cues_en import (
    COMMON_ACRONYMS,
    GIVEN_NAMES,
    MONTHS_AND_DAYS,
    NOT_NAMES,
    ORDINARY,
    ORGANIZATION_ENDINGS,
    ORGANIZATION_HEADS,
    ORGANIZATION_PHRASES,
    ORGANIZATION_VERBS,
    ORGANIZATIONS,
    PARTICLES,
    PLACE_BEFORE,
    PLACE_ENDINGS,
    PLACE_HEADS,
    PLACES,
    TITLES,
    VERBS_AFTER,
)
from rag.naming.persons_en import read_person
from rag.naming.tokens import Reading

_JOINTS = PARTICLES | JOINTS
_TITLE_VERB = re.compile(
    r"\s?(?:表示|说|称|宣布|发布|公司|集团|认为|推出|回应|创始人|CEO|官方|旗下|透露|披露)"
)
_ACRONYM = re.compile("[A-Z]{2,6}")
_LINKED = re.compile("[A-Z]{2}[A-Za-z]*(?:-[A-Z][A-Za-z]+)+")  # BNP-Paribas
_CAMEL = re.compile("[A-Z][a-z]+[A-Z][a-z]+")
_SPLITS = (MONTHS_AND_DAYS | NOT_NAMES | _JOINTS) - PARTICLES


def find_latin_names(text: str) -> list[Reading]:
    """Return the names that stand in Latin letters, in order.

    Args:
        text: Any text, folded one for one, so that `’` is `'`.
    """
    words = read_words(text)
    lower = {word.low for word in words if not word.cap}
    readings: list[Reading] = []
    for chain in chain_words(text, words):
        readings += _read_chain(text, chain, lower)
    return readings


def _read_chain(text: str, chain: Chain, lower: set[str]) -> Iterator[Reading]:
    """Read a chain whole as an organization or place, or in its parts between joints."""
    words, before, opens = chain.words, chain.before, chain.opens
    while words and words[0].low in NOT_NAMES | MONTHS_AND_DAYS and not _opens_place(words):
        before, words, opens = words[0].low, words[1:], False
    while words and not words[-1].cap:
        words = words[:-1]
    for group in _split_chain(chain._replace(words=words, before=before, opens=opens), {"and"}):
        reading = _read_whole(group)
        if reading is not None:
            yield reading
            continue
        for piece in _split_chain(group, _SPLITS):
            for part in _split_at_title(piece):
                found = _read_part(text, part, lower)
                if found is not None:
                    yield found


def _opens_place(words: Sequence[Word]) -> bool:
    return " ".join(word.low for word in words[:2]) in PLACES  # New York


def _read_whole(chain: Chain) -> Reading | None:
    first = next((n for n, word in enumerate(chain.words) if word.cap), 0)
    words = chain.words[first:]
    phrase = " ".join(word.low for word in words)
    if phrase in PLACES:
        return span_words("place", words, 0.8)
    joints = [word.low for word in words if not word.cap]
    if len(words) > 2 and words[0].text in ORGANIZATION_HEADS and joints[:1] == ["of"]:
        return span_words("organization", words, 0.9)
    return None


def _split_chain(chain: Chain, splits: Collection[str]) -> Iterator[Chain]:
    """Cut a chain at the words of `splits`, which are in no part."""
    start = 0
    words = chain.words
    for n in range(len(words) + 1):
        if n < len(words) and (words[n].low not in splits or _belongs(words, n)):
            continue
        if n > start:
            before = words[start - 1].low if start else chain.before
            after = words[n].low if n < len(words) else chain.after
            opens = chain.opens and not start
            yield Chain(list(words[start:n]), before, after, opens, chain.foreign)
        start = n + 1


def _split_at_title(chain: Chain) -> Iterator[Chain]:
    """Cut a chain before a title in its midst: `Oracle | CEO Larry Ellison`."""
    words = chain.words
    for n in range(1, len(words) - 1):
        if words[n].text in TITLES and words[n - 1].text not in TITLES:
            yield chain._replace(words=words[:n], after=words[n].low)
            yield chain._replace(words=words[n:], before=words[n - 1].low, opens=False)
            return
    yield chain


def _belongs(words: Sequence[Word], n: int) -> bool:
    """Whether a word that would split is a part after all: `Theresa May`, `New York`."""
    surname = words[n].cap and n > 0 and words[n - 1].low in GIVEN_NAMES
    return surname or _opens_place(words[n:])


def _read_part(text: str, chain: Chain, lower: set[str]) -> Reading | None:
    words = chain.words
    phrase = " ".join(word.low for word in words)
    if phrase in PLACES:
        return span_words("place", words, 0.8)
    if phrase in ORGANIZATION_PHRASES:
        return span_words("organization", words, 0.9)
    return (
        _read_organization(chain)
        or read_person(text, chain, lower)
        or _read_single_organization(text, chain)
        or _read_place(chain)
    )


def _read_organization(chain: Chain) -> Reading | None:
    words = chain.words
    titled = 0
    while titled < len(words) - 1 and words[titled].text in TITLES - ORGANIZATION_HEADS:
        titled += 1
    ends = [n for n in range(titled + 1, len(words)) if words[n].text in ORGANIZATION_ENDINGS]
    if ends and words[ends[-1]] is words[-1] and words[0].low not in GIVEN_NAMES:
        return span_words("organization", words[titled:], 0.85)
    if ends and ends[-1] >= len(words) - 2 and words[titled].low not in GIVEN_NAMES:
        return span_words("organization", words[titled : ends[-1] + 1], 0.7)
    return span_words("organization", words, 0.6) if _is_team(words) else None


def _is_team(words: Sequence[Word]) -> bool:
    """Whether a place and a plural make a club: `Chicago Bulls`."""
    last = words[-1]
    if len(words) < 2 or not last.low.endswith("s") or last.low in ORDINARY:
        return False
    plain = last.text not in PLACE_ENDINGS and last.text[1:].islower()
    return plain and " ".join(word.low for word in words[:-1]) in PLACES


def _read_single_organization(text: str, chain: Chain) -> Reading | None:
    if chain.words[0].text in ORGANIZATIONS:
        return span_words("organization", chain.words[:1], 0.85)
    word = chain.words[0]
    if len(chain.words) > 1 or word.text in COMMON_ACRONYMS:
        return None
    certainty = _weigh_organization(text, chain, word)
    return span_words("organization", chain.words, certainty) if certainty else None


def _weigh_organization(text: str, chain: Chain, word: Word) -> float:
    """How sure it is that one word names an organization, 0 where nothing says so."""
    spoken = chain.after in ORGANIZATION_VERBS or bool(_TITLE_VERB.match(text, word.end))
    acronym = _ACRONYM.fullmatch(word.text) is not None
    linked = _LINKED.fullmatch(word.text) is not None
    if spoken and (acronym or linked or _CAMEL.fullmatch(word.text)):
        return 0.7
    if linked:
        return 0.6
    plain = word.text.isalpha() and len(word.text) > 2 and word.low not in ORDINARY | GIVEN_NAMES
    if spoken and plain and chain.after != "said":
        return 0.5
    return 0.5 if acronym and chain.before == "the" and len(word.text) > 2 else 0.0


def _read_place(chain: Chain) -> Reading | None:
    words = chain.words
    if len(words) > 1 and (words[-1].text in PLACE_ENDINGS or words[0].text in PLACE_HEADS):
        return span_words("place", words, 0.75)
    for last in range(len(words), 0, -1):  # "Beijing University" was an organization before
        if " ".join(word.low for word in words[:last]) in PLACES:
            return span_words("place", words[:last], 0.6)
    preposed = chain.before in PLACE_BEFORE - {"of"} and chain.after not in VERBS_AFTER
    plain = all(w.text.isalpha() and not w.text.isupper() and w.low not in ORDINARY for w in words)
    if preposed and plain and len(words) <= 2 and words[0].low not in GIVEN_NAMES:
        return span_words("place", words, 0.5)
    return None
