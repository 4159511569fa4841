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
from rag.asking.stated import compare_values
from rag.figures.dates import PartialDate
from rag.naming.pinyin import write_pinyin
from rag.terms import HAN, gloss_terms, stem_words
from rag.understand import Concept
from rag.values import Value, find_values

# How far a match can be trusted. Across languages a shared gloss is the best there is; within one
# it is weaker than the word itself: 发布 and 公布 share "announce", but so do words further apart.
EXACT, ACROSS, SHARED = 1.0, 0.9, 0.5
ALIKE = 0.8  # an abbreviation for what it stands for, or the reverse; a plural, a name by its sound
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
_ABBREVIATION = re.compile("[A-Z]{3,5}")
_BETWEEN = "(?: (?:of|the|and|for|in|on)){0,2}[ -]"  # words of a name that its initials pass over
# What a value may be read as where it stands as the question writes it: 2019款 is read as a count.
_MAY_BE = {
    "date": ("date", "number", "count"), "number": ("number", "count"), "count": ("number", "count")
}  # fmt: skip
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
        if concept.value is None
        for match in (
            *_find_word(concept, folded, offsets),
            *_find_stems(concept, tokens),
            *_find_alike(concept, folded, offsets),
        )
    ]
    found += _find_values(concepts, text, folded, offsets)
    shown = [_weigh_name(match, text, concepts) for match in found]
    best: dict[tuple[Concept, int], Match] = {}
    for match in sorted(shown, key=lambda m: -m.strength):
        best.setdefault((match.concept, match.start), match)
    return sorted(best.values(), key=lambda m: (m.start, m.end, m.concept.text))


def fold_with_offsets(text: str) -> tuple[str, Sequence[int]]:
    """Return `text` folded, and for each folded character its place in `text`.

    One more place, the length of `text`, stands at the end.
    """
    folded = fold_text(text)
    if len(folded) == len(text) and (text.isascii() or not any(map(_expands, set(text)))):
        return folded, range(len(text) + 1)
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
    for word, start, end, stems in _find_spelled(folded, runs):
        if wanted is None or not wanted.isdisjoint(stems):
            yield word, start, end, stems
    yield from _find_others(folded, glossary, wanted)


def _find_spelled(folded: str, runs: Sequence[tuple[int, Sequence[str]]]) -> Iterator[_Word]:
    """The characters of what may be names, by their pinyin."""
    for start, run in runs:
        for first, last in find_spelled(run):
            name = "".join(run[first:last])
            place = start + sum(map(len, run[:first]))
            for n, syllable in enumerate(romanize(name)[: len(name)], start=place):
                yield folded[n], n, n + 1, _stem_syllable(syllable)


def _find_others(folded: str, glossary: Glossary, wanted: frozenset[str] | None) -> Iterator[_Word]:
    """Latin words, then numerals."""
    for pattern in (_LATIN, _NUMERAL):
        words = {word: _stem_word(word, glossary) for word in pattern.findall(folded)}
        if wanted is not None:
            words = {w: stems for w, stems in words.items() if not wanted.isdisjoint(stems)}
        for match in pattern.finditer(folded) if words else ():  # in most texts there are none
            if match[0] in words:
                yield match[0], *match.span(), words[match[0]]


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


def _find_word(concept: Concept, folded: str, offsets: Sequence[int]) -> list[Match]:
    if not concept.han:
        return []
    return [
        Match(concept, *_place(*m.span(), offsets), EXACT)
        for m in re.finditer(re.escape(concept.han), folded)
    ]


def _find_alike(concept: Concept, folded: str, offsets: Sequence[int]) -> Iterator[Match]:
    """Where another form of the concept stands, the plural of a name included."""
    for pattern in _list_patterns(concept):
        for match in pattern.finditer(folded):
            strength = EXACT if match[0] == concept.text else ALIKE
            yield Match(concept, *_place(*match.span(), offsets), strength)


@lru_cache(maxsize=1_000)
def _list_patterns(concept: Concept) -> tuple[re.Pattern[str], ...]:
    forms = [_write_pattern(form) for form in concept.alike]
    if concept.kind != "word" and not concept.han:
        forms.append(rf"{re.escape(concept.text)}(?:['’]?s)?")
        if concept.text.endswith("s"):
            forms.append(re.escape(concept.text[:-1]))
        if concept.kind == "name" and (spelt := write_pinyin(concept.text)):
            forms.append(spelt)
        if _ABBREVIATION.fullmatch(concept.text):
            forms.append(_BETWEEN.join(rf"{letter}[a-z]+" for letter in concept.text))
    return tuple(re.compile(rf"(?<![A-Za-z\d]){form}(?![A-Za-z\d])") for form in forms)


def _write_pattern(form: str) -> str:
    if form.isupper():
        return rf"{re.escape(form)}(?:['’]?s)?"
    if _HAN.search(form):
        return re.escape(form)
    return f"(?i:{re.escape(form)}s?)".replace(r"\ ", "[ -]").replace(r"\-", "[ -]")


def _find_values(
    concepts: Sequence[Concept], text: str, folded: str, offsets: Sequence[int]
) -> Iterator[Match]:
    """Where a value is met by one that means the same or a part of it, or as it is written."""
    asked = [(concept, concept.value) for concept in concepts if concept.value is not None]
    told = find_values(text) if asked else []
    for concept, value in asked:
        for other, share in zip(told, compare_values(value, told), strict=True):
            if share:
                yield Match(concept, other.start, other.end, EXACT * share)
        for match in _write_literal(value).finditer(folded):
            start, end = _place(*match.span(), offsets)
            over = [other for other in told if other.start < end and start < other.end]
            same = all(other.kind in _MAY_BE.get(value.kind, ("number",)) for other in over)
            yield Match(concept, start, end, EXACT if same else SHARED)


@lru_cache(maxsize=1_000)
def _write_literal(value: Value) -> re.Pattern[str]:
    """As the question writes it; a year or number alone also beside other words than the asked."""
    day, forms = value.date, [re.escape(value.text)]
    if day is not None and value.until is None and day == PartialDate(day.year):
        forms.append(f"{day.year}")
    elif value.number is not None and value.high is None and value.kind not in ("time", "share"):
        forms += [f"{value.number:f}", f"{value.number:,f}"]
    form = "|".join(forms)
    return re.compile(rf"(?<![A-Za-z\d.])(?:{form})(?![A-Za-z\d%]|[.,]\d)", re.IGNORECASE)


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
        and concept.value is None
        and any(c.isdigit() for c in concept.text)
        and any(map(str.isalpha, concept.text))
    ):
        return match
    shown = fold_text(text[match.start : match.end + LONGEST_NAME])
    alone = shown.casefold().startswith(concept.text.casefold())
    after = _NAME_GOES_ON.match(shown, len(concept.text) if alone else match.end - match.start)
    asked = {_fold_plural(other.text) for other in concepts}
    if after is None or _fold_plural(after[0].strip(" -")) in asked:
        return match
    return Match(concept, match.start, match.end, match.strength * LONGER_NAME)


def _fold_plural(name: str) -> str:
    """A name in small letters, one of several as one of them: "Pros" as "Pro"."""
    return name.casefold().removesuffix("s")
