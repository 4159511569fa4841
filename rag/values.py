"""Dates, times, numbers, money, shares and counts, read from Chinese and English into one form.

`2024年3月28日` and "March 28, 2024" have the same `key`; so have `13.5万辆` and "135,000 vehicles".
`find_values` reads a text, `resolve_value` dates relative words, `format_value` prints a value.
Where each form is read: the modules of `rag.figures`.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from rag.figures.bounds import Bound
from rag.figures.dates import DateReading, PartialDate, Shift, resolve_partial
from rag.figures.dates_en import find_dates_en
from rag.figures.dates_zh import find_dates_zh
from rag.figures.numbers import fold_characters, print_numbers
from rag.figures.print_dates import print_dates
from rag.figures.quantities import Quantity, find_quantities
from rag.figures.times import find_times, print_time
from rag.figures.units import UNITS
from rag.types import Language

Kind = Literal["date", "time", "number", "money", "share", "duration", "count", "measure"]
"""What a value is: a share is a percentage or fraction, a count has a unit that things are counted
in (vehicles, people), a measure a physical one (km, W), and a number none."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value and where it stands: `text == source[start:end]`, bounding words included.

    Attributes:
        number: The number itself, scaled (13.5万 is 135000), in `unit`; the low end of a range.
            For a time, seconds after midnight. None for a date.
        high: The high end of a range, else None.
        unit: Normal form, the same for both languages (`CNY`, `%`, `week`, `vehicle`), or None.
        date: The date, or the first of a range, as far as the text tells; None for other kinds.
        until: The last date of a range, else None.
        approximate: Whether the text says "about" or "nearly".
        bound: "over" is more than, "least" at least, "under" less than, "most" at most.
    """

    kind: Kind
    start: int
    end: int
    text: str
    number: Decimal | None = None
    high: Decimal | None = None
    unit: str | None = None
    date: PartialDate | None = None
    until: PartialDate | None = None
    approximate: bool = False
    bound: Bound = ""

    @property
    def key(self) -> Hashable:
        """Equal for equal values, in any language, unit of the same base, or spelling.

        Bounds and "about" are left out: compare `bound` where they matter. So is the unit of a
        count, for languages do not agree about them; numbers and counts share their keys.
        """
        if self.kind == "date":
            return ("date", self.date, self.until)
        kind, base, weight = self.kind, "", Decimal(1)
        if kind == "count":
            kind = "number"
        elif self.unit is not None:
            unit = UNITS[self.unit]
            base, weight = unit.base, unit.weight
        ends = (self.number, self.high)
        low, high = (None if end is None else (end * weight).normalize() for end in ends)
        return (kind, low, high, base)


def find_values(text: str, *, language: Language | None = None) -> list[Value]:
    """Find the values of a text in reading order; none overlap, the longest reading wins.

    Args:
        text: Any text, Chinese, English or mixed; an empty one gives an empty list.
        language: Of most of the text, which settles whether four bare digits are a year. None
            takes Chinese where a third of the characters are, else English.
    """
    return list(_find_values(text, language))


@lru_cache(maxsize=1_000)  # each sentence of the evidence is read for every value in it
def _find_values(text: str, language: Language | None) -> tuple[Value, ...]:
    folded = fold_characters(text)
    if language is None:
        language = "zh" if 3 * len(_HAN.findall(folded)) > len(folded) else "en"
    links = [match.span() for match in _LINK.finditer(folded)] if _has_link(folded) else []
    readings = sorted(
        _read_all(folded, text, language), key=lambda value: (value.start, -value.end)
    )
    return tuple(_longest(_outside(readings, links)))


def resolve_value(value: Value, *, anchor: date | None, year: int | None) -> Value:
    """Return the value with its date, or both dates of its range, resolved.

    Args:
        value: Values that are no dates come back as they are.
        anchor: The article's own date, for `去年` and "yesterday"; None leaves them as they are.
        year: A year stated earlier in the same item, for dates without one and for `同年`.
    """
    if value.date is None:
        return value
    until = value.until
    if until is not None:
        until = resolve_partial(until, anchor=anchor, year=year)
    return replace(value, date=resolve_date(value, anchor=anchor, year=year), until=until)


def resolve_date(value: Value, *, anchor: date | None, year: int | None) -> PartialDate:
    """Return the date of a value, or the first of a range, as `resolve_value` resolves it.

    Raises:
        ValueError: If the value is no date.
    """
    if value.date is None:
        raise ValueError(f"{value.text!r} is a {value.kind}, not a date")
    return resolve_partial(value.date, anchor=anchor, year=year)


def format_value(value: Value, language: Language) -> str:
    """Print a value for a reader of `language`: `over 135,000 vehicles`, `超13.5万辆`."""
    if value.date is not None:
        printed = print_dates(value.date, value.until, language)
        return _bound_words(value, language).format(printed) if value.approximate else printed
    number = value.number if value.number is not None else Decimal(0)
    if value.kind == "time":
        return print_time(int(number), language)
    return _bound_words(value, language).format(_print_quantity(value, number, language))


_HAN = re.compile(r"[\u4e00-\u9fff]")
_LINK = re.compile(
    r"https?://[^\s，。；）)\"'<>]+|www\.[^\s，。；）)\"'<>]+|\]\([^)\s]*\)|[\w.+-]{1,64}@\w{1,64}\.\w+"
)
_BOUNDS: dict[Language, dict[tuple[Bound, bool], str]] = {
    "en": {
        ("", False): "{}",
        ("", True): "about {}",
        ("over", False): "over {}",
        ("least", False): "at least {}",
        ("under", False): "under {}",
        ("under", True): "nearly {}",
        ("most", False): "up to {}",
    },
    "zh": {
        ("", False): "{}",
        ("", True): "约{}",
        ("over", False): "超{}",
        ("least", False): "至少{}",
        ("under", False): "不到{}",
        ("under", True): "近{}",
        ("most", False): "不超过{}",
    },
}


def _has_link(text: str) -> bool:
    return any(mark in text for mark in ("://", "www.", "](", "@"))


def _read_all(folded: str, text: str, language: Language) -> Iterator[Value]:
    for reading in find_dates_zh(folded):
        if not _is_before_now(folded, reading.start):  # 距今3000年 is no year 3000
            yield _from_date(reading, text)
    for reading in find_dates_en(folded, language=language):
        yield _from_date(reading, text)
    for start, end, seconds in find_times(folded):
        yield Value("time", start, end, text[start:end], Decimal(seconds))
    for quantity in find_quantities(folded):
        yield _from_quantity(quantity, folded, text)


def _from_date(reading: DateReading, text: str) -> Value:
    start, end, first, until = reading
    return Value("date", start, end, text[start:end], date=first, until=until)


_AGO = re.compile(r" ?(?:以|之)?前(?![一二三四0-9后面者])| ago\b")
_IS_YEAR = re.compile(r"(?:1[5-9]|20|21)\d\d ?年(?:[以之]前|(?<!00年)前)")  # 2030年之前, 1949年前
_BEFORE_NOW = re.compile(r"距今(?:大?约|已有|已)?$")
_DEEP = 10_000  # years; what lies further back is told in round numbers, and resolved to no year
_AGO_UNITS: dict[str, Literal["year", "month", "week", "day"]] = {
    "year": "year", "month": "month", "week": "week", "day": "day",
}  # fmt: skip


def _from_quantity(quantity: Quantity, folded: str, text: str) -> Value:
    start, end, low, high, unit, approximate, bound = quantity
    name = unit.name if unit is not None else None
    if name in _AGO_UNITS and high is None and not bound and low == int(low):
        last = _find_ago_end(folded, start, end)
        deep = name == "year" and low >= _DEEP
        if last is not None and (deep or (low < _DEEP and not approximate)):
            day = PartialDate(shift=Shift(_AGO_UNITS[name], -int(low)))
            return Value("date", start, last, text[start:last], date=day, approximate=approximate)
    kind: Kind = unit.kind if unit is not None else "number"
    span = text[start:end]
    return Value(kind, start, end, span, low, high, name, approximate=approximate, bound=bound)


def _find_ago_end(folded: str, start: int, end: int) -> int | None:
    """Where a length of time that says how long ago something was ends; None if it does not."""
    ago = _AGO.match(folded, end)
    if ago and not _IS_YEAR.fullmatch(folded, start, ago.end()):
        return ago.end()
    return end if _is_before_now(folded, start) else None


def _is_before_now(folded: str, start: int) -> bool:
    return _BEFORE_NOW.search(folded[max(0, start - 6) : start]) is not None


def _outside(values: Iterable[Value], links: list[tuple[int, int]]) -> Iterator[Value]:
    """Drop what overlaps a link; both come in reading order."""
    waiting = iter(links)
    link = next(waiting, None)
    for value in values:
        while link is not None and link[1] <= value.start:
            link = next(waiting, None)
        if link is None or value.end <= link[0]:
            yield value


def _longest(values: Iterable[Value]) -> Iterator[Value]:
    """Of readings that overlap keep the longest; a date is never taken for a bare number."""
    best: Value | None = None
    for value in values:
        if best is None or value.start >= best.end:
            if best is not None:
                yield best
            best = value
        elif _weight(value) > _weight(best):
            best = value
    if best is not None:
        yield best


def _weight(value: Value) -> tuple[bool, int]:
    return value.kind not in ("number", "duration"), value.end - value.start


def _print_quantity(value: Value, number: Decimal, language: Language) -> str:
    unit = UNITS[value.unit] if value.unit is not None else None
    ends = (number,) if value.high is None else (number, value.high)
    if unit is not None and unit.kind == "duration" and ends == (Decimal("0.5"),):
        name = unit.en.partition("/")[0]
        if language == "zh":
            return "半" + unit.zh
        return f"half a{'n' * (name == 'hour')} {name}"
    parts = print_numbers(ends, language)
    if value.unit == "year" and ends[-1] == number and 1000 <= number < 10000:
        parts = [f"{number:,f}"]  # 2,000年 lasts, 2000年 is a date
    scale = re.sub(r"^[\d.,]+", "", parts[0])
    shared = language == "en" and len(parts) == 2
    text = "–".join([parts[0].removesuffix(scale) if shared else parts[0], *parts[1:]])
    return text if unit is None else unit.print(text, language, one=ends == (Decimal(1),))


def _bound_words(value: Value, language: Language) -> str:
    words = _BOUNDS[language]
    return words.get((value.bound, value.approximate)) or words[(value.bound, False)]
