"""Floors that a run must reach, in a TOML file beside its question set.

    set = "bridges.jsonl"   # beside this file

    [[floor]]
    part = "en-zh"          # "all" where it is left out
    measure = "value"
    least = 0.66

    [[floor]]
    measure = "seconds"
    most = 120

A measure is one of `eval.measures.grade.MEASURES` in any part of the report, or one of
`OF_THE_RUN`, which are of the run as a whole.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.compare import format_table
from eval.measures.grade import MEASURES
from eval.report import ALL, Report
from eval.runs import is_finished
from rag.errors import CorpusError

OF_THE_RUN: Mapping[str, Callable[[Report], float | None]] = {
    "questions": lambda report: float(len(report.records)),
    "errors": lambda report: float(report.errors),
    "seconds": lambda report: sum(record.seconds for record in report.records),
    "median seconds": lambda report: report.timing.p50,
    "consistency": lambda report: report.consistency.value if report.consistency else None,
    "ROC": lambda report: report.judgement.roc if report.judgement else None,
    "calibration error": lambda report: (
        report.judgement.calibration.error if report.judgement else None
    ),
}
_FILE_KEYS, _FLOOR_KEYS = {"set", "floor"}, {"part", "measure", "least", "most"}
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Floor:
    """What a measure of a part must be: at least, at most, or both; both ends are allowed."""

    measure: str
    part: str = ALL
    least: float | None = None
    most: float | None = None

    @property
    def bounds(self) -> str:
        """In words, such as `at least 0.71`."""
        least = [] if self.least is None else [f"at least {self.least:g}"]
        most = [] if self.most is None else [f"at most {self.most:g}"]
        return ", ".join(least + most)


@dataclass(frozen=True, slots=True)
class Gate:
    """A question set, and the floors of a run on it."""

    questions: Path
    floors: tuple[Floor, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A floor, and what was reached."""

    floor: Floor
    reached: float

    @property
    def held(self) -> bool:
        """Whether it is within its bounds."""
        floor, reached = self.floor, self.reached
        high = floor.least is None or reached >= floor.least - _ROUNDING
        return high and (floor.most is None or reached <= floor.most + _ROUNDING)


def read_gate(path: Path) -> Gate:
    """Read a file of floors.

    Raises:
        CorpusError: If it cannot be read or is not in form; it says what is.
    """
    try:
        record = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as exc:
        raise CorpusError(f"the floors at {str(path)!r} cannot be read: {exc}") from exc
    try:
        return _read_form(record, path)
    except (TypeError, ValueError) as exc:
        raise CorpusError(f"{str(path)!r} is not in form: {exc}") from exc


def check_floors(report: Report, floors: Sequence[Floor]) -> list[Verdict]:
    """Hold a run against its floors, in their order.

    Raises:
        CorpusError: If the run is not finished, or lacks what a floor is of; it names what it has.
    """
    if not is_finished(report):
        raise CorpusError(
            f"{report.name} is not finished: {len(report.records)} of "
            f"{report.details['questions']} questions were asked. Go on with it first"
        )
    return [Verdict(floor, _find(report, floor)) for floor in floors]


def format_verdicts(verdicts: Sequence[Verdict]) -> str:
    """A table, broken floors first, and a line that sums it up."""
    broken = [verdict for verdict in verdicts if not verdict.held]
    rows = [
        (
            v.floor.part,
            v.floor.measure,
            v.floor.bounds,
            f"{v.reached:.3f}",
            "" if v.held else "BROKEN",
        )
        for v in sorted(verdicts, key=lambda verdict: verdict.held)
    ]
    table = format_table(rows, ("part", "measure", "floor", "reached", ""))
    return "\n".join([*table, "", f"{len(broken)} of {len(verdicts)} floors are broken"])


def _find(report: Report, floor: Floor) -> float:
    if floor.measure in OF_THE_RUN:
        value = OF_THE_RUN[floor.measure](report)
        if value is None:
            raise CorpusError(f"{report.name} has nothing to measure {floor.measure!r} by")
        return value
    if floor.part not in report.parts:
        raise CorpusError(
            f"{report.name} has no part {floor.part!r}. It has: {', '.join(report.parts)}"
        )
    measures = report.parts[floor.part]
    if floor.measure not in measures:
        raise CorpusError(
            f"{report.name} has no {floor.measure!r} in {floor.part!r}. "
            f"It has: {', '.join(measures)}"
        )
    return measures[floor.measure].value


def _read_form(record: Mapping[str, Any], path: Path) -> Gate:
    _check_keys(record, _FILE_KEYS, "the file")
    name, floors = record.get("set"), record.get("floor")
    if not isinstance(name, str) or not isinstance(floors, list) or not floors:
        raise ValueError('it has set = "a file of questions", and a [[floor]] or more')
    read = tuple(_read_floor(number, item) for number, item in enumerate(floors, start=1))
    return Gate(path.parent / name, read)


def _read_floor(number: int, record: object) -> Floor:
    where = f"floor {number}"
    if not isinstance(record, dict):
        raise TypeError(f"{where} is a table, [[floor]]")
    _check_keys(record, _FLOOR_KEYS, where)
    measure, part = record.get("measure"), record.get("part", ALL)
    known = [*MEASURES, *OF_THE_RUN]
    if measure not in known:
        raise ValueError(f"{where} is of {measure!r}, but the measures are {', '.join(known)}")
    if not isinstance(part, str) or (measure in OF_THE_RUN and part != ALL):
        raise ValueError(f"{where}: {measure!r} is of the part {ALL!r} alone, not {part!r}")
    least, most = (_read_number(record.get(key), f"{where}, {key}") for key in ("least", "most"))
    if least is None and most is None:
        raise ValueError(f"{where} has neither least nor most")
    return Floor(str(measure), part, least, most)


def _read_number(value: object, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{where} is a number, not {value!r}")
    return float(value)


def _check_keys(record: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(record.keys() - known)
    if unknown:
        raise ValueError(f"{where} has no key {unknown[0]!r}; there are {', '.join(sorted(known))}")
