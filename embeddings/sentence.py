"""Any sentence-transformers model, by hub name or folder, as an `Encoder`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embeddings.encoder import Vectors
from embeddings.transformer import hush_progress
from rag.errors import ModelMissingError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class SentenceEncoder:
    """Encodes with a sentence-transformers model, loaded when first needed.

    Weights come from safetensors only, and code that a model folder may bring is not run. A
    folder is read without any network; a hub name uses the hub's cache, and the hub itself if
    the model is not there yet.

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

    @property
    def name(self) -> str:
        """The model's name with its prompts, because they change the vectors."""
        prompts = f" {self._query_prompt!r} {self._passage_prompt!r}"
        return f"sentence:{self._source}" + (prompts if prompts.strip("' ") else "")

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        size = self._model.get_embedding_dimension()
        if size is None:
            raise ModelMissingError(f"the model {self._source!r} does not say its dimension")
        return int(size)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode_passages`; a text beyond the model's window is cut there."""
        return self._encode(texts, self._passage_prompt)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode_queries`."""
        return self._encode(texts, self._query_prompt)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        vectors = self._model.encode(
            [prompt + text for text in texts],
            batch_size=self._batch_size,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    @property
    def _model(self) -> SentenceTransformer:
        if self._loaded is None:
            self._loaded = _load_model(self._source)
        return self._loaded


def _load_model(source: str) -> SentenceTransformer:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # else a later fork warns
    from sentence_transformers import SentenceTransformer

    hush_progress()
    local = Path(source).is_dir()
    try:
        return SentenceTransformer(
            source,
            device=None,
            trust_remote_code=False,
            local_files_only=local,
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError) as exc:
        raise ModelMissingError(
            f"the model {source!r} could not be loaded ({exc}). Give a folder that holds a "
            "sentence-transformers model with safetensors weights, or a hub name while the hub "
            "can be reached"
        ) from exc
