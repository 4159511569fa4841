"""FAISS search equals brute force, value for value, and never reaches a row that is not there."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.encoder import Vectors
from rag.vectors import VectorIndex

EMPTY = VectorIndex(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))


def unit_rows(n: int, dim: int, seed: int = 7) -> Vectors:
    rows = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def make_index(vectors: Vectors) -> VectorIndex:
    """Rows 10, 13, 16, … so that rows and places differ."""
    return VectorIndex(np.arange(len(vectors), dtype=np.int64) * 3 + 10, vectors)


def test_search_equals_brute_force() -> None:
    vectors = unit_rows(500, 16)
    query = unit_rows(1, 16, seed=8)[0]

    found = make_index(vectors).search(query, 20)

    similarities = vectors @ query
    best = np.argsort(-similarities)[:20]
    assert list(found) == (best * 3 + 10).tolist()
    assert list(found.values()) == pytest.approx(similarities[best].tolist(), abs=1e-6)


def test_compare_equals_brute_force_in_the_order_asked() -> None:
    vectors = unit_rows(50, 16)
    query = unit_rows(1, 16, seed=8)[0]

    compared = make_index(vectors).compare(query, [16, 10, 157])

    assert list(compared) == [16, 10, 157]
    expected = (vectors[[2, 0, 49]] @ query).tolist()
    assert list(compared.values()) == pytest.approx(expected, abs=1e-6)


def test_more_than_there_are_gives_all_and_no_row_twice() -> None:
    """FAISS pads with -1, which as a place is the last row."""
    vectors = unit_rows(3, 16)

    found = make_index(vectors).search(vectors[1], 10)

    assert sorted(found) == [10, 13, 16]
    assert next(iter(found)) == 13


def test_equal_similarities_come_by_row_also_at_the_cut() -> None:
    vectors = np.repeat(unit_rows(2, 16), 40, axis=0)

    found = make_index(vectors).search(vectors[0], 5)

    assert list(found) == [10, 13, 16, 19, 22]


def test_an_empty_index_finds_nothing() -> None:
    query = unit_rows(1, 16)[0]

    assert EMPTY.search(query, 5) == {}
    assert EMPTY.compare(query, []) == {}
    assert len(EMPTY) == 0


@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param(np.full(16, np.nan, dtype=np.float32), "norm nan", id="NaN"),
        pytest.param(np.zeros(16, dtype=np.float32), r"norm 0\.0", id="zero"),
        pytest.param(np.ones(16, dtype=np.float32), r"norm 4\.0", id="not a unit"),
        pytest.param(np.ones(1, dtype=np.float32), r"shape \(1,\)", id="another dimension"),
        pytest.param(np.ones((1, 16), dtype=np.float32), r"shape \(1, 16\)", id="a matrix"),
    ],
)
def test_a_query_that_is_no_unit_vector_is_refused(query: Vectors, words: str) -> None:
    index = make_index(unit_rows(3, 16))

    with pytest.raises(ValueError, match=words):
        index.search(query, 2)
    with pytest.raises(ValueError, match=words):
        index.compare(query, [10])


@pytest.mark.parametrize("k", [0, -1])
def test_fewer_than_one_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match="k must be at least 1"):
        make_index(unit_rows(3, 16)).search(unit_rows(1, 16)[0], k)


@pytest.mark.parametrize("row", [0, 11, 17, -1])
def test_a_row_that_is_not_there_is_refused(row: int) -> None:
    with pytest.raises(KeyError, match=f"no row {row}"):
        make_index(unit_rows(3, 16)).compare(unit_rows(1, 16)[0], [10, row])


@pytest.mark.parametrize("value", [np.nan, 0.5])
def test_a_vector_that_is_no_unit_is_refused_and_named(value: float) -> None:
    vectors = unit_rows(3, 16)
    vectors[1] = value

    with pytest.raises(ValueError, match="row 13 has norm"):
        make_index(vectors)
