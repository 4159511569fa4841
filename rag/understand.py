"""Read a question: what kind of value it asks for, and which words must be found.

The words that ask ("when", "how many", 什么时候, 多少) say what the answer looks like and nothing
about where it stands, so they are cut out before the rest is taken apart into concepts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from embeddings.fold import fold_text
from embeddings.gloss import PARTICLES, Glossary, Word, romanize, spells_name
from embeddings.numerals import rewrite_numerals
from rag.asking.kinds import WEAK, Asked
from rag.asking.stated import cut_stated, find_stated
from rag.figures.dates import MONTHS
from rag.figures.numbers import print_number
from rag.figures.units import UNITS
from rag.glossing.initials import find_initials, list_abbreviations
from rag.language import detect_language
from rag.question_words import (
    CUT_WORDS,
    DIMENSIONS,
    EMPTY_WORDS,
    FILLER,
    MEASURED,
    RULES,
    SINGLE_WORDS,
)
from rag.terms import HAN, gloss_terms, stem_words
from rag.types import Language
from rag.values import Value, find_values

ConceptKind = Literal["word", "name", "identifier"]
LONGEST_HAN = 4  # words of a Chinese phrase that is abbreviated
MOST_SHOUTED = 3  # words in capitals that may all be abbreviations
LEAST_LARGE = 1000  # a number so large is a figure, however it is written
_HAN, _LATIN = re.compile(f"[{HAN}]"), re.compile("[A-Za-z]")
_ASKS_OTHERWISE = re.compile(
    r"(?:\w+ )?(?:what|which|who|whose|why|how)\b(?:(?!\band\b|,).)*\bwhen\b", re.IGNORECASE
)
_LATIN_WORD = re.compile(r"[^\W_][\w.,'’+-]*[^\W_]|[^\W_]")
_POSSESSIVE = re.compile(r"(?:(?<=s)['’]|['’]s)$")
_ABBREVIATIONS = re.compile(r"(?<=^[A-Z]{2})s$|(?<=^[A-Z]{3})s$|(?<=^[A-Z]{4})s$")  # EVs, CEOs
_COUNTING = re.compile(r"\bhow many\b|\bnumber of\b|多少|几(?!乎)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Concept:
    """A word of the question that evidence should hold.

    Attributes:
        text: As asked, folded.
        terms: English stems that stand for it in the gloss leg; pinyin for a Chinese name.
        han: The Chinese word itself, or "" for a Latin word or number.
        kind: An "identifier" holds a digit or is in capitals, `X7`, `2024`, `NASA`: it is written
            so in every language, and evidence without it is about another thing. A "name" begins
            with a capital, or is Chinese that the dictionary lacks: it has no synonym, but the
            other language may write it otherwise. A date or number is an identifier, too.
        alike: Other forms that stand for it: abbreviations of what is asked in full, and for an
            abbreviation what it stands for, in English and Chinese.
        value: Of a date, number or amount, which is met by what it means and not by `terms`.
    """

    text: str
    terms: frozenset[str]
    han: str = ""
    kind: ConceptKind = "word"
    alike: tuple[str, ...] = ()
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question, read.

    Attributes:
        text: As asked, without surrounding space.
        unit: What is counted, in the normal form of `rag.values` ("how many vehicles"), or None.
        bases: What is measured ("how tall"): base units, one of which the answer must have; empty
            for any.
        concepts: In the order of the question, without repeats.
    """

    text: str
    language: Language
    asked: Asked
    unit: str | None
    bases: tuple[str, ...]
    concepts: tuple[Concept, ...]


def read_question(text: str, glossary: Glossary) -> Question:
    """Read `text`; any text is a question, and one that asks for nothing known is "other"."""
    folded = " ".join(fold_text(text).split())
    language = detect_language(folded)
    asked, rest = _find_asked(folded, language)
    if asked == "other":  # "X7 的 launch date" asks in Chinese with an English word
        asked, rest = _find_asked_across(folded, language) or (asked, rest)
    rest, stated = cut_stated(folded, rest, find_stated(folded))
    if asked in CUT_WORDS:
        rest = CUT_WORDS[asked].sub(" ", rest)
    unit = _find_unit(folded, asked)
    words = _find_concepts(rewrite_numerals(FILLER.sub(" ", rest)), asked, glossary)
    return Question(
        text=text.strip(),
        language=language,
        asked=asked,
        unit=unit,
        bases=_find_bases(folded, unit) if asked == "number" else (),
        concepts=tuple(dict.fromkeys([*words, *(_read_stated(v, glossary) for v in stated)])),
    )


def _find_asked(folded: str, language: Language) -> tuple[Asked, str]:
    """Return what is asked for, and the question without the words that ask."""
    found = [
        (asked, match, kept)
        for asked, pattern, kept in RULES[language]
        if (match := pattern.search(folded)) and match[0].strip()
    ]
    if language == "en" and _ASKS_OTHERWISE.match(folded):  # "what happens when …"
        found = [item for item in found if item[1][0].casefold() != "when"]
    if not found:
        return "other", folded
    asked, match, kept = found[0]
    if not kept and asked not in WEAK:  # of two question words the first asks
        rivals = [item for item in found if not item[2] and item[0] not in WEAK]
        asked, match, _ = min(rivals, key=lambda item: item[1].start())
    return asked, folded if kept else f"{folded[: match.start()]} {folded[match.end() :]}"


def _find_asked_across(folded: str, language: Language) -> tuple[Asked, str] | None:
    """Ask the rules of the other language, where the question mixes both."""
    if not (_HAN.search(folded) and _LATIN.search(folded)):
        return None
    asked, rest = _find_asked(folded, "en" if language == "zh" else "zh")
    return (asked, rest) if asked != "other" else None


def _find_unit(folded: str, asked: Asked) -> str | None:
    """Put a number where the question word stands, and see what it counts.

    `个` and `件` count anything, so they name no unit.
    """
    if asked not in ("number", "amount", "duration"):
        return None
    place = _COUNTING.search(folded)
    if place is None:
        return None
    tried = f"{folded[: place.start()]} 5{folded[place.end() :]}"
    read = next((v for v in find_values(tried) if v.start <= place.start() + 1 < v.end), None)
    return read.unit if read is not None and read.unit != "item" else None


def _find_bases(folded: str, unit: str | None) -> tuple[str, ...]:
    if unit is not None and UNITS[unit].kind == "measure":
        return (UNITS[unit].base,)
    measured = (
        bases for pattern, bases in DIMENSIONS.items() if re.search(pattern, folded, re.IGNORECASE)
    )
    return next(measured, ())


def _read_stated(value: Value, glossary: Glossary) -> Concept:
    """The concept of a value; its terms are only counted, as far as they tell how rare it is."""
    day = value.date
    words = gloss_terms(value.text, glossary)
    if day is not None and (day.year is not None or day.month is not None):
        month = MONTHS[day.month - 1] if day.month else ""
        parts = (day.year, month, day.day)
        words = stem_words([str(part).casefold() for part in parts if part])
    elif value.number is not None and value.kind != "time":
        words = gloss_terms(print_number(value.number, "en"), glossary)
    large = value.number is not None and value.number >= LEAST_LARGE
    told = day is not None and (day.year or day.month or day.day)  # a match has quarters, too
    figure = bool(told) or large or any(c.isdigit() for c in value.text)
    meant = replace(value, start=0, end=len(value.text))
    kind: ConceptKind = "identifier" if figure else "word"
    return Concept(value.text, frozenset(words), kind=kind, value=meant)


def _find_concepts(rest: str, asked: Asked, glossary: Glossary) -> list[Concept]:
    return [*_find_han(rest, glossary), *_find_latin(rest, asked, glossary)]


def _find_han(rest: str, glossary: Glossary) -> Iterator[Concept]:
    words = glossary.find_words(rest)
    names = dict(_find_names(words, glossary))
    shorts = _find_short(words, glossary)
    n = 0
    while n < len(words):
        last = names.get(n, n + 1)
        text = rest[words[n].start : words[last - 1].end]
        if text not in PARTICLES and text not in EMPTY_WORDS:
            terms = frozenset(gloss_terms(text, glossary)) | set(
                stem_words(["".join(romanize(text))])
            )
            named = last > n + 1 or _is_named(words[n])
            kind: ConceptKind = "name" if named else "word"
            yield Concept(text, terms, text, kind, shorts.get(n, ()))
        n = last


def _find_short(words: Sequence[Word], glossary: Glossary) -> dict[int, tuple[str, ...]]:
    """Word -> the abbreviations of the longest phrase that it begins or goes on with."""
    shorts = list_abbreviations(glossary).shorts
    found: dict[int, tuple[str, ...]] = {}
    for size in range(1, LONGEST_HAN + 1):
        for n in range(len(words) - size + 1):
            short = shorts.get("".join(word.text for word in words[n : n + size]))
            if short is not None:
                found |= dict.fromkeys(range(n, n + size), short)
    return found


def _find_latin(rest: str, asked: Asked, glossary: Glossary) -> Iterator[Concept]:
    latin = re.sub(f"[{HAN}]+", " ", rest)
    found = list(_LATIN_WORD.finditer(latin))
    words = [_ABBREVIATIONS.sub("", _POSSESSIVE.sub("", match[0])) for match in found]
    known = list_abbreviations(glossary)
    shouted = len(words) > MOST_SHOUTED and latin.isupper()  # WHO OPENED THE BRIDGE?
    shorts: dict[int, tuple[str, ...]] = {}
    for first, last, short in (*find_initials(words), *known.find_shortened(words)):
        shorts |= dict.fromkeys(range(first, last), short)
    for n, (match, word) in enumerate(zip(found, words, strict=True)):
        stems = gloss_terms(word, glossary)
        if asked == "number" and word.casefold() in MEASURED:
            stems += stem_words([MEASURED[word.casefold()]])
        longs = () if shouted else known.longs.get(word, ())
        if stems or longs:  # "WHO" has no stem, for "who" is met everywhere
            opens = not latin[: match.start()].strip()
            alike = shorts.get(n) or longs
            yield Concept(word, frozenset(stems), "", _judge_kind(word, opens), alike)


def _find_names(words: Sequence[Word], glossary: Glossary) -> Iterator[tuple[int, int]]:
    """Give spans of words that may spell a name, cut where a word is surely none."""
    for first, last in glossary.find_names(words):
        start = first
        for n in range(first, last + 1):
            if n == last or words[n].text in SINGLE_WORDS:
                if n - start > 1:
                    yield start, n
                start = n + 1


def _is_named(word: Word) -> bool:
    """Whether a Chinese word is a name in the dictionary: English writes it with a capital.

    A person of old whose name is spelt (`Da Qiao` for 大桥) is not who is meant today.
    """
    if not word.glosses or not word.glosses[0][:1].isupper():
        return False
    return not spells_name(word.text, word.glosses[0])


def _judge_kind(word: str, opens: bool) -> ConceptKind:
    if any(c.isdigit() for c in word) or (len(word) > 1 and word.isupper()):
        return "identifier"
    return "name" if word[0].isupper() and not opens else "word"
