"""Conversations, kept so that a page that is loaded again, or a server started again, has them.

What is kept is what the server answered, never what a browser says was answered. A conversation
is known by a random id that its browser holds; whoever has the id has the conversation.
"""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.errors import RagError
from rag.types import Answer

MAX_CONVERSATIONS = 500  # the ones last asked in are kept; an answer takes some 10 KB
MAX_TURNS = 30  # of a conversation: the last ones
_log = logging.getLogger(__name__)
_ID = re.compile(r"[0-9a-f]{32}")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (
    conversation TEXT NOT NULL, number INTEGER NOT NULL, asked TEXT NOT NULL,
    question TEXT NOT NULL, notice TEXT NOT NULL, answer BLOB, verdict TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (conversation, number)
) WITHOUT ROWID
"""
_ADD_VERDICTS = "ALTER TABLE turns ADD COLUMN verdict TEXT NOT NULL DEFAULT ''"
_PUT = (
    "REPLACE INTO turns (conversation, number, asked, question, notice, answer) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)
_END = (
    "UPDATE turns SET asked = ?, notice = ?, answer = ?, verdict = '' "
    "WHERE conversation = ? AND number = ?"
)
_JUDGE = "UPDATE turns SET verdict = ? WHERE conversation = ? AND number = ?"
_PRUNE_OLD = "DELETE FROM turns WHERE conversation = ? AND number <= ?"
_PRUNE_LATER = "DELETE FROM turns WHERE conversation = ? AND number > ?"
_LAST = "SELECT coalesce(max(number), 0) FROM turns WHERE conversation = ?"
_PRUNE_CONVERSATIONS = (
    "DELETE FROM turns WHERE conversation NOT IN (SELECT conversation FROM turns "
    "GROUP BY conversation ORDER BY max(asked) DESC, conversation LIMIT ?)"
)


class HistoryError(RagError):
    """The file of conversations cannot be read or written."""


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A turn that came to its end.

    Attributes:
        number: Within its conversation, from 1, rising.
        question: As it was asked.
        answer: None if there was none.
        notice: Why there was none; else empty.
        asked: When it was kept; None before.
        verdict: What its reader thinks of it: "like", "dislike", or empty for nothing.
    """

    number: int
    question: str
    answer: Answer | None
    notice: str = ""
    asked: datetime | None = None
    verdict: str = ""


def is_conversation(id_: str) -> bool:
    """Whether this can be the id of a conversation: 32 hexadecimal digits."""
    return _ID.fullmatch(id_) is not None


class History:
    """The conversations in one SQLite file; threads and processes may share it.

    Args:
        path: Made at the first write, for its owner's eyes alone.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, conversation: str) -> list[KeptTurn]:
        """Return the turns of a conversation, by number; none if it is unknown.

        A turn that is damaged is left out, and logged.

        Raises:
            HistoryError: If the file cannot be read.
        """
        if not is_conversation(conversation) or not self._path.exists():
            return []
        query = (
            "SELECT number, question, notice, answer, asked, verdict FROM turns "
            "WHERE conversation = ? ORDER BY number"
        )
        with self._connect() as connection:
            rows = connection.execute(query, (conversation,)).fetchall()
        return [turn for turn in map(_read_row, rows) if turn is not None]

    def get_last(self, conversation: str) -> int:
        """Return the number of the last turn of a conversation; 0 if there is none.

        Raises:
            HistoryError: If the file cannot be read.
        """
        if not is_conversation(conversation) or not self._path.exists():
            return 0
        with self._connect() as connection:
            return int(connection.execute(_LAST, (conversation,)).fetchone()[0])

    def write(self, conversation: str, turn: KeptTurn, *, again: bool = False) -> int:
        """Keep a turn, of which nobody has thought anything yet.

        An id that is none keeps nothing: such a page has no conversation.

        Args:
            conversation: Its id.
            turn: With `again`, takes the place of the turn of its number, and those after it go.
                Without, it comes last: where its number is taken by now, as by another page with
                this conversation, it gets the next one.
            again: Whether a turn was asked again.

        Returns:
            The number that it is kept under; 0 if it is not.

        Raises:
            HistoryError: If the file cannot be written.
        """
        if not is_conversation(conversation):
            return 0
        asked = datetime.now(UTC).isoformat()
        with self._connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            last = connection.execute(_LAST, (conversation,)).fetchone()[0]
            number = turn.number if again else max(turn.number, last + 1)
            connection.execute(_PRUNE_LATER, (conversation, number))
            row = (conversation, number, asked, turn.question, turn.notice, _pack(turn.answer))
            connection.execute(_PUT, row)
            connection.execute(_PRUNE_OLD, (conversation, number - MAX_TURNS))
            if not last:  # one conversation more; to count them takes as long as an answer's page
                connection.execute(_PRUNE_CONVERSATIONS, (MAX_CONVERSATIONS,))
        return number

    def end(self, conversation: str, turn: KeptTurn) -> None:
        """Give a turn that is kept its end; one that was deleted meanwhile stays deleted.

        Raises:
            HistoryError: If the file cannot be written.
        """
        asked = datetime.now(UTC).isoformat()
        with self._connect() as connection:
            row = (asked, turn.notice, _pack(turn.answer), conversation, turn.number)
            connection.execute(_END, row)

    def judge(self, conversation: str, number: int, verdict: str) -> None:
        """Keep what the reader thinks of a turn, as in `KeptTurn`; an unknown one is no error.

        Raises:
            HistoryError: If the file cannot be written.
        """
        with self._connect() as connection:
            connection.execute(_JUDGE, (verdict, conversation, number))

    def forget(self, conversation: str) -> None:
        """Delete a conversation; an unknown one is no error.

        Raises:
            HistoryError: If the file cannot be written.
        """
        if self._path.exists():
            with self._connect() as connection:
                connection.execute("DELETE FROM turns WHERE conversation = ?", (conversation,))

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        """A connection for one transaction."""
        try:
            if not self._path.exists():
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.touch(mode=0o600)
            connection = sqlite3.connect(self._path, timeout=5)
            try:
                with connection:
                    connection.execute("PRAGMA secure_delete = ON")
                    connection.execute(_SCHEMA)
                    _add_verdicts(connection)
                    yield connection
            finally:
                connection.close()
        except (OSError, sqlite3.Error) as exc:
            raise HistoryError(
                f"the conversations at {str(self._path)!r} cannot be used: {exc}. Move the file "
                "away to begin anew, or make room"
            ) from exc


def _add_verdicts(connection: sqlite3.Connection) -> None:
    """Bring a file in line that was made when verdicts were not kept in it."""
    has_verdicts = "SELECT count(*) FROM pragma_table_info('turns') WHERE name = 'verdict'"
    if connection.execute(has_verdicts).fetchone()[0]:
        return
    connection.execute("BEGIN IMMEDIATE")  # another process may do so at this moment
    if not connection.execute(has_verdicts).fetchone()[0]:
        connection.execute(_ADD_VERDICTS)
    connection.commit()


def _read_row(row: tuple[int, str, str, bytes | None, str, str]) -> KeptTurn | None:
    number, question, notice, packed, asked, verdict = row
    try:
        answer = None if packed is None else Answer.from_dict(json.loads(zlib.decompress(packed)))
        at = datetime.fromisoformat(asked)
        return KeptTurn(number, question, answer, notice, at, verdict)
    except (TypeError, ValueError, zlib.error):
        _log.exception("turn %d of a conversation is damaged", number)
        return None


def _pack(answer: Answer | None) -> bytes | None:
    if answer is None:
        return None
    text = json.dumps(answer.to_dict(), ensure_ascii=True)  # lone surrogates survive as escapes
    return zlib.compress(text.encode("ascii"))
