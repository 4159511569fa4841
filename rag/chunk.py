"""Cut documents into passages: the unit that is encoded and retrieved.

A passage is an exact slice of its document and holds whole sentences. It never crosses noise, the
start of a headed part, or the border between two numbered items that are texts of their own.

A heading line opens the first passage of its part, so that it can be found and quoted; all
passages of the part name it in `Passage.heading`. What is a heading, an item or a row is decided
by `rag.outline`; this module only packs.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from rag.clean import Noise
from rag.outline import Block, Section, outline_sections
from rag.sentences import HAN, Span, split_paragraphs, split_sentences
from rag.types import Document, Passage

_TINY = 0.25  # of the limit: a last passage below this joins the one before ...
_STRETCH = 1.25  # ... if both together stay within this much of the limit


def chunk_document(
    document: Document,
    noise: Sequence[Noise],
    *,
    max_chars_zh: int = 300,
    max_chars_en: int = 900,
) -> list[Passage]:
    """Pack the sentences of `document` into passages, in reading order, without overlaps.

    A passage is longer than its limit only if it is one sentence or table row, or if it took in a
    tiny last one (then at most 1.25 times the limit). `split_sentences(passage.text)` gives the
    sentences that it was packed from.

    Args:
        document: Any; an empty one, or one that is all noise, yields no passages.
        noise: As `find_noise` returns it: in order, without overlaps.
        max_chars_zh: Limit of a passage that `limit_chars` calls Chinese, in code points.
        max_chars_en: Limit of any other passage.

    Raises:
        ValueError: If a limit is less than 1.
    """
    if max_chars_zh < 1 or max_chars_en < 1:
        raise ValueError(f"limits must be at least 1, got {max_chars_zh} and {max_chars_en}")
    packer = _Packer(document.text, max_chars_zh, max_chars_en)
    spans = [
        (span, section, ordinal)
        for ordinal, section in enumerate(_sections(document, noise))
        for run in _split_runs(section, noise)
        for span in packer.pack_run(run)
        if any(c.isalnum() for c in document.text[slice(*span)])
    ]
    return [
        Passage(
            id=f"{document.id}#{n}",
            document_id=document.id,
            text=document.text[start:end],
            start=start,
            end=end,
            heading=section.heading,
            section=ordinal,
        )
        for n, ((start, end), section, ordinal) in enumerate(spans)
    ]


def _sections(document: Document, noise: Sequence[Noise]) -> list[Section]:
    text = document.text
    visible = list(_without(text, split_paragraphs(text), noise))
    return outline_sections(text, visible, document.heading)


def _without(text: str, paragraphs: Sequence[Span], noise: Sequence[Noise]) -> Iterator[Span]:
    """What noise leaves of the paragraphs: trimmed parts with a letter or digit, and table rows."""
    starts = [n.start for n in noise]
    for start, end in paragraphs:
        first = max(0, bisect_right(starts, start) - 1)
        left = start
        for mark in noise[first : bisect_left(starts, end)]:
            if mark.end > left:
                yield from _trimmed(text, left, min(mark.start, end))
                left = mark.end
        yield from _trimmed(text, left, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    part = text[start:end] if start < end else ""
    if part.startswith("|") or any(c.isalnum() for c in part):
        left = start + len(part) - len(part.lstrip())
        yield left, left + len(part.strip())


def _split_runs(section: Section, noise: Sequence[Noise]) -> Iterator[list[Block]]:
    """The blocks of a section, parted wherever noise lies between two of them."""
    starts = [n.start for n in noise]
    run: list[Block] = []
    for block in section.blocks:
        if run and bisect_left(starts, run[-1].end) < bisect_left(starts, block.start):
            yield run
            run = []
        run.append(block)
    if run:
        yield run


class _Packer:
    """Packs the blocks of one text. A unit is what must stay whole: a sentence, a row."""

    def __init__(self, text: str, max_chars_zh: int, max_chars_en: int) -> None:
        self._text = text
        self._max_chars_zh = max_chars_zh
        self._max_chars_en = max_chars_en

    def pack_run(self, blocks: Sequence[Block]) -> list[Span]:
        """The passages of neighboring blocks."""
        groups: list[list[Span]] = []  # sentences by passage
        for block in blocks:
            for unit in self._units(block):
                if groups and self._fits(groups[-1][0][0], unit[-1][1], 1.0):
                    groups[-1].extend(unit)
                else:
                    groups.append(list(unit))
        self._merge_tail(groups)
        return [span for group in groups for span in self._prove(group)]

    def _units(self, block: Block) -> list[list[Span]]:
        sentences = [
            (block.start + start, block.start + end)
            for start, end in split_sentences(self._text[block.start : block.end])
        ]
        if block.is_row and self._fits(block.start, block.end, 1.0):
            return [sentences]
        units: list[list[Span]] = []
        for sentence in sentences:
            if units and not self._stands_alone(sentence):
                units[-1].append(sentence)
            else:
                units.append([sentence])
        return units

    def _stands_alone(self, sentence: Span) -> bool:
        """Whether a sentence is one without the lines above; hard-wrapped ones may not be."""
        text = self._text[sentence[0] : sentence[1]]
        return len(text.splitlines()) == 1 or split_sentences(text) == [(0, len(text))]

    def _limit(self, start: int, end: int) -> int:
        text = self._text[start:end]
        han = len(text) - len(HAN.sub("", text))
        return self._max_chars_zh if 10 * han >= 3 * len(text) else self._max_chars_en

    def _fits(self, start: int, end: int, stretch: float) -> bool:
        size = end - start
        if size <= stretch * min(self._max_chars_zh, self._max_chars_en):
            return True
        if size > stretch * max(self._max_chars_zh, self._max_chars_en):
            return False
        return size <= stretch * self._limit(start, end)

    def _merge_tail(self, groups: list[list[Span]]) -> None:
        if len(groups) < 2:
            return
        start, end = groups[-1][0][0], groups[-1][-1][1]
        tiny = end - start < _TINY * self._limit(start, end)
        if tiny and self._fits(groups[-2][0][0], end, _STRETCH):
            groups[-2].extend(groups.pop())

    def _prove(self, group: Sequence[Span]) -> Iterator[Span]:
        """The group as a passage, if its text alone splits into the same sentences; else parts.

        Sentences that were cut from an overlong one, or a line below a heading, may look like one
        sentence once they stand apart from the rest of the document.
        """
        if len(group) == 1 or self._is_faithful(group):
            yield group[0][0], group[-1][1]
            return
        middle = len(group) // 2
        yield from self._prove(group[:middle])
        yield from self._prove(group[middle:])

    def _is_faithful(self, sentences: Sequence[Span]) -> bool:
        start, end = sentences[0][0], sentences[-1][1]
        found = split_sentences(self._text[start:end])
        return [(start + left, start + right) for left, right in found] == list(sentences)
