"""Run a BERT-like model folder with mean pooling: what sentence-transformers computes, sooner.

Importing sentence-transformers takes twice as long as everything else that a first question
needs; for the bundled model only a tokenizer and a forward pass are wanted of it. A test holds
the vectors against those of `SentenceTransformer` on the same folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.encoder import Vectors

FEW_TOKENS = 512  # about ten questions


class MeanPooledTransformer:
    """A transformer whose text vector is the mean of its token vectors, scaled to norm 1.

    Args:
        folder: Holds `config.json`, `tokenizer.json` and `model.safetensors`.
        max_tokens: Longer text is cut there, as the model was trained to.
        batch_tokens: Upper bound on tokens a forward pass, padding included; a text alone may
            exceed it.
    """

    def __init__(self, folder: Path, *, max_tokens: int = 256, batch_tokens: int = 4096) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # else a later fork warns
        from transformers import AutoModel, AutoTokenizer

        hush_progress()
        self._max_tokens = max_tokens
        self._batch_tokens = batch_tokens
        self._tokenizer: Any = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        self._model: Any = AutoModel.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, use_safetensors=True
        ).eval()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (len(texts), hidden size), in the order of `texts`."""
        rows = np.zeros((len(texts), self._model.config.hidden_size), dtype=np.float32)
        if not texts:
            return rows
        tokens: list[list[int]] = self._tokenizer(
            list(texts), truncation=True, max_length=self._max_tokens
        )["input_ids"]
        order = sorted(range(len(texts)), key=lambda n: (len(tokens[n]), n))
        with _use_threads(sum(map(len, tokens))):
            for batch in _fill_batches(order, tokens, self._batch_tokens):
                rows[batch] = self._forward([tokens[n] for n in batch])
        return rows

    def _forward(self, tokens: list[list[int]]) -> Vectors:
        import torch

        padded = self._tokenizer.pad({"input_ids": tokens}, return_tensors="pt")
        with torch.inference_mode():
            hidden = self._model(**padded).last_hidden_state
            mask = padded["attention_mask"].unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
            unit = torch.nn.functional.normalize(mean, dim=1)
        vectors: Vectors = unit.float().numpy()
        return vectors


@contextmanager
def _use_threads(tokens: int) -> Iterator[None]:
    """One thread for a question: on busy cores, threads that wait for each other cost tenfold."""
    import torch

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1 if tokens < FEW_TOKENS else before)
        yield
    finally:
        torch.set_num_threads(before)


def _fill_batches(
    order: Sequence[int], tokens: Sequence[Sequence[int]], batch_tokens: int
) -> list[list[int]]:
    """Cut `order` (shortest first) into runs whose padded size stays within `batch_tokens`."""
    batches: list[list[int]] = []
    for n in order:
        if batches and (len(batches[-1]) + 1) * len(tokens[n]) <= batch_tokens:
            batches[-1].append(n)
        else:
            batches.append([n])
    return batches


def hush_progress() -> None:
    """Keep transformers from drawing its own progress bar while weights are loaded."""
    from transformers.utils import logging

    untyped: Any = logging
    untyped.disable_progress_bar()
