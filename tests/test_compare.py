"""Two runs are compared question by question, and what got worse comes first."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.compare import compare_runs, format_comparison, format_table, name_verdict
from eval.measures.scores import Difference
from eval.report import Report
from tests.fake_runs import QUESTIONS, ask_worse, run_fake


@pytest.fixture
def good(tmp_path: Path) -> Report:
    return run_fake(tmp_path / "good")


@pytest.fixture
def bad(tmp_path: Path) -> Report:
    return run_fake(tmp_path / "bad", ask_worse)


def test_a_difference_is_over_the_questions_that_both_runs_asked(good: Report, bad: Report) -> None:
    found = compare_runs(good, bad)

    value, refused = found.parts["all"]["value"], found.parts["all"]["refused"]
    assert (value.value, value.n, value.better, value.worse) == (-0.5, 4, 0, 2)
    assert found.means["all"]["value"] == (1.0, 0.5)
    assert (refused.value, refused.n) == (-1.0, 1)
    assert found.parts["all"]["falsely refused"].value == 0.25
    assert found.parts["kind: date"]["value"].value == -0.5
    assert found.parts["en-zh"]["value"].n == 3
    assert found.parts["tag: hopeless"]["refused"].value == -1.0
    assert found.parts["all"]["citation recall"].n == 3  # what both answered
    assert found.consistency is not None
    assert (found.consistency.value, found.consistency.n) == (-1.0, 1)


def test_parts_stand_in_the_order_of_the_report(good: Report, bad: Report) -> None:
    assert list(compare_runs(good, bad).parts) == list(good.parts)


def test_questions_that_got_worse_or_better_are_listed_with_both_answers(
    good: Report, bad: Report
) -> None:
    forth, back = compare_runs(good, bad), compare_runs(bad, good)

    assert [(c.before.question.id, c.gain) for c in forth.worse] == [
        ("q1", -1.0), ("q4", -1.0), ("q5", -1.0)
    ]  # fmt: skip
    assert forth.better == ()
    assert [c.after.question.id for c in back.better] == ["q1", "q4", "q5"]
    shown = format_comparison(forth).splitlines()
    first = next(n for n, line in enumerate(shown) if line.startswith("- q1"))
    assert shown[first + 1 : first + 3] == ["    before: May 18, 2021", "    after:  May 19, 2021"]
    assert shown.index("## Worse: 3") < first < shown.index("## Better: 0")
    assert "- q5" not in format_comparison(forth, questions=2)


def test_questions_of_one_run_alone_are_named(tmp_path: Path, good: Report) -> None:
    fewer = run_fake(tmp_path / "fewer", questions=QUESTIONS[1:3])

    found = compare_runs(good, fewer)

    assert (found.only_before, found.only_after) == (("q1", "q4", "q5"), ())
    assert found.parts["all"]["value"].n == 2
    assert found.consistency is None
    assert "Asked only before: q1, q4, q5" in format_comparison(found)
    assert compare_runs(fewer, good).only_after == ("q1", "q4", "q5")


def test_runs_without_a_question_in_common_cannot_be_compared(tmp_path: Path) -> None:
    one, other = (
        run_fake(tmp_path / name, questions=some)
        for name, some in (("one", QUESTIONS[:2]), ("other", QUESTIONS[2:]))
    )

    with pytest.raises(ValueError, match="no question in common"):
        compare_runs(one, other)


def test_a_question_that_could_not_be_asked_got_worse(tmp_path: Path, good: Report) -> None:
    def fail(question: str) -> None:
        raise RuntimeError("no more")

    found = compare_runs(good, run_fake(tmp_path / "broken", fail))  # type: ignore[arg-type]

    assert len(found.worse) == 5
    assert "error: RuntimeError: no more" in format_comparison(found)


@pytest.mark.parametrize(
    ("measure", "value", "p", "verdict"),
    [
        ("value", 0.1, 0.01, "better"),
        ("value", -0.1, 0.01, "worse"),
        ("falsely refused", 0.1, 0.01, "worse"),
        ("falsely refused", -0.1, 0.01, "better"),
        ("value", -0.1, 0.05, ""),
        ("consistency", 0.1, 0.01, "better"),
    ],
)
def test_what_chance_does_not_explain_is_named_by_what_the_measure_aims_at(
    measure: str, value: float, p: float, verdict: str
) -> None:
    assert name_verdict(measure, Difference(value, 0, 0, 9, 1, 1, p)) == verdict


def test_everything_can_be_told_as_json(good: Report, bad: Report) -> None:
    record = compare_runs(good, bad).to_dict()

    assert record["parts"]["all"]["value"]["before"] == 1.0
    assert record["parts"]["all"]["value"]["value"] == -0.5
    assert record["worse"][0] == {
        "id": "q1", "question": QUESTIONS[0].question, "gain": -1.0,
        "before": "May 18, 2021", "after": "May 19, 2021",
    }  # fmt: skip


def test_a_table_has_straight_columns() -> None:
    assert format_table([("a", "bb"), ("cccc", "")], ("x", "y")) == [
        "| x    | y   |",
        "|------|-----|",
        "| a    | bb  |",
        "| cccc |     |",
    ]
