"""A right answer is known in any spelling and language, and a longer number is another number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eval.measures.accept import (
    RIGHT,
    identify_value,
    is_accepted,
    read_value,
    share_shown,
    stands_in,
    word_answer,
)
from eval.questions import Question
from rag.types import Language
from tests.fakes import BRIDGE_ZH, make_answer, make_refusal

WHEN = Question("q", "When?", "en", "date", True, (("2021-05-18",),))


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("2021-05-18", "2021年5月18日"),
        ("2021-05-18", "It opened on May 18, 2021, a year late."),
        ("2021-05-18", "二〇二一年五月十八日"),
        ("2021-05", "May 2021"),
        ("2021", "在2021年"),
        ("8:30", "8点30分"),
        ("135000", "13.5万辆"),
        ("135000", "135,000 vehicles"),
        ("135000", "１３.５万"),
        ("17.1%", "百分之17.1"),
        ("215900 CNY", "21.59万元"),
        ("215900 CNY", "215,900 yuan"),
        ("3000000000 USD", "30亿美元"),
        ("3000000000 USD", "$3 billion"),
        ("22 weeks", "22周"),
        ("5 weeks", "35天"),
        ("3.2 km", "全长3.2公里"),
    ],
)
def test_a_value_equals_its_other_spellings_in_both_languages(part: str, said: str) -> None:
    assert stands_in(part, said)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("2021-05-18", "2021年5月19日"),
        ("2021-05-18", "May 2021"),
        ("2021-05-18", "2020-05-18"),
        ("2021-05", "2021年5月18日"),
        ("135000", "13.5亿"),
        ("135000", "1.35万"),
        ("17.1%", "17.1 points"),
        ("215900 CNY", "215900 USD"),
        ("215900 CNY", "215900"),
        ("3000", "3 km"),
        ("22 weeks", "22 days"),
    ],
)
def test_another_value_is_not_right(part: str, said: str) -> None:
    assert not stands_in(part, said)


@pytest.mark.parametrize(
    ("part", "said", "right"),
    [
        ("500", "500-800人", True),
        ("800", "500至800人", True),
        ("600", "500-800人", False),
        ("3 km", "3 to 5 km", True),
        ("2024-03-28", "2024年3月28日至30日", True),
        ("2024-03-30", "March 28 to March 30, 2024", True),
        ("2024-03-29", "2024年3月28日至30日", False),
        ("2021-05", "2021年5月至6月", True),
    ],
)
def test_an_end_of_a_range_is_right_and_its_middle_is_not(
    part: str, said: str, right: bool
) -> None:
    """The first day of a range of dates was taken for wrong, and the last for right."""
    assert stands_in(part, said) is right


@pytest.mark.parametrize(
    ("part", "said", "right"),
    [
        ("500", "1500", False),
        ("500", "5001", False),
        ("13.5", "113.5", False),
        ("13.5", "13.55", False),
        ("3.2", "about 3.2.", True),
        ("5", "3.5", False),
        ("MIUI14", "MIUI140", False),
        ("MIUI14", "the MIUI14.5 update", False),
        ("MIUI14", "基于安卓13的MIUI 14。", True),
        ("L4", "L4级", True),
    ],
)
def test_digits_are_not_met_within_a_longer_number(part: str, said: str, right: bool) -> None:
    assert stands_in(part, said) is right


@pytest.mark.parametrize(
    ("part", "said"), [("5", "5月1日"), ("18", "May 18, 2021"), ("12", "2021-12-05")]
)
def test_a_number_is_not_met_within_a_date(part: str, said: str) -> None:
    """ "3" was right for an answer of "March 3"."""
    assert not stands_in(part, said)
    assert stands_in(part, f"{said}, {part} of them")


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("小米集團", "小米集团"),
        ("小米集团", "小米集團的"),
        ("Poco F5 Pro", "Ｐｏｃｏ Ｆ５ Ｐｒｏ"),
        ("black SHARK", "Black Shark Technology"),
        ("王 化", "王化"),
        ("first, second", "first second"),
    ],
)
def test_text_is_compared_without_case_width_spaces_and_script(part: str, said: str) -> None:
    assert stands_in(part, said)


def test_all_parts_of_one_way_are_needed() -> None:
    ways = (("charging", "tire"), ("充电桩", "轮胎"))

    assert is_accepted(ways, "Charging piles and tires")
    assert is_accepted(ways, "輪胎與充電樁")
    assert not is_accepted(ways, "charging piles and 轮胎")
    assert not is_accepted((), "anything")


def test_of_differing_values_the_share_that_is_shown_counts() -> None:
    values = (("1200000", "a lot"), ("900000",), ("3%",))

    assert share_shown(values, "120万; 900,000") == pytest.approx(2 / 3)
    assert share_shown(values, "a lot") == pytest.approx(1 / 3)
    assert share_shown(values, "") == 0.0


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2021-05-18", "date"), (" 135000 ", "number"), ("17.1%", "share"),
        ("22 weeks", "duration"), ("215900 CNY", "money"), ("L4", None), ("500 or 600", None),
        ("about a year ago it", None), ("", None),
    ],
)  # fmt: skip
def test_only_what_is_wholly_a_value_is_one(text: str, kind: str | None) -> None:
    value = read_value(text)

    assert (value.kind if value else None) == kind


@pytest.mark.parametrize(
    ("way", "language", "worded"),
    [
        (("2021-05-18",), "en", "May 18, 2021"),
        (("2021-05-18",), "zh", "2021年5月18日"),
        (("Lei Jun", "17.1%"), "en", "Lei Jun 17.1%"),
    ],
)
def test_an_accepted_way_is_worded_as_a_reader_would(
    way: tuple[str, ...], language: Language, worded: str
) -> None:
    assert word_answer(way, language) == worded


def test_what_is_accepted_is_one_value_in_any_wording() -> None:
    said = ["May 18, 2021", "2021年5月18日", "2021-05-18"]

    values = {
        identify_value(WHEN, make_answer("?", "en", (s, ((BRIDGE_ZH, "大桥"),)))) for s in said
    }

    assert values == {RIGHT}


def test_wrong_answers_are_told_apart_by_value_then_by_words() -> None:
    answers = {
        said: make_answer("?", "en", (said, ((BRIDGE_ZH, "大桥"),)))
        for said in ("May 19, 2021", "2021年5月19日", "May 20, 2021", "Never", "NEVER ", "Soon")
    }

    value = {said: identify_value(WHEN, answer) for said, answer in answers.items()}

    assert value["May 19, 2021"] == value["2021年5月19日"] != value["May 20, 2021"]
    assert value["Never"] == value["NEVER "] != value["Soon"]
    assert RIGHT not in value.values()


def test_a_refusal_says_nothing_even_to_what_cannot_be_answered() -> None:
    unanswerable = replace(WHEN, answerable=False, accept=())

    assert identify_value(WHEN, make_refusal("When?")) is None
    assert identify_value(unanswerable, make_refusal("When?")) is None
