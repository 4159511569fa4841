"""Whether what was said is one of the answers that a question accepts.

Values are compared as values, so that one wording of a date or an amount is enough in a set;
other text is compared with its case, width, spaces, commas and script (traditional or
simplified) folded.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import lru_cache

from embeddings.fold import fold_text
from eval.questions import Question
from rag.types import Answer, Language
from rag.values import Value, find_values, format_value

RIGHT = "right"
_CALENDAR = ("date", "time")  # their digits count nothing: the 3 of March 3 is no number of things


def is_accepted(accept: Sequence[Sequence[str]], said: str) -> bool:
    """Whether all parts of one of the ways stand in `said`."""
    return any(all(stands_in(part, said) for part in way) for way in accept)


def share_shown(values: Sequence[Sequence[str]], said: str) -> float:
    """The share of the values, each with its wordings, that stand in `said`; at least one value."""
    return sum(any(stands_in(word, said) for word in words) for words in values) / len(values)


def stands_in(part: str, said: str) -> bool:
    """Whether a part of an accepted answer stands in `said`, as a value or as text.

    A number without a unit is met by that number with any unit, and a single value by an end of a
    range. Text that begins or ends with a digit is not met within a longer number, and what is a
    value, but no date or time, not within one of these.
    """
    wanted = read_value(part)
    if wanted is not None:
        values = find_values(said)
        if any(_equals(wanted, value) for value in values):
            return True
        if wanted.kind not in _CALENDAR:
            said = _cut_out(said, [value for value in values if value.kind in _CALENDAR])
    return _holds_text(_fold(part), _fold(said))


def read_value(part: str) -> Value | None:
    """The value that a text is, if it is nothing but a value."""
    text = part.strip()
    values = find_values(text)
    return values[0] if len(values) == 1 and values[0].text == text else None


def word_answer(way: Sequence[str], language: Language) -> str:
    """An accepted way as a reader of `language` would word it: values printed, parts in a row."""
    values = ((part, read_value(part)) for part in way)
    return " ".join(format_value(value, language) if value else part for part, value in values)


def identify_value(question: Question, answer: Answer) -> Hashable | None:
    """What an answer says, to be compared with those to variants of its question.

    Everything that the question accepts is the same, whatever its language or wording. Other
    answers are known by their first value, or else by their folded first statement. None for a
    refusal.
    """
    if not answer.found:
        return None
    said = answer.statements[0].text
    if is_accepted(question.accept, said):
        return RIGHT
    values = find_values(said)
    return values[0].key if values else _fold(said)


def _equals(wanted: Value, value: Value) -> bool:
    if wanted.key == value.key:
        return True
    if wanted.date is not None and value.date is not None and wanted.until is None:
        return wanted.date in (value.date, value.until)
    if wanted.high is None and wanted.number is not None and value.number is not None:
        same_unit = wanted.unit in (None, value.unit)
        return same_unit and wanted.number in (value.number, value.high)
    return False


def _cut_out(text: str, values: Sequence[Value]) -> str:
    for value in reversed(values):
        text = f"{text[: value.start]}/{text[value.end :]}"
    return text


def _holds_text(part: str, said: str) -> bool:
    start = said.find(part)
    while start >= 0:
        end = start + len(part)
        if not (_joins(said[:start], part) or _joins(part, said[end:])):
            return True
        start = said.find(part, start + 1)
    return False


def _joins(left: str, right: str) -> bool:
    """Whether two neighbouring texts are one number."""
    if not left or not right:
        return False
    if left[-1].isdigit():
        return right[0].isdigit() or (right[0] == "." and right[1:2].isdigit())
    return left[-1] == "." and left[-2:-1].isdigit() and right[0].isdigit()


@lru_cache(maxsize=1_000)
def _fold(text: str) -> str:
    return "".join(c for c in fold_text(text).casefold() if not c.isspace() and c != ",")
