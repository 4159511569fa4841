"""Ask without a pause while another process changes the index, and see whether anything gives way.

Wrong is any question or run of the indexer that fails, any quote that does not stand in its
document as the index had it, and memory, open files or threads that grow without end.
"""

from __future__ import annotations

import faulthandler
import json
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from embeddings.encoder import Encoder
from eval.bench.churn import Churn, Ledger
from eval.bench.sample import count_documents, make_questions, sample_texts
from eval.bench.windows import Tally, Window, draw_windows, find_problems
from rag.config import Settings
from rag.errors import CorpusError
from rag.pipeline import Answerer, build_index
from rag.types import Answer, Passage, Quote

LOAD = 0.5  # share of its time that a thread asks; it rests for the other
LONGEST_ANSWER_SECONDS = 120.0
LONGEST_RUN_SECONDS = 600.0
WINDOWS_FILE = "soak.jsonl"
TOLD_CHARS = 500  # of what an indexer that fails says at the end
TEXTS = 1_000  # of the data, that the documents are made of


@dataclass(frozen=True, slots=True)
class SoakReport:
    """All windows, the words of the first errors, and what is wrong: nothing, if all is well."""

    windows: tuple[Window, ...]
    errors: tuple[str, ...]
    problems: tuple[str, ...]


def soak_data(
    data: Path,
    out: Path,
    settings: Settings,
    *,
    minutes: float,
    passages: int = 2_000,
    threads: int = 2,
    window_seconds: float = 10.0,
    pause_seconds: float = 3.0,
    tell: Callable[[Window], None] = lambda _: None,
    encoder: Encoder | None = None,
) -> SoakReport:
    """Soak an index of about so many passages, made of a file of texts.

    Below `out` come `documents/` and `index/`, which must not be there yet or are of an earlier
    soak, `soak.jsonl` with a window a line as they end, and in the end `soak.svg`.

    Args:
        data: As for `eval.bench.sample.read_records`.
        out: Made if it is not there.
        settings: But for the index, which lies below `out`.
        minutes: How long to ask.
        passages: At the start, and about so many all the time.
        threads: That ask.
        window_seconds: Between two measurements.
        pause_seconds: Between a run of the indexer and the next change.
        tell: Called with each window.
        encoder: Instead of the one that the settings name; the indexer then runs in this process.

    Raises:
        CorpusError: If the data cannot be read, or `out` holds something else.
        RagError: If the first index cannot be built.
    """
    settings = settings.model_copy(update={"index": out / "index"})
    folder, ledger = out / "documents", Ledger()
    documents = count_documents(data, passages)
    texts = sample_texts(data, max(documents, TEXTS), TEXTS)
    _clear_place(out, (folder, settings.index))
    churn = Churn(folder, texts, ledger)
    churn.fill(documents)
    build_index(folder, settings=settings, encoder=encoder)
    ledger.commit(time.monotonic(), time.monotonic())

    def update() -> None:
        if encoder is None:
            run_indexer(folder, settings)
        else:
            build_index(folder, settings=settings, encoder=encoder)

    with (out / WINDOWS_FILE).open("w", encoding="utf-8") as file:

        def write(window: Window) -> None:
            file.write(json.dumps(window.to_dict()) + "\n")
            file.flush()
            tell(window)

        answerer = Answerer(settings, encoder=encoder)
        report = soak(
            answerer, churn, ledger, update,
            minutes=minutes, threads=threads, window_seconds=window_seconds,
            pause_seconds=pause_seconds, tell=write,
        )  # fmt: skip
        answerer.index.close()
    if report.windows:
        (out / "soak.svg").write_text(draw_windows(report.windows), encoding="utf-8")
    return report


def run_indexer(folder: Path, settings: Settings) -> None:
    """Run `crossquote index` on a folder in a process of its own.

    Raises:
        CorpusError: If it does not end well, with what it said.
    """
    command = [sys.executable, "-m", "rag", "index", str(folder), "--index", str(settings.index)]
    if settings.encoder != "bundled":
        command += ["--encoder", settings.encoder]
    if settings.glossary is not None:
        command += ["--glossary", str(settings.glossary)]
    done = subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, check=False, timeout=LONGEST_RUN_SECONDS
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise CorpusError(f"the indexer ended with status {done.returncode}: {said[-TOLD_CHARS:]}")


def soak(
    answerer: Answerer,
    churn: Churn,
    ledger: Ledger,
    update: Callable[[], None],
    *,
    minutes: float,
    threads: int = 2,
    window_seconds: float = 10.0,
    pause_seconds: float = 3.0,
    tell: Callable[[Window], None] = lambda _: None,
    seed: int = 0,
) -> SoakReport:
    """Ask for so long, while documents change and `update` brings the index in line with them.

    Args:
        answerer: On the index; its folder has been filled and indexed.
        churn: Changes the folder.
        ledger: Of the churn; the first run of the indexer is committed in it.
        update: Runs the indexer on the folder and returns when it is done; raises if it fails.
        minutes: How long to go on.
        threads: That ask, each for `LOAD` of its time.
        window_seconds: Between two measurements.
        pause_seconds: Between a run of the indexer and the next change.
        tell: Called with each window as it ends.
        seed: The same one asks and changes the same, as far as time allows.
    """
    tally = Tally()
    stop = threading.Event()
    windows: list[Window] = []
    workers = [_Asker(answerer, ledger, tally, stop, seed=seed + n).run for n in range(threads)]
    workers.append(lambda: _change_on(churn, ledger, update, tally, stop, pause_seconds))
    began = time.monotonic()
    with ThreadPoolExecutor(len(workers)) as pool:
        running = [pool.submit(worker) for worker in workers]
        try:
            for number in range(1, int(minutes * 60 / window_seconds + 1e-9) + 1):
                if _any_done(running):
                    break
                stop.wait(max(began + number * window_seconds - time.monotonic(), 0.0))
                windows.append(tally.close_window(time.monotonic() - began))
                tell(windows[-1])
        finally:
            stop.set()
    for worker in running:
        if (error := worker.exception()) is not None:
            tally.fail(f"a worker ended: {error!r}")
    errors = tally.list_errors()
    return SoakReport(tuple(windows), errors, tuple(find_problems(windows, errors)))


def find_wrong_quotes(answer: Answer, ledger: Ledger, *, asked: float) -> list[str]:
    """Name the quotes of an answer, and its hits, that the documents did not hold.

    Args:
        answer: To a question.
        ledger: Of the folder.
        asked: When the question was asked, by `time.monotonic`.
    """
    spans: list[Quote | Passage] = [citation.quote for citation in answer.citations]
    spans += [hit.passage for hit in answer.hits]
    return [
        f"{s.document_id}[{s.start}:{s.end}] did not hold {s.text[:40]!r}"
        for s in spans
        if not ledger.holds_quote(s.document_id, s.start, s.end, s.text, asked=asked)
    ]


def _clear_place(out: Path, places: Sequence[Path]) -> None:
    """Remove what an earlier soak left, and nothing else."""
    mark = out / WINDOWS_FILE
    held = [place for place in places if place.exists()]
    if held and not mark.exists():
        raise CorpusError(f"{str(held[0])!r} is not of a soak. Give another folder with --out")
    for place in held:
        shutil.rmtree(place)
    out.mkdir(parents=True, exist_ok=True)
    mark.touch()


class _Asker:
    """Asks about what is there, what came lately and what went lately, in turn."""

    def __init__(
        self,
        answerer: Answerer,
        ledger: Ledger,
        tally: Tally,
        stop: threading.Event,
        *,
        seed: int,
    ) -> None:
        self._answerer = answerer
        self._ledger = ledger
        self._tally = tally
        self._stop = stop
        self._chance = random.Random(seed)  # noqa: S311 - a draw, not a secret

    def run(self) -> None:
        """Ask until told to stop; a question that fails is counted, and the next one asked."""
        with ThreadPoolExecutor(1) as pool:
            while not self._stop.is_set():
                began = time.monotonic()
                _try(pool, self._ask_one, self._tally, LONGEST_ANSWER_SECONDS)
                self._stop.wait((time.monotonic() - began) * (1 / LOAD - 1))

    def _ask_one(self) -> None:
        texts = self._chance.choice([pool for pool in self._ledger.list_texts() if pool])
        (question,) = make_questions(
            self._chance.choices(texts, k=5),
            self._answerer.glossary,
            1,
            seed=self._chance.randrange(2**32),
        )
        asked = time.monotonic()
        answer = self._answerer(question)
        seconds = time.monotonic() - asked
        for words in find_wrong_quotes(answer, self._ledger, asked=asked):
            self._tally.fail(f"{question!r}: {words}")
        self._tally.count(seconds, found=answer.found, generation=answer.generation)


def _change_on(
    churn: Churn,
    ledger: Ledger,
    update: Callable[[], None],
    tally: Tally,
    stop: threading.Event,
    pause_seconds: float,
) -> None:
    """Change the folder and update the index until told to stop."""
    with ThreadPoolExecutor(1) as pool:
        while not stop.wait(pause_seconds):
            churn.change_some()
            began = time.monotonic()
            if _try(pool, update, tally, 2 * LONGEST_RUN_SECONDS):
                ended = time.monotonic()
                ledger.commit(began, ended)
                tally.count_run(ended - began)


def _try(
    pool: ThreadPoolExecutor, call: Callable[[], None], tally: Tally, longest_seconds: float
) -> bool:
    """Call in another thread; whatever it raises is counted, and so is taking too long."""
    running = pool.submit(call)
    if not wait([running], longest_seconds).done:
        tally.fail(f"nothing for {longest_seconds} s; where all threads are is on standard error")
        faulthandler.dump_traceback()
    error = running.exception()
    if error is not None:
        tally.fail(repr(error))
    return error is None


def _any_done(running: Sequence[Future[None]]) -> bool:
    return any(worker.done() for worker in running)
