"""Which documents tell the same story: copies of one report are one voice, not many witnesses.

Two documents are of one voice where passages of theirs share most of their shingles, runs of
`SIZE` characters (Broder, "On the resemblance and containment of documents", 1997).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations

from embeddings.fold import fold_text
from rag.types import Passage

SIZE = 5
# Of the smaller passage's shingles in the other: a copy under other headlines keeps nearly all, and
# two reports on one event, even with a shared quotation, far fewer.
SHARED = 0.8
LEAST = 40  # shingles; what is shorter must be equal


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


def are_copies(one: str, other: str) -> bool:
    """Whether two texts share most of their shingles."""
    return _share_most(_cut_shingles(one), _cut_shingles(other))


def holds_words(text: str, other: str) -> bool:
    """Whether all of `other` stands in `text` in one piece, marks and width aside."""
    return _strip_marks(other) in _strip_marks(text)


@lru_cache(maxsize=256)
def _cut_shingles(text: str) -> frozenset[str]:
    plain = _strip_marks(text)
    return frozenset(plain[n : n + SIZE] for n in range(max(1, len(plain) - SIZE + 1)))


def _strip_marks(text: str) -> str:
    return "".join(c for c in fold_text(text).casefold() if c.isalnum())


def _share_most(first: frozenset[str], second: frozenset[str]) -> bool:
    smaller = min(len(first), len(second))
    if smaller < LEAST:
        return first == second
    return len(first & second) >= SHARED * smaller
