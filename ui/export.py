"""A conversation as Markdown, with its sources: to keep, to send on, to print.

What comes from outside is escaped, so that a reader of the file sees the very characters, and
nothing in them becomes a link, an image or a heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.types import Answer, Citation
from ui.cards import format_published
from ui.history import KeptTurn
from ui.words import Words, list_remarks

_MARKS = re.compile(r"([\\`*_\[\]<>|~$&])")
_LEADS = re.compile(r"^([-+=#]|\d+(?=[.)]))")  # what makes a list, a heading, a rule at a start
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def export_conversation(turns: Sequence[KeptTurn], words: Words) -> str:
    """Write the turns one below the other: question, answer, then each quote with its place.

    A place is the id of the document and the span of the quote in it, in characters from 0.
    """
    parts = [f"# Crossquote\n\n{words.exported}"]
    for turn in turns:
        when = f"\n\n{turn.asked:%Y-%m-%d %H:%M} UTC" if turn.asked else ""
        said = _write_answer(turn.answer, words) if turn.answer else f"*{escape_mark(turn.notice)}*"
        parts.append(f"## {escape_mark(turn.question)}{when}\n\n{said}")
    return "\n\n".join(parts) + "\n"


def escape_mark(text: str) -> str:
    """Escape `text` for one line of Markdown; white space becomes single spaces."""
    plain = _MARKS.sub(r"\\\1", _CONTROLS.sub("\ufffd", " ".join(text.split())))
    lead = _LEADS.match(plain)
    if lead is None:
        return plain
    place = lead.end() if lead[0].isdecimal() else 0
    return f"{plain[:place]}\\{plain[place:]}"


def _write_answer(answer: Answer, words: Words) -> str:
    parts = []
    if answer.rewritten:
        parts.append(f"*{words.understood}{escape_mark(answer.rewritten)}*")
    if not answer.found:
        parts.append(f"*{words.refused}*")
    parts.append("\n\n".join(escape_mark(line) for line in answer.text.split("\n")))
    parts += [escape_mark(remark) for remark in list_remarks(answer, words)]
    if answer.citations:
        parts.append(f"**{words.sources}**")
        parts += [_write_citation(citation, words) for citation in answer.citations]
    return "\n\n".join(parts)


def _write_citation(citation: Citation, words: Words) -> str:
    quote = citation.quote
    also = f" · {words.also}{escape_mark(', '.join(citation.copies))}" if citation.copies else ""
    return (
        f"\\[{citation.number}\\] {escape_mark(citation.title)} · {escape_mark(citation.source)} · "
        f"{format_published(citation, words)}{also}\n\n"
        f"> {escape_mark(quote.text)}\n>\n"
        f"> {escape_mark(quote.document_id)} {quote.start}\u2013{quote.end}"
    )
