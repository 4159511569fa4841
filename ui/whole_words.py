"""What is said around a whole document, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WholeWords:
    """One language's texts."""

    unknown_title: str
    unknown: str
    moved: str
    to_quote: str
    to_whole: str


WHOLE_WORDS: Mapping[str, WholeWords] = {  # by `Words.tag`
    "en": WholeWords(
        unknown_title="No such document",
        unknown="The index does not hold this document, or no longer. It may have been removed or "
        "renamed since the answer was given.",
        moved="This document has changed since it was quoted, and the quote no longer stands "
        "where it did. Nothing is marked.",
        to_quote="To the quote",
        to_whole="the whole document",
    ),
    "zh-Hans": WholeWords(
        unknown_title="没有这篇文档",
        unknown="索引中没有这篇文档，它可能在作答之后被删除或改名了。",
        moved="这篇文档在引用之后有改动，引文已不在原处，因此没有标出。",
        to_quote="跳到引文",
        to_whole="全文",
    ),
}
