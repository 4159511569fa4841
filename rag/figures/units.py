"""The units and currencies that values come in: how each is written, and how it is printed.

One row a unit: how texts write it, what it is worth in its base unit, how each language prints it.
Nothing here is about any one corpus.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from rag.figures.unit_tables import (
    COUNTS,
    CURRENCIES,
    DURATIONS,
    MEASURES,
    NOT_BEFORE,
    SHARES,
)
from rag.types import Language

UnitKind = Literal["money", "share", "duration", "count", "measure"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of one kind.

    Attributes:
        name: Normal form, the same for both languages: `vehicle`, `month`, `CNY`.
        base: The unit that its key is counted in; `weight` of them make one of it.
        zh: Printed right behind a number in Chinese; may be empty.
        en: Printed behind a number in English, `one/many` where they differ; may be empty.
    """

    name: str
    kind: UnitKind
    base: str
    weight: Decimal
    zh: str
    en: str

    def print(self, number: str, language: Language, *, one: bool) -> str:
        """Return `number` with this unit behind it; `one` asks for the English singular."""
        if language == "zh":
            return number + self.zh
        if "{}" in self.en:
            return self.en.format(number)
        single, _, many = self.en.partition("/")
        word = single if one or not many else many
        return f"{number}{'' if word in ('', '%', '‰') or word[0] == '°' else ' '}{word}"


@dataclass(frozen=True, slots=True)
class _Form:
    unit: str
    times: Decimal


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().split("\n")]


UNITS: dict[str, Unit] = {}
_FORMS: dict[str, _Form] = {}
_HAN_FORMS: list[str] = []
_WORD_FORMS: list[str] = []
_SIGN_FORMS: list[str] = []
CURRENCY_BEFORE: dict[str, str] = {}


def _add_forms(unit: str, cell: str, group: list[str]) -> None:
    for form in cell.split():
        written, _, times = form.partition("*")
        written = written.replace("_", " ")
        _FORMS[written] = _Form(unit, Decimal(times or 1))
        group.append(written)


def _add_units(kind: UnitKind, table: str) -> None:
    for name, worth, zh, en, han, words, signs in _rows(table):
        base, _, weight = worth.rpartition(" ") if worth else ("", "", "1")
        UNITS[name] = Unit(name, kind, base.replace("_", " "), Decimal(weight), zh, en)
        _add_forms(name, han, _HAN_FORMS)
        _add_forms(name, words, _WORD_FORMS)
        _add_forms(name, signs, _SIGN_FORMS)


def _add_currencies(table: str) -> None:
    for code, zh, en, before, han, words in _rows(table):
        UNITS[code] = Unit(code, "money", code, Decimal(1), zh, en)
        CURRENCY_BEFORE.update(dict.fromkeys(before.split(), code))
        _add_forms(code, han, _HAN_FORMS)
        _add_forms(code, words, _WORD_FORMS)


_add_units("duration", DURATIONS)
_add_units("share", SHARES)
_add_units("measure", MEASURES)
_add_units("count", COUNTS)
_add_currencies(CURRENCIES)


def _guarded(form: str) -> str:
    return re.escape(form) + (f"(?![{NOT_BEFORE[form]}])" if NOT_BEFORE.get(form) else "")


def _alternatives(forms: Iterable[str]) -> str:
    longest_first = sorted(set(forms), key=lambda form: (-len(form), form))
    return "|".join(_guarded(form) for form in longest_first)


_WORDS = _alternatives(_WORD_FORMS).replace(r"\ ", "[ -]")
UNIT = re.compile(
    rf" ?(?P<han>{_alternatives(_HAN_FORMS)})|(?P<fold>[x×](?![A-Za-z0-9]))"
    rf"| ?(?P<sign>{_alternatives(_SIGN_FORMS)})(?![A-Za-z0-9])"
    r"|[ -](?:(?:consecutive|straight|full|whole|more|additional|different) )?"
    rf"(?P<word>(?i:{_WORDS}))(?![A-Za-z0-9])"
)
CURRENCY = re.compile(rf"(?:{_alternatives(CURRENCY_BEFORE)}) ?$")


class WrittenUnit(NamedTuple):
    """A unit as a text writes it: `times` of `unit`, up to `end`."""

    unit: Unit
    times: Decimal
    end: int


def read_unit(text: str, start: int) -> WrittenUnit | None:
    """Read the unit that stands right behind a numeral ending at `start`, if one does."""
    match = UNIT.match(text, start)
    if match is None:
        return None
    if match["fold"]:
        return WrittenUnit(UNITS["fold"], Decimal(1), match.end())
    word = match["word"]
    written = word.lower().replace("-", " ") if word else match[match.lastgroup or 0]
    form = _FORMS.get(written) or _FORMS[_LOWER[written]]
    return WrittenUnit(UNITS[form.unit], form.times, match.end())


_LOWER = {form.lower().replace("-", " "): form for form in _WORD_FORMS}
