"""Floors are read strictly, and a run that does not reach one is told which."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from eval.gate import OF_THE_RUN, Floor, Verdict, check_floors, format_verdicts, read_gate
from eval.report import Report
from rag.errors import CorpusError
from tests.fake_runs import ask_worse, run_fake


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """Values right: 2 of 4; refused: 0 of 1; consistency 0."""
    return run_fake(tmp_path / "run", ask_worse)


def write_gate(folder: Path, text: str) -> Path:
    path = folder / "gate.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_floors_are_read_with_the_set_beside_them(tmp_path: Path) -> None:
    path = write_gate(
        tmp_path,
        'set = "bridges.jsonl"\n[[floor]]\npart = "en-zh"\nmeasure = "value"\nleast = 0.5\n'
        '[[floor]]\nmeasure = "seconds"\nmost = 90\n',
    )

    gate = read_gate(path)

    assert gate.questions == tmp_path / "bridges.jsonl"
    assert gate.floors == (Floor("value", "en-zh", least=0.5), Floor("seconds", most=90.0))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('set = "a"', "[[floor]] or more"),
        ('[[floor]]\nmeasure = "value"\nleast = 1', 'set = "a file of questions"'),
        ('set = "a"\nsets = 1', "the file has no key 'sets'"),
        ('set = "a"\nfloor = [1]', "floor 1 is a table"),
        ('set = "a"\n[[floor]]\nleast = 1', "floor 1 is of None"),
        ('set = "a"\n[[floor]]\nmeasure = "worth"\nleast = 1', "the measures are value, document"),
        ('set = "a"\n[[floor]]\nmeasure = "value"', "neither least nor most"),
        ('set = "a"\n[[floor]]\nmeasure = "value"\nleast = "1"', "floor 1, least is a number"),
        ('set = "a"\n[[floor]]\nmeasure = "value"\nat_least = 1', "no key 'at_least'"),
        ('set = "a"\n[[floor]]\nmeasure = "seconds"\npart = "en-zh"\nmost = 1', "part 'all' alone"),
        ("set = ", "cannot be read"),
    ],
)
def test_what_is_not_in_form_is_named(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as raised:
        read_gate(write_gate(tmp_path, text))

    assert words in str(raised.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        read_gate(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("floor", "reached", "held"),
    [
        (Floor("value", least=0.5), 0.5, True),
        (Floor("value", least=0.51), 0.5, False),
        (Floor("refused", least=0.1), 0.0, False),
        (Floor("falsely refused", most=0.25), 0.25, True),
        (Floor("falsely refused", most=0.2), 0.25, False),
        (Floor("value", "kind: date", least=0.4, most=0.6), 0.5, True),
        (Floor("value", "kind: date", least=0.4, most=0.45), 0.5, False),
        (Floor("consistency", least=0.5), 0.0, False),
        (Floor("questions", least=5), 5.0, True),
        (Floor("errors", most=0), 0.0, True),
    ],
)
def test_a_floor_is_held_up_to_its_bound(
    floor: Floor, reached: float, held: bool, report: Report
) -> None:
    assert check_floors(report, [floor]) == [Verdict(floor, reached)]
    assert Verdict(floor, reached).held is held


def test_seconds_are_those_of_all_questions(report: Report) -> None:
    (verdict,) = check_floors(report, [Floor("seconds", most=1.0)])

    assert verdict.reached == pytest.approx(sum(r.seconds for r in report.records))
    assert set(OF_THE_RUN) >= {"median seconds", "ROC", "calibration error"}


@pytest.mark.parametrize(
    ("floor", "words"),
    [
        (Floor("value", "zh-en", least=0), "has no part 'zh-en'. It has: all, en-none, en-zh"),
        (Floor("value", "en-none", least=0), "has no 'value' in 'en-none'. It has: refused"),
    ],
)
def test_what_a_run_does_not_have_is_no_floor_that_is_held(
    floor: Floor, words: str, report: Report
) -> None:
    with pytest.raises(CorpusError) as raised:
        check_floors(report, [floor])

    assert words in str(raised.value)


def test_a_run_that_was_stopped_is_not_judged(report: Report) -> None:
    with pytest.raises(CorpusError, match="is not finished: 3 of 5"):
        check_floors(replace(report, records=report.records[:3]), [Floor("value", least=0)])


def test_broken_floors_come_first() -> None:
    verdicts = [Verdict(Floor("value", least=0.5), 0.6), Verdict(Floor("F1", most=0.1), 0.6)]

    lines = format_verdicts(verdicts).splitlines()

    assert [cell.strip() for cell in lines[2].split("|")[1:-1]] == [
        "all", "F1", "at most 0.1", "0.600", "BROKEN"
    ]  # fmt: skip
    assert "BROKEN" not in lines[3]
    assert lines[-1] == "1 of 2 floors are broken"
