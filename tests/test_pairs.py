"""Answers over XQuAD-R are graded by hand-checked rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.gloss import Glossary
from eval.fitting.pairs import (
    Outcome,
    PairReport,
    describe_outcomes,
    describe_pairs,
    format_pairs,
    grade_asked,
)
from eval.fitting.trials import Asked, Asker
from rag.config import Settings
from tests.test_trials import ENCODER, make_task


@pytest.fixture
def asked(tmp_path: Path, glossary: Glossary) -> list[Asked]:
    return list(Asker(make_task(), ENCODER, glossary, Settings()).ask_all(3, tmp_path))


def grade(asked: Asked, glossary: Glossary) -> Outcome:
    """Graded with the right option as sure as can be, so that the weights do not matter."""
    options = sorted(
        (
            replace(option, probability=0.9 if right else 0.01)
            for option, right in zip(asked.options, asked.right, strict=True)
        ),
        key=lambda option: -option.probability,
    )
    surer = replace(asked, findings=replace(asked.findings, options=tuple(options)))
    return grade_asked(surer, glossary, Settings())


def test_a_right_value_is_right_in_every_measure(asked: list[Asked], glossary: Glossary) -> None:
    outcome = grade(asked[0], glossary)

    assert outcome.answer.statements[0].text == "1932"
    assert (outcome.first, outcome.near, outcome.short, outcome.exact) == (True, True, True, True)
    assert outcome.probability == pytest.approx(0.9)


def test_a_question_that_asks_for_no_value_has_no_short_answer(
    asked: list[Asked], glossary: Glossary
) -> None:
    outcome = grade(asked[3], glossary)

    assert outcome.short is None
    assert outcome.first


def test_a_date_told_more_exactly_than_the_gold_one_is_right(
    asked: list[Asked], glossary: Glossary
) -> None:
    outcome = grade(replace(asked[0], answers=("1932年",)), glossary)

    assert outcome.short


def test_another_year_is_wrong(asked: list[Asked], glossary: Glossary) -> None:
    outcome = grade(replace(asked[0], answers=("1958",)), glossary)

    assert not outcome.short
    assert not outcome.first
    assert outcome.near  # "Trams crossed it until 1958." is among the best three


def test_measures_are_over_the_questions_that_they_speak_of(
    asked: list[Asked], glossary: Glossary
) -> None:
    measures = describe_outcomes([grade(item, glossary) for item in asked])

    assert measures["first quote holds it"].n == 2
    assert measures["short answer holds it"].n == 1
    assert measures["refused, paragraph away"].value == 1.0
    assert measures["ROC, paragraph away"].value == 1.0
    assert measures["spans exact"].n == 6
    assert measures["falsely refused"].value == 0.0


def test_the_table_has_a_line_a_measure_and_a_column_a_pair(
    asked: list[Asked], glossary: Glossary
) -> None:
    measures = describe_outcomes([grade(item, glossary) for item in asked])
    reports = [PairReport("en-en", measures), PairReport("en-zh", measures)]

    lines = format_pairs(reports).splitlines()

    assert lines[0].split() == ["en-en", "en-zh"]
    assert lines[1].split()[-2:] == ["1.000", "1.000"]
    assert describe_pairs(reports)["en-zh"]["spans exact"]["n"] == 6
