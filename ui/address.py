"""Addresses of whole documents: which one, and the span of it that is meant."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import urlencode

from rag.types import Passage, Quote

DOCUMENT = "/document"
MARK = "quote"  # id of the marked span on the page


def locate(span: Quote | Passage) -> str:
    """Return the address of a document with a span of it marked, not yet escaped.

    It holds a sum of the span's text, so that another text in its place is not taken for it.
    """
    parts = {"id": span.document_id, "start": span.start, "end": span.end, "sum": sum_up(span.text)}
    return f"{DOCUMENT}?{urlencode(parts, errors='replace')}#{MARK}"


def locate_document(id_: str) -> str:
    """Return the address of a document, not yet escaped."""
    return f"{DOCUMENT}?{urlencode({'id': id_}, errors='replace')}"


def sum_up(text: str) -> str:
    """Return eight hexadecimal digits that tell a text from others."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
