"""Teach the student: its vector for a text should be the teacher's for the English of it.

The loss is the cosine distance to the teacher's vector (Reimers & Gurevych, EMNLP 2020) plus
the cross-entropy between how the student's and how the teacher's vector see the other targets
of the batch: in-batch contrast (van den Oord et al., 2018) with soft labels, so that two targets
which mean nearly the same are not pushed apart.
"""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn

from embeddings.training.student import Rows, Student
from embeddings.transformer import fill_batches, pad_tokens

LOG = logging.getLogger(__name__)
TEMPERATURE = 0.05
WARM_UP = 0.05  # of all steps
SORTED = 8192  # texts that are sorted by length among themselves


def distill(
    student: Student,
    epochs: Sequence[tuple[list[list[int]], Rows]],
    *,
    body_rate: float,
    row_rate: float,
    contrast: float,
    batch_tokens: int,
    seed: int,
) -> None:
    """Train in place, with rates that rise and then fall in a straight line to nothing.

    Args:
        student: Trained on the device where its parameters are, in bfloat16 where that helps.
        epochs: For each, the tokens of every text and the vectors they should get.
        body_rate: Highest rate of the transformer's own weights (AdamW).
        row_rate: Highest rate of the new rows (Adam for the rows of the batch only).
        contrast: Weight of the contrastive part.
        batch_tokens: Tokens a step, padding included.
        seed: Of the order of the batches.
    """
    rng = random.Random(seed)  # noqa: S311 - an order, not a secret
    body = [p for p in student.body.parameters() if p.requires_grad]
    optimizers = (
        torch.optim.AdamW(body, lr=body_rate, weight_decay=0.01),
        torch.optim.SparseAdam([student.new.weight], lr=row_rate),
    )
    batches = [_shuffle(tokens, batch_tokens, rng) for tokens, _ in epochs]
    steps = sum(map(len, batches))
    slope = make_slope(steps)
    schedules = [torch.optim.lr_scheduler.LambdaLR(o, slope) for o in optimizers]
    started, step = perf_counter(), 0
    student.train()
    for (tokens, targets), order in zip(epochs, batches, strict=True):
        for batch in order:
            wanted = torch.tensor(targets[batch], dtype=torch.float32)
            loss = _learn(student, [tokens[n] for n in batch], wanted, contrast=contrast)
            nn.utils.clip_grad_norm_(body, 1.0)
            for optimizer, schedule in zip(optimizers, schedules, strict=True):
                optimizer.step()
                optimizer.zero_grad()
                schedule.step()
            step += 1
            if step % 100 == 0:
                minutes = (perf_counter() - started) / 60
                left = minutes / step * (steps - step)
                LOG.info("step %d of %d, loss %.4f, %.1f min left", step, steps, loss, left)


def compute_loss(got: Tensor, wanted: Tensor, *, contrast: float) -> Tensor:
    """Return the mean loss over unit rows `got` and `wanted`, both of shape (n, dim)."""
    distance = 1 - (got * wanted).sum(1).mean()
    labels = torch.softmax(wanted @ wanted.T / TEMPERATURE, dim=1)
    seen = torch.log_softmax(got @ wanted.T / TEMPERATURE, dim=1)
    return distance + contrast * -(labels * seen).sum(1).mean()


def _learn(
    student: Student, tokens: Sequence[Sequence[int]], wanted: Tensor, *, contrast: float
) -> float:
    """Add the gradients of a batch, and return its loss."""
    device = student.new.weight.device
    ids, mask = (tensor.to(device) for tensor in pad_tokens(tokens))
    with torch.autocast(device.type, torch.bfloat16):
        got = student(ids, mask)
    loss = compute_loss(got, wanted.to(device), contrast=contrast)
    backward: Any = loss.backward
    backward()
    return loss.item()


def _shuffle(
    tokens: Sequence[Sequence[int]], batch_tokens: int, rng: random.Random
) -> list[list[int]]:
    """Batches of texts of about one length, in random order, other texts together each time."""
    order = list(range(len(tokens)))
    rng.shuffle(order)
    batches: list[list[int]] = []
    for first in range(0, len(order), SORTED):
        part = order[first : first + SORTED]
        filled = fill_batches([tokens[n] for n in part], batch_tokens=batch_tokens)
        batches += [[part[n] for n in batch] for batch in filled]
    rng.shuffle(batches)
    return batches


def make_slope(steps: int) -> Callable[[int], float]:
    """A schedule: up to 1 over the first steps, then down to 0 in a straight line."""
    warm = max(1, math.ceil(steps * WARM_UP))
    return lambda step: min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))
