"""Copies of one report are one voice; what two people wrote about one event are two."""

from __future__ import annotations

import itertools

import pytest

from rag.types import Passage
from rag.voices import LEAST, SIZE, are_copies, group_voices, holds_words

OPENING_ZH = (
    "临河大桥于5月18日上午正式通车，市长周敏出席了仪式。大桥全长3.2公里，双向六车道，"
    "总投资27亿元，工期四年，将两岸之间的车程从四十分钟缩短到十分钟。"
)
OTHER_ZH = (
    "经过四年建设，临河两岸居民盼来了新桥。周敏表示，新桥会让居民出行更方便，"
    "“我们等这一天等了很久”。首日有上万人步行过桥，许多老人带着孙辈合影留念。"
)
OPENING_EN = (
    "The Linhe Bridge opened to traffic on Tuesday morning after four years of work. Mayor Zhou "
    "Min cut the ribbon. The bridge is 3.2 kilometers long and carries six lanes."
)
OTHER_EN = (
    "Thousands of people walked across the river for the first time on Tuesday. Zhou Min called "
    "the new crossing a gift to the town, and schools gave their pupils a day off."
)


def make_passage(document: str, text: str, n: int = 0) -> Passage:
    return Passage(f"{document}#{n}", document, text, 0, len(text))


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param(OPENING_ZH, id="equal"),
        pytest.param(f"重磅！大桥今日开放\n本网讯 {OPENING_ZH}（编辑：刘洋）", id="other headline"),
        pytest.param(OPENING_ZH.replace("通车", "通車").replace("大桥", "大橋"), id="traditional"),
        pytest.param(OPENING_ZH.replace("，", ",").replace("3.2", "３．２"), id="width"),
        pytest.param(OPENING_ZH.replace("市长周敏", "该市市长周敏"), id="small edit"),
        pytest.param(OPENING_ZH.replace("，", "，\n"), id="line breaks"),
        pytest.param(OPENING_ZH[:60], id="shortened"),
    ],
)
def test_a_copy_is_of_the_same_voice(copy: str) -> None:
    assert are_copies(OPENING_ZH, copy)
    assert group_voices([make_passage("b", OPENING_ZH), make_passage("a", copy)]) == {
        "a": "a",
        "b": "a",
    }


def test_an_english_copy_in_other_letters_is_of_the_same_voice() -> None:
    assert are_copies(OPENING_EN, f"BREAKING: {OPENING_EN.upper()} (Reporting by Ann Reed)")


@pytest.mark.parametrize(("one", "other"), [(OPENING_ZH, OTHER_ZH), (OPENING_EN, OTHER_EN)])
def test_two_reports_on_one_event_are_two_voices(one: str, other: str) -> None:
    assert not are_copies(one, other)
    assert group_voices([make_passage("a", one), make_passage("b", other)]) == {"a": "a", "b": "b"}


def test_a_shared_quotation_does_not_make_two_reports_one() -> None:
    said = "周敏说：“这座大桥是全市居民多年的心愿。”"

    assert not are_copies(OPENING_ZH + said, OTHER_ZH + said)


def test_a_text_and_its_translation_are_two_voices() -> None:
    assert not are_copies(OPENING_ZH, OPENING_EN)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("大桥于2021年通车。", "大桥于2021年通车", True),
        ("大桥于2021年通车。", "大桥于2022年通车。", False),
        ("大桥于2021年通车。", "临河大桥于2021年通车。", False),
        ("通车", "通车了", False),
        ("。", "！", True),
    ],
)
def test_a_short_text_is_a_copy_only_if_it_is_equal(one: str, other: str, same: bool) -> None:
    assert are_copies(one, other) is same
    assert are_copies(other, one) is same


@pytest.mark.parametrize(("edited", "same"), [(31, False), (32, True)])
def test_four_in_five_runs_of_the_shorter_text_are_enough(edited: int, same: bool) -> None:
    """Forty shingles; from the `edited`-th on they hold another letter."""
    text = "abcdefghijklmnopqrstuvwxyz1234567890абвгдежз"
    copy = text[: edited + SIZE - 1] + "".join("丁" for _ in text[edited + SIZE - 1 :])
    assert len(text) - SIZE + 1 == 40 >= LEAST

    assert are_copies(text, copy + "天地玄黄宇宙洪荒日月盈昃辰宿列张") is same


def test_a_copy_of_a_copy_is_of_the_same_voice() -> None:
    """The first and the last alone share too little, but the one between joins them."""
    first, last = OPENING_ZH, OTHER_ZH
    passages = [
        make_passage("c", first),
        make_passage("b", first + last),
        make_passage("a", last),
        make_passage("d", OPENING_EN),
    ]

    assert not are_copies(first, last)
    for ordered in itertools.permutations(passages):
        assert group_voices(ordered) == {"a": "a", "b": "a", "c": "a", "d": "d"}


def test_one_passage_in_common_makes_two_documents_one_voice() -> None:
    passages = [
        make_passage("a", OPENING_ZH, 0),
        make_passage("a", OTHER_ZH, 1),
        make_passage("b", OPENING_EN, 0),
        make_passage("b", OTHER_ZH, 1),
    ]

    assert group_voices(passages) == {"a": "a", "b": "a"}


def test_no_passages_have_no_voices() -> None:
    assert group_voices([]) == {}


@pytest.mark.parametrize(
    ("text", "other", "holds"),
    [
        ("本报讯：大桥于2021年通车！", "大桥于２０２１年通車。", True),
        ("Note: The Bridge is open.", "the bridge, is open", True),
        ("大桥于2021年通车。", "本报讯：大桥于2021年通车。", False),
        ("The bridge is open on Sunday.", "The bridge is open on Monday.", False),
    ],
)
def test_a_text_holds_words_that_stand_in_it_in_one_piece(
    text: str, other: str, holds: bool
) -> None:
    assert holds_words(text, other) is holds
