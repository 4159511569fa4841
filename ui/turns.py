"""Turns of a conversation: what a question sets off, step by step, as the page shows it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from threading import Lock

from rag.errors import RagError
from rag.types import Answer
from ui.history import MAX_TURNS, KeptTurn
from ui.protocols import Ask, Streaming
from ui.render import cut_question, render_answer, render_notice, render_pending
from ui.tell import note_failure, tell_error
from ui.words import Words


@dataclass(frozen=True, slots=True)
class Turn:
    """One question on the page and what is shown for it; `number` counts from 1.

    `answer` is what a follow-up rests on: None while the turn is in work, and for good where it
    was stopped or failed; `notice` then says so. `again` tells that it took the place of another,
    `kept` that it is, or was, in the history of its conversation.
    """

    number: int
    question: str
    html: str
    finished: bool = False
    answer: Answer | None = field(default=None, hash=False)  # Gradio hashes its states
    notice: str = ""
    again: bool = False
    kept: bool = field(default=False, compare=False)


class Running:
    """The questions in work, by page, so that each can be stopped; threads share it.

    A thread cannot be ended from outside: what was stopped is left at its next step, and its page
    can ask on at once. A question is either stopped or comes to its end, never both.
    """

    def __init__(self) -> None:
        self._works: dict[str, _Work] = {}

    def follow(self, page: str, steps: Iterator[list[Turn]]) -> Iterator[list[Turn]]:
        """Yield `steps` until the page is told to stop."""
        work = self._works[page] = _Work()
        try:
            for step in steps:
                if not work.go_on(finished=step[-1].finished):
                    return
                yield step
        finally:
            if self._works.get(page) is work:
                del self._works[page]

    def is_at_work(self, page: str) -> bool:
        """Whether the page has a question in work that was not told to stop."""
        work = self._works.get(page)
        return work is not None and not work.is_stopped()

    def stop(self, page: str) -> bool:
        """Leave what the page asked; return whether nothing more comes of it.

        False says that it has come to its end just now, and will be shown.
        """
        work = self._works.get(page)
        return work is None or work.stop()


class _Work:
    def __init__(self) -> None:
        self._lock = Lock()
        self._stopped = self._finished = False

    def go_on(self, *, finished: bool) -> bool:
        """Whether the next step may be shown; from then on a last one cannot be stopped."""
        with self._lock:
            self._finished = finished and not self._stopped
            return not self._stopped

    def is_stopped(self) -> bool:
        with self._lock:
            return self._stopped

    def stop(self) -> bool:
        with self._lock:
            self._stopped = not self._finished
            return self._stopped


def stream_turn(
    ask: Ask,
    question: str,
    turns: Sequence[Turn],
    words: Words,
    *,
    place: int = 0,
    judged: bool = False,
) -> Iterator[list[Turn]]:
    """Ask, and yield the page at each step: searching, reading n passages, the answer.

    What a language model words is shown as it grows, if `ask` is `Streaming`.

    The last turn before it that came to an answer lends it to the question. Whatever goes
    wrong becomes the last step: this never raises.

    Args:
        ask: Answers.
        question: As it was typed.
        turns: On the page.
        words: Of the reader.
        place: Number of the turn that it takes the place of, with those after; 0: of none.
        judged: Whether the reader may say what they think of the answer.
    """
    kept = cut_question(question)
    past = [turn for turn in turns if not place or turn.number < place][-(MAX_TURNS - 1) :]
    previous = next((turn.answer for turn in reversed(past) if turn.answer), None)
    number = place or (past[-1].number + 1 if past else 1)
    turn = Turn(number, kept, "", again=bool(place))
    answer: Answer | None = None
    yield [*past, replace(turn, html=render_pending(question, turn=number, words=words))]
    try:
        with closing(stream_safely(ask, question, previous, words)) as answers:
            for answer in answers:
                if answer.model:
                    html = render_answer(answer, turn=number, words=words)
                    yield [*past, replace(turn, html=html)]
    except RagError as exc:
        yield [*past, _end_without(turn, tell_error(exc, words), words)]
        return
    assert answer is not None  # noqa: S101 - a stream yields at least once
    if not answer.model:
        html = render_pending(question, turn=number, words=words, passages=len(answer.hits))
        yield [*past, replace(turn, html=html)]
    html = render_answer(answer, turn=number, words=words, judged=judged)
    yield [*past, replace(turn, html=html, finished=True, answer=answer)]


def stop_turn(turns: Sequence[Turn], words: Words) -> list[Turn]:
    """Mark the last turn as stopped, unless it had come to its end."""
    if not turns or turns[-1].finished:
        return list(turns)
    return [*turns[:-1], _end_without(turns[-1], words.stopped, words)]


def restore_turns(kept: Sequence[KeptTurn], words: Words, *, judged: bool = False) -> list[Turn]:
    """Lay out turns that were kept, in the words of the reader of now."""
    return [_restore(turn, words, judged=judged) for turn in kept[-MAX_TURNS:]]


def _restore(kept: KeptTurn, words: Words, *, judged: bool) -> Turn:
    turn = Turn(kept.number, kept.question, "", finished=True, answer=kept.answer, kept=True)
    if kept.answer is None:
        return _end_without(turn, kept.notice, words)
    html = render_answer(
        kept.answer, turn=kept.number, words=words, judged=judged, verdict=kept.verdict
    )
    return replace(turn, html=html)


def _end_without(turn: Turn, notice: str, words: Words) -> Turn:
    """The turn, at its end without an answer."""
    html = render_notice(
        turn.question, notice, turn=turn.number, words=words, label=words.failed_label
    )
    return replace(turn, html=html, finished=True, notice=notice)


def stream_safely(
    ask: Ask, question: str, previous: Answer | None, words: Words
) -> Generator[Answer]:
    """Ask; yield what comes, and let nothing out but an error that may be shown.

    Raises:
        RagError: As `ask` raised it, or with a plain sentence and the reference under which
            the log holds any other failure.
    """
    try:
        if isinstance(ask, Streaming):
            yield from ask.stream(question, previous)
        else:
            yield ask(question, previous)
    except RagError:
        raise
    except Exception as exc:
        reference = note_failure(exc)
        raise RagError(words.failed.format(reference=reference)) from exc
