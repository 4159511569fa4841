"""How close a value or name of a sentence stands to the words of the question in it.

Of several values in a sentence, that is what tells which one is asked for. The constants were
chosen by it, over questions of XQuAD-R and CMRC 2018 and over pairs of news sentences that tell
the same value, see eval/LOG.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from rag.figures.stretches import CLAUSE_MARK, Place, lies_in
from rag.match import Match
from rag.weigh import Reading

REACH_ZH, REACH_EN = 20.0, 60.0  # characters at which closeness has fallen to 1/e
CLAUSE = 0.6  # of the closeness is left behind a comma or the like
# What a match counts for a value in whose stretch it stands: behind it is what is counted, or what
# happened then; in front its label, but the subject of the sentence as well. In the stretch of an
# earlier value may still be such a subject, behind a later value hardly.
BEHIND, IN_FRONT = 1.0, 0.85
FOREIGN_BEHIND, FOREIGN_IN_FRONT = 0.2, 0.4
# A concept in front of all values, and less close to the first than LABEL, is the subject of the
# whole sentence, which favors the first value for no reason: in the mean it counts SUBJECT.
LABEL, SUBJECT = 0.7, 0.5


def score_closeness(start: int, end: int, reading: Reading, place: Place | None = None) -> float:
    """How close a span stands to the matched words of the question, in [0, 1].

    A match counts by its strength, less with each character between, and less again with each
    clause mark between; the result is the mean over the concepts matched outside of the span,
    each by its best match. Where a concept is met itself, words like it do not count.

    Args:
        start: Of the span, in the sentence.
        end: Of the span.
        reading: The sentence, with its matches.
        place: Of a value among the others of its sentence; what is told of another counts less,
            and what may be told of all of them. None leaves the others out of account.
    """
    surest: dict[str, float] = {}
    for match in reading.matches:
        key = match.concept.text
        surest[key] = max(surest.get(key, 0.0), match.strength)
    best: dict[str, float] = {}
    for match in reading.matches:
        key = match.concept.text
        if match.strength < surest[key] or (match.start < end and start < match.end):
            continue
        near = _measure_nearness(match, start, end, reading)
        if place is not None:
            near = _judge_place(match, place, near)
        best[key] = max(best.get(key, 0.0), near * match.strength)
    return _average(best, _find_subjects(reading, place) if place is not None else frozenset())


def _measure_nearness(match: Match, start: int, end: int, reading: Reading) -> float:
    text = reading.evidence.quote.text
    reach = REACH_ZH if reading.evidence.hit.language == "zh" else REACH_EN
    gap = text[match.end : start] if match.end <= start else text[end : match.start]
    return math.exp(-len(gap) / reach) * CLAUSE ** len(CLAUSE_MARK.findall(gap))


def _judge_place(match: Match, place: Place, near: float) -> float:
    """What is left of `near` for a match, by whose stretch of the sentence it stands in."""
    spot = (match.start, match.end)
    if place.name is not None and lies_in(spot, place.name):
        return 1.0
    if any(lies_in(spot, other) for other in place.others):
        return 0.0
    behind = match.start >= place.span[1]
    if lies_in(spot, place.stretch) or lies_in(spot, place.shared):
        return near * (BEHIND if behind else IN_FRONT)
    return near * (FOREIGN_BEHIND if behind else FOREIGN_IN_FRONT)


def _find_subjects(reading: Reading, place: Place) -> frozenset[str]:
    """Concepts that stand in front of all values, and not close to the first of them."""
    first = place.shared[1]
    closest: dict[str, float] = {}
    for match in reading.matches:
        if match.end <= first:
            near = _measure_nearness(match, first, first, reading)
            closest[match.concept.text] = max(closest.get(match.concept.text, 0.0), near)
    return frozenset(key for key, near in closest.items() if near < LABEL)


def _average(scores: Mapping[str, float], subjects: frozenset[str]) -> float:
    weights = {key: SUBJECT if key in subjects else 1.0 for key in scores}
    total = sum(weights.values())
    return sum(weights[key] * score for key, score in scores.items()) / total if total else 0.0
