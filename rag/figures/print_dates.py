"""Print partial dates the way a reader of Chinese or of English writes them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from rag.figures.dates import MONTHS, PartialDate, Shift
from rag.figures.numbers import print_numbers
from rag.types import Language


def print_dates(first: PartialDate, until: PartialDate | None, language: Language) -> str:
    """Print a date, or a range of dates with the year said once: `2024年3月28日至30日`."""
    if until is None:
        return print_date(first, language)
    same_year = (first.year, first.shift) == (until.year, until.shift) and first.month is not None
    if same_year and first.month == until.month and first.day and until.day:
        if language == "zh":
            return f"{_print_zh(first)}至{until.day}日"
        return _print_en(first).replace(f" {first.day}", f" {first.day}–{until.day}", 1)
    if same_year and language == "zh":
        until = replace(until, year=None, shift=None)
    elif same_year:
        first = replace(first, year=None, shift=None)
    word = "至" if language == "zh" else " to "
    return print_date(first, language) + word + print_date(until, language)


def print_date(day: PartialDate, language: Language) -> str:
    """Print a partial date: `late February 2025`, `2025年2月下旬`."""
    return _print_zh(day) if language == "zh" else _print_en(day)


_ZH_SHIFTS: dict[Shift, str] = {
    **{
        Shift("year", n): w
        for n, w in zip(range(-2, 3), "前年 去年 今年 明年 后年".split(), strict=True)
    },
    Shift("year", 0, "stated"): "同年",
    Shift("year", 1, "stated"): "次年",
    Shift("year", -1, "stated"): "上年",
    **{
        Shift("quarter", n): w
        for n, w in zip(range(-1, 2), "上季度 本季度 下季度".split(), strict=True)
    },
    **{Shift("month", n): w for n, w in zip(range(-1, 2), "上月 本月 下月".split(), strict=True)},
    Shift("month", 0, "stated"): "同月",
    Shift("month", 1, "stated"): "次月",
    **{Shift("week", n): w for n, w in zip(range(-1, 2), "上周 本周 下周".split(), strict=True)},
    **{
        Shift("day", n): w
        for n, w in zip(range(-2, 3), "前天 昨天 今天 明天 后天".split(), strict=True)
    },
    Shift("day", 0, "stated"): "当天",
    Shift("day", 1, "stated"): "次日",
}
_EN_SHIFTS: dict[Shift, str] = {
    **{Shift("year", n): f"{w} year" for n, w in ((-1, "last"), (0, "this"), (1, "next"))},
    Shift("year", -2): "the year before last",
    Shift("year", 2): "the year after next",
    Shift("year", 0, "stated"): "the same year",
    Shift("year", 1, "stated"): "the following year",
    Shift("year", -1, "stated"): "the previous year",
    **{Shift("quarter", n): f"{w} quarter" for n, w in ((-1, "last"), (0, "this"), (1, "next"))},
    **{Shift("month", n): f"{w} month" for n, w in ((-1, "last"), (0, "this"), (1, "next"))},
    Shift("month", 0, "stated"): "the same month",
    Shift("month", 1, "stated"): "the following month",
    **{Shift("week", n): f"{w} week" for n, w in ((-1, "last"), (0, "this"), (1, "next"))},
    Shift("day", -2): "the day before yesterday",
    **{Shift("day", n): w for n, w in ((-1, "yesterday"), (0, "today"), (1, "tomorrow"))},
    Shift("day", 2): "the day after tomorrow",
    Shift("day", 0, "stated"): "the same day",
    Shift("day", 1, "stated"): "the next day",
}  # fmt: skip
_ZH_OF_MONTH = {"early": "上旬", "mid": "中旬", "late": "下旬"}
_ZH_OF_YEAR = {"early": "初", "mid": "中", "late": "底"}
_EN_OF_YEAR = {"early": "beginning", "mid": "middle", "late": "end"}
_ZH_SEASONS = {"spring": "春季", "summer": "夏季", "autumn": "秋季", "winter": "冬季"}


def _shift_words(shift: Shift, language: Language) -> str:
    words = _ZH_SHIFTS if language == "zh" else _EN_SHIFTS
    if shift in words:
        return words[shift]
    past, many = shift.steps < 0, abs(shift.steps) != 1
    (count,) = print_numbers((Decimal(abs(shift.steps)),), language)
    if language == "zh":
        unit = {"year": "年", "month": "个月", "week": "周", "day": "天"}.get(shift.unit, "个季度")
        return f"{count}{unit}{'前' if past else '后'}"
    return f"{count} {shift.unit}{'s' * many} {'ago' if past else 'later'}"


def _print_zh(day: PartialDate) -> str:
    if day.part in ("decade", "century") and day.year is not None:
        return f"{day.year}年代" if day.part == "decade" else f"{day.year // 100 + 1}世纪"
    if day.shift is not None and day.shift.unit == "named month":
        text = ("上一个", "今年", "下一个")[day.shift.steps + 1]
    elif day.shift is not None:
        text = _shift_words(day.shift, "zh")
    else:
        text = "" if day.year is None else f"{_era(day.year)}{abs(day.year)}年"
    text += (f"{day.month}月" if day.month else "") + (f"{day.day}日" if day.day else "")
    if day.part[:1] == "Q":
        return f"{text}第{'一二三四'[int(day.part[1]) - 1]}季度"
    if day.part[:1] == "H":
        return f"{text}{'上下'[int(day.part[1]) - 1]}半年"
    if day.part in _ZH_OF_MONTH:
        of_month = day.month is not None or (day.shift is not None and day.shift.unit == "month")
        return (text or "年") + (_ZH_OF_MONTH if of_month else _ZH_OF_YEAR)[day.part]
    return text + _ZH_SEASONS.get(day.part, "")


def _era(year: int) -> str:
    return "公元前" if year < 0 else "公元" if year < 1000 else ""


def _year_en(year: int | None) -> str:
    if year is None:
        return ""
    return f"{-year} BC" if year < 0 else f"AD {year}" if year < 1000 else str(year)


def _print_en(day: PartialDate) -> str:
    if day.part in ("decade", "century") and day.year is not None:
        century = f"{_ordinal(day.year // 100 + 1)} century"
        return f"{day.year}s" if day.part == "decade" else century
    text = _day_en(day)
    if day.part[:1] == "H":
        half = ("first half", "second half")[int(day.part[1]) - 1]
        return f"{half} of {text}" if text else f"the {half} of the year"
    if day.part in _EN_OF_YEAR and not text:
        return f"the {_EN_OF_YEAR[day.part]} of the year"
    if day.part == "mid" and day.shift is None:
        return f"mid-{text}"
    return f"{day.part} {text}".strip()


def _day_en(day: PartialDate) -> str:
    """Print month, day and year, or the words for the year."""
    text = MONTHS[day.month - 1] if day.month else ""
    year = _year_en(day.year)
    if day.shift is not None and day.shift.unit == "named month":
        text = f"{('last', 'this', 'next')[day.shift.steps + 1]} {text}"
    elif day.shift is not None:
        year = _shift_words(day.shift, "en")
    if day.day:
        text = f"{text} {day.day}" if text else f"the {_ordinal(day.day)}"
    if text and year:
        text += ", " if day.day and day.year else " "
    return text + year


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 <= number % 100 <= 20 else ending}"
