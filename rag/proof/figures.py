"""Whether the values of a statement are among those of its quotes.

The rule for bounds. A bound must not turn round: "over 10,000" is never held by "under 10,000".
A strict bound that no quote gives is an addition: 10,000 does not hold "over 10,000", but it does
hold "at least 10,000" and "up to 10,000", which are true of it; and where both sides say "about",
they need not say on which side of it. A bare number is held by "over" and "at least" that number,
which was reached, not by "under" and "at most", which may not have been. "About" may be added to
a number, or left out.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from rag.candidates import ANY_UNIT
from rag.figures.dates import PartialDate
from rag.figures.numbers import NUMERAL, fold_characters, read_numeral
from rag.values import Value, find_values, resolve_value

ANY_COUNT = ANY_UNIT | {"item", "organization", "time"}  # 个, 家, 次: of many things
PEOPLE = frozenset(("person", "employee", "student", "user", "customer"))
HALF_DAY = 12 * 3600  # seconds
_UP, _DOWN = ("over", "least"), ("under", "most")
_MONTHS = {"Q1": (1, 3), "Q2": (4, 6), "Q3": (7, 9), "Q4": (10, 12), "H1": (1, 6), "H2": (7, 12)}
_HALF_NAMED = re.compile(r"[ap]\.?m|[上下中]午|[早凌]晨|晚|夜|早上|noon|night", re.IGNORECASE)
_COUNTING_WORDS = {
    **dict.fromkeys("both twice double doubled couple pair second half".split(), 2),
    **dict.fromkeys("third triple thrice trio".split(), 3),
    **dict.fromkeys("fourth quarter quadruple".split(), 4),
    **{word: n for n, word in enumerate("fifth sixth seventh eighth ninth tenth".split(), 5)},
    "双": 2,
    "俩": 2,
}
_COUNTING = re.compile(rf"\b(?:{'|'.join(_COUNTING_WORDS)})\b|[双俩]", re.IGNORECASE)
_FREE_KINDS = frozenset(("number", "count", "duration", "measure"))


def read_stated(text: str) -> list[Value]:
    """Return the values of a statement, dates with the year that it states before them."""
    year: int | None = None
    values = []
    for found in find_values(text):
        value = resolve_value(found, anchor=None, year=year if _needs_year(found) else None)
        if value.date is not None and value.date.year is not None:
            year = value.date.year
        if not _is_article(value):
            values.append(value)
    return values


def find_unheld_values(
    stated: Sequence[Value], told: Sequence[Value], loose: frozenset[Decimal]
) -> list[Value]:
    """Return the values of a statement that the quotes do not hold, in order.

    Args:
        stated: As `read_stated` gives them.
        told: Values of the quotes; dates resolved and as they stand.
        loose: Numerals of the quotes that are part of no value there: see `find_loose`.
    """
    return [
        value
        for value in stated
        if not any(holds_value(other, value) for other in told)
        and not (value.kind in _FREE_KINDS and value.high is None and value.number in loose)
    ]


def find_loose(text: str, values: Sequence[Value]) -> frozenset[Decimal]:
    """Return the numerals of a quote that were read as no value: `14th`, `2:0`, "twice".

    What they count is not known, so that they hold a number in any unit but money and shares.
    """
    folded = fold_characters(text)
    taken = {n for value in values for n in range(value.start, value.end)}
    found = {Decimal(_COUNTING_WORDS[match[0].lower()]) for match in _COUNTING.finditer(folded)}
    for match in NUMERAL.finditer(folded):
        numeral = read_numeral(folded, match) if match.start() not in taken else None
        if numeral is not None:
            found.add(numeral.low)
    return frozenset(found)


def holds_value(told: Value, stated: Value) -> bool:
    """Whether a value of a quote holds one of a statement.

    A date is held by one that is as precise or more ("2024" by "March 2024"); any other value by
    one with the same key, or with the same number where one of the two leaves out a unit that is
    neither money nor a share. A single value is held by an end of a range, never by what lies
    between; a range by one with the same ends.
    """
    if stated.date is not None or told.date is not None:
        return _holds_dates(told, stated)
    if stated.kind == told.kind == "time":
        return _is_same_time(told, stated)
    ends, wanted = list(_list_ends(told)), list(_list_ends(stated))
    same = ends == wanted if len(wanted) > 1 else wanted[0] in ends or _drops_unit(told, stated)
    return same and _holds_bound(told, stated) and _agree_on_thing(told, stated)


def _is_article(value: Value) -> bool:
    """Whether it is a one in letters, which says no more than "a": 一个, 一年."""
    return value.number == 1 and value.high is None and not re.search(r"\d", value.text)


def _needs_year(value: Value) -> bool:
    return value.date is not None and value.date.year is None


def _list_ends(value: Value) -> Iterator[Hashable]:
    yield replace(value, high=None).key
    if value.high is not None:
        yield replace(value, number=value.high, high=None).key


def _drops_unit(told: Value, stated: Value) -> bool:
    if stated.number not in (told.number, told.high):
        return False
    units = sorted((told.unit or "", stated.unit or ""), key=len)
    if units[0] == "degree" and units[1] in ("celsius", "fahrenheit"):
        return True
    if units[0] and units[1].startswith(f"{units[0]} per "):
        return True
    bare = stated.kind == "number" and told.kind in _FREE_KINDS
    return bare or (told.kind == "number" and stated.unit == "year old")


def _holds_bound(told: Value, stated: Value) -> bool:
    if not stated.bound:
        return told.bound not in _DOWN or (told.approximate and stated.approximate)
    side = _UP if stated.bound in _UP else _DOWN
    exact = not told.bound and (
        stated.bound in ("least", "most") or (told.approximate and stated.approximate)
    )
    return told.bound in side or exact


def _agree_on_thing(told: Value, stated: Value) -> bool:
    if told.kind != "count" or stated.kind != "count":
        return True
    known = {told.unit, stated.unit} - ANY_COUNT
    return len(known) < 2 or (known <= PEOPLE and "person" in known)


def _is_same_time(told: Value, stated: Value) -> bool:
    if told.number == stated.number or told.number is None or stated.number is None:
        return told.number == stated.number
    named = _HALF_NAMED.search(told.text) and _HALF_NAMED.search(stated.text)
    return not named and abs(told.number - stated.number) == HALF_DAY


def _holds_dates(told: Value, stated: Value) -> bool:
    if stated.date is None or told.date is None:
        return _is_year_alone(told, stated) or _is_year_alone(stated, told)
    if stated.until is None:
        ends = (told.date,) if told.until is None else (told.date, told.until)
        return any(_holds_date(day, stated.date) for day in ends)
    return (
        told.until is not None
        and _holds_date(told.date, stated.date)
        and _holds_date(told.until, stated.until)
    )


def _is_year_alone(date: Value, number: Value) -> bool:
    """Whether one is a year and the other the same number: `2024`, `139年` may be either."""
    if date.date is None or date.until is not None or number.number is None:
        return False
    years = number.kind == "number" or number.unit == "year"
    return years and date.date == PartialDate(year=int(number.number))


def _holds_date(told: PartialDate, stated: PartialDate) -> bool:
    pairs = ((stated.month, told.month), (stated.day, told.day))
    if any(one is not None and one != other for one, other in pairs):
        return False
    if stated.shift is not None or told.shift is not None:
        return _share_shift(told, stated)
    if stated.part in ("decade", "century") or told.part in ("decade", "century"):
        return _is_in_years(told, stated)
    if stated.year is not None and stated.year != told.year:
        return False
    return stated.part in ("", told.part) or _is_in_part(told, stated)


def _share_shift(told: PartialDate, stated: PartialDate) -> bool:
    """Whether both are relative in the same way: 去年12月 and "last December" are."""
    if told.shift is None:
        return stated.shift is None
    if stated.shift is None:  # "March" is held by 去年3月, "2023" is not
        return stated.year is None and stated.part in ("", told.part)
    same = told.shift == stated.shift and stated.part in ("", told.part)
    steps = told.shift.steps == stated.shift.steps
    return same or (steps and stated.month is not None and stated.part == told.part)


def _is_in_years(told: PartialDate, stated: PartialDate) -> bool:
    if told == stated:
        return True
    if told.year is None or stated.year is None or told.part == "century":
        return False
    if stated.part not in ("decade", "century"):
        return False
    return 0 <= told.year - stated.year < (10 if stated.part == "decade" else 100)


def _is_in_part(told: PartialDate, stated: PartialDate) -> bool:
    if stated.part not in _MONTHS:
        return False
    first, last = _MONTHS[stated.part]
    if told.month is not None:
        return first <= told.month <= last
    within = _MONTHS.get(told.part)
    return within is not None and first <= within[0] and within[1] <= last
