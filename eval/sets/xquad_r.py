"""XQuAD-R (Roy et al., LAReQA, EMNLP 2020): the same questions and paragraphs in many languages.

The documents are the paragraphs of one language. With those of both languages, a question would
find its answer in its own, and nothing would be learnt about a search across languages.
"""

from __future__ import annotations

from pathlib import Path

from eval.fitting.read import RetrievalQuestion, read_xquad_r
from eval.questions import Evidence, Question
from eval.sets.collection import Collection, DocumentPool
from eval.sets.gold import find_kind
from rag.types import Document, Language

Sentences = dict[str, tuple[Document, str]]


def read_collection(folder: Path, *, questions: Language, documents: Language) -> Collection:
    """Read XQuAD-R for one pair of languages.

    Right is the answer as the file of the documents' language words it, and the evidence is the
    sentence in which it starts, by the sentence bounds of that file.

    Args:
        folder: Holds `en.json` and `zh.json`, as published.
        questions: Language that is asked in.
        documents: Language of the paragraphs.

    Raises:
        CorpusError: If a file is missing, or is not XQuAD-R.
    """
    task = read_xquad_r(folder, questions=questions, documents=documents, unit="sentence")
    pool = DocumentPool()
    added = {
        document.id: pool.add(document.id, document.text, where=f"{str(folder)!r}, {document.id}")
        for document in task.documents
    }
    sentences: Sentences = {}
    for candidate in task.candidates:
        document = added[candidate.document_id]
        quote = document.text[candidate.start : candidate.end].strip()
        sentences[candidate.id] = document, quote
    return Collection(
        name=task.name,
        documents=pool.list_documents(),
        questions=tuple(_make(q, sentences, questions, documents) for q in task.questions),
    )


def _make(
    question: RetrievalQuestion, sentences: Sentences, asked: Language, held: Language
) -> Question:
    accept = tuple((answer,) for answer in dict.fromkeys(question.answers) if answer.strip())
    return Question(
        id=question.id,
        question=question.text.strip(),
        language=asked,
        kind=find_kind(accept, held),
        answerable=True,
        accept=accept,
        evidence=tuple(
            Evidence(document.id, quote)
            for document, quote in (sentences[id_] for id_ in sorted(question.relevant))
        ),
        tags=(f"{asked}-{held}",),
    )
