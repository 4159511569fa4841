"""Judge the most probable options again, by a network that reads question and sentence together.

`rag.judge` weighs what is counted: which words meet, how rare they are, how near a value stands.
The cross-encoder reads the few sentences that it puts first, and tells paraphrase from mere
likeness. The two are joined in a score an option, by weights that `crossquote eval reread` fitted
on public data; they are the same for every corpus.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

from embeddings.cross_encoder import Relevance, Sentence
from rag.options import Option
from rag.sentences import split_sentences
from rag.types import Document, Evidence, Language, Quote

WEIGHTS_FILE = Path(__file__).with_name("reread_weights.json")
# Sentences that are read: the most probable ones, so many at most and at least, and between these
# those whose odds are so much of the best one's; eval/LOG.md has what each is worth.
MOST_READ, LEAST_READ, WORTH_READING = 8, 2, 0.05
FEATURES = ("judged", "score", "words", "valued")
"""`judged` is the judge's logit, `score` the cross-encoder's for the sentence. Of a value, `valued`
is 1 and `words` the logarithm of how probable the answer is to stand in it; else both are 0."""
LEAST_SHARE = 0.01  # what a value has at least, so that its logarithm stays bounded
_TAIL = 240  # characters before a sentence that are looked through for the one before it


Features = tuple[float, ...]


class RelatesSentences(Protocol):
    """A cross-encoder, as `embeddings.cross_encoder.CrossEncoder` is one."""

    def relate(self, question: str, sentences: Sequence[Sentence]) -> list[Relevance]:
        """Read each sentence against the question; their order is kept."""


def reread_options(
    question: str,
    options: Sequence[Option],
    documents: Mapping[str, Document],
    cross_encoder: RelatesSentences,
) -> list[Option]:
    """Return the options with `reread` told and probabilities anew, most probable first.

    Those of sentences that are not read count as no better than the worst of those that are.

    Args:
        question: Its text.
        options: As `list_options` returns them.
        documents: By id, those of the options.
        cross_encoder: Reads the sentences.
    """
    if not options:
        return []
    chosen = choose_sentences(options)
    shown = [show_sentence(evidence, documents) for evidence in chosen]
    relevances = cross_encoder.relate(question, shown)
    found = {e.quote: relevance for e, relevance in zip(chosen, relevances, strict=True)}
    lowest = min(relevance.score for relevance in found.values())
    judged = [_judge_again(option, found, lowest) for option in options]
    return sorted(judged, key=lambda option: -option.probability)


def choose_sentences(options: Sequence[Option]) -> list[Evidence]:
    """Return the sentences that are worth reading again, in the order of the options.

    Those that hold the value of the first option are: they may be further proof of it.
    """
    best: dict[Quote, Option] = {}
    for option in options:
        best.setdefault(option.reading.evidence.quote, option)
    first = options[0]
    key = first.candidate.key if first.candidate else None
    proofs = {
        option.reading.evidence.quote
        for option in options
        if option.candidate and option.candidate.key == key
    }
    least = WORTH_READING * first.odds
    ranked = list(best.items())[:MOST_READ]
    return [
        option.reading.evidence
        for n, (quote, option) in enumerate(ranked)
        if n < LEAST_READ or quote in proofs or option.odds >= least
    ]


def show_sentence(evidence: Evidence, documents: Mapping[str, Document]) -> Sentence:
    """The sentence, with the heading of its part and the sentence before it in its passage."""
    quote, passage = evidence.quote, evidence.hit.passage
    heading = passage.heading or documents[quote.document_id].title
    place = quote.start - passage.start
    tail = passage.text[max(0, place - _TAIL) : place]
    spans = split_sentences(tail)
    before = tail[slice(*spans[-1])] if spans else ""
    return Sentence(quote.text, heading, before if before != heading else "")


def describe_option(option: Option, relevance: Relevance | None, lowest: float) -> Features:
    """Return the features of an option, as `FEATURES` has them.

    Args:
        option: With the judge's probability.
        relevance: Of its sentence; None if it was not read again.
        lowest: Score of a sentence that was not.
    """
    odds = math.log(option.odds)
    score = relevance.score if relevance else lowest
    candidate = option.candidate
    if candidate is None:
        return odds, score, 0.0, 0.0
    share = relevance.locate(candidate.start, candidate.end) if relevance else 0.0
    return odds, score, math.log(max(LEAST_SHARE, share)), 1.0


def estimate_again(features: Sequence[float], name: Literal["weights", "trust"]) -> float:
    """Return the probability, in (0, 1), of the option described.

    Args:
        features: As `FEATURES` has them.
        name: "weights", which rank the options, or "trust", which tell whether to refuse.
    """
    intercept, *weights = read_weights()[name]
    total = intercept + sum(w * f for w, f in zip(weights, features, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def read_threshold(question: Language, documents: Language) -> float:
    """As `rag.judge.read_threshold`, of options that were judged again."""
    return read_weights()[f"threshold {question}-{documents}"][0]


@cache
def read_weights() -> Mapping[str, Sequence[float]]:
    """Return "weights", "trust" -> intercept and a weight a feature; "threshold en-zh" -> one."""
    weights: dict[str, list[float]] = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    return weights


def _judge_again(option: Option, found: Mapping[Quote, Relevance], lowest: float) -> Option:
    features = describe_option(option, found.get(option.reading.evidence.quote), lowest)
    return replace(
        option,
        reread=features,
        probability=estimate_again(features, "weights"),
        trust=estimate_again(features, "trust"),
    )
