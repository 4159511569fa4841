"""Which vectors of a list are closest to a query: found exactly, or by codes of four bits.

Vectors are known by their places in the list, from 0. Both kinds name candidates, among which
the caller looks for the closest; neither tells similarities.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from embeddings.encoder import Vectors

Places = npt.NDArray[np.int64]
SAMPLE_ROWS = 2048  # 300 questions, 2,048 passages or 4,096 teach codes that find the same
_ROUNDS = 8  # of k-means; 25 find the same
_CENTROIDS = 16  # what four bits tell apart
# Of 410,000 passages, 150 candidates hold all of the 10 closest, 300 hold .998 of the 50 closest.
_TIMES, _SPARE = 4, 100  # candidates: so many k, and so many more
_KINDS = {"rows": ("<i8", 1), "centroids": ("<f4", 3), "codes": ("|u1", 2), "made_with": ("|u1", 1)}
_TIE = 1e-6  # similarities that differ by less may be of equal vectors


class ExactNeighbors:
    """Holds every vector, as float16, and misses none of the closest.

    Args:
        dim: Values in a vector.
    """

    def __init__(self, dim: int) -> None:
        import faiss

        kind = faiss.ScalarQuantizer.QT_fp16
        self._faiss: Any = faiss.IndexScalarQuantizer(dim, kind, faiss.METRIC_INNER_PRODUCT)
        self.dim = dim

    def add(self, vectors: Vectors) -> None:
        """Put unit rows at the end of the list."""
        self._faiss.add(vectors)

    def remove(self, places: Places) -> Places:
        """Take vectors away; return the places that those which stay had, in their new order.

        Args:
            places: Ascending.
        """
        kept = np.delete(np.arange(self._faiss.ntotal), places)
        self._faiss.remove_ids(places)
        return kept

    def find(self, query: Vectors, k: int) -> Places:
        """Return the places of the `k` closest, and of all that are as close as the last of them.

        Fewer come where there are fewer; their order means nothing.
        """
        asked = min(k + 1, self._faiss.ntotal)
        with _one_thread():
            similarities, places = self._faiss.search(query[None, :], asked)
            if asked > k and similarities[0, k - 1] - similarities[0, k] < _TIE:
                lowest = float(similarities[0, k - 1]) - _TIE
                places = self._faiss.range_search(query[None, :], lowest)[2]
        found: Places = places.ravel()
        return found[found >= 0]  # FAISS pads with -1, which would reach the last place

    def get(self, places: Places) -> Vectors:
        """Return the vectors of `places`, shape (len(places), dim), as float16 keeps them."""
        with _one_thread():
            vectors: Vectors = self._faiss.reconstruct_batch(places)
        return vectors


class CodedNeighbors:
    """Holds four bits for every two values of a vector, to name some that are likely closest.

    A product quantizer whose tables fit into registers (André et al., Cache locality is not
    enough, VLDB 2015). Codes are compared with the query itself, not with its code.

    Args:
        centroids: What the codes stand for, float32, shape (parts, 16, dim / parts); there is a
            part for every two values, or for each where their number is odd.

    Raises:
        ValueError: If the centroids have another shape or hold values that are no numbers.
    """

    def __init__(self, centroids: npt.NDArray[np.float32]) -> None:
        import faiss

        if centroids.ndim != 3 or centroids.shape[1] != _CENTROIDS or not centroids.size:
            raise ValueError(f"centroids have shape {centroids.shape}, expected (parts, 16, 2)")
        self.dim = centroids.shape[0] * centroids.shape[2]
        if centroids.shape[0] != _count_parts(self.dim) or not np.isfinite(centroids).all():
            raise ValueError("the centroids are not those of codes of four bits")
        self._faiss: Any = _make_index(self.dim)
        faiss.copy_array_to_vector(centroids.ravel(), self._faiss.pq.centroids)
        self._faiss.is_trained = True
        self._packer: Any = self._faiss.get_CodePacker()

    @classmethod
    def learn(cls, sample: Vectors) -> CodedNeighbors:
        """Make an empty list whose codes suit vectors like those of `sample`.

        Args:
            sample: Unit rows, at least 16, shape (n, dim). Equal samples give equal codes.
        """
        import faiss

        index = _make_index(sample.shape[1])
        index.pq.cp.niter = _ROUNDS
        index.pq.cp.min_points_per_centroid = 1  # or FAISS warns on the console
        index.train(sample)
        centroids = faiss.vector_to_array(index.pq.centroids)
        return cls(centroids.reshape(index.pq.M, _CENTROIDS, -1))

    @classmethod
    def restore(
        cls, centroids: npt.NDArray[np.float32], codes: npt.NDArray[np.uint8], count: int
    ) -> CodedNeighbors:
        """Make the list again that had these `centroids`, `codes` and number of vectors.

        Raises:
            ValueError: If they do not fit together.
        """
        made = cls(centroids)
        blocks = -(-count // made._packer.nvec)
        if codes.shape != (blocks, made._packer.block_size):
            raise ValueError(f"{count} vectors have codes of shape {codes.shape}")
        made._faiss.codes.resize(codes.size)
        made._faiss.ntotal, made._faiss.ntotal2 = count, blocks * made._packer.nvec
        made.codes[:] = codes
        made._blank(count)
        return made

    @property
    def centroids(self) -> npt.NDArray[np.float32]:
        """A copy of what the codes stand for, as for the constructor."""
        import faiss

        flat = faiss.vector_to_array(self._faiss.pq.centroids)
        found: npt.NDArray[np.float32] = flat.reshape(self._faiss.pq.M, _CENTROIDS, -1)
        return found

    @property
    def codes(self) -> npt.NDArray[np.uint8]:
        """The codes themselves, in blocks of some vectors each, until the next `add`."""
        import faiss

        size = self._faiss.codes.size()
        flat: npt.NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
        if size:
            flat = faiss.rev_swig_ptr(self._faiss.codes.get(), size)
        return flat.reshape(-1, self._packer.block_size)

    def add(self, vectors: Vectors) -> None:
        """Put unit rows at the end of the list."""
        self._faiss.add(vectors)

    def remove(self, places: Places) -> Places:
        """Take vectors away; return the places that those which stay had, in their new order.

        The last ones fill the holes: to close up instead would cost .9 s in a million.

        Args:
            places: Ascending.
        """
        import faiss

        before = self._faiss.ntotal
        after = before - len(places)
        holes = places[places < after]
        movers = np.setdiff1d(np.arange(after, before), places, assume_unique=True)
        for hole, mover in zip(holes.tolist(), movers.tolist(), strict=True):
            code = self._packer.unpack_1(*self._locate(mover))
            self._put(code, hole)
        self._blank(after)
        self._faiss.remove_ids(faiss.IDSelectorRange(after, before))
        kept = np.arange(after)
        kept[holes] = movers
        return kept

    def find(self, query: Vectors, k: int) -> Places:
        """Return places among which the `k` closest are likely to be; their order means nothing."""
        asked = min(_TIMES * k + _SPARE, self._faiss.ntotal)
        with _one_thread():
            found: Places = self._faiss.search(query[None, :], asked)[1][0]
        return found[found >= 0]  # FAISS pads with -1, which would reach the last place

    def _blank(self, first: int) -> None:
        """Set the codes from place `first` to the end of its block to zero.

        FAISS combines the codes it adds to a block with what stands there, bit by bit.
        """
        zero = np.zeros(self._packer.code_size, dtype=np.uint8)
        for place in range(first, -(-first // self._packer.nvec) * self._packer.nvec):
            self._put(zero, place)

    def _put(self, code: npt.NDArray[np.uint8], place: int) -> None:
        block, offset = self._locate(place)
        self._packer.pack_1(code, offset, block)

    def _locate(self, place: int) -> tuple[npt.NDArray[np.uint8], int]:
        """The block that holds a code, shape (1, its bytes), and where in it."""
        block, offset = divmod(place, self._packer.nvec)
        return self.codes[block : block + 1], offset


def write_codes(path: Path, rows: Places, neighbors: CodedNeighbors) -> None:
    """Write the codes of `rows`, so that `path` is at all times the whole of one file.

    The draft lies beside it, with `.part` behind its name: one process may write at a time.

    Args:
        path: A file in the format of safetensors, about 104 MB for a million rows of 384 values.
        rows: The row at each place.
        neighbors: Of as many vectors.
    """
    arrays: dict[str, npt.NDArray[Any]] = {
        "rows": rows,
        "centroids": neighbors.centroids,
        "codes": neighbors.codes,
        "made_with": _name_layout(),
    }
    draft = path.with_name(f"{path.name}.part")
    with draft.open("wb") as file:  # by our own hand: `save_file` leaves drafts of other names
        file.write(save(arrays))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read_codes(path: Path) -> tuple[Places, CodedNeighbors]:
    """Return the rows and codes in `path`. Nothing larger than the file is made.

    Sizes are checked, codes are not: flipped bits give other candidates.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no whole file of codes, or made with another version of FAISS.
    """
    try:
        arrays = load_file(path)
        _check_arrays(arrays)
        rows: Places = arrays["rows"]
        return rows, CodedNeighbors.restore(arrays["centroids"], arrays["codes"], len(rows))
    except (SafetensorError, ValueError, TypeError, LookupError) as exc:
        raise ValueError(f"{str(path)!r} is no usable file of codes: {exc}") from exc


def _check_arrays(arrays: dict[str, npt.NDArray[Any]]) -> None:
    kinds = {name: (array.dtype.str, array.ndim) for name, array in arrays.items()}
    if kinds != _KINDS:
        raise ValueError(f"it holds {kinds}")
    if not np.array_equal(arrays["made_with"], _name_layout()):
        raise ValueError(f"it was made with {arrays['made_with'].tobytes()[:40]!r}")
    rows = arrays["rows"]
    if len(np.unique(rows)) != len(rows):
        raise ValueError("a row is in it twice")


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep FAISS to the calling thread, whose setting alone this changes.

    With two threads on two busy cores, a query in 100,000 rows took 28 ms instead of 3.5.
    """
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _name_layout() -> npt.NDArray[np.uint8]:
    """What the order of the codes within a block depends on."""
    import faiss

    return np.frombuffer(f"FAISS {faiss.__version__}".encode(), dtype=np.uint8)


def _make_index(dim: int) -> Any:
    import faiss

    return faiss.IndexPQFastScan(dim, _count_parts(dim), 4, faiss.METRIC_INNER_PRODUCT)


def _count_parts(dim: int) -> int:
    return dim // 2 if dim % 2 == 0 else dim
