"""Tell quantities from digits and words that only look like them.

`K60`, "Model 3", `002241.SZ`, a telephone number, the "3." of a list, `一个`, `十分` count nothing.
Each function looks at a few characters around a numeral.
"""

from __future__ import annotations

import re

from rag.figures.numbers import Numeral
from rag.figures.units import Unit

_EDGE = re.compile(r"[A-Za-z0-9_#@$/\\&'^⁄]$|[A-Za-z0-9][.:]$|[A-Za-z]-$|[0-9]-$")
_CHAIN_AFTER = re.compile(r"-[0-9]+-[0-9]|/[0-9]|:[0-9]|\.[A-Z][A-Z]")
_GLUED_AFTER = re.compile(
    r"[A-Za-z_⁄½¼¾]|-[A-Z]\b|\.[0-9]|\+[A-Za-z]|\.(?=[\u4e00-\u9fff])| ?[0-9]{1,2}:[0-9]{2}"
)
_ORDINAL = re.compile(r"(?:第|双|初|周|星期|礼拜|\b[Nn]o\. ?|\b[Nn]umber |#) ?$")
_TITLE = re.compile(r"(?<![A-Za-z0-9])(?P<word>[A-Za-z0-9]*[A-Z][A-Za-z0-9]*)[ -]$")
_NAMED = re.compile(
    r"\b(?:page|pages|version|level|phase|step|figure|section|type|grade|room|chapter|table"
    r"|volume|class|route|line|item|part|stage|tier|rule|act|article) $"
)
_MODEL_AFTER = re.compile(
    r" ?(?:系列|指数|热线|网站|电话|客服|部队|[号代级系型版期世届线路后])| [A-Z][a-z]+\b"
)
_LIST_MARK = re.compile(r"(?:^|[\n。；;：:?？!！])[ \t]*$")
_LIST_AFTER = re.compile(r"[.、)）](?![0-9])")
_BRACKET = re.compile(r"[(（\[]$")
_BRACKET_AFTER = re.compile(r"[)）\]]")
_VAGUE_BEFORE = re.compile(r"[数几]$")  # 数十, 几百
_JUST_ONE = re.compile(r"[仅只有共唯剩]$")
_NAME_BEFORE = re.compile(
    r"[\u4e00-\u9fff](?<![为是有达至到共约近超逾仅只足满剩了出于从由比率量数值])$"
)
_PLAIN_WORDS = frozenset(
    "a about above after all almost an and another approximately are around as at before below"
    " between but by during every exactly for from had has have if in is it its just more most"
    " nearly no not of on only or other over roughly since so some than that the their there"
    " these they this those to total under until up was we were when where which while with"
    " within january february march april may june july august september october november"
    " december".split()
)
_MAX_BARE_DIGITS = 10  # eleven and more without a separator are a telephone number or an id


def is_ordinal(before: str) -> bool:
    """Whether `before` ends in what makes the numeral behind it an ordinal (`第`, "No.")."""
    return bool(_ORDINAL.search(before))


def is_part_of_name(text: str, numeral: Numeral, digits_end: int, before: str) -> bool:
    """Whether a numeral in digits belongs to an identifier: `K60`, `002241.SZ`, `555-010-0199`."""
    if numeral.style != "digits":
        return False
    digits = text[numeral.start : digits_end]
    if len(digits) > 1 and digits[0] == "0" and digits[1] != ".":
        return True
    after = text[digits_end : digits_end + 12]
    return bool(_EDGE.search(before) or _CHAIN_AFTER.match(after))


def counts_something(numeral: Numeral, written: str, before: str, unit: Unit) -> bool:
    """Whether a numeral with a unit is a quantity, and no turn of phrase (`一个`, `十分`)."""
    if numeral.style == "digits":
        return True
    if numeral.style == "words":
        return written.lower() != "one" or unit.kind != "count"
    if (
        written == "二"
        or _VAGUE_BEFORE.search(before)
        or (unit.name == "point" and written[-1] != "百")
    ):
        return False
    if written == "一" and (unit.kind in ("count", "measure") and len(unit.zh) == 1):
        return bool(_JUST_ONE.search(before))
    return True


def stands_free(text: str, numeral: Numeral, end: int, before: str) -> bool:
    """Whether a numeral without a unit is a quantity, not a name, a list mark or a word."""
    if numeral.style == "han":
        many = numeral.low >= 20 and numeral.high is None and numeral.end - numeral.start > 1
        return many and text[end : end + 1] != "大" and not _VAGUE_BEFORE.search(before)
    if numeral.style == "words":
        return numeral.low != 1
    after = text[end : end + 16]
    marks = _LIST_MARK.search(before) and _LIST_AFTER.match(after)
    marks = marks or (_BRACKET.search(before) and _BRACKET_AFTER.match(after))
    if marks or _GLUED_AFTER.match(after):
        return False
    written = text[numeral.start : numeral.end]
    if numeral.scale != 1 or "," in written:
        return True
    return not _looks_like_model(written, after, before)


def _looks_like_model(written: str, after: str, before: str) -> bool:
    if "." not in written and (len(written) > _MAX_BARE_DIGITS or _MODEL_AFTER.match(after)):
        return True
    title = _TITLE.search(before)
    if _NAMED.search(before) or (title and title["word"].lower() not in _PLAIN_WORDS):
        return True
    # Beside Chinese, a short bare number is mostly part of a name: 安卓13
    return len(written) <= 2 and bool(_NAME_BEFORE.search(before))
