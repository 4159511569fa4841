"""What the rest of the project needs of an encoder, whichever model stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


class Encoder(Protocol):
    """Turns text into unit vectors; queries and passages may be encoded differently.

    Rows are float32 of norm 1, so that their dot product is the cosine similarity: in [-1, 1],
    higher is closer. Equal input gives equal output.
    """

    @property
    def name(self) -> str:
        """What made the vectors, with its revision; an index refuses another name."""
        ...

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), dim); (0, dim) for no texts."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), dim); (0, dim) for no texts."""
        ...
