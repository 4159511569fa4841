"""What the quotes of a statement hold, read once: their words, values and the sounds in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from embeddings.fold import fold_text
from embeddings.gloss import Glossary, romanize
from rag.candidates import resolve_in_passage
from rag.match import Token, read_tokens
from rag.proof.figures import find_loose
from rag.proof.sounds import find_sounds
from rag.terms import HAN, gloss_terms, stem_words
from rag.types import Document, Evidence
from rag.values import Value, find_values

_RUN = re.compile(f"[{HAN}]+")
_AMERICAN = {"our": "or", "tre": "ter", "ise": "ize", "isa": "iza", "ising": "izing"}
_BRITISH = re.compile(
    r"(?<=[a-z]{2})(?:our(?=s?\b)|tre(?=s?\b)|ise(?=[sd]?\b)|isa(?=tion)|ising\b)"
)
_INITIALS = re.compile(r"\b(?:[A-Z]\.){2,}")
_LATIN = re.compile(rf"[^\W_{HAN}]+")


@dataclass(frozen=True, slots=True)
class Ground:
    """The quotes of one statement, read.

    Attributes:
        text: The quotes, folded, a line each.
        stems: English stems of the quotes' words, or of the glosses of Chinese ones.
        near: The same of the passages and headings, the quotes' own included.
        near_text: The passages and headings, folded.
        letters: The Latin words of the quotes in lower case, one space before and behind each.
        capitals: Those of them that begin with a capital, as written.
        pinyin: Of each Han run of the quotes, its syllables.
        sounds: The runs of the quotes that may spell foreign names.
        values: Of the quotes; dates resolved, and again as they stand where that differs.
        roots: Of the English words and glosses of the quotes, as `find_root` gives them.
        loose: The numerals of the quotes that belong to no value.
    """

    text: str
    stems: frozenset[str]
    near: frozenset[str]
    near_text: str
    letters: str
    capitals: tuple[str, ...]
    pinyin: tuple[tuple[str, ...], ...]
    sounds: tuple[str, ...]
    values: tuple[Value, ...]
    roots: frozenset[str]
    loose: frozenset[Decimal]


def read_ground(
    evidence: Sequence[Evidence], documents: Mapping[str, Document], glossary: Glossary
) -> Ground:
    """Read the quotes, each once, with the passages they stand in."""
    quotes = list({item.quote: item for item in evidence}.values())
    text = "\n".join(fold_text(item.quote.text) for item in quotes)
    around = list(dict.fromkeys(f"{i.hit.passage.heading}\n{i.hit.passage.text}" for i in quotes))
    values: list[Value] = []
    loose: frozenset[Decimal] = frozenset()
    for item in quotes:
        found = find_values(item.quote.text, language=item.hit.language)
        resolved = [resolve_in_passage(value, item, documents) for value in found]
        values += dict.fromkeys([*resolved, *found])
        loose |= find_loose(item.quote.text, found)
    runs = _RUN.findall(text)
    return Ground(
        text=text,
        stems=frozenset().union(*(_read_stems(item.quote.text, glossary) for item in quotes)),
        near=frozenset().union(*(_read_stems(passage, glossary) for passage in around)),
        near_text="\n".join(map(fold_text, around)),
        letters=f" {' '.join(_LATIN.findall(text.casefold()))} ",
        capitals=tuple({word for word in _LATIN.findall(text) if word[0].isupper()}),
        pinyin=tuple(romanize(run) for run in runs),
        sounds=tuple(find_sounds(text)),
        values=tuple(values),
        roots=_find_roots(text, glossary),
        loose=loose,
    )


@lru_cache(maxsize=500)
def _find_roots(text: str, glossary: Glossary) -> frozenset[str]:
    glosses = (gloss for word in glossary.find_words(text) for gloss in word.glosses)
    words = {word for part in (text, *glosses) for word in _LATIN.findall(_join_initials(part))}
    low = {word.casefold() for word in words if word[0].isupper()}
    known = low.union(*(names for names in ALIASES if names & low))
    return frozenset(find_root(word) for word in known)


def _join_initials(text: str) -> str:
    """`U.S.` becomes `US`."""
    return _INITIALS.sub(lambda match: match[0].replace(".", ""), text)


def spell_alike(text: str) -> str:
    """Spell `harbour`, `centre` and `organise` as `harbor`, `center` and `organize`."""
    return _BRITISH.sub(lambda match: _AMERICAN[match[0]], text)


@lru_cache(maxsize=500)
def read_words(text: str, glossary: Glossary) -> tuple[Token, ...]:
    """Return the words of a text as `rag.match.read_tokens` does, English ones spelt alike."""
    return tuple(
        replace(token, stems=token.stems | {_stem(spelt)})
        if (spelt := spell_alike(token.text)) != token.text
        else token
        for token in read_tokens(text, glossary)
    )


def _stem(word: str) -> str:
    return "".join(stem_words([word]))


@lru_cache(maxsize=500)
def _read_stems(text: str, glossary: Glossary) -> frozenset[str]:
    """The stems of all words; of a Chinese name such as 大桥 those of its characters too."""
    found = {stem for token in read_words(text, glossary) for stem in token.stems}
    for word in glossary.find_words(fold_text(text)):
        if len(word.text) > 1 and (not word.glosses or word.glosses[0][0].isupper()):
            for character in word.text:
                found.update(gloss_terms(character, glossary))
    return frozenset(found)


# Countries whose people and language are called otherwise than by an ending; in lower case.
ALIASES = tuple(
    frozenset(names.split())
    for names in (
        "us usa america american americans",
        "uk kingdom britain british briton britons england english",
        "spain spanish spaniard spaniards",
        "france french frenchman",
        "netherlands dutch holland",
        "denmark danish dane danes",
        "thailand thai thais",
        "poland polish pole poles",
        "greece greek greeks",
        "scotland scottish scots scot",
        "wales welsh",
        "ireland irish",
        "eu european europe europeans",
        "un nations",
    )
)
_ENDING = re.compile(r"(?:ians?|eans?|ans?|ns?|ese|ish|ics?|is?|ias?|as?|es?|eys?|ys?|o|lands?|s)$")
_LEAST_ROOT = 4  # letters; Turkey and Turkish share `turk`


def find_root(name: str) -> str:
    """Return what a country and its people have in common: `indones`, `turk`; lower case."""
    root = _ENDING.sub("", name)
    return root if len(root) >= _LEAST_ROOT else name
