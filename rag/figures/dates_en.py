"""Find dates in English text, and dates in digits: `March 28, 2024`, `Q2 2025`, `2024-03-28`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.figures.dates import (
    MONTHS,
    QUARTERS,
    DateReading,
    Part,
    PartialDate,
    Shift,
    date_reading,
    make_date,
    order_of,
    with_year_of,
)
from rag.figures.dates_digits import YEAR, read_digits, read_years
from rag.types import Language

_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?"
    r"|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
    r"(?![A-Za-z])"
)
_DAY = r"(?:3[01]|[12][0-9]|0?[1-9])(?:st|nd|rd|th)?(?![A-Za-z0-9%:]|[.,][0-9])"
_SHIFTS = {
    "the year before last": Shift("year", -2), "the year after next": Shift("year", 2),
    "last year": Shift("year", -1), "this year": Shift("year", 0), "next year": Shift("year", 1),
    "the same year": Shift("year", 0, "stated"), "that year": Shift("year", 0, "stated"),
    "the following year": Shift("year", 1, "stated"),
    "the previous year": Shift("year", -1, "stated"),
}  # fmt: skip
_RELATIVE = _SHIFTS | {
    "last quarter": Shift("quarter", -1), "this quarter": Shift("quarter", 0),
    "next quarter": Shift("quarter", 1),
    "last month": Shift("month", -1), "this month": Shift("month", 0),
    "next month": Shift("month", 1), "the same month": Shift("month", 0, "stated"),
    "the following month": Shift("month", 1, "stated"),
    "last week": Shift("week", -1), "this week": Shift("week", 0), "next week": Shift("week", 1),
    "the day before yesterday": Shift("day", -2), "yesterday": Shift("day", -1),
    "last night": Shift("day", -1), "today": Shift("day", 0), "tonight": Shift("day", 0),
    "tomorrow": Shift("day", 1), "the day after tomorrow": Shift("day", 2),
    "the same day": Shift("day", 0, "stated"), "the next day": Shift("day", 1, "stated"),
    "the following day": Shift("day", 1, "stated"),
}  # fmt: skip
_LONG = {words: shift for words, shift in _RELATIVE.items() if shift.unit in ("year", "month")}
_PARTS: dict[str, Part] = {
    "early": "early", "the beginning of": "early", "beginning of": "early", "the start of": "early",
    "start of": "early", "mid": "mid", "the middle of": "mid", "middle of": "mid", "late": "late",
    "the end of": "late", "end of": "late", "spring": "spring", "summer": "summer",
    "autumn": "autumn", "fall": "autumn", "winter": "winter",
    "first": "Q1", "second": "Q2", "third": "Q3", "fourth": "Q4", "1st": "Q1", "2nd": "Q2",
    "3rd": "Q3", "4th": "Q4",
}  # fmt: skip


def _either(words: dict[str, Shift]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_OF_YEAR = (
    rf"(?:(?:,| of| in)? (?:the year |AD )?(?P<y>{YEAR}|(?<=AD )[0-9]{{1,3}}(?![0-9]))"
    rf"|,(?P<yc>{YEAR})"
    rf"|(?: of| in)? (?P<ry>(?i:{_either(_SHIFTS)}))(?![A-Za-z]))"
)
_PART = (
    r"(?:(?P<part>(?i:early|mid|late|(?:the )?(?:beginning|start|middle|end) of))"
    r"(?:[- ]in[- ]|[- ])(?:the )?)?"
)
_NAMED = re.compile(
    rf"{_PART}(?P<mon>{_MONTH})(?: (?:the )?(?P<d>{_DAY})(?: ?[-–] ?(?P<d2>{_DAY}))?)?{_OF_YEAR}?"
)
_DAY_FIRST = re.compile(
    rf"(?:(?P<d>{_DAY}) ?[-–] ?)?(?P<d2>{_DAY}) (?:of )?(?P<mon>{_MONTH}){_OF_YEAR}?"
)
_LAST_NAMED = re.compile(
    rf"(?P<which>(?i:last|this|next|this past)) (?P<mon>{_MONTH})(?: (?P<d>{_DAY}))?"
)
_QUARTER = re.compile(
    rf"(?:(?P<yb>{YEAR}|(?:19|20)[0-9]{{2}}(?=Q)) ?)?Q(?P<q>[1-4])(?![A-Za-z0-9]){_OF_YEAR}?"
    r"|(?:the )?(?P<o>(?i:first|second|third|fourth|1st|2nd|3rd|4th))[- ]quarter\b"
    rf"{_OF_YEAR.replace('P<', 'P<o')}?"
)
_HALF = re.compile(
    rf"(?:the )?(?P<o>(?i:first|second|1st|2nd)) half(?:{_OF_YEAR}| of the year\b)"
    rf"|H(?P<h>[12]) (?P<hy>{YEAR})"
)
_PART_YEAR = re.compile(
    rf"(?P<part>(?i:early|mid|late|(?:the )?(?:beginning|start|middle|end) of))(?:[- ]in[- ]|[- ])"
    rf"(?:(?P<y>{YEAR})|(?P<ry>(?i:{_either(_LONG)}))(?![A-Za-z])|the year\b)"
    rf"|(?:the )?(?P<season>(?i:spring|summer|autumn|fall|winter)){_OF_YEAR.replace('P<', 'P<s')}"
)
_WORDS = re.compile(rf"(?P<words>(?i:{_either(_RELATIVE)}))(?![A-Za-z])")
_ERA = re.compile(
    r"(?:the )?(?P<decade>[12][0-9]{2}0)'?s(?![A-Za-z0-9])"
    r"|(?:the )?'?(?P<short>[2-9]0)s(?![A-Za-z0-9])"
    r"|(?:the )?(?P<century>[12]?[0-9])(?:st|nd|rd|th)[- ]century"
    r"|(?P<bc>[0-9]{1,4}) (?:BCE?|B\.C\.)(?![A-Za-z])|(?:AD|A\.D\.) (?P<ad>[0-9]{1,4})(?![0-9])"
    r"|(?P<ce>[0-9]{1,4}) (?:AD|CE|A\.D\.)(?![A-Za-z])"
)
_ON_DAY = re.compile(
    r"the (?P<d>(?:3[01]|[12][0-9]|[1-9])(?:st|nd|rd|th))(?![A-Za-z-])"
    r"(?= of (?:the|this|that|last) month|[,.;)]| and|$)"
)
# The first look ahead only spares the engine the rest at most characters (ſ is an s to it)
_HEAD = re.compile(
    r"(?=[0-9'ABDEFHJLMNOQSTWYabefhlmnstwyſ])(?<![A-Za-z0-9_])"
    r"(?:(?=[0-9'])(?<![0-9][.,:/-])(?<![$€£¥#/])|(?=[JFMASONDQHE])"
    r"|(?=(?i:the|early|mid|late|beginning|start|middle|end|spring|summer|autumn|fall|winter|first"
    r"|second|third|fourth|last|this|next|that|yesterday|today|tonight|tomorrow|AD)\b))"
)
_MAY_BEFORE = re.compile(
    r"(?:\b(?:in|since|by|until|till|from|of|through|to|and|between|during|before|after) )$",
    re.IGNORECASE,
)
_RANGE = re.compile(r" ?[-–—] ?| (?:to|through|until|till|and) ")


def find_dates_en(text: str, *, language: Language) -> Iterator[DateReading]:
    """Yield the English dates, and those in digits, of a folded text; none overlap.

    Args:
        text: The folded text.
        language: Of most of the text: four bare digits are a year in English only.
    """
    place = 0
    while head := _HEAD.search(text, place):
        start = head.start()
        reading = _read_range(text, start, language)
        if reading is None:
            place = start + 1
        else:
            yield reading
            place = reading.end


def _read_range(text: str, start: int, language: Language) -> DateReading | None:
    first = _read_point(text, start, language)
    if first is None or first.until is not None:
        return first
    separator = _RANGE.match(text, first.end)
    if separator is None:
        return first
    if separator[0] == " and " and not text[max(0, start - 8) : start].lower().endswith("between "):
        return first
    second = _read_point(text, separator.end(), language)
    if second is None or second.until is not None:
        return first
    earlier = with_year_of(first.date, second.date)
    later = with_year_of(second.date, first.date)
    if order_of(earlier) >= order_of(later):
        return first
    return DateReading(start, second.end, earlier, later)


def _read_point(text: str, start: int, language: Language) -> DateReading | None:
    readings = [read(text, start) for read in _READERS]
    found = [reading for reading in readings if reading is not None]
    if not found and text[start : start + 1].isdigit():
        return read_years(text, start, language)
    return max(found, key=lambda reading: reading.end) if found else None


def _month_number(written: str) -> int:
    return next(n for n, name in enumerate(MONTHS, start=1) if name.startswith(written[:3]))


def _year_of(match: re.Match[str], prefix: str = "") -> tuple[int | None, Shift | None]:
    groups = match.groupdict()
    year = groups.get(prefix + "y") or groups.get(prefix + "yc")
    words = groups.get(prefix + "ry")
    return (int(year) if year else None), (_RELATIVE[words.lower()] if words else None)


def _day_number(written: str | None) -> int | None:
    return int(written.rstrip("stndrh")) if written else None


def _read_named(text: str, start: int) -> DateReading | None:
    match = _NAMED.match(text, start)
    if match is None:
        return None
    year, shift = _year_of(match)
    written, part = match["mon"], match["part"]
    if match["d"] is None and year is None and shift is None and part is None:
        before = text[max(0, start - 8) : start]
        bare = written in MONTHS and (written != "May" or _MAY_BEFORE.search(before))
        if not bare:
            return None
    first, last = _day_number(match["d"]), _day_number(match["d2"])
    month = _month_number(written)
    date = make_date(year, month, first, _PARTS[part.lower()] if part else "", shift)
    until = make_date(year, month, last, "", shift) if last and first and last > first else None
    return date_reading(start, match.end(), date, until)


def _read_day_first(text: str, start: int) -> DateReading | None:
    match = _DAY_FIRST.match(text, start)
    if match is None:
        return None
    year, shift = _year_of(match)
    month = _month_number(match["mon"])
    last, first = _day_number(match["d2"]), _day_number(match["d"])
    until = make_date(year, month, last, "", shift)
    if first is None:
        return date_reading(start, match.end(), until)
    return date_reading(start, match.end(), make_date(year, month, first, "", shift), until)


def _read_last_named(text: str, start: int) -> DateReading | None:
    match = _LAST_NAMED.match(text, start)
    if match is None:
        return None
    steps = {"last": -1, "this": 0, "next": 1, "this past": -1}[match["which"].lower()]
    shift = Shift("named month", steps)
    date = make_date(None, _month_number(match["mon"]), _day_number(match["d"]), "", shift)
    return date_reading(start, match.end(), date)


def _read_quarter(text: str, start: int) -> DateReading | None:
    match = _QUARTER.match(text, start)
    if match is None:
        return None
    year, shift = _year_of(match, "o" if match["o"] else "")
    if match["yb"]:
        year = int(match["yb"])
    part = _PARTS[match["o"].lower()] if match["o"] else QUARTERS[int(match["q"]) - 1]
    return date_reading(start, match.end(), make_date(year, None, None, part, shift))


def _read_half(text: str, start: int) -> DateReading | None:
    match = _HALF.match(text, start)
    if match is None:
        return None
    year, shift = _year_of(match)
    if match["h"]:
        year = int(match["hy"])
    first = match["h"] == "1" or (match["o"] or "").lower() in ("first", "1st")
    return date_reading(
        start, match.end(), make_date(year, None, None, "H1" if first else "H2", shift)
    )


def _read_part_year(text: str, start: int) -> DateReading | None:
    match = _PART_YEAR.match(text, start)
    if match is None:
        return None
    year, shift = _year_of(match, "s" if match["season"] else "")
    part = _PARTS[(match["season"] or match["part"]).lower()]
    return date_reading(start, match.end(), make_date(year, None, None, part, shift))


def _read_words(text: str, start: int) -> DateReading | None:
    match = _WORDS.match(text, start)
    if match is None:
        return None
    return DateReading(start, match.end(), PartialDate(shift=_RELATIVE[match["words"].lower()]))


def _read_era(text: str, start: int) -> DateReading | None:
    match = _ERA.match(text, start)
    if match is None:
        return None
    if match["decade"]:
        date = PartialDate(int(match["decade"]), part="decade")
    elif match["short"]:
        decade = int(match["short"])
        date = PartialDate((1900 if decade >= 30 else 2000) + decade, part="decade")
    elif match["century"]:
        date = PartialDate((int(match["century"]) - 1) * 100, part="century")
    else:
        date = PartialDate(-int(match["bc"]) if match["bc"] else int(match["ad"] or match["ce"]))
    return DateReading(start, match.end(), date)


def _read_on_day(text: str, start: int) -> DateReading | None:
    match = _ON_DAY.match(text, start)
    if match is None or not text[max(0, start - 3) : start].lower().endswith("on "):
        return None
    return date_reading(start, match.end(), make_date(day=_day_number(match["d"])))


_READERS = (
    _read_named,
    _read_day_first,
    _read_last_named,
    _read_quarter,
    _read_half,
    _read_part_year,
    _read_words,
    _read_era,
    read_digits,
    _read_on_day,
)
