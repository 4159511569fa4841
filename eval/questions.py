"""A question set with its right answers, and whether an answer is one of them.

A set is JSON Lines, one question a line: see `Question`. Several wordings of a value may be
right; the documents named are those that hold it.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rag.errors import CorpusError
from rag.types import LANGUAGES, Answer, Language


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and what is right to say to it.

    Attributes:
        accept: Wordings of the right answer: all parts of one of them must occur in the first
            statement. Empty where nothing is right but to refuse.
        documents: Ids of the documents that tell; one of them must be cited.
        quote: The words that tell it, in one of the documents; may be empty.
        tags: What makes it hard, to group by.
    """

    id: str
    question: str
    language: Language
    kind: str
    answerable: bool
    accept: tuple[tuple[str, ...], ...]
    documents: tuple[str, ...]
    quote: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grade:
    """How an answer did.

    Attributes:
        value_right: The first statement holds the value; False for a refusal.
        document_right: The first statement cites one of the documents; False for a refusal.
        refused: The answer is a refusal, which is right or not as the question says.
    """

    value_right: bool
    document_right: bool
    refused: bool


def read_questions(path: Path) -> list[Question]:
    """Return the questions of a set, in its order; blank lines are passed over.

    Raises:
        CorpusError: If the file cannot be read, or a line is not in form; it names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise CorpusError(f"cannot read the questions at {str(path)!r}: {exc}") from exc
    questions = [
        _read_line(line, f"{str(path)!r}, line {number}")
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    if not questions:
        raise CorpusError(f"{str(path)!r} holds no questions")
    if len({question.id for question in questions}) < len(questions):
        raise CorpusError(f"{str(path)!r} gives two questions the same id")
    return questions


def grade_answer(question: Question, answer: Answer) -> Grade:
    """Compare an answer with what is right; case, spaces and thousands commas do not count."""
    if not answer.found:
        return Grade(value_right=False, document_right=False, refused=True)
    first = answer.statements[0]
    said = _normalize(first.text)
    value_right = any(all(_normalize(part) in said for part in way) for way in question.accept)
    cited = {quote.document_id for quote in first.quotes}
    document_right = not cited.isdisjoint(question.documents)
    return Grade(value_right, document_right, refused=False)


def is_right(question: Question, grade: Grade) -> bool:
    """Whether the value is right, or, where the documents do not tell, the answer a refusal."""
    return grade.value_right if question.answerable else grade.refused


def _read_line(line: str, place: str) -> Question:
    try:
        record: dict[str, Any] = json.loads(line)
        question = Question(
            id=_text(record["id"]),
            question=_text(record["question"]),
            language=cast("Language", _text(record["language"])),
            kind=_text(record["kind"]),
            answerable=record["answerable"],
            accept=tuple(_texts(way) for way in record["accept"]),
            documents=_texts(record["documents"]),
            quote=_text(record["quote"]),
            tags=_texts(record["tags"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise CorpusError(f"{place}: expected a question as in `eval.questions`, {exc!r}") from exc
    if question.language not in LANGUAGES or not all(question.accept):
        raise CorpusError(f"{place}: the language must be zh or en, and no accepted way empty")
    if question.answerable is not bool(question.accept):
        raise CorpusError(f"{place}: what is answerable has accepted answers, and nothing else has")
    return question


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _texts(values: Sequence[object]) -> tuple[str, ...]:
    if isinstance(values, str):
        raise TypeError(f"{values!r} is no list")
    return tuple(_text(value) for value in values)


def _normalize(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if not c.isspace() and c != ",")
