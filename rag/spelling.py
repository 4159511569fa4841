"""Mend words of a question that the documents do not hold: typos of Latin words.

A word is a typo only if neither the documents nor a dictionary know it, and it is mended only to a
word that the documents hold. So a question that is spelled well, about anything, stays as it is.
Words with a digit are names of things and never mended: X7 and X9 are two.
"""

from __future__ import annotations

import json
import re
import string
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from embeddings.fold import fold_text
from embeddings.gloss import VOCABULARY, Glossary
from rag.store import View
from rag.terms import HAN, lexical_terms, stem_words
from rag.types import LANGUAGES

SHORTEST = 4  # letters; most words of three are one letter from another
SHORTEST_NAME = 5  # of a word with a capital: names are in no dictionary
LONGEST = 30  # letters; the dictionary's longest word has 18, and time grows with their square
LONG = 8  # from here on two letters may be wrong
INTACT = 3  # letters at the start that a word with two wrong ones must have right
# Words that ask are held by no index; a typo in one of them is the nearest of all.
ASKING = frozenset("when where what which whose does were will would many much".split())
# A run of letters, in any width, without a digit beside it, also behind a hyphen.
_WORD = re.compile(rf"(?<![^\W{HAN}])(?<!\d-)[^\W\d_{HAN}]+(?![^\W{HAN}])(?!-\d)")
_ENDINGS = frozenset("s n d r y al an ed er es ic ly or um".split())
_PREFIXES = frozenset("a un re in bi co".split())
Count = Callable[[Sequence[str]], list[int]]


def correct_spelling(text: str, view: View, glossary: Glossary) -> str:
    """Return `text` with its typos mended, and all else as it is, capitals too.

    Wrong is one letter of a word of five to seven, two of a longer one: one more, one less, another
    or two exchanged; of a word of four, two exchanged. A word of more than `LONGEST` letters stays
    as it is. Of several words the nearest is taken: one
    with two letters exchanged before others, then one with the same first letter; then the one
    that most passages hold, then the first by alphabet.

    Args:
        text: A question, or another text.
        view: Of the index that is asked.
        glossary: Its English is the dictionary.
    """

    def count(words: Sequence[str]) -> list[int]:
        return _count_holders(words, view)

    pieces, end = [], 0
    for match in _find_unknown(text, view, glossary):
        found = _find_nearest(_fold_word(match[0]), _is_name(match), view, glossary, count)
        if found is not None:
            pieces += [text[end : match.start()], _copy_case(match[0], found)]
            end = match.end()
    return "".join([*pieces, text[end:]])


def _find_unknown(text: str, view: View, glossary: Glossary) -> list[re.Match[str]]:
    """The words that neither the documents nor, which is slower to read, the dictionary knows."""
    matches = [match for match in _WORD.finditer(text) if _may_be_typo(match)]
    words = [_fold_word(match[0]) for match in matches]
    counts = _count_holders(words, view)
    missing = [(m, word) for m, word, n in zip(matches, words, counts, strict=True) if not n]
    return [
        match
        for match, word in missing
        if any(stem not in _read_dictionary(glossary)[2] for stem in stem_words([word]))
    ]


def _may_be_typo(match: re.Match[str]) -> bool:
    word = _fold_word(match[0])
    plain = SHORTEST <= len(word) <= LONGEST and fold_text(match[0]).isascii()
    capitals = match[0].isupper() and not match.string.isupper()
    return plain and not capitals and not (_is_name(match) and len(word) < SHORTEST_NAME)


def _is_name(match: re.Match[str]) -> bool:
    return match[0][0].isupper() and bool(match.string[: match.start()].strip())


def _fold_word(word: str) -> str:
    return "".join(lexical_terms(fold_text(word)))


def _find_nearest(
    word: str, is_name: bool, view: View, glossary: Glossary, count: Count
) -> str | None:
    words, names, _ = _read_dictionary(glossary)
    held = [*(view.list_words(language) for language in LANGUAGES), names if is_name else words]
    chosen = _choose(word, set(_find_near(word, held)), count)
    if is_name:
        return chosen if chosen and chosen[0] == word[0] else None
    if chosen is None and len(word) >= LONG:
        chosen = _choose(word, {other for own in held for other in _find_far(word, own)}, count)
    return chosen


def _find_near(word: str, held: Sequence[Sequence[str]]) -> Iterator[str]:
    edited = sorted(_edit(word)) if len(word) > SHORTEST else sorted(_exchange(word))
    for words in (*held, sorted(ASKING)):
        yield from (other for other in edited if _holds(words, other))


def _holds(words: Sequence[str], word: str) -> bool:
    place = bisect_left(words, word)
    return place < len(words) and words[place] == word


def _edit(word: str) -> set[str]:
    """Every string at distance 1: a letter less, two exchanged, another, one more."""
    cuts = [(word[:n], word[n:]) for n in range(len(word) + 1)]
    letters = string.ascii_lowercase
    edited = {head + tail[1:] for head, tail in cuts if tail}
    edited |= {head + letter + tail[1:] for head, tail in cuts if tail for letter in letters}
    edited |= {head + letter + tail for head, tail in cuts for letter in letters}
    return (edited | _exchange(word)) - {word}


def _exchange(word: str) -> set[str]:
    places = range(len(word) - 1)
    swapped = {word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in places}
    return swapped - {word}


def _find_far(word: str, words: Sequence[str]) -> Iterator[str]:
    start = word[:INTACT]
    letters = set(word)
    for other in words[bisect_left(words, start) : bisect_left(words, start + "{")]:
        alike = abs(len(other) - len(word)) <= 2 and len(letters ^ set(other)) <= 4
        if alike and count_edits(word, other) == 2:
            yield other


def count_edits(word: str, other: str) -> int:
    """Return how many letters to take out, put in, change or exchange make `other` of `word`.

    It is the optimal string alignment distance: no letter takes part in two edits.
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for n, letter in enumerate(word, start=1):
        row = [n]
        for k, target in enumerate(other, start=1):
            cost = min(last[k] + 1, row[k - 1] + 1, last[k - 1] + (letter != target))
            if n > 1 and k > 1 and letter == other[k - 2] and word[n - 2] == target:
                cost = min(cost, before[k - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _choose(word: str, near: Iterable[str], count: Count) -> str | None:
    """The nearest, then the one held by most passages, then the first by alphabet."""
    words = sorted(near)
    exchanged = _exchange(word)
    held = [
        (other not in exchanged, other[0] != word[0], other not in ASKING, -n, other)
        for other, n in zip(words, count(words), strict=True)
        if other in ASKING or (n and not _is_derived(word, other))
    ]
    return min(held)[4] if held else None


def _is_derived(word: str, other: str) -> bool:
    """Whether `word` is `other` with an ending or a prefix: another word, spelled well."""
    ending, prefix = word.removeprefix(other), word.removesuffix(other)
    return ending in _ENDINGS or prefix in _PREFIXES


def _count_holders(words: Sequence[str], view: View) -> list[int]:
    """How many passages hold each word, by its stem, in either language."""
    stems = {word: "".join(stem_words([word])) for word in words}
    counts = [view.count_holders("gloss", lang, sorted(set(stems.values()))) for lang in LANGUAGES]
    return [sum(count.get(stems[word], 0) for count in counts) for word in words]


@lru_cache(maxsize=2)
def _read_dictionary(glossary: Glossary) -> tuple[tuple[str, ...], tuple[str, ...], frozenset[str]]:
    """The English words of the glossary, sorted; its names alone; the stems that are known."""
    text = " ".join(gloss for glosses in glossary.table.values() for gloss in glosses)
    found = set(re.findall(rf"[A-Za-z]{{{SHORTEST},}}", text))
    words = tuple(sorted({word.lower() for word in found}))
    names = tuple(sorted({word.lower() for word in found if word[0].isupper()}))
    return words, names, frozenset(stem_words([*words, *_read_vocabulary()]))


def _read_vocabulary() -> list[str]:
    """The English words that the bundled encoder knows; none where it is not installed."""
    try:
        pieces = json.loads(VOCABULARY.read_text(encoding="utf-8"))["model"]["vocab"]
    except FileNotFoundError:
        return []
    return [piece for piece in pieces if piece.isascii() and piece.isalpha()]


def _copy_case(word: str, mended: str) -> str:
    if word.isupper():
        return mended.upper()
    return mended.capitalize() if word[0].isupper() else mended
