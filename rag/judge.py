"""Decide whether a draft is an answer at all, or the documents do not say.

A logistic model over what the best sentence covers of the question gives the probability that
it answers. Its weights were fitted on public data with the gold passage present and removed, by
`crossquote eval support`; they are numbers, the same for every corpus.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rag.compose import Draft
from rag.types import Language
from rag.weigh import Reading

FEATURES = (
    "similarity", "passage_similarity", "own", "whole", "names", "lead", "valued",
)  # fmt: skip
# (intercept, one weight a feature), for a question in the evidence's language and across.
SAME: tuple[float, Sequence[float]] = (-6.0, (4.0, 2.0, 3.0, 3.0, 1.5, 0.3, 0.5))
ACROSS: tuple[float, Sequence[float]] = (-5.0, (4.0, 2.0, 3.0, 3.0, 1.5, 0.3, 0.5))
THRESHOLD = 0.5

_REFUSALS: Mapping[Language, str] = {
    "en": "The documents do not say.",
    "zh": "文档中没有提到。",
}


def describe_draft(draft: Draft, readings: Sequence[Reading]) -> tuple[float, ...]:
    """Return the features of a draft, in the order of `FEATURES`."""
    best = draft.best
    hit = best.evidence.hit
    others = [r.evidence.score for r in readings if r.evidence.hit.passage != hit.passage]
    return (
        best.evidence.similarity,
        hit.dense.score if hit.dense else 0.0,
        best.own,
        best.whole,
        best.names,
        max(-3.0, min(3.0, best.evidence.score - max(others, default=best.evidence.score))),
        float(draft.valued),
    )


def judge_support(draft: Draft, readings: Sequence[Reading], question: Language) -> float:
    """Return the probability that the draft answers the question, in (0, 1)."""
    same = draft.best.evidence.hit.language == question
    intercept, weights = SAME if same else ACROSS
    features = describe_draft(draft, readings)
    total = intercept + sum(w * f for w, f in zip(weights, features, strict=True))
    return 1.0 / (1.0 + math.exp(-total))


def refuse(language: Language) -> str:
    """Return the one sentence that says that the documents hold no answer."""
    return _REFUSALS[language]
