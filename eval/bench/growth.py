"""Build and ask indexes of growing size, and compare: how every number grows with the passages.

Everything is measured in processes of their own, one after the other, on one machine in one run,
beside plain searches over the same passages.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.bench.baselines import BASELINES, BaselineReport, find_missing, measure_baseline_apart
from eval.bench.ingest import IngestReport, measure_ingest_apart
from eval.bench.latency import AskReport, measure_asking_apart
from eval.bench.sample import (
    DOCUMENTS_PER_FILE,
    count_documents,
    hash_data,
    make_questions,
    sample_texts,
    write_documents,
)
from rag.config import Settings
from rag.errors import CorpusError
from rag.pipeline import describe_tools, load_encoder, load_glossary
from rag.schema import FORMAT

SIZES = (1_000, 10_000, 100_000)
QUESTIONS = 300  # a third alone, a third in steps, a third at once: p99 is the slowest of 100
_SOURCES = 400  # documents that are asked about


@dataclass(frozen=True, slots=True)
class SizeReport:
    """One index: how it was built, how it answers, and what plain searches take on the same."""

    size: int
    ingest: IngestReport
    asking: AskReport
    baselines: tuple[BaselineReport, ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON types."""
        return {
            "size": self.size,
            "ingest": self.ingest.to_dict(),
            "asking": self.asking.to_dict(),
            "baselines": [baseline.to_dict() for baseline in self.baselines],
        }


@dataclass(frozen=True, slots=True)
class GrowthReport:
    """What was measured at each size, smallest first, and what could not be measured."""

    data: str
    encoder: str
    sizes: tuple[SizeReport, ...]
    missing: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON types."""
        return {
            "data": self.data,
            "encoder": self.encoder,
            "sizes": [size.to_dict() for size in self.sizes],
            "missing": list(self.missing),
        }


def measure_growth(
    data: Path,
    settings: Settings,
    *,
    sizes: Sequence[int] = SIZES,
    questions: Sequence[str] | None = None,
    keep: Path | None = None,
    per_file: int = DOCUMENTS_PER_FILE,
    baselines: bool = True,
    tell: Callable[[str], None] = lambda _: None,
    build: Callable[[Path, Settings], IngestReport] = measure_ingest_apart,
    ask: Callable[[Settings, Sequence[str]], AskReport] = measure_asking_apart,
) -> GrowthReport:
    """Build, open and ask an index of each size.

    Args:
        data: JSON Lines, as for `eval.bench.sample.read_records`.
        settings: But for the index.
        sizes: Passages, about; each at least 1.
        questions: To ask; None makes `QUESTIONS` out of the documents of each size.
        keep: Folder where indexes stay, and are taken from if they were built from the same with
            the same; None builds all, and removes them.
        per_file: Documents in a file.
        baselines: Whether plain searches are measured, too.
        tell: Told what is done now.
        build: Builds the index of a folder, and measures it.
        ask: Opens an index and asks it, and measures that.

    Raises:
        CorpusError: If the data cannot be read or are too few.
        RuntimeError: If a process that measures fails.
    """
    encoder = load_encoder(settings)
    key = {
        "data": hash_data(data),
        "per_file": per_file,
        "format": FORMAT,
        **describe_tools(encoder, load_glossary(settings.glossary)),
    }
    missing = find_missing() if baselines else []
    names = [n for n in BASELINES if baselines and not any(m.startswith(n) for m in missing)]
    reports = []
    for size in sorted(sizes):
        with TemporaryDirectory(prefix="crossquote-") as temporary:
            place = (keep or Path(temporary)) / str(size)
            own = settings.model_copy(update={"index": place / "index"})
            documents = count_documents(data, size)
            ingest = _build(data, documents, place, own, key, per_file, tell, build)
            asked = questions or _make_questions(data, documents, own)
            tell(f"asking {len(asked)} questions of {ingest.passages:,} passages")
            asking = ask(own, asked)
            plain = []
            for name in names:
                tell(f"measuring {name} over {ingest.passages:,} passages")
                plain.append(measure_baseline_apart(name, own, asked[: len(asked) // 3]))
            reports.append(SizeReport(size, ingest, asking, tuple(plain)))
    return GrowthReport(data.name, encoder.name, tuple(reports), tuple(missing))


def _build(
    data: Path,
    documents: int,
    place: Path,
    settings: Settings,
    key: dict[str, Any],
    per_file: int,
    tell: Callable[[str], None],
    build: Callable[[Path, Settings], IngestReport],
) -> IngestReport:
    """Build the index and measure it, or return what was measured when it was built."""
    noted = place / "ingest.json"
    key = {**key, "documents": documents}
    kept = _read_note(noted)
    if kept is not None and kept["key"] == key and settings.database.exists():
        tell(f"using the index that is kept in {str(place)!r}")
        return IngestReport(**kept["ingest"])
    if kept is None and place.exists() and any(place.iterdir()):
        raise CorpusError(f"{str(place)!r} holds something else. Give another folder to keep in")
    if place.exists():
        shutil.rmtree(place)
    tell(f"building an index of {documents:,} documents")
    write_documents(data, place / "documents", documents, per_file=per_file)
    ingest = build(place / "documents", settings)
    noted.write_text(json.dumps({"key": key, "ingest": asdict(ingest)}), encoding="utf-8")
    return ingest


def _read_note(path: Path) -> dict[str, Any] | None:
    try:
        note: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as exc:
        raise CorpusError(f"{str(path)!r} is damaged: {exc}. Remove it and its folder") from exc
    return note


def _make_questions(data: Path, documents: int, settings: Settings) -> list[str]:
    texts = sample_texts(data, documents, _SOURCES)
    return make_questions(texts, load_glossary(settings.glossary), QUESTIONS)
