"""Read a question: what kind of value it asks for, and which words must be found.

The words that ask ("when", "how many", 什么时候, 多少) say what the answer looks like and nothing
about where it stands, so they are cut out before the rest is taken apart into concepts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from embeddings.fold import fold_text
from embeddings.gloss import PARTICLES, Glossary, romanize
from rag.language import detect_language
from rag.question_words import CUT_WORDS, FILLER, RULES, Asked
from rag.terms import HAN, gloss_terms
from rag.types import Language
from rag.values import find_values


@dataclass(frozen=True, slots=True)
class Concept:
    """A word of the question that evidence should hold.

    Attributes:
        text: As asked, folded.
        terms: English stems that stand for it in the gloss leg; pinyin for a Chinese name.
        han: The Chinese word itself, or "" for a Latin word or number.
        name: Whether it is written as a name, model or number is: `SU7`, `Lei Jun`, `2024`. A
            name has few synonyms, so evidence without it is suspect.
    """

    text: str
    terms: frozenset[str]
    han: str = ""
    name: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question, read.

    Attributes:
        text: As asked, without surrounding space.
        unit: What is counted, in the normal form of `rag.values` ("how many vehicles"), or None.
        concepts: In the order of the question, without repeats.
    """

    text: str
    language: Language
    asked: Asked
    unit: str | None
    concepts: tuple[Concept, ...]


def read_question(text: str, glossary: Glossary) -> Question:
    """Read `text`; any text is a question, and one that asks for nothing known is "other"."""
    folded = " ".join(fold_text(text).split())
    language = detect_language(folded)
    asked, rest = _find_asked(folded, language)
    if asked in CUT_WORDS:
        rest = CUT_WORDS[asked].sub(" ", rest)
    return Question(
        text=text.strip(),
        language=language,
        asked=asked,
        unit=_find_unit(folded, asked),
        concepts=tuple(dict.fromkeys(_find_concepts(FILLER.sub(" ", rest), glossary))),
    )


_NAME = re.compile(r"[A-Za-z]*\d[\w.]*|[A-Z][\w]*|\d[\d.,]*")


def _find_asked(folded: str, language: Language) -> tuple[Asked, str]:
    """Return what is asked for, and the question without the words that ask."""
    for asked, pattern, kept in RULES[language]:
        match = pattern.search(folded)
        if match and match[0].strip():
            return asked, folded if kept else f"{folded[: match.start()]} {folded[match.end() :]}"
    return "other", folded


def _find_unit(folded: str, asked: Asked) -> str | None:
    """Put a number where the question word stands, and see what it counts."""
    if asked not in ("number", "amount", "duration"):
        return None
    tried = re.sub(r"\bhow many\b|\bnumber of\b|多少|几(?!乎)", " 5 ", folded, count=1, flags=re.I)
    if tried == folded:
        return None
    return next((value.unit for value in find_values(tried) if value.unit), None)


def _find_concepts(rest: str, glossary: Glossary) -> list[Concept]:
    concepts: list[Concept] = []
    words = glossary.find_words(rest)
    names = dict(glossary.find_names(words))
    n = 0
    while n < len(words):
        last = names.get(n, n + 1)
        text = rest[words[n].start : words[last - 1].end]
        if text not in PARTICLES:
            terms = frozenset(gloss_terms(text, glossary)) | {"".join(romanize(text))}
            concepts.append(Concept(text, terms, han=text, name=last > n + 1))
        n = last
    latin = re.sub(f"[{HAN}]+", " ", rest)
    for match in re.finditer(r"[^\W_][\w.,'’+-]*[^\W_]|[^\W_]", latin):
        stems = gloss_terms(match[0], glossary)
        if stems:
            first = match.start() == 0 or not latin[: match.start()].strip()
            name = bool(_NAME.fullmatch(match[0])) and not (first and match[0].istitle())
            concepts.append(Concept(match[0], frozenset(stems), name=name))
    return concepts
