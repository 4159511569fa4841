"""Other values that sources give for the same thing, to be laid side by side with the answer.

Two values conflict only if independent sources give them for the same event, as surely about what
was asked, and neither is the other told less exactly. Anything less is not called a conflict: a
false alarm costs more trust than a value left out.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal

from rag.events import can_conflict, read_events
from rag.figures.dates import PartialDate
from rag.options import Option, join_probability
from rag.values import Value, find_values
from rag.weigh import Reading

# What another value must reach of the answer's: in probability, and in the share of the question
# that its sentence with its passage covers. On XQuAD-R, where nothing conflicts: eval/LOG.md.
AS_PROBABLE, AS_MUCH_ABOUT = 0.3, 0.8
ABOUT = Decimal("0.15")  # "about 60,000" may be told of what is so far from it
VALUE_KINDS = frozenset(("date", "time", "duration", "share", "money", "number", "measure"))
DateSpan = tuple[PartialDate, PartialDate | None]
_YEARS = {"decade": 9, "century": 99}  # after the first one
# First and last month of a part of a year; a season may be told generously.
_MONTHS: Mapping[str, tuple[int, int]] = {
    "Q1": (1, 3), "Q2": (4, 6), "Q3": (7, 9), "Q4": (10, 12), "H1": (1, 6), "H2": (7, 12),
    "spring": (2, 6), "summer": (5, 9), "autumn": (8, 12),
}  # fmt: skip


def find_conflicting(
    chosen: Sequence[Option], others: Sequence[Sequence[Option]], voices: Mapping[str, str]
) -> list[Sequence[Option]]:
    """Return those of the `others` that contradict the chosen value, most probable first.

    Args:
        chosen: The options of one value, most probable first.
        others: The options of every other value, each most probable first.
        voices: Document -> voice.
    """
    found = [group for group in others if _contradicts(chosen, group, voices)]
    found.sort(key=lambda group: -join_probability(group, voices))
    kept: list[Sequence[Option]] = []
    for group in found:
        if not any(_agree(group[0], other[0]) for other in kept):
            kept.append(group)
    return kept


def are_compatible(one: Hashable, other: Hashable) -> bool:
    """Whether two keys of `rag.values` may tell the same, one less exactly than the other.

    Values of different kinds or units are no rivals, so they are compatible, too.
    """
    if not (isinstance(one, tuple) and isinstance(other, tuple)) or one[0] != other[0]:
        return True
    if one[0] not in VALUE_KINDS:
        return True
    if one[0] == "date":
        return _are_dates_compatible((one[1], one[2]), (other[1], other[2]))
    if one[3] != other[3]:
        return True
    return _overlap(one[1], one[2], other[1], other[2])


def _contradicts(
    chosen: Sequence[Option], group: Sequence[Option], voices: Mapping[str, str]
) -> bool:
    best, rival = chosen[0], group[0]
    if best.candidate is None or rival.candidate is None:
        return False
    if _agree(best, rival):
        return False
    if join_probability(group, voices) < AS_PROBABLE * join_probability(chosen, voices):
        return False
    if rival.reading.rival or not _are_as_much_about(best.reading, rival.reading):
        return False
    if _list_voices(chosen, voices) & _list_voices(group, voices):
        return False
    return can_conflict(_read_events(best), _read_events(rival))


def _agree(one: Option, other: Option) -> bool:
    """Whether two values may tell the same, bounds and "about" minded."""
    assert one.candidate is not None  # noqa: S101 - values alone are compared
    assert other.candidate is not None  # noqa: S101
    if are_compatible(one.candidate.key, other.candidate.key):
        return True
    return _may_mean(one, other) or _may_mean(other, one)


def _are_as_much_about(one: Reading, other: Reading) -> bool:
    """Whether two sentences with their passages cover the question, and its names, alike.

    Of two in different languages each covers what the dictionary knows, which says little: only
    that one of them holds some of the names and the other none. Else the names are compared in
    `rag.assemble`, which can look them up.
    """
    if one.evidence.hit.language != other.evidence.hit.language:
        return (one.names > 0.0) == (other.names > 0.0)
    pairs = ((one.whole, other.whole), (one.names, other.names))
    return all(min(pair) >= AS_MUCH_ABOUT * max(pair) for pair in pairs)


def _list_voices(group: Sequence[Option], voices: Mapping[str, str]) -> set[str]:
    documents = (option.reading.evidence.quote.document_id for option in group)
    return {voices.get(document, document) for document in documents}


def _read_events(option: Option) -> frozenset[str]:
    assert option.candidate is not None  # noqa: S101 - the caller has looked
    text = option.reading.evidence.quote.text
    return read_events(text, option.candidate.start, option.candidate.end)


def _may_mean(rough: Option, exact: Option) -> bool:
    """Whether "over 60,000" or "about 60,000" may be told of what another source counts exactly."""
    value = _read_value(rough)
    if value is None or value.kind == "date" or rough.candidate is None or exact.candidate is None:
        return False
    keys = [option.candidate.key for option in (rough, exact) if option.candidate]
    (_, low, high, _), (_, other, other_high, _) = (key for key in keys if isinstance(key, tuple))
    if value.bound in ("over", "least"):
        return bool((other if other_high is None else other_high) >= low)
    if value.bound in ("under", "most"):
        return bool(other <= (low if high is None else high))
    return value.approximate and abs(other - low) <= ABOUT * abs(low)


def _read_value(option: Option) -> Value | None:
    """The value of an option, with the words that bound it."""
    evidence, candidate = option.reading.evidence, option.candidate
    found = find_values(evidence.quote.text, language=evidence.hit.language)
    return next((v for v in found if candidate and v.start == candidate.start), None)


def _are_dates_compatible(one: DateSpan, other: DateSpan) -> bool:
    dates = [day for day in (*one, *other) if day is not None]
    if any(day.shift is not None for day in dates):
        return True
    if len(dates) > 2 or any(day.part in _YEARS for day in dates):
        dated = all(day.year is not None for day in dates)
        (low, high), (other_low, other_high) = (_find_ends(span, dated) for span in (one, other))
        return low <= other_high and other_low <= high
    first, second = dates
    months = [_MONTHS.get(day.part) for day in dates]
    if months[0] and months[1] and (months[0][1] < months[1][0] or months[1][1] < months[0][0]):
        return (first.year is None) != (second.year is None)
    pairs = ((first.year, second.year), (first.month, second.month), (first.day, second.day))
    return all(a is None or b is None or a == b for a, b in pairs)


def _find_ends(span: DateSpan, dated: bool) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """The first and last day that a date, or a range of dates, can mean; without its year."""
    first, last = span[0], span[1] or span[0]
    low = (first.year or 0 if dated else 0, first.month or 1, first.day or 1)
    year = (last.year or 0) + _YEARS.get(last.part, 0) if dated else 0
    return low, (year, last.month or 12, last.day or 31)


def _overlap(
    low: Decimal | None, high: Decimal | None, other_low: Decimal | None, other_high: Decimal | None
) -> bool:
    if low is None or other_low is None:
        return True
    last, other_last = (
        b if b is not None else a for a, b in ((low, high), (other_low, other_high))
    )
    return low <= other_last and other_low <= last
