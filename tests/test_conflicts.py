"""Values conflict if independent sources give them, as surely, for the same event; else never."""

from __future__ import annotations

import itertools
from collections.abc import Hashable
from dataclasses import replace
from datetime import date

import pytest

from rag.conflicts import AS_MUCH_ABOUT, AS_PROBABLE, are_compatible, find_conflicting
from rag.options import Option
from rag.values import find_values, resolve_value
from tests.fake_evidence import make_document
from tests.fake_options import make_option, make_value_option


def read_key(text: str, anchor: date | None = None) -> Hashable:
    (value,) = find_values(text)
    assert value.text == text
    return resolve_value(value, anchor=anchor, year=None).key


@pytest.mark.parametrize(
    ("one", "other", "compatible"),
    [
        pytest.param("2021年5月18日", "May 18, 2021", True, id="same date"),
        pytest.param("2021年5月18日", "2021年", True, id="year alone"),
        pytest.param("2021年5月18日", "5月18日", True, id="no year"),
        pytest.param("2021年5月", "May 18", True, id="each lacks a part"),
        pytest.param("2021年5月18日", "5月19日", False, id="another day without a year"),
        pytest.param("2021年5月", "2021年6月", False, id="another month"),
        pytest.param("2021年", "2022年", False, id="another year"),
        pytest.param("2021年", "2022年5月", False, id="month of another year"),
        pytest.param("2021年", "2021年底", True, id="part of the year"),
        pytest.param("1995年", "the 1990s", True, id="in the decade"),
        pytest.param("1999年", "the 1990s", True, id="its last year"),
        pytest.param("2000年", "the 1990s", False, id="after the decade"),
        pytest.param("1895年", "19世纪", True, id="in the century"),
        pytest.param("1900年", "19世纪", False, id="after the century"),
        pytest.param("2019年至2021年", "2020年5月", True, id="in the range of years"),
        pytest.param("2019年至2021年", "2021年12月31日", True, id="its last day"),
        pytest.param("2019年至2021年", "2022年", False, id="after the range"),
        pytest.param("2019年至2021年", "2021年至2023年", True, id="ranges that meet"),
        pytest.param("3月28日至30日", "2021年3月30日", True, id="range without a year"),
        pytest.param("3月28日至30日", "2021年3月31日", False, id="after that range"),
        pytest.param("3月28日至30日", "2021年", True, id="range in the year"),
    ],
)
def test_dates_are_compatible_if_one_only_tells_less(
    one: str, other: str, compatible: bool
) -> None:
    assert are_compatible(read_key(one), read_key(other)) is compatible
    assert are_compatible(read_key(other), read_key(one)) is compatible


@pytest.mark.parametrize("text", ["去年", "三年前", "66 million years ago", "yesterday"])
def test_a_date_that_is_not_resolved_contradicts_none(text: str) -> None:
    for other in ("2021年5月18日", "2019年至2021年", "the 1990s", "今年"):
        assert are_compatible(read_key(text), read_key(other))
        assert are_compatible(read_key(other), read_key(text))


def test_a_date_that_is_resolved_contradicts_another() -> None:
    last_year = read_key("去年", date(2022, 3, 1))

    assert are_compatible(last_year, read_key("2021年"))
    assert not are_compatible(last_year, read_key("2020年"))


@pytest.mark.parametrize(
    ("one", "other", "compatible"),
    [
        pytest.param("3.2公里", "3200 m", True, id="same length"),
        pytest.param("3.2公里", "3.5公里", False, id="another length"),
        pytest.param("3.2公里", "5000公斤", True, id="length and weight"),
        pytest.param("27亿元", "2.7 billion yuan", True, id="same money"),
        pytest.param("27亿元", "28亿元", False, id="other money"),
        pytest.param("27亿元", "$27亿", True, id="another currency"),
        pytest.param("6万名", "60,000 people", True, id="same count"),
        pytest.param("6万名", "900,000 people", False, id="another count"),
        pytest.param("20-30万元", "25万元", True, id="in the range"),
        pytest.param("20-30万元", "30万元", True, id="its end"),
        pytest.param("20-30万元", "31万元", False, id="above the range"),
        pytest.param("20-30万元", "30-40万元", True, id="ranges that meet"),
        pytest.param("20-30万元", "35-40万元", False, id="ranges apart"),
        pytest.param("10%", "15%", False, id="share"),
        pytest.param("10%", "10", True, id="share and number"),
        pytest.param("半年", "6个月", True, id="same time"),
        pytest.param("9点", "上午10点", False, id="another time of day"),
    ],
)
def test_quantities_are_compatible_in_other_units_and_within_ranges(
    one: str, other: str, compatible: bool
) -> None:
    assert are_compatible(read_key(one), read_key(other)) is compatible
    assert are_compatible(read_key(other), read_key(one)) is compatible


@pytest.mark.parametrize(
    ("one", "other", "compatible"),
    [
        pytest.param("2019年第一季度", "the third quarter of 2019", False, id="two quarters"),
        pytest.param("2019年上半年", "the first quarter of 2019", True, id="quarter of a half"),
        pytest.param("spring 2019", "autumn 2019", False, id="two seasons"),
        pytest.param("2019年第一季度", "March 2019", True, id="its month"),
        pytest.param("第一季度", "the third quarter of 2019", True, id="no year told"),
    ],
)
def test_parts_of_a_year_contradict_where_they_share_no_month(
    one: str, other: str, compatible: bool
) -> None:
    assert are_compatible(read_key(one), read_key(other)) is compatible
    assert are_compatible(read_key(other), read_key(one)) is compatible


def test_names_never_conflict() -> None:
    assert are_compatible(("person", "zhoumin"), ("person", "annreed"))
    assert are_compatible(("person", "zhoumin"), ("date", None, None))
    assert are_compatible("zhoumin", "annreed")


SAID = {"bridge": "bridge", "river": "river"}


def value(
    name: str, sentence: str, text: str, probability: float = 0.6, **reading: float | bool
) -> Option:
    whole, rival = float(reading.get("whole", 1.0)), bool(reading.get("rival", False))
    return make_value_option(
        make_document(name, sentence), text, probability, whole=whole, rival=rival
    )


CHOSEN = value("bridge", "大桥于2021年通车。", "2021年")


def conflicts(rival: Option, chosen: Option = CHOSEN) -> bool:
    return find_conflicting([chosen], [[rival]], {}) == [[rival]]


def test_another_year_of_another_source_conflicts() -> None:
    assert conflicts(value("river", "The bridge opened in 2022.", "2022"))


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        pytest.param("The bridge was announced in 2019.", "2019", id="announced"),
        pytest.param("The bridge will open in 2022.", "2022", id="planned"),
        pytest.param("2022年，大桥将通车。", "2022年", id="planned before a comma"),
        pytest.param("大桥于2019年开工，两年后通车。", "2019年", id="begun"),
        pytest.param("The bridge, painted in 2022, is red.", "2022", id="no event"),
        pytest.param("The bridge opened in May 2021.", "May 2021", id="told more exactly"),
    ],
)
def test_what_is_told_of_something_else_is_no_conflict(sentence: str, text: str) -> None:
    assert not conflicts(value("river", sentence, text))


@pytest.mark.parametrize(
    ("rough", "exact", "conflict"),
    [
        ("超13万人", "135,000 people", False),
        ("超13万人", "125,000 people", True),
        ("至少13万人", "130,500 people", False),
        ("不到13万人", "125,000 people", False),
        ("不到13万人", "135,000 people", True),
        ("不超过13万人", "135,000 people", True),
        ("约6万人", "59,800 people", False),
        ("约6万人", "66,000 people", False),
        ("about 65,000 people", "58,213 people", False),
        ("约6万人", "72,000 people", True),
        ("6万人", "59,800 people", True),
    ],
)
def test_a_bound_or_a_round_number_does_not_contradict_what_it_may_mean(
    rough: str, exact: str, conflict: bool
) -> None:
    one = value("bridge", f"大桥开放首日{rough}到访。", rough)
    other = value("river", f"On the day it opened {exact} came to the bridge.", exact)

    assert conflicts(other, one) is conflict
    assert conflicts(one, other) is conflict


def test_two_plans_may_conflict() -> None:
    chosen = value("bridge", "大桥计划2021年通车。", "2021年")

    assert conflicts(value("river", "The bridge will open in 2022.", "2022"), chosen)


def test_announced_and_released_do_not_conflict() -> None:
    announced = value("bridge", "The guide was announced in 2021.", "2021")
    released = value("river", "The guide was published in 2022.", "2022")

    assert not conflicts(released, announced)
    assert not conflicts(announced, released)


@pytest.mark.parametrize(
    ("probability", "conflict"),
    [(0.6 * AS_PROBABLE + 0.001, True), (0.6 * AS_PROBABLE - 0.01, False)],
)
def test_a_rival_must_be_near_as_probable(probability: float, conflict: bool) -> None:
    rival = value("river", "The bridge opened in 2022.", "2022", probability)

    assert conflicts(rival) is conflict


@pytest.mark.parametrize(
    ("whole", "conflict"), [(0.8 * AS_MUCH_ABOUT, True), (0.8 * AS_MUCH_ABOUT - 0.01, False)]
)
def test_a_rival_must_be_as_much_about_the_question(whole: float, conflict: bool) -> None:
    chosen = value("bridge", "The bridge opened in 2021.", "2021", whole=0.8)
    rival = value("river", "The bridge opened in 2022.", "2022", whole=whole)

    assert conflicts(rival, chosen) is conflict


def test_what_the_dictionary_knows_of_a_name_does_not_matter_across_languages() -> None:
    """大桥 has no gloss "bridge", so that the Chinese report covers less of the question."""
    chosen = value("bridge", "大桥于2021年通车。", "2021年", whole=0.3)
    rival = value("river", "The bridge opened in 2022.", "2022", whole=0.8)

    assert conflicts(rival, chosen)


@pytest.mark.parametrize(
    ("names", "rival_names", "conflict"),
    [(0.9, 0.3, True), (0.9, 0.0, False), (0.0, 0.0, True), (0.0, 0.9, False)],
)
def test_across_languages_both_must_hold_names_of_the_question_or_none(
    names: float, rival_names: float, conflict: bool
) -> None:
    """Of the Linhe bridge one source tells; when a museum opened does not differ from that."""
    options = [CHOSEN, value("salt", "The salt museum opened in 1998.", "1998")]
    chosen, rival = (
        replace(option, reading=replace(option.reading, names=held))
        for option, held in zip(options, (names, rival_names), strict=True)
    )

    assert conflicts(rival, chosen) is conflict


def test_what_is_told_of_another_model_is_no_conflict() -> None:
    assert not conflicts(value("river", "The X7 Pro opened in 2022.", "2022", rival=True))


def test_one_voice_does_not_conflict_with_itself() -> None:
    rival = value("river", "The bridge opened in 2022.", "2022")
    same = value("bridge", "大桥于2022年通车。", "2022年")

    assert find_conflicting([CHOSEN], [[same]], {}) == []
    assert find_conflicting([CHOSEN], [[rival]], {"river": "bridge", "bridge": "bridge"}) == []
    assert find_conflicting([CHOSEN], [[rival]], SAID) == [[rival]]
    assert find_conflicting([CHOSEN], [[rival, same]], SAID) == []


def test_a_sentence_without_a_value_conflicts_with_none() -> None:
    sentence = make_option(make_document("river", "The bridge opened late."), 0, 0.6)

    assert not conflicts(sentence)
    assert not conflicts(CHOSEN, sentence)


def test_two_rivals_that_agree_are_told_once() -> None:
    """2021, March 2022 and 2022 were laid side by side as three."""
    month = value("a", "The bridge opened in March 2022.", "March 2022", 0.5)
    year = value("b", "The bridge opened in 2022.", "2022", 0.4)

    assert find_conflicting([CHOSEN], [[year], [month]], {}) == [[month]]


def test_conflicts_come_most_probable_first() -> None:
    rivals = [
        value("a", "It opened in 2018.", "2018", 0.4),
        value("b", "It opened in 2019.", "2019", 0.5),
        value("c", "It opened in 2020.", "2020", 0.3),
        value("d", "It opened in 2022.", "2022", 0.05),
    ]

    for order in itertools.permutations(rivals):
        found = find_conflicting([CHOSEN], [[rival] for rival in order], {})
        assert found == [[rivals[1]], [rivals[0]], [rivals[2]]]
