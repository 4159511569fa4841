"""Any sentence-transformers model, by hub name or folder, as an `Encoder`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from embeddings.encoder import Vectors
from embeddings.hub import reach_hub
from embeddings.transformer import hush_progress
from rag.errors import ModelMissingError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


FRAME = 8  # more than any model's tokens before and after a text


class SentenceEncoder:
    """Encodes with a sentence-transformers model, loaded when first needed.

    Weights come from safetensors only, and code that a model folder may bring is not run. A
    folder, or a model in the hub's cache, is read without any network; the hub itself is asked
    only for a model that is not there yet. A text beyond the model's window is read in parts
    that fit, each with its prompt; its vector is their mean, weighted by length.

    Args:
        model: Hub name or folder.
        query_prompt: Put before each query; models such as E5 expect `"query: "`.
        passage_prompt: Put before each passage.
        batch_size: Texts a forward pass.
    """

    def __init__(
        self,
        model: str,
        *,
        query_prompt: str = "",
        passage_prompt: str = "",
        batch_size: int = 32,
    ) -> None:
        self._source = model
        self._query_prompt = query_prompt
        self._passage_prompt = passage_prompt
        self._batch_size = batch_size
        self._loaded: SentenceTransformer | None = None
        self._lock = Lock()

    @property
    def name(self) -> str:
        """The model's name with its prompts, because they change the vectors."""
        if not self._query_prompt and not self._passage_prompt:
            return f"sentence:{self._source}"
        return f"sentence:{self._source} {self._query_prompt!r} {self._passage_prompt!r}"

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        size = self._model.get_embedding_dimension()
        if size is None:
            raise ModelMissingError(f"the model {self._source!r} does not say its dimension")
        return int(size)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode_passages`."""
        return self._encode(texts, self._passage_prompt)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode_queries`."""
        return self._encode(texts, self._query_prompt)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        model = self._model
        with self._lock:  # a tokenizer is not made for threads
            parts = [_split_text(model, text, prompt) for text in texts]
            vectors = model.encode(
                [prompt + part for pieces in parts for part in pieces],
                batch_size=self._batch_size,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return _join_parts(np.asarray(vectors, dtype=np.float32), parts)

    @property
    def _model(self) -> SentenceTransformer:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load_model(self._source)
            return self._loaded


def _split_text(model: SentenceTransformer, text: str, prompt: str) -> list[str]:
    """Halve `text` until every part fits the model's window with its prompt, or is one character.

    Tokens are only counted where there may be too many: no token stands for less than a byte.
    """
    window = model.max_seq_length
    if window is None or len((prompt + text).encode()) + FRAME <= window:
        return [text]
    tokens = model.tokenizer([prompt + text], truncation=False, verbose=False)["input_ids"][0]
    if len(tokens) <= window or len(text) < 2:
        return [text]
    middle = len(text) // 2
    return [
        part for half in (text[:middle], text[middle:]) for part in _split_text(model, half, prompt)
    ]


def _join_parts(vectors: Vectors, parts: Sequence[Sequence[str]]) -> Vectors:
    rows = np.zeros((len(parts), vectors.shape[1]), dtype=np.float32)
    owners = [n for n, pieces in enumerate(parts) for _ in pieces]
    lengths = [max(1, len(piece)) for pieces in parts for piece in pieces]
    np.add.at(rows, owners, vectors * np.array(lengths, dtype=np.float32)[:, np.newaxis])
    unit: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit


def _load_model(source: str) -> SentenceTransformer:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # else a later fork warns
    from safetensors import SafetensorError

    hush_progress()
    problems = (OSError, ValueError, SafetensorError)
    try:
        return _open_model(source, local=True)
    except problems as exc:
        if Path(source).is_dir():
            raise _missing(source, exc) from exc
    try:
        reach_hub()
        return _open_model(source, local=False)
    except problems as exc:
        raise _missing(source, exc) from exc


def _open_model(source: str, *, local: bool) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(
        source,
        device=None,
        trust_remote_code=False,
        local_files_only=local,
        model_kwargs={"use_safetensors": True},
    )


def _missing(source: str, why: Exception) -> ModelMissingError:
    return ModelMissingError(
        f"the model {source!r} could not be loaded ({why}). Give a folder that holds a "
        "sentence-transformers model with safetensors weights, or a hub name while the hub "
        "can be reached"
    )
