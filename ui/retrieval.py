"""The page of the search legs, for the curious: what each finds, and what is kept of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from anyio.to_thread import run_sync
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from rag.errors import QuestionError, RagError
from rag.legs import Search, Term
from rag.types import Leg
from ui.escape import escape_text, tag_language
from ui.found import render_kept, render_leg
from ui.pages import Link, read_script, read_sheet, render_page
from ui.protocols import SearchPassages
from ui.retrieval_words import RETRIEVAL_WORDS
from ui.tell import tell_error
from ui.words import Words, read_words

ADDRESS = "/search"
SEARCH = Link(ADDRESS, "search")
PATIENCE_SECONDS = 3  # for a search to begin; one takes some tens of milliseconds
MOST_TERMS = 24  # shown at once; a Chinese word has the stems of all its glosses
_MAX_QUERY_CHARS = 2000  # shown again, not searched: `search` refuses long ones in its own words


def offer_search(
    server: FastAPI, search: SearchPassages, links: Sequence[Link], *, concurrency: int
) -> None:
    """Serve the page at `ADDRESS`; at most `concurrency` searches run at the same time.

    Those that wait hold no thread: the answers of the chat need the same few.
    """
    places = asyncio.Semaphore(concurrency)

    @server.get(ADDRESS)
    async def show_search(request: Request) -> HTMLResponse:
        words = read_words(request.headers)
        query = request.query_params.get("q")
        if query is None:
            return HTMLResponse(render_search("", None, words, links=links))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await places.acquire()
        except TimeoutError:
            busy = RETRIEVAL_WORDS[words.tag].busy
            return HTMLResponse(render_search(query, busy, words, links=links), 503)
        try:
            page, status = await run_sync(_search, search, query, words, links)
        finally:
            places.release()
        return HTMLResponse(page, status)


def _search(
    search: SearchPassages, query: str, words: Words, links: Sequence[Link]
) -> tuple[str, int]:
    """The page of a search, and its status."""
    found: Search | str
    try:
        found, status = search(query), 200
    except RagError as exc:
        found, status = tell_error(exc, words), 400 if isinstance(exc, QuestionError) else 503
    return render_search(query, found, words, links=links), status


def render_search(
    query: str, found: Search | str | None, words: Words, *, links: Sequence[Link]
) -> str:
    """Render the page: the form, and below it what was found.

    Args:
        query: As it was given.
        found: A sentence that says why nothing was; None before anything was searched.
        words: Of the reader.
        links: To all pages.
    """
    said = RETRIEVAL_WORDS[words.tag]
    below = ""
    if isinstance(found, str):
        below = f'<p class="cq-told" role="alert" dir="auto">{escape_text(found)}</p>'
    elif found is not None:
        below = _render_found(found, words)
    body = (
        f'<h1>{words.search}</h1><p class="cq-soft cq-intro">{said.intro}</p>'
        f"{_render_form(query, words)}{below}"
    )
    title = f"{query[:80]} · {words.search}" if query else words.search
    return render_page(
        title, body, words, links=links, current=ADDRESS,
        script=read_script("retrieval"), style=read_sheet("retrieval"),
    )  # fmt: skip


def _render_form(query: str, words: Words) -> str:
    said = RETRIEVAL_WORDS[words.tag]
    focus = "" if query else " autofocus"
    return (
        f'<form class="cq-form" role="search" action="{ADDRESS}"><label for="q">{said.label}'
        f'</label><div><input type="search" id="q" name="q" required dir="auto" '
        f'value="{escape_text(query[:_MAX_QUERY_CHARS])}"{focus}>'
        f"<button>{said.button}</button></div></form>"
    )


def _render_found(search: Search, words: Words) -> str:
    said = RETRIEVAL_WORDS[words.tag]
    names = ("dense", "lexical", "gloss", "kept")
    ways = "".join(
        f'<a href="#{name}">{title}</a>'
        for name, title in zip(names, (*said.legs, said.fused), strict=True)
    )
    columns = "".join(render_leg(search, leg, words) for leg in range(3))
    return (
        f'{_render_read(search, words)}<nav class="cq-jump" aria-label="{said.jump}">{ways}</nav>'
        f'<div class="cq-legs">{columns}{render_kept(search, words)}</div>'
    )


def _render_read(search: Search, words: Words) -> str:
    """Say how the query was understood, which terms the legs had, and how long it took."""
    said = RETRIEVAL_WORDS[words.tag]
    facts = []
    if search.query != search.asked.strip():
        facts.append(
            f'<p class="cq-as">{said.searched_as}: <strong lang="{tag_language(search.language)}" '
            f'dir="auto">{escape_text(search.query)}</strong></p>'
        )
    seconds = {step: f"{1000 * took:.0f}" for step, took in search.seconds.items()}
    facts.append(f"<p>{said.asked_in[search.language]} · {said.seconds.format(**seconds)}</p>")
    terms: tuple[tuple[Leg, str], ...] = (
        ("lexical", said.lexical_terms),
        ("gloss", said.gloss_terms),
    )
    facts += [
        f"<dt>{title}</dt><dd>{_render_terms(search.terms.get(leg, ()), words)}</dd>"
        for leg, title in terms
    ]
    told, listed = "".join(facts[:-2]), "".join(facts[-2:])
    return (
        f'<div class="cq-read">{told}<dl>{listed}</dl><p><small>{said.terms_note}</small></p></div>'
    )


def _render_terms(terms: Sequence[Term], words: Words) -> str:
    said = RETRIEVAL_WORDS[words.tag]
    held = sorted(terms, key=lambda term: not term.holders)  # those that no passage holds last
    chips = [
        f'<span class="cq-term{"" if term.holders else " cq-absent"}">'
        f'<bdi dir="auto">{escape_text(term.text)}</bdi> <small>{term.holders}</small></span>'
        for term in held
    ]
    if not chips:
        return said.no_terms
    shown = "".join(chips[:MOST_TERMS])
    if len(chips) <= MOST_TERMS:
        return shown
    more = said.more_terms.format(n=len(chips) - MOST_TERMS)
    return f"{shown}<details><summary>{more}</summary>{''.join(chips[MOST_TERMS:])}</details>"
