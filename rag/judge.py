"""How probable it is that a sentence, and a value in it, is the answer.

One logistic model serves three ends: it picks the sentence and the value, it compares evidence
of two languages, and its probability decides when the documents do not say. The weights in
`judge_weights.json` were fitted on public data, the gold passage present and removed, by
`crossquote eval fit`, which adds what that data cannot teach (`PRIOR` and `ADDED` in
`eval.fitting.fit`); they are the same for every corpus.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from rag.candidates import FEATURES as CANDIDATE_FEATURES
from rag.candidates import KINDS, NAME_KINDS, Candidate
from rag.figures.time_words import tells_time
from rag.types import Language
from rag.understand import Question
from rag.weigh import Reading

WEIGHTS_FILE = Path(__file__).with_name("judge_weights.json")
OFFERS = ("valued", "bare", "valueless", "dateless", "timeless", "nameless", "unnamed")
FEATURES = (
    "similarity", "passage_similarity", "place", "own", "whole", "names", "identifiers", "rival",
    "missed", "words", "apart", "lead", *OFFERS, *CANDIDATE_FEATURES,
)  # fmt: skip
"""`place` is 0 for the first sentence of its language, and 1 less for each doubling of its rank.

One of `OFFERS` at most is 1, the others 0. With a value or name the option is `valued`. A sentence
alone, where a value is asked for, is `bare` if it holds one all the same, and if it holds none
`valueless`; where a date is asked for and it holds none, `dateless` if it has other words that
tell when, else `timeless`. Where a name is asked for, it is `nameless` if it holds one, else
`unnamed`. The rest is in `Reading` and `Candidate`."""
_NO_CANDIDATE = (0.0,) * len(CANDIDATE_FEATURES)


def describe_option(
    question: Question, reading: Reading, candidate: Candidate | None, rank: int, *, held: bool
) -> tuple[float, ...]:
    """Return the features of a sentence, with a value in it or without, as `FEATURES` has them.

    Args:
        question: Read by `rag.understand`.
        reading: The sentence, read against the question.
        candidate: A value in the sentence, or None for the sentence alone.
        rank: Of the sentence, among the evidence in its language, from 1.
        held: Whether the sentence holds a value or name of the kind asked for.
    """
    hit = reading.evidence.hit
    offer = _name_offer(question, reading, candidate, held)
    return (
        reading.evidence.similarity,
        hit.dense.score if hit.dense else 0.0,
        -math.log2(rank),
        reading.own,
        reading.whole,
        reading.names,
        reading.identifiers,
        float(reading.rival),
        reading.missed,
        reading.words,
        reading.apart,
        reading.lead,
        *(float(name == offer) for name in OFFERS),
        *(candidate.features if candidate else _NO_CANDIDATE),
    )


def estimate_probability(
    features: Sequence[float], question: Language, documents: Language
) -> float:
    """Return the probability, in (0, 1), that the option described answers the question."""
    intercept, *weights = read_weights()[f"{question}-{documents}"]
    total = intercept + sum(w * f for w, f in zip(weights, features, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def read_threshold(question: Language, documents: Language) -> float:
    """The probability below which the documents are said not to answer.

    `documents` is the language of the sentence that answers best.
    """
    return read_weights()[f"threshold {question}-{documents}"][0]


@cache
def read_weights() -> Mapping[str, Sequence[float]]:
    """Return language pair -> intercept and a weight a feature; "threshold en-zh" -> a number."""
    weights: dict[str, list[float]] = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    return weights


def _name_offer(
    question: Question, reading: Reading, candidate: Candidate | None, held: bool
) -> str:
    """Which of `OFFERS` the option is; empty where the question asks for neither."""
    if candidate is not None:
        return "valued"
    if question.asked in NAME_KINDS:
        return "nameless" if held else "unnamed"
    if question.asked not in KINDS:
        return ""
    if held or question.asked not in ("date", "time"):
        return "bare" if held else "valueless"
    text = reading.evidence.quote.text
    return "dateless" if tells_time(text, reading.evidence.hit.language) else "timeless"
