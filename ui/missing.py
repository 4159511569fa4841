"""What is told where there is no such address: a person gets a page, a program JSON as before."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from ui.pages import Link, render_page
from ui.words import read_words

Answer = Callable[[Request, Exception], Coroutine[Any, Any, Response]]


def make_missing(links: Sequence[Link]) -> Answer:
    """Return what answers a request for nothing that there is; `links` are to all pages."""

    async def tell_missing(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - it is put up for 404 alone
        if request.method not in ("GET", "HEAD") or "text/html" not in request.headers.get(
            "accept", ""
        ):
            return await http_exception_handler(request, error)
        words = read_words(request.headers)
        body = (
            f"<h1>{words.missing}</h1><p>{words.missing_why}</p>"
            f'<p><a href="/">{words.missing_way}</a></p>'
        )
        return HTMLResponse(
            render_page(words.missing, body, words, links=links, current=""), error.status_code
        )

    return tell_missing
