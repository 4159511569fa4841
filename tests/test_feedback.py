"""Judgements are kept line by line, whole, and the file stays small."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import HOSTILE, WHEN_EN, fake_ask
from ui.feedback import MAX_REASON_CHARS, FeedbackError, describe_judgement, write_judgement


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


def test_a_judgement_holds_what_was_asked_said_and_quoted() -> None:
    answer = fake_ask(WHEN_EN)

    record = describe_judgement(WHEN_EN, answer, "dislike", "The answer is wrong: it was June")

    assert record["question"] == WHEN_EN
    assert (record["verdict"], record["reason"]) == ("dislike", "The answer is wrong: it was June")
    assert record["answer"] == "May 18, 2021 [1][2]\nIt is 3.2 kilometers long. [3]"
    assert [quote["text"] for quote in record["quotes"]] == [c.quote.text for c in answer.citations]
    assert record["found"] is True


def test_a_long_reason_is_cut() -> None:
    record = describe_judgement(WHEN_EN, fake_ask(WHEN_EN), "dislike", "x" * 5000)

    assert record["reason"] == "x" * MAX_REASON_CHARS


def test_each_judgement_is_a_line_whatever_its_text_holds(tmp_path: Path) -> None:
    path = tmp_path / "new" / "feedback.jsonl"
    records = [
        describe_judgement("a\nb\u2028c", fake_ask(HOSTILE), "like", "=1+1\r\n\ud800"),
        describe_judgement(WHEN_EN, fake_ask(WHEN_EN), "none", ""),
    ]
    for record in records:
        write_judgement(path, record)

    assert read_lines(path) == records


def test_a_full_file_loses_its_older_half_in_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    for n in range(100):
        write_judgement(path, {"n": n, "pad": "x" * 80}, max_bytes=2_000)
        assert path.stat().st_size <= 2_000

    kept = [line["n"] for line in read_lines(path)]
    assert kept == list(range(kept[0], 100))
    assert len(kept) >= 10


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"

    def write(writer: int) -> None:
        for n in range(10):
            write_judgement(path, {"writer": writer, "n": n})

    threads = [threading.Thread(target=write, args=[n]) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    written = {(line["writer"], line["n"]) for line in read_lines(path)}
    assert written == {(writer, n) for writer in range(6) for n in range(10)}


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(FeedbackError, match="could not be kept"):
        write_judgement(tmp_path / "file" / "feedback.jsonl", {})
