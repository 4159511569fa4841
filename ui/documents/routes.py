"""The addresses of the page of documents: the list, and where it is allowed adding and removing.

What writes needs a header that no page of another site can send without being asked for it, on
top of what `ui.guard` refuses.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from rag.errors import RagError
from ui.documents.intake import Intake, Limits, Reason, RefusedError, clean_name
from ui.documents.job import Job
from ui.documents.page import (
    ADDRESS,
    PER_PAGE,
    Shown,
    describe_state,
    render_documents,
    word_refusal,
)
from ui.documents.words import find_words
from ui.escape import escape_text
from ui.pages import Link, render_page
from ui.protocols import Library
from ui.tell import tell_error
from ui.words import read_words

HEADER = "x-crossquote"
FILES = f"{ADDRESS}/files"
WRITES: Mapping[str, int] = {f"{ADDRESS}/index": 1024, FILES: 1024}  # starting, removing
STREAMS = (f"{FILES}/",)
MAX_TEXT_CHARS = 200  # of what is looked for in the list
_STATUS: Mapping[Reason, int] = {
    "name": 400, "long": 400, "type": 415, "empty": 400, "large": 413, "full": 507, "disk": 507,
    "slow": 408, "busy": 503,
}  # fmt: skip

logger = logging.getLogger(__name__)


def offer_documents(
    server: FastAPI,
    library: Library,
    *,
    may_add: bool,
    links: Sequence[Link],
    limits: Limits | None = None,
) -> None:
    """Serve the list of documents, and if `may_add` what adds and removes them.

    The guard must let `WRITES` and `STREAMS` through to it.

    Args:
        server: Gets the addresses.
        library: The documents.
        may_add: Whether whoever reaches the server may add and remove documents.
        links: To all pages.
        limits: Of what may be added; by default a file may be as large as the library reads.
    """
    limits = limits or Limits(file_bytes=library.max_file_bytes)
    job = Job(library)

    @server.get(ADDRESS)
    def show_list(request: Request, q: str = "", page: int = 1) -> Response:
        words = read_words(request.headers)
        try:
            shown = _find(library, q.strip()[:MAX_TEXT_CHARS], page)
        except RagError as exc:
            said = escape_text(tell_error(exc, words))
            text = f'<h1>{words.documents}</h1><p dir="auto">{said}</p>'
            frame = render_page(words.documents, text, words, links=links, current=ADDRESS)
            return HTMLResponse(frame, 503)
        return HTMLResponse(
            render_documents(
                shown, words, links=links, kinds=library.suffixes, limits=limits,
                may_add=may_add, running=job.look().running,
            )
        )  # fmt: skip

    if may_add:
        intake = Intake(library.added, library.incoming, library.suffixes, limits)
        _offer_intake(server, library, intake)
        _offer_job(server, library, job)
        _go_on(server, library, intake, job)


def _offer_intake(server: FastAPI, library: Library, intake: Intake) -> None:
    @server.put(FILES + "/{name:path}", dependencies=[Depends(_check_header)])
    async def take_file(name: str, request: Request) -> Response:
        declared = request.headers.get("content-length", "")
        size = int(declared) if declared.isdecimal() else None
        try:
            replaced = await intake.take(name, request.stream(), size=size)
        except RefusedError as exc:
            own = find_words(read_words(request.headers))
            said = word_refusal(exc.reason, own, library.suffixes, intake.limits)
            # what is still to come is not read: the connection ends here
            return PlainTextResponse(said, _STATUS[exc.reason], {"connection": "close"})
        except ClientDisconnect:
            return PlainTextResponse("the client is gone", 499)
        told = {"name": clean_name(name, library.suffixes), "replaced": replaced}
        return JSONResponse(told, 200 if replaced else 201)


def _offer_job(server: FastAPI, library: Library, job: Job) -> None:
    ours = [Depends(_check_header)]

    @server.post(f"{ADDRESS}/index", dependencies=ours)
    def start_job() -> Response:
        return JSONResponse({"number": job.start()}, 202)

    @server.get(f"{ADDRESS}/job")
    def tell_job(request: Request) -> Response:
        told = describe_state(job.look(), read_words(request.headers))
        return JSONResponse(told, headers={"cache-control": "no-store"})

    @server.delete(FILES, dependencies=ours)
    def remove(id: str, request: Request) -> Response:  # noqa: A002 - the name in the address
        words = read_words(request.headers)
        if job.look().running:
            return PlainTextResponse(find_words(words).busy, 409)
        try:
            return JSONResponse({"removed": library.remove(id)})
        except RagError as exc:
            return PlainTextResponse(tell_error(exc, words), 409)


def _go_on(server: FastAPI, library: Library, intake: Intake, job: Job) -> None:
    """When the server starts, go on with what another left; when it ends, end the job."""
    inner = server.router.lifespan_context

    def resume() -> None:
        try:
            intake.sweep()
            if not library.is_in_line():
                job.start()
        except (RagError, OSError) as exc:
            logger.warning("added documents are not taken in now: %s", exc)

    @asynccontextmanager
    async def run(app: FastAPI) -> AsyncIterator[Any]:
        async with inner(app) as state:
            await run_in_threadpool(resume)
            try:
                yield state
            finally:
                await run_in_threadpool(job.stop)

    server.router.lifespan_context = run


def _find(library: Library, text: str, page: int) -> Shown:
    count = library.count(text)
    number = min(max(1, page), max(1, -(-count // PER_PAGE)))
    found = library.list_documents(text, skip=(number - 1) * PER_PAGE, most=PER_PAGE)
    return Shown(found, text, count, number)


def _check_header(request: Request) -> None:
    if HEADER not in request.headers:
        raise HTTPException(403, f"the header {HEADER} is missing")
