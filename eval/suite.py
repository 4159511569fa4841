"""Run a question set on an index, or a public set on an index of its own."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from embeddings.encoder import Encoder
from eval.collections import SEED, Collection, find_form, read_collection, write_documents
from eval.compare import format_table, say
from eval.describe import describe_run
from eval.evaluate import Ask, make_get_document
from eval.measures.cost import Prices
from eval.plain import PLAIN, make_plain
from eval.questions import Question
from eval.report import ALL, Report
from eval.runs import run_questions
from rag.config import Settings
from rag.errors import CorpusError
from rag.pipeline import Answerer, build_index, load_encoder
from rag.stages import ALL_STAGES, Stages
from rag.types import LANGUAGES, Language

OURS = "crossquote"
SYSTEMS = (OURS, *PLAIN)
MEASURES_SHOWN = (
    "value", "document", "refused", "falsely refused", "conflict", "citation recall", "spans",
    "recall@5", "nDCG@10",
)  # fmt: skip
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Selection:
    """What to read of a public set: see `eval.collections.read_collection`."""

    data: Path
    form: str | None = None
    questions: Language | None = None
    documents: Language | None = None
    limit: int | None = None
    distractors: Path | None = None

    def read(self) -> Collection:
        """Read it.

        Raises:
            CorpusError: As `read_collection`.
        """
        return read_collection(
            self.data, form=self.form, questions=self.questions, documents=self.documents,
            limit=self.limit, distractors=self.distractors,
        )  # fmt: skip

    def read_all(self) -> Iterator[Collection]:
        """Read it in every pair of languages it has, where it has several and none is chosen."""
        form = self.form or find_form(self.data)
        if form != "xquad-r" or self.questions or self.documents:
            yield self.read()
            return
        for documents in LANGUAGES:
            for questions in LANGUAGES:
                yield read_collection(
                    self.data, form=form, questions=questions, documents=documents,
                    limit=self.limit, distractors=self.distractors,
                )  # fmt: skip


def run_set(
    questions: Sequence[Question],
    settings: Settings,
    folder: Path,
    *,
    set_name: str,
    system: str = OURS,
    stages: Stages = ALL_STAGES,
    notes: Sequence[str] = (),
    prices: Prices | None = None,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Report:
    """Ask a set of the index that the settings name, and keep the run; see `run_questions`.

    Args:
        questions: At least one.
        settings: Of the index and of answering.
        folder: For the run.
        set_name: For the report.
        system: One of `SYSTEMS`.
        stages: Of ours; which take part.
        notes: On what was left out of the set in reading it.
        prices: Of the language model's tokens, for the cost in the report.
        encoder: Instead of the one that the settings name.
        progress: Told how many are done, of how many.

    Raises:
        CorpusError: If there is no such system, or the run cannot be kept.
        RagError: If the index cannot be asked: see `Answerer`.
    """
    answerer = Answerer(settings, encoder=encoder, stages=stages)
    with closing(answerer.index):
        with answerer.index.read() as view:
            generation = view.generation
        ask: Ask = answerer if system == OURS else make_plain(system, answerer)
        answerer.warm_up()
        details = describe_run(
            settings, set_name=set_name, system=system,
            generation=generation, stages=stages, notes=notes,
        ) | ({"prices": asdict(prices)} if prices else {})  # fmt: skip
        return run_questions(
            ask, questions, folder,
            details=details, glossary=answerer.glossary,
            get_document=make_get_document(answerer.index), progress=progress,
        )  # fmt: skip


def index_collection(
    collection: Collection, settings: Settings, keep: Path, *, encoder: Encoder
) -> Settings:
    """Write the documents of a public set, index them, and return settings that name that index.

    Documents and index lie in a folder of `keep` that is called by what they are made of, so that
    the same documents are encoded once.

    Raises:
        CorpusError: If a document cannot be written, or is not in the index as it was written.
        IndexLockedError, IndexMismatchError, IndexDamagedError: As `build_index`.
    """
    place = keep / _digest(collection, encoder)
    own = settings.model_copy(update={"index": place / "index"})
    try:
        write_documents(collection, place / "documents")
    except OSError as exc:
        raise CorpusError(f"the documents cannot be written to {str(place)!r}: {exc}") from exc
    build_index(place / "documents", settings=own, encoder=encoder)
    answerer = Answerer(own, encoder=encoder)
    with closing(answerer.index), answerer.index.read() as view:
        held = {row[0] for row in view.list_documents()}
    missing = [document.id for document in collection.documents if document.id not in held]
    if missing:
        raise CorpusError(
            f"{len(missing)} documents of {collection.name} are not in their index, such as "
            f"{missing[0]!r}. Remove {str(place)!r} and run again"
        )
    return own


def run_selection(
    selection: Selection,
    settings: Settings,
    folder: Path,
    *,
    keep: Path | None = None,
    system: str = OURS,
    prices: Prices | None = None,
    encoder: Encoder | None = None,
    progress: Callable[[str], Progress] | None = None,
) -> list[Report]:
    """Index a public set and run it; XQuAD-R without languages in all four pairs.

    Args:
        selection: What to read.
        settings: Of answering; its index is not touched.
        folder: For the run; with several of them, for a folder each, called by its pair.
        keep: Where documents and index stay for the next run; None keeps them in `folder`.
        system: One of `SYSTEMS`.
        prices: Of the language model's tokens, for the cost in the report.
        encoder: Instead of the one that the settings name.
        progress: From the name of a set to what is told how many are done, of how many.

    Raises:
        RagError: As `run_set`, `read_collection` and `index_collection`.
    """
    encoder = encoder or load_encoder(settings)
    collections = list(selection.read_all())
    reports = []
    for collection in collections:
        own = index_collection(collection, settings, keep or folder / "corpus", encoder=encoder)
        pair = collection.questions[0].tags[0] if len(collections) > 1 else ""
        report = run_set(
            collection.questions, own, folder / pair,
            set_name=collection.name, system=system, notes=collection.notes,
            prices=prices, encoder=encoder,
            progress=progress(collection.name) if progress else None,
        )  # fmt: skip
        reports.append(report)
    return reports


def draw_questions(questions: Sequence[Question], limit: int | None) -> list[Question]:
    """Keep `limit` questions, the same each time and in the order of the set; None keeps all."""
    if limit is None or limit >= len(questions):
        return list(questions)
    places = random.Random(SEED).sample(range(len(questions)), limit)  # noqa: S311 - a draw
    return [questions[place] for place in sorted(places)]


def format_summary(reports: Sequence[Report], *, failures: bool = False) -> str:
    """A table: of one run a row for all and each pair, of several a row each.

    With `failures`, behind it a line a question that went wrong.
    """
    alone = len(reports) == 1
    rows = [
        (report, part)
        for report in reports
        for part in report.parts
        if part == ALL or (alone and ": " not in part)
    ]
    names = [name for name in MEASURES_SHOWN if any(name in r.parts[p] for r, p in rows)]
    cells = [
        (part if alone else report.name, *_list_cells(report, part, names)) for report, part in rows
    ]
    lines = format_table(cells, ("" if alone else "run", "n", *names))
    lines += ["", *(line for report in reports for line in _tell_rest(report))]
    if failures:
        lines += [
            f"{record.question.id}  [{record.pair}]  {record.question.question}  ->  {say(record)}"
            for report in reports
            for record in report.failures
        ]
    return "\n".join(lines)


def _digest(collection: Collection, encoder: Encoder) -> str:
    digest = hashlib.sha256(encoder.name.encode("utf-8"))
    for d in collection.documents:
        day = d.published.isoformat() if d.published else None
        line = json.dumps([d.id, d.title, d.source, day, d.text])
        digest.update(line.encode("ascii") + b"\n")
    return digest.hexdigest()[:16]


def _list_cells(report: Report, part: str, names: Sequence[str]) -> Iterator[str]:
    measures = report.parts[part]
    yield str(sum(part in (ALL, record.pair) for record in report.records))
    for name in names:
        mean = measures.get(name)
        yield f"{mean.value:.3f} [{mean.low:.3f}, {mean.high:.3f}]" if mean else ""


def _tell_rest(report: Report) -> Iterator[str]:
    timing = report.timing
    total = sum(record.seconds for record in report.records)
    told = [f"{report.name}: {len(report.records)} questions, {len(report.failures)} failed"]
    if report.errors:
        told.append(f"{report.errors} errors")
    if report.consistency:
        told.append(f"consistency {report.consistency.value:.3f} (n={report.consistency.n})")
    if report.cost:
        told.append(f"cost {report.cost.total:.4g}, {report.cost.mean.value:.4g} a question")
    told.append(f"{total:.1f} s, median {timing.p50:.3f} s, 95 % {timing.p95:.3f} s")
    yield ", ".join(told)
    yield from (f"    {note}" for note in report.details.get("notes", ()))
