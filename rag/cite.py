"""Number the quotes of an answer, and give each what a reader needs to find and judge it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.types import Citation, Document, Evidence, Hit, Quote, Statement


def number_citations(
    statements: Sequence[Statement],
    evidence: Sequence[Evidence],
    documents: Mapping[str, Document],
) -> tuple[Citation, ...]:
    """Return every quote of the statements once, numbered from 1 in reading order.

    Args:
        statements: In reading order.
        evidence: Holds each quote with the passage it came from.
        documents: By id, each that a quote is from.

    Raises:
        ValueError: If a quote is not a slice of its document, or is not in the evidence.
    """
    hits = {item.quote: item.hit for item in evidence}
    quotes = dict.fromkeys(quote for statement in statements for quote in statement.quotes)
    return tuple(
        _cite(number, quote, hits, documents) for number, quote in enumerate(quotes, start=1)
    )


def _cite(
    number: int,
    quote: Quote,
    hits: Mapping[Quote, Hit],
    documents: Mapping[str, Document],
) -> Citation:
    document = documents.get(quote.document_id)
    whole = document is not None and document.text[quote.start : quote.end] == quote.text
    if document is None or not whole or quote not in hits:
        raise ValueError(f"{quote!r} is not a quote from the evidence")
    return Citation(
        number=number,
        quote=quote,
        title=document.title,
        source=document.source,
        language=document.language,
        published=document.published,
        passage=hits[quote].passage,
        copies=tuple(dict.fromkeys((*document.copies, *hits[quote].copies))),
    )
