"""Whether an answer's own certainty can be trusted: what is wrong at each level of it.

`rights` says how right each answer is, 1 or 0 or a share between. Answers of equal certainty are
counted together, so that the order they come in does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """The answers whose probabilities lie close together: what was promised, what was reached."""

    probability: float
    accuracy: float
    n: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """The bins in rising order of probability, and the expected calibration error over them.

    A bin that holds no answer is left out. `error` is in [0, 1], lower is better.
    """

    bins: tuple[CalibrationBin, ...]
    error: float


def draw_risk_coverage(
    confidences: Sequence[float], rights: Sequence[float]
) -> list[tuple[float, float]]:
    """What share is wrong of the answers given, the more of them the less certain are given too.

    At a threshold, coverage is the share of answers at least as certain, risk the mean of
    `1 - right` over those (El-Yaniv and Wiener, JMLR 11, 2010).

    Args:
        confidences: One an answer, higher is more certain; only their order matters.
        rights: One an answer, in [0, 1].

    Returns:
        `(coverage, risk)`, one a distinct confidence, the most certain first: coverage rises to
        1.0, where risk is that of all. Risk is lower the better.

    Raises:
        ValueError: If the two differ in length or are empty, or a value is out of its range.
    """
    certain, right = _read_values(confidences, rights)
    order = np.lexsort((right, -certain))
    _, starts = np.unique(-certain[order], return_index=True)
    ends = np.append(starts[1:], len(order))
    wrong = np.cumsum(1 - right[order])[ends - 1]
    return list(zip((ends / len(order)).tolist(), (wrong / ends).tolist(), strict=True))


def measure_aurc(confidences: Sequence[float], rights: Sequence[float]) -> float:
    """Area under the curve of risk and coverage, in [0, 1]; lower is better.

    `1/n Σ risk at the threshold of answer i` (Geifman, Uziel and El-Yaniv, ICLR 2019): the risk of
    `draw_risk_coverage`, each weighted by the coverage it adds. Certainty that says nothing gives
    the risk of all answers; the best there is puts every wrong answer last.

    Raises:
        ValueError: As `draw_risk_coverage`.
    """
    area = covered = 0.0
    for coverage, risk in draw_risk_coverage(confidences, rights):
        area += (coverage - covered) * risk
        covered = coverage
    return area


def measure_calibration(
    probabilities: Sequence[float], rights: Sequence[float], *, bins: int = 10
) -> Calibration:
    """How far the probabilities are from the shares that turn out right.

    The expected calibration error, `Σ |B|/n |accuracy(B) - mean probability(B)|` over `bins` bins
    of equal width, each with its upper edge, 0 in the first (Guo et al., ICML 2017). It depends on
    the number of bins, and so compares only with the same.

    Args:
        probabilities: That an answer is right, one an answer, in [0, 1].
        rights: One an answer, in [0, 1].
        bins: How many, at least 1.

    Raises:
        ValueError: If the two differ in length or are empty, a value is out of its range, or
            `bins` is less than 1.
    """
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    probability, right = _read_values(probabilities, rights)
    _check_share("probability", probability)
    place = np.searchsorted(np.arange(1, bins) / bins, probability, side="left")
    found = tuple(
        CalibrationBin(
            probability=float(probability[place == bin_].mean()),
            accuracy=float(right[place == bin_].mean()),
            n=int((place == bin_).sum()),
        )
        for bin_ in np.unique(place)
    )
    error = sum(b.n * abs(b.accuracy - b.probability) for b in found) / len(right)
    return Calibration(found, error)


def _read_values(confidences: Sequence[float], rights: Sequence[float]) -> tuple[Values, Values]:
    if len(confidences) != len(rights):
        raise ValueError(f"got {len(confidences)} confidences but {len(rights)} rights")
    if not len(rights):
        raise ValueError("the certainty of no answers cannot be measured")
    certain = np.asarray(confidences, dtype=np.float64)
    right = np.asarray(rights, dtype=np.float64)
    if np.isnan(certain).any():
        raise ValueError(f"confidence {int(np.isnan(certain).argmax())} is not a number")
    _check_share("right", right)
    return certain, right


def _check_share(name: str, values: Values) -> None:
    wrong = ~((values >= 0) & (values <= 1))
    if wrong.any():
        raise ValueError(f"{name} must be in [0, 1], got {values[wrong.argmax()]}")
