"""Where the time of one answer goes, step by step, through the functions that answer.

The steps do not overlap and their sum is the whole. What the index is asked for is timed by a
stand-in that passes every call on to the `View`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter
from typing import Any, cast

from embeddings.cross_encoder import Relevance, Sentence
from rag.assemble import draft_findings
from rag.pipeline import Answerer
from rag.reread import RelatesSentences
from rag.retrieve import prepare_query
from rag.search import search_answers
from rag.spelling import correct_spelling
from rag.store import View
from rag.types import Answer
from rag.understand import read_question

# Of the question; the three legs; texts out of the index; fusing and ranking sentences; the two
# judgements; the rest.
STEPS = (
    "spelling", "encode", "dense", "lexical", "gloss", "fetch", "rank", "judge", "reread", "word",
)  # fmt: skip
_DENSE = ("search_vectors", "compare_vectors")
_TERMS = ("search_terms", "score_terms", "count_holders")


class Stopwatch:
    """Adds up seconds under names; a lap within another is not counted twice.

    Args:
        clock: Seconds since any fixed moment.
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._within = [0.0]  # seconds of the laps that are done, one a level
        self.seconds: dict[str, float] = {}

    @contextmanager
    def lap(self, name: str) -> Iterator[None]:
        """Count the block under `name`, without the laps in it."""
        start = self._clock()
        self._within.append(0.0)
        try:
            yield
        finally:
            spent = self._clock() - start
            own = spent - self._within.pop()
            self._within[-1] += spent
            self.seconds[name] = self.seconds.get(name, 0.0) + own


def answer_in_steps(
    answerer: Answerer, question: str, *, clock: Callable[[], float] = perf_counter
) -> tuple[Answer, dict[str, float]]:
    """Answer in quotes as `answerer` does, and return the seconds of each of `STEPS` as well.

    A question with words; no turn before it, and no language model.
    """
    watch, settings, text = Stopwatch(clock), answerer.settings, question.strip()
    with watch.lap("spelling"):
        with answerer.index.read() as view:
            completed = correct_spelling(text, view, answerer.glossary)
        asked = read_question(completed, answerer.glossary)
    with watch.lap("encode"):
        query = prepare_query(completed, answerer.encoder, answerer.glossary)
    with watch.lap("judge"):
        findings = search_answers(
            asked,
            query,
            _read_timed(answerer, watch),
            answerer.glossary,
            passages=settings.passages,
            depth=settings.depth,
            cross_encoder=_time_reading(answerer.cross_encoder, watch),
        )
    with watch.lap("word"):
        assembler, draft = draft_findings(
            text, findings, answerer.glossary, max_quotes=settings.quotes
        )
        sure = draft is not None and draft.sure
        answer = assembler.quote(draft) if draft and sure else assembler.refuse()
    answer = replace(answer, generation=findings.generation)
    return answer, {name: watch.seconds.get(name, 0.0) for name in STEPS}


class _TimedReading:
    """A cross-encoder whose work is a step."""

    def __init__(self, cross_encoder: RelatesSentences, watch: Stopwatch) -> None:
        self._cross_encoder = cross_encoder
        self._watch = watch

    def relate(self, question: str, sentences: Sequence[Sentence]) -> list[Relevance]:
        with self._watch.lap("reread"):
            return self._cross_encoder.relate(question, sentences)


def _time_reading(
    cross_encoder: RelatesSentences | None, watch: Stopwatch
) -> RelatesSentences | None:
    return _TimedReading(cross_encoder, watch) if cross_encoder else None


class _TimedView:
    """A `View` whose calls are counted as steps."""

    def __init__(self, view: View, watch: Stopwatch) -> None:
        self._view = view
        self._watch = watch

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._view, name)
        if not callable(found):
            return found

        def call(*given: Any, **named: Any) -> Any:
            with self._watch.lap(_name_step(name, given)):
                return found(*given, **named)

        return call


def _name_step(call: str, given: tuple[Any, ...]) -> str:
    if call in _DENSE:
        return "dense"
    return str(given[0]) if call in _TERMS else "fetch"


@contextmanager
def _read_timed(answerer: Answerer, watch: Stopwatch) -> Iterator[View]:
    with watch.lap("rank"), answerer.index.read() as view:
        yield cast("View", _TimedView(view, watch))
