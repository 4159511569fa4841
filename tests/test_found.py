"""A search is laid out column by column, and each passage can be told again in every column."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import lxml.html
import pytest

from rag.types import Passage, Quote
from tests.fake_search import fake_search, make_hit, make_span
from tests.fakes import BRIDGE_EN, BRIDGE_ZH, DOOR, HOSTILE
from ui.found import cut_excerpt, render_kept, render_leg
from ui.words import EN, ZH

SEARCH = fake_search("When did the Linhe brigde open?")


def read(html: str) -> Any:
    return lxml.html.fragment_fromstring(html)


def list_places(column: Any) -> list[tuple[str, str, str]]:
    """(rank in the column, number of the passage, what became of it)."""
    return [
        (
            item.findtext(".//b"),
            item.get("data-passage"),
            item.find_class("cq-place")[0][2].text_content(),
        )
        for item in column.find_class("cq-found")
    ]


@pytest.mark.parametrize(
    ("leg", "places"),
    [
        (
            0,
            [
                ("1", "2", "kept 2"),
                *(("1", "1", "kept 1"), ("2", "4", "same as 1"), ("3", "3", "kept 3")),
            ],
        ),
        (
            1,
            [
                ("1", "5", "not kept"),
                *(("1", "1", "kept 1"), ("2", "3", "kept 3"), ("3", "4", "same as 1")),
            ],
        ),
        (
            2,
            [
                *(("1", "2", "kept 2"), ("2", "5", "not kept")),
                *(("1", "4", "same as 1"), ("2", "1", "kept 1"), ("3", "6", "not kept")),
            ],
        ),
    ],
)  # fmt: skip
def test_a_leg_lists_each_language_by_its_ranks_and_says_what_was_kept(
    leg: int, places: list[tuple[str, str, str]]
) -> None:
    column = read(render_leg(SEARCH, leg, EN))

    assert list_places(column) == places
    assert {a.get("href") for a in column.find_class("cq-kept")} <= {"#p1", "#p2", "#p3"}


def test_a_leg_that_does_not_count_for_a_language_says_so() -> None:
    heads = [h.text_content() for h in read(render_leg(SEARCH, 1, EN)).iter("h3")]

    assert heads == ["Chinese weight 0, not counted", "English weight 1"]


def test_a_leg_that_found_nothing_says_so() -> None:
    column = read(render_leg(replace(SEARCH, hits=(), dropped=()), 0, ZH))

    assert [p.text_content() for p in column.iter("p")][1:] == ["没有找到。", "没有找到。"]


def test_what_is_kept_stands_with_the_ranks_of_each_leg_and_the_balance() -> None:
    column = read(render_kept(SEARCH, EN))

    kept = column.findall("ol/li")
    assert [item.get("id") for item in kept] == ["p1", "p2", "p3"]
    assert [item.find_class("cq-ranks")[0].text_content() for item in kept] == [
        "By meaning 1 · By words 1 · By dictionary 2",
        "By meaning 1 · By words – · By dictionary 1",
        "By meaning 3 · By words 2 · By dictionary –",
    ]
    (balance,) = column.find_class("cq-balance")
    assert balance.text_content() == "1 Chinese, 2 English of 12 and 31 candidates"
    assert column.find_class("cq-shares")[0][0].get("style") == "width:33%"


def test_what_was_found_for_nothing_is_folded_below() -> None:
    (rest,) = read(render_kept(SEARCH, EN)).find_class("cq-let-go")

    assert rest.findtext("summary") == "Found, but not kept (3)"
    assert [item.get("id") for item in rest.find_class("cq-lost")] == ["p4", "p5", "p6"]


def test_long_lists_are_folded_and_count_on() -> None:
    many = tuple(make_hit(BRIDGE_ZH, n, 1 / n, n=n, dense=n) for n in range(1, 14))
    search = replace(SEARCH, hits=many, dropped=())

    leg, kept = read(render_leg(search, 0, EN)), read(render_kept(search, EN))

    assert len(leg.findall("ol/li")) == 5
    assert leg.findtext(".//summary") == "5 more"  # of the ten best
    assert leg.find("details/ol").get("start") == "6"
    assert len(kept.findall("ol/li")) == 10
    assert kept.findtext(".//summary") == "3 more"


def test_a_title_leads_to_the_sentence_in_its_document() -> None:
    item = read(render_kept(SEARCH, EN)).find_class("cq-found")[0]
    quote = SEARCH.sentences[f"{BRIDGE_EN.id}#0"]

    (link,) = item.find_class("cq-of")[0]
    assert link.text_content() == BRIDGE_EN.title
    assert link.get("lang") == "en"
    assert f"start={quote.start}&end={quote.end}" in link.get("href")


def test_a_hostile_passage_stays_text() -> None:
    column = read(render_kept(fake_search(HOSTILE), EN))

    assert column.find_class("cq-of")[0].text_content() == DOOR.title
    assert "<script>window.pwned=1</script>" in column.find_class("cq-excerpt")[0].text_content()
    assert not {"script", "img", "form", "style", "input"} & {e.tag for e in column.iter()}


LETTERS = "".join(chr(ord("a") + n % 26) for n in range(1000))


@pytest.mark.parametrize(
    ("span", "excerpt"),
    [
        pytest.param((0, 10), ("", LETTERS[:10], LETTERS[10:130] + "…"), id="the first"),
        pytest.param(
            (500, 510), ("…" + LETTERS[460:500], LETTERS[500:510], LETTERS[510:630] + "…"),
            id="in the middle",
        ),
        pytest.param((990, 1000), ("…" + LETTERS[950:990], LETTERS[990:], ""), id="the last"),
        pytest.param(
            (500, 900), ("…" + LETTERS[460:500], LETTERS[500:780], "…"), id="a long one is cut"
        ),
        pytest.param(None, ("", LETTERS[:280], LETTERS[280:400] + "…"), id="none"),
    ],
)  # fmt: skip
def test_an_excerpt_is_cut_around_the_sentence(
    span: tuple[int, int] | None, excerpt: tuple[str, str, str]
) -> None:
    passage = Passage("a#1", "a", LETTERS, 50, 1050)
    quote = Quote("a", span[0] + 50, span[1] + 50, LETTERS[slice(*span)]) if span else None

    assert cut_excerpt(passage, quote) == excerpt


def test_an_excerpt_of_chinese_is_half_as_long() -> None:
    passage = Passage("a#0", "a", "潮" * 400, 0, 400)

    assert [len(part) for part in cut_excerpt(passage, None)] == [0, 140, 61]


def test_a_sentence_that_is_not_of_the_passage_is_not_taken() -> None:
    passage = Passage("a#1", "a", "Tea is old.", 100, 111)

    assert cut_excerpt(passage, make_span(BRIDGE_EN, "The Linhe")) == ("", "Tea is old.", "")
