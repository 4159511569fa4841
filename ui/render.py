"""Answers as HTML: what was asked, what the documents say, and beside it the proof (`ui.cards`).

Everything that comes from outside goes through `escape_text`, and nothing is ever parsed as
Markdown. Each piece of outside text stands in an element of its own with `dir="auto"`, so that
a bidirectional control in it ends with it. Every turn carries its own sources, and every id
starts with the turn (`t2-c1` is the card of source 1 of turn 2, `t2-r1` the first marker that
leads to it): no marker can lead to another turn's source.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.types import Answer, Conflict, Quote, Statement
from ui.address import sum_up
from ui.cards import format_published, render_proof
from ui.escape import escape_text, tag_language
from ui.words import Words, list_remarks

_LONG = {"en": 90, "zh": 40}  # a first statement beyond this many characters is set smaller
_MAX_QUESTION_CHARS = 2000  # kept and shown; `ask` refuses what is too long in its own words


def render_answer(
    answer: Answer, *, turn: int, words: Words, judged: bool = False, verdict: str = ""
) -> str:
    """Render a finished turn: what was asked, what the documents say, and the proof beside it.

    Args:
        answer: May be a refusal.
        turn: Counts from 1 and is unique on the page.
        words: Of the reader.
        judged: Whether the reader may say what they think of it.
        verdict: What they have said: "like", "dislike", or empty for nothing.
    """
    said = _render_said(answer, turn, words) if answer.found else _render_refusal(answer, words)
    copy = _render_copy(answer, words) if answer.found else ""
    judge = _render_judge(answer, words, verdict) if judged else ""
    acts = f'<div class="cq-acts">{copy}{_render_again(words)}{judge}</div>'
    proof = render_proof(answer, turn, words)
    body = (
        f'<div class="cq-said">{_render_understood(answer, words)}{said}'
        f"{_render_remarks(answer, words)}"
        f'<div class="cq-foot">{_render_facts(answer, words)}{acts}</div></div>'
        f'<div class="cq-proof">{proof}</div>'
    )
    return _render_turn(answer.question, body, turn, "found" if answer.found else "refused")


def render_pending(question: str, *, turn: int, words: Words, passages: int | None = None) -> str:
    """Render a turn in work: searching, or reading `passages` passages."""
    state = words.searching if passages is None else words.count(words.found, passages)
    return _render_turn(question, f'<p class="cq-state" data-live>{state}</p>', turn, "pending")


def render_notice(question: str, message: str, *, turn: int, words: Words, label: str = "") -> str:
    """Render a turn that ended without an answer: `message`, under `label` if there is one."""
    head = f'<p class="cq-label">{escape_text(label)}</p>' if label else ""
    body = (
        f'<div class="cq-said"><div class="cq-notice" data-live>{head}'
        f'<p class="cq-statement" dir="auto">{escape_text(message)}</p></div>'
        f'<div class="cq-foot"><div class="cq-acts">{_render_again(words)}</div></div></div>'
    )
    return _render_turn(question, body, turn, "notice")


def cut_question(question: str) -> str:
    """The question, of a very long one the beginning and a mark; cut again it stays as it is."""
    whole = len(question) <= _MAX_QUESTION_CHARS or question[_MAX_QUESTION_CHARS:] == "…"
    return question if whole else f"{question[:_MAX_QUESTION_CHARS]}…"


def format_plain(answer: Answer, words: Words) -> str:
    """Write the answer as plain text for the clipboard.

    That is `answer.text` below what a follow-up was understood as, then a line a source, then
    what else a reader should know of it.
    """
    asked = [f"{words.understood}{answer.rewritten}", ""] if answer.rewritten else []
    sources = [
        f"[{c.number}] “{c.quote.text}” {c.title}, {c.source}, {format_published(c, words)}"
        + (f" ({words.also}{', '.join(c.copies)})" if c.copies else "")
        for c in answer.citations
    ]
    parts = [[*asked, answer.text], sources, list_remarks(answer, words)]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _render_turn(question: str, body: str, turn: int, kind: str) -> str:
    asked = escape_text(cut_question(question))
    return (
        f'<article class="cq-turn cq-is-{kind}" id="t{turn}" aria-labelledby="t{turn}-q">'
        f'<h2 class="cq-question" id="t{turn}-q" dir="auto">{asked}</h2>'
        f'<div class="cq-body">{body}</div></article>'
    )


def _render_understood(answer: Answer, words: Words) -> str:
    """Say what a follow-up was searched for; nothing where the question stands alone."""
    if not answer.rewritten:
        return ""
    return (
        f'<p class="cq-understood" data-live>{words.understood}'
        f'<span lang="{tag_language(answer.language)}" dir="auto">'
        f"{escape_text(answer.rewritten)}</span></p>"
    )


def _render_remarks(answer: Answer, words: Words) -> str:
    return "".join(
        f'<p class="cq-remark" dir="auto" data-live>{escape_text(remark)}</p>'
        for remark in list_remarks(answer, words)
    )


def _render_said(answer: Answer, turn: int, words: Words) -> str:
    numbers = {citation.quote: citation.number for citation in answer.citations}
    seen: set[int] = set()
    statements = []
    for place, statement in enumerate(answer.statements):
        size = "cq-lead" if place == 0 else ""
        size += " cq-long" if len(statement.text) > _LONG[answer.language] else ""
        size += " cq-differs" if any(_tells(statement, c) for c in answer.conflicts) else ""
        markers = _render_markers(statement.quotes, numbers, turn, words, seen)
        statements.append(
            f'<p class="cq-statement {size}"><span dir="auto">{escape_text(statement.text)}</span>'
            f" {markers}</p>"
        )
    conflicts = "".join(_render_conflict(c, answer, turn, words) for c in answer.conflicts)
    lang = tag_language(answer.language)
    return f'<div class="cq-text" lang="{lang}" data-live>{"".join(statements)}</div>{conflicts}'


def _tells(statement: Statement, conflict: Conflict) -> bool:
    """Whether a statement lays all values of a conflict side by side, as its table does."""
    return {quote for value in conflict.values for quote in value.quotes} <= {*statement.quotes}


def _render_markers(
    quotes: Sequence[Quote],
    numbers: dict[Quote, int],
    turn: int,
    words: Words,
    seen: set[int] | None = None,
) -> str:
    """Render `[n]` for each quote that has a number; the first of each number gets the id.

    Without `seen` no marker gets an id, which is for markers outside the prose.
    """
    markers = []
    for n in (numbers[quote] for quote in quotes if quote in numbers):
        name = f' id="t{turn}-r{n}"' if seen is not None and n not in seen else ""
        if seen is not None:
            seen.add(n)
        label = words.source.format(n=n)
        markers.append(
            f'<a class="cq-marker" href="#t{turn}-c{n}"{name} aria-label="{label}">[{n}]</a>'
        )
    return "".join(markers)


def _render_refusal(answer: Answer, words: Words) -> str:
    return (
        f'<div class="cq-notice" data-live><p class="cq-label">{words.refused}</p>'
        f'<p class="cq-statement" lang="{tag_language(answer.language)}" dir="auto">'
        f"{escape_text(answer.refusal)}</p></div>"
    )


def _render_conflict(conflict: Conflict, answer: Answer, turn: int, words: Words) -> str:
    numbers = {citation.quote: citation.number for citation in answer.citations}
    cited = {citation.quote: citation for citation in answer.citations}
    # a statement that says it heads the table; else the table says it itself
    told = any(_tells(statement, conflict) for statement in answer.statements)
    label = f' aria-label="{words.conflict}"' if told else ""
    caption = "" if told else f"<caption>{words.conflict}</caption>"
    rows = []
    for value in conflict.values:
        dates = [format_published(cited[q], words) for q in value.quotes if q in cited]
        markers = _render_markers(value.quotes, numbers, turn, words)
        rows.append(
            f'<tr><td dir="auto">{escape_text(value.text)}</td><td>{markers}</td>'
            f"<td>{', '.join(dict.fromkeys(dates))}</td></tr>"
        )
    return (
        f'<table class="cq-conflict"{label}>{caption}<thead><tr>'
        f'<th scope="col">{words.value}</th><th scope="col">{words.sources}</th>'
        f'<th scope="col">{words.dated}</th></tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )


def _render_facts(answer: Answer, words: Words) -> str:
    read = len(answer.hits)
    facts = [words.count(words.read, read) if read else words.nothing_read]
    if answer.citations:
        facts.append(words.count(words.quoted, len(answer.citations)))
    facts.append(words.seconds.format(n=f"{answer.seconds:.2f}"))
    return f'<p class="cq-facts">{" · ".join(facts)}</p>'


def _render_copy(answer: Answer, words: Words) -> str:
    return (
        f'<button type="button" class="cq-act cq-copy" data-done="{words.copied}">{words.copy}'
        "</button>"
        f'<pre class="cq-plain" hidden>{escape_text(format_plain(answer, words))}</pre>'
    )


def _render_again(words: Words) -> str:
    """Render what asks the last question again, as it was or changed; the script does it."""
    return (
        f'<button type="button" class="cq-act cq-retry">{words.retry}</button>'
        f'<button type="button" class="cq-act cq-edit">{words.edit}</button>'
    )


def _render_judge(answer: Answer, words: Words, given: str) -> str:
    return "".join(
        f'<button type="button" class="cq-act cq-judge" data-verdict="{verdict}" '
        f'data-of="{sum_up(answer.text)}" aria-pressed="{"true" if verdict == given else "false"}" '
        f'aria-label="{label}" title="{label}"></button>'
        for verdict, label in (("like", words.like), ("dislike", words.dislike))
    )
