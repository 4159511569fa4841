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
from embeddings.precision import Precision, load_body

FEW_TOKENS = 512  # about ten questions


class MeanPooledTransformer:
    """A transformer whose text vector is the mean of its token vectors, scaled to norm 1.

    A text of more than `max_tokens` tokens is read in windows of equal length, and its vector
    is the mean over the tokens of all of them: nothing is cut.

    Args:
        folder: Holds `config.json`, `tokenizer.json` and `model.safetensors`.
        precision: What the processor computes with; "auto" takes what is fastest on it.
        max_tokens: Longest window, the two tokens that frame it included.
        batch_tokens: Upper bound on tokens a forward pass, padding included; a window alone
            may exceed it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        precision: Precision = "float32",
        max_tokens: int = 256,
        batch_tokens: int = 4096,
    ) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # else a later fork warns
        from tokenizers import Tokenizer

        hush_progress()
        self._max_tokens = max_tokens
        self._batch_tokens = batch_tokens
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.model = load_body(folder, precision)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (len(texts), hidden size), in the order of `texts`."""
        sums = np.zeros((len(texts), self.model.config.hidden_size), dtype=np.float32)
        windows: list[list[int]] = []
        owners: list[int] = []
        for n, encoding in enumerate(self._tokenizer.encode_batch(list(texts))):
            parts = cut_windows(encoding.ids, self._max_tokens)
            windows += parts
            owners += [n] * len(parts)
        with _use_threads(sum(map(len, windows))):
            for batch in fill_batches(windows, batch_tokens=self._batch_tokens):
                np.add.at(
                    sums, [owners[n] for n in batch], self.sum_windows([windows[n] for n in batch])
                )
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        rows: Vectors = sums / np.maximum(norms, 1e-12)
        return rows

    def tokenize(self, text: str) -> list[int]:
        """Return the token ids of `text`, framed, however many they are."""
        ids: list[int] = self._tokenizer.encode(text).ids
        return ids

    def sum_windows(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        """Return the sum of each window's token vectors, shape (len(tokens), hidden size)."""
        import torch

        ids, mask = pad_tokens(tokens)
        with torch.inference_mode():
            hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            sums: Vectors = (hidden * mask.unsqueeze(-1)).sum(dim=1).numpy()
        return sums


def cut_windows(ids: Sequence[int], max_tokens: int) -> list[list[int]]:
    """Cut framed token ids into the fewest windows of about equal length, each framed alike.

    Args:
        ids: First token, text, last token.
        max_tokens: At least 3.
    """
    first, *text, last = ids
    count = max(1, -(-len(text) // (max_tokens - 2)))
    size = max(1, -(-len(text) // count))
    return [
        [first, *text[start : start + size], last] for start in range(0, max(1, len(text)), size)
    ]


def fill_batches(tokens: Sequence[Sequence[int]], *, batch_tokens: int) -> list[list[int]]:
    """Group places of `tokens`, shortest first, so that a batch padded stays in `batch_tokens`."""
    batches: list[list[int]] = []
    for n in sorted(range(len(tokens)), key=lambda n: (len(tokens[n]), n)):
        if batches and (len(batches[-1]) + 1) * len(tokens[n]) <= batch_tokens:
            batches[-1].append(n)
        else:
            batches.append([n])
    return batches


def pad_tokens(tokens: Sequence[Sequence[int]]) -> tuple[Any, Any]:
    """Return tensors of ids and of their mask, shape (len(tokens), longest); 0 pads."""
    import torch

    width = max(map(len, tokens))
    ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in tokens])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in tokens])
    return ids, mask


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


def hush_progress() -> None:
    """Keep transformers from drawing its own progress bar while weights are loaded."""
    from transformers.utils import logging

    untyped: Any = logging
    untyped.disable_progress_bar()
