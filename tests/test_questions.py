"""A question set is read strictly, every mistake named by file and line, and written as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.questions import (
    Evidence,
    Question,
    question_from_dict,
    question_to_dict,
    read_questions,
    write_questions,
)
from rag.errors import CorpusError

RECORD: dict[str, Any] = {
    "id": "q1",
    "question": "when did it open?",
    "language": "en",
    "kind": "date",
    "answerable": True,
    "accept": [["2021-05-18"], ["18", "May"]],
    "evidence": [{"document": "a.txt", "quote": "开通"}, {"document": "b.txt", "grade": 2}],
    "conflict": [["2021", "last year"], ["2022"]],
    "previous": ["what is it?"],
    "tags": ["easy", "前"],
    "group": "opening",
}
QUESTION = Question(
    "q1", "when did it open?", "en", "date", True,
    accept=(("2021-05-18",), ("18", "May")),
    evidence=(Evidence("a.txt", "开通"), Evidence("b.txt", "", 2.0)),
    conflict=(("2021", "last year"), ("2022",)),
    previous=("what is it?",), tags=("easy", "前"), group="opening",
)  # fmt: skip
PLAIN = Question("q2", "谁?", "zh", "person", False)


def write_set(path: Path, *records: object) -> Path:
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_set_is_read_in_order_and_blank_lines_are_passed_over(tmp_path: Path) -> None:
    path = write_set(tmp_path / "set.jsonl", {**RECORD, "id": "z"}, "", "  ", RECORD)

    first, second = read_questions(path)

    assert first.id == "z"
    assert second == QUESTION


def test_keys_with_a_default_may_be_absent() -> None:
    record = {
        "id": "q2",
        "question": "谁?",
        "language": "zh",
        "kind": "person",
        "answerable": False,
    }

    assert question_from_dict(record) == PLAIN
    assert question_to_dict(PLAIN) == record


def test_a_set_is_written_as_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"

    write_questions([QUESTION, PLAIN], path)

    assert read_questions(path) == [QUESTION, PLAIN]
    assert "开通" in path.read_text(encoding="utf-8")
    assert question_to_dict(QUESTION)["evidence"] == [
        {"document": "a.txt", "quote": "开通"}, {"document": "b.txt", "grade": 2.0}
    ]  # fmt: skip


def test_a_byte_order_mark_and_separators_within_a_line_do_no_harm(tmp_path: Path) -> None:
    text = json.dumps({**RECORD, "question": "when\u2028exactly?"}, ensure_ascii=False)
    path = tmp_path / "set.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode() + b"\r\n")

    (question,) = read_questions(path)

    assert question.question == "when\u2028exactly?"


def test_the_documents_are_those_of_the_evidence() -> None:
    assert QUESTION.documents == {"a.txt", "b.txt"}
    assert PLAIN.documents == frozenset()


@pytest.mark.parametrize(
    ("record", "words"),
    [
        pytest.param("{", "Expecting property name", id="no JSON"),
        pytest.param("[" * 100_000, "recursion", id="nested"),
        pytest.param("[]", "expected an object with the keys accept", id="no object"),
        pytest.param({**RECORD, "id": 7}, "id is a text, not 7", id="id"),
        pytest.param({**RECORD, "kind": ""}, "must not be empty", id="kind"),
        pytest.param({"id": "x", "answerable": True}, "question is a text, not None", id="lack"),
        pytest.param({**RECORD, "answerable": "yes"}, "answerable is true or false", id="yes"),
        pytest.param({**RECORD, "answer": "x"}, "expected an object with the keys", id="unknown"),
        pytest.param({**RECORD, "language": "fr"}, "zh, en, not fr", id="language"),
        pytest.param({**RECORD, "tags": "easy"}, "tags is a list, not 'easy'", id="tags"),
        pytest.param({**RECORD, "tags": [1]}, r"tags is a list of texts, not \[1\]", id="tag"),
        pytest.param({**RECORD, "accept": ["May"]}, "a way of accept is a list", id="way"),
        pytest.param({**RECORD, "accept": [[]]}, "an accepted way, or a part", id="empty way"),
        pytest.param({**RECORD, "accept": [[""]]}, "an accepted way, or a part", id="empty part"),
        pytest.param({**RECORD, "evidence": ["a.txt"]}, "evidence is an object", id="evidence"),
        pytest.param({**RECORD, "evidence": [{}]}, "document is a text", id="no document"),
        pytest.param(
            {**RECORD, "evidence": [{"document": "a", "page": 1}]},
            "with the keys document",
            id="key",
        ),
        pytest.param(
            {**RECORD, "evidence": [{"document": ""}]}, "evidence names a document", id="nameless"
        ),
        pytest.param(
            {**RECORD, "evidence": [{"document": "a", "grade": 0}]}, "a grade above 0", id="grade"
        ),
        pytest.param(
            {**RECORD, "evidence": [{"document": "a", "grade": True}]},
            "a grade is a number",
            id="bool",
        ),
        pytest.param({**RECORD, "conflict": [["2021"]]}, "two values or more", id="one value"),
        pytest.param(
            {**RECORD, "conflict": [["1"], []]}, "none without wordings", id="no wordings"
        ),
        pytest.param({**RECORD, "previous": "x"}, "previous is a list, not 'x'", id="previous"),
        pytest.param({**RECORD, "answerable": False}, "what is not answerable has no", id="false"),
        pytest.param(
            {**RECORD, "accept": [], "evidence": []},
            "has accepted answers or evidence",
            id="nothing",
        ),
    ],
)
def test_what_is_not_in_form_is_named_with_its_file_and_line(
    record: object, words: str, tmp_path: Path
) -> None:
    path = write_set(tmp_path / "set.jsonl", {**RECORD, "id": "first"}, "", record)

    with pytest.raises(CorpusError, match=words) as caught:
        read_questions(path)

    assert f"{str(path)!r}, line 3" in str(caught.value)


def test_an_id_that_comes_twice_is_named_with_both_lines(tmp_path: Path) -> None:
    path = write_set(tmp_path / "set.jsonl", RECORD, "", RECORD)

    with pytest.raises(CorpusError, match=r"set.jsonl', line 3: the id 'q1' is that of line 1"):
        read_questions(path)


def test_a_missing_an_empty_and_a_binary_set_are_errors(tmp_path: Path) -> None:
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(CorpusError, match=r"cannot read the questions at .*none\.jsonl"):
        read_questions(tmp_path / "none.jsonl")
    with pytest.raises(CorpusError, match=r"cannot read the questions at .*binary\.jsonl"):
        read_questions(binary)
    with pytest.raises(CorpusError, match=r"empty\.jsonl' holds no questions"):
        read_questions(write_set(tmp_path / "empty.jsonl", ""))


def test_what_only_documents_tell_or_only_words_are_accepted_for_is_a_question() -> None:
    told = question_from_dict({**RECORD, "accept": [], "conflict": []})
    said = question_from_dict({**RECORD, "evidence": []})

    assert told.accept == ()
    assert said.documents == frozenset()
