"""What is told by how long ago it was is a date, and one too far back is resolved to no year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from rag.figures.dates import PartialDate, Shift
from rag.values import Value, find_values, format_value, resolve_value

ANCHOR = date(2025, 2, 7)


def read(text: str) -> Value:
    (value,) = find_values(text)
    return value


DEEP = [
    # text, the value in it, years, about, printed in English and Chinese
    ("66 million years ago", "66 million years ago", 66_000_000, False,
     "66 million years ago", "6600万年前"),
    ("about 66 million years ago", "about 66 million years ago", 66_000_000, True,
     "about 66 million years ago", "约6600万年前"),
    ("22000年前", "22000年前", 22_000, False, "22,000 years ago", "2.2万年前"),
    ("约2.2万年前", "约2.2万年前", 22_000, True, "about 22,000 years ago", "约2.2万年前"),
    ("距今约13000年", "约13000年", 13_000, True, "about 13,000 years ago", "约1.3万年前"),
    ("距今已有13000年", "13000年", 13_000, False, "13,000 years ago", "1.3万年前"),
    ("距今1.3万年前", "1.3万年前", 13_000, False, "13,000 years ago", "1.3万年前"),
    ("10,000 years ago", "10,000 years ago", 10_000, False, "10,000 years ago", "1万年前"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "span", "years", "about", "en", "zh"), DEEP)
def test_deep_time_is_a_date_in_round_numbers(
    text: str, span: str, years: int, about: bool, en: str, zh: str
) -> None:
    value = read(text)

    assert (value.kind, value.text, value.approximate) == ("date", span, about)
    assert value.date == PartialDate(shift=Shift("year", -years))
    assert (format_value(value, "en"), format_value(value, "zh")) == (en, zh)


@pytest.mark.parametrize("text", [row[0] for row in DEEP])
def test_deep_time_is_resolved_by_no_article_s_date(text: str) -> None:
    value = read(text)

    assert resolve_value(value, anchor=ANCHOR, year=None) == value
    assert resolve_value(value, anchor=ANCHOR, year=1999) == value


@pytest.mark.parametrize("text", [row[0] for row in DEEP])
def test_what_is_printed_of_deep_time_reads_back_in_both_languages(text: str) -> None:
    value = read(text)

    for printed in (format_value(value, "en"), format_value(value, "zh")):
        assert read(printed).key == value.key
        assert read(printed).approximate == value.approximate


def test_equal_deep_times_have_equal_keys() -> None:
    assert read("66 million years ago").key == read("6600万年前").key
    assert read("距今约13000年").key == read("13,000 years ago").key
    assert read("22000年前").key != read("23000年前").key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 years ago", PartialDate(2022)),
        ("三年前", PartialDate(2022)),
        ("距今3年", PartialDate(2022)),
        ("2 months ago", PartialDate(2024, 12)),
        ("10天前", PartialDate(2025, 1, 28)),
    ],
)
def test_what_was_not_long_ago_is_still_resolved(text: str, expected: PartialDate) -> None:
    assert resolve_value(read(text), anchor=ANCHOR, year=None).date == expected


def test_what_was_not_long_ago_is_printed_in_either_language() -> None:
    value = read("3 years ago")

    assert (format_value(value, "en"), format_value(value, "zh")) == ("3 years ago", "3年前")


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("about 3 years ago", 3),
        ("约三年前", 3),
        ("over 22,000 years ago", 22_000),
        ("It lasted 22,000 years", 22_000),
        ("历时22000年", 22_000),
    ],
)
def test_a_length_of_time_that_tells_no_date_stays_one(text: str, years: int) -> None:
    value = read(text)

    assert (value.kind, value.number, value.unit) == ("duration", Decimal(years), "year")


def test_a_number_of_years_before_now_is_no_calendar_year() -> None:
    """距今约3000年 was read as the year 3000."""
    about = read("距今约3000年")

    assert (about.kind, about.text, about.number) == ("duration", "约3000年", Decimal(3000))
    assert read("距今3000年").date == PartialDate(shift=Shift("year", -3000))
    assert read("于3000年").date == PartialDate(3000)
