"""Find quantities in Chinese and English text: a numeral, its unit, its currency, its bound.

`超13.5万辆` and "over 135,000 vehicles" give the same reading. Dates and clock times belong to
`rag.figures.dates_zh`, `rag.figures.dates_en` and `rag.figures.times`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from rag.figures.bounds import Bound, read_bounds
from rag.figures.number_guards import counts_something, is_ordinal, is_part_of_name, stands_free
from rag.figures.numbers import HAN_DIGIT, NUMERAL, Numeral, read_han, read_numeral
from rag.figures.units import CURRENCY, CURRENCY_BEFORE, UNITS, Unit, WrittenUnit, read_unit


class Quantity(NamedTuple):
    """What was read at `start:end`; `high` is the upper end of a range, else None."""

    start: int
    end: int
    low: Decimal
    high: Decimal | None
    unit: Unit | None
    approximate: bool
    bound: Bound


class _Term(NamedTuple):
    numeral: Numeral
    unit: Unit | None
    end: int
    over: bool


_WINDOW = 24  # the longest words before a numeral that change its reading fit in it
_HALF = Decimal("0.5")

_MORE = re.compile(r"[多余](?!个?[0-9])")
_HALF_MORE = re.compile(r"个半(?=小时|月|钟头|星期|世纪)")
_HALF_AFTER = re.compile(r"半(?![年月天小个载])")
_REST_OF_METER = re.compile(r"(?<=米)[0-9]{1,2}(?![0-9.])")
_RANGE = re.compile(r" ?(?:-|–|—{1,2}|~|～|至|到) ?| (?:to|or|and) ")
_LISTED = re.compile(r"、(?=[0-9] ?[^0-9、.])")
_SIGN_AGAIN = re.compile(r"(?:US|HK|NT)?[$€£¥]|RMB |人民币")
_PART = rf"[0-9]+(?:\.[0-9]+)?|[{HAN_DIGIT}十百]+(?:点[{HAN_DIGIT}]+)?"
_SHARE = re.compile(
    rf"(?P<of>百分之|千分之|万分之) ?(?P<part>{_PART})"
    rf"(?:(?:至|到|-|–)(?:百分之)?(?P<high>{_PART}))?"
    r"|(?P<bottom>[二三四五六七八九十])分之(?P<top>[一二两三四五六七八九])|(?P<half>一半|半数)"
    r"|(?P<word>(?i:one|two|three)[ -](?i:thirds?|quarters?|fifths?))(?![A-Za-z])"
)


def find_quantities(text: str) -> Iterator[Quantity]:
    """Yield the quantities of a folded text in reading order; none overlap."""
    done = 0
    for match in NUMERAL.finditer(text):
        if match.start() < done:
            continue
        before = text[max(done, match.start() - _WINDOW) : match.start()]
        share = _SHARE.match(text, match.start())
        if share is not None:
            quantity = _read_share(text, share, before)
        else:
            quantity = _read_quantity(text, match, before)
        if quantity is not None:
            yield quantity
            done = quantity.end


def _read_share(text: str, match: re.Match[str], before: str) -> Quantity | None:
    low: Decimal | None
    high: Decimal | None = None
    if match["of"]:
        per = {"百": 1, "千": 10, "万": 100}[match["of"][0]]
        low = _read_part(match["part"], per)
        high = _read_part(match["high"], per) if match["high"] else None
    elif match["half"]:
        low = Decimal(50)
    else:
        top, bottom = _read_fraction(match)
        low = (Decimal(100) * top / bottom).quantize(Decimal("0.0001")).normalize()
    if low is None or is_ordinal(before):
        return None
    return _bounded(text, before, match.span(), (low, high), UNITS["%"])


def _read_part(part: str, per: int) -> Decimal | None:
    whole = NUMERAL.fullmatch(part)
    numeral = read_numeral(part, whole) if whole else None
    number = numeral.low if numeral else read_han("一" + part)  # 百分之百
    return None if number is None else number / per


def _read_fraction(match: re.Match[str]) -> tuple[int, int]:
    if match["word"]:
        top, bottom = re.split("[ -]", match["word"].lower())
        return ("one", "two", "three").index(top) + 1, {"t": 3, "q": 4, "f": 5}[bottom[0]]
    digits = "零一二三四五六七八九十"
    return digits.index(match["top"].replace("两", "二")), digits.index(match["bottom"])


def _read_quantity(text: str, match: re.Match[str], before: str) -> Quantity | None:
    currency = CURRENCY.search(before)
    start = match.start()
    if currency is not None:
        before = before[: currency.start()]
        start -= len(currency[0])
    if is_ordinal(before):
        return None
    first = _read_term(text, match, money=currency is not None)
    if first is None or is_part_of_name(text, first.numeral, match.end(), before):
        return None
    second = _read_second(text, first, money=currency is not None)
    last = second or first
    if currency is not None and (last.unit is None or last.unit.kind != "money"):
        # $5 a share is no number of shares
        code = CURRENCY_BEFORE[currency[0].strip()]
        last = last._replace(unit=UNITS[code], end=max(last.numeral.end, match.end()))
    numeral = first.numeral
    if last.unit is None:
        accepted = stands_free(text, numeral, last.end, before)
    else:
        accepted = counts_something(numeral, text[numeral.start : numeral.end], before, last.unit)
    if not accepted:
        return None
    quantity = _bounded(text, before, (start, last.end), _ends(first, second), last.unit)
    return quantity._replace(bound=quantity.bound or "over") if last.over else quantity


def _read_term(text: str, match: re.Match[str], *, money: bool) -> _Term | None:
    numeral = read_numeral(text, match, money=money)
    if numeral is None:
        return None
    end, over = numeral.end, numeral.over
    if more := _MORE.match(text, end):
        end, over = more.end(), True
    half = _HALF_MORE.match(text, end)
    written = read_unit(text, half.end() if half else end)
    if half and text[half.end()] == "月":
        written = WrittenUnit(UNITS["month"], Decimal(1), half.end() + 1)
    lasts = written is not None and written.unit.kind == "duration"
    if numeral.low == _HALF and numeral.style != "digits" and not lasts:
        return None  # 半 and "half a" say a number of durations only
    if written is None:
        return _Term(numeral, None, end, over)
    over = over or "多" in text[numeral.end : written.end]
    return _with_unit(text, numeral, written, over=over, half=half is not None)


def _with_unit(
    text: str, numeral: Numeral, written: WrittenUnit, *, over: bool, half: bool
) -> _Term:
    """Join a numeral and its unit with what may follow: `一年半`, `1米95`, `9小时26分`."""
    unit, times, end = written
    extra = _HALF if half else Decimal(0)
    if unit.kind == "duration" and not half and (after := _HALF_AFTER.match(text, end)):
        extra, end = _HALF, after.end()
    elif unit.name == "meter" and (rest := _REST_OF_METER.match(text, end)):
        extra, end = Decimal(f"0.{rest[0]}"), rest.end()
    elif unit.name == "point" and text.endswith("小时", 0, numeral.start):
        unit = UNITS["minute"]
    low = (numeral.low + extra) * times
    high = None if numeral.high is None else (numeral.high + extra) * times
    return _Term(numeral._replace(low=low, high=high), unit, end, over)


def _read_second(text: str, first: _Term, *, money: bool) -> _Term | None:
    """The upper end of a range that starts with `first`, or None."""
    separator = _RANGE.match(text, first.end)
    if separator is None and first.unit is None:
        separator = _LISTED.match(text, first.end)
    if separator is None or first.over or first.numeral.high is not None:
        return None
    start = separator.end()
    if money and (sign := _SIGN_AGAIN.match(text, start)):
        start = sign.end()
    match = NUMERAL.match(text, start)
    second = _read_term(text, match, money=money) if match else None
    if second is None or second.numeral.high is not None:
        return None
    if first.unit not in (None, second.unit):
        return None
    low, high = _ends(first, second)
    if high is None or low >= high:
        return None
    word = separator[0].strip()
    if word == "and":
        between = text[max(0, first.numeral.start - _WINDOW) : first.numeral.start].lower()
        return second if "between " in between else None
    return second if word not in ("or", "、") or high == low + 1 else None


def _ends(first: _Term, second: _Term | None) -> tuple[Decimal, Decimal | None]:
    """The two ends; in `5-7 million` and `20-30万` the scale is said once and meant twice."""
    low = first.numeral.low
    if second is None:
        return low, first.numeral.high
    high, scale = second.numeral.low, second.numeral.scale
    shared = first.numeral.scale == 1 and first.unit is None and low * scale < high
    return (low * scale if shared else low), high


def _bounded(
    text: str,
    before: str,
    span: tuple[int, int],
    ends: tuple[Decimal, Decimal | None],
    unit: Unit | None,
) -> Quantity:
    low, high = ends
    lasts = unit is not None and unit.kind == "duration"
    bounded = read_bounds(text, before, *span, is_range=high is not None, lasts=lasts)
    return Quantity(bounded.start, bounded.end, low, high, unit, bounded.approximate, bounded.bound)
