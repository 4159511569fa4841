"""Find dates in Chinese: `2024年3月28日`, `明年2、3月`, `2025年Q2`, `上月底`, `20世纪90年代`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from rag.figures.dates import (
    DateReading,
    Part,
    PartialDate,
    Shift,
    make_date,
    order_of,
    with_year_of,
)
from rag.figures.numbers import read_han

_DIGIT = "〇零一二三四五六七八九"
_SEP = r" ?(?:-|–|—{1,2}|~|～|至|到|、|或) ?"
_MONTH = r"(?:1[0-2]|0?[1-9](?![0-9])|十[一二]?|[一二三四五六七八九])"
_DAY = (
    r"(?:3[01]|[12][0-9]|0?[1-9](?![0-9])"
    r"|二十[一二三四五六七八九]?|三十一?|十[一二三四五六七八九]?|[一二三四五六七八九])"
)
# 年中 and 月中 mean the middle only where nothing like 中国 follows
_MIDDLE = r"中(?=[，。,.;；、)）\s的前后将起推发上完开左]|$)"
_YEARS = {
    "前年": -2, "去年": -1, "今年": 0, "本年": 0, "明年": 1, "下一年": 1, "后年": 2,
}  # fmt: skip
_STATED_YEARS = {"上一年": -1, "上年": -1, "同年": 0, "当年": 0, "次年": 1, "翌年": 1}
_MONTHS = {
    "上个月": -1, "上月": -1, "本月": 0, "这个月": 0, "下个月": 1, "下月": 1,
}  # fmt: skip
_STATED_MONTHS = {"当月": 0, "同月": 0, "次月": 1}
_DAYS = {
    "前天": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "昨夜": -1, "今天": 0, "今日": 0, "今晚": 0,
    "今早": 0, "今晨": 0, "明天": 1, "明日": 1, "明晚": 1, "明早": 1, "后天": 2,
}  # fmt: skip
_STATED_DAYS = {"当天": 0, "当日": 0, "当晚": 0, "同日": 0, "同天": 0, "次日": 1, "翌日": 1}
_WEEKS = {
    "上周": -1, "上星期": -1, "上个星期": -1, "本周": 0, "这周": 0, "本星期": 0,
    "下周": 1, "下星期": 1, "下个星期": 1,
}  # fmt: skip
_QUARTERS = {"上季度": -1, "上一季度": -1, "本季度": 0, "下季度": 1, "下一季度": 1}


def _either(*words: dict[str, int]) -> str:
    return "|".join(sorted((word for group in words for word in group), key=len, reverse=True))


_YEAR = (
    rf"(?P<bc>公元前 ?)?(?:公元 ?)?"
    rf"(?:(?:(?P<y0>[0-9]{{4}}) ?年?{_SEP})?(?P<y>(?<![0-9.,])[0-9]{{3,4}}(?= ?年)"
    rf"|(?<![0-9.,])[0-9]{{2}}(?= ?年 ?{_MONTH} ?月)|(?<![0-9.,])0[0-9](?=年)"
    rf"|[一二][{_DIGIT}]{{3}}(?=年)"
    r"|(?<=公元)[0-9]{1,2}(?= ?年)|(?<=公元前)[0-9]{1,2}(?= ?年)) ?年"
    rf"|民国(?P<republic>[0-9]{{1,3}}|[一二三四五六七八九十]+)年)(?![级纪])"
)
_POINT = re.compile(
    rf"(?:(?:{_YEAR}|(?P<ry>{_either(_YEARS, _STATED_YEARS)})(?![龄级代轻])) ?)?"
    r"(?:"
    rf"(?:(?<![0-9.])(?:(?P<m0>{_MONTH}) ?月?{_SEP})?(?P<m>{_MONTH}) ?月份?"
    r"|(?P<mm>[一二三四五六七八九]{2})月份?"
    rf"|(?(y)(?!)|(?(ry)(?!)|(?P<rm>{_either(_MONTHS, _STATED_MONTHS)}))))"
    rf"(?: ?(?:(?P<d0>{_DAY}) ?日?{_SEP})?(?P<d>{_DAY}) ?[日号](?![元圆])"
    rf"|(?P<mp>上旬|中旬|下旬|初(?![步中级])|底|末|{_MIDDLE}))?"
    r"|(?P<qs>前三季度?)|第?(?P<q>[一二三四1-4]) ?季度"
    r"|(?(y)|(?(ry)|(?<![\w])))Q(?P<qq>[1-4])(?![A-Za-z0-9])"
    r"|(?P<h>[上下])半年"
    rf"|(?P<yp>年?(?:初(?![步中级])|底|末))|(?P<ym>年?{_MIDDLE})|(?P<season>[春夏秋冬])[季天]?"
    r"|(?P<full>全年|度)"
    rf"|(?(y)(?!)|(?(ry)(?!)|(?<![0-9.,:])(?:(?P<e0>{_DAY}) ?日?{_SEP})?(?P<e>{_DAY}) ?日"
    r"(?![元圆均游线常夜益]|报(?![道告])|本(?!次|周|月)|[内前后])))|)"
)
_HEAD = re.compile(r"[0-9一二三四五六七八九十公民前去今本明下后上同当次翌这第年Q昨]")
_ERA = re.compile(
    r"(?<![0-9])(?P<y>[0-9]{3}0) ?年代"
    r"|(?<![个0-9.])(?:(?P<c>[0-9]{1,2}|[一二]?十?[一二三四五六七八九十]) ?世纪|)"
    r"(?:(?P<d>[0-9]0|[二三四五六七八九]?十) ?年代)?"
)
_RELATIVE = re.compile(
    rf"(?P<d>{_either(_DAYS, _STATED_DAYS)})|(?P<w>{_either(_WEEKS)})(?![期年边刊转])"
    rf"|(?P<q>{_either(_QUARTERS)})"
)
_RANGE = re.compile(r" ?(?:-|–|—{1,2}|~|～|至|到) ?")
_PARTS: dict[str, Part] = {
    "上旬": "early", "初": "early", "年初": "early", "中旬": "mid", "中": "mid",
    "下旬": "late", "底": "late", "末": "late", "年底": "late", "年末": "late",
    "春": "spring", "夏": "summer", "秋": "autumn", "冬": "winter", "上": "H1", "下": "H2",
}  # fmt: skip
_NUMBER_PARTS: dict[str, Part] = {
    "1": "Q1", "2": "Q2", "3": "Q3", "4": "Q4", "一": "Q1", "二": "Q2", "三": "Q3", "四": "Q4",
}  # fmt: skip


def find_dates_zh(text: str) -> Iterator[DateReading]:
    """Yield the Chinese dates of a folded text in reading order; none overlap."""
    place = 0
    while head := _HEAD.search(text, place):
        reading = _read_era(text, head.start()) or _read_relative(text, head.start())
        reading = reading or _read_dates(text, head.start())
        if reading is None:
            place = _skip(text, head.start())
        else:
            yield reading
            place = reading.end


_LEADS = ("于", "在", "自", "从", "至", "到", "(", "（", "—", "–", "-")
_RUN = re.compile(r"[0-9]+|[一二三四五六七八九十]{8,}(?=[一二三四五六七八九十]{4})|.", re.DOTALL)


def _skip(text: str, place: int) -> int:
    """Go past a character, or past a run of digits that would be tried again and again."""
    run = _RUN.match(text, place)
    return run.end() if run else place + 1


def _number(written: str) -> int:
    if written.isascii():
        return int(written)
    if len(written) > 1 and "十" not in written:
        return int(
            "".join(str(_DIGIT.replace("零", "").find(c)) for c in written.replace("零", "〇"))
        )
    return int(read_han(written) or 0)


def _read_era(text: str, place: int) -> DateReading | None:
    match = _ERA.match(text, place)
    if match is None or match.end() == place:
        return None
    if match["y"]:
        return DateReading(place, match.end(), PartialDate(int(match["y"]), part="decade"))
    century = _number(match["c"]) if match["c"] else None
    if match["d"] is None:
        first = PartialDate(((century or 1) - 1) * 100, part="century")
        return DateReading(place, match.end(), first)
    decade = _number(match["d"])
    if century is None:  # 90年代 is the 1990s, 10年代 the 2010s
        century = 20 if decade >= 30 else 21
    return DateReading(place, match.end(), PartialDate((century - 1) * 100 + decade, part="decade"))


def _read_relative(text: str, place: int) -> DateReading | None:
    match = _RELATIVE.match(text, place)
    if match is None:
        return None
    word = match[0]
    if word in _DAYS:
        shift = Shift("day", _DAYS[word])
    elif word in _STATED_DAYS:
        shift = Shift("day", _STATED_DAYS[word], "stated")
    elif word in _WEEKS:
        shift = Shift("week", _WEEKS[word])
    else:
        shift = Shift("quarter", _QUARTERS[word])
    return DateReading(place, match.end(), PartialDate(shift=shift))


def _read_dates(text: str, place: int) -> DateReading | None:
    first = _read_point(text, place)
    if first is None:
        return None
    separator = _RANGE.match(text, first.end)
    second = _read_point(text, separator.end()) if separator and first.until is None else None
    if second is None or second.until is not None:
        return first
    last = with_year_of(second.date, first.date)
    if last.day is not None and last.month is None:
        last = replace(last, month=first.date.month)
    if order_of(last) <= order_of(first.date) or (last.day is None) != (first.date.day is None):
        return first
    return DateReading(place, second.end, first.date, last)


def _read_point(text: str, place: int) -> DateReading | None:
    match = _POINT.match(text, place)
    if match is None or match.end() == place:
        return None
    if not (match["y"] or match["ry"] or match["republic"]) and _needs_year(match):
        return None
    year, shift = _read_year(match)
    if _lasts(match):
        return None
    first = _build(match, year, shift, last=False)
    until = _build(match, year, shift, last=True)
    if first is None or until is None:
        return None
    end = match.end() - (len(match[0]) - len(match[0].rstrip()))
    if until == first:
        return DateReading(place, end, first)
    return DateReading(place, end, first, until) if order_of(first) < order_of(until) else None


def _lasts(match: re.Match[str]) -> bool:
    """Whether three digits and 年 are a duration: 历时156年, but 于732年 and 732年3月 are years."""
    led = match.start("y") > match.start() or match.string.endswith(_LEADS, 0, match.start())
    bare = match.end("y") + 2 >= match.end() and not match["m"]
    return len(match["y"] or "") == 3 and bare and not led


def _needs_year(match: re.Match[str]) -> bool:
    """Whether the words are a date behind a year only: 春 and 底, unlike 年底."""
    part = match["yp"] or match["ym"]
    return bool(match["season"] or match["full"] or (part and part[0] != "年"))


def _read_year(match: re.Match[str]) -> tuple[int | None, Shift | None]:
    if word := match["ry"]:
        if word in _YEARS:
            return None, Shift("year", _YEARS[word])
        return None, Shift("year", _STATED_YEARS[word], "stated")
    if match["republic"]:
        return 1911 + _number(match["republic"]), None
    if match["y"] is None:
        return None, None
    year = _number(match["y"])
    if len(match["y"]) == 2 and not match["bc"] and "公元" not in match[0]:
        year += 2000 if year < 50 else 1900
    return (-year if match["bc"] else year), None


def _build(
    match: re.Match[str], year: int | None, shift: Shift | None, *, last: bool
) -> PartialDate | None:
    if match["y0"] and not last:
        return make_date(int(match["y0"]))
    if match["rm"]:
        word = match["rm"]
        stated = word in _STATED_MONTHS
        steps = _STATED_MONTHS[word] if stated else _MONTHS[word]
        shift = shift or Shift("month", steps, "stated" if stated else "article")
    day = match["d"] or match["e"]
    if not last and (match["d0"] or match["e0"]):
        day = match["d0"] or match["e0"]
    return make_date(
        year,
        _month(match, last=last),
        _number(day) if day else None,
        _part(match, last=last),
        shift,
    )


def _month(match: re.Match[str], *, last: bool) -> int | None:
    if match["mm"]:
        first, second = (_number(character) for character in match["mm"])
        return (second if last else first) if second == first + 1 else 0
    written = match["m"] if last or not match["m0"] else match["m0"]
    return _number(written) if written else None


def _part(match: re.Match[str], *, last: bool) -> Part:
    if match["qs"]:
        return "Q3" if last else "Q1"
    if quarter := match["q"] or match["qq"]:
        return _NUMBER_PARTS[quarter]
    if match["ym"]:
        return "mid"
    word = match["mp"] or match["yp"] or match["season"] or match["h"]
    return _PARTS[word] if word else ""
