"""A quote is glossed word by word for a reader of the other language, and nothing is made up."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.gloss import Glossary, read_table, spell_tones
from rag.aid import MAX_GLOSS_CHARS, gloss_quote
from rag.types import LANGUAGES, Language


@cache
def bundled() -> Glossary:
    return Glossary(read_table())


def gloss(text: str, reader: Language, glossary: Glossary | None = None) -> list[tuple[str, str]]:
    """(word, gloss) pairs."""
    words = gloss_quote(text, glossary or bundled(), reader)
    return [(text[word.start : word.end], word.gloss) for word in words]


def test_a_chinese_sentence_is_glossed_in_english_in_reading_order() -> None:
    assert gloss("2021年5月18日上午，临河大桥正式通车。", "en") == [
        ("2021年5月18日", "May 18, 2021"),
        ("上午", "morning"),
        ("临河", "Linhe district"),
        ("大桥", "bridge"),
        ("正式", "official"),
        ("通车", "open to traffic"),
    ]


def test_an_english_sentence_is_glossed_in_chinese_in_reading_order() -> None:
    assert gloss("The Linhe Bridge was opened to traffic on May 18, 2021.", "zh") == [
        ("opened to traffic", "通车"),
        ("May 18, 2021", "2021年5月18日"),
    ]


def test_values_are_printed_for_the_reader_as_one_word() -> None:
    assert gloss("馆方预计，每年将接待120万名观众。", "en")[-2:] == [
        ("120万名", "1.2 million people"),
        ("观众", "visitors"),
    ]
    assert ("约4.6万人", "about 46,000 people") in gloss("通车首日，约4.6万人步行过桥。", "en")
    assert gloss("We now expect 900,000 visitors a year.", "zh") == [
        ("now", "现在"),
        ("expect", "预期"),
        ("900,000", "90万"),
        ("visitors", "游客"),
        ("year", "年"),
    ]


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        ("", "en"),
        ("", "zh"),
        ("The museum is open.", "en"),
        ("博物馆开放了。", "zh"),
        ("的了着", "en"),
        ("It is what it is.", "zh"),
        ("2024, 47%: 3.2!", "en"),
        ("47%", "zh"),
    ],
)
def test_what_needs_no_gloss_has_none(text: str, reader: Language) -> None:
    assert gloss(text, reader) == []


def test_a_year_behind_a_full_width_comma_is_read() -> None:
    """Folded, the comma joined the digits, and 2023年 was left as `year`."""
    assert gloss("，2023年7月1日", "en") == [("2023年7月1日", "July 1, 2023")]


def test_particles_are_left_out() -> None:
    assert gloss("新的博物馆", "en") == [("新", "new"), ("博物馆", "museum")]


def test_a_person_is_spelled_surname_first() -> None:
    assert ("王华", "Wang Hua") in gloss("公司总裁王华在会上表示，大桥已经通车。", "en")


def test_a_name_that_the_dictionary_lacks_is_spelled() -> None:
    glossary = Glossary({"博物馆": ("museum",), "市": ("market", "city")})

    assert gloss("喆喆市博物馆", "en", glossary)[-1] == ("博物馆", "museum")
    assert gloss("喆喆", "en", glossary) == [("喆喆", "Zhezhe")]


def test_a_word_whose_first_gloss_spells_a_person_is_read_by_its_characters() -> None:
    """A bridge was glossed `Da Qiao`, as one of the Two Qiaos."""
    glossary = Glossary({"大坝": ("Da Ba",), "大": ("big",), "坝": ("dam",)})

    assert gloss("大坝", "en", glossary) == [("大坝", "big dam")]


@pytest.mark.parametrize(
    ("glosses", "shown"),
    [
        (("(coll.) old hall",), "old hall"),
        (("to stroll", "walk"), "stroll"),
        (("hall CL:座[zuo4]",), "hall"),
        (("variant of 館",), "館"),
        (("Yellow River or Huang He",), "Yellow River"),
        (("king or monarch",), "king"),
        (("more or less",), "more or less"),
        (("ask sb about sth",), "ask someone about something"),
        (("a gloss that goes on for more than thirty characters", "short"), "short"),
        (("wooden figures that were buried with the dead",), "wooden figures that were…"),
        (("Linhe district of Bayan Nur City in the far north",), "Linhe district"),
    ],
)
def test_glosses_are_short_and_without_notes(glosses: tuple[str, ...], shown: str) -> None:
    assert gloss("喆馆", "en", Glossary({"喆馆": glosses})) == [("喆馆", shown)]
    assert len(shown) <= MAX_GLOSS_CHARS


def test_a_number_within_a_word_is_no_value() -> None:
    assert ("一些", "some") in gloss("博物馆展出了一些文物。", "en")


def test_spans_are_into_the_text_as_it_is() -> None:
    """Full-width digits and traditional characters are folded for the dictionary only."""
    assert gloss("大橋①長３.２公里。", "en") == [
        ("大橋", "bridge"),
        ("長", "long"),
        ("３.２公里", "3.2 km"),
    ]


@pytest.mark.parametrize(
    ("text", "word", "shown"),
    [
        ("The halls were opened.", "opened", "开放"),
        ("Two bridges were built.", "bridges", "桥梁"),
        ("She went there.", "went", "去"),
        ("the largest museum", "largest", "最大"),
        ("the museum's hall", "museum", "博物馆"),
        ("several press conferences", "press conferences", "记者会"),
        ("a press-conference", "press-conference", "记者会"),
        ("many universities", "universities", "大学"),
        ("the universe", "universe", "宇宙"),
        ("fine china", "china", "瓷"),
        ("made in China", "China", "中国"),
    ],
)
def test_english_words_are_found_in_any_form(text: str, word: str, shown: str) -> None:
    assert (word, shown) in gloss(text, "zh")


def test_a_word_with_accents_is_not_cut() -> None:
    """`Amazônica` was glossed by its first four letters, as to amaze."""
    assert gloss("Floresta Amazônica", "zh") == []


def test_a_phrase_does_not_reach_over_a_comma() -> None:
    assert ("press conference", "记者会") not in gloss("the press, conference halls", "zh")


def test_names_that_the_dictionary_knows_are_glossed_and_others_left_out() -> None:
    words = gloss("Joseph Priestley went to Boston.", "zh")

    assert ("Boston", "波士顿") in words
    assert not [word for word, _ in words if "Priestley" in word or "Joseph" in word]


def test_a_users_word_is_used_both_ways() -> None:
    glossary = Glossary({"盐馆": ("Salt House",), "开": ("unlock",)})

    assert gloss("盐馆", "en", glossary) == [("盐馆", "Salt House")]
    assert ("unlocked", "开") in gloss("It was unlocked.", "zh", glossary)


@given(st.text(alphabet="桥新馆120万a bThe-opened '’①３王，。\u202e", max_size=40))
def test_spans_are_in_order_and_do_not_overlap(text: str) -> None:
    for reader in LANGUAGES:
        words = gloss_quote(text, bundled(), reader)

        assert all(0 <= word.start < word.end <= len(text) and word.gloss for word in words)
        assert all(before.end <= after.start for before, after in pairwise(words))


@pytest.mark.parametrize(
    ("text", "first"),
    [("谷米公司", "Grainco"), ("谷米X7上市", "Grainco"), ("谷米粥", "millet"), ("吃谷米", "eat")],
)
def test_a_word_that_is_a_name_too_is_one_before_a_company_or_a_model(
    text: str, first: str
) -> None:
    """A maker of phones was glossed as millet."""
    glossary = Glossary({"谷米": ("millet", "Grainco"), "公司": ("company",), "粥": ("porridge",),
                         "吃": ("eat",), "上市": ("go on the market",)})  # fmt: skip

    assert gloss_quote(text, glossary, "en")[0].gloss == first


def test_a_word_that_is_a_name_is_the_name_everywhere_in_the_quote() -> None:
    glossary = Glossary({"青山": ("green hills", "Qingshan"), "公司": ("company",)})

    assert gloss("青山公司在青山。", "en", glossary) == [
        ("青山", "Qingshan"),
        ("公司", "company"),
        ("青山", "Qingshan"),
    ]
    assert gloss("青山在。", "en", glossary)[0] == ("青山", "green hills")


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("银行行长重视重庆。", ["yínháng", "hángzhǎng", "zhòngshì", "chóngqìng"]),
        ("2021年5月18日通车。", ["", "tōngchē"]),
    ],
)
def test_chinese_words_come_with_their_pinyin_and_values_without(
    text: str, spelt: list[str]
) -> None:
    assert [word.pinyin for word in gloss_quote(text, bundled(), "en")] == spelt


def test_english_words_have_no_pinyin() -> None:
    words = gloss_quote("The Linhe Bridge was opened.", bundled(), "zh")

    assert {word.pinyin for word in words} == {""}


@given(st.text(alphabet="银行重庆长Ａa1。 𠮷𰻞〇々ー\n"))
def test_pinyin_has_a_place_for_every_character(text: str) -> None:
    assert len(spell_tones(text)) == len(text)
