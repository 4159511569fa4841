"""What a text says about itself: its title, and the date it was published.

Both are taken from where authors put them, and never guessed: a date in a running sentence is
about an event, an impossible date is no date, and two dates that compete cancel each other.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

TITLE_COLUMNS = 150  # of a title line: 50 Han characters, or the longest English headlines
TITLE_CHARS = 200  # of any title kept
TOP_CHARS = 100_000  # where a title is looked for; all of 50 MB of fences took two minutes
DATELINE_LINES = 10  # non-blank ones; below that stand comments and related stories
DATELINE_CHARS = 120
MAX_NUMBER_BITS = 100  # 30 digits: more than any date or title holds

_MONTHS = {
    name: number
    for number, names in enumerate(
        "jan january,feb february,mar march,apr april,may may,jun june,jul july,aug august,"
        "sep sept september,oct october,nov november,dec december".split(","),
        start=1,
    )
    for name in names.split()
}
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_DAY = r"(?P<day>\d{1,2})"
_YEAR = r"(?P<year>\d{4})"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark){_DAY}(?!\d)",
        rf"{_YEAR}\s*年\s*(?P<month>\d{{1,2}})\s*月\s*{_DAY}\s*[日号]",
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}(?!\d)",
        rf"{_WEEKDAY}{_DAY}(?:st|nd|rd|th)?[\s-]+{_MONTH},?[\s-]+{_YEAR}(?!\d)",
    )
)
_COMPACT = re.compile(rf"{_YEAR}(?P<month>\d{{2}}){_DAY}(?<=\d{{8}})")
_TIME = re.compile(
    r"[\sT,]*(?:\(?(?:星期|周)[一二三四五六日天]\)?)?[\s,]*(?:at\s+)?(?:上午|下午|晚上?|凌晨)?\s*"
    r"(?:\d{1,2}(?::\d{2}){1,2}(?:\.\d+)?|\d{1,2}[时点](?:\d{1,2}分)?)?"
    r"\s*(?:[ap]\.?m\.?)?\s*(?:Z|[+-]\d{2}:?\d{2}|\(?(?:GMT|UTC|[ECMP][SD]?T|CST)\)?)?\s*",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:发布|发表|发稿|刊发|出版|公布|發佈|發表)?(?:时间|日期|時間|於|于)\s*[::]\s*|"
    r"(?:published|posted|released|publication date|date published|date)"
    r"(?:\s+on)?\s*[::]?\s*",
    re.IGNORECASE,
)
_NEUTRAL_LABEL = re.compile(r"(?:时间|時間)\s*:\s*")
_BYLINE = re.compile(r"(?:来源|來源|作者|编辑|編輯|责任编辑|责编|记者|記者|文)\s*[:/]\s*[^\s|]+")
_SEPARATOR = re.compile(r"[|·•\t]|\s{2,}|\s[-–—]\s")
_SENTENCE_END = re.compile(r"[。.;；:：,，、…—][”’\"')）」』]*$")
_LIST_ITEM = re.compile(
    r"(?:[-*+•·>]\s|\d+\s*[.、)）]|[(（]?[一二三四五六七八九十]+[)）、]|[(（]\d+[)）])"
)
_ATX_MARK = re.compile(r" {0,3}#{1,6}[ \t]+")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-{3,})\s*")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}")


def parse_date(value: object) -> date | None:
    """Read a date that stands alone, with or without a time; None if it is not exactly that.

    Understands ISO forms, `2024年5月1日`, `20240501`, `May 1, 2024` and `1 May 2024`. The date is
    that of the time zone it is written in. `05/01/2024` has two readings, and so gets none.
    """
    # cut before it is normalized, which takes a minute for a megabyte of combining marks
    start = (plain_text(value) or "").strip()[:DATELINE_CHARS]
    text = unicodedata.normalize("NFKC", start).strip()[:DATELINE_CHARS]
    compact = _COMPACT.fullmatch(text)
    if compact is not None:
        return _to_date(compact)
    found = _match_date(text)
    return found[0] if found is not None and not text[found[1] :] else None


def plain_text(value: object) -> str | None:
    """Return a value of YAML or JSON as text; None for lists and the like, and for huge numbers.

    Python writes no number of more than 4,300 digits, and YAML reads those that are hexadecimal.
    """
    if isinstance(value, int) and value.bit_length() > MAX_NUMBER_BITS:
        return None
    return str(value) if isinstance(value, str | int | float | date) else None


def find_dateline(text: str) -> date | None:
    """Return the date of a dateline in the first lines of `text`.

    A dateline is a line, or a part of one set off by `|` or wide space, that holds nothing but a
    date, a time, and a label such as "发布时间：" or "Published:"; names of source and author may
    stand beside it. A labelled date wins; of several different ones none does.
    """
    labelled: set[date] = set()
    bare: set[date] = set()
    lines = (line.strip() for line in text[: 20 * DATELINE_CHARS].splitlines())
    for line in [line for line in lines if line][:DATELINE_LINES]:
        if len(line) > DATELINE_CHARS:
            continue
        plain = unicodedata.normalize("NFKC", line).strip("*_> ")
        for part in _SEPARATOR.split(_BYLINE.sub("  ", plain)):
            _read_dateline(part.strip(), labelled, bare)
    dates = labelled or bare
    return dates.pop() if len(dates) == 1 else None


def first_heading(text: str, *, anywhere: bool = True) -> str | None:
    """Return the first Markdown heading near the top and outside code fences, or None.

    Args:
        text: The body, without front matter.
        anywhere: If False, only the first line that is not blank may be the heading: in a plain
            text a later `#` is a comment or a tag.
    """
    fenced = False
    previous = ""
    for line in _top_lines(text):
        if not fenced and previous.strip() and _UNDERLINE.fullmatch(line):
            return title_line(previous)
        if not anywhere and previous.strip():
            return None
        fenced ^= _FENCE.match(line) is not None
        title = None if fenced else _read_heading(line)
        if title is not None:
            return title
        previous = line
    return None


def title_line(text: str) -> str | None:
    """Return the first line if it reads like a title: short, no list item, no sentence.

    A dateline above the title is passed over.
    """
    for line in _top_lines(text):
        title = clean_title(line)
        if title is None or parse_date(title) is not None:
            continue
        columns = sum(3 if ord(char) >= 0x2E80 else 1 for char in title)
        is_text = _LIST_ITEM.match(line.strip()) or _SENTENCE_END.search(title)
        is_code = title.startswith(("http://", "https://", "<", "{", "|"))
        return None if is_text or is_code or columns > TITLE_COLUMNS else title
    return None


def clean_title(value: object) -> str | None:
    """Return a title on one line, without Markdown marks and cut at 200 characters, or None."""
    start = (plain_text(value) or "")[: 4 * TITLE_CHARS]
    text = " ".join(_MARKUP.sub(r"\1", start).split())
    text = text.strip("\ufeff\ufffd\u200b")
    return text[:TITLE_CHARS].rstrip() or None


def clean_source(value: object) -> str | None:
    """Return where a text is from, on one line and cut at 500 characters, or None."""
    return " ".join(value[:4_000].split())[:500] or None if isinstance(value, str) else None


def describe_unread_date(value: object) -> str:
    """Say that a date given with a text is none."""
    shown = plain_text(value)
    what = "the date" if shown is None else f"the date {shown[:40]!r}"
    return f"{what} is no date that can be read; write it as 2024-05-01"


def _top_lines(text: str) -> list[str]:
    """The lines of the top of a text; one that the top ends in is left out."""
    lines = text[:TOP_CHARS].splitlines()
    return lines if len(text) <= TOP_CHARS else lines[:-1]


def _read_heading(line: str) -> str | None:
    """The text of a heading such as `## Text ##`, without regular expressions that look back."""
    mark = _ATX_MARK.match(line)
    if mark is None:
        return None
    text = line[mark.end() :].rstrip()
    bare = text.rstrip("#")
    return clean_title(bare if bare.endswith((" ", "\t")) or not bare else text)  # "C#" is text


def _read_dateline(part: str, labelled: set[date], bare: set[date]) -> None:
    label = _LABEL.match(part) if not _NEUTRAL_LABEL.match(part) else _NEUTRAL_LABEL.match(part)
    rest = part[label.end() :] if label is not None else part
    found = _match_date(rest)
    if found is None or found[0] is None:
        return
    after = rest[found[1] :]
    has_time = ":" in rest[: found[1]]
    if after and not (has_time and len(after) <= 12 and not re.search(r"[\d,.。!?;:]", after)):
        return
    (labelled if label is not None and ":" in label[0] else bare).add(found[0])


def _match_date(text: str) -> tuple[date | None, int] | None:
    """The date and time at the start of `text`, and where they end; None if there is no date."""
    for pattern in _DATES:
        match = pattern.match(text)
        if match is not None:
            time = _TIME.match(text, match.end())
            return _to_date(match), time.end() if time is not None else match.end()
    return None


def _to_date(match: re.Match[str]) -> date | None:
    month = match["month"].lower()
    number = _MONTHS.get(month) or int(month)
    try:
        return date(int(match["year"]), number, int(match["day"]))
    except ValueError:
        return None
