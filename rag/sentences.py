"""Find the paragraphs and the sentences of a text: the units that are packed and cited.

All spans are half-open, in code points, in reading order, trimmed of surrounding whitespace and
never empty. Nothing is rewritten, and nothing between two spans holds more than whitespace.

A blank line always ends a paragraph. A single line break ends one too, unless the text is
hard-wrapped there; `_goes_on` says how that is told. The sentences of a paragraph come from
`sentencex`, with its known slips mended here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from sentencex import segment

Span = tuple[int, int]

MAX_SENTENCE_ZH = 400  # longer than any sentence a reader would call one; then it is cut
MAX_SENTENCE_EN = 1200
LONG_CLAUSES = 120  # a Chinese sentence over this is cut at its semicolons

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
# A line that opens a structure of its own, so that no line before it can run on into it.
OPENS_BLOCK = re.compile(
    r"[-*+•·▪◦‣●○■□◆※>|#=]|[(（]?\d{1,3}[.．、)）](?!\d)|[(（]?[一二三四五六七八九十]{1,3}[、.)）]"
    r"|第[一二三四五六七八九十百零\d]{1,5}[章节節条條部篇步回]|[A-Za-z][\w-]{0,15}[:：](?!//)"
    r"|<<|《《|!\[|```|\*\*"
)

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_BREAKS = str.maketrans(dict.fromkeys("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))
_NOT_WRAPPED = re.compile(r"#{1,6}\s|\||!\[|```|---|===|<")
_CLOSERS = "”’」』）)】]》〉\"'*_~ \t"
_ENDS = frozenset("。！？!?.…;；:：")
_GOES_ON = frozenset("，、,([（【《“「『‘-–—/&")
_WIDE = re.compile(
    r"[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]"
)
_MAX_WRAP_WIDTH = 160  # columns; no page is set wider than about 130
_MIN_WRAP_WIDTH = 30

# `sentencex` takes quadratic time in quotation marks that nothing closes.
_WINDOW = 4000
_END_MARK = re.compile(r"[.。．｡!！?？…‼⁇⁈⁉]")
_MARKER = re.compile(r"[(（\[]?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)）\]、]+")
_SHORTENED = re.compile(r"\b(?:approx|ca|c|nos?|vol|pp?|figs?|secs?|ch|eq)\.$", re.IGNORECASE)
_LOWER_CASE = re.compile(r"[a-z]+(?![a-zA-Z])")
_CLOSED_QUOTE = re.compile(r"[。！？!?…][”」』\"]$")
_AFTER_QUOTE = re.compile(
    r"[的等之、，,；;和与及或]|[^。！？!?，,]{0,14}(?:说|道|表示|问|答|称|指出|强调|认为|坦言)[。！？]?$"
)
_MISSED_STOP = re.compile(
    r"[。！？](?=\d)|(?<=[\u4e00-\u9fff”」』）)])"
    r"(?<!\A[一二三四五六七八九十])(?<![。：:；;\s][一二三四五六七八九十])[.．](?=[\u4e00-\u9fff“「『《])"
)
_PAIRS = (
    ("“", "”"),
    ("「", "」"),
    ("『", "』"),
    ("（", "）"),
    ("(", ")"),
    ("《", "》"),
    ("【", "】"),
)
_REACH = 300
_STOP = re.compile(r"[。！？!?；;…]+[”’」』）)\"']*|\.[”’\"')]*(?=\s)")
_COMMA = re.compile(r"[，、,:：](?!\d)")
_SPACE = re.compile(r"\s+")


def is_chinese(text: str) -> bool:
    """Whether Han characters make up at least three tenths of the characters."""
    return 10 * (len(text) - len(HAN.sub("", text))) >= 3 * len(text) > 0


def split_sentences(text: str) -> list[Span]:
    """Return the spans of the sentences of `text`.

    A sentence ends at its mark, at a blank line, or at a line break that is no hard wrap. Closing
    quotes and a short "he said" behind them stay with it; decimals, abbreviations and the number
    of a list item do not end it. One longer than `LONG_CLAUSES` is cut at Chinese semicolons, one
    longer than `MAX_SENTENCE_ZH` or `MAX_SENTENCE_EN` at the best place that fits: a mark inside a
    quotation, else a comma, else a space, else anywhere.

    Args:
        text: Any text; an empty or blank one gives no spans.
    """
    return [
        sentence
        for start, end in split_paragraphs(text)
        for whole in _join_pieces(text, _segment_paragraph(text, start, end))
        for sentence in _cut_overlong(text, *whole)
    ]


def split_paragraphs(text: str) -> list[Span]:
    """Return the spans of the paragraphs of `text`: lines, with hard-wrapped ones joined.

    Args:
        text: Any text; an empty or blank one gives no spans.
    """
    lines = [span for m in _LINE.finditer(text) if (span := _trim(text, *m.span()))]
    paragraphs: list[Span] = []
    for n, goes_on in enumerate(_goes_on(text, lines)):
        if goes_on:
            paragraphs[-1] = (paragraphs[-1][0], lines[n][1])
        else:
            paragraphs.append(lines[n])
    return paragraphs


def _trim(text: str, start: int, end: int) -> Span | None:
    part = text[start:end]
    left = len(part) - len(part.lstrip())
    right = len(part.rstrip())
    return (start + left, start + right) if right > left else None


def _goes_on(text: str, lines: Sequence[Span]) -> Iterator[bool]:
    """For each line, whether it continues the one above.

    It does if the line above has no end mark, is directly above, and one of these holds: it ends
    in a comma or an open bracket; this line begins in lower case; or the text is wrapped at a
    fixed width. The last needs proof from the whole text: no wide lines, and the lines without an
    end mark all so full that the next word would not have fitted.
    """
    verdicts: list[bool | None] = [
        _joins(text, lines[n - 1], lines[n]) if n else False for n in range(len(lines))
    ]
    full: set[int] = set()
    if None in verdicts:
        full = _full_lines(text, lines, [n for n, v in enumerate(verdicts) if v is None])
    for n, verdict in enumerate(verdicts):
        yield n in full if verdict is None else verdict


def _joins(text: str, above: Span, below: Span) -> bool | None:
    """Whether the line `below` continues `above`; None if only the line width can tell."""
    gap = text[above[1] : below[0]]
    if not _is_single_break(gap) or OPENS_BLOCK.match(text, *below):
        return False
    if _NOT_WRAPPED.match(text, *above):
        return False
    last = text[max(above[0], above[1] - 20) : above[1]].rstrip(_CLOSERS)[-1:]
    lower_case = _LOWER_CASE.match(text, *below) is not None
    if last in _ENDS or not last:
        return lower_case and last == "."
    if last in _GOES_ON:
        return True
    return True if lower_case and above[1] - above[0] >= 25 else None


def _is_single_break(gap: str) -> bool:
    breaks = gap.replace("\r\n", "\n").replace("\f", "").strip(" \t\u3000\xa0")
    return len(breaks) <= 1


def _full_lines(text: str, lines: Sequence[Span], open_: Sequence[int]) -> set[int]:
    """Which of the lines in `open_` follow a line that is full, if the text is wrapped at all."""
    widths = [_width(text, *span) for span in lines]
    wrap_width = sorted(widths)[len(widths) - 1 - len(widths) // 20]
    if not _MIN_WRAP_WIDTH <= wrap_width <= _MAX_WRAP_WIDTH:
        return set()
    slack = max(4.0, wrap_width / 10)
    full = {
        n
        for n in open_
        if widths[n - 1] + _first_word_width(text, *lines[n]) > wrap_width - slack
        and widths[n] <= wrap_width + slack
    }
    proven = len(full) >= 2 or any(_STOP.search(text, *lines[n - 1]) for n in full)
    return full if proven and 10 * len(full) >= 7 * (len(open_) - 1) else set()


def _width(text: str, start: int, end: int) -> int:
    """Columns taken on a page: wide characters count two. Lines past any wrap count as they are."""
    if end - start > _MAX_WRAP_WIDTH:
        return end - start
    return end - start + len(_WIDE.findall(text, start, end))


def _first_word_width(text: str, start: int, end: int) -> int:
    if _WIDE.match(text, start):
        return 2
    word = text[start : min(end, start + 30)].split(maxsplit=1)[0]
    return len(word) + 1


def _segment_paragraph(text: str, start: int, end: int) -> Iterator[Span]:
    """The pieces that `sentencex` makes of a paragraph, and those that it should have made."""
    if text[start] == "|" or not _END_MARK.search(text, start, end):  # a table row is one
        yield start, end
        return
    paragraph = text[start:end]
    if not _LINE.fullmatch(paragraph):
        paragraph = paragraph.translate(_BREAKS)
    language = "zh" if HAN.search(paragraph) else "en"
    done = 0
    while done < len(paragraph):
        window = paragraph[done : done + _WINDOW]
        pieces = segment(language, window)
        if "".join(pieces) != window:
            pieces = [window]
        if done + _WINDOW < len(paragraph) and len(pieces) > 1:
            pieces.pop()  # it may go on behind the window
        for piece in pieces:
            yield from _split_stops(text, start + done, start + done + len(piece))
            done += len(piece)


def _join_pieces(text: str, pieces: Iterator[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in pieces:
        if joined and _belong_together(text, joined[-1], span):
            joined[-1] = (joined[-1][0], span[1])
        else:
            joined.append(span)
    return joined


def _belong_together(text: str, left: Span, right: Span) -> bool:
    """Whether a sentence was cut in two: at a list number, an abbreviation, behind a quotation."""
    if _MARKER.fullmatch(text, *left):
        return True
    head = text[right[0] : min(right[1], right[0] + 40)]
    if not any(c.isalnum() for c in head) and len(head) < 40:
        return True
    tail = text[max(left[0], left[1] - 12) : left[1]]
    if tail.endswith(".") and not tail.endswith(".."):
        return bool(_LOWER_CASE.match(head)) or (
            head[0].isdigit() and bool(_SHORTENED.search(tail))
        )
    return bool(_CLOSED_QUOTE.search(tail)) and bool(_AFTER_QUOTE.match(head))


def _split_stops(text: str, start: int, end: int) -> Iterator[Span]:
    """Cut where `sentencex` sees no end: "。" before a digit, "." between Han characters."""
    cuts = [
        m.end()
        for m in _MISSED_STOP.finditer(text, start, end)
        if m.end() < end and not _is_open(text, start, m.end())
    ]
    yield from _cut_at(text, start, end, cuts)


def _is_open(text: str, start: int, end: int) -> bool:
    """Whether a quotation or bracket that opens in the last `_REACH` characters is not closed."""
    near = max(start, end - _REACH)
    return any(text.rfind(left, near, end) > text.rfind(right, near, end) for left, right in _PAIRS)


def _cut_overlong(text: str, start: int, end: int) -> Iterator[Span]:
    """Cut a sentence that is too long, each time at the kind of place that hurts least."""
    size = end - start
    if size <= LONG_CLAUSES:
        yield start, end
        return
    chinese = is_chinese(text[start:end])
    limit = MAX_SENTENCE_ZH if chinese else MAX_SENTENCE_EN
    spans = [(start, end)]
    if chinese:
        clauses = [n + 1 for n in range(start, end) if text[n] == "；"]
        spans = list(_cut_at(text, start, end, clauses))
    for left, right in spans:
        if right - left <= limit:
            yield left, right
            continue
        stops = [m.end() for m in _STOP.finditer(text, left, right)]
        for part in _cut_at(text, left, right, stops):
            yield from _cut_to_fit(text, *part, limit)


def _cut_at(text: str, start: int, end: int, cuts: Sequence[int]) -> Iterator[Span]:
    for left, right in zip([start, *cuts], [*cuts, end], strict=True):
        span = _trim(text, left, right)
        if span is not None:
            yield span


def _cut_to_fit(text: str, start: int, end: int, limit: int) -> Iterator[Span]:
    """Parts of at most `limit` characters, cut in the second half of what fits."""
    commas = [m.end() for m in _COMMA.finditer(text, start, end)]
    spaces = [m.start() for m in _SPACE.finditer(text, start, end)]
    left = start
    while end - left > limit:
        cut = _last_between(commas, left + limit // 2, left + limit)
        cut = cut or _last_between(spaces, left + limit // 2, left + limit) or left + limit
        yield from _cut_at(text, left, cut, [])
        left = cut
    yield from _cut_at(text, left, end, [])


def _last_between(places: Sequence[int], low: int, high: int) -> int | None:
    """The last place in (low, high], of places in ascending order."""
    n = bisect_left(places, high + 1)
    return places[n - 1] if n and places[n - 1] > low else None
