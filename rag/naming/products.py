"""Names of what is made and graded by a mark: `A320`, `Android 12`, `麒麟9000S`, `L4`, `Model Y`.

A mark is a word of letters and digits, or a number behind a name. What a number counts or
measures (`144Hz`, `Q2 2023`) looks alike: the caller has to leave it out, as `rag.values` reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from embeddings.gloss import PARTICLES, Glossary
from rag.naming.cues_en import COMMON_ACRONYMS, MONTHS_AND_DAYS, NOT_NAMES
from rag.naming.cues_zh import NOT_GIVEN, STOP_WORDS
from rag.naming.tokens import HAN, Reading, Token, fold_han, read_tokens

_TAIL = (
    r"\+?(?: ?(?:Pro|Max|Plus|Ultra|Mini|mini|Lite|SE|FE|GT|RS|Turbo|Air|Ti|Elite|Gen ?\d{1,2}\+?|"
    r"Beta(?: \d)?)(?![A-Za-z])\+?)*"
)
_WORDS = r"(?:[A-Z][A-Za-z]+ ){0,2}"
_MARK = re.compile(
    rf"(?<![A-Za-z0-9.]){_WORDS}(?:"
    rf"[A-Z][A-Za-z]{{0,11}}-?\d{{1,5}}[A-Za-z]{{0,4}}(?!\d)"  # A320, iOS17, L4
    rf"|[a-zA-Z]{{0,2}}[A-Z][A-Za-z]+ \d{{1,4}}(?:\.\d{{1,2}})?[A-Z]{{0,2}}(?![\w%])"  # iOS 17
    rf"|Model [A-Z0-9](?![\w])|[2-6]G(?![\w])"
    rf"){_TAIL}"
)
_COUNTED = (
    r" ?(?:[年月日号时点分秒个台辆万亿千百元块倍人名家次岁项条位度米里吨克升瓦斤层楼天周届场局集"
    r"季章线路比胜负:：-]|英寸|毫|厘|公|美|多|余)"
)
_NUMBER = re.compile(
    rf" ?\d{{1,5}}(?:\.\d)?(?P<grade>[A-Z]{{0,2}})(?![\d.,%A-Za-z])(?!{_COUNTED})(?P<tail>{_TAIL})"
)
_NOT_MARKS = (NOT_NAMES | MONTHS_AND_DAYS) - {"model"} | frozenset(
    "chapter section article figure table part volume page note step phase day week group team "
    "version room route highway interstate flight gate season episode round grade type class bowl "
    "covid act top no".split()
)
_GRADED = re.compile(
    r" ?(?:\d{3,4}[A-Z]\+?|\d{1,5}(?:\.\d)?[A-Z]{0,2}\+? ?[A-Z][a-z]\w.*)"
)  # 9000S, 13 Ultra
_MANY = 4  # Han characters of a name before its number
_HAN = re.compile(f"[{HAN}]")


def find_marks(text: str, glossary: Glossary) -> list[Reading]:
    """Return the marks of a text, in reading order; none overlap.

    Args:
        text: Any text; an empty one gives nothing.
        glossary: Cuts Chinese into words.
    """
    folded = fold_han(text)
    readings = [
        Reading("product", match.start(), match.end(), 0.8)
        for match in _MARK.finditer(folded)
        if not _is_counted(match[0])
    ]
    if _HAN.search(folded) and any(c.isdigit() for c in folded):
        tokens = read_tokens(folded, glossary)
        readings += _find_numbered(folded, tokens)
    readings.sort(key=lambda reading: (reading.start, -reading.end))
    return list(_drop_covered(readings))


def _is_counted(mark: str) -> bool:
    """Whether a word before a number makes it a place in an order, a date or an event."""
    words = [word.lower() for word in re.split(r"[ -]", mark)]
    barred = any(word in _NOT_MARKS for word in words[:-1])
    numbered = len(words) > 1 and words[1][:1].isdigit()
    return barred or (numbered and words[0].upper() in COMMON_ACRONYMS)


def _find_numbered(folded: str, tokens: list[Token]) -> Iterator[Reading]:
    """Chinese names with a number behind: `麒麟9000`, mostly of characters that are no word."""
    for n, token in enumerate(tokens):
        match = _NUMBER.match(folded, token.end)
        if token.latin or match is None:
            continue
        first = n
        if len(token.text) == 1:
            while first > 0 and _spells_on(tokens, first) and n - first < _MANY - 1:
                first -= 1
            if first == n or token.text in NOT_GIVEN:
                continue
        graded = _GRADED.fullmatch(match[0]) is not None
        if len(token.text) > 1 and not graded and not (token.named and token.kind is None):
            continue
        sure = 0.7 if graded else 0.5
        yield Reading("product", tokens[first].start, match.end(), sure)


def _spells_on(tokens: list[Token], n: int) -> bool:
    left = tokens[n - 1]
    if left.end != tokens[n].start or len(left.text) > 1 or left.latin:
        return False
    return left.text not in STOP_WORDS and left.text not in PARTICLES and left.text not in NOT_GIVEN


def _drop_covered(readings: list[Reading]) -> Iterator[Reading]:
    end = 0
    for reading in readings:
        if reading.start >= end:
            end = reading.end
            yield reading
