"""Persons in Chinese text: `王化`, `罗福莉`, `欧阳修`, `卡万·肖特`, `马斯克`.

A Chinese name has no mark of its own, so each candidate, a surname and one or two characters,
is weighed: does the text cut into fewer words when it is taken as one, is there a title before
it or a verb of saying after it, is it followed by what may follow a name. A name that was found
once is taken wherever it stands again. A name written in sounds has its own characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from embeddings.gloss import Glossary
from rag.naming.cues_zh import (
    COMPOUND_SURNAMES,
    GIVEN_ANYWAY,
    JAPANESE_SURNAMES,
    KIN_AFTER,
    NOT_GIVEN,
    PLACE_SUFFIXES,
    SURNAMES,
    TITLE_AFTER,
    TRANSLITERATION,
    VERB_AFTER,
    WEAK_AFTER,
    WEAK_BEFORE,
    WEAK_SURNAMES,
)
from rag.naming.sounds_zh import DOT, HanText, all_sounds, find_dotted, find_sounds, has_title
from rag.naming.tokens import HAN, Reading, Token

_LONGER = COMPOUND_SURNAMES | JAPANESE_SURNAMES
_OPENINGS = SURNAMES | {surname[0] for surname in _LONGER}
_PREPOSITIONS = "于向和从"
_SIGN = re.compile(r" ?[、和与及/／&] ?")
IN_LIST = 0.7  # of the threshold is waived behind another name in a list
THRESHOLD = 3.0  # a run of three single characters (2.9) alone is no name; with a border it is
WINDOW = 7  # code points that are cut again to weigh a candidate
_NO_PERSON_BEFORE = re.compile(r"[0-9十百千万亿]$|台风[“\"「]?$")  # 5000余万元
_HAN_AT = re.compile(f"[{HAN}]+")


class _Candidate(NamedTuple):
    start: int
    end: int
    score: float


def find_persons(folded: str, tokens: Sequence[Token], glossary: Glossary) -> list[Reading]:
    """Return the persons that folded text names in Chinese characters, in no order.

    Readings may overlap; the surer one should win.
    """
    han = [token for token in tokens if not token.latin]
    inside = frozenset(n for token in han for n in range(token.start + 1, token.end))
    text = HanText(folded, {token.start: token for token in han}, inside, glossary)
    dotted = list(find_dotted(text))
    found = [*dotted, *_trim(text, list(_find_chinese(text))), *find_sounds(text)]
    found += _find_beside(text, found)
    return [*found, *_find_again(text, found)]


def _find_chinese(text: HanText) -> Iterator[Reading]:
    end = 0
    for start, letter in enumerate(text.folded):
        if letter not in _OPENINGS:
            continue
        if start < end or (start in text.inside and not has_title(text, start)):
            continue
        options = list(_weigh_candidates(text, start))
        if not options:
            continue
        best = max(options, key=lambda option: (option.score, option.end))
        if best.score >= THRESHOLD:
            end = best.end
            yield Reading("person", start, end, min(0.95, 0.3 + best.score / 10))


def _find_beside(text: HanText, found: Sequence[Reading]) -> Iterator[Reading]:
    """Names behind another in a list, for which less is asked: `王俊凯、王源`."""
    for name in found:
        end = name.end
        while sign := _SIGN.match(text.folded, end):
            options = list(_weigh_candidates(text, sign.end()))
            best = max(options, key=lambda option: (option.score, option.end), default=None)
            if best is None or best.score < THRESHOLD - IN_LIST or best.start in text.inside:
                break
            end = best.end
            yield Reading("person", best.start, end, 0.5)


def _trim(text: HanText, found: Sequence[Reading]) -> list[Reading]:
    """Take the last character off a name that was found more often without it: `王化|跨年`."""
    counts = Counter(text.folded[name.start : name.end] for name in found)
    return [
        name._replace(end=name.end - 1)
        if counts[text.folded[name.start : name.end - 1]]
        > counts[text.folded[name.start : name.end]]
        else name
        for name in found
    ]


def _weigh_candidates(text: HanText, start: int) -> Iterator[_Candidate]:
    size = _measure_surname(text, start)
    if size == 1 and text.folded[start : start + 1] not in SURNAMES:
        return
    word = text.words.get(start)
    known = word is not None and word.kind == "person"
    japanese = text.folded[start : start + size] in JAPANESE_SURNAMES
    if word is not None and word.named and not known and not (japanese and len(word.text) == size):
        return
    before = _weigh_before(text, start)
    if size == 1 and text.folded[start] in WEAK_SURNAMES and not known:
        before -= 2.0 if text.folded[start] in _PREPOSITIONS and before <= 0 else 1.0
    longest = 3 if japanese else 2
    for end in range(start + size + 1, start + size + longest + 1):
        if known and word is not None and end == word.end:
            yield _Candidate(start, end, max(THRESHOLD + 0.5, before + 3))
        elif _may_be_given(text, start + size, end) and not (
            japanese and _ends_in_word(text, start + size, end)
        ):
            gain = _weigh_cut(text, start, end)
            score = before + gain + _weigh_after(text, end)
            yield _Candidate(start, end, score - _weigh_words(text, start, start + size, end))


def _measure_surname(text: HanText, start: int) -> int:
    """How many characters the surname has that may begin at `start`, 1 where no longer one does."""
    for size in (3, 2):
        if text.folded[start : start + size] in _LONGER:
            return size
    return 1


def _ends_in_word(text: HanText, start: int, end: int) -> bool:
    """Whether words that name nothing stand in a Japanese given name: `福原爱|方面`."""
    word = text.words.get(end - 2)
    ends = word is not None and word.end == end and not word.named
    return ends or not NOT_GIVEN.isdisjoint(text.folded[start:end])


def _may_be_given(text: HanText, start: int, end: int) -> bool:
    given = text.folded[start:end]
    if len(given) < end - start or not _HAN_AT.fullmatch(given):
        return False
    if given[-1] in NOT_GIVEN and given[-1] not in GIVEN_ANYWAY:
        return False
    if given[0] in NOT_GIVEN and given[0] not in GIVEN_ANYWAY:
        return False
    if VERB_AFTER.match(text.folded, start) or TITLE_AFTER.match(text.folded, start):
        return False
    if given[-1] == "之" and KIN_AFTER.match(text.folded, end - 1):
        return False
    word = text.words.get(start)
    if len(given) == 2 and VERB_AFTER.match(text.folded, end - 1) and end - 1 not in text.inside:
        return False
    return word is None or not word.named or word.end > end


def _weigh_before(text: HanText, start: int) -> float:
    if has_title(text, start):
        return 2.0
    if _NO_PERSON_BEFORE.search(text.folded[max(0, start - 3) : start]):
        return -3.0
    return 0.5 if WEAK_BEFORE.search(text.folded[max(0, start - 1) : start]) else 0.0


def _weigh_after(text: HanText, end: int) -> float:
    if TITLE_AFTER.match(text.folded, end):
        return 2.0
    if VERB_AFTER.match(text.folded, end) or KIN_AFTER.match(text.folded, end):
        return 1.5
    return 0.5 if end == len(text.folded) or WEAK_AFTER.match(text.folded, end) else 0.0


def _weigh_cut(text: HanText, start: int, end: int) -> float:
    """How much cheaper the cut is with the name as one word, from -2 to 3."""
    run = _HAN_AT.match(text.folded, start, start + WINDOW)
    window = run[0] if run else ""
    whole = _price(text.glossary, window)
    return max(-2.0, min(3.0, whole - 1 - _price(text.glossary, window[end - start :])))


def _price(glossary: Glossary, run: str) -> float:
    words = glossary.find_words(run)
    return sum(1.0 if len(word.text) > 1 else 1.3 for word in words)


def _weigh_words(text: HanText, start: int, given: int, end: int) -> float:
    """What the dictionary says against a name: it begins with a word, or ends in one."""
    word = text.words.get(start)
    cost = 0.0
    if word is not None and word.end - start > 1 and word.end != given:
        cost += 0.5 if word.end == end or has_title(text, start) else 1.5
    if end in text.inside:
        cost += 0.5
    cost += 1.5 if _is_tail(text, start, end) else 0.0
    after = text.words.get(end)
    if after is not None and after.text in PLACE_SUFFIXES:
        cost += 1.5
    elif after is not None and len(after.text) == 1:
        # rather a longer name in sounds: `聂斯托利`
        cost += 1.0 if all_sounds(text.folded[given : end + 1]) else 0.0
    return cost


def _is_tail(text: HanText, start: int, end: int) -> bool:
    """Whether a candidate is rather the end of a name in sounds: `泽连斯基`."""
    before = text.words.get(start - 1)
    single = before is not None and before.end == start and before.text in TRANSLITERATION
    return single and all_sounds(text.folded[start:end])


def _find_again(text: HanText, found: Sequence[Reading]) -> Iterator[Reading]:
    """The names that were found, where they stand again; of a dotted one its last part too."""
    names = {text.folded[name.start : name.end]: name.certainty for name in found}
    for name in list(names):
        last = DOT.split(name)[-1]
        if last != name and len(last) > 1:
            names.setdefault(last, 0.85)
    for name, certainty in names.items():
        start = text.folded.find(name)
        while start >= 0:
            end = start + len(name)
            if start not in text.inside and (end not in text.inside or len(name) > 2):
                yield Reading("person", start, end, certainty - 0.05)
            start = text.folded.find(name, end)
