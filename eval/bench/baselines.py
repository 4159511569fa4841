"""Plain searches over the same passages, to compare with: bm25s, and a flat FAISS index.

Each returns ten passages and nothing more: no answer and no quote, no second language, nothing on
disk, no change of a document without building anew. Run as a module it measures in a process of
its own, as `eval.bench.timing.measure_apart` wants it.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from time import perf_counter
from typing import Any

import numpy as np

from embeddings.encoder import Encoder
from eval.bench.ingest import describe_request
from eval.bench.timing import (
    Timing,
    measure_apart,
    read_memory_bytes,
    read_request,
    time_calls,
    write_reply,
)
from rag.config import Settings
from rag.encode import find_terms
from rag.errors import CorpusError
from rag.passages import StoredPassage
from rag.pipeline import Answerer
from rag.schema import connect_reading
from rag.terms import lexical_terms

BASELINES = ("bm25s", "faiss")
LIMITS = (
    "bm25s and flat FAISS give ten passages each: no answer, no quote, no checking, no second "
    "language, nothing on disk, and no change without building anew."
)
K = 10
_READ_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class BaselineReport:
    """A plain search.

    Attributes:
        name: One of `BASELINES`.
        passages: Of the index.
        build_seconds: From terms or vectors that are ready; the texts are not read for it.
        memory_bytes: What the process grew by through building.
        timing: Of a question, with reading its terms or encoding it.
    """

    name: str
    passages: int
    build_seconds: float
    memory_bytes: int
    timing: Timing

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON types."""
        return asdict(self)

    @staticmethod
    def from_dict(record: dict[str, Any]) -> BaselineReport:
        """The report that `to_dict` wrote."""
        return BaselineReport(**{**record, "timing": Timing(**record["timing"])})


def find_missing() -> list[str]:
    """Say of each baseline whose package is not installed how to get it."""
    missing = []
    if find_spec("bm25s") is None:
        missing.append("bm25s is not installed and is left out. Get it: pip install bm25s")
    return missing


Search = Callable[[str], list[int]]
"""From a question to the places of the best passages, by row from 0, best first."""


def measure_baseline_apart(
    name: str, settings: Settings, questions: Sequence[str]
) -> BaselineReport:
    """Measure as `measure_baseline` does, in a process of its own.

    Raises:
        RuntimeError: If that process fails.
    """
    request = describe_request(settings, name=name, questions=list(questions))
    return BaselineReport.from_dict(measure_apart("eval.bench.baselines", request))


def measure_baseline(
    name: str, settings: Settings, questions: Sequence[str], *, encoder: Encoder | None = None
) -> BaselineReport:
    """Build a plain search over the passages of an index, and ask it.

    Args:
        name: One of `BASELINES`.
        settings: Name the index.
        questions: Each is asked once.
        encoder: Instead of the one that the settings name.

    Raises:
        RagError: As `Answerer` does; CorpusError if the index is empty.
        ValueError: If there is no such baseline.
    """
    answerer = Answerer(settings, encoder=encoder)
    passages, build = prepare_search(name, answerer)
    if not passages:
        raise CorpusError(f"the index at {str(settings.index)!r} is empty")
    answerer.encoder.encode_queries(["loads the model"])
    gc.collect()
    before, began = read_memory_bytes(), perf_counter()
    search = build()
    seconds = perf_counter() - began
    gc.collect()
    memory = max(read_memory_bytes() - before, 0)
    search(questions[0])
    timing = time_calls(search, questions)
    answerer.index.close()
    return BaselineReport(name, passages, seconds, memory, timing)


def prepare_search(name: str, answerer: Answerer) -> tuple[int, Callable[[], Search]]:
    """Read what a baseline is built from; return the number of passages, and what builds it.

    Raises:
        ValueError: If there is no such baseline.
    """
    if name not in BASELINES:
        raise ValueError(f"the baseline is one of {', '.join(BASELINES)}, not {name!r}")
    return _prepare_bm25s(answerer) if name == "bm25s" else _prepare_faiss(answerer)


def _prepare_bm25s(answerer: Answerer) -> tuple[int, Callable[[], Search]]:
    import bm25s

    vocabulary: dict[str, int] = {}
    ids = [
        [
            vocabulary.setdefault(term, len(vocabulary))
            for term in find_terms(stored.passage, answerer.glossary)["lexical"]
        ]
        for stored in read_all_passages(answerer)
    ]

    def build() -> Search:
        index = bm25s.BM25(k1=1.2, b=0.75)
        corpus = bm25s.tokenization.Tokenized(ids=ids, vocab=vocabulary)
        index.index(corpus, show_progress=False)
        k = min(K, len(ids))

        def search(question: str) -> list[int]:
            terms = [term for term in dict.fromkeys(lexical_terms(question)) if term in vocabulary]
            if not terms:
                return []
            found, _ = index.retrieve([terms], k=k, show_progress=False)
            places: list[int] = found[0].tolist()
            return places

        return search

    return len(ids), build


def _prepare_faiss(answerer: Answerer) -> tuple[int, Callable[[], Search]]:
    import faiss

    rows = [stored.vector for stored in read_all_passages(answerer)]
    vectors = np.array(rows, dtype=np.float32).reshape(len(rows), answerer.encoder.dim)

    def build() -> Search:
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        k = min(K, len(vectors))

        def search(question: str) -> list[int]:
            _, found = index.search(answerer.encoder.encode_queries([question]), k)
            places: list[int] = found[0].tolist()
            return places

        return search

    return len(vectors), build


def read_all_passages(answerer: Answerer) -> Iterator[StoredPassage]:
    """Yield all passages of the index, in order of their rows."""
    with closing(connect_reading(answerer.settings.database)) as connection:
        query = 'SELECT "row" FROM passages ORDER BY "row"'
        rows = [row for (row,) in connection.execute(query)]
    with answerer.index.read() as view:
        for first in range(0, len(rows), _READ_ROWS):
            yield from view.get_passages(rows[first : first + _READ_ROWS])


def main() -> None:
    """Measure what standard input asks for."""
    request = read_request()
    settings = Settings(**request["settings"])
    write_reply(measure_baseline(request["name"], settings, request["questions"]).to_dict())


if __name__ == "__main__":
    main()
