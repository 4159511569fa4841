"""Files in the format of SQuAD: SQuAD 1.1 and 2.0, CMRC 2018, DRCD.

They nest `data > paragraphs > qas > answers`. The documents are the paragraphs, all in one corpus,
while the authors ask about one given paragraph. A question that SQuAD 2.0 marks as impossible for
its own paragraph is taken to be so for all: its paragraph was the likeliest to tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.questions import Evidence, Question
from eval.sets.collection import Collection, DocumentPool
from eval.sets.fields import load_json, read_id, require, require_text
from eval.sets.gold import find_kind, find_language, find_words, quote_sentences
from rag.errors import CorpusError
from rag.language import detect_language
from rag.types import Document, Language

_FORMAT = "SQuAD format, data > paragraphs > qas > answers"


def read_collection(path: Path, *, language: Language | None = None) -> Collection:
    """Read a file in SQuAD format.

    Each answer is a way to be right; the evidence is the sentence of the first one, or all that it
    touches. Equal paragraphs are one document, under the title of the first.

    Args:
        path: The JSON file, as published.
        language: Of the questions; None reads it from the first ones.

    Raises:
        CorpusError: If the file is missing or not in SQuAD format, or holds no question.
    """
    pool = DocumentPool()
    asked = list(_walk(path, pool))
    if not asked:
        raise CorpusError(f"{str(path)!r} holds no question; expected {_FORMAT}")
    language = language or find_language(question.text for question in asked)
    seen: set[str] = set()
    for question in asked:
        if question.id in seen:
            raise CorpusError(f"{question.where}: the id {question.id!r} is that of an earlier one")
        seen.add(question.id)
    merged = f"paragraphs that repeat an earlier one, joined with it: {pool.copies}"
    return Collection(
        name=f"{path.parent.name}/{path.name}",
        documents=pool.list_documents(),
        questions=tuple(_make(question, language) for question in asked),
        notes=(merged,) if pool.copies else (),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question of the file; `answers` are texts and where they start, -1 where that is unknown.

    Empty answers: it is marked as impossible.
    """

    id: str
    text: str
    answers: tuple[tuple[str, int], ...]
    document: Document
    where: str


def _walk(path: Path, pool: DocumentPool) -> Iterator[_Asked]:
    where = repr(str(path))
    for i, article in enumerate(require(load_json(path), "data", list, where, _FORMAT), start=1):
        place = f"{where}, article {i}"
        paragraphs = require(article, "paragraphs", list, place, _FORMAT)
        title = article.get("title")
        title = title.replace("_", " ") if isinstance(title, str) else ""
        for j, paragraph in enumerate(paragraphs, start=1):
            spot = f"{place}, paragraph {j}"
            text = require(paragraph, "context", str, spot, _FORMAT)
            record_id = f"{path.stem}-{i}-{j}"
            document = pool.add(record_id, text, where=spot, title=title)
            qas = require(paragraph, "qas", list, spot, _FORMAT)
            for k, record in enumerate(qas, start=1):
                yield _read(record, document, f"{spot}, question {k}")


def _read(record: Any, document: Document, where: str) -> _Asked:
    id_ = read_id(record, "id", where, _FORMAT)
    text = require_text(record, "question", where, _FORMAT)
    answers = [
        (require(a, "text", str, where, _FORMAT), require(a, "answer_start", int, where, _FORMAT))
        for a in require(record, "answers", list, where, _FORMAT)
    ]
    answers = [(words, start) for words, start in answers if words.strip()]
    impossible = record.get("is_impossible", False)
    if not answers and impossible is not True:
        raise CorpusError(
            f"{where} has no answer, and 'is_impossible' is not true; right answers are needed to "
            "grade by, which the files of hidden test sets lack"
        )
    return _Asked(id_, text, () if impossible is True else tuple(answers), document, where)


def _make(asked: _Asked, language: Language) -> Question:
    accept = tuple((words,) for words in dict.fromkeys(words.strip() for words, _ in asked.answers))
    return Question(
        id=asked.id,
        question=asked.text,
        language=language,
        kind=find_kind(accept, detect_language(asked.document.text)),
        answerable=bool(accept),
        accept=accept,
        evidence=(Evidence(asked.document.id, _quote(asked)),) if accept else (),
    )


def _quote(asked: _Asked) -> str:
    """The sentence of the first answer that stands where the file says, or else anywhere."""
    text = asked.document.text
    for words, start in asked.answers:
        if start >= 0 and text.startswith(words, start):
            return quote_sentences(text, start, start + len(words))
    spans = (find_words(text, words) for words, _ in asked.answers)
    span = next((span for span in spans if span is not None), None)
    return quote_sentences(text, *span) if span is not None else ""
