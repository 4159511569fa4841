"""What a report tells a reader: shares that do not round up to perfect, failures by their cause."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eval.pages.digest import (
    count_parts,
    flatten_details,
    format_seconds,
    format_share,
    list_inconsistent,
    name_failure,
    name_pair,
    say_accepted,
    say_place,
    sort_failures,
)
from eval.records import Found
from eval.report import make_report
from tests.fake_reports import (
    OPENED,
    REFUSED,
    UNTOLD,
    WRONG,
    make_error,
    make_record,
    make_small_report,
)
from tests.fake_reports import RIGHT as RIGHT_MEASURES
from tests.fakes import WHEN_ZH, make_refusal


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0%"), (0.0004, "<0.1%"), (0.0005, "0.1%"), (0.5, "50.0%"), (0.9994, "99.9%"),
        (0.9995, ">99.9%"), (0.99999, ">99.9%"), (1.0, "100%"),
    ],
)  # fmt: skip
def test_only_what_is_perfect_is_shown_as_perfect(value: float, shown: str) -> None:
    assert format_share(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.0, "0 ms"), (0.9994, "999 ms"), (0.9996, "1.00 s"), (61.5, "61.50 s")]
)
def test_a_time_has_its_unit(seconds: float, shown: str) -> None:
    assert format_seconds(seconds) == shown


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"measures": WRONG}, "Wrong value"),
        ({"measures": {**WRONG, "falsely refused": 1.0}}, "Refused, though the documents tell"),
        ({"measures": {**RIGHT_MEASURES, "conflict": 0.5}}, "Not every differing value shown"),
        ({"measures": {"document": 0.0, "recall@5": 0.0}}, "No document cited that tells"),
        ({"measures": {"recall@5": 0.5}}, "Evidence not retrieved"),
        (
            {"question": UNTOLD, "measures": {"refused": 0.0}},
            "Answered, though the documents do not tell",
        ),
        ({"measures": WRONG, "error": "OSError: x"}, "Not answered: an error"),
    ],
)
def test_a_failure_has_the_name_of_the_gravest_thing(changes: dict[str, Any], words: str) -> None:
    assert name_failure(make_record(**changes)) == words


def test_failures_come_the_gravest_first_and_in_the_order_of_the_set() -> None:
    wrong = [make_record(replace(OPENED, id=id_), measures=WRONG) for id_ in ("b", "a")]
    records = [*wrong, make_record(), make_error(replace(OPENED, id="c"))]

    found = sort_failures(make_report(records))

    assert [(name, [r.question.id for r in some]) for name, some in found.items()] == [
        ("Not answered: an error", ["c"]),
        ("Wrong value", ["b", "a"]),
    ]


def test_parts_are_counted_by_questions_not_by_measures() -> None:
    assert count_parts(make_small_report()) == {
        "all": 5, "en-none": 1, "en-zh": 3, "zh-zh": 1, "kind: date": 3, "kind: person": 1,
        "kind: time": 1, "tag: bridge": 4,
    }  # fmt: skip


def test_groups_come_the_least_agreeing_first() -> None:
    refusal = make_refusal(WHEN_ZH)
    questions = [replace(OPENED, id=f"{g}{n}", group=g) for g in "ab" for n in range(4)]
    answers = [None, None, None, refusal, None, None, refusal, refusal]
    records = [
        make_record(question, answer, measures=REFUSED if answer else RIGHT_MEASURES)
        for question, answer in zip(questions, answers, strict=True)
    ]

    found = list_inconsistent(make_report(records))

    assert [(item.group, len(item.records)) for item in found] == [("b", 4), ("a", 4)]
    assert [item.share for item in found] == pytest.approx([2 / 6, 3 / 6])


def test_the_place_of_the_evidence_names_the_legs() -> None:
    told = [Found(str(n), "d", n, {"lexical": n}, tells=True) for n in range(1, 6)]

    assert say_place(make_record()) == "evidence at rank 2 (dense 4, lexical –, gloss 1)"
    assert say_place(make_record(found=())) == "evidence not among 0 passages"
    assert say_place(make_record(UNTOLD)) == ""
    assert say_place(make_record(found=tuple(told))).count(";") == 2


def test_what_is_accepted_is_worded() -> None:
    question = replace(OPENED, accept=(("18", "May"), ("2021-05-18",)))

    assert say_accepted(question) == "18 + May or 2021-05-18"
    assert say_accepted(UNTOLD) == "a refusal"


@pytest.mark.parametrize(
    ("pair", "shown"), [("en-zh", "en → zh"), ("zh-none", "zh → none"), ("x", "x")]
)
def test_a_pair_is_named_by_question_and_documents(pair: str, shown: str) -> None:
    assert name_pair(pair) == shown


def test_nested_details_become_one_list() -> None:
    details = {"a": {"b": {"c": 1}, "d": [1, "二"]}, "e": "x", "f": None, "g": {}}

    assert flatten_details(details) == [
        ("a.b.c", "1"), ("a.d", '[1, "二"]'), ("e", "x"), ("f", "null"), ("g", "{}")
    ]  # fmt: skip
