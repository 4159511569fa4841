"""Whether the names and identifiers of a statement are those of its quotes.

A name is met as it is written, by its gloss, by its pinyin, or across languages by its sound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from embeddings.fold import fold_text
from embeddings.gloss import Glossary, read_table, romanize
from rag.names import Name, find_names
from rag.naming.chains_en import Chain, Word, chain_words, read_words
from rag.naming.cues_en import MONTHS_AND_DAYS, NOT_NAMES, PLACES, TITLES_LOWER
from rag.naming.tokens import fold_han
from rag.proof.ground import Ground, find_root, spell_alike
from rag.proof.sounds import find_sounds, sounds_like
from rag.terms import HAN, gloss_terms, stem_words

Span = tuple[int, int]

HALF = 0.5  # of a long name must be met, more in Chinese: languages shorten names; by judgement
_HAN = re.compile(f"[{HAN}]")
_DOT = re.compile("[·•・‧]")
_CODE = re.compile(rf"(?<![^\W{HAN}])(?=[^\W{HAN}]*\d)[^\W_{HAN}]+(?:[-.][^\W_{HAN}]+)*")
_SORTS = frozenset("Party City Republic Company Corporation of the and".split())
_NUMBER = re.compile(r"[\d.]+(?:st|nd|rd|th|s)?", re.IGNORECASE)
_TAIL = re.compile(r"[ -]?([A-Z][A-Za-z]*|[0-9]*[A-Z][A-Z0-9]*)(?![^\W\d_])")
_SHORTENED = frozenset(
    "jan feb mar apr jun jul aug sep sept oct nov dec phd i'm i'll i've i'd".split()
)
_NO_NAMES = MONTHS_AND_DAYS | NOT_NAMES | TITLES_LOWER | _SHORTENED


def find_unheld_names(
    text: str, taken: Sequence[Span], ground: Ground, glossary: Glossary
) -> tuple[list[Span], list[Span]]:
    """Return the spans of all names and identifiers of a statement, and of those not held.

    Args:
        text: The statement.
        taken: Spans of its values, whose words are no names.
        ground: What the quotes hold.
        glossary: Knows how names are written in the other language.
    """
    folded = fold_han(text)
    names = find_names(text, glossary)
    across = bool(_HAN.search(ground.text))
    spans: list[Span] = []
    unheld: list[Span] = []
    for chain in chain_words(folded, read_words(folded)):
        words = [word for word in _pick_words(chain, names) if not _is_taken(word, taken)]
        spans += [(word.start, word.end) for word in words]
        unheld += _check_chain(words, names, ground, glossary, across=across)
    for name in names:
        if _HAN.search(name.text):
            spans.append((name.start, name.end))
            if not _holds_han(name, ground, glossary):
                unheld.append((name.start, name.end))
    for match in _CODE.finditer(folded):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            spans.append(match.span())
            if not _holds_code(match, folded, ground):
                unheld.append(match.span())
    return spans, unheld


def _is_taken(word: Word, taken: Sequence[Span]) -> bool:
    return any(start < word.end and word.start < end for start, end in taken)


def _pick_words(chain: Chain, names: Sequence[Name]) -> Iterator[Word]:
    """The words of a chain that must be met: capitalised, and not for opening a sentence."""
    for n, word in enumerate(chain.words):
        if not word.cap or word.low in _NO_NAMES or word.low.removesuffix(".") in _NO_NAMES:
            continue
        named = any(name.start <= word.start < name.end for name in names)
        inner = any(c.isupper() or c.isdigit() for c in word.text[1:])
        if n or not chain.opens or named or inner or not _is_ordinary(word.low):
            yield word


def _is_ordinary(word: str) -> bool:
    """Whether English writes the word without a capital, so that it opens a sentence as itself."""
    return not word.isalpha() or set(stem_words([word])) <= _list_ordinary()


@cache
def _list_ordinary() -> frozenset[str]:
    """The stems of all words in lower case by which the dictionary explains Chinese ones."""
    glosses = {gloss for glosses in read_table().values() for gloss in glosses}
    return frozenset(
        stem_words([word for word in set(" ".join(glosses).split()) if word.islower()])
    )


def _check_chain(
    words: Sequence[Word],
    names: Sequence[Name],
    ground: Ground,
    glossary: Glossary,
    *,
    across: bool,
) -> list[Span]:
    missed = [word for word in words if not _holds_latin(word.text, ground, glossary)]
    if across and missed and not any(c.isdigit() for word in words for c in word.text):
        last = words[-1]
        person = any(
            name.kind == "person" and name.start <= last.start < name.end for name in names
        )
        if person and last not in missed and "·" not in ground.text:
            return []
        if not person and len(words) > 1 and len(missed) < HALF * len(words):
            return []
    return [(word.start, word.end) for word in missed]


def _holds_latin(word: str, ground: Ground, glossary: Glossary) -> bool:
    parts = [part for part in re.split(r"[-.&']", fold_text(word)) if part]
    joined = "".join(parts).casefold()
    if f" {joined} " in ground.letters or find_root(joined) in ground.roots:
        return True
    alike = (spell_alike(part) for part in parts)
    if all(set(gloss_terms(part, glossary)) <= ground.stems for part in alike):
        return True
    if any(_spells(joined, syllables) for syllables in ground.pinyin):
        return True
    return joined not in PLACES and any(sounds_like(joined, run) for run in ground.sounds)


def _spells(letters: str, syllables: Sequence[str]) -> bool:
    """Whether two or more neighbouring syllables, or a single one, make up the letters."""
    for first in range(len(syllables)):
        spelt = ""
        for syllable in syllables[first:]:
            spelt += syllable
            if spelt == letters:
                return True
            if not letters.startswith(spelt):
                break
    return False


def _holds_han(name: Name, ground: Ground, glossary: Glossary) -> bool:
    folded = fold_text(name.text)
    if folded in ground.text or _holds_pinyin(folded, ground):
        return True
    words = glossary.find_words(_DOT.sub("", folded))
    if name.kind == "person" and len(words) > 1:
        last = _DOT.split(folded)[-1]
        return (last != folded and last in ground.text) or _holds_sound(last, ground)
    held = sum(
        len(word.text)
        for word in words
        if (len(word.text) > 1 and word.text in ground.text) or _holds_gloss(word.glosses, ground)
    )
    known = len(words) == 1 and words[0].glosses
    return held > HALF * len(folded) or (not known and _holds_sound(folded, ground))


def _holds_gloss(glosses: Sequence[str], ground: Ground) -> bool:
    """Whether a gloss stands in the quotes, but for what sort of thing it is ("Party")."""
    for gloss in glosses:
        words = [word for word in re.findall(r"[^\W_]+", gloss) if word not in _SORTS]
        if words and all(_holds_word(word, ground) for word in words):
            return True
    return False


def _holds_word(word: str, ground: Ground) -> bool:
    if word[0].isupper() and find_root(word.casefold()) in ground.roots:
        return True
    stems = stem_words([word.casefold()])
    return bool(stems) and set(stems) <= ground.stems


def _holds_pinyin(folded: str, ground: Ground) -> bool:
    """Whether the name stands there in pinyin, family name first or last: `Wang Hua`."""
    syllables = romanize(folded)
    if len(syllables) < 2:
        return False
    cuts = [("".join(syllables[:n]), "".join(syllables[n:])) for n in (1, 2) if n < len(syllables)]
    forms = ["".join(syllables), " ".join(syllables)]
    forms += [f"{one} {two}" for first, rest in cuts for one, two in ((first, rest), (rest, first))]
    return any(f" {form} " in ground.letters for form in forms)


def _holds_sound(folded: str, ground: Ground) -> bool:
    return bool(find_sounds(folded)) and any(
        sounds_like(word, folded, whole=True) for word in ground.capitals
    )


def _holds_code(match: re.Match[str], folded: str, ground: Ground) -> bool:
    code = fold_text(match[0]).casefold()
    if _NUMBER.fullmatch(code):
        digits = re.sub(r"[^\d.]", "", code)
        return any(str(number) == digits for number in ground.loose) or _stands(digits, ground)
    places = [m.end() for m in re.finditer(re.escape(code), ground.text.casefold())]
    places = [end for end in places if not ground.text[end : end + 1].isdigit()]
    stated = folded.casefold()
    return any(
        tail is None or tail[1].casefold() in stated
        for tail in (_TAIL.match(ground.text, end) for end in places)
    )


def _stands(digits: str, ground: Ground) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(digits)}(?!\d)", ground.text) is not None
