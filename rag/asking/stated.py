"""The dates, numbers and amounts that a question names: cut out, and compared with what is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.figures.agree import agree_dates
from rag.figures.numbers import NUMERAL, read_numeral
from rag.values import Value, find_values, resolve_value

SAME_NUMBER = 0.5  # 三百万 and "$3 million": the number is asked without what is counted
LEAST_SPELLED = 10  # "two cities" and 三座 say how many things are asked about, "fifty" a figure
_BEFORE = re.compile(r"(?:\bthe )?\b(?:year|month|day)s? (?:of )?$", re.IGNORECASE)
_AFTER = re.compile(r" of (?:the|that) (?:year|month)\b", re.IGNORECASE)
_JOINED, _JOINS = re.compile(r"\d ?[-–—:/]$"), re.compile(r"[-–—:/] ?\d")
_THE = re.compile(r"the ", re.IGNORECASE)
_FALL = re.compile(r"fall (?:of |in )?", re.IGNORECASE)


def find_stated(text: str) -> list[Value]:
    """Return the values of a folded question that evidence may be held against, in order.

    A relative date is none, since the question does not say what it counts from. Of what is
    counted the number alone is taken: `50` of "50 people".
    """
    found = [value for value in find_values(text) if not _is_joined(value, text)]
    return [value for whole in found for value in _narrow(whole)]


def cut_stated(question: str, rest: str, values: Sequence[Value]) -> tuple[str, list[Value]]:
    """Return `rest` without the values, and those of them that stand in it, in order.

    With a value goes what only says what it is: "the year" of "in the year 2019".

    Args:
        question: Folded, as the spans of the values have it.
        rest: The question, from which one piece may have been taken out.
        values: By `find_stated`.
    """
    places = [(_find_place(question, rest, value), value) for value in values]
    kept = [(place, value) for place, value in places if place is not None]
    for place, value in reversed(kept):
        end = place + len(value.text)
        after = _AFTER.match(rest, end)
        before = _BEFORE.sub("", rest[:place])
        rest = f"{before} {rest[after.end() if after else end :]}"
    return rest, [value for _, value in kept]


def _find_place(question: str, rest: str, value: Value) -> int | None:
    """Where a value stands in the rest: before the piece taken out, behind it, or nowhere."""
    if rest.startswith(question[: value.end]):
        return value.start
    behind = question[value.start :]
    return len(rest) - len(behind) if rest.endswith(behind) else None


def compare_values(asked: Value, told: Sequence[Value]) -> list[float]:
    """Return how far each value of a text is the one asked about, in [0, 1].

    Dates are compared by `agree_dates`, one without a year also as of the year stated last before
    it; other values are equal by their key, or not.
    """
    shares = []
    year = None
    for value in told:
        shares.append(_compare(asked, value, year))
        if value.date is not None and value.date.year is not None:
            year = value.date.year
    return shares


def _compare(asked: Value, told: Value, year: int | None) -> float:
    if asked.date is None or told.date is None:
        bare = asked.kind == "number" and told.number is not None and told.kind != "time"
        same = bare and (asked.number, asked.high) == (told.number, told.high)
        return 1.0 if asked.key == told.key else SAME_NUMBER * same
    read = (told, resolve_value(told, anchor=None, year=year))
    return max(
        agree_dates(asked.date, other.date, asked_until=asked.until, told_until=other.until)
        for other in read
        if other.date is not None
    )


def _is_joined(value: Value, text: str) -> bool:
    """Whether a value is half of something else: a score (`24-10`), years (`1620-21年间`)."""
    before, after = text[: value.start], text[value.end :]
    return _JOINED.search(before) is not None or _JOINS.match(after) is not None


def _narrow(value: Value) -> Iterator[Value]:
    if value.date is not None:
        yield from _narrow_date(value)
        return
    if value.number is None or (value.kind in ("number", "count") and not _is_figure(value)):
        return
    match = NUMERAL.search(value.text) if value.kind == "count" and value.high is None else None
    numeral = read_numeral(value.text, match) if match else None
    if numeral is None:
        yield value
    else:
        start, end = value.start + numeral.start, value.start + numeral.end
        yield replace(value, start=start, end=end, text=value.text[numeral.start : numeral.end])


def _narrow_date(value: Value) -> Iterator[Value]:
    """A date that counts from none; `fall in 2023` is more likely the verb than the season."""
    dates = [day for day in (value.date, value.until) if day is not None]
    if any(day.shift is not None for day in dates):
        return
    falls = _FALL.match(value.text)
    if falls:
        lead = value.start + falls.end()
        for inner in find_stated(value.text[falls.end() :]):
            yield replace(inner, start=lead + inner.start, end=lead + inner.end)
        return
    skipped = _THE.match(value.text)
    lead = skipped.end() if skipped else 0
    yield replace(value, start=value.start + lead, text=value.text[lead:])


def _is_figure(value: Value) -> bool:
    written = any(c.isdigit() for c in value.text)
    return written or (value.number is not None and value.number >= LEAST_SPELLED)
