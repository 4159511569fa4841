"""Abbreviations are read off the dictionary where they are clear, and off names by initials."""

from __future__ import annotations

import pytest

from embeddings.gloss import Glossary
from rag.glossing.initials import find_initials, list_abbreviations

GLOSSARY = Glossary(
    {
        "国际海事组织": ("International Maritime Organization",),
        "印制电路板": ("printed circuit board",),
        "反话": ("irony spoken twice",),
        "甲乙丙丁戊": ("quick brown fox",),
        "甲乙丙丁己": ("quiet blue forest",),
        "中部": ("in the middle part",),
    }
)


@pytest.mark.parametrize(
    ("short", "longs"),
    [
        ("EV", ("electric vehicle", "电动汽车", "电动车")),
        ("IMO", ("International Maritime Organization", "国际海事组织")),
        ("PCB", ("printed circuit board", "印制电路板")),
        ("IST", None),  # three English words for two characters explain and name nothing
        ("QBF", None),  # two glosses have these initials
        ("MP", None),
    ],
)
def test_an_abbreviation_stands_for_one_thing_or_for_none(
    short: str, longs: tuple[str, ...] | None
) -> None:
    assert list_abbreviations(GLOSSARY).longs.get(short) == longs


def test_what_is_abbreviated_is_found_backwards() -> None:
    shorts = list_abbreviations(GLOSSARY).shorts

    assert shorts["印制电路板"] == ("PCB",)
    assert shorts["printed circuit board"] == ("PCB",)
    assert shorts["美国"] == ("US", "USA")


def test_phrases_are_found_among_words_in_the_plural_and_with_hyphens() -> None:
    words = "Do Value-Added Tax and electric vehicles pay".split()

    found = list(list_abbreviations(GLOSSARY).find_shortened(words))

    assert found == [(1, 3, ("VAT",)), (4, 6, ("EV",))]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("the European Space Agency of", [(1, 4, ("ESA",))]),
        ("Bank of the North Sea", [(0, 5, ("BNS",))]),
        ("of Ann Reed", []),
        ("the SPACE Agency Of Landor", [(2, 5, ("AOL",))]),
        ("", []),
    ],
)
def test_three_words_with_capitals_have_initials(
    words: str, found: list[tuple[int, int, tuple[str, ...]]]
) -> None:
    assert list(find_initials(words.split())) == found
