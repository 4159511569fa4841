"""A question set: what is asked, what is right to say, and where the documents say it.

A set is a file of JSON Lines, one object a line with the keys of `Question`, those of `Evidence`
below `evidence`; keys with a default may be left out:

    {"id": "opening-1", "question": "when did the bridge open?", "language": "en", "kind": "date",
     "answerable": true, "accept": [["2021-05-02"]],
     "evidence": [{"document": "bridge.md", "quote": "大桥于2021年5月2日通车"}]}

Blank lines are passed over. A question of a group is a variant of the others: they ask for the
same, so they must get the same value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, cast

from rag.errors import CorpusError
from rag.types import LANGUAGES, Language


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an answer stands.

    Attributes:
        document: Its id.
        quote: Words of it, verbatim; empty where a set names documents alone.
        grade: How relevant it is, above 0; most sets know only 1.
    """

    document: str
    quote: str = ""
    grade: float = 1.0

    def __post_init__(self) -> None:
        if not self.document or not self.grade > 0:
            raise ValueError(f"evidence names a document and has a grade above 0, got {self}")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and what is right to say to it.

    Attributes:
        id: Unique within its set.
        language: Of the question.
        kind: What is asked for: date, time, number, money, share, duration, person, organization,
            place, definition, reason, list, yesno, other; a set may have further ones.
        answerable: Whether the documents tell.
        accept: Ways to be right; of a way, all parts must be in the first statement. A part that
            is nothing but a value ("2024-03-28", "135000", "17.1%", "22 weeks") equals it in any
            spelling and language; another is text. Empty if unanswerable, or if a set has no
            answers.
        evidence: Where the answer stands, each place of its own enough, unless the question has
            several parts. Empty if unanswerable.
        conflict: Where sources differ: their values, each with its wordings; all must be shown.
        previous: What was asked before in the same conversation, in order.
        tags: What makes it hard, to group by.
        group: Shared by variants of one question; may be empty.
    """

    id: str
    question: str
    language: Language
    kind: str
    answerable: bool
    accept: tuple[tuple[str, ...], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    conflict: tuple[tuple[str, ...], ...] = ()
    previous: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    group: str = ""

    def __post_init__(self) -> None:
        if not (self.id and self.question and self.kind):
            raise ValueError("id, question and kind must not be empty")
        if self.language not in LANGUAGES:
            raise ValueError(f"the language is one of {', '.join(LANGUAGES)}, not {self.language}")
        if self.answerable and not (self.accept or self.evidence):
            raise ValueError("what is answerable has accepted answers or evidence")
        if not self.answerable and (self.accept or self.evidence or self.conflict):
            raise ValueError("what is not answerable has no accepted answers and no evidence")
        if not all(part for way in self.accept for part in way or ("",)):
            raise ValueError("an accepted way, or a part of one, is empty")
        if len(self.conflict) == 1 or not all(self.conflict):
            raise ValueError("a conflict has two values or more, none without wordings")

    @property
    def documents(self) -> frozenset[str]:
        """Ids of the documents that tell."""
        return frozenset(evidence.document for evidence in self.evidence)


def read_questions(path: Path) -> list[Question]:
    """Return the questions of a set, in its order.

    Raises:
        CorpusError: If the file cannot be read or a line is not in form; it names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise CorpusError(f"cannot read the questions at {str(path)!r}: {exc}") from exc
    places: dict[str, int] = {}
    questions = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        question = _read_line(line, f"{str(path)!r}, line {number}")
        if (first := places.setdefault(question.id, number)) != number:
            raise CorpusError(
                f"{str(path)!r}, line {number}: the id {question.id!r} is that of line {first}"
            )
        questions.append(question)
    if not questions:
        raise CorpusError(f"{str(path)!r} holds no questions")
    return questions


def write_questions(questions: Iterable[Question], path: Path) -> None:
    """Write a set as `read_questions` reads it.

    Raises:
        OSError: If the file cannot be written.
    """
    lines = (json.dumps(question_to_dict(q), ensure_ascii=False) for q in questions)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def question_to_dict(question: Question) -> dict[str, Any]:
    """The question as JSON types; what is as by default is left out."""
    record: dict[str, Any] = {}
    for field in fields(Question):
        value = getattr(question, field.name)
        if value != field.default:
            record[field.name] = value
    if question.evidence:
        record["evidence"] = [
            {key: value for key, value in asdict(e).items() if value not in ("", 1.0)}
            for e in question.evidence
        ]
    return cast("dict[str, Any]", json.loads(json.dumps(record)))


def question_from_dict(record: object) -> Question:
    """The question of such a dictionary.

    Raises:
        TypeError, ValueError: If it is not in form; it says how.
    """
    known = {field.name for field in fields(Question)}
    if not isinstance(record, dict) or not known >= record.keys():
        raise ValueError(f"expected an object with the keys {', '.join(sorted(known))}")
    if not isinstance(record.get("answerable"), bool):
        raise TypeError("answerable is true or false")
    return Question(
        id=_text(record, "id"),
        question=_text(record, "question"),
        language=cast("Language", _text(record, "language")),
        kind=_text(record, "kind"),
        answerable=record["answerable"],
        accept=tuple(_texts(way, "a way of accept") for way in _list(record, "accept")),
        evidence=tuple(_read_evidence(item) for item in _list(record, "evidence")),
        conflict=tuple(_texts(value, "a value of conflict") for value in _list(record, "conflict")),
        previous=_texts(_list(record, "previous"), "previous"),
        tags=_texts(_list(record, "tags"), "tags"),
        group=_text(record, "group", ""),
    )


def _read_line(line: str, place: str) -> Question:
    try:
        return question_from_dict(json.loads(line))
    except (TypeError, ValueError, RecursionError) as exc:
        raise CorpusError(f"{place}: not a question as `eval.questions` has them: {exc}") from exc


def _read_evidence(record: object) -> Evidence:
    if not isinstance(record, dict) or not {"document", "quote", "grade"} >= record.keys():
        raise ValueError("evidence is an object with the keys document, quote, grade")
    grade = record.get("grade", 1.0)
    if isinstance(grade, bool) or not isinstance(grade, int | float):
        raise TypeError(f"a grade is a number, not {grade!r}")
    return Evidence(_text(record, "document"), _text(record, "quote", ""), float(grade))


def _text(record: dict[str, Any], key: str, default: str | None = None) -> str:
    value = record.get(key, default)
    if not isinstance(value, str):
        raise TypeError(f"{key} is a text, not {value!r}")
    return value


def _list(record: dict[str, Any], key: str) -> list[Any]:
    value = record.get(key, [])
    if not isinstance(value, list):
        raise TypeError(f"{key} is a list, not {value!r}")
    return value


def _texts(values: object, name: str) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{name} is a list of texts, not {values!r}")
    return tuple(values)
