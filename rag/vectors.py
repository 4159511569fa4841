"""Nearest neighbors by cosine, over rows that keep their numbers, in an index that changes.

Up to `EXACT_ROWS` rows every vector is kept in memory and the closest are found exactly. Beyond,
memory holds a code of each vector, a shortlist is found by these, and its vectors are loaded and
compared exactly: what is told of a row is always exact, only the choice of rows is not.

The measurements are those of `eval.bench.neighbors`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Vectors
from rag.neighbors import SAMPLE_ROWS, CodedNeighbors, ExactNeighbors, read_codes, write_codes

Rows = npt.NDArray[np.int64]
Load = Callable[[Rows], Vectors]
"""Rows, ascending -> their vectors in that order: float32 unit rows, shape (len(rows), dim)."""

# Exact search takes 3.3 ms and 77 MB here, .15 s to build; of 410,000 rows 12 ms and 315 MB. Codes
# take 4.4 ms of 410,000 and 9.5 of a million, 43 and 104 MB, but 4 and 9 s to build without a file.
# All of 384 values, one thread, vectors of the shortlist read from SQLite.
EXACT_ROWS = 100_000
_CHUNK_ROWS = 8192  # loaded and added at once
_NORM_SLACK = 1e-3


class VectorIndex:
    """Unit vectors by row number, searched by cosine similarity; empty until it follows.

    Similarities lie in [-1, 1], higher is closer; `search` and `compare` tell the same of a row.

    Args:
        exact_rows: As many are searched exactly, at least 16.

    Raises:
        ValueError: If `exact_rows` is less than 16.
    """

    def __init__(self, *, exact_rows: int = EXACT_ROWS) -> None:
        if exact_rows < 16:
            raise ValueError(f"exact_rows must be at least 16, got {exact_rows}")
        self._exact_rows = exact_rows
        self._load: Load = _load_nothing
        self._neighbors: ExactNeighbors | CodedNeighbors | None = None
        self._rows: Rows = np.zeros(0, dtype=np.int64)  # by place
        self._order: Rows | None = None  # places, by row; made when first needed

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def dim(self) -> int:
        """Values in a vector; 0 where there is none."""
        return self._neighbors.dim if self._neighbors is not None else 0

    @property
    def exact(self) -> bool:
        """Whether search is exact."""
        return not isinstance(self._neighbors, CodedNeighbors)

    def follow(self, rows: Rows, load: Load) -> None:
        """Bring the index in line with `rows`: the vectors of new ones are loaded, others go.

        If `load` raises, a part of the rows is there, and the next call goes on.

        Args:
            rows: All rows there are, ascending.
            load: Asked for the new rows, a chunk at once, and kept: an index that is not exact
                asks it again in every search, for a few hundred rows from all over.

        Raises:
            ValueError: If `rows` do not ascend, or `load` gives anything but unit rows.
        """
        if not (rows[1:] > rows[:-1]).all():
            raise ValueError("the rows must ascend, without repeats")
        self._load = load
        exact = self._is_exact_for(len(rows))
        gone = np.flatnonzero(~np.isin(self._rows, rows, assume_unique=True))
        if exact != self.exact or len(gone) == len(self._rows):
            self._clear()
        elif len(gone) and self._neighbors is not None:
            self._set_rows(self._rows[self._neighbors.remove(gone)])
        new = rows[~np.isin(rows, self._rows, assume_unique=True)]
        if self._neighbors is None and not exact:
            self._neighbors = CodedNeighbors.learn(self._fetch(_take_sample(rows)))
        for first in range(0, len(new), _CHUNK_ROWS):
            self._add(new[first : first + _CHUNK_ROWS])

    def count_differences(self, rows: Rows) -> int:
        """How many of `rows` it lacks, and how many others it holds."""
        return len(np.setxor1d(self._rows, rows, assume_unique=True))

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
        if self._neighbors is None:
            return {}
        self._check_query(query)
        rows = np.sort(self._rows[self._neighbors.find(query, k)])
        similarities = self._compare(query, rows)
        best = np.argsort(-similarities, kind="stable")[:k]
        return dict(zip(rows[best].tolist(), similarities[best].tolist(), strict=True))

    def compare(self, query: Vectors, rows: Sequence[int]) -> dict[int, float]:
        """Return row -> similarity for the given rows, in their order.

        Raises:
            KeyError: If the index lacks one of the rows.
            ValueError: As for `search`.
        """
        if not rows:
            return {}
        wanted, back = np.unique(np.asarray(rows, dtype=np.int64), return_inverse=True)
        missing = wanted[~np.isin(wanted, self._rows, assume_unique=True)]
        if len(missing):
            raise KeyError(f"the index has no row {missing[0]}")
        self._check_query(query)
        similarities = self._compare(query, wanted)[back]
        return dict(zip(rows, similarities.tolist(), strict=True))

    def write(self, path: Path) -> None:
        """Write what `read` makes the index of again, without the vectors being loaded.

        Raises:
            ValueError: If the index is exact: it holds vectors, which are not worth a copy.
        """
        match self._neighbors:
            case CodedNeighbors() as neighbors:
                write_codes(path, self._rows, neighbors)
            case _:
                raise ValueError("an exact index is made from the vectors, not from a file")

    @classmethod
    def read(cls, path: Path, *, exact_rows: int = EXACT_ROWS) -> VectorIndex:
        """Make the index that was written to `path`; it must follow before it is searched.

        The file is not believed, but only its checksum, which the caller keeps, can tell that
        its codes are those that were written.

        Raises:
            FileNotFoundError: If there is no file.
            ValueError: If the file is damaged, or made with another version of FAISS.
        """
        made = cls(exact_rows=exact_rows)
        rows, made._neighbors = read_codes(path)
        made._set_rows(rows)
        return made

    def _is_exact_for(self, count: int) -> bool:
        """Whether `count` rows are searched exactly; it does not change to and fro with a few."""
        return count <= (self._exact_rows if self.exact else self._exact_rows // 2)

    def _clear(self) -> None:
        self._neighbors = None
        self._set_rows(np.zeros(0, dtype=np.int64))

    def _set_rows(self, rows: Rows) -> None:
        self._rows = rows
        self._order = None

    def _add(self, rows: Rows) -> None:
        vectors = self._fetch(rows)
        if self._neighbors is None:
            self._neighbors = ExactNeighbors(vectors.shape[1])
        self._neighbors.add(vectors)
        self._set_rows(np.concatenate([self._rows, rows]))

    def _compare(self, query: Vectors, rows: Rows) -> npt.NDArray[np.float32]:
        if isinstance(self._neighbors, ExactNeighbors):
            if self._order is None:
                self._order = np.argsort(self._rows, kind="stable")
            places = np.searchsorted(self._rows, rows, sorter=self._order)
            vectors = self._neighbors.get(self._order[places])
        else:
            vectors = self._fetch(rows)
        similarities: npt.NDArray[np.float32] = np.einsum("ij,j->i", vectors, query)
        return similarities  # "@" may tell equal vectors apart

    def _fetch(self, rows: Rows) -> Vectors:
        vectors = np.ascontiguousarray(self._load(rows), dtype=np.float32)
        dim = self._neighbors.dim if self._neighbors is not None else vectors.shape[-1]
        if vectors.shape != (len(rows), dim):
            raise ValueError(
                f"the vectors of {len(rows)} rows have shape {vectors.shape}, "
                f"expected {(len(rows), dim)}"
            )
        squares = np.einsum("ij,ij->i", vectors, vectors)
        worst = int(np.abs(squares - 1.0).argmax())
        _check_norm(float(np.sqrt(squares[worst])), f"row {rows[worst]}")
        return vectors

    def _check_query(self, query: Vectors) -> None:
        if query.shape != (self.dim,):
            raise ValueError(f"the query has shape {query.shape}, the index vectors of {self.dim}")
        _check_norm(float(np.linalg.norm(query)), "the query")


def _check_norm(norm: float, what: str) -> None:
    if not abs(norm - 1.0) < _NORM_SLACK:  # also catches NaN
        raise ValueError(f"{what} has norm {norm}, expected 1")


def _load_nothing(rows: Rows) -> Vectors:
    raise RuntimeError(f"{len(rows)} vectors are needed of an index that has not followed yet")


def _take_sample(rows: Rows) -> Rows:
    places = np.linspace(0, len(rows) - 1, min(len(rows), SAMPLE_ROWS)).astype(np.int64)
    sample: Rows = rows[places]
    return sample
