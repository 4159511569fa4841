"""A whole document, with the span that was quoted marked and in view.

The text is shown as it was loaded, white space and all. Offsets are code points, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from rag.errors import RagError
from rag.types import Document, Quote
from ui.address import DOCUMENT, MARK, locate, locate_document, sum_up
from ui.cards import render_source
from ui.escape import escape_text, tag_language
from ui.pages import Link, read_sheet, render_page
from ui.protocols import GetDocument
from ui.tell import tell_error
from ui.whole_words import WHOLE_WORDS
from ui.words import Words, read_words

PART_CHARS = 20_000  # of a document, around the quote, beside an answer
BLOCK_CHARS = 4_000  # laid out as one, up to the end of a line; what is out of view is skipped
MOST_DIGITS = 9  # of an offset; no document is so long


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asks to see: of which document which span, and what the span should hold.

    Attributes:
        id: Of the document.
        span: Start and end, -1 for what is no number; None if there is to be no mark.
        sum: Of the span's text, by `ui.address`; empty if the address gives none.
    """

    id: str
    span: tuple[int, int] | None = None
    sum: str = ""


def offer_whole(server: FastAPI, get_document: GetDocument, links: Sequence[Link]) -> None:
    """Serve whole documents at `DOCUMENT`, and with `part=1` a piece for the page of answers."""

    @server.get(DOCUMENT)
    def show_document(request: Request) -> HTMLResponse:
        words = read_words(request.headers)
        wanted, part = read_wanted(request.query_params), "part" in request.query_params
        said = WHOLE_WORDS[words.tag]
        try:
            document = get_document(wanted.id)
        except RagError as exc:
            return _fail(
                words.failed_label, tell_error(exc, words), words, links, part=part, status=503
            )
        if document is None:
            title, message = said.unknown_title, said.unknown
            return _fail(title, message, words, links, part=part, status=404)
        if part:
            return HTMLResponse(render_part(document, wanted, words))
        return HTMLResponse(render_whole(document, wanted, words, links=links))


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """Read the parameters of an address; what is missing or odd asks for less."""
    start, end = (_read_offset(query.get(name, "")) for name in ("start", "end"))
    asked = "start" in query or "end" in query
    return Wanted(query.get("id", ""), (start, end) if asked else None, query.get("sum", ""))


def find_span(document: Document, wanted: Wanted) -> tuple[int, int] | None:
    """Return the wanted span if the document still holds there what it should."""
    if wanted.span is None:
        return None
    start, end = wanted.span
    fits = 0 <= start < end <= len(document.text)
    if not fits or (wanted.sum and wanted.sum != sum_up(document.text[start:end])):
        return None
    return start, end


def render_whole(document: Document, wanted: Wanted, words: Words, *, links: Sequence[Link]) -> str:
    """Render the page of a document."""
    span = find_span(document, wanted)
    way = f'<a href="#{MARK}">{WHOLE_WORDS[words.tag].to_quote}</a>' if span else ""
    body = (
        f'<article class="cq-document"><h1 lang="{tag_language(document.language)}" dir="auto">'
        f"{escape_text(document.title)}</h1>{_render_meta(document, words, way)}"
        f"{_render_moved(wanted, span, words)}"
        f"{_render_text(document, span, 0, len(document.text), name=MARK)}</article>"
    )
    return _render_page(document.title, body, words, links)


def render_part(document: Document, wanted: Wanted, words: Words) -> str:
    """Render the text alone, at most some `PART_CHARS` around the span, without any id.

    Where it is cut stands a link to the whole.
    """
    span = find_span(document, wanted)
    start, end = span or (0, PART_CHARS)
    spare = max(PART_CHARS - (end - start), 0) // 2
    first, last = max(start - spare, 0), min(end + spare, len(document.text))
    address = locate_document(document.id)
    if span:
        address = locate(Quote(document.id, start, end, document.text[start:end]))
    way = (
        f'<p class="cq-cut">… <a href="{escape_text(address)}" target="_blank" rel="noopener">'
        f"{WHOLE_WORDS[words.tag].to_whole}</a></p>"
    )
    return (
        f"{_render_moved(wanted, span, words)}{way * (first > 0)}"
        f"{_render_text(document, span, first, last)}{way * (last < len(document.text))}"
    )


def cut_blocks(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of text[first:last] that are laid out one by one, in order, without gaps.

    Each goes on to the end of its line, unless that is more than `BLOCK_CHARS` away: then it is
    cut behind a space, or anywhere.
    """
    place = first
    while place < last:
        least, most = min(place + BLOCK_CHARS, last), min(place + 2 * BLOCK_CHARS, last)
        stop = most
        if most < last:
            newline, space = text.find("\n", least, most), text.rfind(" ", least, most)
            stop = (newline if newline >= 0 else space) + 1 or most
        yield place, stop
        place = stop


def _render_text(
    document: Document, span: tuple[int, int] | None, first: int, last: int, *, name: str = ""
) -> str:
    """Render text[first:last] with `span` marked; `name` is the id of the mark's beginning."""
    start, end = span or (0, 0)
    id_ = f' id="{name}"' if name else ""
    blocks = []
    for place, stop in cut_blocks(document.text, first, last):
        inner = escape_text(document.text[place:stop])
        if place < end and start < stop:
            opening, closing = max(start, place), min(end, stop)
            inner = (
                f"{escape_text(document.text[place:opening])}"
                f'<mark{id_ * (opening == start)} dir="auto">'
                f"{escape_text(document.text[opening:closing])}</mark>"
                f"{escape_text(document.text[closing:stop])}"
            )
        blocks.append(f'<div dir="auto">{inner}</div>')
    return f'<div class="cq-full" lang="{tag_language(document.language)}">{"".join(blocks)}</div>'


def _render_meta(document: Document, words: Words, way: str) -> str:
    day = document.published
    published = (
        f'<time datetime="{day.isoformat()}">{words.format_date(day)}</time>'
        if day
        else words.undated
    )
    facts = [render_source(document.source), published, words.name_language(document.language)]
    if document.copies:
        facts.append(words.also + ", ".join(map(render_source, document.copies)))
    if way:
        facts.append(way)
    return f'<p class="cq-meta">{"".join(f"<span>{fact}</span>" for fact in facts)}</p>'


def _render_moved(wanted: Wanted, span: tuple[int, int] | None, words: Words) -> str:
    if wanted.span is None or span is not None:
        return ""
    return f'<p class="cq-moved" role="status">{WHOLE_WORDS[words.tag].moved}</p>'


def _fail(
    title: str, message: str, words: Words, links: Sequence[Link], *, part: bool, status: int
) -> HTMLResponse:
    body = f'<p dir="auto">{escape_text(message)}</p>'
    if not part:
        body = _render_page(title, f"<h1>{title}</h1>{body}", words, links)
    return HTMLResponse(body, status)


def _render_page(title: str, body: str, words: Words, links: Sequence[Link]) -> str:
    return render_page(title, body, words, links=links, current=DOCUMENT, style=read_sheet("whole"))


def _read_offset(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else -1
