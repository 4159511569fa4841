"""Each value of a sentence has a stretch of it, and lists of names answer to lists of values."""

from __future__ import annotations

import re

import pytest

from rag.figures.stretches import CLAUSE_MARK, place_values


def find_numbers(text: str) -> list[tuple[int, int]]:
    return [m.span() for m in re.finditer(r"\d+(?:,\d{3})*%?", text)]


@pytest.mark.parametrize(
    ("text", "stretches"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("甲卖出5辆车。", ["甲卖出5辆车。"], id="alone"),
        pytest.param(
            "甲卖5辆，增长快，乙卖7辆。", ["甲卖5辆", "，增长快，乙卖7辆。"], id="at the first mark"
        ),
        pytest.param(
            "A sold 5 cars and B sold 7.", ["A sold 5 cars ", "and B sold 7."], id="at the joint"
        ),
        pytest.param(
            "5 red and big cars, 7 blue", ["5 red and big cars", ", 7 blue"], id="marks first"
        ),
        pytest.param("90位教师、400位学生", ["90位教师", "、400位学生"], id="in a list"),
        pytest.param("从6小时缩短至3小时", ["从6小时缩短至", "小时缩短至3小时"], id="neither"),
    ],
)
def test_values_are_parted_by_marks_or_joints(text: str, stretches: list[str]) -> None:
    places = place_values(text, find_numbers(text))

    assert [text[slice(*place.stretch)] for place in places] == stretches


def test_what_stands_before_the_first_value_is_shared() -> None:
    text = "The town has 5 schools, 7 parks."
    places = place_values(text, find_numbers(text))

    assert [text[slice(*place.shared)] for place in places] == ["The town has "] * 2


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("甲镇、乙镇和丙镇分别有1、2和3家。", ["甲镇", "乙镇", "丙镇"], id="three"),
        pytest.param("其中，甲、乙分别增长1%和2%。", ["甲", "乙"], id="behind a mark"),
        pytest.param("甲、乙分别为1（上年9）和2（上年8）。", ["甲", "", "乙", ""], id="brackets"),
        pytest.param("Ann and Bob sold 1 and 2 cars, respectively.", ["Ann", "Bob"], id="English"),
        pytest.param(
            "Ann, Bob, and Cy won 1, 2, and 3 games respectively.",
            ["Ann", "Bob", "Cy"],
            id="no more of the last than of the others",
        ),
        pytest.param(
            "sales of Ann and Bob rose by 1% and 2%, respectively",
            ["Ann", "Bob"],
            id="not the words of both",
        ),
        pytest.param(
            "高速公路、国道、农村公路同比分别增长7%、13%和9%。",
            ["公路", "国道", "农村"],
            id="as long as those between",
        ),
        pytest.param("集团亏损及股东亏损分别为9和6。", ["集团亏损", "股东亏损"], id="of a length"),
        pytest.param("三个镇分别有1、2和3家。", ["", "", ""], id="no names"),
        pytest.param("甲、乙有1、2家。", ["", ""], id="not said"),
        pytest.param("甲、乙分别获奖，有1、2家。", ["", ""], id="of something else"),
        pytest.param("甲、乙分别为1。", [""], id="one value"),
    ],
)
def test_the_nth_value_is_told_of_the_nth_name(text: str, names: list[str]) -> None:
    places = place_values(text, find_numbers(text))

    assert [text[slice(*p.name)] if p.name else "" for p in places] == names
    named = [p for p in places if p.name]
    assert [set(p.others) for p in named] == [{q.name for q in named if q is not p} for p in named]


@pytest.mark.parametrize(
    ("text", "count"), [("3,000, 10:30", 1), ("甲，乙；丙：丁", 3), ("a: b, c", 2), ("", 0)]
)
def test_a_mark_inside_a_number_is_none(text: str, count: int) -> None:
    assert len(CLAUSE_MARK.findall(text)) == count
