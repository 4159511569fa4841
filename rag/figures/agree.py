"""How far a date that a text tells is the one asked about: equal, within it, or only in part.

"Q3 2019" is met by 2019年8月, in part by 2019, and not at all by 2019年第二季度.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rag.figures.dates import PartialDate, days_in

# What is an end of a range; what lies within one, or in a century: by judgement.
END, WITHIN_LONG = 0.9, 0.5
_MONTHS: Mapping[str, tuple[int, int]] = {
    "": (1, 12), "Q1": (1, 3), "Q2": (4, 6), "Q3": (7, 9), "Q4": (10, 12), "H1": (1, 6),
    "H2": (7, 12), "early": (1, 4), "mid": (5, 8), "late": (9, 12), "spring": (3, 5),
    "summer": (6, 8), "autumn": (9, 11), "winter": (12, 12),
}  # fmt: skip
_DAYS: Mapping[str, tuple[int, int]] = {"early": (1, 10), "mid": (11, 20), "late": (21, 31)}
_YEARS: Mapping[str, int] = {"decade": 10, "century": 100}
_Day = tuple[int, int, int]


def agree_dates(
    asked: PartialDate,
    told: PartialDate,
    *,
    asked_until: PartialDate | None = None,
    told_until: PartialDate | None = None,
) -> float:
    """Return how far `told` is `asked`, in [0, 1]; `until` is the last date of a range.

    1 if it is the same or lies within; 0 if the two exclude each other or nothing compares them,
    as is so of a relative date that is not resolved. Else the share of year, month and day (or
    their parts) that is asked and told.
    """
    if (asked, asked_until) == (told, told_until):
        return float(_find_span(asked) is not None)
    if asked_until is None and told_until is None:
        return _agree(asked, told)
    firsts = [asked] if asked_until is None else [asked, asked_until]
    lasts = [told] if told_until is None else [told, told_until]
    if max(_agree(one, other) for one in firsts for other in lasts) == 1.0:
        return END if asked_until is None else WITHIN_LONG
    told_share = _count_parts(told) / max(1, _count_parts(asked))
    return min(WITHIN_LONG, told_share) if _is_within(firsts, lasts) else 0.0


def _agree(asked: PartialDate, told: PartialDate) -> float:
    parts = _count_parts(asked)
    if asked == told:
        return float(_find_span(asked) is not None)
    yearless = told.year is None and asked.year is not None
    if yearless:
        asked = replace(asked, year=None)
    elif asked.year is None:
        told = replace(told, year=None)
    span, other = _find_span(asked), _find_span(told)
    if span is None or other is None or span[1] < other[0] or other[1] < span[0]:
        return 0.0
    if span[0] <= other[0] and other[1] <= span[1]:
        if yearless:
            return (parts - 1) / parts
        return WITHIN_LONG if asked.part == "century" else 1.0
    return min(_count_parts(told), parts - 1) / parts


def _count_parts(day: PartialDate) -> int:
    """How much of year, month and day a date tells; a part of a year stands for its month."""
    era = day.part in _YEARS
    return sum(
        (
            day.year is not None,
            day.month is not None,
            day.day is not None,
            bool(day.part) and not era,
        )
    )


def _find_span(day: PartialDate) -> tuple[_Day, _Day] | None:
    """The first and last day that it may mean, the year 0 where it tells none."""
    if day.shift is not None or (day.month is None and (day.day is not None)):
        return None
    if day.year is None and day.month is None and day.part in ("", *_YEARS):
        return None
    year = day.year or 0
    if day.month is None:
        first, last = _MONTHS.get(day.part, (1, 12))
        return (year, first, 1), (year + _YEARS.get(day.part, 1) - 1, last, 31)
    low, high = _DAYS.get(day.part, (1, days_in(day.year, day.month)))
    if day.day is not None:
        low = high = day.day
    return (year, day.month, low), (year, day.month, high)


def _is_within(asked: list[PartialDate], told: list[PartialDate]) -> bool:
    """Whether one of two ranges lies within the other; a date is a range of itself."""
    ends = [_find_span(day) for day in (asked[0], asked[-1], told[0], told[-1])]
    if None in ends or len({day.year is None for day in (*asked, *told)}) > 1:
        return False
    first, last, start, end = (end for end in ends if end is not None)
    inner = first[0] <= start[0] and end[1] <= last[1]
    return inner or (start[0] <= first[0] and last[1] <= end[1])
