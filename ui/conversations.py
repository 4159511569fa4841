"""What a page does with its conversation beside asking: export it, delete it, judge an answer.

All of it rests on what the server kept (`ui.history`): a browser names a conversation and a turn,
and never says what was answered.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel, Field

from ui.address import sum_up
from ui.export import export_conversation
from ui.feedback import (
    MAX_REASON_CHARS,
    FeedbackError,
    Verdict,
    describe_judgement,
    write_judgement,
)
from ui.history import History, HistoryError, KeptTurn
from ui.turns import Turn, restore_turns, stop_turn
from ui.words import Words, read_words

ADDRESS, JUDGE = "/conversations/", "/judge"
WRITES = {ADDRESS: 1024, JUDGE: 16_384}  # bytes of a body
FEEDBACK_FILE, HISTORY_FILE = "feedback.jsonl", "conversations.db"
_log = logging.getLogger(__name__)


class Judgement(BaseModel):
    """What a reader sends of an answer."""

    conversation: str = Field(max_length=64)
    turn: int = Field(ge=1)
    of: str = Field(max_length=64)  # sum of the answer's text: the turn may be another by now
    verdict: Verdict
    reason: str = Field("", max_length=MAX_REASON_CHARS)


class Keeper:
    """Keeps the turns of a page, as far as it can: an answer is shown even where it is not kept.

    Args:
        kept: The folder in which conversations are kept; None keeps nothing.
    """

    def __init__(self, kept: Path | None) -> None:
        self.history = None if kept is None else History(kept / HISTORY_FILE)

    def catch_up(
        self, conversation: str, turns: list[Turn], words: Words, *, judged: bool
    ) -> list[Turn]:
        """Return the turns of a page, or those that are kept where there are others by now.

        So it is where a reader asks before the page has its conversation back, or has the same
        conversation on another page. None are left of a conversation that was deleted there.
        """
        if self.history is None:
            return turns
        try:
            last = self.history.get_last(conversation)
        except HistoryError:
            _log.exception("a conversation was not read")
            return turns
        if not last:
            return [] if any(turn.kept for turn in turns) else turns
        if last == (turns[-1].number if turns else 0):
            return turns
        return restore_turns(self.recall(conversation), words, judged=judged)

    def follow(
        self, conversation: str, steps: Iterator[list[Turn]], words: Words
    ) -> Iterator[list[Turn]]:
        """Yield `steps`, and keep the turn that comes to its end in them.

        Until then it is kept as stopped, which it is if the reader leaves, or the server ends; but
        of a question that is asked again, what was there before stays.
        """
        number = 0
        for step in steps:
            *past, turn = step
            if turn.finished:
                self._end(conversation, turn, number)
            elif not turn.again and not number:
                number = self.keep(conversation, stop_turn(step, words)[-1])
            yield [*past, replace(turn, kept=bool(number) or turn.again)]

    def stop(self, conversation: str, turns: list[Turn], words: Words) -> list[Turn]:
        """Return the turns with the last one stopped, as `follow` has kept it.

        A question that was asked again gets its old answer back.
        """
        stopped = stop_turn(turns, words)
        if stopped == turns:
            return turns
        before = self.recall(conversation) if stopped[-1].again else []
        if before:
            return restore_turns(before, words, judged=True)
        return stopped

    def keep(self, conversation: str, turn: Turn) -> int:
        """Keep a turn that has come to its end, as `History.write` does; return its number there.

        Where it cannot be kept, that is 0.
        """
        if self.history is None:
            return 0
        kept = KeptTurn(turn.number, turn.question, turn.answer, turn.notice)
        try:
            return self.history.write(conversation, kept, again=turn.again)
        except HistoryError:
            _log.exception("a turn was not kept")
            return 0

    def _end(self, conversation: str, turn: Turn, number: int) -> None:
        """Keep the end of a turn that is kept under `number`; 0: of one that is not."""
        if self.history is None or not number:
            self.keep(conversation, turn)
            return
        try:
            self.history.end(
                conversation, KeptTurn(number, turn.question, turn.answer, turn.notice)
            )
        except HistoryError:
            _log.exception("the end of a turn was not kept")

    def recall(self, conversation: str) -> list[KeptTurn]:
        """Return the turns of a conversation; none where they cannot be read."""
        try:
            return [] if self.history is None else self.history.read(conversation)
        except HistoryError:
            _log.exception("a conversation was not read")
            return []


def offer_conversations(server: FastAPI, kept: Path) -> None:
    """Serve the export and the deletion of conversations, and take judgements."""
    history = History(kept / HISTORY_FILE)
    server.add_exception_handler(HistoryError, _fail)
    server.add_exception_handler(FeedbackError, _fail)

    @server.get(ADDRESS + "{name}.md")
    def export(name: str, request: Request) -> Response:
        turns = history.read(name)
        if not turns:
            return PlainTextResponse("there is no such conversation", 404)
        words = read_words(request.headers)
        return Response(
            export_conversation(turns, words),
            media_type="text/markdown; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="crossquote-{name[:8]}.md"'},
        )

    @server.delete(ADDRESS + "{name}")
    def forget(name: str) -> Response:
        history.forget(name)
        return Response(status_code=204)

    @server.post(JUDGE)
    def judge(judgement: Judgement) -> Response:
        turns = history.read(judgement.conversation)
        turn = next((turn for turn in turns if turn.number == judgement.turn), None)
        if turn is None or turn.answer is None or sum_up(turn.answer.text) != judgement.of:
            return PlainTextResponse("there is no such answer", 404)
        record = describe_judgement(turn.question, turn.answer, judgement.verdict, judgement.reason)
        write_judgement(kept / FEEDBACK_FILE, record)
        verdict = "" if judgement.verdict == "none" else judgement.verdict
        history.judge(judgement.conversation, judgement.turn, verdict)
        return Response(status_code=204)


def _fail(request: Request, error: Exception) -> Response:
    """Log what went wrong; its text names places on the server, which are not for the reader."""
    _log.error("%s %s: %s", request.method, request.scope["route"].path, error)  # names no id
    return PlainTextResponse("that could not be done; the log of the server says why", 503)
