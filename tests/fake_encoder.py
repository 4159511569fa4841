"""An encoder without a model: words and Han characters hashed into a bag, scaled to norm 1."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from embeddings.encoder import Vectors

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")


class HashingEncoder:
    """Texts that share words are close; texts that share none are nearly at right angles."""

    name = "hashing/1"
    dim = 64

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for n, text in enumerate(texts):
            rows[n, 0] = 1e-3  # so that a text without words has a direction too
            for word in _WORD.findall(text.casefold()):
                place, sign = divmod(hashlib.sha256(word.encode()).digest()[0], 2)
                rows[n, place % self.dim] += 1.0 if sign else -1.0
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encode_passages(texts)
