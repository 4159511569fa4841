"""A set is graded question by question; each share is over the questions that it is about."""

from __future__ import annotations

import pytest

from eval.answers import evaluate_answers, format_answers
from eval.questions import Question
from rag.types import Answer, Language
from tests.fakes import BRIDGE_EN, BRIDGE_ZH, MUSEUM_EN, make_answer, make_refusal

ASKED_FIRST = "when did the bridge open?"
ASKED_SECOND = "where is the museum?"
ASKED_THIRD = "大桥何时通车？"
ASKED_FOURTH = "who painted the bridge?"


def make_question(
    text: str, language: Language, kind: str, *accept: str, document: str = ""
) -> Question:
    ways = tuple((way,) for way in accept)
    documents = (document,) if document else ()
    return Question(text, text, language, kind, bool(accept), ways, documents, "", ())


QUESTIONS = [
    make_question(ASKED_FIRST, "en", "date", "May", document=BRIDGE_ZH.id),
    make_question(ASKED_SECOND, "en", "place", "Linhe", document=MUSEUM_EN.id),
    make_question(ASKED_THIRD, "zh", "date", "5月", document=BRIDGE_ZH.id),
    make_question(ASKED_FOURTH, "en", "person"),
]
ANSWERS = {
    ASKED_FIRST: make_answer(  # the right value, from another document
        ASKED_FIRST, "en", ("May 2021", ((BRIDGE_EN, BRIDGE_EN.text[:5]),))
    ),
    ASKED_SECOND: make_refusal(ASKED_SECOND),
    ASKED_THIRD: make_answer(  # a wrong value, from the right document
        ASKED_THIRD, "zh", ("6月", ((BRIDGE_ZH, BRIDGE_ZH.text[:5]),))
    ),
    ASKED_FOURTH: make_refusal(ASKED_FOURTH),
}


def ask(question: str) -> Answer:
    return ANSWERS[question]


@pytest.mark.parametrize(
    ("name", "value", "n"),
    [
        ("value right", 1 / 3, 3),
        ("value right, en", 1 / 2, 2),
        ("value right, zh", 0.0, 1),
        ("document right", 1 / 3, 3),
        ("document right, zh", 1.0, 1),
        ("falsely refused", 1 / 3, 3),
        ("falsely refused, zh", 0.0, 1),
        ("refused", 1.0, 1),
        ("value right, date", 1 / 2, 2),
        ("value right, place", 0.0, 1),
    ],
)
def test_each_share_is_over_the_questions_it_is_about(name: str, value: float, n: int) -> None:
    told: list[tuple[int, int]] = []

    report = evaluate_answers(QUESTIONS, ask, progress=lambda *news: told.append(news))

    assert report.measures[name].value == pytest.approx(value)
    assert report.measures[name].n == n
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_share_over_no_question_is_not_told() -> None:
    measures = evaluate_answers(QUESTIONS[:1], ask).measures

    assert "value right, zh" not in measures
    assert "refused" not in measures


def test_failures_are_listed_with_what_was_said() -> None:
    report = evaluate_answers(QUESTIONS, ask)

    shown = format_answers(report, with_failures=True).splitlines()

    assert [line.partition("  ->  ")[2] for line in shown if "  ->  " in line] == [
        ANSWERS[ASKED_SECOND].refusal, "6月"
    ]  # fmt: skip
    assert "->" not in format_answers(report)


def test_the_record_names_every_question() -> None:
    record = evaluate_answers(QUESTIONS, ask).to_dict()

    assert [row["id"] for row in record["rows"]] == [q.id for q in QUESTIONS]
    assert record["rows"][2] == {
        "id": ASKED_THIRD, "said": "6月", "value_right": False, "document_right": True,
        "refused": False,
    }  # fmt: skip
    assert record["measures"]["value right"]["n"] == 3
