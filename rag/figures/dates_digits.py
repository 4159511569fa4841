"""Read dates that are all digits: `2024-03-28`, `3/28/2024`, `2019–2021`, a bare year."""

from __future__ import annotations

import re

from rag.figures.dates import DateReading, PartialDate, make_date
from rag.types import Language

YEAR = r"(?:1[0-9]{3}|20[0-9]{2})(?![A-Za-z0-9%]|[.,][0-9])"
_DIGITS = re.compile(
    r"(?P<y>(?:1[0-9]|20)[0-9]{2})(?P<s>[-/.])(?P<m>1[0-2]|0?[1-9])"
    r"(?P=s)(?P<d>3[01]|[12][0-9]|0?[1-9])"
    r"(?![0-9]|[-/.][0-9])|(?P<y2>(?:19|20)[0-9]{2})-(?P<m2>1[0-2]|0[1-9])(?![0-9-])"
    r"|(?P<a>[0-9]{1,2})/(?P<b>[0-9]{1,2})/(?P<y3>(?:19|20)[0-9]{2})(?![0-9])"
)
_YEARS = re.compile(
    rf"(?P<y>{YEAR})(?: ?[-–—] ?(?P<y2>{YEAR}|[0-9]{{2}}(?![0-9%A-Za-z])))?(?![-–][0-9])"
)
_AFTER_NAME = re.compile(
    r"(?:\b(?:in|since|by|from|until|till|to|before|after|during|of|the|for|through|and|early|late"
    r"|mid|year|around|circa|between|or|summer|winter|spring|fall|autumn|about) )$",
    re.IGNORECASE,
)
_AFTER_MARK = re.compile(r"(?:[(,;–-] ?|^)$")
_MAX_DIGIT_YEAR = 2035  # beyond, four bare digits behind a name are a model: RTX 2080


def read_digits(text: str, start: int) -> DateReading | None:
    """Read a whole date in digits at `start`; None for one that could be two dates (3/4/2024)."""
    match = _DIGITS.match(text, start)
    if match is None:
        return None
    if match["y3"]:
        date = _month_or_day_first(int(match["y3"]), int(match["a"]), int(match["b"]))
    elif match["y2"]:
        date = PartialDate(int(match["y2"]), int(match["m2"]))
    else:
        date = make_date(int(match["y"]), int(match["m"]), int(match["d"]))
    return None if date is None else DateReading(start, match.end(), date)


def _month_or_day_first(year: int, first: int, second: int) -> PartialDate | None:
    if first > 12 >= second:
        return make_date(year, second, first)
    return make_date(year, first, second) if second > 12 >= first or first == second else None


def read_years(text: str, start: int, language: Language) -> DateReading | None:
    """Read four bare digits at `start`, or two such years, where they stand for years.

    Beside a word that leads to a date any year from 1000 does; elsewhere, and in Chinese, only one
    that is likely to be a year and is not round.
    """
    match = _YEARS.match(text, start)
    if match is None:
        return None
    year, before = int(match["y"]), text[max(0, start - 12) : start]
    led = _AFTER_NAME.search(before) or (language == "en" and _AFTER_MARK.search(before))
    if not led and (year < 1900 or year > _MAX_DIGIT_YEAR or year % 100 == 0):
        return None
    if match["y2"] is None:
        return DateReading(start, match.end(), PartialDate(year))
    written = match["y2"]
    last = int(written) if len(written) == 4 else year // 100 * 100 + int(written)
    if last <= year:
        return DateReading(start, start + 4, PartialDate(year)) if len(written) == 4 else None
    return DateReading(start, match.end(), PartialDate(year), PartialDate(last))
