"""The parts of the page that show single questions: what went wrong, and variants that differ."""

from __future__ import annotations

from collections.abc import Iterator

from eval.pages.digest import (
    MAX_FAILURES,
    MAX_GROUPS,
    Variants,
    count,
    format_seconds,
    format_share,
    list_inconsistent,
    name_pair,
    say_accepted,
    say_answer,
    say_conflict,
    say_place,
    sort_failures,
    take_failures,
)
from eval.pages.markup import escape_text, fold, show_text
from eval.questions import Evidence, Question
from eval.records import Record
from eval.report import Report, is_failure
from rag.types import Answer, Citation


def render_failures(report: Report) -> str:
    """Every question that went wrong, by what went wrong; of very many, the first."""
    failures = sort_failures(report)
    taken = take_failures(failures)
    left = len(report.failures) - MAX_FAILURES
    parts = [f"<h2>What went wrong</h2><p>{_sum_up(report)}</p>"]
    for name, records in taken.items():
        n = len(failures[name])
        rest = f", the first {len(records):,} of them here" if len(records) < n else ""
        parts.append(f"<h3>{name} <small>{count(n, 'question')}{rest}</small></h3>")
        parts += map(_render_failure, records)
    if left > 0:
        parts.append(f"<p><strong>{left:,} more are in records.jsonl.</strong></p>")
    return f'<section id="failures">{"".join(parts)}</section>'


def render_groups(report: Report) -> str:
    """The groups whose variants got different values; empty without groups."""
    if not report.groups:
        return ""
    differing = list_inconsistent(report)
    agree = len(report.groups) - len(differing)
    more = len(differing) - MAX_GROUPS
    return (
        '<section id="groups"><h2>One question, worded differently</h2>'
        f"<p>The variants of {agree:,} of {count(len(report.groups), 'group')} all got the same "
        "value, right or wrong. Of the others, the least agreeing first: the share of pairs of "
        "variants that agree.</p>"
        + "".join(map(_render_group, differing[:MAX_GROUPS]))
        + (f"<p><strong>{count(more, 'more group')}.</strong></p>" if more > 0 else "")
        + "</section>"
    )


def _render_group(item: Variants) -> str:
    facts = (
        f"{format_share(item.share)} of pairs agree",
        count(len(item.records), "variant"),
        item.group,
    )
    head = (
        f"{show_text(item.records[0].question.question, 'asked')}"
        f'<span class="chips">{"".join(map(_chip, facts))}</span>'
    )
    variants = "".join(map(_render_variant, item.records))
    return fold(head, f'<ul class="variants">{variants}</ul>', "item")


def _sum_up(report: Report) -> str:
    failures = report.failures
    if not failures:
        return "Nothing."
    told = [record for record in failures if record.question.evidence]
    found = sum(any(found.tells for found in record.found) for record in told)
    text = f"{len(failures):,} of {count(len(report.records), 'question')}."
    if told:
        text += (
            f" For {found:,} of the {len(told):,} whose answer stands in the documents, the "
            "evidence was among the passages retrieved."
        )
    return text


def _render_failure(record: Record) -> str:
    question = record.question
    head = (
        f"{_show_turns(question)}"
        f'<span class="brief"><span class="label">Expected</span>{_show_expected(record)}</span>'
        f'<span class="brief"><span class="label">Said</span>{show_text(say_answer(record))}</span>'
        f'<span class="chips">{"".join(map(_chip, _list_chips(record)))}</span>'
    )
    rows = [*_describe_question(record), *_describe_answer(record)]
    body = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows)
    return fold(head, f"<dl>{body}</dl>", "item")


def _list_chips(record: Record) -> Iterator[str]:
    question = record.question
    yield question.id
    yield name_pair(record.pair)
    yield question.kind
    if question.evidence:
        rank = next((found.rank for found in record.found if found.tells), None)
        yield f"evidence at rank {rank}" if rank else "evidence not retrieved"


def _chip(text: str) -> str:
    return f'<span class="chip">{show_text(text)}</span>'


def _show_expected(record: Record) -> str:
    question = record.question
    text = say_accepted(question) or say_conflict(question)
    if not text:
        text = ", ".join(sorted(question.documents))
    return show_text(text)


def _describe_question(record: Record) -> Iterator[tuple[str, str]]:
    question = record.question
    if question.previous:
        turns = "".join(f"<li>{show_text(turn)}</li>" for turn in question.previous)
        yield "Asked before", f"<ol>{turns}</ol>"
    if question.accept:
        ways = "".join(f"<li>{show_text(' + '.join(way))}</li>" for way in question.accept)
        yield "Accepted", f'<ul class="plain">{ways}</ul>'
    if question.conflict:
        values = "".join(f"<li>{show_text(' or '.join(w))}</li>" for w in question.conflict)
        yield "Values that differ", f'<ul class="plain">{values}</ul>'
    if question.evidence:
        yield "Stands in", "".join(map(_show_evidence, question.evidence))
    if question.tags:
        yield "Tags", show_text(", ".join(question.tags))
    if question.group:
        yield "Group", show_text(question.group)


def _describe_answer(record: Record) -> Iterator[tuple[str, str]]:
    answer = record.answer
    if answer is None:
        yield "Error", show_text(record.error)
        return
    if answer.rewritten:
        yield "Understood as", show_text(answer.rewritten)
    yield "Answered", _show_statements(answer)
    if answer.citations:
        yield "Quotes", "".join(map(_show_citation, answer.citations))
    for conflict in answer.conflicts:
        yield "Sources differ", "; ".join(show_text(value.text) for value in conflict.values)
    yield "Retrieved", escape_text(say_place(record) or count(len(record.found), "passage"))
    facts = [f"probability {answer.probability:.2f}", format_seconds(record.seconds)]
    facts += [f"{count(answer.dropped, 'statement')} dropped"] if answer.dropped else []
    yield "Facts", " · ".join(facts)
    if answer.note:
        yield "Note", show_text(answer.note)


def _show_statements(answer: Answer) -> str:
    if not answer.found:
        return f'<p class="said">{show_text(answer.refusal)}</p>'
    numbers = {citation.quote: citation.number for citation in answer.citations}
    return "".join(
        f'<p class="said">{show_text(statement.text)} '
        f"{''.join(f'[{numbers[quote]}]' for quote in statement.quotes)}</p>"
        for statement in answer.statements
    )


def _show_citation(citation: Citation) -> str:
    source = [citation.title]
    source += [citation.source] if citation.source != citation.title else []
    source += [citation.published.isoformat()] if citation.published else []
    place = " · ".join(show_text(text) for text in source)
    return _show_quote(f"[{citation.number}] ", citation.quote.text, place)


def _show_evidence(evidence: Evidence) -> str:
    return _show_quote("", evidence.quote, show_text(evidence.document))


def _show_quote(mark: str, quote: str, source: str) -> str:
    words = f"<blockquote>{mark}{show_text(quote)}</blockquote>" if quote else ""
    return f'<div class="proof">{words}<p class="source">{source}</p></div>'


def _render_variant(record: Record) -> str:
    state = "bad" if is_failure(record) else "good"
    return (
        f'<li class="{state}"><span class="mark">{"wrong" if state == "bad" else "right"}</span>'
        f'{_show_turns(record.question)} <span class="brief">{show_text(say_answer(record))}'
        f'</span><span class="chips">{_chip(record.question.id)}{_chip(name_pair(record.pair))}'
        "</span></li>"
    )


def _show_turns(question: Question) -> str:
    """The question, behind those that were asked before it."""
    before = "".join(f"{show_text(turn, 'before')} ▸ " for turn in question.previous)
    return f'<span class="asked">{before}{show_text(question.question)}</span>'
