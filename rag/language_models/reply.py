"""Read what a language model writes: whole sentences, and the evidence that each one names.

Models end sentences and place markers as they please: `[S1]` before or behind the full stop,
`[S1, S2]`, `【S1】`, in lists, in code fences, behind a block of reasoning. All of it is read here;
nothing is judged.
"""

from __future__ import annotations

import re
import unicodedata

_REASONING = re.compile(
    r"<(think(?:ing)?|reasoning|thought)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE
)
_REASONING_END = re.compile(r"</(?:think(?:ing)?|reasoning|thought)>", re.IGNORECASE)

_OPENED_TAG = re.compile(r"<[A-Za-z/]{0,10}$")  # may become one of these when more has come

# Numbers must have something between them, or a long one could be read in countless ways.
_BETWEEN = r"(?:\s?[,，、;；&~–—-]\s?|\s(?:and\s)?|\s?和\s?)"
_NUMBERS = rf"\s?\^?[Ss]?\d{{1,4}}(?:{_BETWEEN}[Ss]?\d{{1,4}})*\s?"
_MARKER = rf"(?:\[{_NUMBERS}\]|［{_NUMBERS}］|【{_NUMBERS}(?:†[^】]{{0,40}})?】)"
_OPENED = r"[\[［【][^\]］】]{0,40}$"  # may become a marker when more has come
_MARKERS = re.compile(_MARKER)
_NUMBER = re.compile(r"\d{1,4}")
_RANGE = re.compile(r"[Ss](\d{1,4})\s?[-–—~]\s?[Ss]?(\d{1,4})")
_MAX_RANGE = 10  # a longer one names no sentences, it waves at all of them

# A mark with closing quotes behind it, and the markers that follow.
_END = re.compile(
    rf"(?:[。！？!?]+|\.)(?P<closing>[”’」』）)\"'*_]*)(?P<markers>(?:[ \t]*{_MARKER})*)"
)
_SHORT = re.compile(
    r"(?:^|[\s(“\"'])(?:[A-Za-z]|(?:[A-Za-z]\.)+[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|vs|etc|al|approx|No"
    r"|Fig|Vol|cf|ca|\d{1,2})$"
)
_SPACES = re.compile(r"\s+")  # made one first: a pattern may take long over a run of them
_BREAK = re.compile(r"[\n\r]")
_FENCE = re.compile(r"^\s?(?:```|~~~).*$", re.MULTILINE)
_BULLET = re.compile(r"^\s*(?:(?:[-*+•·]|#{1,6}|>|\d{1,2}[.)、])\s+)+")
_EMPHASIS = re.compile(r"\*\*|__|`")
_MARKER_LINE = re.compile(rf"\n\s?((?:{_MARKER}\s?)+)(?=\n|$)")
_STARTS_OPEN = re.compile(_OPENED)
_ONLY_MARKERS = re.compile(rf"\s?(?:{_MARKER}\s?)*(?:{_OPENED}|[`~]{{1,2}})?$")
_LOOSE_SPACE = re.compile(r"\s+(?=[,.;:!?，。；：！？、)）])|(?<=[(（])\s+")


def split_reply(text: str, *, complete: bool) -> list[str]:
    """Return the sentences of a reply, each with its markers, in order.

    A longer reply begins with the sentences that its start gave, so that they can be used
    before the rest is there; only the end of a block of reasoning can take them back.

    Args:
        text: A reply, or the start of one.
        complete: Whether it is at its end; else the last sentence is held back.
    """
    text = strip_reasoning(text if complete else _OPENED_TAG.sub("", text))
    text = _SPACES.sub(lambda run: "\n" if _BREAK.search(run[0]) else " ", text)
    text = _MARKER_LINE.sub(r" \1", _FENCE.sub("", text))
    sentences: list[str] = []
    *lines, last = text.split("\n")
    for line in lines:
        done, rest = _split_line(line, at_end=True)
        sentences += [*done, rest]
    done, rest = _split_line(last, at_end=complete)
    sentences += done
    if complete:
        sentences.append(rest)
    elif _ONLY_MARKERS.match(last):
        sentences = _hold_last(sentences)
    return [sentence for sentence in sentences if sentence.strip()]


def strip_reasoning(text: str) -> str:
    """Return `text` without what the model thought aloud before or between its sentences."""
    text = _REASONING.sub("", text)
    ends = list(_REASONING_END.finditer(text))
    return text[ends[-1].end() :] if ends else text


def read_sentence(sentence: str) -> tuple[str, list[int]]:
    """Return the sentence as plain words, and the numbers its markers name, each once.

    Numbers are only taken from markers with an S; a bare `[1]` is what other texts use, and is
    dropped like the markers are, so that it cannot pass for a citation.
    """
    numbers: dict[int, None] = {}
    for marker in _MARKERS.findall(sentence):
        numbers.update(dict.fromkeys(_read_marker(marker)))
    words = _EMPHASIS.sub("", _MARKERS.sub(" ", _BULLET.sub("", sentence)))
    shown = (c if unicodedata.category(c)[0] != "C" else " " if c.isspace() else "" for c in words)
    return _LOOSE_SPACE.sub("", " ".join("".join(shown).split())), list(numbers)


def _read_marker(marker: str) -> list[int]:
    marker = marker.split("†")[0]
    if "s" not in marker.lower():
        return []
    numbers = []
    for first, last in _RANGE.findall(marker):
        between = range(int(first), int(last) + 1)
        numbers += list(between) if len(between) <= _MAX_RANGE else []
    return numbers + [int(number) for number in _NUMBER.findall(marker)]


def _hold_last(sentences: list[str]) -> list[str]:
    """Leave out the last sentence: markers may follow it on a line of their own."""
    while sentences and not sentences[-1].strip():
        sentences.pop()
    return sentences[:-1]


def _split_line(line: str, *, at_end: bool) -> tuple[list[str], str]:
    """Return the sentences that end in `line`, and what stands behind the last of them."""
    done: list[str] = []
    start = 0
    for end in _END.finditer(line):
        rest = line[end.end() :].lstrip(" \t")
        if not at_end and (not rest or _STARTS_OPEN.match(rest)):
            break  # markers may still come
        if _ends_sentence(line, start, end, rest):
            done.append(line[start : end.end()])
            start = end.end()
    return done, line[start:]


def _ends_sentence(line: str, start: int, end: re.Match[str], rest: str) -> bool:
    if end["markers"] or not rest:
        return True
    spaced = line[end.end()].isspace()
    if end[0].startswith("."):
        return spaced and not rest[0].islower() and not _SHORT.search(line[start : end.start()])
    if end[0][0] in "!?":
        return spaced or not rest[0].isascii()
    return spaced or not end["closing"]
