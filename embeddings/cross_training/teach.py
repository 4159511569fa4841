"""Teach the pair model: choose among the sentences and "none of them", then the words.

The loss of a case is the cross-entropy of a softmax over its sentences' scores and a 0, which
stands for "none of them answers" (list-wise: Cao et al., ICML 2007), plus, where one does, minus
the logarithm of what the softmax over its tokens gives to those of the value.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn

from embeddings.cross_encoder import Pair, PairReader, fill_up
from embeddings.cross_training.cases import Case
from embeddings.pair_model import PairModel
from embeddings.training.distill import make_slope

LOG = logging.getLogger(__name__)
WORDS = 0.5  # weight of the loss over tokens
SORTED = 64  # batches whose cases are sorted by length among themselves


@dataclass(frozen=True, slots=True)
class ReadCase:
    """A case as token ids; the first of `pairs` answers if `right` is 1."""

    pairs: tuple[Pair, ...]
    right: int
    span: tuple[int, int]


def read_cases(reader: PairReader, cases: Sequence[Case]) -> list[ReadCase]:
    """Cut the cases into token ids, in their order; those without a sentence are left out."""
    return [
        ReadCase(tuple(reader.read(case.question, case.sentences)), case.right, case.span)
        for case in cases
        if case.sentences
    ]


def teach(
    model: PairModel, epochs: Sequence[Sequence[ReadCase]], *, rate: float, batch: int, seed: int
) -> None:
    """Train in place, with a rate that rises and then falls in a straight line to nothing.

    Args:
        model: All but its table of words is learnt.
        epochs: The cases of each.
        rate: Highest rate (AdamW).
        batch: Cases a step.
        seed: Of the order of the batches.
    """
    rng = random.Random(seed)  # noqa: S311 - an order, not a secret
    batches = [part for cases in epochs for part in _shuffle(cases, batch, rng)]
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, make_slope(len(batches)))
    started, sums = perf_counter(), [0.0, 0.0]
    model.train()
    for step, cases in enumerate(batches, 1):
        loss, right = _learn(model, cases)
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        sums = [sums[0] + loss, sums[1] + right]
        if step % 50 == 0:
            left = (perf_counter() - started) / 60 / step * (len(batches) - step)
            LOG.info(
                "step %d of %d, loss %.4f, chosen right %.3f, %.1f min left",
                step, len(batches), sums[0] / 50, sums[1] / 50, left,
            )  # fmt: skip
            sums = [0.0, 0.0]
    model.eval()


def check(model: PairModel, cases: Sequence[ReadCase], *, batch: int) -> tuple[float, float, float]:
    """Return how often the model chooses right on cases that it did not learn from.

    Returns:
        Shares: of answered cases whose answer is put before the other sentences; of all cases
        whose choice is right, "none" included; of those with a value, how probable its words are.
    """
    ordered, chosen, words = [], [], []
    order = sorted(cases, key=_measure)
    with torch.inference_mode():
        for first in range(0, len(order), batch):
            part = order[first : first + batch]
            scores, told = _run(model, part)
            for case, row, share in zip(part, scores, told, strict=True):
                chosen.append(float(int(row.argmax()) == (1 if case.right else 0)))
                if case.right:
                    ordered.append(float(int(row[1:].argmax()) == 0))
                if case.span[1]:
                    words.append(float(share))
    return _average(ordered), _average(chosen), _average(words)


def _learn(model: PairModel, cases: Sequence[ReadCase]) -> tuple[float, float]:
    """Add the gradients of a batch; return its loss, and the share of right choices."""
    scores, told = _run(model, cases)
    labels = torch.tensor([1 if case.right else 0 for case in cases])
    loss = nn.functional.cross_entropy(scores, labels)
    valued = torch.tensor([case.span[1] > 0 for case in cases])
    if valued.any():
        loss = loss - WORDS * torch.log(told[valued].clamp_min(1e-6)).mean()
    backward: Any = loss.backward
    backward()
    return loss.item(), float((scores.argmax(1) == labels).float().mean())


def _run(model: PairModel, cases: Sequence[ReadCase]) -> tuple[Tensor, Tensor]:
    """Return scores, a row a case: 0 for none, then each sentence; and how probable its words are.

    Rows are filled up with what is never chosen.
    """
    pairs = [pair for case in cases for pair in case.pairs]
    with torch.autocast("cpu", torch.bfloat16):
        relevance, inside = model(*fill_up(pairs))
    width = max(len(case.pairs) for case in cases)
    rows, told, first = [], [], 0
    for case in cases:
        own = relevance[first : first + len(case.pairs)]
        filler = own.new_full((width - len(case.pairs),), -1e4)
        rows.append(torch.cat([own.new_zeros(1), own, filler]))
        told.append(_share_of_value(inside[first], case))
        first += len(case.pairs)
    return torch.stack(rows).float(), torch.stack(told)


def _share_of_value(logits: Tensor, case: ReadCase) -> Tensor:
    """What the softmax over the first sentence's tokens gives to those of the value."""
    pair, (start, end) = case.pairs[0], case.span
    own = torch.softmax(logits[pair.begin : pair.end].float(), dim=0)
    held = [float(a < end and b > start) for a, b in pair.spans]
    return (own * own.new_tensor(held)).sum()


def _shuffle(cases: Sequence[ReadCase], batch: int, rng: random.Random) -> list[list[ReadCase]]:
    """Batches of cases of about one length, in random order."""
    order = list(cases)
    rng.shuffle(order)
    size = SORTED * batch
    parts = [sorted(order[n : n + size], key=_measure) for n in range(0, len(order), size)]
    batches = [part[n : n + batch] for part in parts for n in range(0, len(part), batch)]
    rng.shuffle(batches)
    return batches


def _measure(case: ReadCase) -> int:
    return max(len(pair.ids) for pair in case.pairs)


def _average(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))
