"""Read public question sets into retrieval tasks: XQuAD-R, and anything in SQuAD format.

Both nest `data > paragraphs > qas`. Every paragraph becomes one `Document`; what is to be found
is a sentence or a whole paragraph of it. Nothing is skipped in silence: a file that lacks
something is an error that says where, and questions without an answer are counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from rag.errors import CorpusError
from rag.language import detect_language
from rag.types import Document, Language

Unit = Literal["sentence", "paragraph"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of a document that can be found; `start` and `end` as in `Passage`."""

    id: str
    document_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RetrievalQuestion:
    """A question and the ids of the candidates that answer it, at least one.

    `answers` are the texts of its answers, as they stand in the documents; empty if unknown.
    """

    id: str
    text: str
    relevant: frozenset[str]
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RetrievalTask:
    """Questions, what can be found, and the documents it stands in; all in the file's order.

    Attributes:
        name: What it is called in reports.
        unanswerable: How many questions of the file have no answer and are left out.
    """

    name: str
    documents: tuple[Document, ...]
    candidates: tuple[Candidate, ...]
    questions: tuple[RetrievalQuestion, ...]
    unit: Unit
    question_language: Language
    document_language: Language
    unanswerable: int = 0

    def __post_init__(self) -> None:
        lengths = {document.id: len(document.text) for document in self.documents}
        known = {candidate.id for candidate in self.candidates}
        if len(lengths) != len(self.documents) or len(known) != len(self.candidates):
            raise ValueError(f"{self.name}: two documents or two candidates share an id")
        for candidate in self.candidates:
            if not 0 <= candidate.start < candidate.end <= lengths.get(candidate.document_id, 0):
                raise ValueError(f"{self.name}: candidate {candidate.id!r} is not in its document")
        for question in self.questions:
            if not question.relevant or not question.relevant <= known:
                raise ValueError(f"{self.name}: no candidate answers question {question.id!r}")


def read_xquad_r(
    folder: Path, *, questions: Language, documents: Language, unit: Unit
) -> RetrievalTask:
    """Read XQuAD-R (Roy et al., LAReQA, EMNLP 2020) for one pair of languages.

    The questions come from the file of one language, documents and gold from the other's, joined
    by question id. As in LAReQA the right sentence is the one in which the answer starts, by the
    sentence bounds in the file. Document ids do not depend on the language (`xquad-0`, ...). They
    serve as titles too: the files hold English article titles in every language, which would give
    a search across languages words that published results did not see.

    Args:
        folder: Holds `en.json` and `zh.json`, as published.
        questions: Language that is asked in.
        documents: Language that is searched.
        unit: What is to be found.

    Raises:
        CorpusError: If a file is missing, or is not XQuAD-R.
    """
    path = folder / f"{documents}.json"
    held = _read_paragraphs(path)
    asked = held if questions == documents else _read_paragraphs(folder / f"{questions}.json")
    gold: dict[str, frozenset[str]] = {}
    answers = {q.id: q.answers for paragraph in held for q in paragraph.questions}
    candidates: list[Candidate] = []
    for n, paragraph in enumerate(held):
        own = _list_candidates(paragraph, f"xquad-{n}", unit)
        candidates.extend(own)
        gold.update({q.id: frozenset({_find_gold(q, own, path)}) for q in paragraph.questions})
    return RetrievalTask(
        name=f"XQuAD-R {questions} -> {documents}",
        documents=tuple(
            _make_document(p, f"xquad-{n}", f"xquad-{n}", documents) for n, p in enumerate(held)
        ),
        candidates=tuple(candidates),
        questions=tuple(
            RetrievalQuestion(q.id, q.text, _look_up(gold, q.id, path), answers[q.id])
            for paragraph in asked
            for q in paragraph.questions
        ),
        unit=unit,
        question_language=questions,
        document_language=documents,
    )


def read_squad(path: Path, *, language: Language | None = None) -> RetrievalTask:
    """Read a file in SQuAD format (SQuAD, CMRC 2018, DRCD): find the paragraph of each question.

    Equal paragraphs are one document, which answers the questions of all of them, under the title
    of the first. Questions without an answer (SQuAD 2.0) are left out and counted.

    Args:
        path: The JSON file, as published.
        language: Of questions and paragraphs; None reads it from the first paragraphs.

    Raises:
        CorpusError: If the file is missing, is not in SQuAD format, or no question has an answer.
    """
    paragraphs = _read_paragraphs(path)
    first: dict[str, _Paragraph] = {}
    for paragraph in paragraphs:
        first.setdefault(paragraph.text, paragraph)
    ids = {text: f"{path.stem}-{n}" for n, text in enumerate(first)}
    language = language or detect_language("\n".join(list(first)[:100]))
    questions = [
        (q, frozenset({ids[paragraph.text]}))
        for paragraph in paragraphs
        for q in paragraph.questions
    ]
    answered = tuple(
        RetrievalQuestion(q.id, q.text, gold, q.answers) for q, gold in questions if q.starts
    )
    if not answered:
        raise CorpusError(f"{str(path)!r} holds no question with an answer; nothing to measure")
    return RetrievalTask(
        name=f"{path.parent.name}/{path.name}",
        documents=tuple(
            _make_document(p, ids[text], p.title, language) for text, p in first.items()
        ),
        candidates=tuple(Candidate(id_, id_, 0, len(text)) for text, id_ in ids.items()),
        questions=answered,
        unit="paragraph",
        question_language=language,
        document_language=language,
        unanswerable=len(questions) - len(answered),
    )


@dataclass(frozen=True, slots=True)
class _Question:
    """`starts`: where its answers start; empty if it has none. CMRC has -1 where it is unknown."""

    id: str
    text: str
    starts: tuple[int, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """`bounds`: half-open sentence spans; empty if the file has none. `where`: for messages."""

    title: str
    text: str
    bounds: tuple[tuple[int, int], ...]
    questions: tuple[_Question, ...]
    where: str


def _list_candidates(paragraph: _Paragraph, document_id: str, unit: Unit) -> list[Candidate]:
    if unit == "paragraph":
        return [Candidate(document_id, document_id, 0, len(paragraph.text))]
    if not paragraph.bounds:
        raise CorpusError(
            f"{paragraph.where} has no 'sentence_breaks', which XQuAD-R adds to XQuAD"
        )
    return [
        Candidate(f"{document_id}:{start}-{end}", document_id, start, end)
        for start, end in paragraph.bounds
    ]


def _find_gold(question: _Question, candidates: list[Candidate], path: Path) -> str:
    for candidate in candidates:
        if question.starts and candidate.start <= question.starts[0] < candidate.end:
            return candidate.id
    raise CorpusError(f"{str(path)!r}: the answer of question {question.id!r} is in no sentence")


def _look_up(gold: dict[str, frozenset[str]], question_id: str, path: Path) -> frozenset[str]:
    if question_id not in gold:
        raise CorpusError(f"{str(path)!r} lacks question {question_id!r}; are both files XQuAD-R?")
    return gold[question_id]


def _make_document(paragraph: _Paragraph, id_: str, title: str, language: Language) -> Document:
    return Document(id_, title or id_, paragraph.text, source=id_, language=language)


def _read_paragraphs(path: Path) -> list[_Paragraph]:
    paragraphs = list(_walk_paragraphs(_load_json(path), repr(str(path))))
    if not paragraphs:
        raise CorpusError(f"{str(path)!r} holds no paragraph; expected data > paragraphs > qas")
    ids = [question.id for paragraph in paragraphs for question in paragraph.questions]
    if len(set(ids)) != len(ids):
        twice = next(id_ for id_ in ids if ids.count(id_) > 1)
        raise CorpusError(f"{str(path)!r} has two questions with the id {twice!r}")
    return paragraphs


def _load_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as exc:
        raise CorpusError(f"{str(path)!r} cannot be read: {exc.strerror}") from exc
    except (ValueError, RecursionError) as exc:
        raise CorpusError(f"{str(path)!r} is not JSON in UTF-8: {exc}") from exc


def _walk_paragraphs(file: object, where: str) -> Iterator[_Paragraph]:
    for i, article in enumerate(_require(file, "data", list, where), start=1):
        place = f"{where}, article {i}"
        for j, record in enumerate(_require(article, "paragraphs", list, place), start=1):
            yield _read_paragraph(record, article.get("title"), f"{place}, paragraph {j}")


def _read_paragraph(record: object, title: object, where: str) -> _Paragraph:
    text = _require(record, "context", str, where)
    if not text.strip():
        raise CorpusError(f"{where}: the 'context' is empty")
    questions = [
        _read_question(question, f"{where}, question {n}")
        for n, question in enumerate(_require(record, "qas", list, where), start=1)
    ]
    return _Paragraph(
        title=title.replace("_", " ").strip() if isinstance(title, str) else "",
        text=text,
        bounds=_read_bounds(cast("dict[str, Any]", record), text, where),
        questions=tuple(questions),
        where=where,
    )


def _read_question(record: object, where: str) -> _Question:
    id_, question = _require(record, "id", str, where), _require(record, "question", str, where)
    answers = _require(record, "answers", list, where)
    starts = tuple(_require(answer, "answer_start", int, where) for answer in answers)
    texts = tuple(answer["text"] for answer in answers if isinstance(answer.get("text"), str))
    return _Question(id_, question, starts, texts)


def _read_bounds(record: dict[str, Any], text: str, where: str) -> tuple[tuple[int, int], ...]:
    """Sentence spans, checked against the sentences where the file gives both."""
    if "sentence_breaks" not in record:
        return ()
    breaks = _require(record, "sentence_breaks", list, where)
    try:
        bounds = tuple((int(start), int(end)) for start, end in breaks)
    except (TypeError, ValueError) as exc:
        raise CorpusError(f"{where}: 'sentence_breaks' are not pairs of numbers") from exc
    sentences = record.get("sentences", [text[start:end] for start, end in bounds])
    if [text[start:end] for start, end in bounds] != sentences:
        raise CorpusError(f"{where}: 'sentence_breaks' do not cut out the 'sentences'")
    return bounds


def _require(record: object, key: str, kind: type[T], where: str) -> T:
    value = record.get(key) if isinstance(record, dict) else None
    if not isinstance(value, kind):
        raise CorpusError(
            f"{where} has no {key!r} of the right kind; expected SQuAD format, "
            "data > paragraphs > qas > answers"
        )
    return value
