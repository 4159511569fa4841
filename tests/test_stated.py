"""The values that a question names are cut out of it whole, and met by equal ones."""

from __future__ import annotations

import pytest

from rag.asking.stated import SAME_NUMBER, compare_values, cut_stated, find_stated
from rag.values import find_values


@pytest.mark.parametrize(
    ("question", "rest", "stated"),
    [
        ("how many in Q3 2019?", "how many in  ?", ["Q3 2019"]),
        ("who led in the year 2019?", "who led in  ?", ["2019"]),
        ("sales in the third quarter of the year", "sales in the  ", ["third quarter"]),
        ("who sold over 135,000 vehicles?", "who sold over   vehicles?", ["135,000"]),
        ("which two cities?", "which two cities?", []),
        ("which fifty cities?", "which   cities?", ["fifty"]),
        ("which road is 300 km long?", "which road is   long?", ["300 km"]),
        ("what happened last year?", "what happened last year?", []),
        ("how much did sales fall in 2023?", "how much did sales fall in  ?", ["2023"]),
        ("谁捐了三百万？", "谁捐了 ？", ["三百万"]),
        ("第二季度营收多少", " 营收多少", ["第二季度"]),
        ("去年卖了几辆", "去年卖了几辆", []),
        ("who led 24-10?", "who led 24-10?", []),
        ("1620-21年间谁死了", "1620-21年间谁死了", []),
        ("", "", []),
    ],
)
def test_values_are_cut_out_with_the_words_that_only_name_their_kind(
    question: str, rest: str, stated: list[str]
) -> None:
    left, found = cut_stated(question, question, find_stated(question))

    assert (left, [value.text for value in found]) == (rest, stated)


def test_a_value_that_went_with_the_words_of_asking_is_not_kept() -> None:
    question = "sales in 2019"

    assert cut_stated(question, "sales", find_stated(question)) == ("sales", [])


@pytest.mark.parametrize(
    ("question", "rest", "left"),
    [
        ("which X5 sold 5 cars in May", " X5 sold 5 cars in May", " X5 sold   cars in  "),
        ("X5 sold 5 cars when", "X5 sold 5 cars ", "X5 sold   cars "),
    ],
)
def test_a_value_is_cut_where_it_stands_and_not_out_of_a_name(
    question: str, rest: str, left: str
) -> None:
    assert cut_stated(question, rest, find_stated(question))[0] == left


@pytest.mark.parametrize(
    ("asked", "told", "shares"),
    [
        ("21%", "百分之二十一，21人", [1.0, 0.0]),
        ("3 million", "300万人", [1.0]),
        ("3 million", "300万元", [SAME_NUMBER]),
        ("$3 million", "3 million", [0.0]),
        ("300 km", "300公里", [1.0]),
        ("in 2019", "于2019年8月7日", [1.0]),
        ("August 7, 2019", "2018年到2019年，8月7日", [1 / 3, 2 / 3]),
        ("Q3 2019", "2019年业绩：第三季度", [1 / 2, 1.0]),
        ("Q3 2019", "2018年业绩：第三季度", [0.0, 1 / 2]),
        ("in 2019", "", []),
    ],
)
def test_each_value_told_is_compared_by_meaning(asked: str, told: str, shares: list[float]) -> None:
    (value,) = find_stated(asked)

    assert compare_values(value, find_values(told)) == pytest.approx(shares)
