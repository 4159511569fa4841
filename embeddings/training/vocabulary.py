"""Choose the Chinese words that get a row of their own, and give each row its first value.

A word earns its row by how often it is met and by how little its meaning follows from its
parts: 火车站 reads well as 火车 + 站, 诺曼底 does not read at all as three characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from embeddings.gloss import PARTICLES

Table = Mapping[str, tuple[str, ...]]
Rows = npt.NDArray[np.float32]

_RUN = re.compile(r"[\u3400-\u9fff]+")
MAX_WORD = 8  # characters; a longer entry is a saying or a title, and reads as its parts
GLOSSES = 3  # that a row starts from, the n-th with weight 1/n


def cut_longest(run: str, words: Mapping[str, object] | frozenset[str]) -> list[str]:
    """Cut `run` from the left by longest match; a character that no word starts stands alone."""
    pieces: list[str] = []
    start = 0
    while start < len(run):
        end = min(len(run), start + MAX_WORD)
        while end > start + 1 and run[start:end] not in words:
            end -= 1
        pieces.append(run[start:end])
        start = end
    return pieces


def count_words(texts: Iterable[str], table: Table) -> Counter[str]:
    """Count the words of `table` over the Han runs of `texts`, cut by longest match."""
    return Counter(
        word for text in texts for run in _RUN.findall(text) for word in cut_longest(run, table)
    )


def choose_words(
    table: Table, counts: Mapping[str, int], values: Mapping[str, Rows], *, size: int
) -> list[str]:
    """Return at most `size` words: all characters of GB 2312, then the words worth most.

    A word of two or more characters is worth (1 + its count) x (1 - the cosine between its
    value and that of its parts); ties go to the smaller word.

    Args:
        table: Word -> glosses.
        counts: How often each word is met; a missing one is never met.
        values: Word -> what its glosses mean, shape (dim,).
        size: At least the number of characters.

    Raises:
        ValueError: If it is less.
    """
    characters = sorted(word for word in table if len(word) == 1 and _is_standard(word))
    parts = frozenset(characters)
    worth = {
        word: (1 + counts.get(word, 0)) * (1 - _compare(values[word], _sum_parts(word, values)))
        for word in table
        if 1 < len(word) <= MAX_WORD and parts.issuperset(word)
    }
    if size < len(characters):
        raise ValueError(f"size must be at least {len(characters):,}, the characters; got {size:,}")
    best = sorted(worth, key=lambda word: (-worth[word], word))
    return characters + best[: size - len(characters)]


def value_words(table: Table, value_gloss: Mapping[str, Rows]) -> dict[str, Rows]:
    """Return what each word means, from its first `GLOSSES` glosses, shape (dim,) each.

    Function words, whose glosses mislead, mean what "the" means: next to nothing.
    """
    return {
        word: value_gloss["the"]
        if word in PARTICLES
        else np.sum([value_gloss[g] / n for n, g in enumerate(glosses[:GLOSSES], 1)], axis=0)
        for word, glosses in table.items()
    }


def scale_rows(rows: Rows, teacher: Rows) -> Rows:
    """Scale each row to the median norm of the teacher's: a sum of many is too long or short."""
    norms = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    scaled: Rows = rows / norms * np.median(np.linalg.norm(teacher, axis=1))
    return scaled


def _is_standard(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _sum_parts(word: str, values: Mapping[str, Rows]) -> Rows:
    pieces = _cut_without(word, values)
    total: Rows = np.sum([values[piece] for piece in pieces if piece in values], axis=0)
    return total


def _cut_without(word: str, words: Mapping[str, object]) -> Sequence[str]:
    """Cut `word` by longest match as if it were not among `words`."""
    head = next(word[:n] for n in range(len(word) - 1, 0, -1) if n == 1 or word[:n] in words)
    return [head, *cut_longest(word[len(head) :], words)]


def _compare(one: Rows, other: Rows) -> float:
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / lengths if lengths else 0.0
