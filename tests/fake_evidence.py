"""Evidence over invented documents: a document is one passage, and each line of it a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from embeddings.gloss import Glossary
from rag.language import detect_language
from rag.types import Document, Evidence, Hit, LegScore, Passage, Quote
from rag.understand import Question, read_question
from rag.weigh import Reading, read_evidence


def make_document(name: str, text: str, published: date | None = None) -> Document:
    return Document(name, f"About {name}", text, f"{name}.txt", detect_language(text), published)


def make_evidence(document: Document, heading: str = "") -> list[Evidence]:
    """A piece of evidence a line, earlier ones scored higher; cosines as of a good match."""
    passage = Passage(
        f"{document.id}#0", document.id, document.text, 0, len(document.text), heading
    )
    hit = Hit(passage, 1, 2.0, document.language, dense=LegScore(1, 0.6))
    evidence: list[Evidence] = []
    start = 0
    for line in document.text.splitlines(keepends=True):
        text = line.rstrip("\n")
        if text:
            quote = Quote(document.id, start, start + len(text), text)
            score = 3.0 - 0.1 * len(evidence)
            evidence.append(Evidence(quote, hit, len(evidence) + 1, score, similarity=0.6))
        start += len(line)
    return evidence


def read_documents(
    question: str, documents: Sequence[Document], glossary: Glossary
) -> tuple[Question, list[Reading], Mapping[str, Document]]:
    """The question and its evidence, read; every concept weighs 1, ranks go on."""
    asked = read_question(question, glossary)
    evidence = [item for document in documents for item in make_evidence(document)]
    ranked = [replace(item, rank=rank) for rank, item in enumerate(evidence, start=1)]
    readings = read_evidence(ranked, dict.fromkeys(asked.concepts, 1.0), glossary)
    return asked, readings, {document.id: document for document in documents}
