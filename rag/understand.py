"""Read a question: what kind of value it asks for, and which words must be found.

The words that ask ("when", "how many", 什么时候, 多少) say what the answer looks like and nothing
about where it stands, so they are cut out before the rest is taken apart into concepts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from embeddings.fold import fold_text
from embeddings.gloss import PARTICLES, Glossary, Word, romanize, spells_name
from embeddings.numerals import rewrite_numerals
from rag.asking.kinds import WEAK, Asked
from rag.figures.units import UNITS
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
from rag.values import find_values

ConceptKind = Literal["word", "name", "identifier"]
_HAN, _LATIN = re.compile(f"[{HAN}]"), re.compile("[A-Za-z]")
_ASKS_OTHERWISE = re.compile(
    r"(?:\w+ )?(?:what|which|who|whose|why|how)\b(?:(?!\band\b|,).)*\bwhen\b", re.IGNORECASE
)
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
            other language may write it otherwise.
    """

    text: str
    terms: frozenset[str]
    han: str = ""
    kind: ConceptKind = "word"


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
    if asked in CUT_WORDS:
        rest = CUT_WORDS[asked].sub(" ", rest)
    unit = _find_unit(folded, asked)
    return Question(
        text=text.strip(),
        language=language,
        asked=asked,
        unit=unit,
        bases=_find_bases(folded, unit) if asked == "number" else (),
        concepts=tuple(
            dict.fromkeys(_find_concepts(rewrite_numerals(FILLER.sub(" ", rest)), asked, glossary))
        ),
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


def _find_concepts(rest: str, asked: Asked, glossary: Glossary) -> list[Concept]:
    concepts: list[Concept] = []
    words = glossary.find_words(rest)
    names = dict(_find_names(words, glossary))
    n = 0
    while n < len(words):
        last = names.get(n, n + 1)
        text = rest[words[n].start : words[last - 1].end]
        if text not in PARTICLES and text not in EMPTY_WORDS:
            terms = frozenset(gloss_terms(text, glossary)) | set(
                stem_words(["".join(romanize(text))])
            )
            named = last > n + 1 or _is_named(words[n])
            concepts.append(Concept(text, terms, text, "name" if named else "word"))
        n = last
    latin = re.sub(f"[{HAN}]+", " ", rest)
    for match in re.finditer(r"[^\W_][\w.,'’+-]*[^\W_]|[^\W_]", latin):
        stems = gloss_terms(match[0], glossary)
        if asked == "number" and match[0].casefold() in MEASURED:
            stems += stem_words([MEASURED[match[0].casefold()]])
        if stems:
            opens = not latin[: match.start()].strip()
            concepts.append(Concept(match[0], frozenset(stems), "", _judge_kind(match[0], opens)))
    return concepts


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
