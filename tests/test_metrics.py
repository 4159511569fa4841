"""Every measure has its published value, by hand and by `ir_measures`."""

from __future__ import annotations

from collections.abc import Callable
from math import log2

import ir_measures
import numpy as np
import pytest
from ir_measures import RR, R, nDCG

from eval.measures.metrics import (
    Mean,
    estimate_mean,
    find_first_rank,
    graded_ndcg_at_k,
    measure_roc,
    ndcg_at_k,
    recall_at_k,
    reciprocal_rank_at_k,
)

RANKING = ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("relevant", "rank"),
    [({"a"}, 1), ({"e", "c"}, 3), ({"x"}, None), (set(), None)],
)
def test_first_rank_counts_from_one(relevant: set[str], rank: int | None) -> None:
    assert find_first_rank(RANKING, relevant) == rank


@pytest.mark.parametrize(
    ("k", "expected"),
    [(1, 0.0), (2, 1 / 3), (3, 1 / 3), (4, 2 / 3), (5, 2 / 3), (99, 2 / 3)],
)
def test_recall_is_the_share_of_the_relevant_found(k: int, expected: float) -> None:
    assert recall_at_k(RANKING, {"b", "d", "x"}, k=k) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("relevant", "k", "expected"),
    [
        pytest.param({"c", "d"}, 5, 1 / 3, id="the first one counts"),
        pytest.param({"c"}, 3, 1 / 3, id="at the cut"),
        pytest.param({"c"}, 2, 0.0, id="one below the cut"),
        pytest.param({"x"}, 5, 0.0, id="not found"),
    ],
)
def test_reciprocal_rank_is_one_over_the_first_rank(
    relevant: set[str], k: int, expected: float
) -> None:
    assert reciprocal_rank_at_k(RANKING, relevant, k=k) == pytest.approx(expected)


def test_binary_ndcg_by_hand() -> None:
    found = 1 / log2(3) + 1 / log2(5)  # ranks 2 and 4
    best = 1 + 1 / log2(3) + 1 / log2(4)

    assert ndcg_at_k(RANKING, {"b", "d", "x"}, k=5) == pytest.approx(found / best)


def test_the_best_ranking_cut_at_k_is_also_cut() -> None:
    """Three relevant and two ranks: finding two of them is all that could be done."""
    assert ndcg_at_k(["b", "d"], {"b", "d", "x"}, k=2) == pytest.approx(1.0)


def test_graded_ndcg_by_hand() -> None:
    gains = {"a": 1.0, "b": 3.0, "x": 2.0, "e": 0.0}
    found = 1 / 1 + 3 / log2(3)
    best = 3 / 1 + 2 / log2(3) + 1 / 2

    assert graded_ndcg_at_k(RANKING, gains, k=5) == pytest.approx(found / best)


@pytest.mark.parametrize("seed", range(40))
def test_the_measures_equal_those_of_ir_measures(seed: int) -> None:
    random = np.random.default_rng(seed)
    pool = [f"d{i:02d}" for i in range(30)]
    ranking = [str(id_) for id_ in random.permutation(pool)[: random.integers(1, 31)]]
    grades = {id_: int(random.integers(0, 4)) for id_ in pool[:: int(random.integers(1, 8))]}
    grades[pool[0]] = 2
    relevant = {id_ for id_, grade in grades.items() if grade > 0}
    run = {"q": {id_: float(-rank) for rank, id_ in enumerate(ranking)}}

    for k in (1, 5, 10):
        binary = {"q": dict.fromkeys(relevant, 1)}
        theirs = ir_measures.calc_aggregate([R @ k, RR @ k, nDCG @ k], binary, run)
        graded = ir_measures.calc_aggregate([nDCG @ k], {"q": grades}, run)

        assert recall_at_k(ranking, relevant, k=k) == pytest.approx(theirs[R @ k])
        assert reciprocal_rank_at_k(ranking, relevant, k=k) == pytest.approx(theirs[RR @ k])
        assert ndcg_at_k(ranking, relevant, k=k) == pytest.approx(theirs[nDCG @ k])
        assert graded_ndcg_at_k(ranking, grades, k=k) == pytest.approx(graded[nDCG @ k])


@pytest.mark.parametrize("measure", [recall_at_k, reciprocal_rank_at_k, ndcg_at_k])
def test_what_cannot_be_measured_is_an_error(measure: Callable[..., float]) -> None:
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        measure(RANKING, {"a"}, k=0)
    with pytest.raises(ValueError, match="nothing relevant"):
        measure(RANKING, set(), k=5)
    with pytest.raises(ValueError, match="repeats"):
        measure(["a", "a"], {"a"}, k=5)


def test_negative_and_all_zero_gains_are_errors() -> None:
    with pytest.raises(ValueError, match=r"at least 0, got -1\.0"):
        graded_ndcg_at_k(RANKING, {"a": 1.0, "b": -1.0}, k=5)
    with pytest.raises(ValueError, match="nothing relevant"):
        graded_ndcg_at_k(RANKING, {"a": 0.0}, k=5)


def test_a_mean_of_equal_values_is_certain() -> None:
    assert estimate_mean([0.5] * 7) == Mean(value=0.5, low=0.5, high=0.5, n=7)


def test_the_interval_is_close_to_the_normal_one_for_many_values() -> None:
    values = [1.0] * 800 + [0.0] * 200
    half = 1.96 * (0.8 * 0.2 / 1000) ** 0.5

    mean = estimate_mean(values)

    assert mean.value == pytest.approx(0.8)
    assert mean.low == pytest.approx(0.8 - half, abs=0.004)
    assert mean.high == pytest.approx(0.8 + half, abs=0.004)
    assert mean.n == 1000


@pytest.mark.parametrize(
    "distinct",
    [
        pytest.param(2, id="drawn as counts"),
        pytest.param(12, id="as many values as are drawn as counts"),
        pytest.param(13, id="drawn one by one"),
        pytest.param(400, id="drawn one by one in blocks"),
    ],
)
def test_the_interval_is_that_of_resampling_one_set_at_a_time(distinct: int) -> None:
    random = np.random.default_rng(7)
    values = np.arange(400) % distinct / distinct
    means = [random.choice(values, size=400).mean() for _ in range(4000)]
    low, high = np.quantile(means, [0.05, 0.95])

    mean = estimate_mean(values.tolist(), level=0.9, resamples=4001)

    within = 4 * values.std() / 20 * 0.033  # four deviations of a 5 % quantile of 4,000 means
    assert mean.value == pytest.approx(values.mean())
    assert mean.low == pytest.approx(low, abs=within)
    assert mean.high == pytest.approx(high, abs=within)


def test_the_interval_depends_on_nothing_but_the_values_and_the_seed() -> None:
    values = [0.0, 1.0, 0.25, 1.0, 0.5]

    assert estimate_mean(values, seed=3) == estimate_mean(values, seed=3)
    assert estimate_mean(values, level=0.5).low > estimate_mean(values, level=0.99).low


def test_no_values_and_a_wrong_level_are_errors() -> None:
    with pytest.raises(ValueError, match="no values"):
        estimate_mean([])
    with pytest.raises(ValueError, match=r"between 0 and 1, got 95"):
        estimate_mean([1.0], level=95)


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    """Of 2 x 3 pairs, .9 beats all three; .5 beats .1, ties with .5, loses to .7."""
    assert measure_roc([0.9, 0.5], [0.1, 0.5, 0.7]) == pytest.approx((3 + 1 + 0.5) / 6)
