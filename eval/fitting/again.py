"""Fit the weights of `rag.reread`: how what is counted and what the network reads are joined.

The options of a question compete with each other and with "none of them": the likelihood is that
of a softmax over their scores and a 0 (list-wise: Cao et al., ICML 2007). What cannot be answered
has "none" as its answer. The questions are those of `eval.fitting.trials`, in halves by article.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

from embeddings.cross_encoder import CrossEncoder
from eval.fitting.cut import cut_paragraphs
from eval.fitting.fit import FitReport, Matrix, choose_threshold, fit_logistic, report_judged
from eval.fitting.read import read_squad, read_xquad_r
from eval.fitting.trials import Asked, Asker
from rag.config import Settings
from rag.pipeline import load_encoder, load_glossary
from rag.types import LANGUAGES

SIZE = 240  # paragraphs of a collection: all of XQuAD-R's, and about a quarter of CMRC's
# Intercept and weights as probabilities would have it: the judge as one voice, the network another.
PRIOR = (0.0, 0.5, 1.0, 1.0, 0.0)
RIDGE = 5.0  # half of it times the squared distance from the prior is added to the loss
Right = npt.NDArray[np.bool_]


def fit_again(
    data: Path,
    settings: Settings,
    *,
    squad: Path | None = None,
    every: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[FitReport], dict[str, list[float]]]:
    """Ask XQuAD-R in all four language pairs; return the reports and the fitted weights.

    Args:
        data: The folder of XQuAD-R.
        settings: As for answering.
        squad: A file in SQuAD format, such as CMRC 2018, to learn from and report on as well.
        every: Ask one question in so many.
        progress: Told how many questions of a round are done, of how many.

    Raises:
        CorpusError: If the data is missing or not in form.
    """
    encoder, glossary = load_encoder(settings), load_glossary(settings.glossary)
    network = CrossEncoder(precision=settings.precision)
    tasks = [
        read_xquad_r(data, questions=questions, documents=documents, unit="sentence")
        for questions in LANGUAGES
        for documents in LANGUAGES
    ]
    tasks += [cut_paragraphs(read_squad(squad))] if squad else []
    asked: list[Asked] = []
    with TemporaryDirectory() as folder:
        for task in tasks:
            asker = Asker(task, encoder, glossary, settings, network)
            asked += asker.ask_all(SIZE, Path(folder), every=every, progress=progress)
    weights = fit_lists(asked)
    return report_judged([rejudge(i, weights) for i in asked if not i.fitting], weights), weights


def fit_lists(asked: Sequence[Asked]) -> dict[str, list[float]]:
    """Return weights as `rag.reread` reads them, from those of `asked` that are for fitting.

    How the features count in ranking options is learnt from the questions that have an answer:
    those without were the judge's own lessons, and would have it count for nearly all. All of
    them then tell the scale of the sum and its intercept. How far the first option is to be
    trusted is a logistic regression of its own, of those that are right against those of
    questions that have no answer.
    """
    fitting = [item for item in asked if item.fitting]
    lists = [
        (np.array([o.reread for o in item.options]), np.array(item.right, dtype=bool))
        for item in fitting
        if item.options and (any(item.right) or not item.held)
    ]
    prior = np.array(PRIOR)
    _, *ranking = fit_softmax([(rows, right) for rows, right in lists if right.any()], prior)
    sums = [(rows @ np.array(ranking)[:, np.newaxis], right) for rows, right in lists]
    intercept, scale = fit_softmax(sums, np.array([0.0, 1.0]))
    found = (intercept, *(scale * weight for weight in ranking))
    weights = {"weights": [round(float(weight), 4) for weight in found]}
    ranked = [rejudge(item, weights | {"trust": list(PRIOR)}) for item in fitting if item.options]
    told = [item for item in ranked if item.right[0] or not item.held]
    rows = np.array([item.options[0].reread for item in told])
    labels = np.array([item.held for item in told], dtype=np.float64)
    weights["trust"] = [round(float(w), 4) for w in fit_logistic(rows, labels, prior)]
    for pair in sorted({item.pair for item in fitting}):
        judged = [rejudge(item, weights) for item in fitting if item.pair == pair]
        weights[f"threshold {pair}"] = [choose_threshold(judged)]
    return weights


def fit_softmax(
    lists: Sequence[tuple[Matrix, Right]], prior: Matrix, *, ridge: float = RIDGE
) -> Matrix:
    """Return intercept and weights under which the right options are most likely, "none" with 0.

    Args:
        lists: Of each question, the features of its options, shape (n, m), and which are right;
            none is, where none should be chosen.
        prior: Where to start from, and what the weights are where the data do not tell, shape
            (m + 1,).
        ridge: Strength of the pull towards the prior.
    """
    rows = np.concatenate([np.column_stack([np.ones(len(x)), x]) for x, _ in lists])
    right = np.concatenate([told for _, told in lists])
    ends = np.cumsum([len(told) for _, told in lists])

    def measure(weights: Matrix) -> tuple[float, Matrix]:
        loss, slope = 0.0, np.zeros_like(weights)
        totals, start = rows @ weights, 0
        for end in ends:
            own, told = totals[start:end], right[start:end]
            whole = logsumexp(np.append(own, 0.0))
            wanted = logsumexp(own[told]) if told.any() else 0.0
            loss += whole - wanted
            pull = np.exp(own - whole)
            pull[told] -= np.exp(own[told] - wanted)
            slope += rows[start:end].T @ pull
            start = end
        off = weights - prior
        return loss + ridge / 2 * float(off @ off), slope + ridge * off

    found: Matrix = minimize(measure, prior, jac=True, method="L-BFGS-B").x
    return found


def rejudge(item: Asked, weights: dict[str, list[float]]) -> Asked:
    """Return `item` with its options judged by `weights`, most probable first."""
    if not item.options:
        return item
    rows = np.array([(1.0, *option.reread) for option in item.options])
    probabilities, trust = (
        expit(np.clip(rows @ np.array(weights[name]), -30, 30)) for name in ("weights", "trust")
    )
    order = np.argsort(-probabilities, kind="stable")
    options = tuple(
        replace(item.options[n], probability=float(probabilities[n]), trust=float(trust[n]))
        for n in order
    )
    findings = replace(item.findings, options=options)
    return replace(item, findings=findings, right=tuple(item.right[n] for n in order))
