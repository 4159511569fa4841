"""Find persons, organizations, places and products in Chinese, English and mixed text; print them.

Precision comes before recall, and spans are exact: `王化`, not `总经理王化` or `王化微`. Where each
kind is read: `rag.naming.persons_zh`, `rag.naming.organizations_zh`, `rag.naming.marked`,
`rag.naming.names_en`, `rag.naming.products`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from embeddings.gloss import Glossary, romanize
from rag.naming.cues_zh import COMPOUND_SURNAMES
from rag.naming.marked import find_marked
from rag.naming.names_en import find_latin_names
from rag.naming.organizations_zh import find_organizations, find_places
from rag.naming.persons_zh import find_persons
from rag.naming.products import find_marks
from rag.naming.tokens import (
    HAN,
    NameKind,
    Reading,
    fold_han,
    is_person_gloss,
    read_tokens,
)
from rag.types import Language
from rag.values import find_values

__all__ = ["Name", "NameKind", "find_names", "find_products", "format_name"]


@dataclass(frozen=True, slots=True)
class Name:
    """A name and where it stands: `text == source[start:end]`.

    Attributes:
        certainty: In (0, 1], higher is surer. From .9: the form and a cue beside it agree (a
            title and a surname, `有限公司`, a dot between sounds). From .7: a dictionary or a table
            knows it, or the form is plain. From .4: the form alone, or a cue alone.
    """

    kind: NameKind
    start: int
    end: int
    text: str
    certainty: float


def find_names(text: str, glossary: Glossary) -> list[Name]:
    """Find the names of a text in reading order; none overlap.

    A name within a longer one of another kind is not listed: no place in `北京大学`.

    Args:
        text: Any text, Chinese (in either script), English or mixed; an empty one gives nothing.
        glossary: Cuts Chinese into words, and knows which of them are names.
    """
    folded = fold_han(text)
    readings = find_latin_names(folded)
    chinese = _HAN.search(folded) is not None
    # Neither a Chinese name nor a ticker in brackets can stand in other text.
    tokens = read_tokens(folded, glossary) if chinese or "(" in folded else []
    if chinese:
        readings += find_persons(folded, tokens, glossary)
        readings += find_organizations(folded, tokens)
        readings += find_places(folded, tokens)
    if tokens:
        readings += find_marked(folded, tokens, readings)
    return [
        Name(kind, start, end, text[start:end], round(certainty, 3))
        for kind, start, end, certainty in _settle(readings)
    ]


def find_products(text: str, glossary: Glossary) -> list[Name]:
    """Find what is made or graded by a mark, in reading order: `A320`, `Android 12`, `麒麟9000S`.

    None is a date, an amount or the like; none overlap. They may lie in other names.
    """
    values = [value for value in find_values(text) if value.kind != "number"]
    return [
        Name(kind, start, end, text[start:end], certainty)
        for kind, start, end, certainty in find_marks(text, glossary)
        if not any(value.start < end and start < value.end for value in values)
    ]


def format_name(name_text: str, kind: NameKind, glossary: Glossary, language: Language) -> str:
    """Print a name for a reader of `language`.

    For a reader of English a Chinese person becomes `Wang Hua (王化)`; an organization or place
    its dictionary gloss, `Beijing (北京)`, or else pinyin by word. A name in Latin letters, and
    any name for a reader of Chinese, stays as it is.
    """
    if language == "zh" or not _HAN.search(name_text):
        return name_text
    folded = fold_han(name_text)
    read = _read_person if kind == "person" else _read_thing
    return f"{read(folded, glossary)} ({name_text})"


_KINDS: tuple[NameKind, ...] = ("organization", "person", "place")
_HAN = re.compile(f"[{HAN}]")
_PIECE = re.compile(f"[{HAN}]+|[^{HAN}]+")
_DOT = re.compile("[·•・‧]")
_GLOSS_NAME = re.compile(r"[A-Z][\w'.-]*(?: (?:of |and |the |for |de |& )*[A-Z][\w'.-]*)*")


def _settle(readings: Iterable[Reading]) -> list[Reading]:
    """Of readings that overlap keep one: within a kind the surer, across kinds the longer."""
    single: list[Reading] = []
    for kind in _KINDS:
        same = sorted(
            (reading for reading in readings if reading.kind == kind),
            key=lambda r: (-r.certainty, r.start - r.end, r.start),
        )
        single += _drop_overlaps(same)
    ranked = sorted(
        single, key=lambda r: (r.start - r.end, _KINDS.index(r.kind), -r.certainty, r.start)
    )
    return sorted(_drop_overlaps(ranked), key=lambda r: r.start)


def _drop_overlaps(ranked: Iterable[Reading]) -> list[Reading]:
    """Keep each reading that overlaps none before it; the order of the list is the rank."""
    kept: list[Reading] = []
    taken: set[int] = set()
    for reading in ranked:
        span = range(reading.start, reading.end)
        if taken.isdisjoint(span):
            kept.append(reading)
            taken.update(span)
    return kept


def _read_person(folded: str, glossary: Glossary) -> str:
    if _DOT.search(folded):
        parts = _DOT.split(folded)
        return " ".join(_find_gloss(part, glossary) or _spell(part) for part in parts)
    words = glossary.find_words(folded)
    if len(words) == 1:
        for gloss in words[0].glosses:
            if is_person_gloss(folded, gloss):
                return gloss
    size = 2 if folded[:2] in COMPOUND_SURNAMES else 1
    return f"{_spell(folded[:size])} {_spell(folded[size:])}".strip()


def _read_thing(folded: str, glossary: Glossary) -> str:
    """The words of a name: glosses that are names, and pinyin; single characters are one word."""
    pieces: list[str] = []
    single = ""
    for piece in _PIECE.findall(folded):
        for part in _cut(piece, glossary):
            if len(part) == 1 and _HAN.match(part):
                single += part
                continue
            pieces += [_spell(single), _find_gloss(part, glossary) or _spell(part)]
            single = ""
    pieces.append(_spell(single))
    return " ".join(" ".join(pieces).split())


def _cut(piece: str, glossary: Glossary) -> list[str]:
    return [word.text for word in glossary.find_words(piece)] or [piece]


def _find_gloss(part: str, glossary: Glossary) -> str:
    """The name that is the first gloss of a word, without `municipality` and the like."""
    words = glossary.find_words(part)
    if len(words) != 1 or not words[0].glosses:
        return ""
    name = _GLOSS_NAME.match(words[0].glosses[0])
    return name[0] if name else ""


def _spell(part: str) -> str:
    return "".join(romanize(part)).capitalize() if _HAN.search(part) else part.strip()
