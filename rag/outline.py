"""Tell the parts of a text apart: headings, numbered items, list and table rows.

Headings are Markdown ones, underlined or bold lines, chapter numbers, and short lines without an
end mark above a sentence. Numbered items with consecutive numbers are either texts of their own,
one section each, or one list, which stays together; `_are_texts` says how that is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from rag.sentences import Span, is_chinese, split_sentences

_ATX = re.compile(r"(#{1,6})\s+(\S.*?)\s*#*")
_UNDERLINE = re.compile(r"[ \t]*(?:\r\n|[\n\r])[ ]{0,3}(=|-)\1{2,}[ \t]*(?=[\n\r]|\Z)")
_BOLD = re.compile(r"\*\*([^*\n]{1,80})\*\*|__([^_\n]{1,80})__")
_CHAPTER = re.compile(
    r"第[一二三四五六七八九十百零〇\d]{1,5}[章节節部篇回卷编編](?![^\s：:]{0,1}[的由是])\s*.{0,40}"
    r"|(?:chapter|part|section|appendix|annex)\s+(?:\d{1,3}|[ivxlc]{1,6}|[a-z])\b[.:：]?.{0,80}",
    re.IGNORECASE,
)
_ROW = re.compile(
    r"[-*+•·▪◦‣●○■□◆※]\s|\||[(（]?\d{1,3}[.．、)）](?!\d)|[(（][一二三四五六七八九十]{1,3}[)）]"
)
_NUMBER = re.compile(r"(?:(\d{1,3})[.．、)）](?!\d)|([一二三四五六七八九十]{1,3})[、.．])\s*")
_OUTLINE_NUMBER = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2}){0,3}[.、]?|[（(]?[一二三四五六七八九十]{1,3}[、.)）])\s*"
)
_DATELINE = re.compile(
    r"(?:\d{4}年)?\d{1,2}月\d{1,2}日|\d{4}年|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|(?:近日|日前|昨日|今日|昨天|今天)"
    r"|(?:on\s)?(?:\d{1,2}\s)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s\d{1,4}\b",
    re.IGNORECASE,
)
_ENDED = re.compile(r"[.。!！?？;；,，、…][”’」』）)\"'*_]*$")
_SENTENCE = re.compile(r"[.。!！?？…:：][”’」』）)\"'*_]*$")
_NO_HEADING = re.compile(
    r"(?:by|published|posted|updated|written|last\smodified|date)\b[:\s]|(?:作者|记者|发布|发表|更新|时间|日期|来源)"
    r"|[\d\s年月日:：/.-]+$",
    re.IGNORECASE,
)
_CAPITAL = re.compile(r"[\"“'(]?[A-Z0-9\u3400-\u9fff《「【]")
_MAX_HEADING_ZH = 30
_MAX_HEADING_EN = 90
_MAX_PATH = 200
_TEXT_ZH = 60  # characters of the middle item; steps of a recipe are shorter, news is longer
_TEXT_EN = 200
_LOWEST = 7  # level of a heading without a mark, below the six of Markdown
_DIGITS = {c: n for n, c in enumerate("一二三四五六七八九", start=1)}


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a part of one. `is_row`: it is a list or table row and stays whole."""

    start: int
    end: int
    is_row: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part or a numbered item: never mixed with another. Its heading is a path."""

    heading: str
    blocks: tuple[Block, ...]


def outline_sections(text: str, paragraphs: Sequence[Span], title: str) -> list[Section]:
    """Group the paragraphs of a document into sections, in order, none of them empty.

    Args:
        text: The document's text.
        paragraphs: Spans of it, in order, noise left out.
        title: What the heading path starts with: "Title > Part > Section".
    """
    bodies = [text[start:end] for start, end in paragraphs]
    levels = _find_headings(text, paragraphs, bodies)
    starts = _find_item_starts(bodies, levels)
    sections: list[Section] = []
    path: list[tuple[int, str]] = []
    blocks: list[Block] = []
    for n, (start, end) in enumerate(paragraphs):
        if (n in levels or n in starts) and blocks:
            sections.append(Section(_join_path(title, path), tuple(blocks)))
            blocks = []
        if n in levels:
            level, name = levels[n]
            path = [*(p for p in path if p[0] < level), (level, name)]
        elif n in starts and path and path[-1][0] == _LOWEST + 1:
            path = path[:-1]
        blocks.append(Block(start, end, n not in levels and _ROW.match(bodies[n]) is not None))
    if blocks:
        sections.append(Section(_join_path(title, path), tuple(blocks)))
    return sections


def _join_path(title: str, path: Sequence[tuple[int, str]]) -> str:
    names = [title]
    for _, name in path:
        if name.casefold() != names[-1].casefold():
            names.append(name)
    return " > ".join(name for name in names if name)[:_MAX_PATH].rstrip(" >")


# --- headings ---------------------------------------------------------------------------------


def _find_headings(
    text: str, paragraphs: Sequence[Span], bodies: Sequence[str]
) -> dict[int, tuple[int, str]]:
    """Level (1 is the highest) and words of each heading, by ordinal of its paragraph."""
    found: dict[int, tuple[int, str]] = {}
    for n, body in enumerate(bodies):
        if len(body) > 120 or "\n" in body:
            continue
        if marked := _marked_heading(text, paragraphs[n][1], body):
            found[n] = marked
        elif _heads_what_follows(body, bodies[n + 1 : n + 2], bodies[n - 1] if n else ""):
            found[n] = (_LOWEST, body.rstrip(":："))
    return found


def _marked_heading(text: str, end: int, body: str) -> tuple[int, str] | None:
    if match := _ATX.fullmatch(body):
        return len(match[1]), match[2]
    if not _ENDED.search(body) and (match := _UNDERLINE.match(text, end)):
        return (1 if match[1] == "=" else 2), body
    match = _BOLD.fullmatch(body)
    if match and not _ENDED.search(name := (match[1] or match[2]).strip()):
        return _LOWEST, name.rstrip(":：")
    if _CHAPTER.fullmatch(body) and not _ENDED.search(body):
        return _LOWEST - 1, body
    return None


def _heads_what_follows(body: str, below: Sequence[str], above: str) -> bool:
    """Whether a short line without an end mark stands above a sentence that is longer than it."""
    limit = _MAX_HEADING_ZH if is_chinese(body) else _MAX_HEADING_EN
    if not below or len(body) > limit or _ENDED.search(body) or not _CAPITAL.match(body):
        return False
    if _NO_HEADING.match(body):
        return False
    if not any(c.isalpha() for c in body) or (_ROW.match(body) and not _OUTLINE_NUMBER.match(body)):
        return False
    if body.endswith((":", "：")):
        return len(body) <= limit // 2 and _ROW.match(below[0]) is not None
    if _ROW.match(below[0]) and not _ROW.match(body):
        return not above or _SENTENCE.search(above) is not None or _ROW.match(above) is not None
    return len(below[0]) > len(body) and _SENTENCE.search(below[0]) is not None


# --- numbered items ---------------------------------------------------------------------------


def _find_item_starts(bodies: Sequence[str], levels: dict[int, tuple[int, str]]) -> frozenset[int]:
    """Ordinals of the paragraphs that open a numbered item which is a text of its own.

    The paragraph behind the last item opens a section as well, if every other item is one
    paragraph; else what follows belongs to the last item until the next heading.
    """
    starts: set[int] = set()
    for run in _numbered_runs(bodies, levels):
        ends = [*run[1:], _run_end(run, len(bodies), levels)]
        items = ["\n".join(bodies[a:b]) for a, b in zip(run, ends, strict=True)]
        if _are_texts(items):
            starts.update(run)
            starts.update(end for end in ends[-1:] if end < len(bodies))
    return frozenset(starts)


def _numbered_runs(
    bodies: Sequence[str], levels: dict[int, tuple[int, str]]
) -> Iterator[list[int]]:
    """Runs of at least two paragraphs whose numbers go up by one, other paragraphs between."""
    run: list[int] = []
    last = 0
    for n, body in enumerate(bodies):
        if levels.get(n, (_LOWEST, ""))[0] < _LOWEST and run:
            yield from [run] if len(run) > 1 else []
            run = []
        number = _read_number(body)
        if number is None:
            continue
        if run and number == last + 1:
            run.append(n)
        else:
            yield from [run] if len(run) > 1 else []
            run = [n]
        last = number
    yield from [run] if len(run) > 1 else []


def _read_number(body: str) -> int | None:
    match = _NUMBER.match(body)
    if match is None:
        return None
    if match[1]:
        return int(match[1])
    tens, ten, ones = match[2].partition("十")
    if not ten:
        return _DIGITS.get(match[2])
    return 10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0)


def _run_end(run: Sequence[int], total: int, levels: dict[int, tuple[int, str]]) -> int:
    """Behind the last item of a run."""
    if all(b - a == 1 for a, b in pairwise(run)):
        return run[-1] + 1
    headings = (n for n in sorted(levels) if n > run[-1])
    return next(headings, total)


def _are_texts(items: Sequence[str]) -> bool:
    """Whether numbered items are texts of their own, not the steps of one list.

    They are if half of them open with a date, or if the middle one is as long as a short
    paragraph and holds a sentence. A list that is cut up costs little: its rows are found one by
    one. News items that are mixed would lend each other their dates.
    """
    dated = sum(_DATELINE.match(item, _number_end(item)) is not None for item in items)
    if dated >= 2 and 2 * dated >= len(items):
        return True
    sizes = [len(item) * (_TEXT_EN / _TEXT_ZH if is_chinese(item) else 1) for item in items]
    sentences = [len(split_sentences(item[:400])) for item in items]
    return median(sizes) >= _TEXT_EN and median(sentences) >= 1


def _number_end(item: str) -> int:
    match = _NUMBER.match(item)
    return match.end() if match else 0
