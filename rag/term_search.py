"""Search by terms: BM25 over the postings of all passages of one language.

The scores are those of SQLite's FTS5, except that a term counts at most 255 times in a passage
(`rag.postings`). How the passages are spread over segments, and which other passages lie in
these, changes nothing.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.postings import LEGS, Bools, Integers, LegPostings, TermSegment, encode_term
from rag.types import Leg

Scores = npt.NDArray[np.float64]
_K1, _B = 1.2, 0.75  # those of FTS5, as is the next
_LEAST_WEIGHT = 1e-6  # of a term that half of the passages hold, or more
_STEP = 64  # terms apart are those kept in memory: a term is found in half the time
_WORD = re.compile(rb"[a-z]{4,30}")
_NO_PLACES, _NO_COUNTS = np.zeros(0, dtype=np.uint16), np.zeros(0, dtype=np.uint8)
_Span = tuple[int, int]  # of the postings of a term in a segment; (0, 0) if there are none


@dataclass(frozen=True, slots=True, eq=False)
class TermScores:
    """How well each passage matches the terms of a query.

    Attributes:
        rows: int64, shape (passages,): their rows, ascending.
        scores: float64, shape (passages,), higher is better; 0 for those that hold no term.
    """

    rows: Integers
    scores: Scores

    def top(self, k: int) -> dict[int, float]:
        """Return row -> score of the `k` best that hold any term, best first, ties by row.

        Raises:
            ValueError: If `k` is less than 1.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}")
        places = np.flatnonzero(self.scores)
        if k < len(places):
            held = self.scores[places]
            places = places[held >= np.partition(held, -k)[-k]]
        best = places[np.argsort(-self.scores[places], kind="stable")][:k]
        return dict(zip(self.rows[best].tolist(), self.scores[best].tolist(), strict=True))

    def of(self, rows: Sequence[int]) -> dict[int, float]:
        """Return row -> score for those of `rows` that hold any term, in the order given."""
        found = {}
        for row, place in zip(rows, np.searchsorted(self.rows, rows).tolist(), strict=True):
            if place < len(self.rows) and self.rows[place] == row and self.scores[place] > 0:
                found[row] = float(self.scores[place])
        return found


class TermIndex:
    """The passages of one language, as one collection.

    Args:
        segments: In any order. What they hold besides the live rows counts nowhere.
        live_rows: int64, ascending: the rows of all passages.

    Raises:
        ValueError: If a live row is in no segment or in two, or the live rows do not ascend.
    """

    def __init__(self, segments: Sequence[TermSegment], live_rows: Integers) -> None:
        rows = np.concatenate([np.zeros(0, dtype=np.int64), *(s.rows for s in segments)])
        order = np.argsort(rows, kind="stable")
        live = np.isin(rows, live_rows)
        self._rows = live_rows
        self._order = order[live[order]]  # where each live row stands among the rows
        if not np.array_equal(rows[self._order], live_rows):
            raise ValueError(
                f"{len(live_rows)} rows are live, and the segments hold {len(self._order)} such; "
                "each must be in one segment, and they must ascend"
            )
        norms = {leg: self._norm_lengths([s.legs[leg] for s in segments]) for leg in LEGS}
        ends = np.cumsum([len(segment.rows) for segment in segments]).tolist()
        self._parts = [
            _Part(
                segment,
                live[end - len(segment.rows) : end],
                {leg: norms[leg][end - len(segment.rows) : end] for leg in LEGS},
                {leg: _mark_terms(segment.legs[leg]) for leg in LEGS},
            )
            for segment, end in zip(segments, ends, strict=True)
        ]

    def score_terms(self, leg: Leg, terms: Sequence[str]) -> TermScores:
        """Return the BM25 score of every passage; a term given twice counts twice."""
        spans = [part.find_spans(leg, terms) for part in self._parts]
        weights = np.array([_weigh_term(len(self._rows), n) for n in self._count(leg, spans)])
        parts = zip(self._parts, spans, strict=True)
        scores = [part.score(leg, found, weights) for part, found in parts]
        return TermScores(self._rows, np.concatenate([np.zeros(0), *scores])[self._order])

    def count_holders(self, leg: Leg, terms: Iterable[str]) -> dict[str, int]:
        """Return term -> number of passages that hold it; absent terms are left out."""
        given = list(dict.fromkeys(terms))
        holders = self._count(leg, [part.find_spans(leg, given) for part in self._parts])
        return {term: n for term, n in zip(given, holders, strict=False) if n}

    def list_words(self) -> tuple[str, ...]:
        """Return the lexical terms of 4 to 30 letters a to z, and nothing else, sorted."""
        words = {word for part in self._parts for word in part.list_words()}
        return tuple(word.decode() for word in sorted(words))

    def _norm_lengths(self, legs: Sequence[LegPostings]) -> Scores:
        """What BM25 adds to a term's count in a passage, for every place of all segments."""
        lengths = np.concatenate([np.zeros(0), *(leg.lengths for leg in legs)])
        live = lengths[self._order]
        mean = live.sum() / max(len(live), 1)
        return _K1 * (1 - _B + _B * lengths / (mean or 1.0))

    def _count(self, leg: Leg, spans: Sequence[Sequence[_Span]]) -> list[int]:
        """Number of passages that hold each term, from its spans in each part."""
        counts = [part.count_live(leg, own) for part, own in zip(self._parts, spans, strict=True)]
        return [sum(column) for column in zip(*counts, strict=True)]


@dataclass(frozen=True, slots=True)
class _Part:
    """A segment with what makes searching it fast.

    Attributes:
        live: Which of its places are.
        norms: What BM25 adds to the counts of each place.
        marks: Every `_STEP`th of its terms.
    """

    segment: TermSegment
    live: Bools
    norms: Mapping[Leg, Scores]
    marks: Mapping[Leg, list[bytes]]

    def find_spans(self, leg: Leg, terms: Sequence[str]) -> list[_Span]:
        postings = self.segment.legs[leg]
        spans = postings.spans.data
        numbers = _find_terms(postings, self.marks[leg], terms)
        return [(spans[n], spans[n + 1]) if n >= 0 else (0, 0) for n in numbers]

    def count_live(self, leg: Leg, spans: Sequence[_Span]) -> list[int]:
        if self.live.all():
            return [end - start for start, end in spans]
        places = self.segment.legs[leg].places
        return [int(np.count_nonzero(self.live[places[start:end]])) for start, end in spans]

    def score(self, leg: Leg, spans: Sequence[_Span], weights: Scores) -> Scores:
        """BM25 of every place, summed in the order of the terms."""
        postings, norms = self.segment.legs[leg], self.norms[leg]
        held = [slice(*span) for span in spans]
        places = np.concatenate([_NO_PLACES, *(postings.places[own] for own in held)])
        counts = np.concatenate([_NO_COUNTS, *(postings.counts[own] for own in held)])
        indices, values = places.astype(np.intp), counts.astype(np.float64)
        values /= values + norms.take(indices)
        values *= np.repeat(weights * (_K1 + 1), [end - start for start, end in spans])
        scores = np.zeros(len(norms))
        np.add.at(scores, indices, values)
        return scores

    def list_words(self) -> list[bytes]:
        postings = self.segment.legs["lexical"]
        first, last = _count_below(postings, b"a"), _count_below(postings, b"{")
        terms = postings.read_terms(first, last)
        if not terms:
            return []
        spans = postings.spans[first : last + 1]
        live = self.live[postings.places[spans[0] : spans[-1]]]
        held = np.logical_or.reduceat(live, spans[:-1] - spans[0]).tolist()
        return [
            term for term, kept in zip(terms, held, strict=True) if kept and _WORD.fullmatch(term)
        ]


def _find_terms(postings: LegPostings, marks: list[bytes], terms: Iterable[str]) -> list[int]:
    """The number of each term, -1 where no passage of the segment holds it."""
    read, numbers = _term_reader(postings), range(len(postings.starts) - 1)
    found = []
    for term in terms:
        key = encode_term(term)
        end = bisect_right(marks, key) * _STEP
        n = bisect_left(numbers, key, max(end - _STEP, 0), min(end, len(numbers)), key=read)
        found.append(n if n in numbers and read(n) == key else -1)
    return found


def _mark_terms(postings: LegPostings) -> list[bytes]:
    read = _term_reader(postings)
    return [read(n) for n in range(0, len(postings.starts) - 1, _STEP)]


def _count_below(postings: LegPostings, key: bytes) -> int:
    return bisect_left(range(len(postings.starts) - 1), key, key=_term_reader(postings))


def _term_reader(postings: LegPostings) -> Callable[[int], bytes]:
    text, starts = postings.text.data, postings.starts.data
    return lambda n: text[starts[n] : starts[n + 1]].tobytes()


def _weigh_term(count: int, holders: int) -> float:
    """The inverse document frequency as FTS5 has it."""
    weight = math.log((count - holders + 0.5) / (holders + 0.5))
    return weight if weight > 0 else _LEAST_WEIGHT
