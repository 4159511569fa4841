"""Things that questions are about: found by their names, and printed in either language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from embeddings.gloss import Glossary
from rag.following.words_en import STOP_EN, VERBS_EN
from rag.following.words_zh import PAIRS, ROLES_ZH
from rag.names import Name, find_names
from rag.terms import HAN
from rag.types import Language
from rag.values import Value, find_values

ThingKind = Literal["person", "place", "organization", "identifier", "name", "word"]


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing that a question is about; `start:end` is its span, article included."""

    text: str
    kind: ThingKind
    start: int
    end: int


def find_named(text: str, glossary: Glossary) -> list[Thing]:
    """Return what has a name or is an identifier, in reading order; dates are none."""
    names = find_names(text, glossary)
    values = [value for value in find_values(text) if value.kind != "number"]
    found = [Thing(title[0], "name", *title.span()) for title in _TITLE.finditer(text)]
    for match in _LATIN_NAME.finditer(text):
        start, end = _trim(text, *match.span())
        taken = any(start < t.end and t.start < end for t in found)
        if start < end and not taken and not _is_value(match[0], start, end, values):
            found.append(_name_thing(text, start, end, names))
    for name in names:
        if not any(t.start < name.end and name.start < t.end for t in found):
            found.append(Thing(name.text, _name_kind(name), name.start, name.end))
    return sorted(found, key=lambda thing: thing.start)


def print_thing(thing: Thing, target: Language, glossary: Glossary) -> str:
    """Print a thing in a question of a language.

    Names and identifiers are kept as they are, but for `Wang Hua (王化)`, of which the part in
    the reader's script is taken; other words are put in the other language where it is known how.
    """
    text = thing.text
    both = re.fullmatch(rf"([^{HAN}(]+) \(([{HAN}·]+)\)", text)
    if both is not None:
        return both[1 if target == "en" else 2]
    if target == "zh":
        plain = re.sub(r"^(?:the|an?|this|these|those|my|our|your) ", "", text, flags=re.IGNORECASE)
        return "".join(_TO_ZH.get(word, f" {word}") for word in plain.split(" ")).strip()
    named = thing.kind == "person" and not ROLES_ZH.search(text)
    if named or not re.search(f"[{HAN}]", text) or find_named(text, glossary):
        return text
    return f"the {gloss_words(text.replace('的', ' '), glossary)}"


def gloss_words(text: str, glossary: Glossary) -> str:
    """The Chinese words of `text` in English, each by its first gloss; the rest as it is."""
    shown = text
    for word in reversed(glossary.find_words(text)):
        gloss = _TO_EN.get(word.text) or (word.glosses[0] if word.glosses else word.text)
        shown = f"{shown[: word.start]} {gloss} {shown[word.end :]}"
    return " ".join(shown.split())


_TO_ZH = dict(reversed(PAIRS))
_TO_EN = {chinese: english for english, chinese in reversed(PAIRS)}
_WORD = re.compile(r"[^\W_]+(?:[.&'’-][^\W_]+)*")
_LATIN_NAME = re.compile(
    rf"(?<![A-Za-z0-9-])(?:[A-Z](?:[^\W{HAN}]|[&'’-])*|[a-z]+-?\d[a-z0-9-]*|\d+[a-zA-Z]+\d*)"
    rf"(?: (?:[A-Z](?:[^\W{HAN}]|[&'’-])*|\d+(?![\d年月])|\d+[A-Z]+))*"
)
_TITLE = re.compile("《[^》]+》")
_POSSESSIVE = re.compile(r"['’]s?$")


def _is_value(shown: str, start: int, end: int, values: Sequence[Value]) -> bool:
    """Whether a date, or a number with its unit, stands there: `May 3`, `200W`, but not `X9`."""
    over = [value for value in values if start < value.end and value.start < end]
    return any(value.kind == "date" or shown[0].isdigit() for value in over)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out question words at the head of a name, and a possessive at its end."""
    while start < end:
        word = _WORD.match(text, start)
        if word is None or word[0].casefold() not in STOP_EN | VERBS_EN or word[0].isupper():
            break
        if word[0].casefold() in VERBS_EN and start:
            break
        start = min(end, word.end() + 1)
    ending = _POSSESSIVE.search(text, start, end)
    if start == 0 and text[1:end].islower() and re.match(" [a-z]", text[end:]):
        return end, end  # a word that opens the question has its capital from there
    return start, ending.start() if ending else end


def _name_thing(text: str, start: int, end: int, names: Sequence[Name]) -> Thing:
    over = next((n for n in names if n.start < end and start < n.end), None)
    shown = text[start:end]
    if any(c.isdigit() for c in shown):
        return Thing(shown, "identifier", start, end)
    if over is None:
        return Thing(shown, "name", start, end)
    start, end = min(start, over.start), max(end, over.end)
    return Thing(text[start:end], _name_kind(over), start, end)


def _name_kind(name: Name) -> ThingKind:
    return "identifier" if name.kind == "product" else name.kind
