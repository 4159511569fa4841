"""Ask XQuAD-R of collections, so that a third of the questions has its answer there.

Every question is asked as it is, with the paragraph that answers it out of sight, and about
something else, a name or number in it replaced by one of another question. Only the first has an
answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

from embeddings.encoder import Encoder, Vectors
from embeddings.gloss import Glossary
from eval.fitting.pool import index_task
from eval.fitting.read import RetrievalQuestion, RetrievalTask
from rag.config import Settings
from rag.options import Option
from rag.reread import RelatesSentences
from rag.retrieve import prepare_query
from rag.search import Findings, search_answers
from rag.store import Index, View
from rag.types import Language, Leg, Quote
from rag.understand import read_question

ARTICLES = 3  # whose paragraphs stay together: in a small collection, and in a half
PARAGRAPHS = 5  # of an article
SIZES = (15, 240)  # paragraphs of a collection: three articles, or all
Variant = Literal["as it is", "without", "swapped"]
VARIANTS: tuple[Variant, ...] = ("as it is", "without", "swapped")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what was found, and which options are right: none, if not `held`.

    Attributes:
        answers: The right wordings, in the language of the documents.
        fitting: Whether it is of the half that serves to fit.
        size: Paragraphs of the collection it was asked of.
        variant: How it was asked.
    """

    pair: str
    answers: tuple[str, ...]
    fitting: bool
    size: int
    variant: Variant
    findings: Findings
    right: tuple[bool, ...]

    @property
    def held(self) -> bool:
        """Whether the collection holds the answer."""
        return self.variant == "as it is"

    @property
    def options(self) -> tuple[Option, ...]:
        """As the findings have them."""
        return self.findings.options


class Asker:
    """Asks the questions of a task, of collections of its paragraphs.

    Args:
        task: With sentences as candidates.
        encoder: As for answering.
        settings: Passages and depth, as for answering.
        glossary: As for answering.
        cross_encoder: As for answering; without it, options are as `rag.judge` has them.
    """

    def __init__(
        self,
        task: RetrievalTask,
        encoder: Encoder,
        glossary: Glossary,
        settings: Settings,
        cross_encoder: RelatesSentences | None = None,
    ) -> None:
        self._task = task
        self._encoder = encoder
        self._glossary = glossary
        self._settings = settings
        self._cross_encoder = cross_encoder
        self._names = _list_names(task, glossary)
        self._pair = f"{task.question_language}-{task.document_language}"

    def ask_all(
        self,
        size: int,
        folder: Path,
        *,
        reporting: bool = False,
        every: int = 1,
        progress: Callable[[int, int], None] | None = None,
    ) -> Iterator[Asked]:
        """Ask every question of its collection in each variant.

        Args:
            size: Paragraphs of a collection.
            folder: For the indexes; what lies there of the same size is replaced.
            reporting: Ask only the questions of the half that does not serve to fit.
            every: Ask one question in so many.
            progress: Told how many questions are done, of how many.
        """
        halves = _split_halves(self._task)
        done = 0
        for number, part in enumerate(split_task(self._task, size)):
            path = folder / f"{self._pair}-{size}-{number}.db"
            index = index_task(part, path, self._encoder, self._glossary)
            for question in part.questions:
                fitting = halves[_find_document(question)]
                skipped = (reporting and fitting) or done % every
                for variant in () if skipped else VARIANTS:
                    asked = self._ask(question, variant, index, done, size, halves)
                    if asked is not None:
                        yield asked
                done += 1
                if progress:
                    progress(done, len(self._task.questions))
            index.close()

    def _ask(
        self,
        question: RetrievalQuestion,
        variant: Variant,
        index: Index,
        turn: int,
        size: int,
        halves: Mapping[str, bool],
    ) -> Asked | None:
        text = question.text
        if variant == "swapped":
            text = swap_name(text, self._names, turn, self._glossary)
            if text == question.text:
                return None
        document = _find_document(question)
        reading = hide_document(index, document) if variant == "without" else index.read()
        findings = search_answers(
            read_question(text, self._glossary),
            prepare_query(text, self._encoder, self._glossary),
            reading,
            self._glossary,
            passages=self._settings.passages,
            depth=self._settings.depth,
            cross_encoder=self._cross_encoder,
        )
        right = mark_right(findings.options, question) if variant == "as it is" else ()
        return Asked(
            self._pair, question.answers, halves[document], size, variant, findings,
            right or (False,) * len(findings.options),
        )  # fmt: skip


@contextmanager
def hide_document(index: Index, document: str) -> Iterator[View]:
    """Give a view of the index that does not find the passages of a document.

    Scores are standardised over what is found, so that nothing tells that it was ever there; only
    how rare a word is may still count it.
    """
    with index.read() as view:
        yield cast("View", _HidingView(view, document))


class _HidingView:
    """A view whose searches leave out the rows of one document."""

    def __init__(self, view: View, document: str) -> None:
        self._view = view
        self._document = document
        self._hidden = sum(count for id_, _, _, count in view.list_documents() if id_ == document)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._view, name)

    def search_vectors(self, query: Vectors, language: Language, k: int) -> dict[int, float]:
        return self._leave_out(self._view.search_vectors(query, language, k + self._hidden), k)

    def search_terms(
        self, leg: Leg, language: Language, terms: Sequence[str], k: int
    ) -> dict[int, float]:
        return self._leave_out(self._view.search_terms(leg, language, terms, k + self._hidden), k)

    def _leave_out(self, scores: dict[int, float], k: int) -> dict[int, float]:
        hidden = {
            stored.row
            for stored in self._view.get_passages(list(scores))
            if stored.passage.document_id == self._document
        }
        return dict([(row, score) for row, score in scores.items() if row not in hidden][:k])


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


def split_task(task: RetrievalTask, size: int) -> list[RetrievalTask]:
    """Cut a task into collections of `size` neighbouring paragraphs, the last maybe smaller."""
    parts = []
    for first in range(0, len(task.documents), size):
        documents = task.documents[first : first + size]
        ids = {document.id for document in documents}
        candidates = tuple(c for c in task.candidates if c.document_id in ids)
        known = {candidate.id for candidate in candidates}
        questions = tuple(q for q in task.questions if q.relevant <= known)
        parts.append(replace(task, documents=documents, candidates=candidates, questions=questions))
    return parts


def _split_halves(task: RetrievalTask) -> dict[str, bool]:
    """Document -> whether it is of the half that serves to fit; an article is of one half."""
    run = ARTICLES * PARAGRAPHS
    return {document.id: n // run % 2 == 0 for n, document in enumerate(task.documents)}


def _list_names(task: RetrievalTask, glossary: Glossary) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {"name": [], "identifier": []}
    for question in task.questions:
        for concept in read_question(question.text, glossary).concepts:
            if concept.kind != "word":
                names[concept.kind].append(concept.text)
    return names


def _find_document(question: RetrievalQuestion) -> str:
    """The document that answers; a question of XQuAD has one."""
    return min(question.relevant).split(":")[0]


def mark_right(options: Sequence[Option], question: RetrievalQuestion) -> tuple[bool, ...]:
    """Tell which options are right: the sentence of the answer, and values that overlap it.

    A sentence without a value is right only where none of its values is.
    """
    valued = [_is_right_value(option, question) for option in options]
    told = {o.reading.evidence.quote for o, right in zip(options, valued, strict=True) if right}
    return tuple(
        right
        or (
            option.candidate is None
            and option.reading.evidence.quote not in told
            and _is_right_sentence(option.reading.evidence.quote, question)
        )
        for option, right in zip(options, valued, strict=True)
    )


def _is_right_sentence(quote: Quote, question: RetrievalQuestion) -> bool:
    return f"{quote.document_id}:{quote.start}-{quote.end}" in question.relevant


def _is_right_value(option: Option, question: RetrievalQuestion) -> bool:
    quote, candidate = option.reading.evidence.quote, option.candidate
    if candidate is None or not _is_right_sentence(quote, question):
        return False
    starts = [(quote.text.find(answer), answer) for answer in question.answers]
    return any(
        start >= 0 and candidate.start < start + len(answer) and start < candidate.end
        for start, answer in starts
    )
