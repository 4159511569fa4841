"""Where the words of a question stand in a sentence, in its language or the other.

A Chinese word is found as it is, or where another word shares an English gloss with it; an
English word is found by its stem, in Chinese text by the stems of the glosses.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from embeddings.fold import fold_text
from embeddings.gloss import Glossary, find_spelled, romanize
from rag.terms import HAN, gloss_terms, stem_words
from rag.understand import Concept

# How far a match can be trusted. Across languages a shared gloss is the best there is; within one
# it is weaker than the word itself: 发布 and 公布 share "announce", but so do words further apart.
EXACT, ACROSS, SHARED = 1.0, 0.9, 0.5
# A model name that goes on ("X100" in "X100 Pro") names another thing.
LONGER_NAME = 0.3
LONGEST_NAME = 30  # characters behind a model name in which it may go on
_Word = tuple[str, int, int, frozenset[str]]  # a word of folded text, its span there, its stems
_HAN = re.compile(f"[{HAN}]")
_LATIN = re.compile(rf"[^\W_{HAN}](?:(?:[^\W{HAN}]|[.,'’+-])*[^\W_{HAN}])?")
_NUMERAL = re.compile(r"(?<![\d.])\d[\d.,]*(?:万亿|千万|百万|亿|万|月)")  # 3月 is March, 2万 20,000
# A character with the marks that join it to one, and Korean letters that make a syllable.
_CLUSTER = re.compile(
    r"[\u1100-\u11ff]+|.[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f]*",
    re.DOTALL,
)
_NAME_GOES_ON = re.compile(
    rf"[ -]?(?:(?:[A-Z][A-Za-z]+|[0-9]*[A-Z][A-Z0-9]*)(?![^\W{HAN}]|[.%])|[0-9]+(?![\w.%]| [a-z]))"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, its span in it, folded, and the English stems that stand for it."""

    text: str
    start: int
    end: int
    stems: frozenset[str]


@dataclass(frozen=True, slots=True)
class Match:
    """A place where a concept of the question is met; `strength` in (0, 1]."""

    concept: Concept
    start: int
    end: int
    strength: float


def find_matches(concepts: Sequence[Concept], text: str, glossary: Glossary) -> list[Match]:
    """Return every place in `text` where one of `concepts` is met, in order.

    Spans are into `text` as it is. A place counts once a concept, at its best strength.
    """
    folded, offsets = fold_with_offsets(text)
    wanted = frozenset().union(*(concept.terms for concept in concepts))
    tokens = _place_tokens(_find_words(folded, glossary, wanted), offsets)
    found = [
        match
        for concept in concepts
        for match in (*_find_word(concept, folded, offsets), *_find_stems(concept, tokens))
    ]
    shown = [_weigh_name(match, text, concepts) for match in found]
    best: dict[tuple[Concept, int], Match] = {}
    for match in sorted(shown, key=lambda m: -m.strength):
        best.setdefault((match.concept, match.start), match)
    return sorted(best.values(), key=lambda m: (m.start, m.end, m.concept.text))


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """Return `text` folded, and for each folded character its place in `text`.

    One more place, the length of `text`, stands at the end.
    """
    folded = fold_text(text)
    if len(folded) == len(text) and not any(map(_expands, set(text))):
        return folded, list(range(len(text) + 1))
    pieces = [(match.start(), fold_text(match[0])) for match in _CLUSTER.finditer(text)]
    offsets = [place for place, piece in pieces for _ in piece]
    whole = folded if len(folded) == len(offsets) else "".join(piece for _, piece in pieces)
    return whole, [*offsets, len(text)]


@lru_cache(maxsize=1_000)
def read_tokens(text: str, glossary: Glossary) -> tuple[Token, ...]:
    """Return the words of `text`, Chinese ones as the glossary cuts them, and names by pinyin."""
    folded, offsets = fold_with_offsets(text)
    return tuple(_place_tokens(_find_words(folded, glossary, None), offsets))


def _find_words(folded: str, glossary: Glossary, wanted: frozenset[str] | None) -> Iterator[_Word]:
    """The words of folded text, or those alone that have a stem among `wanted`."""
    runs = glossary.cut_runs(folded)
    words = {word: _stem_word(word, glossary) for _, run in runs for word in run}
    if wanted is not None:
        words = {word: stems for word, stems in words.items() if not wanted.isdisjoint(stems)}
    for start, run in runs:
        if words.keys().isdisjoint(run):  # as in most, so that few are gone through: a third less
            continue
        for word in run:
            if word in words:
                yield word, start, start + len(word), words[word]
            start += len(word)
    for word, start, end, stems in _find_others(folded, runs, glossary):
        if wanted is None or not wanted.isdisjoint(stems):
            yield word, start, end, stems


def _find_others(
    folded: str, runs: Sequence[tuple[int, Sequence[str]]], glossary: Glossary
) -> Iterator[_Word]:
    """The characters of what may be names, by their pinyin, then Latin words and numerals."""
    for start, run in runs:
        for first, last in find_spelled(run):
            name = "".join(run[first:last])
            place = start + sum(map(len, run[:first]))
            for n, syllable in enumerate(romanize(name)[: len(name)], start=place):
                yield folded[n], n, n + 1, _stem_syllable(syllable)
    for match in (*_LATIN.finditer(folded), *_NUMERAL.finditer(folded)):
        yield match[0], *match.span(), _stem_word(match[0], glossary)


@lru_cache(maxsize=50_000)
def _stem_word(word: str, glossary: Glossary) -> frozenset[str]:
    return frozenset(gloss_terms(word, glossary))


@lru_cache(maxsize=1_000)
def _stem_syllable(syllable: str) -> frozenset[str]:
    return frozenset(stem_words([syllable]))


def _place_tokens(words: Iterable[_Word], offsets: Sequence[int]) -> list[Token]:
    """The words as tokens of the text itself, in its order."""
    tokens = [Token(word, *_place(start, end, offsets), stems) for word, start, end, stems in words]
    return sorted(tokens, key=lambda token: (token.start, token.end))


@lru_cache(maxsize=50_000)
def _expands(character: str) -> bool:
    return len(unicodedata.normalize("NFKC", character)) > 1


def _place(start: int, end: int, offsets: Sequence[int]) -> tuple[int, int]:
    """A span of folded text in the text itself: never empty, though one character may be many."""
    return offsets[start], max(offsets[end], offsets[end - 1] + 1)


def _find_word(concept: Concept, folded: str, offsets: list[int]) -> list[Match]:
    if not concept.han:
        return []
    return [
        Match(concept, *_place(*m.span(), offsets), EXACT)
        for m in re.finditer(re.escape(concept.han), folded)
    ]


def _find_stems(concept: Concept, tokens: Sequence[Token]) -> list[Match]:
    found = []
    for token in tokens:
        if concept.terms & token.stems:
            asked_in_han, stands_in_han = bool(concept.han), bool(_HAN.match(token.text))
            strength = (
                ACROSS if asked_in_han != stands_in_han else SHARED if asked_in_han else EXACT
            )
            found.append(Match(concept, token.start, token.end, strength))
    return found


def _weigh_name(match: Match, text: str, concepts: Sequence[Concept]) -> Match:
    concept = match.concept
    if not (
        concept.kind == "identifier"
        and any(c.isdigit() for c in concept.text)
        and any(map(str.isalpha, concept.text))
    ):
        return match
    shown = fold_text(text[match.start : match.end + LONGEST_NAME])
    after = _NAME_GOES_ON.match(shown, len(concept.text))
    asked = {other.text.casefold() for other in concepts}
    if after is None or after[0].strip(" -").casefold() in asked:
        return match
    return Match(concept, match.start, match.end, match.strength * LONGER_NAME)
