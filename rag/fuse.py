"""Fuse what the search legs found: by their scores, not by their ranks.

A leg's scores are standardised over the candidates of one question, (score - mean) / deviation,
and summed with weights that depend on the two languages. By its ranks a leg that found nothing
would count like one that did.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.types import Language

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fusion:
    """How much each leg counts, and a sentence's passage beside the sentence.

    Attributes:
        weights: (question language, document language) -> weights of dense, lexical, gloss.
        passage_weight: Times the passage's score, added to the sentence's own.
        searched: Which of dense, lexical, gloss are searched; one that is not has weight 0.
    """

    weights: Mapping[tuple[Language, Language], tuple[float, float, float]]
    passage_weight: float
    searched: tuple[bool, bool, bool] = (True, True, True)


# Round numbers read off XQuAD-R; CMRC, which had no part in it, confirms them (eval/LOG.md,
# 2026-11-22). Across languages the lexical leg is noise.
DEFAULT_FUSION = Fusion(
    weights={
        ("en", "en"): (1.0, 1.0, 1.0),
        ("zh", "zh"): (1.0, 1.0, 0.5),
        ("en", "zh"): (1.5, 0.0, 1.0),
        ("zh", "en"): (1.5, 0.3, 1.0),
    },
    passage_weight=1.0,
)
# A deviation below this says that a leg cannot tell the candidates apart; it is not blown up.
LEAST_DEVIATION = (0.02, 0.5, 0.5)


def fuse_legs(legs: Sequence[Sequence[float]], weights: Sequence[float]) -> Scores:
    """Return the weighted sum of the standardised scores, over the length of the weights.

    Args:
        legs: Scores of the same candidates by dense, lexical and gloss.
        weights: One a leg; if all are 0, so is the sum.
    """
    total = np.zeros(len(legs[0]))
    for scores, weight, least in zip(legs, weights, LEAST_DEVIATION, strict=True):
        total += weight * standardize(np.asarray(scores, dtype=np.float64), least)
    norm = math.sqrt(sum(weight * weight for weight in weights))
    fused: Scores = total / (norm or 1.0)
    return fused


def standardize(scores: Scores, least_deviation: float) -> Scores:
    """Return (scores - mean) / max(deviation, least_deviation); empty gives empty."""
    if not len(scores):
        return scores
    standard: Scores = (scores - scores.mean()) / max(float(scores.std()), least_deviation)
    return standard
