"""Chinese text as the name finders read it: folded one for one, cut into words, each with its kind.

`read_tokens` gives the words of the Han runs and the Latin words between them in one list. A
word that the dictionary knows as a name carries the kind that its gloss tells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from embeddings.fold import fold_text
from embeddings.gloss import Glossary, romanize
from rag.figures.numbers import fold_characters
from rag.naming.cues_en import GIVEN_NAMES
from rag.naming.cues_en import PLACES as PLACES_EN
from rag.naming.cues_zh import (
    COMPOUND_SURNAMES,
    HOMOGRAPH_ORGANIZATIONS,
    ORGANIZATIONS,
    PEOPLE_ENDINGS,
    PLACE_SUFFIXES,
    PLACES,
    SURNAMES,
    TRANSLITERATION,
)

NameKind = Literal["person", "organization", "place", "product"]
HAN = r"\u3400-\u9fff"
MAX_JOINED = 4  # tokens of a name that the dictionary cuts apart
_OPENINGS = frozenset(name[0] for name in PLACES | ORGANIZATIONS)
_HAN_RUN = re.compile(f"[{HAN}]+")
_NOT_HAN = re.compile(f"[^{HAN}]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[.&'-][A-Za-z0-9]+)*")
_PLACE_GLOSS = re.compile(
    r"\b(?:county|city|district|province|prefecture|municipality|town|township|islands?|rivers?|"
    r"mountains?|lake|sea|capital|peninsula|ocean|region|bay|strait|desert|plateau|basin|state|"
    r"river|country|port|suburban|canton|gulf|continent|banner|pref|peak)\b|\bMt\b",
    re.IGNORECASE,
)
_ORGANIZATION_GLOSS = re.compile(
    r"\b(?:Company|Corporation|Corp|Inc|Bank|University|College|Association|Organization|Commission|"
    r"Committee|Party|Ministry|Agency|Union|League|Council|Federation|Institute|Academy|Bureau|"
    r"Administration|Army|Congress|Airlines?|Group|Limited|Press|Daily|Times|Foundation|Court|"
    r"Department|NATO|Television|Society|Motors)\b"
)


class Token(NamedTuple):
    """A word and its span; `kind` is what the dictionary or a table says it names, else None.

    `named` says that the first gloss is capitalised: a name of some kind.
    """

    text: str
    start: int
    end: int
    kind: NameKind | None
    named: bool
    latin: bool


class Reading(NamedTuple):
    """A span that was read as a name of a kind, and how sure that is, in (0, 1]."""

    kind: NameKind
    start: int
    end: int
    certainty: float


def fold_han(text: str) -> str:
    """Fold full-width signs and traditional characters one for one: the length stays."""
    text = fold_characters(text)
    runs = list(_HAN_RUN.finditer(text))
    if not runs:
        return text
    folded = fold_text(_NOT_HAN.sub(".", text))
    if len(folded) != len(text):  # a phrase changed its length: take each character alone
        folded = "".join(c if len(f := fold_text(c)) != 1 else f for c in text)
    pieces: list[str] = []
    end = 0
    for run in runs:
        pieces += (text[end : run.start()], folded[run.start() : run.end()])
        end = run.end()
    return "".join(pieces) + text[end:]


def read_tokens(folded: str, glossary: Glossary) -> list[Token]:
    """Return the Han and Latin words of folded text, in order."""
    tokens = []
    for word in glossary.find_words(folded):
        kind, named = None, False
        if len(word.text) > 1:
            kind, named = _classify_word(word.text, word.glosses)
        tokens.append(Token(word.text, word.start, word.end, kind, named, latin=False))
    tokens += [
        Token(match[0], match.start(), match.end(), None, named=False, latin=True)
        for match in _LATIN.finditer(folded)
    ]
    tokens.sort(key=lambda token: token.start)
    return _join_known(tokens)


def touches(folded: str, left: Token, right: Token) -> bool:
    """Whether nothing, or one space beside a Latin word, stands between two tokens."""
    if left.end == right.start:
        return True
    return folded[left.end : right.start] == " " and (left.latin or right.latin)


def _join_known(tokens: Sequence[Token]) -> list[Token]:
    """Make one token of neighbours that spell a name of the tables: `成|都`, which no gloss has."""
    joined: list[Token] = []
    n = 0
    while n < len(tokens):
        known = _read_joined(tokens, n) if tokens[n].text[0] in _OPENINGS else None
        joined.append(known or tokens[n])
        n += 1
        while known is not None and n < len(tokens) and tokens[n].start < known.end:
            n += 1
    return joined


def _read_joined(tokens: Sequence[Token], n: int) -> Token | None:
    """The longest name of the tables that begins with token `n` and has at least two."""
    known, text = None, tokens[n].text
    for last in range(n + 1, min(n + MAX_JOINED, len(tokens))):
        if tokens[last].start != tokens[last - 1].end:
            break
        text += tokens[last].text
        if text in PLACES or text in ORGANIZATIONS:
            kind: NameKind = "place" if text in PLACES else "organization"
            known = Token(text, tokens[n].start, tokens[last].end, kind, named=True, latin=False)
    return known


@lru_cache(maxsize=10_000)
def _classify_word(text: str, glosses: tuple[str, ...]) -> tuple[NameKind | None, bool]:
    """Return the kind of name that a dictionary word is, if any, and whether it is a name."""
    if text in PLACES:
        return "place", True
    if text in ORGANIZATIONS:
        return "organization", True
    if not glosses or not glosses[0][:1].isupper() or text in HOMOGRAPH_ORGANIZATIONS:
        return None, False
    gloss = glosses[0]
    if _ORGANIZATION_GLOSS.search(gloss):
        return "organization", True
    if text[-1] in PEOPLE_ENDINGS:
        return None, False
    if _is_place(text, gloss):
        return "place", True
    person = any(is_person_gloss(text, gloss) for gloss in glosses)
    return ("person", True) if person else (None, _names_all(gloss))


def _is_place(text: str, gloss: str) -> bool:
    by_suffix = len(text) > 2 and text[-1] in PLACE_SUFFIXES and _names_all(gloss)
    return by_suffix or gloss.lower() in PLACES_EN or bool(_PLACE_GLOSS.search(gloss))


def _names_all(gloss: str) -> bool:
    words = gloss.split()
    return len(words) <= 3 and words[-1][:1].isupper()


def is_person_gloss(text: str, gloss: str) -> bool:
    """Whether a gloss is a person's whole name: `Elon Musk`, or `Hua Mulan` in its own pinyin."""
    names = gloss.split()
    if len(names) < 2 or not all(name[:1].isupper() for name in names):
        return False
    if names[0].lower() in GIVEN_NAMES and all(c in TRANSLITERATION or c in "·" for c in text):
        return True
    size = 2 if text[:2] in COMPOUND_SURNAMES else 1
    if len(names) != 2 or not size < len(text) <= size + 2:
        return False
    if size == 1 and text[0] not in SURNAMES:
        return False
    family, given = "".join(romanize(text[:size])), "".join(romanize(text[size:]))
    return [family, given] == [name.lower().replace("'", "") for name in names]
