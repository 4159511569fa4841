"""Ask XQuAD-R of small collections, so that a third of the questions has its answer there.

Every question is asked of a share of the paragraphs: as it is, with the paragraph that answers it
taken away, and about something else, a name or number in it replaced by one of another question.
Only the first has an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from embeddings.encoder import Encoder
from embeddings.gloss import Glossary
from eval.pool import index_task
from eval.read import RetrievalQuestion, RetrievalTask
from rag.compose import Option, list_options
from rag.pipeline import READ_SENTENCES
from rag.retrieve import prepare_query, rank_sentences, retrieve_passages
from rag.store import Index
from rag.types import Quote
from rag.understand import read_question
from rag.weigh import read_evidence, weigh_concepts

COLLECTIONS = 16  # of 15 paragraphs each, three articles: neighbours on the same subject
Variant = Literal["as it is", "without", "swapped"]
VARIANTS: tuple[Variant, ...] = ("as it is", "without", "swapped")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its options, and which of them are right: none, if not `held`.

    `variant` tells how it was asked.
    """

    pair: str
    fitting: bool
    variant: Variant
    options: tuple[Option, ...]
    right: tuple[bool, ...]

    @property
    def held(self) -> bool:
        """Whether the collection holds the answer."""
        return self.variant == "as it is"


def ask_task(
    task: RetrievalTask,
    folder: Path,
    encoder: Encoder,
    glossary: Glossary,
    *,
    passages: int,
    depth: int,
    progress: Callable[[int, int], None] | None = None,
) -> list[Asked]:
    """Ask every question of the task of its collection, with its paragraph and without.

    Args:
        task: With sentences as candidates.
        folder: For the indexes of the collections.
        encoder: As for answering.
        glossary: As for answering.
        passages: Retrieved for a question.
        depth: Candidates a search leg.
        progress: Told how many questions are done, of how many.
    """
    asked: list[Asked] = []
    pair = f"{task.question_language}-{task.document_language}"
    names = _list_names(task, glossary)
    done = 0
    for number, part in enumerate(_split_task(task)):
        index = index_task(part, folder / f"{task.name}-{number}.db", encoder, glossary)
        for question in part.questions:
            for variant in VARIANTS:
                text = question.text
                if variant == "swapped":
                    text = swap_name(text, names, len(asked), glossary)
                    if text == question.text:
                        continue
                removed = _find_documents(question) if variant == "without" else frozenset()
                options = _list_options(text, removed, index, encoder, glossary, passages, depth)
                right = tuple(
                    variant == "as it is" and _is_right(option, question) for option in options
                )
                asked.append(Asked(pair, number % 2 == 0, variant, tuple(options), right))
            done += 1
            if progress:
                progress(done, len(task.questions))
        index.close()
    return asked


def swap_name(text: str, names: Mapping[str, Sequence[str]], turn: int, glossary: Glossary) -> str:
    """Return the question about something else: its first name replaced by one of the same kind.

    A question without a name comes back as it is.

    Args:
        text: The question.
        names: Kind -> names to take from.
        turn: Which one of them is taken.
        glossary: Reads the question.
    """
    for concept in read_question(text, glossary).concepts:
        if concept.kind != "word" and concept.text in text:
            others = [
                name for name in names[concept.kind] if name.casefold() not in text.casefold()
            ]
            if others:
                return text.replace(concept.text, others[turn * 37 % len(others)])
    return text


def _split_task(task: RetrievalTask) -> list[RetrievalTask]:
    """Cut a task into `COLLECTIONS`, by runs of neighbouring paragraphs: whole articles."""
    parts = []
    size = -(-len(task.documents) // COLLECTIONS)
    for first in range(0, len(task.documents), size):
        documents = task.documents[first : first + size]
        ids = {document.id for document in documents}
        candidates = tuple(c for c in task.candidates if c.document_id in ids)
        known = {candidate.id for candidate in candidates}
        questions = tuple(q for q in task.questions if q.relevant <= known)
        parts.append(replace(task, documents=documents, candidates=candidates, questions=questions))
    return parts


def _list_options(
    text: str,
    removed: frozenset[str],
    index: Index,
    encoder: Encoder,
    glossary: Glossary,
    passages: int,
    depth: int,
) -> list[Option]:
    read = read_question(text, glossary)
    query = prepare_query(text, encoder, glossary)
    with index.read() as view:
        found = retrieve_passages(query, view, k=passages, depth=depth)
        found = [f for f in found if f.hit.passage.document_id not in removed]
        evidence = rank_sentences(query, found, view, glossary, k=READ_SENTENCES)
        weights = weigh_concepts(read.concepts, view)
        documents = view.get_documents(sorted({e.quote.document_id for e in evidence}))
    return list_options(read, read_evidence(evidence, weights, glossary), documents, glossary)


def _list_names(task: RetrievalTask, glossary: Glossary) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {"name": [], "identifier": []}
    for question in task.questions:
        for concept in read_question(question.text, glossary).concepts:
            if concept.kind != "word":
                names[concept.kind].append(concept.text)
    return names


def _find_documents(question: RetrievalQuestion) -> frozenset[str]:
    return frozenset(id_.split(":")[0] for id_ in question.relevant)


def _is_right(option: Option, question: RetrievalQuestion) -> bool:
    quote: Quote = option.reading.evidence.quote
    if f"{quote.document_id}:{quote.start}-{quote.end}" not in question.relevant:
        return False
    candidate = option.candidate
    if candidate is None:
        return True
    for answer in question.answers:
        start = quote.text.find(answer)
        if start >= 0 and candidate.start < start + len(answer) and start < candidate.end:
            return True
    return False
