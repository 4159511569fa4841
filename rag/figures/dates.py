"""Partial dates: what a text says of a date and no more, resolved and printed.

"3月" stays a month without a year until a year is stated. Relative words ("去年11月",
"yesterday") are kept as a shift from the article's own date, or from a date stated earlier in the
text, and are resolved only when that date is given. Nothing is guessed.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, NamedTuple

Part = Literal[
    "", "Q1", "Q2", "Q3", "Q4", "H1", "H2", "early", "mid", "late",
    "spring", "summer", "autumn", "winter", "decade", "century",
]  # fmt: skip
MONTHS = (
    "January February March April May June July August September October November December".split()
)
QUARTERS: tuple[Part, ...] = ("Q1", "Q2", "Q3", "Q4")
MOST_STEPS = 9999  # beyond, "ago" tells no year
ShiftUnit = Literal["year", "quarter", "month", "week", "day", "named month"]


class Shift(NamedTuple):
    """`steps` units after (or before) a date that the words do not name.

    Attributes:
        unit: What is counted; "named month" is the last or next month of that name.
        steps: 0 for this one, -1 for the last, 1 for the next.
        base: Counted from the article's own date, or from a date stated before (`同年`).
    """

    unit: ShiftUnit
    steps: int
    base: Literal["article", "stated"] = "article"


@dataclass(frozen=True, slots=True)
class PartialDate:
    """The parts of a date that are known; unknown ones are None.

    Attributes:
        year: Negative before Christ. The first year of a decade or century.
        part: Of the month if there is one, else of the year: a quarter, a half, a season,
            "early", "mid" or "late".
        shift: What a relative word says and nothing resolved yet.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    part: Part = ""
    shift: Shift | None = None

    def __post_init__(self) -> None:
        if self.month is not None and not 1 <= self.month <= 12:
            raise ValueError(f"a month is 1 to 12, got {self.month}")
        if self.day is not None and not 1 <= self.day <= days_in(self.year, self.month):
            raise ValueError(f"there is no day {self.day} in month {self.month} of {self.year}")


class DateReading(NamedTuple):
    """What was read at `start:end`; `until` is the last date of a range, else None."""

    start: int
    end: int
    date: PartialDate
    until: PartialDate | None = None


def days_in(year: int | None, month: int | None) -> int:
    """Return the most days that the month can have; an unknown year may be a leap year."""
    if month is None:
        return 31
    return calendar.monthrange(year if year is not None and year > 0 else 2000, month)[1]


def make_date(
    year: int | None = None,
    month: int | None = None,
    day: int | None = None,
    part: Part = "",
    shift: Shift | None = None,
) -> PartialDate | None:
    """Build a `PartialDate`, or return None where there is no such date."""
    try:
        return PartialDate(year, month, day, part, shift)
    except ValueError:
        return None


def date_reading(
    start: int, end: int, first: PartialDate | None, until: PartialDate | None = None
) -> DateReading | None:
    """Return the reading, or None where `first` is no date."""
    return None if first is None else DateReading(start, end, first, until)


def order_of(day: PartialDate) -> tuple[int, int, int]:
    """Return what dates are ordered by; unknown parts come first."""
    month = day.month or 0
    if day.part[:1] in ("Q", "H"):
        month = int(day.part[1]) * (3 if day.part[0] == "Q" else 6)
    return (day.year or 0, month, day.day or 0)


def resolve_partial(day: PartialDate, *, anchor: date | None, year: int | None) -> PartialDate:
    """Fill in what the anchor and a stated year tell; the same date where they tell nothing.

    A date that names no year takes `year`; without one it takes the year that puts it within three
    months of `anchor`, and stays without a year where there is none. Relative words need
    `anchor`; `同年` and its like need `year`.
    """
    if day.shift is not None:
        return _resolve_shift(day, day.shift, anchor, year)
    if day.year is not None or (day.part == "" and day.month is None and day.day is None):
        return day
    if year is not None:
        return make_date(year, day.month, day.day, day.part) or day
    if anchor is None or day.month is None:
        return day
    here = 12 * anchor.year + anchor.month
    near = [y for y in (anchor.year - 1, anchor.year, anchor.year + 1)
            if abs(12 * y + day.month - here) <= 3]  # fmt: skip
    return (make_date(near[0], day.month, day.day, day.part) or day) if near else day


def _resolve_shift(
    day: PartialDate, shift: Shift, anchor: date | None, year: int | None
) -> PartialDate:
    if shift.base == "stated":
        if shift.unit != "year" or year is None:
            return day
        return make_date(year + shift.steps, day.month, day.day, day.part) or day
    if anchor is None or shift.unit == "week" or abs(shift.steps) > MOST_STEPS:
        return day
    if shift.unit == "day":
        target = anchor + timedelta(days=shift.steps)
        return PartialDate(target.year, target.month, target.day)
    if shift.unit == "named month":
        return _resolve_named_month(day, shift.steps, anchor)
    if shift.unit == "year":
        return make_date(anchor.year + shift.steps, day.month, day.day, day.part) or day
    if shift.unit == "quarter":
        quarters = 4 * anchor.year + (anchor.month - 1) // 3 + shift.steps
        return PartialDate(quarters // 4, part=QUARTERS[quarters % 4])
    months = 12 * anchor.year + anchor.month - 1 + shift.steps
    return make_date(months // 12, months % 12 + 1, day.day, day.part) or day


def _resolve_named_month(day: PartialDate, steps: int, anchor: date) -> PartialDate:
    """Resolve "last November", where it can mean one year only."""
    month = day.month or 0
    if steps == 0 or (month >= anchor.month if steps < 0 else month <= anchor.month):
        return make_date(anchor.year + steps, month, day.day, day.part) or day
    return day  # in December, "last November" may be this year's or last year's


def with_year_of(day: PartialDate, other: PartialDate) -> PartialDate:
    """Lend a date of a range the year, or the relative year, of the other end."""
    if day.year is not None or day.shift is not None:
        return day
    shift = other.shift if other.shift is not None and other.shift.unit == "year" else None
    return replace(day, year=other.year, shift=shift)
