"""How well a retriever ranks the evidence of a task: per search leg and fused.

The retriever is any function from a question to ranked candidate ids, so the very code that
`answer` uses can be measured, and a twin of it in a test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

from eval.bench.timing import Timing, summarize_seconds
from eval.fitting.read import RetrievalQuestion, RetrievalTask
from eval.measures.metrics import (
    Mean,
    estimate_mean,
    find_first_rank,
    ndcg_at_k,
    recall_at_k,
    reciprocal_rank_at_k,
)

Rank = Callable[[str], Mapping[str, Sequence[str]]]
"""From a question's text to candidate ids for each leg, best first, without repeats."""


@dataclass(frozen=True, slots=True)
class LegReport:
    """What one leg reached, each mean with its 95 % interval over the questions.

    Attributes:
        name: As the retriever calls it, such as "dense" or "fused".
        first_ranks: For each question, in the task's order, the rank of the first relevant
            candidate, from 1; None if the ranking holds none.
    """

    name: str
    recall_at_1: Mean
    recall_at_5: Mean
    mrr_at_10: Mean
    ndcg_at_10: Mean
    first_ranks: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class RetrievalReport:
    """What every leg reached on one task.

    Attributes:
        legs: In the order in which the retriever first named them.
        question_ids: In the task's order; the same places as in `LegReport.first_ranks`.
        candidates: Size of the pool.
        timing: Seconds a question, for all legs together.
    """

    name: str
    unit: str
    question_language: str
    document_language: str
    candidates: int
    unanswerable: int
    question_ids: tuple[str, ...]
    legs: tuple[LegReport, ...]
    timing: Timing

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON types; measures under the names of the literature."""
        record = asdict(self)
        record["timing"] = self.timing.to_dict()
        record["question_ids"] = list(self.question_ids)
        record["legs"] = [_describe_leg(leg) for leg in self.legs]
        return record


def evaluate_retrieval(
    task: RetrievalTask,
    rank: Rank,
    *,
    progress: Callable[[int, int], None] | None = None,
    clock: Callable[[], float] = perf_counter,
) -> RetrievalReport:
    """Ask `rank` every question of the task, and measure each leg's ranking.

    A leg that is not in what `rank` returns for a question has found nothing for it. Rankings may
    be shorter than the pool; at least 10 candidates are needed for true MRR@10 and nDCG@10.

    Args:
        task: What is asked, and what answers it.
        rank: The retriever.
        progress: Called after each question with how many are done, and of how many.
        clock: Seconds since any fixed moment.

    Raises:
        ValueError: If a ranking repeats a candidate or holds one that the task lacks, or there
            is no question or no leg.
    """
    known = {candidate.id for candidate in task.candidates}
    rankings: list[Mapping[str, Sequence[str]]] = []
    seconds: list[float] = []
    for done, question in enumerate(task.questions, start=1):
        start = clock()
        found = rank(question.text)
        seconds.append(clock() - start)
        _check_rankings(found, known, question)
        rankings.append(found)
        if progress:
            progress(done, len(task.questions))
    names = list(dict.fromkeys(name for found in rankings for name in found))
    if not names:
        raise ValueError(f"{task.name}: nothing to measure, no question or no leg")
    return RetrievalReport(
        name=task.name,
        unit=task.unit,
        question_language=task.question_language,
        document_language=task.document_language,
        candidates=len(task.candidates),
        unanswerable=task.unanswerable,
        question_ids=tuple(question.id for question in task.questions),
        legs=tuple(_measure_leg(name, task, [r.get(name, ()) for r in rankings]) for name in names),
        timing=summarize_seconds(seconds),
    )


def format_report(report: RetrievalReport) -> str:
    """The report as a table of plain text, one leg a line, with the interval behind each mean."""
    timing = report.timing
    lines = [
        f"{report.name}, {report.candidates} candidates of one {report.unit}, {timing.n} questions"
        + (f" ({report.unanswerable} without an answer left out)" if report.unanswerable else ""),
        "",
        f"{'leg':<10}" + "".join(f"{name:<22}" for name in _MEASURES).rstrip(),
    ]
    for leg in report.legs:
        cells = [f"{m.value:.3f} [{m.low:.3f}, {m.high:.3f}]" for m in _list_means(leg)]
        lines.append(f"{leg.name:<10}" + "".join(f"{cell:<22}" for cell in cells).rstrip())
    lines += [
        "",
        f"95 % bootstrap intervals. {timing.p50 * 1000:.1f} ms a question at p50, "
        f"{timing.p95 * 1000:.1f} ms at p95.",
    ]
    return "\n".join(lines)


_MEASURES = ("recall@1", "recall@5", "MRR@10", "nDCG@10")


def _list_means(leg: LegReport) -> tuple[Mean, Mean, Mean, Mean]:
    return leg.recall_at_1, leg.recall_at_5, leg.mrr_at_10, leg.ndcg_at_10


def _describe_leg(leg: LegReport) -> dict[str, Any]:
    means = zip(_MEASURES, _list_means(leg), strict=True)
    record: dict[str, Any] = {"name": leg.name}
    record.update({name: asdict(mean) for name, mean in means})
    record["first_ranks"] = list(leg.first_ranks)
    return record


def _check_rankings(
    found: Mapping[str, Sequence[str]], known: set[str], question: RetrievalQuestion
) -> None:
    for name, ranking in found.items():
        if len(set(ranking)) != len(ranking):
            raise ValueError(f"leg {name!r} repeats a candidate for question {question.id!r}")
        unknown = next((id_ for id_ in ranking if id_ not in known), None)
        if unknown is not None:
            raise ValueError(
                f"leg {name!r} returned {unknown!r} for question {question.id!r}, "
                "which is no candidate of the task"
            )


def _measure_leg(name: str, task: RetrievalTask, rankings: list[Sequence[str]]) -> LegReport:
    judged = [(r, q.relevant) for r, q in zip(rankings, task.questions, strict=True)]
    return LegReport(
        name=name,
        recall_at_1=estimate_mean([recall_at_k(r, gold, k=1) for r, gold in judged]),
        recall_at_5=estimate_mean([recall_at_k(r, gold, k=5) for r, gold in judged]),
        mrr_at_10=estimate_mean([reciprocal_rank_at_k(r, gold, k=10) for r, gold in judged]),
        ndcg_at_10=estimate_mean([ndcg_at_k(r, gold, k=10) for r, gold in judged]),
        first_ranks=tuple(find_first_rank(r, gold) for r, gold in judged),
    )
