"""The words of a question are found where they stand, in either language, with true offsets."""

from __future__ import annotations

import random

import pytest

from embeddings.gloss import Glossary
from rag.match import (
    ACROSS,
    ALIKE,
    EXACT,
    LONGER_NAME,
    SHARED,
    find_matches,
    fold_with_offsets,
    read_tokens,
)
from rag.understand import read_question

Place = tuple[str, str, float]


def find_places(question: str, text: str, glossary: Glossary) -> list[Place]:
    """Concept, the text it is met in, and how strongly."""
    matches = find_matches(read_question(question, glossary).concepts, text, glossary)
    return [(m.concept.text, text[m.start : m.end], m.strength) for m in matches]


@pytest.mark.parametrize(
    ("question", "text", "places"),
    [
        ("bridge", "Two bridges.", [("bridge", "bridges", EXACT)]),
        ("bridge", "Ａ ＢＲＩＤＧＥ.", [("bridge", "ＢＲＩＤＧＥ", EXACT)]),
        ("bridge", "这座桥很长", [("bridge", "桥", ACROSS)]),
        ("桥", "The bridge", [("桥", "bridge", ACROSS)]),
        ("大桥", "臨河大橋通車", [("大桥", "大橋", EXACT)]),
        ("大橋", "临河大桥通车", [("大桥", "大桥", EXACT)]),
        ("发布", "公布了", [("发布", "公布", SHARED)]),
        ("X2", "小米X2上市", [("X2", "X2", EXACT)]),
        ("x2 weight", "The X2.", [("x2", "X2", EXACT)]),
        ("周敏", "Zhou said", [("周敏", "Zhou", ACROSS)]),
        ("Zhou", "周敏说", [("Zhou", "周", ACROSS)]),
        ("the fair of March 26", "3月26日消息", [("March 26", "3月26日", EXACT)]),
        ("3月26日", "On March 26,", [("3月26日", "March 26", EXACT)]),
        ("the 135,000 visitors", "13.5万", [("135,000", "13.5万", EXACT)]),
        ("bridge", "", []),
        ("", "bridge", []),
        ("bridge", "tea", []),
    ],
)
def test_words_are_met_within_and_across_languages(
    question: str, text: str, places: list[Place], glossary: Glossary
) -> None:
    assert find_places(question, text, glossary) == places


def test_a_latin_word_ends_where_chinese_begins(glossary: Glossary) -> None:
    """`2024年3月28日，小米SU7` was one word, so SU7 stood everywhere and its date nowhere."""
    text = "2024年3月28日，小米SU7上市"
    words = [text[t.start : t.end] for t in read_tokens(text, glossary)]

    assert find_places("SU7", text, glossary) == [("SU7", "SU7", EXACT)]
    assert {"2024", "3", "28", "SU7"} <= set(words)


@pytest.mark.parametrize(
    ("question", "text", "strengths"),
    [
        ("X2 price", "The X2 costs", [EXACT]),
        ("X2", "X2 Ultra", [LONGER_NAME]),
        ("X2", "X2 Ultra价格", [LONGER_NAME]),
        ("X2", "Ｘ２　Ｕｌｔｒａ", [LONGER_NAME]),
        ("X2", "X2\u00a0Max", [LONGER_NAME]),
        ("X2", "X2-PRO", [LONGER_NAME]),
        ("X2", "X2 7 seats", [EXACT]),
        ("X2", "X2 7, X2-7.", [LONGER_NAME, EXACT]),
        ("X2", "X2 2024年上市", [EXACT]),
        ("X2", "X2 15%", [EXACT]),
        ("X2", "X2, Ultra", [EXACT]),
        ("X2", "X2 is", [EXACT]),
        ("2024", "2024 Ultra", [EXACT]),  # a year is not a model name
    ],
)
def test_a_model_name_that_goes_on_is_another_thing(
    question: str, text: str, strengths: list[float], glossary: Glossary
) -> None:
    first = read_question(question, glossary).concepts[-1 if question == "2024" else 0]

    assert [m.strength for m in find_matches([first], text, glossary)] == strengths


def test_a_model_name_asked_in_full_is_met_in_full(glossary: Glossary) -> None:
    assert find_places("the X2 Ultra", "X2 Ultra", glossary) == [
        ("X2", "X2", EXACT),
        ("Ultra", "Ultra", EXACT),
    ]


@pytest.mark.parametrize(
    ("text", "word", "span"),
    [
        ("㎞大桥", "大桥", (1, 3)),
        ("大\u200b桥通车", "大桥", (0, 3)),
        ("ﬁa\u200b大桥", "大桥", (3, 5)),  # one more and one less: as long as before
        ("\u202e大桥", "大桥", (1, 3)),
        ("㍻元年", "平成", (0, 1)),
        ("cafe\u0301大桥", "大桥", (5, 7)),
        ("😀大橋", "大桥", (1, 3)),
        ("\ud800大桥", "大桥", (1, 3)),
        ("ｱﾞ大桥", "大桥", (2, 4)),
    ],
)
def test_spans_are_true_where_folding_changes_the_length(
    text: str, word: str, span: tuple[int, int], glossary: Glossary
) -> None:
    (concept,) = read_question(word, glossary).concepts
    found = [m for m in find_matches([concept], text, glossary) if m.strength == EXACT]

    assert [(m.start, m.end) for m in found] == [span]


@pytest.mark.parametrize("seed", range(100))
def test_every_span_lies_in_the_text_and_is_not_empty(seed: int, glossary: Glossary) -> None:
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    pieces = (
        "大橋 桥 ㎞ ﬁ \u200b e\u0301 Ａ２ X2 Ultra ㍻ 😀 3月 １３万 \n … ½ 각 İ ß \ud800 ﷺ 周敏 tea"
    )
    text = "".join(draw.choices(pieces.split(" "), k=12))

    folded, offsets = fold_with_offsets(text)
    matches = find_matches(read_question("bridge X2 周敏 平成", glossary).concepts, text, glossary)

    assert len(offsets) == len(folded) + 1
    assert offsets == sorted(offsets)
    assert offsets[-1] == len(text)
    assert all(0 <= m.start < m.end <= len(text) for m in matches)
    assert all(0 <= t.start < t.end <= len(text) for t in read_tokens(text, glossary))


def test_a_place_counts_once_a_concept_at_its_best(glossary: Glossary) -> None:
    """桥 is the word itself and shares its gloss with itself."""
    assert find_places("桥", "桥桥", glossary) == [("桥", "桥", EXACT), ("桥", "桥", EXACT)]


@pytest.mark.parametrize(
    ("question", "text", "places"),
    [
        ("in Q3 2019", "2019年第三季度", [("Q3 2019", "2019年第三季度", EXACT)]),
        ("in Q3 2019", "2019年卖出", [("Q3 2019", "2019年", EXACT / 2)]),
        ("in Q3 2019", "2019年第二季度", []),
        ("on February 7", "2020-02-07: 7 people", [("February 7", "2020-02-07", EXACT)]),
        ("2019年上半年", "in H1 2019", [("2019年上半年", "H1 2019", EXACT)]),
        ("第二季度", "the second quarter", [("第二季度", "the second quarter", EXACT)]),
        ("the 21st century", "二十一世纪以来", [("21st century", "二十一世纪", EXACT)]),
        ("by 21%", "百分之二十一，21人", [("21%", "百分之二十一", EXACT)]),
        ("三百万", "over 3 million people", [("三百万", "over 3 million people", EXACT)]),
        ("in 2019", "2019款", [("2019", "2019", EXACT)]),
        ("in 2019", "the 2019-A", [("2019", "2019", EXACT)]),
        ("in 2019", "Room 12019", []),
        ("300 km", "300 km/h", [("300 km", "300 km", SHARED)]),
        ("38岁", "at age 38", [("38岁", "38", EXACT)]),
        ("38岁", "38 km", [("38岁", "38", SHARED)]),
        ("in 2001", "2001–02", [("2001", "2001", EXACT)]),
        ("in 2002", "2001–02", [("2002", "2001–02", 0.9)]),
    ],
)
def test_a_value_is_met_by_its_meaning_or_as_it_is_written(
    question: str, text: str, places: list[Place], glossary: Glossary
) -> None:
    assert find_places(question, text, glossary) == places


@pytest.mark.parametrize(
    ("question", "text", "places"),
    [
        ("EVs", "电动汽车", [("EV", "电动汽车", ALIKE)]),
        ("EV", "Electric-vehicles", [("EV", "Electric-vehicles", ALIKE)]),
        ("电动汽车", "two EVs", [("汽车", "EVs", ALIKE), ("电动", "EVs", ALIKE)]),
        ("国内生产总值", "its GDP", [("国内生产总值", "GDP", ALIKE)]),
        ("electric vehicle", "every EV", [("electric", "EV", ALIKE), ("vehicle", "EV", ALIKE)]),
        ("Who leads the WHO?", "who knows the WHO", [("WHO", "WHO", EXACT)]),
        ("Who leads the WHO?", "世卫组织", [("WHO", "世卫组织", ALIKE)]),
        ("of the QZB", "Quay and Zoo Board", [("QZB", "Quay and Zoo Board", ALIKE)]),
        ("of the QZB", "quay and zoo board", []),
        ("an EV", "eVE, EVE", []),
    ],
)
def test_an_abbreviation_is_met_by_what_it_stands_for_and_the_reverse(
    question: str, text: str, places: list[Place], glossary: Glossary
) -> None:
    assert find_places(question, text, glossary) == places


@pytest.mark.parametrize(
    ("question", "text", "places"),
    [
        ("X2 Pro", "two X2 Pros", [("X2", "X2", EXACT), ("Pro", "Pros", ALIKE)]),
        ("the X2 Pros", "an X2 Pro", [("X2", "X2", EXACT), ("Pros", "Pro", ALIKE)]),
        ("the X2", "two X2s", [("X2", "X2s", ALIKE)]),
        ("the X2s", "an X2", [("X2s", "X2", ALIKE)]),
        ("the X2s", "an X2 Pro", [("X2s", "X2", ALIKE * LONGER_NAME)]),
        ("the X2's weight", "X2 Max", [("X2", "X2", LONGER_NAME)]),
        ("the X2 weight", "X2's", [("X2", "X2's", EXACT)]),
    ],
)
def test_a_plural_or_possessive_names_the_same_thing(
    question: str, text: str, places: list[Place], glossary: Glossary
) -> None:
    assert find_places(question, text, glossary) == places
