"""The language of a text is that of its sentences, not that of the names in it."""

import pytest

from rag.language import detect_language


@pytest.mark.parametrize(
    "text",
    [
        "SU7 什么时候发布?",
        "SU7 launch date 是什么时候",
        "Tesla 价格",
        "iPhone 15 Pro Max 价格",
        "小米SU7 Ultra和Tesla Model S Plaid哪个快",
        "東京はどこですか",
        "機器學習",
    ],
)
def test_chinese_stays_chinese_with_latin_names(text: str) -> None:
    assert detect_language(text) == "zh"


@pytest.mark.parametrize(
    "text",
    [
        "when did 雷军 say that?",
        "WHEN DID 雷军 SAY THAT?",
        "Who is 雷军?",
        "What is 中国汽车工业协会?",
        "小米 SU7 launch date",
        "小米 price",
        "Xiaomi SU7",
    ],
)
def test_english_stays_english_with_chinese_names(text: str) -> None:
    assert detect_language(text) == "en"


@pytest.mark.parametrize("text", ["", " ", "2024?", "🙂", "Привет"])
def test_text_without_either_script_counts_as_english(text: str) -> None:
    assert detect_language(text) == "en"


def test_two_han_characters_a_word_is_the_line_between_them() -> None:
    assert detect_language("汽车 price") == "en"
    assert detect_language("小汽车 price") == "zh"


def test_grammar_decides_short_texts_only() -> None:
    names = "雷军王化" * 100

    assert detect_language("the " + names[:20]) == "en"
    assert detect_language("the " + names) == "zh"
