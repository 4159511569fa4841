"""Fit the weights of `rag.judge` on XQuAD-R: which sentence answers, and whether any does.

Every question is asked of a small collection, a share of the paragraphs: as it is, with the
paragraph that answers it taken away, and about something else, a name or number in it replaced by
one of another question. Only the first has an answer. The questions of one half of the
collections serve to fit the weights and to choose the threshold; the other half tells how good
they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Encoder
from embeddings.gloss import Glossary
from eval.pool import index_task
from eval.read import RetrievalQuestion, RetrievalTask, read_xquad_r
from rag.compose import Option, draft_answer, list_options
from rag.config import Settings
from rag.judge import WEIGHTS_FILE
from rag.pipeline import READ_SENTENCES, load_encoder, load_glossary
from rag.retrieve import prepare_query, rank_sentences, retrieve_passages
from rag.store import Index
from rag.types import LANGUAGES, Quote
from rag.understand import read_question
from rag.weigh import read_evidence, weigh_concepts

COLLECTIONS = 4  # of 60 paragraphs each, about what a folder of a few articles holds
RIDGE = 1.0  # strength of the pull towards 0 on all weights but the intercept

Variant = Literal["as it is", "without", "swapped"]
VARIANTS: tuple[Variant, ...] = ("as it is", "without", "swapped")
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its options, and which of them are right: none, if not `held`.

    `variant` tells how it was asked.
    """

    pair: str
    fitting: bool
    variant: Variant
    options: tuple[Option, ...]
    right: tuple[bool, ...]

    @property
    def held(self) -> bool:
        """Whether the collection holds the answer."""
        return self.variant == "as it is"


@dataclass(frozen=True, slots=True)
class FitReport:
    """How the fitted weights did on the half not used to fit them, for one language pair.

    Attributes:
        questions: In that half.
        right: Share whose first statement is right, refusals counted as wrong.
        refused: Share of those without their paragraph that were refused.
        refused_swapped: Share of those about something else that were refused.
        falsely_refused: Share of the others that were refused.
        separation: Area under the ROC curve of the probability, answer held against not.
    """

    pair: str
    questions: int
    right: float
    refused: float
    refused_swapped: float
    falsely_refused: float
    separation: float


def fit_folder(
    data: Path, settings: Settings, *, progress: Callable[[int, int], None] | None = None
) -> tuple[list[FitReport], dict[str, list[float]]]:
    """Ask XQuAD-R in all four language pairs; return the reports and the fitted weights.

    Raises:
        CorpusError: If the data is missing or not in form.
    """
    encoder, glossary = load_encoder(settings), load_glossary(settings.glossary)
    pairs = [(questions, documents) for questions in LANGUAGES for documents in LANGUAGES]
    asked: list[Asked] = []
    with TemporaryDirectory() as folder:
        for questions, documents in pairs:
            task = read_xquad_r(data, questions=questions, documents=documents, unit="sentence")
            asked += ask_task(
                task, Path(folder), encoder, glossary,
                passages=settings.passages, depth=settings.depth, progress=progress,
            )  # fmt: skip
    weights = fit_weights(asked)
    return report_fit(asked, weights), weights


def format_fit(reports: Sequence[FitReport], weights: Mapping[str, Sequence[float]]) -> str:
    """The reports as a table, a line a language pair, and the threshold under it."""
    lines = ["pair    n      right  refused  swapped  falsely refused  ROC area"]
    lines += [
        f"{r.pair:<7} {r.questions:<6} {r.right:5.3f}  {r.refused:7.3f}  {r.refused_swapped:7.3f}  "
        f"{r.falsely_refused:15.3f}  {r.separation:8.3f}"
        for r in reports
    ]
    return "\n".join([*lines, f"threshold {weights['threshold'][0]:.2f}"])


def ask_task(
    task: RetrievalTask,
    folder: Path,
    encoder: Encoder,
    glossary: Glossary,
    *,
    passages: int,
    depth: int,
    progress: Callable[[int, int], None] | None = None,
) -> list[Asked]:
    """Ask every question of the task of its collection, with its paragraph and without.

    Args:
        task: With sentences as candidates.
        folder: For the indexes of the collections.
        encoder: As for answering.
        glossary: As for answering.
        passages: Retrieved for a question.
        depth: Candidates a search leg.
        progress: Told how many questions are done, of how many.
    """
    asked: list[Asked] = []
    pair = f"{task.question_language}-{task.document_language}"
    names = _list_names(task, glossary)
    done = 0
    for number, part in enumerate(_split_task(task)):
        index = index_task(part, folder / f"{task.name}-{number}.db", encoder, glossary)
        for question in part.questions:
            for variant in VARIANTS:
                text = question.text
                if variant == "swapped":
                    text = swap_name(text, names, len(asked), glossary)
                    if text == question.text:
                        continue
                removed = _find_documents(question) if variant == "without" else frozenset()
                options = _list_options(text, removed, index, encoder, glossary, passages, depth)
                right = tuple(
                    variant == "as it is" and _is_right(option, question) for option in options
                )
                asked.append(Asked(pair, number % 2 == 0, variant, tuple(options), right))
            done += 1
            if progress:
                progress(done, len(task.questions))
        index.close()
    return asked


def fit_weights(asked: Sequence[Asked]) -> dict[str, list[float]]:
    """Return weights as `rag.judge` reads them, from those of `asked` that are for fitting."""
    weights: dict[str, list[float]] = {}
    for pair in sorted({item.pair for item in asked}):
        rows = [item for item in asked if item.pair == pair and item.fitting]
        features = np.array([o.features for item in rows for o in item.options])
        labels = np.array([right for item in rows for right in item.right], dtype=np.float64)
        weights[pair] = [round(float(w), 4) for w in fit_logistic(features, labels)]
    judged = [judge_again(item, weights) for item in asked if item.fitting]
    weights["threshold"] = [choose_threshold(judged)]
    return weights


def fit_logistic(features: Matrix, labels: Matrix, *, ridge: float = RIDGE) -> Matrix:
    """Return intercept and weights of a logistic regression, by Newton's method.

    Args:
        features: Shape (n, m).
        labels: 0 or 1, shape (n,).
        ridge: Penalty, half of it times the squared weights, on all but the intercept.
    """
    rows = np.column_stack([np.ones(len(features)), features])
    penalty = np.diag([1e-6, *[ridge] * features.shape[1]])
    weights = np.zeros(rows.shape[1])
    for _ in range(50):
        expected = 1.0 / (1.0 + np.exp(-np.clip(rows @ weights, -30, 30)))
        gradient = rows.T @ (labels - expected) - penalty @ weights
        curvature = (rows * (expected * (1 - expected))[:, None]).T @ rows + penalty
        step = np.linalg.solve(curvature, gradient)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-8:
            break
    return weights


def judge_again(item: Asked, weights: dict[str, list[float]]) -> Asked:
    """Return `item` with its options judged by `weights`, most probable first."""
    intercept, *rest = weights[item.pair]
    totals = intercept + np.array([o.features for o in item.options]) @ np.array(rest)
    judged = [
        (replace(option, probability=float(1 / (1 + np.exp(-total)))), right)
        for option, total, right in zip(item.options, totals, item.right, strict=True)
    ]
    judged.sort(key=lambda pair: -pair[0].probability)
    return replace(item, options=tuple(o for o, _ in judged), right=tuple(r for _, r in judged))


def choose_threshold(judged: Sequence[Asked]) -> float:
    """Return the probability that tells questions with their paragraph from those without best.

    That is the one with the largest mean of the share answered among the former and the share
    refused among the latter.
    """
    held = np.array([_probability(item) for item in judged if item.held])
    without = np.array([_probability(item) for item in judged if not item.held])
    grid = np.arange(0.01, 0.99, 0.01)
    gains = [float((held >= t).mean() + (without < t).mean()) for t in grid]
    return round(float(grid[int(np.argmax(gains))]), 2)


def report_fit(asked: Sequence[Asked], weights: dict[str, list[float]]) -> list[FitReport]:
    """Return what the weights reach on the half that is not for fitting, pair by pair."""
    reports = []
    threshold = weights["threshold"][0]
    for pair in sorted({item.pair for item in asked}):
        judged = [judge_again(i, weights) for i in asked if i.pair == pair and not i.fitting]
        held = [item for item in judged if item.held]
        scores = np.array([_probability(item) for item in held])
        others = {
            variant: np.array([_probability(i) for i in judged if i.variant == variant])
            for variant in VARIANTS[1:]
        }
        without = np.concatenate(list(others.values()))
        right = [_answers_right(i) and s >= threshold for i, s in zip(held, scores, strict=True)]
        reports.append(
            FitReport(
                pair=pair,
                questions=len(held),
                right=float(np.mean(right)),
                refused=float((others["without"] < threshold).mean()),
                refused_swapped=float((others["swapped"] < threshold).mean()),
                falsely_refused=float((scores < threshold).mean()),
                separation=float((scores[:, None] > without[None, :]).mean()),
            )
        )
    return reports


def write_weights(weights: dict[str, list[float]], path: Path = WEIGHTS_FILE) -> None:
    """Write the weights where `rag.judge` reads them."""
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(weights[name])}" for name in weights)
    path.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def _split_task(task: RetrievalTask) -> list[RetrievalTask]:
    """Cut a task into `COLLECTIONS`, by runs of neighbouring paragraphs: whole articles."""
    parts = []
    size = -(-len(task.documents) // COLLECTIONS)
    for first in range(0, len(task.documents), size):
        documents = task.documents[first : first + size]
        ids = {document.id for document in documents}
        candidates = tuple(c for c in task.candidates if c.document_id in ids)
        known = {candidate.id for candidate in candidates}
        questions = tuple(q for q in task.questions if q.relevant <= known)
        parts.append(replace(task, documents=documents, candidates=candidates, questions=questions))
    return parts


def _list_options(
    text: str,
    removed: frozenset[str],
    index: Index,
    encoder: Encoder,
    glossary: Glossary,
    passages: int,
    depth: int,
) -> list[Option]:
    read = read_question(text, glossary)
    query = prepare_query(text, encoder, glossary)
    with index.read() as view:
        found = retrieve_passages(query, view, k=passages, depth=depth)
        found = [f for f in found if f.hit.passage.document_id not in removed]
        evidence = rank_sentences(query, found, view, glossary, k=READ_SENTENCES)
        weights = weigh_concepts(read.concepts, view)
        documents = view.get_documents(sorted({e.quote.document_id for e in evidence}))
    return list_options(read, read_evidence(evidence, weights, glossary), documents, glossary)


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


def _list_names(task: RetrievalTask, glossary: Glossary) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {"name": [], "identifier": []}
    for question in task.questions:
        for concept in read_question(question.text, glossary).concepts:
            if concept.kind != "word":
                names[concept.kind].append(concept.text)
    return names


def _find_documents(question: RetrievalQuestion) -> frozenset[str]:
    return frozenset(id_.split(":")[0] for id_ in question.relevant)


def _is_right(option: Option, question: RetrievalQuestion) -> bool:
    quote: Quote = option.reading.evidence.quote
    if f"{quote.document_id}:{quote.start}-{quote.end}" not in question.relevant:
        return False
    candidate = option.candidate
    if candidate is None:
        return True
    for answer in question.answers:
        start = quote.text.find(answer)
        if start >= 0 and candidate.start < start + len(answer) and start < candidate.end:
            return True
    return False


def _probability(item: Asked) -> float:
    draft = draft_answer(item.options)
    return draft.probability if draft else 0.0


def _answers_right(item: Asked) -> bool:
    draft = draft_answer(item.options)
    if draft is None:
        return False
    rights = {
        (option.reading.evidence.quote, option.candidate.printed if option.candidate else "")
        for option, right in zip(item.options, item.right, strict=True)
        if right
    }
    first = draft.statements[0]
    return any(
        (quote, first.text) in rights or ((quote, "") in rights and first.text[0] in "「“")
        for quote in first.quotes
    )
