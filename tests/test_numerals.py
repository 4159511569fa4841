"""Chinese dates and large numbers take the English form; everything else stays as it is."""

from __future__ import annotations

import pytest

from embeddings.numerals import rewrite_numerals


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("2024年3月28日", "March 28, 2024"),
        ("2024 年 3 月 28 日", "March 28, 2024"),
        ("2024年03月08号", "March 8, 2024"),
        ("2024年12月", "December 2024"),
        ("3月28日", "March 28"),
        ("11月份", "November"),
        ("2024年", "2024"),
        ("2024年10月1日至2025年1月31日", "October 1, 2024 至 January 31, 2025"),
        ("13.5万辆", "135,000 辆"),
        ("21.59万元", "215,900 元"),
        ("1.23456万", "12,345.6"),
        ("3千万", "30,000,000"),
        ("1,200万", "12,000,000"),
        ("1.5亿", "150,000,000"),
        ("2万亿", "2,000,000,000,000"),
        ("0万", "0"),
    ],
)
def test_a_figure_takes_the_english_form(text: str, rewritten: str) -> None:
    assert " ".join(rewrite_numerals(text).split()) == rewritten


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SU7 sold 135,000 in 2024",
        "1990年代",
        "3月份额",
        "第13月",
        "11个月",
        "12345年",
        "很多万",
        pytest.param("9" * 40 + "万", id="more digits than decimal keeps"),
        pytest.param("1" * 50_000, id="a flood of digits"),
    ],
)
def test_what_is_no_such_figure_stays(text: str) -> None:
    assert rewrite_numerals(text) == text


def test_a_rewritten_figure_is_set_off_by_spaces() -> None:
    assert rewrite_numerals("于3月28日上市，售21.59万元") == "于 March 28 上市，售 215,900 元"


def test_a_long_figure_is_rewritten_exactly() -> None:
    assert rewrite_numerals("123456789012.12345678万亿") == " 123,456,789,012,123,456,780,000 "
