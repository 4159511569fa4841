"""Two runs side by side: what the later one does better and worse on the same questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.measures.grade import MEASURES
from eval.measures.scores import Difference, estimate_difference
from eval.records import Record
from eval.report import ALL, Report, is_failure, list_parts, rank_part

SURE = 0.05  # a difference of a smaller p is named better or worse
SHOWN_CHARS = 120
# By which one question is better or worse: the first of them that it has in both runs.
_GOALS = (("refused",), ("value", "conflict"), ("conflict",), ("document",), ("recall@5",))
_HEADINGS = (
    "part",
    "measure",
    "before",
    "after",
    "difference",
    "95 % interval",
    "p",
    "n",
    "↑",
    "↓",
)


@dataclass(frozen=True, slots=True)
class Change:
    """A question that came out otherwise: both records, and by how much it is better now.

    `gain` is below 0 where it got worse; it sums what changed in being right.
    """

    before: Record
    after: Record
    gain: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed between two runs, on the questions that both asked.

    Attributes:
        names: Of the two runs, before and after.
        means: Part -> measure -> mean before and after, over the questions paired.
        parts: The same -> the difference; for a measure that should be low, above 0 is worse.
        consistency: Of the agreement within the groups that both have; None without any.
        worse: Questions that got worse, worst first; ties in the order of the set.
        better: Those that got better, most first.
        only_before, only_after: Ids of questions that were asked in one run alone.
        seconds: Median seconds a question, before and after.
    """

    names: tuple[str, str]
    means: Mapping[str, Mapping[str, tuple[float, float]]]
    parts: Mapping[str, Mapping[str, Difference]]
    consistency: Difference | None
    worse: tuple[Change, ...]
    better: tuple[Change, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    seconds: tuple[float, float]

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON types; of questions the ids and what was said."""
        return {
            "names": list(self.names),
            "parts": {
                part: {
                    name: {
                        **asdict(difference),
                        "before": self.means[part][name][0],
                        "after": self.means[part][name][1],
                    }
                    for name, difference in measures.items()
                }
                for part, measures in self.parts.items()
            },
            "consistency": asdict(self.consistency) if self.consistency else None,
            "worse": [_describe_change(change) for change in self.worse],
            "better": [_describe_change(change) for change in self.better],
            "only_before": list(self.only_before),
            "only_after": list(self.only_after),
            "seconds": list(self.seconds),
        }


def compare_runs(before: Report, after: Report) -> Comparison:
    """Compare two runs question by question; a question is known by its id.

    A measure is compared over the questions that have it in both runs: where one run refuses,
    its citations cannot be compared.

    Raises:
        ValueError: If the runs share no question.
    """
    first = {record.question.id: record for record in before.records}
    second = {record.question.id: record for record in after.records}
    pairs = [(record, second[id_]) for id_, record in first.items() if id_ in second]
    if not pairs:
        raise ValueError(f"{before.name!r} and {after.name!r} have no question in common")
    values = {part: _pair_values(some) for part, some in _split(pairs).items()}
    changes = [Change(one, other, gain) for one, other in pairs if (gain := _find_gain(one, other))]
    groups = [group for group in before.groups if group in after.groups]
    return Comparison(
        names=(before.name, after.name),
        means={
            part: {name: (_mean(one), _mean(other)) for name, (one, other) in measures.items()}
            for part, measures in values.items()
        },
        parts={
            part: {name: estimate_difference(*both) for name, both in measures.items()}
            for part, measures in values.items()
        },
        consistency=estimate_difference(
            [before.groups[group] for group in groups], [after.groups[group] for group in groups]
        )
        if groups
        else None,
        worse=tuple(sorted((c for c in changes if c.gain < 0), key=lambda c: c.gain)),
        better=tuple(sorted((c for c in changes if c.gain > 0), key=lambda c: -c.gain)),
        only_before=tuple(id_ for id_ in first if id_ not in second),
        only_after=tuple(id_ for id_ in second if id_ not in first),
        seconds=(before.timing.p50, after.timing.p50),
    )


def name_verdict(measure: str, difference: Difference) -> str:
    """Say "better" or "worse" where chance alone does not explain a difference, else empty."""
    if difference.p >= SURE or not difference.value:
        return ""
    known = MEASURES.get(measure)
    low = known is not None and known.aim == "low"
    return "better" if (difference.value > 0) != low else "worse"


def format_comparison(
    comparison: Comparison, *, parts: Sequence[str] | None = None, questions: int | None = None
) -> str:
    """Write a comparison as Markdown that reads as plain text.

    Args:
        comparison: Of two runs.
        parts: Which ones; None takes all questions and the pairs of languages.
        questions: How many of the worse and of the better are listed at most; None lists all.
    """
    before, after = comparison.names
    chosen = [p for p in comparison.parts if ": " not in p] if parts is None else parts
    lines = [
        f"Before: {before} · after: {after}",
        f"Median seconds a question: {comparison.seconds[0]:.3f} -> {comparison.seconds[1]:.3f}",
        "",
        *format_table(list(_list_rows(comparison, chosen)), (*_HEADINGS, "")),
    ]
    for title, changes in (("Worse", comparison.worse), ("Better", comparison.better)):
        lines += ["", f"## {title}: {len(changes)}", ""]
        lines += [line for change in changes[:questions] for line in _tell_change(change)]
    for title, ids in (("before", comparison.only_before), ("after", comparison.only_after)):
        if ids:
            lines += ["", f"Asked only {title}: {', '.join(ids)}"]
    return "\n".join(lines)


def format_table(rows: Sequence[Sequence[str]], headings: Sequence[str]) -> list[str]:
    """The lines of a Markdown table with straight columns."""
    whole = [list(headings), *map(list, rows)]
    widths = [max(3, *(len(row[n]) for row in whole)) for n in range(len(headings))]
    lines = [
        "| "
        + " | ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        + " |"
        for row in whole
    ]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


def _split(pairs: Sequence[tuple[Record, Record]]) -> dict[str, list[tuple[Record, Record]]]:
    """The parts of `eval.report`, in its order; a pair of languages is that of the later run."""
    parts: dict[str, list[tuple[Record, Record]]] = defaultdict(list)
    for pair in pairs:
        for part in list_parts(pair[1]):
            parts[part].append(pair)
    return {part: parts[part] for part in sorted(parts, key=rank_part)}


def _pair_values(
    pairs: Sequence[tuple[Record, Record]],
) -> dict[str, tuple[list[float], list[float]]]:
    values: dict[str, tuple[list[float], list[float]]] = {}
    for name in MEASURES:
        held = [(a.measures[name], b.measures[name]) for a, b in pairs if _have(name, a, b)]
        if held:
            values[name] = [a for a, _ in held], [b for _, b in held]
    return values


def _have(name: str, one: Record, other: Record) -> bool:
    return name in one.measures and name in other.measures


def _find_gain(before: Record, after: Record) -> float:
    for names in _GOALS:
        shared = [name for name in names if _have(name, before, after)]
        if names[0] in shared:
            gain = sum(after.measures[name] - before.measures[name] for name in shared)
            return gain or float(is_failure(before) - is_failure(after))
    return float(is_failure(before) - is_failure(after))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _list_rows(comparison: Comparison, parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for part in parts:
        for name, difference in comparison.parts[part].items():
            before, after = comparison.means[part][name]
            ends = (f"{before:.3f}", f"{after:.3f}")
            yield (part, name, *ends, *_tell_difference(difference), name_verdict(name, difference))
    if comparison.consistency is not None:
        difference = comparison.consistency
        verdict = name_verdict("consistency", difference)
        yield (ALL, "consistency", "", "", *_tell_difference(difference), verdict)


def _tell_difference(difference: Difference) -> tuple[str, ...]:
    return (
        f"{difference.value:+.3f}",
        f"[{difference.low:+.3f}, {difference.high:+.3f}]",
        f"{difference.p:.3f}",
        str(difference.n),
        str(difference.better),
        str(difference.worse),
    )


def _tell_change(change: Change) -> Iterator[str]:
    question = change.after.question
    yield f"- {question.id} [{change.after.pair}] {_shorten(question.question)}"
    yield f"    before: {_shorten(say(change.before))}"
    yield f"    after:  {_shorten(say(change.after))}"


def say(record: Record) -> str:
    """What was answered, in one line: the first statement, the refusal, or the error."""
    if record.answer is None:
        return f"error: {record.error}"
    answer = record.answer
    return answer.statements[0].text if answer.found else answer.refusal


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_CHARS else f"{line[:SHOWN_CHARS]}…"


def _describe_change(change: Change) -> dict[str, Any]:
    question = change.after.question
    return {
        "id": question.id,
        "question": question.question,
        "gain": change.gain,
        "before": say(change.before),
        "after": say(change.after),
    }
