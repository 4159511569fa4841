"""Each flaw of a question set is found, and what only looks like one is not."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from eval.checks.flaws import describe_nearest, find_longest_run
from tests.fake_questions import HOW_LONG, LONG, OPENED, WHEN, check, list_warnings
from tests.fakes import BRIDGE_ZH


def test_a_misquote_is_named_with_the_words_that_the_document_has_there() -> None:
    evidence = replace(OPENED, quote="2021年5月18日上午，林河大桥正式通车")

    (problem,) = check(replace(WHEN, evidence=(evidence,))).problems

    assert (problem.about, problem.questions) == ("quote", ("when",))
    assert BRIDGE_ZH.id in problem.text
    start = BRIDGE_ZH.text.index(OPENED.quote)
    assert problem.text.endswith(f"13 characters in a row, is {OPENED.quote!r} at {start}")


def test_a_quote_of_another_text_altogether_is_said_to_stand_nowhere() -> None:
    evidence = replace(OPENED, quote="完全不同的一句话")

    (problem,) = check(replace(WHEN, evidence=(evidence,))).problems

    assert problem.text.endswith("nor does any part of it")


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        pytest.param(
            "??c defg", "nearest, with 6 characters in a row, is 'abc defg' at 0", id="end"
        ),
        pytest.param(
            "?????defg", "nearest, with 4 characters in a row, is 'abc defg' at 0", id="four"
        ),
        pytest.param("???efg", "nor does any part of it", id="three"),
        pytest.param(
            "??? hijk", "nearest, with 5 characters in a row, is 'efg hijk' at 5", id="cut"
        ),
    ],
)
def test_what_stands_in_the_place_of_a_quote_is_cut_where_the_quote_would_begin_and_end(
    quote: str, expected: str
) -> None:
    assert describe_nearest(quote, "abc defg hijk") == expected


@pytest.mark.parametrize(
    ("quote", "text", "expected"),
    [
        ("abcd", "xxbcxx", (1, 2, 2)),
        ("abcd", "cdab", (0, 2, 2)),  # of two runs of one length, the first of the quote
        ("abc", "abcabc", (0, 0, 3)),
        ("aab", "ab", (1, 0, 2)),
        ("abc", "xyz", (0, 0, 0)),
    ],
)
def test_the_longest_common_run_is_found(
    quote: str, text: str, expected: tuple[int, int, int]
) -> None:
    assert find_longest_run(quote, text) == expected


@pytest.mark.parametrize("seed", range(50))
def test_no_run_is_longer_than_the_one_found(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    quote, text = ("".join(rng.choices("abc", k=k)) for k in (rng.randint(1, 12), 30))

    in_quote, in_text, length = find_longest_run(quote, text)

    parts = [quote[i:j] for i in range(len(quote)) for j in range(i + 1, len(quote) + 1)]
    assert length == max((len(part) for part in parts if part in text), default=0)
    assert quote[in_quote : in_quote + length] == text[in_text : in_text + length]


def test_a_value_is_grounded_in_any_spelling_and_a_wrong_one_is_a_warning() -> None:
    right = replace(WHEN, accept=(("May 18, 2021",),))
    wrong = replace(WHEN, id="wrong", question="Which day was it?", accept=(("2021-05-19",),))
    either = replace(WHEN, id="either", question="So?", accept=(("正式通车",), ("in full use",)))

    found = check(right, wrong, either)

    assert found.problems == ()
    assert list_warnings(found) == [("ground", ("wrong",))]


def test_the_parts_of_one_way_may_stand_in_several_quotes_but_not_in_several_ways() -> None:
    both = replace(WHEN, accept=(("2021-05-18", "3.2公里"),), evidence=(OPENED, LONG))
    half = replace(
        both, id="half", question="Which?", accept=(("2021-05-18", "1"), ("2", "3.2公里"))
    )

    assert list_warnings(check(both, half)) == [("ground", ("half",))]


def test_a_conflicting_value_that_no_quote_holds_is_named() -> None:
    question = replace(WHEN, conflict=(("2021-05-18", "last May"), ("2020", "the year before")))

    (warning,) = (w for w in check(question).warnings if w.about == "ground")

    assert warning.text == "no quote holds the conflicting 2020 or the year before"


def test_an_answer_in_the_question_is_a_leak_unless_it_may_stand_there() -> None:
    leak = replace(WHEN, question="Was it opened on May 18, 2021?")
    yes = replace(leak, id="yes", kind="yesno", previous=("the bridge",))
    differing = replace(leak, id="conflict", conflict=(("2021-05-18",), ("3.2公里",)))

    found = check(leak, yes, replace(differing, evidence=(OPENED, LONG), previous=("it",)))

    assert list_warnings(found) == [("leak", ("when",))]


@pytest.mark.parametrize(
    ("other", "severity"),
    [
        pytest.param({"accept": (("2021年5月18日",),)}, None, id="one value in two spellings"),
        pytest.param({"accept": (("2021-05-18",), ("正式",))}, "warning", id="one more way"),
        pytest.param(
            {"accept": (("3.2公里",),), "evidence": (LONG,)}, "problem", id="no way alike"
        ),
        pytest.param({"answerable": False, "accept": (), "evidence": ()}, "problem", id="refused"),
    ],
)
def test_members_of_a_group_want_the_same(other: dict[str, Any], severity: str | None) -> None:
    first = replace(WHEN, group="opening")
    second = replace(first, id="second", question="Since which day is it open?", **other)

    found = check(first, second)

    flaws = [f for f in (*found.problems, *found.warnings) if f.about == "group"]
    assert [(f.severity, f.questions) for f in flaws] == (
        [(severity, ("when", "second"))] if severity else []
    )


def test_a_group_of_one_compares_nothing() -> None:
    assert list_warnings(check(replace(WHEN, group="alone"))) == [("group", ("when",))]


def test_an_id_twice_a_question_too_long_and_a_blank_turn_are_problems() -> None:
    limit = len(WHEN.question)
    longer = replace(WHEN, question=WHEN.question + "?")
    blank = replace(WHEN, id="blank", previous=(" ",))

    assert check(WHEN, max_chars=limit).problems == ()
    found = check(WHEN, longer, blank, max_chars=limit)
    assert [(p.about, p.questions) for p in found.problems if p.about != "repeat"] == [
        ("id", ("when",)), ("length", ("when",)), ("length", ("blank",)),
    ]  # fmt: skip


def test_a_question_in_another_language_than_it_says_is_a_warning() -> None:
    assert list_warnings(check(replace(HOW_LONG, language="en"))) == [("language", ("long",))]
