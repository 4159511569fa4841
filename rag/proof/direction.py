"""Whether a statement turns round what its quotes say: up for down, open for closed.

Only plain words of a closed list count, and only where the statement names one side and no quote
does, while a quote names the other. A side that a quote may name in other words is taken as named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rag.naming.tokens import fold_han


class _Side(NamedTuple):
    """Words that are sure to name a side, and whatever may name it."""

    sure: re.Pattern[str]
    loose: re.Pattern[str]


def _read_side(english: str, chinese: str, loose: str) -> _Side:
    sure = rf"\b(?:{english})\b|{chinese}"
    return _Side(re.compile(sure, re.IGNORECASE), re.compile(rf"{sure}|{loose}", re.IGNORECASE))


_UP = _read_side(
    r"rises?|rose|risen|grows?|grew|grown|increas(?:e[sd]?|ing)|"
    r"(?:is|are|was|were|went|go|goes|gone) up(?= \W?\d| by\b| from\b|\W*$)",
    "增长|上涨|上升|提高|增加|攀升|上调|走高",
    r"\b(?:up|rising|growing|growth|gain\w*|climb\w*|soar\w*|surg\w+|jump\w*|rais\w+|higher|"
    r"more than|add\w*|rall\w+|advanc\w+|expan\w+|doubl\w+|tripl\w+|improv\w+|boost\w*|"
    r"recover\w*|bigger|larger|exceed\w*|rebound\w*|widen\w*|better)\b"
    "|[涨升增扩翻]|更[高多大好]|超过|加[大快强]|推高|反弹|回暖|改善",
)
_DOWN = _read_side(
    r"fell|falls?|fallen|drop(?:s|ped)?|declin(?:e[sd]?|ing)|decreas(?:e[sd]?|ing)|shr[aiu]nks?|"
    r"(?:is|are|was|were|went|go|goes|gone) down(?= \W?\d| by\b| from\b|\W*$)",
    "下降|下跌|减少|降低|收窄|下滑|下调|走低",
    r"\b(?:down|falling|dropping|shrinking|los[st]\w*|lower\w*|less|few\w*|cut\w*|reduc\w+|slump\w*|"
    r"plung\w+|slid\w*|sank|sink\w*|tumbl\w+|narrow\w*|below|under|slow\w*|worse\w*|halv\w+|eas\w+|"
    r"dip\w*|shed\w*|weaken\w*|smaller|collaps\w+|autumn)\b"
    "|[降跌减缩损亏滑削]|更[低少小差]|不到|低于|少了|收[紧窄]",
)
_OPEN = _read_side(
    r"(?:re)?open(?:s|ed)",
    "开放|开业|开门|通车|开馆|启用",
    r"\bopen\w*|\breopen\w*|\b(?:start|launch|begin|began|begun|unlock|inaugurat)\w*|[开启]|通车|开张|开始",
)
_CLOSED = _read_side(
    r"clos(?:es|ed)(?! (?:to|in on|on|off|the (?:deal|gap))\b)",
    "关闭|关门|停业|歇业|闭馆|停运",
    r"\bclos\w+|\b(?:shut|end|stop|seal|block|suspend|clear|shutter)\w*|[关闭停封歇止结]",
)
_PAIRS = ((_UP, _DOWN), (_DOWN, _UP), (_OPEN, _CLOSED), (_CLOSED, _OPEN))
# "Did not rise" and "fell" may both be true.
_DENIED = re.compile(
    r"\b(?:no|not|never|cannot|without|fail\w*|stop\w*|until)\b|n['’]t\b|[不没未否]|并非|停止",
    re.IGNORECASE,
)


def find_turn(text: str, quotes: Sequence[str]) -> tuple[int, int] | None:
    """Return the span of the first word of direction that the quotes turn round, else None.

    None too where a side denies, for what does not rise may fall.
    """
    text, quotes = fold_han(text), [fold_han(quote) for quote in quotes]
    if any(_DENIED.search(said) for said in (text, *quotes)):
        return None
    found = [
        stated.span()
        for side, other in _PAIRS
        if (stated := side.sure.search(text))
        and not other.loose.search(text)
        and any(other.sure.search(quote) for quote in quotes)
        and not any(side.loose.search(quote) for quote in quotes)
    ]
    return min(found, default=None)
