"""Find clock times: `18点`, `晚8时`, `8:30 pm`, `20:15`. A reading is in seconds after midnight."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rag.figures.numbers import read_han
from rag.types import Language

_HOUR = r"(?:[0-9]{1,2}|[一二两三四五六七八九十]{1,3})"
_ZH = (
    r"(?P<period>凌晨|清晨|早上|早晨|早|上午|中午|午间|下午|午后|傍晚|晚上|晚间|晚|夜间|深夜)? ?"
    rf"(?P<hour>{_HOUR}) ?(?:点钟|点整|[点时](?!间|代|候|光|期|常|刻|尚|装|速|任|长|隔))"
    r"(?:(?P<minute>[0-9]{1,2}|[一二三四五六七八九十]{1,3}) ?分(?!之|钟)"
    r"|(?P<half>半)|(?P<quarter>[一三])刻)?"
)
_DIGITS = (
    r"(?<![0-9:.])(?P<h>2[0-4]|[01]?[0-9]):(?P<m>[0-5][0-9])(?::(?P<s>[0-5][0-9]))?(?![0-9:])"
    r"(?: ?(?P<half_day>[AaPp]\.?[Mm]\b\.?))?"
    r"|(?<![0-9:.])(?P<h12>1[0-2]|0?[1-9]) ?(?P<half_day12>[AaPp]\.?[Mm]\b\.?)"
    r"|(?<![0-9:.])(?P<clock>1[0-2]|[1-9]) o'clock"
)
# The look ahead only spares the engine the alternatives at most characters
_TIME = re.compile(
    r"(?=[0-9凌清早上中午下傍晚夜深一二两三四五六七八九十])"
    rf"(?<![0-9.,第一二三四五六七八九十])(?:{_DIGITS}|{_ZH})"
)
_BARE_AFTER = re.compile(r"[，。,.;；、)）\s至到前后左许起开正举]|$")
_DATED = re.compile(r"[日号天晚早晨午夜] ?$")
_LATE = ("下", "午后", "傍", "晚", "夜", "深", "午间")


class ClockTime(NamedTuple):
    """A clock time at `start:end`; `seconds` after midnight, 0 to 86400."""

    start: int
    end: int
    seconds: int


def find_times(text: str) -> Iterator[ClockTime]:
    """Yield the clock times of a folded text in reading order."""
    for match in _TIME.finditer(text):
        time = _read_zh(text, match) if match["hour"] else _read_digits(match)
        if time is not None:
            yield time


def _read_digits(match: re.Match[str]) -> ClockTime:
    hour = int(match["h"] or match["h12"] or match["clock"])
    half_day = (match["half_day"] or match["half_day12"] or "").lower()
    if half_day.startswith("p") and hour < 12:
        hour += 12
    elif half_day.startswith("a") and hour == 12:
        hour = 0
    seconds = 3600 * hour + 60 * int(match["m"] or 0) + int(match["s"] or 0)
    return ClockTime(match.start(), match.end(), seconds)


def _read_zh(text: str, match: re.Match[str]) -> ClockTime | None:
    hour, minute = _number(match["hour"]), _number(match["minute"] or "零")
    if hour is None or minute is None or hour > 24 or minute > 59:
        return None
    before = text[max(0, match.start() - 3) : match.start()]
    exact = match["period"] or match["minute"] or match["half"] or match["quarter"]
    if not exact and not _stands_alone(text, match, before):
        return None
    minute += 30 if match["half"] else {"一": 15, "三": 45}.get(match["quarter"] or "", 0)
    period = match["period"] or before[-1:]
    if hour < 12 and (period.startswith(_LATE) or (period.startswith("中") and hour < 3)):
        hour += 12
    return ClockTime(match.start(), match.end(), 3600 * hour + 60 * minute)


def _stands_alone(text: str, match: re.Match[str], before: str) -> bool:
    """Whether `18点` is a time: behind a day, or with nothing behind it that it could count."""
    if _DATED.search(before) or match[0][-1] in "钟整":
        return True
    return match["hour"].isascii() and bool(_BARE_AFTER.match(text, match.end()))


def _number(written: str) -> int | None:
    if written.isascii():
        return int(written)
    number = read_han(written)
    return None if number is None else int(number)


def print_time(seconds: int, language: Language) -> str:
    """Print a clock time: `6:30 pm`, `18点30分`; seconds only where there are any."""
    hour, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
    if second:
        return f"{hour}:{minute:02}:{second:02}"
    if language == "zh":
        return f"{hour}点" + (f"{minute}分" if minute else "")
    if hour == 24:
        return "24:00"
    return f"{(hour + 11) % 12 + 1}:{minute:02} {'am' if hour < 12 else 'pm'}"
