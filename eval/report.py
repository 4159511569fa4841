"""What a run reached: every measure over all questions and over each part of them.

A part is a pair of languages, a kind or a tag. Every mean comes with its number of questions and
its 95 % bootstrap interval; what no question of a part has is not in the report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from eval.bench.timing import Timing, summarize_seconds
from eval.measures.accept import identify_value
from eval.measures.cost import Cost, measure_cost, read_prices
from eval.measures.curves import Calibration, draw_risk_coverage, measure_aurc, measure_calibration
from eval.measures.grade import MEASURES
from eval.measures.metrics import Mean, estimate_mean, measure_roc
from eval.measures.scores import measure_consistency
from eval.records import Record

ALL = "all"
GOALS = ("value", "conflict", "document", "recall@5")  # by which a question counts as failed


@dataclass(frozen=True, slots=True)
class Judgement:
    """How well the probability of an answer tells whether it is right.

    Attributes:
        roc: Area under the curve of telling answerable questions from others; None without both.
        aurc: Area under risk and coverage, of what was answered; lower is better.
        risk_coverage: (share of the answered questions, share of these that are wrong), growing.
        calibration: Of what was answered.
    """

    roc: float | None
    aurc: float
    risk_coverage: tuple[tuple[float, float], ...]
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class Report:
    """What a run reached.

    Attributes:
        name: Of the system, or of the run.
        parts: "all", pairs ("en-zh"), "kind: …" and "tag: …" -> measures by name, in the order of
            `eval.measures.grade.MEASURES`.
        consistency: Share of the pairs of variants that got the same value, a mean over groups;
            None without groups.
        groups: The same for each group.
        judgement: None if nothing was answered.
        timing: Seconds a question.
        records: All, in the order of the set.
        cost: Of the language model; None without prices, or where no tokens were told.
        details: Of the run: prices, settings, versions, generation of the index; may be empty.
    """

    name: str
    parts: Mapping[str, Mapping[str, Mean]]
    consistency: Mean | None
    groups: Mapping[str, float]
    judgement: Judgement | None
    timing: Timing
    records: tuple[Record, ...]
    cost: Cost | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        """How many questions could not be asked."""
        return sum(bool(record.error) for record in self.records)

    @property
    def failures(self) -> list[Record]:
        """The records of what went wrong, in the order of the set: see `is_failure`."""
        return [record for record in self.records if is_failure(record)]

    def to_dict(self) -> dict[str, Any]:
        """Everything but the records, as JSON types."""
        judgement = asdict(self.judgement) if self.judgement else None
        return {
            "name": self.name,
            "details": dict(self.details),
            "questions": len(self.records),
            "errors": self.errors,
            "failed": [record.question.id for record in self.failures],
            "parts": {
                part: {name: asdict(mean) for name, mean in measures.items()}
                for part, measures in self.parts.items()
            },
            "consistency": asdict(self.consistency) if self.consistency else None,
            "groups": dict(self.groups),
            "judgement": judgement,
            "timing": self.timing.to_dict(),
            "cost": asdict(self.cost) if self.cost else None,
        }


def make_report(
    records: Sequence[Record], *, name: str = "", details: Mapping[str, Any] | None = None
) -> Report:
    """Sum up records.

    Args:
        records: At least one.
        name: Of the system.
        details: For `Report.details`.

    Raises:
        ValueError: If there is no record.
        CorpusError: If the details hold prices that are none.
    """
    if not records:
        raise ValueError("there is nothing to report: no question was asked")
    groups = _measure_groups(records)
    return Report(
        name=name,
        parts={part: _measure(some) for part, some in _split(records).items()},
        consistency=estimate_mean(list(groups.values())) if groups else None,
        groups=groups,
        judgement=_judge(records),
        timing=summarize_seconds([record.seconds for record in records]),
        records=tuple(records),
        cost=_measure_cost(records, details or {}),
        details=details or {},
    )


def is_failure(record: Record) -> bool:
    """Whether a question went wrong.

    That is an error, a refusal that is wrong or missing, a wrong value, or, for a set that has no
    accepted answers, evidence that is not found.
    """
    measures = record.measures
    if record.error or not record.question.answerable:
        return bool(record.error) or measures.get("refused", 1.0) < 1
    goals = [name for name in GOALS if name in measures]
    if "value" in goals:
        goals = [name for name in goals if name in ("value", "conflict")]
    return any(measures[name] < 1 for name in goals)


def is_right(record: Record) -> bool | None:
    """Whether what was answered is right; None for a refusal, and where nothing tells."""
    if record.answer is None or not record.answer.found:
        return None
    if not record.question.answerable:
        return False
    value = record.measures.get("value", record.measures.get("document"))
    return None if value is None else bool(value)


def _split(records: Sequence[Record]) -> dict[str, list[Record]]:
    parts: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        for part in list_parts(record):
            parts[part].append(record)
    return {part: parts[part] for part in sorted(parts, key=rank_part)}


def list_parts(record: Record) -> Iterator[str]:
    """Yield the parts of a report that a record counts in: see `Report.parts`."""
    yield ALL
    yield record.pair
    yield f"kind: {record.question.kind}"
    yield from (f"tag: {tag}" for tag in dict.fromkeys(record.question.tags))


def rank_part(part: str) -> tuple[int, str]:
    """A key to sort parts by: all, pairs, kinds, tags; in each by name."""
    places = {ALL: 0, "kind": 2, "tag": 3}
    return places.get(part.split(": ")[0], 1), part


def _measure(records: Sequence[Record]) -> dict[str, Mean]:
    values: dict[str, list[float]] = defaultdict(list)
    for record in records:
        for name, value in record.measures.items():
            values[name].append(value)
    known = [name for name in MEASURES if name in values]
    return {name: estimate_mean(values[name]) for name in known}


def _measure_groups(records: Sequence[Record]) -> dict[str, float]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for record in records:
        if record.question.group:
            said = identify_value(record.question, record.answer) if record.answer else None
            groups[record.question.group].append(said)
    return measure_consistency({g: said for g, said in groups.items() if len(said) > 1})


def _measure_cost(records: Sequence[Record], details: Mapping[str, Any]) -> Cost | None:
    prices = read_prices(details)
    usages = [record.answer.usage for record in records if record.answer and record.answer.usage]
    return measure_cost(usages, prices) if prices else None


def _judge(records: Sequence[Record]) -> Judgement | None:
    shown = [
        (r.answer.probability, right)
        for r in records
        if r.answer and (right := is_right(r)) is not None
    ]
    if not shown:
        return None
    told, others = (
        [r.answer.probability for r in records if r.answer and r.question.answerable is answerable]
        for answerable in (True, False)
    )
    probabilities = [probability for probability, _ in shown]
    rights = [right for _, right in shown]
    return Judgement(
        roc=measure_roc(told, others) if told and others else None,
        aurc=measure_aurc(probabilities, rights),
        risk_coverage=tuple(draw_risk_coverage(probabilities, rights)),
        calibration=measure_calibration(probabilities, rights),
    )
