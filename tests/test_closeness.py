"""Of several values in a sentence, that which the question is about stands closest."""

from __future__ import annotations

import math
import re

import pytest

from embeddings.gloss import Glossary
from rag.closeness import (
    BEHIND,
    CLAUSE,
    FOREIGN_BEHIND,
    FOREIGN_IN_FRONT,
    IN_FRONT,
    REACH_EN,
    REACH_ZH,
    SUBJECT,
    score_closeness,
)
from rag.figures.stretches import place_values
from tests.fake_evidence import make_document, read_documents


def score_numbers(
    question: str, text: str, glossary: Glossary, *, placed: bool = True
) -> dict[str, float]:
    """The closeness of each number of the text."""
    _, (reading,), _ = read_documents(question, [make_document("news", text)], glossary)
    spans = [m.span() for m in re.finditer(r"\d+(?:[.,]\d+)*", text)]
    places = place_values(text, spans) if placed else [None] * len(spans)
    return {
        text[start:end]: score_closeness(start, end, reading, place)
        for (start, end), place in zip(spans, places, strict=True)
    }


@pytest.mark.parametrize(
    ("question", "text", "gap", "marks", "reach"),
    [
        ("大桥有多少？", "大桥长5米", 1, 0, REACH_ZH),
        ("大桥有多少？", "大桥很长，约5米", 4, 1, REACH_ZH),
        ("how many has the bridge?", "the bridge has 5 meters", 5, 0, REACH_EN),
    ],
)
def test_closeness_falls_with_characters_and_clauses(
    question: str, text: str, gap: int, marks: int, reach: float, glossary: Glossary
) -> None:
    scores = score_numbers(question, text, glossary, placed=False)

    assert scores["5"] == pytest.approx(math.exp(-gap / reach) * CLAUSE**marks)


def test_a_match_counts_by_whose_stretch_it_stands_in(glossary: Glossary) -> None:
    scores = score_numbers("多少学生？", "有4位教师，5位学生，6位工人", glossary)

    assert scores["4"] == pytest.approx(math.exp(-6 / REACH_ZH) * CLAUSE * FOREIGN_BEHIND)
    assert scores["5"] == pytest.approx(math.exp(-1 / REACH_ZH) * BEHIND)
    assert scores["6"] == pytest.approx(math.exp(-1 / REACH_ZH) * CLAUSE * FOREIGN_IN_FRONT)


def test_the_label_of_a_later_value_stands_in_front(glossary: Glossary) -> None:
    scores = score_numbers("利润多少？", "收入4亿元，利润5亿元", glossary)

    assert scores["5"] == pytest.approx(IN_FRONT)
    assert scores["4"] < 0.2


def test_a_subject_of_all_values_counts_less_than_a_label(glossary: Glossary) -> None:
    """In one mean with the label, the subject drew every question to the first value."""
    text = "大桥位于城市的西边，2015年动工，2019年通车"
    scores = score_numbers("大桥何时通车？", text, glossary)
    bridge = math.exp(-(text.index("2019") - 2) / REACH_ZH) * CLAUSE**2 * IN_FRONT
    opened = math.exp(-1 / REACH_ZH) * BEHIND

    assert scores["2019"] == pytest.approx((SUBJECT * bridge + opened) / (SUBJECT + 1))
    assert scores["2019"] > scores["2015"]


def test_a_word_that_only_shares_a_gloss_does_not_count_beside_the_word(
    glossary: Glossary,
) -> None:
    scores = score_numbers("何时发布？", "2015年公布，2019年发布", glossary)

    assert scores["2015"] == pytest.approx(
        math.exp(-9 / REACH_ZH) * CLAUSE * FOREIGN_BEHIND, rel=0.01
    )
    assert scores["2019"] == pytest.approx(math.exp(-1 / REACH_ZH) * BEHIND)


@pytest.mark.parametrize(
    ("question", "text", "wanted"),
    [
        ("乙镇有多少家？", "甲镇、乙镇和丙镇分别有1、2和3家。", "2"),
        ("丙镇有多少家？", "甲镇、乙镇和丙镇分别有1、2和3家。", "3"),
        ("How much did Linhe win?", "Harbor and Linhe won 4 and 5 games, respectively.", "5"),
        ("How much did Harbor win?", "Harbor and Linhe won 4 and 5 games, respectively.", "4"),
        ("出租率是多少？", "旅馆收入8亿元，比上季多41%，出租率63%。", "63"),
        ("午后降多少？", "早晨一度降过8%，到了午后，水位降3%。", "3"),
        ("学生有多少？", "学校仅有90位教职员、4个系、400位学生。", "400"),
        ("何时首次停航？", "1987年首次停航，1991年再停航。", "1987"),
        ("When was the bridge opened?", "Work on it began in 2015 and it opened in 2019.", "2019"),
    ],
)
def test_the_value_that_the_question_is_about_is_closest(
    question: str, text: str, wanted: str, glossary: Glossary
) -> None:
    scores = score_numbers(question, text, glossary)

    assert max(scores, key=lambda number: scores[number]) == wanted


def test_without_a_match_it_is_zero(glossary: Glossary) -> None:
    assert score_numbers("谁？", "大桥长5米，宽6米", glossary) == {"5": 0.0, "6": 0.0}
