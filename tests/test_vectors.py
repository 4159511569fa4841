"""Search equals brute force, value for value, and never reaches a row that is not there."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.encoder import Vectors
from rag.vectors import VectorIndex

EMPTY = VectorIndex()
CODED = 16  # the fewest rows to be searched exactly: with more, codes choose what is compared


def unit_rows(n: int, dim: int = 16, seed: int = 7) -> Vectors:
    rows = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def make_index(vectors: Vectors, *, exact_rows: int = 1000) -> VectorIndex:
    """Rows 10, 13, 16, … so that rows and places differ."""
    index = VectorIndex(exact_rows=exact_rows)
    rows = np.arange(len(vectors), dtype=np.int64) * 3 + 10
    index.follow(rows, lambda asked: vectors[(asked - 10) // 3])
    return index


def test_search_equals_brute_force() -> None:
    vectors = unit_rows(500)
    query = unit_rows(1, seed=8)[0]

    found = make_index(vectors).search(query, 20)

    similarities = vectors.astype(np.float16).astype(np.float32) @ query
    best = np.argsort(-similarities)[:20]
    assert list(found) == (best * 3 + 10).tolist()
    assert list(found.values()) == pytest.approx(similarities[best].tolist(), abs=1e-6)


def test_search_by_codes_tells_the_exact_similarities() -> None:
    vectors = unit_rows(3000)
    query = unit_rows(1, seed=8)[0]
    index = make_index(vectors, exact_rows=CODED)

    found = index.search(query, 20)

    similarities = vectors @ query
    best = np.argsort(-similarities)[:20]
    assert not index.exact
    assert list(found) == (best * 3 + 10).tolist()
    assert list(found.values()) == pytest.approx(similarities[best].tolist(), abs=1e-6)


@pytest.mark.parametrize("exact_rows", [1000, CODED])
def test_compare_equals_brute_force_in_the_order_asked(exact_rows: int) -> None:
    vectors = unit_rows(50)
    query = unit_rows(1, seed=8)[0]

    compared = make_index(vectors, exact_rows=exact_rows).compare(query, [16, 10, 157])

    assert list(compared) == [16, 10, 157]
    expected = (vectors[[2, 0, 49]] @ query).tolist()
    assert list(compared.values()) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("exact_rows", [1000, CODED])
def test_search_and_compare_tell_the_same(exact_rows: int) -> None:
    index = make_index(unit_rows(500), exact_rows=exact_rows)
    query = unit_rows(1, seed=8)[0]

    found = index.search(query, 30)

    assert index.compare(query, list(found)) == found


@pytest.mark.parametrize("exact_rows", [1000, CODED])
def test_more_than_there_are_gives_all_and_no_row_twice(exact_rows: int) -> None:
    """FAISS pads with -1, which as a place is the last row."""
    vectors = unit_rows(20)

    found = make_index(vectors, exact_rows=exact_rows).search(vectors[1], 30)

    assert sorted(found) == [10 + 3 * n for n in range(20)]
    assert next(iter(found)) == 13


@pytest.mark.parametrize("exact_rows", [1000, CODED])
def test_equal_similarities_come_by_row_also_at_the_cut(exact_rows: int) -> None:
    vectors = np.repeat(unit_rows(2), 40, axis=0)

    found = make_index(vectors, exact_rows=exact_rows).search(vectors[0], 5)

    assert list(found) == [10, 13, 16, 19, 22]


def test_equal_similarities_come_by_row_also_when_a_lower_row_comes_later() -> None:
    vectors = np.repeat(unit_rows(1), 200, axis=0)
    index = VectorIndex()
    index.follow(np.arange(100, 200), vectors.__getitem__)
    index.follow(np.arange(200), vectors.__getitem__)

    found = index.search(vectors[0], 3)

    assert list(found) == [0, 1, 2]


def test_an_empty_index_finds_nothing() -> None:
    query = unit_rows(1)[0]

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
@pytest.mark.parametrize("exact_rows", [1000, CODED])
def test_a_query_that_is_no_unit_vector_is_refused(
    query: Vectors, words: str, exact_rows: int
) -> None:
    index = make_index(unit_rows(30), exact_rows=exact_rows)

    with pytest.raises(ValueError, match=words):
        index.search(query, 2)
    with pytest.raises(ValueError, match=words):
        index.compare(query, [10])


@pytest.mark.parametrize("k", [0, -1])
def test_fewer_than_one_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match="k must be at least 1"):
        make_index(unit_rows(3)).search(unit_rows(1)[0], k)


@pytest.mark.parametrize("exact_rows", [1000, CODED])
@pytest.mark.parametrize("row", [0, 11, 100, -1])
def test_a_row_that_is_not_there_is_refused(row: int, exact_rows: int) -> None:
    with pytest.raises(KeyError, match=f"no row {row}"):
        make_index(unit_rows(30), exact_rows=exact_rows).compare(unit_rows(1)[0], [10, row])


@pytest.mark.parametrize("exact_rows", [1000, CODED])
@pytest.mark.parametrize("value", [np.nan, 0.5])
def test_a_vector_that_is_no_unit_is_refused_and_named(value: float, exact_rows: int) -> None:
    vectors = unit_rows(30)
    vectors[1] = value

    with pytest.raises(ValueError, match="row 13 has norm"):
        make_index(vectors, exact_rows=exact_rows)


@pytest.mark.parametrize(
    ("loaded", "words"),
    [
        pytest.param(unit_rows(1), r"shape \(1, 16\), expected \(2, 16\)", id="too few"),
        pytest.param(
            unit_rows(2, 8), r"shape \(2, 8\), expected \(2, 16\)", id="another dimension"
        ),
        pytest.param(unit_rows(2).ravel(), r"shape \(32,\), expected", id="no matrix"),
    ],
)
def test_vectors_of_another_shape_are_refused(loaded: Vectors, words: str) -> None:
    index = VectorIndex()
    index.follow(np.arange(3), unit_rows(3).__getitem__)

    with pytest.raises(ValueError, match=words):
        index.follow(np.arange(5), lambda _: loaded)


@pytest.mark.parametrize("rows", [[2, 1], [1, 1]])
def test_rows_that_do_not_ascend_are_refused(rows: list[int]) -> None:
    with pytest.raises(ValueError, match="rows must ascend"):
        VectorIndex().follow(np.array(rows), unit_rows(3).__getitem__)


def test_fewer_than_sixteen_rows_cannot_teach_codes() -> None:
    with pytest.raises(ValueError, match="exact_rows must be at least 16, got 15"):
        VectorIndex(exact_rows=15)
