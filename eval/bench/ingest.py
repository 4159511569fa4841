"""Measure a build: how fast, how much of it is the encoder, how much memory and disk it takes.

Run as a module it measures in a process of its own, as `eval.bench.timing.measure_apart` wants
it, so that the peak of memory is that of a build and of nothing else.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from embeddings.encoder import Encoder, Vectors
from eval.bench.timing import (
    measure_apart,
    read_memory_bytes,
    read_peak_memory_bytes,
    read_request,
    write_reply,
)
from rag.config import Settings
from rag.pipeline import build_index, load_encoder
from rag.synchronize import Progress

TOLD_EVERY_SECONDS = 30.0
_ADDED = "\nThis line was added to see what one change costs: 此行是后来加上的。"


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What a build of an empty index took, and the runs after it.

    Attributes:
        documents, passages: In the index.
        input_bytes: Of the files.
        seconds: Of the build, with the encoder's weights loaded before.
        encoder_seconds: Of these, within the encoder.
        memory_before_bytes: Held before the first file, with the encoder loaded.
        peak_memory_bytes: The most held up to the end of the build.
        database_bytes: `index.db`: all that the index knows.
        cache_bytes: Files beside it, which can be made again.
        unchanged_seconds: Of a second run, where nothing had changed.
        changed_seconds: Of a run where one document had changed.
        removed_seconds: Of a run where one document was gone.
    """

    documents: int
    passages: int
    input_bytes: int
    seconds: float
    encoder_seconds: float
    memory_before_bytes: int
    peak_memory_bytes: int
    database_bytes: int
    cache_bytes: int
    unchanged_seconds: float
    changed_seconds: float
    removed_seconds: float

    @property
    def other_share(self) -> float:
        """The part of the build's time that is not the encoder's, in [0, 1]."""
        return 1 - self.encoder_seconds / self.seconds

    @property
    def bytes_per_passage(self) -> float:
        """Of the database, which holds texts, vectors and sentences; the caches come on top."""
        return self.database_bytes / max(self.passages, 1)

    def to_dict(self) -> dict[str, Any]:
        """All fields, and what follows from them: rates, the share of the encoder, bytes."""
        return {
            **asdict(self),
            "documents_per_second": self.documents / self.seconds,
            "passages_per_second": self.passages / self.seconds,
            "megabytes_per_second": self.input_bytes / 1e6 / self.seconds,
            "other_share": self.other_share,
            "bytes_per_passage": self.bytes_per_passage,
            "cache_bytes_per_passage": self.cache_bytes / max(self.passages, 1),
        }


class TimedEncoder:
    """An encoder that adds up the seconds spent in it.

    Args:
        encoder: Does the work.
        clock: Seconds since any fixed moment.
    """

    def __init__(self, encoder: Encoder, *, clock: Callable[[], float] = perf_counter) -> None:
        self._encoder = encoder
        self._clock = clock
        self.seconds = 0.0

    @property
    def name(self) -> str:
        """As the encoder's."""
        return self._encoder.name

    @property
    def dim(self) -> int:
        """As the encoder's."""
        return self._encoder.dim

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """As the encoder does."""
        with self._count():
            return self._encoder.encode_passages(texts)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """As the encoder does."""
        with self._count():
            return self._encoder.encode_queries(texts)

    @contextmanager
    def _count(self) -> Iterator[None]:
        start = self._clock()
        try:
            yield
        finally:
            self.seconds += self._clock() - start


def measure_ingest_apart(folder: Path, settings: Settings) -> IngestReport:
    """Measure as `measure_ingest` does, in a process of its own.

    Raises:
        RuntimeError: If that process fails.
    """
    return IngestReport(
        **measure_apart("eval.bench.ingest", describe_request(settings, folder=folder))
    )


def measure_ingest(
    folder: Path,
    settings: Settings,
    *,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Build the index of a folder from nothing, then run again without and with small changes.

    The folder and the index are in the end as after the build.

    Args:
        folder: Of `.jsonl` files, as `eval.bench.sample.write_documents` makes it.
        settings: Name the index, which must not be there yet.
        encoder: Instead of the one that the settings name.
        progress: Told of every file of the build.

    Raises:
        RagError: As `build_index` does.
        ValueError: If there is an index.
    """
    if settings.database.exists():
        raise ValueError(f"there is an index at {str(settings.index)!r} already")
    timed = TimedEncoder(encoder or load_encoder(settings))
    timed.encode_passages(["The first call loads the model. 第一次调用会载入模型。"])
    timed.seconds = 0.0
    before = read_memory_bytes()
    built = build_index(folder, settings=settings, encoder=timed, progress=progress)
    encoder_seconds, peak = timed.seconds, read_peak_memory_bytes()

    def run_again() -> float:
        return build_index(folder, settings=settings, encoder=timed).seconds

    unchanged = run_again()
    changed, removed = _measure_changes(folder, run_again)
    database, caches = measure_files(settings)
    return IngestReport(
        documents=built.documents,
        passages=built.passages,
        input_bytes=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
        seconds=built.seconds,
        encoder_seconds=encoder_seconds,
        memory_before_bytes=before,
        peak_memory_bytes=peak,
        database_bytes=database,
        cache_bytes=caches,
        unchanged_seconds=unchanged,
        changed_seconds=changed,
        removed_seconds=removed,
    )


def measure_files(settings: Settings) -> tuple[int, int]:
    """The bytes of `index.db` with its log, and of the other files in its folder."""
    database = caches = 0
    for path in settings.index.iterdir():
        size = path.stat().st_size
        if path.name.startswith(settings.database.name):
            database += size
        else:
            caches += size
    return database, caches


def describe_request(settings: Settings, **given: object) -> dict[str, Any]:
    """What a process of its own needs: the settings as JSON, but no secret; paths as text."""
    plain = {key: str(value) if isinstance(value, Path) else value for key, value in given.items()}
    return {"settings": settings.model_dump(mode="json", exclude={"api_key"}), **plain}


def _measure_changes(folder: Path, run_again: Callable[[], float]) -> tuple[float, float]:
    """Seconds with one document changed, and with one gone; then all is as it was."""
    path = sorted(folder.rglob("*.jsonl"))[0]
    whole = path.read_bytes()
    lines = whole.decode("utf-8").splitlines()
    middle = len(lines) // 2
    record = json.loads(lines[middle])
    record["text"] += _ADDED
    try:
        _write_lines(path, [*lines[:middle], json.dumps(record), *lines[middle + 1 :]])
        changed = run_again()
        _write_lines(path, [*lines[:middle], *lines[middle + 1 :]])
        removed = run_again()
    finally:
        path.write_bytes(whole)
    run_again()
    return changed, removed


def _write_lines(path: Path, lines: Sequence[str]) -> None:
    if lines:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:  # it was the only document of the file
        path.unlink()


def _tell_progress() -> Progress:
    told = perf_counter()

    def tell(done: int, total: int, _name: str) -> None:
        nonlocal told
        if perf_counter() - told > TOLD_EVERY_SECONDS:
            told = perf_counter()
            sys.stderr.write(f"indexed {done / 1e6:.1f} of {total / 1e6:.1f} MB\n")

    return tell


def main() -> None:
    """Measure what standard input asks for."""
    request = read_request()
    settings = Settings(**request["settings"])
    report = measure_ingest(Path(request["folder"]), settings, progress=_tell_progress())
    write_reply(asdict(report))


if __name__ == "__main__":
    main()
