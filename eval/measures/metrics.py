"""How good a ranking is, and how sure we are of a mean. One measure, one small function.

A ranking is a sequence of ids, best first, without repeats; ranks count from 1. Every measure
lies in [0, 1], higher is better, and what stands below rank `k` counts as not found. A question
with nothing relevant has no value, so it is an error, not a zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import log2

import numpy as np
import numpy.typing as npt

FEW = 12  # distinct values: 2 ms for 2,000 resamples, 20 take 4; drawing 1,000 values takes 7
BLOCK = 2**13  # values drawn at once: 64 kB, which the C library hands out without new pages


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over `n` questions, and the interval that holds it at the level asked for."""

    value: float
    low: float
    high: float
    n: int


def find_first_rank(ranking: Sequence[str], relevant: AbstractSet[str]) -> int | None:
    """Rank of the best relevant id, from 1; None if the ranking holds none."""
    return next((rank for rank, id_ in enumerate(ranking, start=1) if id_ in relevant), None)


def recall_at_k(ranking: Sequence[str], relevant: AbstractSet[str], *, k: int) -> float:
    """Share of the relevant ids that are among the first `k`.

    `|relevant ∩ ranking[:k]| / |relevant|` (Manning, Raghavan, Schütze, Introduction to
    Information Retrieval, 2008, chapter 8). With one relevant id it is 1 or 0.

    Raises:
        ValueError: If `k` is less than 1, `relevant` is empty, or an id repeats.
    """
    first = _take_first(ranking, k, bool(relevant))
    return sum(id_ in relevant for id_ in first) / len(relevant)


def reciprocal_rank_at_k(ranking: Sequence[str], relevant: AbstractSet[str], *, k: int) -> float:
    """One over the rank of the first relevant id, 0 if it is below `k`; its mean is MRR@k.

    `1 / rank` (Voorhees, TREC-8 question answering track report, 1999).

    Raises:
        ValueError: If `k` is less than 1, `relevant` is empty, or an id repeats.
    """
    rank = find_first_rank(_take_first(ranking, k, bool(relevant)), relevant)
    return 1.0 / rank if rank else 0.0


def ndcg_at_k(ranking: Sequence[str], relevant: AbstractSet[str], *, k: int) -> float:
    """Discounted gain of a ranking over that of the best one, every relevant id worth 1.

    `graded_ndcg_at_k` with all gains 1.

    Raises:
        ValueError: If `k` is less than 1, `relevant` is empty, or an id repeats.
    """
    return graded_ndcg_at_k(ranking, dict.fromkeys(relevant, 1.0), k=k)


def graded_ndcg_at_k(ranking: Sequence[str], gains: Mapping[str, float], *, k: int) -> float:
    """Discounted gain of a ranking over that of the best one, for ids of unequal worth.

    `DCG = Σ gain(rank) / log2(rank + 1)`, divided by the DCG of the gains in falling order
    (Järvelin and Kekäläinen, ACM TOIS 20(4), 2002, with the discount that trec_eval uses). The
    gain is linear; pass `2**grade - 1` for the form of Burges et al., ICML 2005.

    Args:
        ranking: Ids, best first; one that `gains` lacks is worth 0.
        gains: Worth of each id, at least 0, one of them above 0.
        k: How many ranks count, from 1.

    Raises:
        ValueError: If `k` is less than 1, a gain is negative, none is above 0, or an id repeats.
    """
    if min(gains.values(), default=0.0) < 0:
        raise ValueError(f"gains must be at least 0, got {min(gains.values())}")
    first = _take_first(ranking, k, any(gain > 0 for gain in gains.values()))
    best = sorted(gains.values(), reverse=True)[:k]
    return _sum_discounted([gains.get(id_, 0.0) for id_ in first]) / _sum_discounted(best)


def estimate_mean(
    values: Sequence[float], *, level: float = 0.95, resamples: int = 2000, seed: int = 0
) -> Mean:
    """Mean of one value a question, with its percentile bootstrap interval.

    `resamples` sets of `len(values)` draws with replacement; the interval holds the middle
    `level` of their means (Efron, Annals of Statistics 7(1), 1979). It tells how much the mean
    would move with other questions of the same kind. Equal input gives equal output.

    Raises:
        ValueError: If there are no values, or `level` is not between 0 and 1.
    """
    if not values:
        raise ValueError("the mean of no values is not defined")
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, got {level}")
    sample = np.asarray(values, dtype=np.float64)
    means = _resample_means(sample, resamples, np.random.default_rng(seed))
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Mean(value=float(sample.mean()), low=float(low), high=float(high), n=len(sample))


def _resample_means(
    sample: npt.NDArray[np.float64], resamples: int, random: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Where few values repeat, as 0 and 1 do, how often each is drawn is drawn, not each one."""
    distinct, counts = np.unique(sample, return_counts=True)
    n = len(sample)
    if len(distinct) <= FEW:
        drawn: npt.NDArray[np.int64] = random.multinomial(n, counts / n, size=resamples)
        return drawn / n @ distinct
    rows = max(1, BLOCK // n)
    sizes = [min(rows, resamples - done) for done in range(0, resamples, rows)]
    return np.concatenate(
        [sample.take(random.integers(n, size=(size, n))).mean(axis=1) for size in sizes]
    )


def _take_first(ranking: Sequence[str], k: int, any_relevant: bool) -> Sequence[str]:
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if not any_relevant:
        raise ValueError("a question with nothing relevant cannot be measured")
    first = ranking[:k]
    if len(set(first)) != len(first):
        raise ValueError(f"an id repeats in the ranking: {list(first)!r}")
    return first


def _sum_discounted(gains: Sequence[float]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def measure_roc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Probability that a positive scores above a negative, ties counted half.

    It is the area under the ROC curve (Hanley & McNeil, Radiology 143, 1982).
    """
    above = np.asarray(positives)[:, None] - np.asarray(negatives)[None, :]
    return float((above > 0).mean() + 0.5 * (above == 0).mean())
