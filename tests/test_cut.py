"""Paragraphs are cut into the sentences that documents are cut into, and keep their questions."""

from __future__ import annotations

from eval.fitting.cut import cut_paragraphs
from eval.fitting.read import Candidate, RetrievalQuestion, RetrievalTask
from rag.types import Document

TEXT = "大桥于2021年通车。门票二十元。"


def make_task(*answers: str) -> RetrievalTask:
    questions = tuple(
        RetrievalQuestion(f"q{n}", "?", frozenset({"d"}), (answer,))
        for n, answer in enumerate(answers)
    )
    document = Document("d", "d", TEXT, "", "zh")
    whole = (Candidate("d", "d", 0, len(TEXT)),)
    return RetrievalTask("toy", (document,), whole, questions, "paragraph", "zh", "zh", 0)


def test_the_sentence_in_which_the_answer_starts_is_the_right_one() -> None:
    task = cut_paragraphs(make_task("2021年", "二十元"))

    assert task.unit == "sentence"
    assert [TEXT[c.start : c.end] for c in task.candidates] == [
        "大桥于2021年通车。",
        "门票二十元。",
    ]
    first, second = task.candidates
    assert [q.relevant for q in task.questions] == [{first.id}, {second.id}]
    assert [q.answers for q in task.questions] == [("2021年",), ("二十元",)]


def test_a_question_whose_answer_is_not_there_word_for_word_is_left_out() -> None:
    assert [q.id for q in cut_paragraphs(make_task("去年", "2021年")).questions] == ["q1"]
