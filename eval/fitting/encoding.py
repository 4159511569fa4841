"""How fast an encoder folder runs in each precision, and what that costs in recall.

Speed is of the model alone: token ids in, vectors out. The precisions take turns, so that a busy
machine slows all of them alike; of each, the fastest round counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice, product
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from embeddings.bilingual import MODEL, BilingualEncoder
from embeddings.encoder import Encoder, Vectors
from embeddings.precision import Precision, find_precision
from embeddings.transformer import MeanPooledTransformer
from eval.bench.timing import Timing, time_calls
from eval.fitting.read import RetrievalTask, read_xquad_r
from eval.measures.metrics import Mean, estimate_mean, recall_at_k
from rag.types import LANGUAGES

PRECISIONS: tuple[Precision, ...] = ("float32", "bfloat16", "int8")
TEXTS, TOKENS = 32, 160  # a batch of passages
ROUNDS = 7


@dataclass(frozen=True, slots=True)
class PrecisionReport:
    """What one precision reached.

    Attributes:
        precision: One of `PRECISIONS`.
        chosen: Whether this processor takes it by itself.
        texts_per_second: `TEXTS` texts of `TOKENS` tokens a batch, in the fastest of `ROUNDS`.
        speedup: Times as fast as float32.
        question: Seconds a question alone, folding and tokenizing included.
        recall_at_5: Of the dense leg alone, a mean per pair such as "en -> zh"; empty without data.
    """

    precision: str
    chosen: bool
    texts_per_second: float
    speedup: float
    question: Timing
    recall_at_5: dict[str, Mean]


def compare_precisions(
    questions: Sequence[str],
    data: Path | None = None,
    *,
    folder: Path = MODEL,
    progress: Callable[[int, int], None] | None = None,
) -> list[PrecisionReport]:
    """Measure every precision on this processor.

    Args:
        questions: Some to time, and to make passages of.
        data: Folder of XQuAD-R, for the recall; None leaves it out.
        folder: The model.
        progress: Told how many precisions are done, of how many.
    """
    models = {name: MeanPooledTransformer(folder, precision=name) for name in PRECISIONS}
    seconds = _time_batches(models, questions)
    chosen = find_precision()
    reports = []
    for done, name in enumerate(PRECISIONS, start=1):
        encoder = BilingualEncoder(folder, precision=name)
        encoder.encode_queries(questions[:1])

        def encode(text: str, encoder: Encoder = encoder) -> Vectors:
            return encoder.encode_queries([text])

        reports.append(
            PrecisionReport(
                precision=name,
                chosen=name == chosen,
                texts_per_second=TEXTS / seconds[name],
                speedup=seconds["float32"] / seconds[name],
                question=time_calls(encode, questions),
                recall_at_5=measure_recall(data, encoder) if data else {},
            )
        )
        if progress:
            progress(done, len(PRECISIONS))
    return reports


def measure_recall(data: Path, encoder: Encoder) -> dict[str, Mean]:
    """Return recall@5 of brute-force search over the sentences of XQuAD-R, pair by pair."""
    return {
        f"{asked} -> {searched}": estimate_mean(
            [
                recall_at_k(ranking, question.relevant, k=5)
                for question, ranking in zip(task.questions, _rank(task, encoder), strict=True)
            ]
        )
        for asked, searched in product(LANGUAGES, LANGUAGES)
        for task in [read_xquad_r(data, questions=asked, documents=searched, unit="sentence")]
    }


def format_precisions(reports: Sequence[PrecisionReport]) -> str:
    """The reports as a table of plain text, a precision a line; `*` is what is taken here."""
    pairs = list(reports[0].recall_at_5)
    lines = [
        f"{'precision':<11}{'texts/s':>9}{'speed':>8}{'question p50':>14}"
        + "".join(f"{pair:>10}" for pair in pairs)
    ]
    for report in reports:
        name = f"{report.precision}{'*' if report.chosen else ''}"
        lines.append(
            f"{name:<11}{report.texts_per_second:>9.0f}{report.speedup:>7.2f}x"
            f"{report.question.p50 * 1000:>11.1f} ms"
            + "".join(f"{report.recall_at_5[pair].value:>10.4f}" for pair in pairs)
        )
    lines.append(f"\n{TEXTS} texts of {TOKENS} tokens; questions n={reports[0].question.n}")
    if pairs:
        lines.append(f"recall@5, dense alone, n={reports[0].recall_at_5[pairs[0]].n} a pair")
    return "\n".join(lines)


def describe_precisions(reports: Sequence[PrecisionReport]) -> list[dict[str, Any]]:
    """The reports as JSON types."""
    return [asdict(report) for report in reports]


def _time_batches(
    models: dict[Any, MeanPooledTransformer], questions: Sequence[str]
) -> dict[str, float]:
    some = next(iter(models.values()))
    first, *pool, last = some.tokenize(" ".join(questions))
    stream = cycle(pool)
    batch = [[first, *islice(stream, TOKENS - 2), last] for _ in range(TEXTS)]
    seconds: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(ROUNDS):
        for name, model in models.items():
            began = perf_counter()
            model.sum_windows(batch)
            seconds[name].append(perf_counter() - began)
    return {name: min(taken) for name, taken in seconds.items()}


def _rank(task: RetrievalTask, encoder: Encoder) -> Iterator[list[str]]:
    texts = {document.id: document.text for document in task.documents}
    candidates = [texts[c.document_id][c.start : c.end] for c in task.candidates]
    rows = encoder.encode_passages(candidates)
    asked = encoder.encode_queries([question.text for question in task.questions])
    for scores in asked @ rows.T:
        best = np.argsort(-scores, kind="stable")[:5]
        yield [task.candidates[n].id for n in best]
