"""A page is sent the turns that it does not have, and which it has; never anything twice."""

from __future__ import annotations

from dataclasses import replace

from tests.fakes import CONFLICT, WHEN_EN, fake_ask
from ui.address import sum_up
from ui.transcript import describe_page
from ui.turns import Turn, stream_turn
from ui.words import EN

ONE = Turn(1, "a?", "<article>1</article>", finished=True)
TWO = Turn(2, "b?", "<article>2</article>")


def test_a_turn_that_is_new_or_has_changed_is_sent_and_the_others_are_named() -> None:
    old = replace(TWO, html="<article>old</article>")

    described = describe_page([ONE, TWO], [ONE, old], told="forgotten")

    assert described.pop("serial") > 0
    assert described == {
        "turns": [
            {"number": 1, "sum": sum_up(ONE.html)},
            {"number": 2, "sum": sum_up(TWO.html), "html": TWO.html},
        ],
        "busy": True,
        "told": "forgotten",
    }


def test_a_page_that_has_nothing_is_sent_everything_and_one_without_turns_nothing() -> None:
    assert [turn["html"] for turn in describe_page([ONE, TWO])["turns"]] == [ONE.html, TWO.html]
    nothing = describe_page([], [ONE])
    assert (nothing["turns"], nothing["busy"], nothing["told"]) == ([], False, "")


def test_the_last_turn_is_sent_even_where_it_has_not_changed() -> None:
    """Asked again, it came to the same answer, and the page had seen another step meanwhile."""
    described = describe_page([ONE], [ONE])

    assert described["turns"] == [{"number": 1, "sum": sum_up(ONE.html), "html": ONE.html}]


def test_each_step_of_an_answer_sends_that_answer_alone() -> None:
    first = list(stream_turn(fake_ask, WHEN_EN, [], EN))[-1]

    steps = [describe_page(step, first) for step in stream_turn(fake_ask, CONFLICT, first, EN)]

    assert [["html" in turn for turn in step["turns"]] for step in steps] == [[False, True]] * 3
    assert [step["busy"] for step in steps] == [True, True, False]
    assert sorted(steps, key=lambda step: step["serial"]) == steps
