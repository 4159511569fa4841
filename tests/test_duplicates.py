"""A question that is asked twice, or nearly, is found; a follow-up to another turn is not one."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations

import pytest

from eval.checks.duplicates import find_near_duplicates
from tests.fake_questions import HOW_LONG, WHEN, check, list_warnings


def test_the_same_question_twice_is_a_problem_however_it_is_spelled() -> None:
    again = replace(WHEN, id="again", question="when did the  BRIDGE open")
    follow_up = replace(WHEN, id="follow", previous=("The old one?",))

    (problem,) = check(WHEN, again, follow_up).problems

    assert (problem.about, problem.questions) == ("repeat", ("when", "again"))


def test_variants_of_a_group_may_differ_in_script_or_case_but_not_be_the_same() -> None:
    one = replace(HOW_LONG, group="length")
    variant = replace(one, id="variant", question="臨河大橋有多長")
    copy = replace(one, id="copy")

    assert check(one, variant).problems == ()
    assert [p.questions for p in check(one, variant, copy).problems] == [
        ("long", "variant", "copy")
    ]


def test_nearly_the_same_question_is_a_warning_outside_of_groups() -> None:
    first = replace(
        WHEN, question="On which day of the year was the Linhe Bridge opened to traffic?"
    )
    second = replace(first, id="near", question=first.question.replace("traffic", "traffics"))
    unlike = replace(first, id="unlike", question="On which day was the Linhe Bridge closed?")

    assert list_warnings(check(first, second, unlike)) == [("near repeat", ("when", "near"))]
    assert list_warnings(check(replace(first, group="g"), replace(second, group="g"))) == []


@pytest.mark.parametrize(
    ("turns", "warnings"),
    [
        pytest.param(("The old one?", "the old one"), 1, id="the same was asked before"),
        pytest.param(("The old one?", "The new one?"), 0, id="something else was asked before"),
    ],
)
def test_follow_ups_are_compared_where_the_same_was_asked_before(
    turns: tuple[str, str], warnings: int
) -> None:
    question = "And on which day of the year was that one opened to traffic?"
    first = replace(WHEN, question=question, previous=turns[:1])
    second = replace(first, id="near", question=question[4:], previous=turns[1:])

    assert list_warnings(check(first, second)) == [("near repeat", ("when", "near"))] * warnings


@pytest.mark.parametrize("seed", range(20))
def test_near_duplicates_are_those_that_comparing_all_pairs_finds(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    stems = ["".join(rng.choices("abcd", k=30)) for _ in range(4)]
    texts = {_spoil(rng.choice(stems), rng) for _ in range(60)}
    questions = [
        replace(WHEN, id=text, question=text, group="") for text in sorted(texts)
    ]  # fmt: skip

    found = {(a.id, b.id): share for a, b, share in find_near_duplicates(questions)}

    shingles = {text: {text[i : i + 3] for i in range(len(text) - 2)} for text in texts}
    shares = {
        (a, b): len(shingles[a] & shingles[b]) / len(shingles[a] | shingles[b])
        for a, b in combinations(sorted(texts), 2)
    }
    assert found
    assert found == {pair: share for pair, share in shares.items() if share >= 0.9}


def _spoil(text: str, rng: random.Random) -> str:
    """The text with a letter more or less at an end, or one changed anywhere."""
    place = rng.randrange(len(text))
    return rng.choice([text + "a", text[1:], text[:place] + "b" + text[place + 1 :], "c" + text])
