"""Answers as HTML: the only place where text of documents and readers becomes markup.

Everything that comes from outside goes through `escape_text`, and nothing is ever parsed as
Markdown. Each piece of outside text stands in an element of its own with `dir="auto"`, so that
a bidirectional control in it ends with it. Every turn carries its own sources, and every id
starts with the turn (`t2-c1` is the card of source 1 of turn 2, `t2-r1` the first marker that
leads to it): no marker can lead to another turn's source.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from rag.types import Answer, Citation, Conflict, Hit, Language, LegScore, Quote
from ui.words import Words

_LONG = {"en": 90, "zh": 40}  # a first statement beyond this many characters is set smaller
_MAX_QUESTION_CHARS = 2000  # shown, not asked: `ask` refuses long questions in its own words

# `$`, `{` and the backtick are what template engines look for; CR would be read as LF; NUL and
# lone surrogates are no characters of HTML or of UTF-8
_INERT = {ord(c): f"&#{ord(c)};" for c in "${}`\r"}
_INERT |= dict.fromkeys((0, *range(0xD800, 0xE000)), "\ufffd")


def escape_text(text: str) -> str:
    """Escape `text` for element content and quoted attributes; a browser shows it unchanged.

    Only NUL and lone surrogates, which no page can hold, become U+FFFD.
    """
    return escape(text, quote=True).translate(_INERT)


def render_answer(answer: Answer, *, turn: int, words: Words) -> str:
    """Render a finished turn: what was asked, what the documents say, and the proof beside it.

    `answer` may be a refusal; `turn` counts from 1 and is unique on the page.
    """
    said = _render_said(answer, turn, words) if answer.found else _render_refusal(answer, words)
    copy = _render_copy(answer, words) if answer.found else ""
    proof = _render_proof(answer, turn, words)
    body = (
        f'<div class="cq-said">{said}<div class="cq-foot">{_render_facts(answer, words)}{copy}'
        f'</div></div><div class="cq-proof">{proof}</div>'
    )
    return _render_turn(answer.question, body, turn, "found" if answer.found else "refused")


def render_pending(question: str, *, turn: int, words: Words, passages: int | None = None) -> str:
    """Render a turn in work: searching, or reading `passages` passages."""
    state = words.searching if passages is None else words.count(words.found, passages)
    return _render_turn(question, f'<p class="cq-state" data-live>{state}</p>', turn, "pending")


def render_notice(question: str, message: str, *, turn: int, label: str = "") -> str:
    """Render a turn that ended without an answer: `message`, under `label` if there is one."""
    head = f'<p class="cq-label">{escape_text(label)}</p>' if label else ""
    body = (
        f'<div class="cq-said"><div class="cq-notice" data-live>{head}'
        f'<p class="cq-statement" dir="auto">{escape_text(message)}</p></div></div>'
    )
    return _render_turn(question, body, turn, "notice")


def format_plain(answer: Answer, words: Words) -> str:
    """Write the answer as plain text for the clipboard: `answer.text`, then a line a source."""
    lines = [
        f"[{c.number}] “{c.quote.text}” {c.title}, {c.source}, {_format_published(c, words)}"
        for c in answer.citations
    ]
    return "\n".join([answer.text, "", *lines]) if lines else answer.text


def split_passage(citation: Citation) -> tuple[str, str, str]:
    """Split the passage into what stands before the quote, the quote, and what follows.

    A passage that does not hold the quote where it should is left out: the quote stands alone.
    """
    quote, passage = citation.quote, citation.passage
    start, end = quote.start - passage.start, quote.end - passage.start
    if (
        passage.document_id != quote.document_id
        or start < 0
        or passage.text[start:end] != quote.text
    ):
        return "", quote.text, ""
    return passage.text[:start], quote.text, passage.text[end:]


def find_link(source: str) -> str | None:
    """Return `source` if it is a plain http(s) address that may be made a link, else None."""
    try:
        parts = urlsplit(source)
        host, user = parts.hostname, parts.username
    except ValueError:
        return None
    plain = source.isprintable() and not any(c.isspace() or c in "\\<>\"'`" for c in source)
    return source if plain and host and user is None and parts.scheme in ("http", "https") else None


def _render_turn(question: str, body: str, turn: int, kind: str) -> str:
    cut = question[:_MAX_QUESTION_CHARS] + "…" * (len(question) > _MAX_QUESTION_CHARS)
    return (
        f'<article class="cq-turn cq-is-{kind}" id="t{turn}" aria-labelledby="t{turn}-q">'
        f'<h2 class="cq-question" id="t{turn}-q" dir="auto">{escape_text(cut)}</h2>'
        f'<div class="cq-body">{body}</div></article>'
    )


def _render_said(answer: Answer, turn: int, words: Words) -> str:
    numbers = {citation.quote: citation.number for citation in answer.citations}
    seen: set[int] = set()
    statements = []
    for place, statement in enumerate(answer.statements):
        size = "cq-lead" if place == 0 else ""
        size += " cq-long" if len(statement.text) > _LONG[answer.language] else ""
        markers = _render_markers(statement.quotes, numbers, turn, words, seen)
        statements.append(
            f'<p class="cq-statement {size}"><span dir="auto">{escape_text(statement.text)}</span>'
            f" {markers}</p>"
        )
    conflicts = "".join(_render_conflict(c, answer, turn, words) for c in answer.conflicts)
    lang = _tag_language(answer.language)
    return f'<div class="cq-text" lang="{lang}" data-live>{"".join(statements)}</div>{conflicts}'


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
        f'<p class="cq-statement" lang="{_tag_language(answer.language)}" dir="auto">'
        f"{escape_text(answer.refusal)}</p></div>"
    )


def _render_conflict(conflict: Conflict, answer: Answer, turn: int, words: Words) -> str:
    numbers = {citation.quote: citation.number for citation in answer.citations}
    cited = {citation.quote: citation for citation in answer.citations}
    rows = []
    for value in conflict.values:
        dates = [_format_published(cited[q], words) for q in value.quotes if q in cited]
        markers = _render_markers(value.quotes, numbers, turn, words)
        rows.append(
            f'<tr><td dir="auto">{escape_text(value.text)}</td><td>{markers}</td>'
            f"<td>{', '.join(dict.fromkeys(dates))}</td></tr>"
        )
    return (
        f'<table class="cq-conflict"><caption>{words.conflict}</caption><thead><tr>'
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
        f'<button type="button" class="cq-copy" data-done="{words.copied}">{words.copy}</button>'
        f'<pre class="cq-plain" hidden>{escape_text(format_plain(answer, words))}</pre>'
    )


def _render_proof(answer: Answer, turn: int, words: Words) -> str:
    cards = "".join(_render_card(citation, turn, words) for citation in answer.citations)
    sources = (
        f'<section aria-labelledby="t{turn}-s t{turn}-q"><h3 class="cq-label" id="t{turn}-s">'
        f'{words.sources}</h3><ol class="cq-cards">{cards}</ol></section>'
    )
    cited = {citation.passage.id for citation in answer.citations}
    rest = [hit for hit in answer.hits if hit.passage.id not in cited]
    return (sources if cards else "") + (_render_rest(rest, answer, words) if rest else "")


def _render_card(citation: Citation, turn: int, words: Words) -> str:
    n, lang = citation.number, _tag_language(citation.language)
    before, quote, after = (escape_text(part) for part in split_passage(citation))
    published = _format_published(citation, words)
    if citation.published:
        published = f'<time datetime="{citation.published.isoformat()}">{published}</time>'
    return (
        f'<li class="cq-card" id="t{turn}-c{n}" tabindex="-1"><div class="cq-card-head">'
        f'<a class="cq-number" href="#t{turn}-r{n}" aria-label="{words.back.format(n=n)}">{n}</a>'
        f'<h4 class="cq-title" lang="{lang}" dir="auto">{escape_text(citation.title)}</h4></div>'
        f'<p class="cq-meta"><span class="cq-source">{_render_source(citation.source)}</span>'
        f"<span>{published}</span><span>{words.name_language(citation.language)}</span></p>"
        f'<blockquote class="cq-passage" lang="{lang}" dir="auto">{before}'
        f'<mark dir="auto">{quote}</mark>{after}</blockquote></li>'
    )


def _render_source(source: str) -> str:
    text = f"<bdi>{escape_text(source)}</bdi>"
    link = find_link(source)
    if link is None:
        return text
    return (
        f'<a href="{escape_text(link)}" target="_blank" rel="noopener noreferrer nofollow">'
        f"{text}</a>"
    )


def _render_rest(hits: Sequence[Hit], answer: Answer, words: Words) -> str:
    titles = {c.quote.document_id: c.title for c in answer.citations}
    name = words.count(words.unused if answer.found else words.closest, len(hits))
    note = "" if answer.found else f'<p class="cq-facts">{words.closest_note}</p>'
    rows = "".join(_render_hit(hit, titles, words) for hit in hits)
    return (
        f'<details class="cq-rest"><summary>{name}</summary>{note}'
        f'<ul class="cq-hits">{rows}</ul></details>'
    )


def _render_hit(hit: Hit, titles: dict[str, str], words: Words) -> str:
    passage, lang = hit.passage, _tag_language(hit.language)
    title = titles.get(passage.document_id) or passage.heading or passage.document_id
    legs = "".join(
        f"<span>{name} {_format_rank(score, words)}</span>"
        for name, score in (
            (words.dense, hit.dense),
            (words.lexical, hit.lexical),
            (words.gloss, hit.gloss),
        )
    )
    return (
        f'<li class="cq-hit"><h4 class="cq-title" lang="{lang}" dir="auto">{escape_text(title)}'
        f'</h4><p class="cq-meta"><span><bdi>{escape_text(passage.id)}</bdi></span>{legs}</p>'
        f'<blockquote class="cq-passage" lang="{lang}" dir="auto">{escape_text(passage.text)}'
        "</blockquote></li>"
    )


def _format_rank(score: LegScore | None, words: Words) -> str:
    return words.missed if score is None else f"#{score.rank}"


def _format_published(citation: Citation, words: Words) -> str:
    return words.format_date(citation.published) if citation.published else words.undated


def _tag_language(language: Language) -> str:
    return "zh-Hans" if language == "zh" else "en"
