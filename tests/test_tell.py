"""A reader is told what is wrong, and not where on the server it lies."""

from __future__ import annotations

import pytest

from rag.errors import IndexDamagedError, IndexLockedError, QuestionError, RagError
from ui import error_words
from ui.tell import tell_error
from ui.words import EN, ZH


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "the index at '/srv/secret/place/index.db' cannot be read: no such file. Build it anew",
            "the index at 'index.db' cannot be read: no such file. Build it anew",
        ),
        (r"cannot write to 'C:\\Users\\ada\\notes.txt'", "cannot write to 'notes.txt'"),
        ('[Errno 28] No space left: "/home/ada/docs/it\'s.txt"', "it's.txt"),
        ("nothing in it / of it", "nothing in it / of it"),
        ("no document 'a/b.txt'", "no document 'a/b.txt'"),
    ],
)
def test_places_are_cut_to_their_last_part_and_logged_whole(
    text: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    shown = tell_error(IndexDamagedError(text), EN)

    assert told in shown
    assert "secret" not in shown
    assert "ada" not in shown
    assert text in caplog.text


def test_what_is_wrong_with_a_question_is_told_as_it_is_and_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    text = "the question has 1,001 characters, 'a/b' and '/c/d' among them"

    assert tell_error(QuestionError(text), EN) == text
    assert caplog.text == ""


def test_who_holds_an_index_is_told() -> None:
    error = IndexLockedError("the index at '/srv/i/index.db' is locked by pid 7")

    assert tell_error(error, EN) == "the index at 'index.db' is locked by pid 7"


def test_a_chinese_reader_is_told_in_chinese_what_has_a_code(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The page was Chinese, and what went wrong was told in English."""
    long = QuestionError("1,200, at most 1,000", code="question_long", chars=1200, most=1000)
    locked = IndexLockedError("the index at '/srv/i/index.db' is locked by pid 7")

    assert tell_error(long, ZH) == "问题有 1,200 个字符，最多 1,000 个。请一次问一个问题。"
    assert tell_error(locked, ZH) == "另一个程序正在写入索引，请稍后再试。"
    assert "locked by pid 7" in caplog.text
    assert tell_error(long, EN) == "1,200, at most 1,000"
    assert tell_error(RagError("no code here"), ZH) == "no code here"


def test_every_code_of_an_error_has_its_words() -> None:
    codes = {error.code for error in RagError.__subclasses__() if error.__module__ == "rag.errors"}

    assert codes - {""} <= error_words.ZH.keys()
    assert len(codes) == 7
