"""Fit the weights of `rag.judge`: which sentence answers, and whether any does.

The questions of one half of the collections (`eval.fitting.trials`) serve to fit the weights; the
other half tells how good they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from eval.fitting.cut import cut_paragraphs
from eval.fitting.read import read_squad, read_xquad_r
from eval.fitting.trials import SIZES, VARIANTS, Asked, Asker
from eval.measures.metrics import measure_roc
from rag.compose import Draft, draft_answer
from rag.config import Settings
from rag.judge import FEATURES, WEIGHTS_FILE
from rag.pipeline import load_encoder, load_glossary
from rag.types import Language

RIDGE = 5.0  # strength of the pull of each weight, the intercept's aside, towards its prior
# The same of a pair's weights towards those of its group: what they mean is the same in both, and
# one knows of questions what the other's data lack, see LOG.md.
SHARED_RIDGE = 20.0
LARGEST_STEP = 3.0  # of a weight, in one of Newton's steps: from a prior far off they overshoot
# What the questions of XQuAD cannot teach, since their texts are no news: set by judgement.
PRIOR = {
    "identifiers": 1.0, "rival": -2.5, "unit": 1.0, "open_parts": -0.3, "unresolved": -1.5,
    "dateline": -1.5, "named": -2.0, "event": 0.5,
}  # fmt: skip

# "How much?" is not answered by a sentence without an amount, nor "when?" by one that tells no
# time. In XQuAD both happen, where a value is spelt as no rule reads it, so that the weights come
# out too kind; and of events such as a launch it tells few. This is added to the weights.
ADDED = {"valueless": -3.0, "timeless": -3.0, "event": 0.5}
MORE_SIZE = 212  # paragraphs of a collection of the file in SQuAD format: four of CMRC's dev set
FALSELY_REFUSED = 0.10  # share of answerable questions that the thresholds may refuse, see LOG.md
# Question and documents in one language, or in two: pairs that learn from each other.
GROUPS: tuple[tuple[tuple[Language, Language], ...], ...] = (
    (("zh", "zh"), ("en", "en")),
    (("zh", "en"), ("en", "zh")),
)
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FitReport:
    """How the fitted weights did on the half not used to fit them, for one language pair.

    Attributes:
        size: Paragraphs of a collection.
        questions: In that half.
        right: Share whose first statement is right, refusals counted as wrong.
        refused: Share of those without their paragraph that were refused.
        refused_swapped: Share of those about something else that were refused.
        falsely_refused: Share of the others that were refused.
        separation: Area under the ROC curve of the probability, answer held against not.
        threshold: Of the pair, chosen on the other half.
    """

    pair: str
    size: int
    questions: int
    right: float
    refused: float
    refused_swapped: float
    falsely_refused: float
    separation: float
    threshold: float


def fit_folder(
    data: Path,
    settings: Settings,
    *,
    squad: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[FitReport], dict[str, list[float]]]:
    """Ask XQuAD-R in all four language pairs; return the reports and the fitted weights.

    Args:
        data: The folder of XQuAD-R.
        settings: As for answering.
        squad: A file in SQuAD format, such as CMRC 2018, to learn from and report on as well, in
            its own language.
        progress: Told how many questions of a round are done, of how many.

    Raises:
        CorpusError: If the data is missing or not in form.
    """
    encoder, glossary = load_encoder(settings), load_glossary(settings.glossary)
    more = cut_paragraphs(read_squad(squad)) if squad else None
    reports: list[FitReport] = []
    weights: dict[str, list[float]] = {}
    with TemporaryDirectory() as folder:
        for group in GROUPS:
            asked: list[Asked] = []
            for questions, documents in group:
                task = read_xquad_r(data, questions=questions, documents=documents, unit="sentence")
                asker = Asker(task, encoder, glossary, settings)
                for size in SIZES:
                    asked += asker.ask_all(size, Path(folder), progress=progress)
            if more and (more.question_language, more.document_language) in group:
                asker = Asker(more, encoder, glossary, settings)
                asked += asker.ask_all(MORE_SIZE, Path(folder), progress=progress)
            weights.update(fit_weights(asked))
            reports += report_fit(asked, weights)
    return reports, weights


def format_fit(reports: Sequence[FitReport]) -> str:
    """The reports as a table, a line a language pair and size of collection."""
    lines = ["pair   paragraphs  n    right  refused  swapped  falsely refused  ROC    threshold"]
    lines += [
        f"{r.pair:<6} {r.size:10} {r.questions:4}  {r.right:5.3f}  {r.refused:7.3f}  "
        f"{r.refused_swapped:7.3f}  {r.falsely_refused:15.3f}  {r.separation:.3f}  "
        f"{r.threshold:9.3f}"
        for r in reports
    ]
    return "\n".join(lines)


def fit_weights(asked: Sequence[Asked]) -> dict[str, list[float]]:
    """Return weights as `rag.judge` reads them, from those of `asked` that are for fitting.

    Weights are fitted to all pairs in `asked` first, then to each pair, near to those.
    """
    fitting = [item for item in asked if item.fitting]
    known = np.array([0.0, *(PRIOR.get(name, 0.0) for name in FEATURES)])
    shared = fit_logistic(*_read_rows(fitting), known)
    weights: dict[str, list[float]] = {}
    for pair in sorted({item.pair for item in fitting}):
        rows = [item for item in fitting if item.pair == pair]
        fitted = fit_logistic(*_read_rows(rows), shared, ridge=SHARED_RIDGE)
        weights[pair] = [round(float(w), 4) for w in fitted]
        for name, more in ADDED.items():
            weights[pair][1 + FEATURES.index(name)] += more
        judged = [judge_again(item, weights) for item in rows]
        weights[f"threshold {pair}"] = [choose_threshold(judged)]
    return weights


def _read_rows(asked: Sequence[Asked]) -> tuple[Matrix, Matrix]:
    """The features of every option, a row each, and whether it is right."""
    features = np.array([o.features for item in asked for o in item.options])
    labels = np.array([right for item in asked for right in item.right], dtype=np.float64)
    return features, labels


def fit_logistic(
    features: Matrix, labels: Matrix, prior: Matrix, *, ridge: float = RIDGE
) -> Matrix:
    """Return intercept and weights of a logistic regression, by Newton's method.

    Args:
        features: Shape (n, m).
        labels: 0 or 1, shape (n,).
        prior: The intercept to start from, and what the weights are where the data do not tell,
            shape (m + 1,).
        ridge: Penalty: half of it times the squared distance of the weights from the prior.
    """
    rows = np.column_stack([np.ones(len(features)), features])
    penalty = np.diag([1e-6, *[ridge] * features.shape[1]])
    weights = prior.copy()
    for _ in range(100):
        expected = 1.0 / (1.0 + np.exp(-np.clip(rows @ weights, -30, 30)))
        gradient = rows.T @ (labels - expected) - penalty @ (weights - prior)
        curvature = (rows * (expected * (1 - expected))[:, None]).T @ rows + penalty
        step = np.linalg.solve(curvature, gradient)
        largest = float(np.abs(step).max())
        weights = weights + step * min(1.0, LARGEST_STEP / max(largest, 1e-12))
        if largest < 1e-8:
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
    findings = replace(item.findings, options=tuple(option for option, _ in judged))
    return replace(item, findings=findings, right=tuple(right for _, right in judged))


def report_fit(asked: Sequence[Asked], weights: dict[str, list[float]]) -> list[FitReport]:
    """Return what the weights reach on the half that is not for fitting, pair by pair."""
    return report_judged(
        [judge_again(item, weights) for item in asked if not item.fitting], weights
    )


def report_judged(judged: Sequence[Asked], weights: dict[str, list[float]]) -> list[FitReport]:
    """Return a report for each pair and size of collection in `judged`, at its threshold."""
    kinds = sorted({(item.pair, item.size) for item in judged})
    return [
        _report_pair(
            [item for item in judged if (item.pair, item.size) == kind],
            weights[f"threshold {kind[0]}"][0],
        )
        for kind in kinds
    ]


def _report_pair(judged: Sequence[Asked], threshold: float) -> FitReport:
    held = [item for item in judged if item.held]
    scores = np.array([estimate_answered(item) for item in held])
    others = {
        variant: np.array([estimate_answered(i) for i in judged if i.variant == variant])
        for variant in VARIANTS[1:]
    }
    right = [_answers_right(i) and s >= threshold for i, s in zip(held, scores, strict=True)]
    return FitReport(
        pair=judged[0].pair,
        size=judged[0].size,
        questions=len(held),
        right=float(np.mean(right)),
        refused=float((others["without"] < threshold).mean()),
        refused_swapped=float((others["swapped"] < threshold).mean()),
        falsely_refused=float((scores < threshold).mean()),
        separation=measure_roc(scores.tolist(), np.concatenate(list(others.values())).tolist()),
        threshold=threshold,
    )


def choose_threshold(judged: Sequence[Asked]) -> float:
    """The probability that the wanted share of questions with an answer stays below."""
    held = [estimate_answered(item) for item in judged if item.held]
    return round(float(np.quantile(held, FALSELY_REFUSED)), 4)


def write_weights(weights: dict[str, list[float]], path: Path = WEIGHTS_FILE) -> None:
    """Write the weights where `rag.judge` reads them, or those of `rag.reread` where it does."""
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(weights[name])}" for name in weights)
    path.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def _draft(item: Asked) -> Draft | None:
    return draft_answer(item.options, _language(item))


def _language(item: Asked) -> Language:
    return item.findings.question.language


def estimate_answered(item: Asked) -> float:
    """The probability that the answer drafted for `item` has; 0 without one."""
    draft = _draft(item)
    return draft.probability if draft else 0.0


def _answers_right(item: Asked) -> bool:
    draft = _draft(item)
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
