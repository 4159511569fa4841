"""The points of a list: what a question for several things, or for reasons, is answered by.

Where the best sentence is a row of a list, or introduces one, the whole list answers, a statement
a row, and not the one row that looks most like the question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.asking.kinds import Asked
from rag.types import Evidence

ASK_FOR_POINTS: frozenset[Asked] = frozenset(("list", "reason"))
MOST = 10  # rows that are told
_MARK = re.compile(
    r"\s*(?:[-*•·‧▪◦]\s+|[(（]?(?:\d{1,2}(?:\.(?!\d)|[、)）])|[一二三四五六七八九十][、)）])\s*)(?=\S)"
)
_INTRODUCES = (":", "：")


def find_points(best: Evidence, sentences: Sequence[Evidence]) -> list[Evidence]:
    """Return the list that `best` introduces or stands in, its introduction first.

    `best` may be parted from the list by one sentence that ends in a colon. Without two rows it is
    no list, and nothing comes back.

    Args:
        best: The sentence that answers best.
        sentences: Of its passage, `best` among them, in any order.
    """
    own = sorted(sentences, key=lambda item: item.quote.start)
    place = next(n for n, item in enumerate(own) if item.quote == best.quote)
    first = place
    while first > 0 and is_row(own[first]) and are_neighbors(own[first - 1], own[first]):
        first -= 1
    while (
        first < min(place + 2, len(own) - 1)
        and not _introduces(own[first])
        and not is_row(own[first])
    ):
        first += 1
    start = first + 1 if _introduces(own[first]) else first
    rows: list[Evidence] = []
    for item in own[start : start + MOST]:
        if not is_row(item) or (rows and not are_neighbors(rows[-1], item)):
            break
        rows.append(item)
    return [*own[first:start], *rows] if len(rows) > 1 else []


def is_row(item: Evidence) -> bool:
    """Whether a sentence begins with the mark of a list's row: a dash, a bullet, a number."""
    return _MARK.match(item.quote.text) is not None


def strip_mark(text: str) -> str:
    """The row without its mark."""
    return _MARK.sub("", text, count=1)


def _introduces(item: Evidence) -> bool:
    return item.quote.text.rstrip().endswith(_INTRODUCES) and not is_row(item)


def are_neighbors(one: Evidence, other: Evidence) -> bool:
    """Whether `one` stands before `other` in their passage, with nothing but space between."""
    passage = one.hit.passage
    if one.quote.end > other.quote.start:
        return False
    between = passage.text[one.quote.end - passage.start : other.quote.start - passage.start]
    return not between.strip()
