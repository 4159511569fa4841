"""Question sets are read strictly, and answers graded by value, document and refusal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.questions import Grade, Question, grade_answer, is_right, read_questions
from rag.errors import CorpusError
from rag.types import Answer, Citation, Passage, Quote, Statement

RECORD = {
    "id": "q1",
    "question": "when did it open?",
    "language": "en",
    "kind": "date",
    "answerable": True,
    "accept": [["May 18, 2021"], ["18", "May"]],
    "documents": ["a.txt"],
    "quote": "It opened.",
    "tags": ["easy"],
}
QUESTION = Question(
    "q1", "when did it open?", "en", "date", True,
    (("May 18, 2021",), ("18", "May")), ("a.txt",), "It opened.", ("easy",),
)  # fmt: skip
UNANSWERABLE = Question("q2", "who?", "en", "person", False, (), (), "", ())


def write_set(path: Path, *records: object) -> Path:
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def state(text: str, document: str = "a.txt") -> Answer:
    quote = Quote(document, 0, 2, "It")
    passage = Passage(f"{document}#0", document, "It", 0, 2)
    citation = Citation(1, quote, "A", document, "en", None, passage)
    return Answer("?", "en", (Statement(text, (quote,)),), (citation,), (), found=True)


REFUSAL = Answer("?", "en", (), (), (), found=False, refusal="No.")


def test_a_set_is_read_in_order(tmp_path: Path) -> None:
    path = write_set(tmp_path / "set.jsonl", RECORD, "", {**RECORD, "id": "q2"})

    first, second = read_questions(path)
    assert first == QUESTION
    assert second.id == "q2"


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("{", "line 2: expected a question"),
        ("[]", "line 2: expected a question"),
        ({"id": "x"}, "KeyError"),
        ({**RECORD, "id": 7}, "7 is no text"),
        ({**RECORD, "tags": "easy"}, "'easy' is no list"),
        ({**RECORD, "accept": ["May"]}, "'May' is no list"),
        ({**RECORD, "accept": [[]]}, "no accepted way empty"),
        ({**RECORD, "language": "fr"}, "must be zh or en"),
        ({**RECORD, "answerable": False}, "what is answerable has accepted answers"),
        ({**RECORD, "accept": []}, "what is answerable has accepted answers"),
        (RECORD, "two questions the same id"),
    ],
)
def test_what_is_not_in_form_is_named(record: object, words: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=words):
        read_questions(write_set(tmp_path / "set.jsonl", RECORD, record))


def test_a_missing_and_an_empty_set_are_errors(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot read the questions at"):
        read_questions(tmp_path / "none.jsonl")
    with pytest.raises(CorpusError, match="holds no questions"):
        read_questions(write_set(tmp_path / "set.jsonl", ""))


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("May 18, 2021", True),
        ("on  MAY 18 2021 (5月18日)", True),
        ("Ｍａｙ １８， ２０２１", True),
        ("the 18th of May", True),
        ("May 19, 2021", False),
        ("2021", False),
    ],
)
def test_the_value_may_be_spelled_in_any_accepted_way(text: str, right: bool) -> None:
    assert grade_answer(QUESTION, state(text)) == Grade(right, True, False)


def test_another_document_is_not_right() -> None:
    assert grade_answer(QUESTION, state("May 18, 2021", "b.txt")) == Grade(True, False, False)


def test_a_refusal_is_right_only_where_nothing_else_is() -> None:
    grade = grade_answer(QUESTION, REFUSAL)

    assert grade == Grade(False, False, True)
    assert not is_right(QUESTION, grade)
    assert is_right(UNANSWERABLE, grade_answer(UNANSWERABLE, REFUSAL))
    assert not is_right(UNANSWERABLE, grade_answer(UNANSWERABLE, state("May 18, 2021")))
