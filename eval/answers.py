"""How good answers are over a question set: values, documents, refusals, with every failure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.metrics import Mean, estimate_mean
from eval.questions import Grade, Question, grade_answer, is_right
from rag.types import LANGUAGES, Answer

Ask = Callable[[str], Answer]


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question of the set with what was answered; `said` is the first statement or refusal."""

    question: Question
    grade: Grade
    said: str


@dataclass(frozen=True, slots=True)
class AnswersReport:
    """What was reached, each mean with its 95 % interval.

    Attributes:
        measures: "value right", "document right" and "falsely refused" are over the answerable
            questions, "refused" over the others; each also by the question's language, and the
            first by kind.
        rows: Every question, in the set's order.
    """

    measures: dict[str, Mean]
    rows: tuple[AnsweredQuestion, ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON types."""
        return {
            "measures": {name: asdict(mean) for name, mean in self.measures.items()},
            "rows": [
                {"id": row.question.id, "said": row.said, **asdict(row.grade)} for row in self.rows
            ],
        }


def evaluate_answers(
    questions: Sequence[Question],
    ask: Ask,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> AnswersReport:
    """Ask every question and grade what comes back.

    Args:
        questions: At least one.
        ask: Any function from question to answer.
        progress: Told how many are done, of how many.
    """
    rows = []
    for done, question in enumerate(questions, start=1):
        answer = ask(question.question)
        said = answer.statements[0].text if answer.found else answer.refusal
        rows.append(AnsweredQuestion(question, grade_answer(question, answer), said))
        if progress:
            progress(done, len(questions))
    return AnswersReport(_measure(rows), tuple(rows))


def format_answers(report: AnswersReport, *, with_failures: bool = False) -> str:
    """The measures as a table; if asked for, a line a question that went wrong."""
    lines = [
        f"{name:<28} {mean.value:5.3f} [{mean.low:.3f}, {mean.high:.3f}]  n={mean.n}"
        for name, mean in report.measures.items()
    ]
    if with_failures:
        lines += [
            f"{row.question.id}  {row.question.question}  ->  {row.said}"
            for row in report.rows
            if not is_right(row.question, row.grade)
        ]
    return "\n".join(lines)


def _measure(rows: Sequence[AnsweredQuestion]) -> dict[str, Mean]:
    answerable = [row for row in rows if row.question.answerable]
    others = [row for row in rows if not row.question.answerable]
    values: dict[str, list[float]] = {}
    for name, group, grade in (
        ("value right", answerable, "value_right"),
        ("document right", answerable, "document_right"),
        ("falsely refused", answerable, "refused"),
        ("refused", others, "refused"),
    ):
        values[name] = [float(getattr(row.grade, grade)) for row in group]
        for language in LANGUAGES:
            some = [row for row in group if row.question.language == language]
            values[f"{name}, {language}"] = [float(getattr(row.grade, grade)) for row in some]
    for kind in sorted({row.question.kind for row in answerable}):
        some = [row for row in answerable if row.question.kind == kind]
        values[f"value right, {kind}"] = [float(row.grade.value_right) for row in some]
    return {name: estimate_mean(numbers) for name, numbers in values.items() if numbers}
