"""A report sums up records: each part over its own questions, and every kind of failure found."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from eval.measures.grade import MEASURES
from eval.records import Record
from eval.report import Report, is_failure, is_right, make_report
from tests.fake_reports import (
    OPENED,
    REFUSED,
    RIGHT,
    UNTOLD,
    WRONG,
    make_error,
    make_hostile_report,
    make_record,
    make_small_report,
)
from tests.fakes import BRIDGE_ZH, WHEN_EN, fake_ask, make_answer, make_refusal

REFUSAL = make_refusal("Who?")


def judge(*shown: tuple[float, bool], untold: tuple[float, ...] = ()) -> Report:
    """The report of answers that are so probable and right, and of refusals so probable."""
    records = [make_answered(*answer) for answer in shown]
    records += [
        replace(record, answer=replace(REFUSAL, probability=probability))
        for probability in untold
        for record in [make_record(UNTOLD, REFUSAL, measures={"refused": 1.0})]
    ]
    return make_report(records)


def make_answered(probability: float, right: bool) -> Record:
    answer = replace(fake_ask(WHEN_EN), probability=probability, hits=())
    return replace(make_record(measures=RIGHT if right else WRONG), answer=answer)


def test_the_parts_are_all_pairs_kinds_and_tags_in_this_order() -> None:
    tagged = replace(OPENED, id="t", kind="zeal", tags=("a", "b", "a"))

    report = make_report([make_record(tagged, pair="zh-en"), *make_small_report().records])

    assert list(report.parts) == [
        "all", "en-none", "en-zh", "zh-en", "zh-zh",
        "kind: date", "kind: person", "kind: time", "kind: zeal", "tag: a", "tag: b", "tag: bridge",
    ]  # fmt: skip


def test_a_part_has_the_means_of_its_own_questions() -> None:
    parts = make_small_report().parts

    value = {
        part: (parts[part]["value"].value, parts[part]["value"].n) for part in ("all", "en-zh")
    }
    assert value == {"all": (0.25, 4), "en-zh": (pytest.approx(1 / 3), 3)}
    assert parts["zh-zh"]["falsely refused"].value == 1
    assert list(parts["en-none"]) == ["refused"]
    assert parts["all"]["value"].low <= 0.25 <= parts["all"]["value"].high


def test_a_tag_that_comes_twice_counts_once() -> None:
    report = make_report([make_record(replace(OPENED, tags=("a", "a")))])

    assert report.parts["tag: a"]["value"].n == 1


def test_measures_come_in_the_order_of_their_list() -> None:
    measures = {"recall@5": 1.0, "value": 1.0, "document": 1.0}

    report = make_report([make_record(measures=measures)])

    assert list(report.parts["all"]) == [name for name in MEASURES if name in measures]


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        pytest.param({}, False, id="right"),
        pytest.param({"measures": WRONG}, True, id="wrong value"),
        pytest.param({"measures": REFUSED}, True, id="false refusal"),
        pytest.param({"measures": {**RIGHT, "document": 0.0}}, False, id="value from elsewhere"),
        pytest.param({"measures": {**RIGHT, "recall@5": 0.0}}, False, id="value without evidence"),
        pytest.param({"measures": {**RIGHT, "conflict": 0.5}}, True, id="half a conflict"),
        pytest.param({"measures": {"document": 1.0, "recall@5": 1.0}}, False, id="documents"),
        pytest.param({"measures": {"document": 1.0, "recall@5": 0.5}}, True, id="half found"),
        pytest.param({"measures": {"document": 0.0, "recall@5": 1.0}}, True, id="not cited"),
        pytest.param({"error": "OSError: x"}, True, id="error"),
        pytest.param({"question": UNTOLD, "measures": {"refused": 1.0}}, False, id="refused"),
        pytest.param({"question": UNTOLD, "measures": {"refused": 0.0}}, True, id="invented"),
        pytest.param(
            {"question": UNTOLD, "measures": {"refused": 0.0}, "error": "x"}, True, id="both"
        ),
    ],
)
def test_a_failure_is_what_a_reader_would_call_one(changes: dict[str, Any], failed: bool) -> None:
    assert is_failure(make_record(**changes)) is failed


def test_failures_are_listed_in_the_order_of_the_set() -> None:
    report = make_small_report()

    assert [record.question.id for record in report.failures] == ["opened-zh", "later", "broken"]
    assert report.errors == 1


@pytest.mark.parametrize(
    ("record", "right"),
    [
        pytest.param(make_record(), True, id="right"),
        pytest.param(make_record(measures=WRONG), False, id="wrong"),
        pytest.param(make_record(answer=REFUSAL, measures=REFUSED), None, id="refusal"),
        pytest.param(make_error(), None, id="error"),
        pytest.param(make_record(UNTOLD, measures={"refused": 0.0}), False, id="invented"),
        pytest.param(make_record(measures={"document": 1.0}), True, id="by document"),
        pytest.param(make_record(measures={}), None, id="nothing tells"),
    ],
)
def test_an_answer_is_right_by_value_or_else_by_document(
    record: Record, right: bool | None
) -> None:
    assert is_right(record) is right


def test_variants_agree_by_what_they_say_not_by_its_wording() -> None:
    said = ["May 18, 2021", "2021年5月18日", "May 19, 2021", "2021年5月19日"]
    records = [
        make_record(
            replace(OPENED, id=text), make_answer("?", "en", (text, ((BRIDGE_ZH, "大桥"),)))
        )
        for text in said
    ]
    alone = make_record(replace(OPENED, id="alone", group="alone"))

    report = make_report([*records, alone])

    assert report.groups == {"opening": pytest.approx(2 / 6)}  # two pairs of six agree
    assert report.consistency is not None
    assert report.consistency.value == pytest.approx(2 / 6)
    assert report.consistency.n == 1


def test_refusals_and_errors_agree_with_each_other_and_with_no_answer() -> None:
    records = [
        make_record(replace(OPENED, id="a"), REFUSAL, measures=REFUSED),
        make_error(replace(OPENED, id="b")),
        make_record(replace(OPENED, id="c")),
    ]

    assert make_report(records).groups == {"opening": pytest.approx(1 / 3)}


def test_without_groups_there_is_no_consistency() -> None:
    report = make_report([make_record(replace(OPENED, group=""))])

    assert (report.consistency, report.groups) == (None, {})


def test_probabilities_are_judged_over_what_was_answered() -> None:
    report = judge((0.9, True), (0.8, True), (0.7, False), (0.6, True))

    assert report.judgement is not None
    coverages, risks = zip(*report.judgement.risk_coverage, strict=True)
    assert coverages == (0.25, 0.5, 0.75, 1.0)
    assert list(risks) == pytest.approx([0, 0, 1 / 3, 1 / 4])
    assert report.judgement.aurc == pytest.approx((0 + 0 + 1 / 3 + 1 / 4) / 4)
    assert report.judgement.calibration.error == pytest.approx((0.1 + 0.2 + 0.7 + 0.4) / 4)
    assert report.judgement.roc is None  # there is nothing that cannot be answered


def test_answerable_questions_are_told_from_others_by_all_probabilities() -> None:
    report = judge((0.9, True), (0.5, False), untold=(0.7, 0.1))

    assert report.judgement is not None
    assert report.judgement.roc == 0.75  # of four pairs only .5 against .7 is the wrong way round
    assert [bin_.n for bin_ in report.judgement.calibration.bins] == [1, 1]


def test_where_nothing_was_answered_nothing_is_judged() -> None:
    records = [make_error(), make_record(UNTOLD, REFUSAL, measures={"refused": 1.0})]

    assert make_report(records).judgement is None


def test_times_are_those_of_the_questions() -> None:
    seconds = [0.1, 0.2, 0.3, 4.0]

    timing = make_report([make_record(seconds=value) for value in seconds]).timing

    assert (timing.n, timing.p50, timing.slowest) == (4, 0.2, 4.0)
    assert timing.mean == pytest.approx(1.15)


@pytest.mark.parametrize("report", [make_small_report(), make_hostile_report()])
def test_a_report_is_plain_json(report: Report) -> None:
    record = json.loads(json.dumps(report.to_dict()))

    assert record["questions"] == len(report.records)
    assert record["errors"] == 1
    assert record["failed"] == [failure.question.id for failure in report.failures]
    assert record["parts"]["all"]["value"]["n"] == report.parts["all"]["value"].n
    assert record["timing"]["n"] == len(report.records)
    assert record["details"] == report.details


def test_the_same_records_give_the_same_report() -> None:
    assert make_small_report() == make_small_report()


def test_no_records_are_an_error() -> None:
    with pytest.raises(ValueError, match="nothing to report"):
        make_report([])
