"""The part of a sentence that belongs to each of its values, and lists that answer to lists.

"A sold 5 cars, and B sold 7" tells the 7 of B, though B stands closer to the 5: from the comma on
the words belong to the second value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, int]

# Clause marks, but not those in a number (3,000) or a time (10:30).
CLAUSE_MARK = re.compile(r"[，;；：。!！?？\n]|(?<!\d)[,:]|[,:](?!\d)")
_JOINT = re.compile(
    r"、|[-—–]+|[和与及跟并但却]|\b(?:and|but|while|yet|whereas|then)\b", re.IGNORECASE
)
_RESPECTIVELY = re.compile(r"分别|依次|\brespectively\b", re.IGNORECASE)
_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）")
_LISTED = re.compile(r"(?:[\s、，,;；和与及]|以及|\b(?:and|by|to|at)\b)*", re.IGNORECASE)
_PARTED = re.compile(r"\s*(?:、|以及|[和与及]|,\s*and\b|,|\band\b)\s*", re.IGNORECASE)
_CLOSED = re.compile(r"[，;；：:。!！?？\n]")  # what parts two lists; a comma may part two names
_WORD = re.compile(r"[\u4e00-\u9fff]|[^\s\u4e00-\u9fff]+")
_HAN = re.compile(r"[\u4e00-\u9fff]")
NEAR = 24  # characters at most between "respectively" and the values


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands among the values of its sentence; all are spans of the sentence.

    Attributes:
        span: The value.
        shared: What stands before the first value of all: it may be the subject of each.
        stretch: What belongs to this value and no other, or to it and a neighbor.
        name: What it is told of, where values and names are told as two lists, else None.
        others: What the others of such a list are told of.
    """

    span: Span
    shared: Span
    stretch: Span
    name: Span | None = None
    others: tuple[Span, ...] = ()


def place_values(text: str, spans: Sequence[Span]) -> list[Place]:
    """Return the place of each value, in their order.

    Two values are parted by the first clause mark between them, or else by the first "and" or the
    like. Where there is neither, what stands between them belongs to both. As many names as values
    are two lists that answer to each other by "respectively" behind the values, or 分别 in front of
    them.

    Args:
        text: A sentence.
        spans: Of its values, in reading order, none over another; empty gives empty.
    """
    names = _match_lists(text, spans)
    return [
        Place(
            span,
            (0, spans[0][0]),
            stretch,
            names.get(span),
            tuple(name for other, name in names.items() if other != span and span in names),
        )
        for span, stretch in zip(spans, _cut_stretches(text, spans), strict=True)
    ]


def lies_in(inner: Span, outer: Span) -> bool:
    """Whether a span is within another, or is the same."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _cut_stretches(text: str, spans: Sequence[Span]) -> list[Span]:
    ends, starts = [], [0]
    for (_, end), (start, _) in pairwise(spans):
        mark = CLAUSE_MARK.search(text, end, start) or _JOINT.search(text, end, start)
        ends.append(mark.start() if mark else start)
        starts.append(mark.start() if mark else end)
    return list(zip(starts, [*ends, len(text)], strict=True))[: len(spans)]


def _match_lists(text: str, spans: Sequence[Span]) -> dict[Span, Span]:
    """Value -> name where a list of names answers to one of values, else empty.

    A name goes as far as its words are its own: "sales of A and B" are sales of both.
    """
    outside = [s for s in spans if not any(lies_in(s, m.span()) for m in _BRACKETS.finditer(text))]
    for word in _RESPECTIVELY.finditer(text):
        behind = word[0].isascii()
        values = _list_values(text, outside, word.span(), behind=behind)
        if len(values) > 1:
            names = _list_names(text, values[0][0] if behind else word.start(), len(values))
            if names:
                return dict(zip(values, names, strict=True))
    return {}


def _list_values(text: str, spans: Sequence[Span], word: Span, *, behind: bool) -> list[Span]:
    """The values in one list next to the word, which stands behind them or in front."""
    run: list[Span] = []
    ordered = [s for s in reversed(spans) if s[1] <= word[0]] if behind else spans
    for span in (s for s in ordered if behind or s[0] >= word[1]):
        near = run[-1] if run else word
        gap = text[span[1] : near[0]] if behind else text[near[1] : span[0]]
        gap = _BRACKETS.sub("", gap)
        joined = _LISTED.fullmatch(gap) if run else _CLOSED.search(gap) is None and len(gap) <= NEAR
        if not joined:
            break
        run.append(span)
    return run[::-1] if behind else run


def _list_names(text: str, end: int, count: int) -> list[Span]:
    """The last `count` names of the list that ends at `end`; none if it has fewer.

    What the first says in front of its name, and the last behind, is told of all.
    """
    start = max((m.end() for m in _CLOSED.finditer(text, 0, end)), default=0)
    places = [start, *(n for m in _PARTED.finditer(text, start, end) for n in m.span()), end]
    parts = [(a, b) for a, b in zip(places[::2], places[1::2], strict=True) if a < b]
    if len(parts) < count:
        return []
    names = parts[-count:]
    first, *middle, last = ([_place(m, a) for m in _WORD.finditer(text[a:b])] for a, b in names)
    if middle:
        front = back = max(1, *map(len, middle))
    else:  # two names: in Chinese as long as the other, in English a word
        front, back = (len(last), len(first)) if _HAN.search(text, start, end) else (1, 1)
    names[0], names[-1] = _join(first[-front:], names[0]), _join(last[:back], names[-1])
    return names


def _place(match: re.Match[str], offset: int) -> Span:
    return match.start() + offset, match.end() + offset


def _join(words: Sequence[Span], default: Span) -> Span:
    return (words[0][0], words[-1][1]) if words else default
