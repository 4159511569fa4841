"""Which documents tell the same story: copies of one report are one voice, not many witnesses.

Two documents are of one voice where passages of theirs share most of their shingles, runs of
`SIZE` characters (Broder, "On the resemblance and containment of documents", 1997).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np

from embeddings.encoder import Vectors
from embeddings.fold import fold_text
from rag.types import Passage

SIZE = 5
# Of the smaller passage's shingles in the other: a copy under other headlines keeps nearly all, and
# two reports on one event, even with a shared quotation, far fewer.
SHARED = 0.8
LEAST = 40  # shingles; what is shorter must be equal
# Copies of a passage of 100 characters or more stay above this cosine; only what does is compared.
LEAST_COSINE = 0.85
_FIGURE = re.compile(r"\d+")
_MARKS = re.compile(r"[\W_]+")


def group_voices(passages: Iterable[Passage]) -> dict[str, str]:
    """Return document id -> its voice, the smallest id of the documents that tell the same.

    Args:
        passages: Any of the documents; only these are compared.
    """
    found = list(passages)
    voices = {passage.document_id: passage.document_id for passage in found}
    for one, other in combinations(found, 2):
        first, second = voices[one.document_id], voices[other.document_id]
        if first != second and are_copies(one.text, other.text):
            low, high = sorted((first, second))
            voices = {d: low if voice == high else voice for d, voice in voices.items()}
    return voices


def find_copies(passages: Sequence[Passage], vectors: Vectors) -> dict[int, int]:
    """Return place -> place of an earlier passage, of another document, that says the same.

    Unlike two voices on one story, copies agree in every figure, so that leaving one out loses
    nothing: two closing reports of a market share most of their words.

    Args:
        passages: The most wanted first: of copies it is the one that has no entry.
        vectors: Their unit rows, shape (len(passages), dim).
    """
    copies: dict[int, int] = {}
    close = vectors @ vectors.T >= LEAST_COSINE
    for later, earlier in zip(*np.nonzero(np.tril(close, -1)), strict=True):
        one, other = passages[int(earlier)], passages[int(later)]
        if int(later) in copies or int(earlier) in copies or one.document_id == other.document_id:
            continue
        if _find_figures(one.text) == _find_figures(other.text) and _are_alike(
            one.text, other.text
        ):
            copies[int(later)] = int(earlier)
    return copies


def are_copies(one: str, other: str) -> bool:
    """Whether two texts share most of their shingles."""
    return _share_most(_cut_shingles(one), _cut_shingles(other))


def holds_words(text: str, other: str) -> bool:
    """Whether all of `other` stands in `text` in one piece, marks and width aside."""
    return _strip_marks(other) in _strip_marks(text)


def _are_alike(one: str, other: str) -> bool:
    """Whether each text shares most of its shingles with the other."""
    first, second = _cut_shingles(one), _cut_shingles(other)
    larger = max(len(first), len(second))
    return first == second or (larger >= LEAST and len(first & second) >= SHARED * larger)


def _find_figures(text: str) -> frozenset[str]:
    return frozenset(_FIGURE.findall(text))


@lru_cache(maxsize=256)
def _cut_shingles(text: str) -> frozenset[str]:
    plain = _strip_marks(text)
    return frozenset(plain[n : n + SIZE] for n in range(max(1, len(plain) - SIZE + 1)))


@lru_cache(maxsize=256)  # a heading is looked for in every sentence below it
def _strip_marks(text: str) -> str:
    return _MARKS.sub("", fold_text(text).casefold())


def _share_most(first: frozenset[str], second: frozenset[str]) -> bool:
    smaller = min(len(first), len(second))
    if smaller < LEAST:
        return first == second
    return len(first & second) >= SHARED * smaller
