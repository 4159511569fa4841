"""A text of any length is read whole, in windows; batches hold what fits, shortest first."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.bilingual import MODEL
from embeddings.precision import find_precision
from embeddings.transformer import (
    MeanPooledTransformer,
    cut_windows,
    fill_batches,
    pad_tokens,
)


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([1, 2], [[1, 2]]),
        ([1, 7, 2], [[1, 7, 2]]),
        ([1, 7, 8, 9, 2], [[1, 7, 8, 9, 2]]),  # fits exactly
        ([1, 6, 7, 8, 9, 2], [[1, 6, 7, 2], [1, 8, 9, 2]]),  # one too many: two of equal length
        ([1, *range(10, 17), 2], [[1, 10, 11, 12, 2], [1, 13, 14, 15, 2], [1, 16, 2]]),
    ],
)
def test_windows_hold_every_token_once_and_are_framed(
    ids: list[int], expected: list[list[int]]
) -> None:
    assert cut_windows(ids, 5) == expected


def test_batches_are_filled_to_the_limit_shortest_first() -> None:
    tokens = [[0] * length for length in (4, 2, 9, 2, 3)]

    assert fill_batches(tokens, batch_tokens=8) == [[1, 3], [4, 0], [2]]
    assert fill_batches([], batch_tokens=8) == []


def test_shorter_rows_are_padded_and_masked() -> None:
    ids, mask = pad_tokens([[5, 6, 7], [8]])

    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


@pytest.mark.model
def test_a_long_text_is_the_mean_over_the_tokens_of_its_windows() -> None:
    """Told apart from a cut text by words that stand only behind the first window."""
    model = MeanPooledTransformer(MODEL, max_tokens=12)
    parts = ["the harbor opened in the spring of that", "年。小麦的价格在秋天上涨了"]

    (whole,) = model.encode([" ".join(parts)])

    tokens = model.tokenize(" ".join(parts))
    windows = cut_windows(tokens, 12)
    assert len(windows) == 2
    sums = model.sum_windows(windows)
    total = sums.sum(axis=0)
    assert np.abs(whole - total / np.linalg.norm(total)).max() < 1e-6
    assert np.linalg.norm(model.encode([parts[0]])[0] - whole) > 0.1


def test_the_precision_is_one_that_the_processor_has() -> None:
    assert find_precision() in {"float32", "bfloat16", "int8"}
