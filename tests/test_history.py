"""Conversations come back as they were, are nobody else's, and do not grow without end."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes import CONFLICT, DOOR, HOSTILE, REFUSED_EN, WHEN_EN, fake_ask
from ui.history import MAX_CONVERSATIONS, MAX_TURNS, History, HistoryError, KeptTurn

ONE, OTHER = "1" * 32, "2" * 32


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "kept" / "conversations.db")


def make_turn(number: int, question: str = WHEN_EN) -> KeptTurn:
    return KeptTurn(number, question, fake_ask(question))


def read_plain(history: History, id_: str) -> list[KeptTurn]:
    """The turns without the time, which is the clock's."""
    return [replace(turn, asked=None) for turn in history.read(id_)]


def test_turns_come_back_as_they_were(history: History) -> None:
    stopped = KeptTurn(4, "How long?", None, "Stopped.")
    turns = [make_turn(1), make_turn(2, CONFLICT), make_turn(3, REFUSED_EN), stopped]
    for turn in turns:
        history.write(ONE, turn)

    assert read_plain(history, ONE) == turns


def test_hostile_text_comes_back_character_for_character(history: History) -> None:
    history.write(ONE, make_turn(1, HOSTILE))

    answer = history.read(ONE)[0].answer

    assert answer is not None
    assert answer.citations[0].quote.text in DOOR.text
    assert "\ud800" in answer.citations[0].quote.text


def test_a_conversation_is_nobody_elses(history: History) -> None:
    history.write(ONE, make_turn(1))

    assert history.read(OTHER) == []


def test_a_turn_asked_again_takes_the_place_of_those_from_its_number_on(history: History) -> None:
    for number in (1, 2, 3):
        history.write(ONE, make_turn(number))

    history.write(ONE, make_turn(2, CONFLICT), again=True)

    assert read_plain(history, ONE) == [make_turn(1), make_turn(2, CONFLICT)]


def test_a_turn_whose_number_is_taken_comes_last(history: History) -> None:
    """Another page with the same conversation asked before; its turn was overwritten."""
    for number in (1, 2):
        history.write(ONE, make_turn(number))

    history.write(ONE, make_turn(2, CONFLICT))

    assert read_plain(history, ONE) == [make_turn(1), make_turn(2), make_turn(3, CONFLICT)]
    assert history.get_last(ONE) == 3
    assert history.get_last(OTHER) == 0


def test_of_a_long_conversation_the_last_turns_are_kept(history: History) -> None:
    for number in range(1, MAX_TURNS + 3):
        history.write(ONE, KeptTurn(number, "?", None, "no"))

    assert [turn.number for turn in history.read(ONE)] == list(range(3, MAX_TURNS + 3))


def test_the_conversations_last_asked_in_are_kept(history: History) -> None:
    ids = [f"{n:032x}" for n in range(MAX_CONVERSATIONS + 1)]
    for id_ in ids[:-1]:
        history.write(id_, KeptTurn(1, "?", None, "no"))
    history.write(ids[0], KeptTurn(2, "?", None, "no"))

    history.write(ids[-1], KeptTurn(1, "?", None, "no"))

    assert [len(history.read(id_)) for id_ in (ids[0], ids[1], ids[2], ids[-1])] == [2, 0, 1, 1]


def test_what_is_forgotten_is_not_in_the_file(history: History, tmp_path: Path) -> None:
    told = "a question that must not stay"
    history.write(ONE, KeptTurn(1, told, None, "no"))
    history.write(OTHER, make_turn(1))

    history.forget(ONE)

    assert history.read(ONE) == []
    assert history.read(OTHER) != []
    assert told.encode() not in (tmp_path / "kept" / "conversations.db").read_bytes()


@pytest.mark.parametrize("id_", ["", "1" * 31, "1" * 33, "G" * 32, "' OR 1=1 --", "../../etc"])
def test_what_is_no_id_keeps_and_gives_nothing(history: History, id_: str, tmp_path: Path) -> None:
    history.write(id_, make_turn(1))

    assert history.read(id_) == []
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_made_by_reading(history: History, tmp_path: Path) -> None:
    assert history.read(ONE) == []
    history.forget(ONE)

    assert list(tmp_path.iterdir()) == []


def test_the_file_is_for_its_owner_alone(history: History, tmp_path: Path) -> None:
    history.write(ONE, make_turn(1))

    assert (tmp_path / "kept" / "conversations.db").stat().st_mode & 0o077 == 0


def test_a_file_that_is_no_database_is_told_in_words_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    path.write_bytes(b"not a database " * 100)

    with pytest.raises(HistoryError, match=r"conversations\.db' cannot be used.*Move the file"):
        History(path).read(ONE)
    assert path.read_bytes() == b"not a database " * 100


@pytest.mark.parametrize("damage", ["x'00'", "x'789c33040000320032'"])  # no zlib; the text "1"
def test_a_damaged_turn_is_left_out_and_its_number_stays_taken(
    history: History, tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    for number in (1, 2, 3):
        history.write(ONE, make_turn(number))
    with sqlite3.connect(tmp_path / "kept" / "conversations.db") as connection:
        connection.execute(f"UPDATE turns SET answer = {damage} WHERE number = 3")  # noqa: S608

    history.write(ONE, make_turn(3, CONFLICT))

    assert read_plain(history, ONE) == [make_turn(1), make_turn(2), make_turn(4, CONFLICT)]
    assert "turn 3 of a conversation is damaged" in caplog.text


def test_threads_write_side_by_side(history: History) -> None:
    failures: list[Exception] = []

    def write(id_: str) -> None:
        try:
            for number in range(1, 6):
                history.write(id_, make_turn(number))
        except HistoryError as exc:
            failures.append(exc)

    ids = [f"{n:032x}" for n in range(8)]
    threads = [threading.Thread(target=write, args=[id_]) for id_ in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert [len(history.read(id_)) for id_ in ids] == [5] * 8


def test_a_turn_that_is_kept_gets_its_end_and_its_verdict(tmp_path: Path) -> None:
    history = History(tmp_path / "c.db")
    number = history.write(ONE, KeptTurn(1, "a?", None, "Stopped."))
    history.judge(ONE, number, "like")

    history.end(ONE, KeptTurn(number, "a?", fake_ask(WHEN_EN)))
    fresh = history.read(ONE)
    history.judge(ONE, number, "dislike")

    assert [(turn.answer, turn.notice, turn.verdict) for turn in fresh] == [
        (fake_ask(WHEN_EN), "", "")
    ]
    assert [turn.verdict for turn in history.read(ONE)] == ["dislike"]


def test_a_turn_that_was_deleted_meanwhile_gets_no_end(tmp_path: Path) -> None:
    history = History(tmp_path / "c.db")
    number = history.write(ONE, KeptTurn(1, "a?", None, "Stopped."))
    history.forget(ONE)

    history.end(ONE, KeptTurn(number, "a?", fake_ask(WHEN_EN)))

    assert history.read(ONE) == []


def test_a_file_that_was_made_without_verdicts_is_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TABLE turns (conversation TEXT NOT NULL, number INTEGER NOT NULL, asked TEXT "
            "NOT NULL, question TEXT NOT NULL, notice TEXT NOT NULL, answer BLOB, "
            "PRIMARY KEY (conversation, number)) WITHOUT ROWID"
        )
        row = (ONE, 1, "2026-01-02T03:04:05+00:00", "a?", "Stopped.", None)
        connection.execute("INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?)", row)
        connection.commit()
    history = History(path)

    history.judge(ONE, 1, "like")
    history.write(ONE, KeptTurn(2, "b?", None, "Stopped."))

    assert [(turn.question, turn.verdict) for turn in history.read(ONE)] == [
        ("a?", "like"),
        ("b?", ""),
    ]
