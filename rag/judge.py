"""How probable it is that a sentence, and a value in it, is the answer.

One logistic model serves three ends: it picks the sentence and the value, it compares evidence
of two languages, and its probability decides when the documents do not say. The weights in
`judge_weights.json` were fitted on public data, the gold passage present and removed, by
`crossquote eval fit`; they are the same for every corpus.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from rag.candidates import FEATURES as CANDIDATE_FEATURES
from rag.candidates import KINDS, NAME_KINDS, Candidate
from rag.types import Language
from rag.understand import Question
from rag.weigh import Reading

WEIGHTS_FILE = Path(__file__).with_name("judge_weights.json")
FEATURES = (
    "similarity", "passage_similarity", "behind", "own", "whole", "names", "identifiers",
    "bare", "valued", *CANDIDATE_FEATURES,
)  # fmt: skip
"""`behind` is the rank score less the best one's; `bare` marks a sentence offered without a value
though one is asked for, `valued` one with a value. The rest is in `Reading` and `Candidate`."""
_LEAST_BEHIND = -6.0
_NO_CANDIDATE = (0.0,) * len(CANDIDATE_FEATURES)


def asks_for_value(question: Question) -> bool:
    """Whether the answer begins with a value or name, not with a sentence."""
    return question.asked in KINDS or question.asked in NAME_KINDS


def describe_option(
    question: Question, reading: Reading, candidate: Candidate | None, best_score: float
) -> tuple[float, ...]:
    """Return the features of a sentence, with a value in it or without, as `FEATURES` has them.

    Args:
        question: Read by `rag.understand`.
        reading: The sentence, read against the question.
        candidate: A value in the sentence, or None for the sentence alone.
        best_score: The highest rank score of all the evidence.
    """
    hit = reading.evidence.hit
    return (
        reading.evidence.similarity,
        hit.dense.score if hit.dense else 0.0,
        max(_LEAST_BEHIND, reading.evidence.score - best_score),
        reading.own,
        reading.whole,
        reading.names,
        reading.identifiers,
        float(candidate is None and asks_for_value(question)),
        float(candidate is not None),
        *(candidate.features if candidate else _NO_CANDIDATE),
    )


def estimate_probability(
    features: Sequence[float], question: Language, documents: Language
) -> float:
    """Return the probability, in (0, 1), that the option described answers the question."""
    intercept, *weights = read_weights()[f"{question}-{documents}"]
    total = intercept + sum(w * f for w, f in zip(weights, features, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def read_threshold() -> float:
    """The probability below which the documents are said not to answer."""
    return read_weights()["threshold"][0]


@cache
def read_weights() -> Mapping[str, Sequence[float]]:
    """Return language pair -> intercept and a weight a feature; "threshold" -> one number."""
    weights: dict[str, list[float]] = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    return weights
