"""What became of each question of a run, one JSON line each; a run that was stopped goes on.

A line is written when its question is done, so a run that is killed loses one question at most;
a last line that is cut off is asked again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.questions import Question, question_from_dict, question_to_dict
from rag.errors import CorpusError
from rag.types import Answer


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that was retrieved: its place in its document, its ranks, without its text.

    Attributes:
        ranks: By leg, from 1; legs that missed it are left out.
        tells: Whether the evidence of the question stands in it.
    """

    passage: str
    document: str
    rank: int
    ranks: dict[str, int]
    tells: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A question with what was answered and how it did.

    Attributes:
        answer: Without its hits; None where asking failed.
        found: The hits, best first.
        measures: By name, see `eval.measures.grade.MEASURES`; none where asking failed.
        pair: Language of the question and of the documents that tell, such as `en-zh`; `en-none`
            where none do.
        seconds: Wall-clock, of this question alone.
        error: Words of the exception where asking failed; else empty.
    """

    question: Question
    answer: Answer | None
    found: tuple[Found, ...]
    measures: dict[str, float]
    pair: str
    seconds: float
    error: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON types."""
        return {
            "question": question_to_dict(self.question),
            "answer": self.answer.to_dict() if self.answer else None,
            "found": [asdict(found) for found in self.found],
            "measures": self.measures,
            "pair": self.pair,
            "seconds": self.seconds,
            "error": self.error,
        }

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Record:
        """The record that `to_dict` described.

        Raises:
            KeyError, TypeError, ValueError: If it is none.
        """
        answer = record["answer"]
        return cls(
            question=question_from_dict(record["question"]),
            answer=None if answer is None else Answer.from_dict(answer),
            found=tuple(Found(**found) for found in record["found"]),
            measures={str(name): float(value) for name, value in record["measures"].items()},
            pair=str(record["pair"]),
            seconds=float(record["seconds"]),
            error=str(record["error"]),
        )


def read_records(path: Path) -> list[Record]:
    """The records of a file, in order; none if there is no file.

    A last line without an end is left out: the run was stopped while it was written.

    Raises:
        CorpusError: If the file cannot be read, or a line is no record; it names the line.
    """
    if not path.exists():
        return []
    try:
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1].decode()  # the cut may be within a character
    except (OSError, UnicodeDecodeError) as exc:
        raise CorpusError(f"cannot read the records at {str(path)!r}: {exc}") from exc
    return list(_read_lines(whole, path))


def drop_cut_line(path: Path) -> None:
    """Cut off a last line without an end, so that the next record begins a line of its own."""
    if path.exists():
        data = path.read_bytes()
        with path.open("r+b") as file:
            file.truncate(data.rfind(b"\n") + 1)


def _read_lines(text: str, path: Path) -> Iterator[Record]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield Record.from_dict(json.loads(line))
            except (AttributeError, KeyError, TypeError, ValueError) as exc:
                raise CorpusError(f"{str(path)!r}, line {number}: not a record: {exc}") from exc
