"""A report as Markdown: what the page shows, compact, for a terminal, a review or a log.

Text from documents, readers and models is escaped, so that it can neither mark up nor load
anything where the file is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from eval.measures.metrics import Mean
from eval.pages.digest import (
    KEY,
    MAX_FAILURES,
    MAX_GROUPS,
    count,
    count_parts,
    cut_text,
    flatten_details,
    format_interval,
    format_seconds,
    format_share,
    list_columns,
    list_headlines,
    list_inconsistent,
    list_parts,
    name_pair,
    say_accepted,
    say_answer,
    say_conflict,
    say_place,
    sort_failures,
    take_failures,
)
from eval.pages.usage import list_usage
from eval.records import Record
from eval.report import ALL, Report, is_failure
from rag.types import Answer

# Controls of direction would reach beyond their text; NUL and lone surrogates cannot be written.
_REMOVED = dict.fromkeys(
    (0, *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000)), "\ufffd"
)
_MARKS = re.compile(r"[\\`*_{}\[\]<>|~#!&$@]")  # what marks up text anywhere within a line
_LINKS = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)  # of addresses, linked as they stand


def render_markdown(report: Report) -> str:
    """Return the report as the text of a Markdown file; the same for the same report."""
    asked, wrong = len(report.records), len(report.failures)
    lines = [
        f"# {escape_markdown(report.name or 'Evaluation')}: {wrong:,} of "
        f"{count(asked, 'question')} went wrong",
        "",
        *_write_summary(report),
        *_write_parts(report, "By pair of languages", "", ALL),
        *_write_parts(report, "By kind of question", "kind: "),
        *_write_parts(report, "By tag", "tag: "),
        *_write_groups(report),
        *_write_failures(report),
        *_write_details(report),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def escape_markdown(text: str) -> str:
    """Text as one line that Markdown shows as it is; cut if it is very long.

    White space becomes single spaces; controls of direction, NUL and lone surrogates U+FFFD.
    """
    line = " ".join(cut_text(text).translate(_REMOVED).split())
    escaped = _MARKS.sub(_escape_mark, line)
    return _LINKS.sub(lambda match: f"&#{ord(match[0])};", escaped)


def _escape_mark(match: re.Match[str]) -> str:
    """`<`, `&` and `@` as references: a renderer may look at them before it sees a backslash."""
    mark = match[0]
    return f"&#{ord(mark)};" if mark in "<&@" else f"\\{mark}"


def _write_summary(report: Report) -> Iterator[str]:
    headlines = [*list_headlines(report), *list_usage(report)]
    yield from _write_table(
        ["", "", ""],
        [[h.label, f"**{escape_markdown(h.value)}**", h.note] for h in headlines],
    )
    yield KEY
    yield ""
    judgement = report.judgement
    if judgement is not None:
        roc = "" if judgement.roc is None else f", ROC {judgement.roc:.3f}"
        yield (
            f"Probability of an answer: calibration error {judgement.calibration.error:.3f}, area "
            f"under risk and coverage {judgement.aurc:.3f} (low is good){roc}."
        )
        yield ""


def _write_parts(report: Report, title: str, prefix: str, *first: str) -> Iterator[str]:
    parts = list_parts(report, prefix)
    if not parts:
        return
    counts = count_parts(report)
    columns = list_columns(report, parts)
    rows = []
    for part in (*first, *parts):
        name = part if prefix or part in first else name_pair(part)
        means = [report.parts[part].get(column) for column in columns]
        rows.append(
            [
                escape_markdown(name.removeprefix(prefix)),
                f"{counts[part]:,}",
                *map(_say_mean, means),
            ]
        )
    yield f"## {title}"
    yield ""
    yield from _write_table(["", "asked", *columns], rows)


def _write_groups(report: Report) -> Iterator[str]:
    differing = list_inconsistent(report)
    if not differing:
        return
    yield "## Variants that got different values"
    yield ""
    for item in differing[:MAX_GROUPS]:
        yield f"- **{escape_markdown(item.group)}**: {format_share(item.share)} of pairs agree"
        for record in item.records:
            state = "wrong" if is_failure(record) else "right"
            yield f"  - {state}: {_say_asked(record)} → {escape_markdown(say_answer(record))}"
    if len(differing) > MAX_GROUPS:
        yield f"- and {count(len(differing) - MAX_GROUPS, 'more group')}"
    yield ""


def _write_failures(report: Report) -> Iterator[str]:
    failures = sort_failures(report)
    for name, records in take_failures(failures).items():
        yield f"## {name} ({len(failures[name]):,})"
        yield ""
        for record in records:
            yield from _write_failure(record)
        yield ""
    left = len(report.failures) - MAX_FAILURES
    if left > 0:
        yield f"{left:,} more are in records.jsonl."
        yield ""


def _write_failure(record: Record) -> Iterator[str]:
    question, answer = record.question, record.answer
    place = say_place(record)
    facts = [
        escape_markdown(text) for text in (name_pair(record.pair), question.kind, place) if text
    ]
    facts += [f"probability {answer.probability:.2f}"] if answer else []
    facts.append(format_seconds(record.seconds))
    yield f"- **{escape_markdown(question.id)}** {_say_asked(record)}"
    yield f"  - expected: {_say_expected(record)}"
    yield f"  - said: {escape_markdown(say_answer(record))}"
    if answer is not None:
        yield from _write_answer(answer)
    for evidence in question.evidence:
        quote = f": “{escape_markdown(evidence.quote)}”" if evidence.quote else ""
        yield f"  - stands in {escape_markdown(evidence.document)}{quote}"
    yield f"  - {', '.join(facts)}"


def _write_answer(answer: Answer) -> Iterator[str]:
    if answer.rewritten:
        yield f"  - understood as: {escape_markdown(answer.rewritten)}"
    for citation in answer.citations:
        yield (
            f"  - quoted from {escape_markdown(citation.title)}, "
            f"{escape_markdown(citation.source)}: “{escape_markdown(citation.quote.text)}”"
        )


def _write_details(report: Report) -> Iterator[str]:
    pairs = flatten_details(report.details)
    if pairs:
        yield "## The run"
        yield ""
        yield from _write_table(
            ["", ""], [[escape_markdown(name), escape_markdown(value)] for name, value in pairs]
        )


def _write_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _say_mean(mean: Mean | None) -> str:
    if mean is None:
        return "–"
    return f"{_escape_share(mean)} ({format_interval(mean)}, {mean.n:,})"


def _escape_share(mean: Mean) -> str:
    return escape_markdown(format_share(mean.value))


def _say_asked(record: Record) -> str:
    turns = (*record.question.previous, record.question.question)
    return " ▸ ".join(escape_markdown(turn) for turn in turns)


def _say_expected(record: Record) -> str:
    question = record.question
    text = say_accepted(question) or say_conflict(question)
    return escape_markdown(text or ", ".join(sorted(question.documents)))
