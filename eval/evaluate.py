"""Ask a system every question of a set, and measure what comes back.

The system is any function from a question to an `Answer`: ours, a plain baseline, or another
system whose replies were put into that form. One that takes a second argument, the answer before,
is asked follow-ups in their conversation; another one gets the last question alone.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from time import perf_counter

from embeddings.gloss import Glossary
from eval.measures.grade import LEGS, GetDocument, grade_answer, grade_failure, holds_evidence
from eval.questions import Question
from eval.records import Found, Record
from eval.report import Report, make_report
from rag.language import detect_language
from rag.pipeline import load_glossary
from rag.store import Index
from rag.types import Answer, Document, Hit

Ask = Callable[..., Answer]
"""`ask(question)`, or `ask(question, previous)` with the answer of the turn before or None."""


def evaluate(
    ask: Ask,
    questions: Sequence[Question],
    *,
    name: str = "",
    glossary: Glossary | None = None,
    get_document: GetDocument | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Ask every question, and report.

    Args:
        ask: Any function from question to answer. What it raises is counted as an error.
        questions: At least one.
        name: Of the system, for the report.
        glossary: For verification; None takes the bundled one.
        get_document: Of the documents asked: `make_get_document(answerer.index)`. Without it
            whether quotes are exact is not measured.
        progress: Told how many are done, of how many.
    """
    records = []
    for record in ask_all(ask, questions, glossary=glossary, get_document=get_document):
        records.append(record)
        if progress:
            progress(len(records), len(questions))
    return make_report(records, name=name)


def ask_all(
    ask: Ask,
    questions: Sequence[Question],
    *,
    glossary: Glossary | None = None,
    get_document: GetDocument | None = None,
) -> Iterator[Record]:
    """Ask each question when its record is wanted; as for `evaluate`."""
    glossary = glossary or load_glossary(None)
    converses = takes_previous(ask)
    for question in questions:
        yield _ask_one(ask, question, glossary, get_document, converses=converses)


def takes_previous(ask: Ask) -> bool:
    """Whether a system can be given the answer of the turn before."""
    kinds = [parameter.kind for parameter in inspect.signature(ask).parameters.values()]
    placed = [k for k in kinds if k in (k.POSITIONAL_ONLY, k.POSITIONAL_OR_KEYWORD)]
    return len(placed) > 1


def make_get_document(index: Index) -> GetDocument:
    """A function that reads documents of an index, by id; documents may come and go meanwhile."""

    def get_document(id_: str) -> Document | None:
        with index.read() as view:
            return view.get_documents([id_]).get(id_)

    return get_document


def _ask_one(
    ask: Ask,
    question: Question,
    glossary: Glossary,
    get_document: GetDocument | None,
    *,
    converses: bool,
) -> Record:
    pair = f"{question.language}-{_find_language(question, get_document)}"
    began = perf_counter()
    try:
        previous: Answer | None = None
        for turn in question.previous if converses else ():
            previous = ask(turn, previous)
        began = perf_counter()
        answer = ask(question.question, previous) if converses else ask(question.question)
    except Exception as exc:  # noqa: BLE001 - what a system under test raises is its result
        seconds = perf_counter() - began
        measures = grade_failure(question)
        return Record(question, None, (), measures, pair, seconds, f"{type(exc).__name__}: {exc}")
    seconds = perf_counter() - began
    measures = grade_answer(question, answer, glossary, get_document=get_document)
    found = tuple(_describe_hit(hit, question) for hit in answer.hits)
    return Record(question, replace(answer, hits=()), found, measures, pair, seconds)


def _find_language(question: Question, get_document: GetDocument | None) -> str:
    """The language of the documents that tell, "mixed" if of both, or "none"."""
    languages = set()
    for evidence in question.evidence:
        document = get_document(evidence.document) if get_document else None
        if document is not None:
            languages.add(document.language)
        elif evidence.quote:
            languages.add(detect_language(evidence.quote))
    return "mixed" if len(languages) > 1 else next(iter(languages), "none")


def _describe_hit(hit: Hit, question: Question) -> Found:
    scores = ((leg, getattr(hit, leg)) for leg in LEGS)
    passage = hit.passage
    return Found(
        passage=passage.id,
        document=passage.document_id,
        rank=hit.rank,
        ranks={leg: score.rank for leg, score in scores if score},
        tells=any(holds_evidence(g, passage.document_id, passage.text) for g in question.evidence),
    )
