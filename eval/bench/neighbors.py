"""What FAISS's kinds of index cost and find, on one's own vectors: why `rag.vectors` has its two.

Seconds are those of the processor in one thread, so that a busy machine does not count. Recall is
against exact search, and a row counts as found if it is as close as the last of the exact ones:
texts that stand twice have equal vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory
from time import thread_time
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Vectors
from eval.bench.timing import Timing, time_calls
from rag.passages import unpack_passage_vectors
from rag.schema import connect_reading, read_meta
from rag.vectors import VectorIndex

Rows = npt.NDArray[np.int64]
Search = Callable[[Vectors], Rows]
"""A query, shape (dim,) -> rows, closest first."""

DEPTH = 50  # rows asked for
_SAMPLE_ROWS = 20_000  # to train on, or more:
_LIST_ROWS = 64  # for each list
_TIE = 1e-6


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of index, and the settings it is searched with.

    Attributes:
        name: For the table.
        factory: What `faiss.index_factory` understands, after `{lists}` (4 times the root of the
            rows), `{pairs}` and `{fours}` (of values in a vector); "" for `rag.vectors`.
        parameter: The setting: FAISS's name for it, or `shortlist`, the number of rows whose
            vectors are compared exactly; "" for none.
        values: What to set it to.
    """

    name: str
    factory: str
    parameter: str = ""
    values: tuple[int, ...] = (0,)


KINDS = (
    Kind("rag.vectors", ""),
    Kind("float32", "Flat"),
    Kind("float16", "SQfp16"),
    Kind("8 bits", "SQ8"),
    Kind("4 bits a pair", "PQ{pairs}x4fs", "shortlist", (100, 200, 300, 500)),
    Kind("4 bits of four", "PQ{fours}x4fs", "shortlist", (300, 500, 1000)),
    Kind("1 bit", "RaBitQfs", "shortlist", (300, 500, 1000)),
    Kind("8 bits of four", "PQ{fours}np", "shortlist", (100, 200)),
    Kind("lists float32", "IVF{lists},Flat", "nprobe", (32, 128, 256)),
    Kind("lists 8 bits", "IVF{lists},SQ8", "nprobe", (32, 128, 256)),
    Kind("graph float32", "HNSW32,Flat", "efSearch", (128, 256, 512)),
    Kind("graph 8 bits", "HNSW32,SQ8", "efSearch", (128, 256, 512)),
)


@dataclass(frozen=True, slots=True)
class KindReport:
    """What one kind reached with one setting.

    Attributes:
        kind: Its name, and the setting.
        n: Rows searched.
        recall_at_10: Share of the 10 closest rows found, mean over the queries.
        recall_at_50: The same of 50.
        query: Processor seconds a query.
        build_seconds: Processor seconds to make it, from vectors in memory.
        size_bytes: Its size as a file, and nearly so in memory. The vectors that a shortlist is
            compared with are not in it. 0 for an exact `rag.vectors`, which has no file and is
            of the size of float16.
    """

    kind: str
    n: int
    recall_at_10: float
    recall_at_50: float
    query: Timing
    build_seconds: float
    size_bytes: int


def compare_kinds(
    vectors: Vectors,
    queries: Vectors,
    *,
    sizes: Sequence[int],
    kinds: Sequence[Kind] = KINDS,
    progress: Callable[[int, int], None] | None = None,
) -> list[KindReport]:
    """Measure every kind on the first rows of `vectors`.

    Args:
        vectors: Unit rows in random order, shape (n, dim), an even `dim`.
        queries: Unit rows of questions: passages as queries would be much easier.
        sizes: How many rows to index; each at least `DEPTH`.
        kinds: What to measure.
        progress: Told how many kinds are done, of how many.

    Raises:
        ValueError: If a size is less than `DEPTH`, or there are fewer vectors.
    """
    for size in sizes:
        if not DEPTH <= size <= len(vectors):
            raise ValueError(f"cannot index {size} rows: {DEPTH} to {len(vectors)} are possible")
    reports: list[KindReport] = []
    with _use_one_thread():
        for number, size in enumerate(sizes):
            floors = _find_floors(vectors[:size], queries)
            for done, kind in enumerate(kinds, start=1 + number * len(kinds)):
                reports += _measure_kind(kind, vectors[:size], queries, floors)
                if progress:
                    progress(done, len(kinds) * len(sizes))
    return reports


def read_index_vectors(path: Path, *, seed: int = 0) -> Vectors:
    """Return the vectors of all passages of the index at `path`, in random order.

    Raises:
        IndexMissingError, IndexDamagedError, IndexMismatchError: As `rag.schema` says.
    """
    with closing(connect_reading(path)) as connection:
        read_meta(connection, path)
        blobs = [blob for (blob,) in connection.execute("SELECT vector FROM vectors")]
    vectors = unpack_passage_vectors(blobs)
    np.random.default_rng(seed).shuffle(vectors)
    return vectors


def add_noisy_copies(vectors: Vectors, count: int, *, seed: int = 0) -> Vectors:
    """Return `vectors` and, behind them, copies of random ones with noise: cosine .94 with theirs.

    For sizes that one has no vectors for: it makes rows that are harder to tell apart than texts.
    """
    rng = np.random.default_rng(seed)
    dim = vectors.shape[1]
    copies = vectors[rng.integers(0, len(vectors), count)]
    for part in np.array_split(copies, max(1, count // 10_000)):  # in place, in little memory
        part += rng.standard_normal(part.shape, dtype=np.float32) * np.float32(0.36 / sqrt(dim))
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return np.concatenate([vectors, copies])


def format_kinds(reports: Sequence[KindReport]) -> str:
    """The reports as a table of plain text, a kind and setting a line."""
    lines = [
        f"{'rows':>9}  {'kind':<32}{'recall@10':>10}{'@50':>8}{'p50 ms':>8}{'p95 ms':>8}"
        f"{'build s':>9}{'MB':>9}"
    ]
    lines += [
        f"{report.n:>9,}  {report.kind:<32}{report.recall_at_10:>10.4f}{report.recall_at_50:>8.4f}"
        f"{report.query.p50 * 1000:>8.2f}{report.query.p95 * 1000:>8.2f}"
        f"{report.build_seconds:>9.2f}{report.size_bytes / 1e6:>9.1f}"
        for report in reports
    ]
    if reports:
        lines.append(f"\nn={reports[0].query.n} queries, one thread, processor time")
    return "\n".join(lines)


def describe_kinds(reports: Sequence[KindReport]) -> list[dict[str, Any]]:
    """The reports as JSON types."""
    return [asdict(report) for report in reports]


def _measure_kind(
    kind: Kind, vectors: Vectors, queries: Vectors, floors: npt.NDArray[np.float32]
) -> Iterator[KindReport]:
    began = thread_time()
    index = _build_index(kind, vectors)
    seconds = thread_time() - began
    size = _count_bytes(index)
    for value in kind.values:
        search = _make_search(index, kind, value, vectors)
        recalls = _measure_recalls([search(query) for query in queries], vectors, queries, floors)
        yield KindReport(
            kind=f"{kind.name}, {kind.parameter} {value}" if kind.parameter else kind.name,
            n=len(vectors),
            recall_at_10=recalls[0],
            recall_at_50=recalls[1],
            query=time_calls(search, list(queries), clock=thread_time),
            build_seconds=seconds,
            size_bytes=size,
        )


def _build_index(kind: Kind, vectors: Vectors) -> Any:
    if not kind.factory:
        own = VectorIndex()
        own.follow(np.arange(len(vectors), dtype=np.int64), vectors.__getitem__)
        return own
    import faiss

    n, dim = vectors.shape
    lists = round(4 * sqrt(n))
    words = kind.factory.format(lists=lists, pairs=dim // 2, fours=dim // 4)
    index = faiss.index_factory(dim, words, faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[: max(_SAMPLE_ROWS, _LIST_ROWS * lists)])
    index.add(vectors)
    return index


def _count_bytes(index: Any) -> int:
    if isinstance(index, VectorIndex):
        if index.exact:
            return 0
        with TemporaryDirectory() as folder:
            index.write(Path(folder) / "index")
            return (Path(folder) / "index").stat().st_size
    import faiss

    return len(faiss.serialize_index(index))


def _make_search(index: Any, kind: Kind, value: int, vectors: Vectors) -> Search:
    if isinstance(index, VectorIndex):
        return lambda query: np.fromiter(index.search(query, DEPTH), dtype=np.int64)
    if kind.parameter == "shortlist":

        def search(query: Vectors) -> Rows:
            rows: Rows = index.search(query[None, :], min(value, index.ntotal))[1][0]
            best: Rows = rows[np.argsort(-(vectors[rows] @ query), kind="stable")[:DEPTH]]
            return best

        return search
    if kind.parameter:
        import faiss

        faiss.ParameterSpace().set_index_parameter(index, kind.parameter, value)

    def search_alone(query: Vectors) -> Rows:
        rows: Rows = index.search(query[None, :], DEPTH)[1][0]
        return rows[rows >= 0]

    return search_alone


def _find_floors(vectors: Vectors, queries: Vectors) -> npt.NDArray[np.float32]:
    """The similarity of the 10th and the 50th closest row of each query, shape (queries, 2)."""
    floors = np.empty((len(queries), 2), dtype=np.float32)
    for floor, query in zip(floors, queries, strict=True):
        best = -np.partition(-(vectors @ query), (9, DEPTH - 1))
        floor[:] = best[9], best[DEPTH - 1]
    return floors


def _measure_recalls(
    found: Sequence[Rows], vectors: Vectors, queries: Vectors, floors: npt.NDArray[np.float32]
) -> tuple[float, float]:
    """Recall at 10 and at `DEPTH`."""
    hits = [
        [np.count_nonzero(vectors[rows[:k]] @ query >= floor[n] - _TIE) / k]
        for rows, query, floor in zip(found, queries, floors, strict=True)
        for n, k in enumerate((10, DEPTH))
    ]
    ten, fifty = np.reshape(hits, (len(found), 2)).mean(axis=0).tolist()
    return ten, fifty


@contextmanager
def _use_one_thread() -> Iterator[None]:
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
