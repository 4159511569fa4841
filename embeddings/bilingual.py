"""The default encoder: Chinese and English into one space, from installed files, no hub.

The model in `embeddings/model` is `all-MiniLM-L6-v2` with a Chinese vocabulary, taught to give a
Chinese text the vector of its English translation (`embeddings/training`). Any
sentence-transformers can load the folder; here its weights are checked first, text is folded,
and what is too long for one window is read in several.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock

from embeddings.encoder import Vectors
from embeddings.fold import fold_text
from embeddings.numerals import rewrite_numerals
from embeddings.precision import Precision
from embeddings.transformer import MeanPooledTransformer
from rag.errors import ModelMissingError

MODEL = Path(__file__).with_name("model")
CHECKSUMS = "SHA256SUMS"
REVISION = "1"  # counts up when the same weights may give a text another vector


class BilingualEncoder:
    """The bundled model.

    Args:
        folder: Where the model lies.
        precision: What the processor computes with; "auto" takes what is fastest on it.
    """

    def __init__(self, folder: Path = MODEL, *, precision: Precision = "auto") -> None:
        self._folder = folder
        self._precision = precision
        self._loaded: MeanPooledTransformer | None = None
        self._lock = Lock()

    @cached_property
    def name(self) -> str:
        """Model, fingerprint of its files, and revision of what is done to the text.

        The precision is not part of it: vectors of one precision find those of another.
        """
        digest = hashlib.sha256(read_checksums(self._folder).encode()).hexdigest()
        return f"crossquote-minilm-zh-en/{digest[:12]}/{REVISION}"

    @property
    def dim(self) -> int:
        """Numbers in a vector: 384."""
        return 384

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode_passages`."""
        return self._encode(texts)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode_queries`."""
        return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        read = [rewrite_numerals(fold_text(text)) for text in texts]
        with self._lock:  # for loading once, and because PyTorch's threads are set for all
            if self._loaded is None:
                check_files(self._folder)
                self._loaded = MeanPooledTransformer(self._folder, precision=self._precision)
            return self._loaded.encode(read)


def check_files(folder: Path) -> None:
    """Raise `ModelMissingError` unless the files of `folder` are those that `SHA256SUMS` lists."""
    for line in read_checksums(folder).splitlines():
        expected, _, name = line.partition("  ")
        path = folder / name
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as exc:
            raise ModelMissingError(
                f"the model file {str(path)!r} cannot be read ({exc}). {_REMEDY}"
            ) from exc
        if digest != expected:
            raise ModelMissingError(
                f"the model file {str(path)!r} is damaged: its SHA-256 is {digest[:12]}…, "
                f"expected {expected[:12]}…. {_REMEDY}"
            )


def read_checksums(folder: Path) -> str:
    """Return the text of the folder's `SHA256SUMS`: a line a file, as `sha256sum` writes it.

    Raises:
        ModelMissingError: If there is none.
    """
    path = folder / CHECKSUMS
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise ModelMissingError(
            f"the model's checksums {str(path)!r} cannot be read ({exc}). {_REMEDY}"
        ) from exc


_REMEDY = "Restore the folder: git checkout embeddings, or install Crossquote again"
