"""Make passages ready for the index: vectors of passages and sentences, terms for search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from embeddings.encoder import Encoder
from embeddings.gloss import Glossary
from rag.language import detect_language
from rag.rows import Entry
from rag.terms import read_terms
from rag.types import FindTerms, Leg, Passage

Spans = Sequence[tuple[int, int]]


def encode_passages(
    passages: Sequence[Passage], sentences: Sequence[Spans], encoder: Encoder
) -> list[Entry]:
    """Return an entry a passage, in order.

    Args:
        passages: Of any documents.
        sentences: For each passage the spans of its sentences, in its document's text.
        encoder: Gives unit rows.
    """
    whole = encoder.encode_passages([with_heading(passage) for passage in passages])
    texts = [
        passage.text[start - passage.start : end - passage.start]
        for passage, spans in zip(passages, sentences, strict=True)
        for start, end in spans
    ]
    parts = encoder.encode_passages(texts)
    ends = np.cumsum([len(spans) for spans in sentences])
    return [
        Entry(
            passage=passage,
            language=detect_language(passage.text),
            vector=vector,
            sentences=tuple(spans),
            sentence_vectors=parts[end - len(spans) : end],
        )
        for passage, spans, vector, end in zip(passages, sentences, whole, ends, strict=True)
    ]


def make_find_terms(glossary: Glossary) -> FindTerms:
    """Return `find_terms` with its glossary, as an index wants it."""
    return lambda passage: find_terms(passage, glossary)


def find_terms(passage: Passage, glossary: Glossary) -> Mapping[Leg, Sequence[str]]:
    """Return the terms under which a passage is found, leg by leg; its heading's count too."""
    text = with_heading(passage)
    lexical, gloss = read_terms(text, glossary)
    return {"lexical": lexical, "gloss": gloss}


def with_heading(passage: Passage) -> str:
    """The passage's text under its heading, unless it begins with that itself."""
    if not passage.heading or passage.text.startswith(passage.heading):
        return passage.text
    return f"{passage.heading}\n{passage.text}"
