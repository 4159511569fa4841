"""English words to Chinese ones: the glossary read backwards, for a reader's aid.

Of the Chinese words that share a gloss the common one is taken that means little else. This is
no translation: an English word of many meanings gets the Chinese word of one of them.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Mapping, Sequence
from functools import lru_cache

import Stemmer

from embeddings.gloss import PARTICLES, Glossary, read_ranks
from rag.glossing.frequent import BASES, ENGLISH

LONGEST_PHRASE = 4  # words; longer glosses explain rather than name
# What it costs a Chinese word to have the English one as its second, third ... gloss
_PLACES = (0.0, 2.0, 3.0, 3.5, 4.0, 4.5)
_CHARACTERS = 3000  # that stand alone as words; rarer ones are parts of words
_SENSE = 0.2  # for each sense that a Chinese word has
_UNRANKED = 8.0  # a word of the dictionary that the vocabulary of the encoder lacks
_CHOSEN = -4.0
_LETTER = 0.5  # for each letter that a form in the text has more than the gloss
_MISSING = 3.0  # for each letter that the gloss has more: no `remains` for `remained`
_MOST_MISSING = 1  # letter; `pacifism` is not `Pacific`, though their stems are the same
_LOWERED = 1.0  # for a capitalised word that is read as a common one
_NONE = (math.inf, "")
_ENGLISH = re.compile(r"[A-Za-z]+(?:[ '’-][A-Za-z]+)*")
_PLACEHOLDERS = frozenset({"sb", "sth", "one's", "sb's", "etc"})


class ReversedGlossary:
    """Finds Chinese words for English words and phrases.

    Args:
        table: Chinese word -> glosses, best known first.
        ranks: How common Chinese words are, from 1, the most common.
    """

    def __init__(self, table: Mapping[str, Sequence[str]], ranks: Mapping[str, int]) -> None:
        best = _choose_words(table, ranks)
        parts = list({part for surface in best for part in surface.split()})
        stem = dict(zip(parts, _stem_words(parts), strict=True))
        self._by_stems: dict[str, list[tuple[str, float, str]]] = {}
        self._longest: dict[str, int] = {}
        for surface, (cost, word) in best.items():
            stems = [stem[part] for part in surface.split()]
            self._by_stems.setdefault(" ".join(stems), []).append((surface, cost, word))
            self._longest[stems[0]] = max(self._longest.get(stems[0], 0), len(stems))

    def find_longest(self, words: Sequence[str]) -> tuple[int, str]:
        """Return how many of `words`, from the first, a gloss covers, and the Chinese word for it.

        The longest gloss wins, in whatever form its words stand; (0, "") where there is none. A
        gloss with capitals is met only by the same capitals: no `China` for `china`.
        """
        based = [BASES.get(word.casefold(), word) for word in words[:LONGEST_PHRASE]]
        stems = _stem_words(based)
        for n in range(min(len(stems), self._longest.get(stems[0], 0) if stems else 0), 0, -1):
            word = self._find_form(" ".join(based[:n]), " ".join(stems[:n]))
            if word:
                return n, word
        for form in _drop_degree(based[0]) if based else ():
            word = self._find_form(form, _stem_words([form])[0])
            if word:
                return 1, word
        return 0, ""

    def _find_form(self, phrase: str, stems: str) -> str:
        costs = [
            (cost + _tell_apart(phrase, surface), word)
            for surface, cost, word in self._by_stems.get(stems, ())
            if surface == surface.casefold() or surface == phrase
        ]
        cost, word = min(costs, default=_NONE)
        return word if cost < math.inf else ""


@lru_cache(maxsize=2)
def reverse_glossary(glossary: Glossary) -> ReversedGlossary:
    """Return the glossary read backwards; made once, in half a second."""
    return ReversedGlossary(glossary.table, read_ranks())


def _stem_words(words: Sequence[str]) -> list[str]:
    stems: list[str] = _LOCAL.stemmer.stemWords([word.casefold() for word in words])
    return stems


class _Local(threading.local):
    """One stemmer a thread: it keeps state while it works."""

    def __init__(self) -> None:
        self.stemmer = Stemmer.Stemmer("english")


_LOCAL = _Local()


def _choose_words(
    table: Mapping[str, Sequence[str]], ranks: Mapping[str, int]
) -> dict[str, tuple[float, str]]:
    """English gloss -> the cost of the cheapest Chinese word that has it, and the word."""
    rarity = _weigh_words(ranks)
    best: dict[str, tuple[float, str]] = {}
    for word, glosses in table.items():
        if word in PARTICLES or (ranks and len(word) == 1 and word not in rarity):
            continue
        common = rarity.get(word, _UNRANKED) + _SENSE * len(glosses)
        for place, gloss in enumerate(glosses[: len(_PLACES)]):
            surface = gloss.replace("-", " ")
            choice = (common + _PLACES[place], word)
            if choice < best.get(surface, _NONE) and _is_plain(surface, rare=word not in ranks):
                best[surface] = choice
    best.update((surface, (_CHOSEN, word)) for surface, word in ENGLISH.items())
    return best


def _weigh_words(ranks: Mapping[str, int]) -> dict[str, float]:
    """What each word costs: the more, the rarer it is. Characters cost what their words tell."""
    weights: dict[str, float] = {}
    rarity: dict[str, float] = {}
    for word, rank in ranks.items():
        rarity[word] = math.log2(1 + rank / 300)
        for character in word:
            weights[character] = weights.get(character, 0.0) + 1 / (rank + 100)
    by_weight = sorted(weights, key=lambda character: -weights[character])
    for place, character in enumerate(by_weight[:_CHARACTERS], start=1):
        rarity[character] = 2.5 + math.log2(1 + place / 100)
    return rarity


def _is_plain(surface: str, *, rare: bool) -> bool:
    """Whether a gloss is a word, or a phrase that is met; a rare word's is a mere explanation."""
    parts = surface.split(" ")
    return (
        len(parts) <= LONGEST_PHRASE
        and not (rare and len(parts) > 1 and surface == surface.casefold())
        and _ENGLISH.fullmatch(surface) is not None
        and _PLACEHOLDERS.isdisjoint(parts)
    )


def _drop_degree(word: str) -> list[str]:
    """What `larger`, `biggest` or `earliest` may be a degree of, `large` first."""
    stem = re.sub(r"(?:er|est)$", "", word)
    if len(stem) < 3 or stem == word:
        return []
    shorter = [stem[:-1]] if stem[-1] == stem[-2] else []
    return [f"{stem}e", stem, *shorter, *([f"{stem[:-1]}y"] if stem[-1] == "i" else [])]


def _tell_apart(phrase: str, surface: str) -> float:
    """How far the words in the text are from those of the gloss, which have the same stems."""
    pairs = zip(phrase.casefold().split(), surface.casefold().split(), strict=True)
    lowered = phrase[:1].isupper() and surface == surface.casefold()
    return sum(_tell_words_apart(*pair) for pair in pairs) + _LOWERED * lowered


def _tell_words_apart(word: str, plain: str) -> float:
    """Count the letters from the first that differs."""
    letters = enumerate(zip(word, plain, strict=False))
    common = next((n for n, (a, b) in letters if a != b), min(len(word), len(plain)))
    missing = len(plain) - common
    if missing > _MOST_MISSING:
        return math.inf
    return _LETTER * (len(word) - common) + _MISSING * missing
