"""Exact nearest neighbours with FAISS, over rows that keep their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Vectors


class VectorIndex:
    """Unit vectors by row number, searched by cosine similarity.

    Args:
        rows: Row numbers, ascending, shape (n,).
        vectors: float32 unit rows, shape (n, dim); any empty array for none.

    Raises:
        ValueError: If a vector is not of norm 1.
    """

    def __init__(self, rows: npt.NDArray[np.int64], vectors: Vectors) -> None:
        import faiss

        self._rows = rows
        self._faiss: Any = None
        if len(rows):
            norms = np.linalg.norm(vectors, axis=1)
            worst = int(np.abs(norms - 1.0).argmax())
            if not abs(norms[worst] - 1.0) < 1e-3:  # also catches NaN
                raise ValueError(f"row {rows[worst]} has norm {norms[worst]}, expected 1")
            self._faiss = faiss.IndexFlatIP(vectors.shape[1])
            self._faiss.add(vectors)

    def __len__(self) -> int:
        return len(self._rows)

    def search(self, query: Vectors, k: int) -> dict[int, float]:
        """Return row -> similarity of the `k` closest rows, closest first, ties by row.

        Args:
            query: One unit vector, shape (dim,).
            k: At least 1; fewer come back where there are fewer.

        Raises:
            ValueError: If `k` is less than 1, or the query has another dimension or is not of
                norm 1.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}")
        if not len(self._rows):
            return {}
        self._check(query)
        found = self._faiss.search(query[None, :], min(k, len(self._rows)))
        pairs = [
            (int(self._rows[place]), float(similarity))
            for similarity, place in zip(found[0][0], found[1][0], strict=True)
            if place >= 0  # FAISS pads with -1, which would reach the last row
        ]
        return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))

    def compare(self, query: Vectors, rows: Sequence[int]) -> dict[int, float]:
        """Return row -> similarity for the given rows, in their order.

        Raises:
            KeyError: If the index lacks one of the rows.
            ValueError: As for `search`.
        """
        if not rows:
            return {}
        places = np.searchsorted(self._rows, rows)
        for row, place in zip(rows, places, strict=True):
            if place == len(self._rows) or self._rows[place] != row:
                raise KeyError(f"the index has no row {row}")
        self._check(query)
        similarities = self._faiss.reconstruct_batch(places) @ query
        return {row: float(value) for row, value in zip(rows, similarities, strict=True)}

    def _check(self, query: Vectors) -> None:
        if query.shape != (self._faiss.d,):
            raise ValueError(
                f"the query has shape {query.shape}, the index vectors of {self._faiss.d}"
            )
        norm = float(np.linalg.norm(query))
        if not abs(norm - 1.0) < 1e-3:  # also catches NaN
            raise ValueError(f"the query has norm {norm}, expected 1")
