"""What a reader of a report wants to know, in words and numbers, whatever it is printed as.

`eval.pages.page` and `eval.pages.markdown` show the same; they take it from here.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.measures.grade import LEGS, MEASURES, K
from eval.measures.metrics import Mean, estimate_mean
from eval.questions import Question
from eval.records import Found, Record
from eval.report import ALL, Report
from rag.types import LANGUAGES

RECALL = f"recall@{K}"
MAX_FAILURES = 300  # listed; a page of more cannot be read, and all are in records.jsonl
MAX_GROUPS = 100
MAX_PLACES = 3  # of the evidence among the passages
MAX_CHARS = 1_500  # of one text that is shown; documents and models may be longer
# Of the tables by part; the others stand in the table of all measures.
COLUMNS = (
    "value", "document", "refused", "falsely refused", "conflict", "gold citation precision",
    RECALL, "nDCG@10",
)  # fmt: skip
# The first of these that a set can measure says what is right there.
_RIGHT = {
    "value": "Right value",
    "document": "Telling document cited",
    RECALL: "Evidence retrieved",
}
_WRONG = (
    ("error", "Not answered: an error"),
    ("refused", "Answered, though the documents do not tell"),
    ("falsely refused", "Refused, though the documents tell"),
    ("value", "Wrong value"),
    ("conflict", "Not every differing value shown"),
    ("document", "No document cited that tells"),
    (RECALL, "Evidence not retrieved"),
)


KEY = "With each share stand its 95% bootstrap interval, in percent, and what it is a mean over."


@dataclass(frozen=True, slots=True)
class Headline:
    """A number of the summary: what it is of, the number as shown, and what to know of it."""

    label: str
    value: str
    note: str
    mean: Mean | None = None


@dataclass(frozen=True, slots=True)
class Variants:
    """A group whose variants got different values: its records, in order, and their agreement."""

    group: str
    share: float
    records: tuple[Record, ...]


def list_headlines(report: Report) -> list[Headline]:
    """The numbers that a reader wants first; those that the set cannot measure are left out."""
    parts = report.parts[ALL]
    right = next((name for name in _RIGHT if name in parts), "")
    found = [
        _head(f"{_RIGHT[right]}, {where}", mean)
        for where, mean in _measure_sides(report.records, right).items()
    ]
    labels = {
        "document": "Telling document cited",
        RECALL: "Evidence among the first five passages",
        "refused": "Refused what is not told",
        "falsely refused": "Refused what is told (low is good)",
        "conflict": "Differing values shown",
    }
    found += [_head(labels[n], parts[n]) for n in labels if n in parts and n != right]
    if report.consistency:
        found.append(_head("Variants given the same value", report.consistency, "group"))
    if "spans" in parts:
        found.append(_head("Quotes that are exact", parts["spans"], "answer"))
    timing = report.timing
    asked = len(report.records)
    return [
        *found,
        Headline(
            "Half of the answers within",
            format_seconds(timing.p50),
            f"95% within {format_seconds(timing.p95)}, slowest {format_seconds(timing.slowest)}",
        ),
        Headline("Errors", str(report.errors), f"of {count(asked, 'question')}"),
    ]


def count_parts(report: Report) -> dict[str, int]:
    """How many questions each part of the report has, in the order of its parts."""
    counts: Counter[str] = Counter()
    for record in report.records:
        question = record.question
        tags = {f"tag: {tag}" for tag in question.tags}
        counts.update([ALL, record.pair, f"kind: {question.kind}", *tags])
    return {part: counts[part] for part in report.parts}


def sort_failures(report: Report) -> dict[str, list[Record]]:
    """What went wrong -> its records in the order of the set; the gravest first, none empty."""
    found: dict[str, list[Record]] = defaultdict(list)
    for record in report.failures:
        found[name_failure(record)].append(record)
    return {name: found[name] for _, name in _WRONG if name in found}


def take_failures(failures: Mapping[str, Sequence[Record]]) -> dict[str, list[Record]]:
    """The first `MAX_FAILURES` of them all; of a kind with none left, an empty list."""
    left = MAX_FAILURES
    taken = {}
    for name, records in failures.items():
        taken[name] = list(records[:left])
        left -= len(taken[name])
    return taken


def name_failure(record: Record) -> str:
    """What went wrong with a question that failed: the gravest that did."""
    measures = record.measures
    wrong = {
        name for name in ("value", "conflict", "document", RECALL) if measures.get(name, 1) < 1
    }
    wrong |= {"refused"} if measures.get("refused", 1) < 1 else set()
    wrong |= {"falsely refused"} if measures.get("falsely refused", 0) > 0 else set()
    wrong |= {"error"} if record.error else set()
    return next((words for name, words in _WRONG if name in wrong), "Wrong")


def list_inconsistent(report: Report) -> list[Variants]:
    """The groups whose variants do not agree, the least agreeing first."""
    variants: dict[str, list[Record]] = defaultdict(list)
    for record in report.records:
        variants[record.question.group].append(record)
    found = [
        Variants(group, share, tuple(variants[group]))
        for group, share in report.groups.items()
        if share < 1
    ]
    return sorted(found, key=lambda item: (item.share, item.group))


def say_accepted(question: Question) -> str:
    """What would have been right: ways joined by "or", their parts by "+"."""
    if not question.answerable:
        return "a refusal"
    return " or ".join(" + ".join(way) for way in question.accept)


def say_conflict(question: Question) -> str:
    """The values that differ, each in its first wording; empty without a conflict."""
    return " against ".join(words[0] for words in question.conflict)


def say_answer(record: Record) -> str:
    """The first thing that was said: a statement, a refusal or an error."""
    if record.answer is None:
        return record.error
    return record.answer.statements[0].text if record.answer.found else record.answer.refusal


def say_place(record: Record) -> str:
    """At which ranks the evidence was retrieved, and by which leg; empty if none was to be."""
    if not record.question.evidence:
        return ""
    places = [_say_rank(found) for found in record.found if found.tells]
    if not places:
        return f"evidence not among {count(len(record.found), 'passage')}"
    return "evidence at rank " + "; ".join(places[:MAX_PLACES])


def flatten_details(details: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    """What stands in nested details as (name, value) pairs; `.` joins the names."""
    pairs: list[tuple[str, str]] = []
    for key, value in details.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping) and value:
            pairs += flatten_details(value, f"{name}.")
        else:
            text = (
                value
                if isinstance(value, str)
                else json.dumps(value, ensure_ascii=False, default=str)
            )
            pairs.append((name, text))
    return pairs


def list_columns(report: Report, parts: Iterable[str]) -> list[str]:
    """The measures of `COLUMNS` that any of these parts has."""
    known = {name for part in parts for name in report.parts[part]}
    return [name for name in COLUMNS if name in known]


def list_parts(report: Report, prefix: str) -> list[str]:
    """The parts of a sort: "kind: ", "tag: ", or "" for the pairs of languages."""
    if prefix:
        return [part for part in report.parts if part.startswith(prefix)]
    return [part for part in report.parts if part != ALL and ": " not in part]


def name_pair(pair: str) -> str:
    """`en-zh` as a reader would have it: the question's language, then the documents'."""
    asked, _, told = pair.partition("-")
    return f"{asked} → {told}" if told else pair


def format_share(value: float) -> str:
    """A share in percent; only what is exactly 0 or 1 is shown as 0% or 100%."""
    if value in (0, 1):
        return f"{value:.0%}"
    return "<0.1%" if value < 0.0005 else ">99.9%" if value >= 0.9995 else f"{value:.1%}"


def format_interval(mean: Mean) -> str:
    """Where the interval of a mean begins and ends, in percent."""
    return f"{100 * mean.low:.0f}–{100 * mean.high:.0f}"


def format_seconds(seconds: float) -> str:
    """A time with its unit: milliseconds below a second."""
    return f"{1000 * seconds:.0f} ms" if seconds < 0.9995 else f"{seconds:.2f} s"


def count(n: int, noun: str) -> str:
    """`1 question`, `2,000 questions`."""
    return f"{n:,} {noun}{'s' * (n != 1)}"


def cut_text(text: str) -> str:
    """The beginning of a text that is too long to be shown, with `…`; else the text."""
    return text[:MAX_CHARS] + "…" * (len(text) > MAX_CHARS)


def describe_measure(name: str) -> str:
    """What a measure says, of which questions, and whether low is good."""
    measure = MEASURES[name]
    return f"{measure.says}; of {measure.of}{', low is good' if measure.aim == 'low' else ''}"


def _head(label: str, mean: Mean, noun: str = "question") -> Headline:
    note = f"{format_interval(mean)} over {count(mean.n, noun)}"
    return Headline(label, format_share(mean.value), note, mean)


def _measure_sides(records: Sequence[Record], measure: str) -> dict[str, Mean]:
    """A measure where question and documents are of one language, and where they are not.

    A question that is told in both languages is in neither.
    """
    sides: dict[str, list[float]] = {"same language": [], "across languages": []}
    for record in records:
        asked, _, told = record.pair.partition("-")
        if measure in record.measures and told in LANGUAGES:
            side = "same language" if asked == told else "across languages"
            sides[side].append(record.measures[measure])
    return {side: estimate_mean(values) for side, values in sides.items() if values}


def _say_rank(found: Found) -> str:
    legs = ", ".join(f"{leg} {found.ranks.get(leg, '–')}" for leg in LEGS)
    return f"{found.rank} ({legs})"
