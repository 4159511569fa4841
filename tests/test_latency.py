"""A build and answers are measured part by part; the parts sum up, and the answers are the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from embeddings.encoder import Vectors
from eval.bench.ingest import (
    IngestReport,
    TimedEncoder,
    describe_request,
    measure_files,
    measure_ingest,
)
from eval.bench.latency import AskReport, BenchReport, format_bench, measure_asking
from eval.bench.sample import read_records
from eval.bench.steps import STEPS, Stopwatch, answer_in_steps
from eval.bench.timing import Timing
from rag.config import Settings
from rag.pipeline import Answerer
from tests.fake_cross_encoder import FakeCrossEncoder
from tests.fake_encoder import HashingEncoder
from tests.fakes import BRIDGE_EN, BRIDGE_ZH, MUSEUM_EN, MUSEUM_ZH, WHEN_EN, WHEN_ZH
from tests.test_bench import FakeClock

ENCODER = HashingEncoder()
SOME_PAGES = 2**20  # by which Linux may count wrong
DOCUMENTS = (BRIDGE_ZH, BRIDGE_EN, MUSEUM_ZH, MUSEUM_EN)
QUESTIONS = [WHEN_EN, WHEN_ZH, "Who will win the next election?", "when did the brigde open?"]


def write_folder(folder: Path) -> Path:
    folder.mkdir()
    for name, documents in (("part-0.jsonl", DOCUMENTS[:3]), ("part-1.jsonl", DOCUMENTS[3:])):
        lines = [json.dumps({"id": d.id, "text": d.text}) + "\n" for d in documents]
        (folder / name).write_text("".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, IngestReport, Path]:
    root = tmp_path_factory.mktemp("ingest")
    settings = Settings(index=root / "index")
    folder = write_folder(root / "documents")
    return settings, measure_ingest(folder, settings, encoder=ENCODER), folder


def test_a_build_is_measured_and_its_numbers_are_those_of_the_folder(
    built: tuple[Settings, IngestReport, Path],
) -> None:
    settings, report, folder = built

    assert report.documents == 4
    assert report.passages >= 4
    assert report.input_bytes == sum(path.stat().st_size for path in folder.iterdir())
    assert (report.database_bytes, report.cache_bytes) == measure_files(settings)
    assert 0 < report.encoder_seconds < report.seconds
    assert report.memory_before_bytes <= report.peak_memory_bytes + SOME_PAGES
    assert min(report.unchanged_seconds, report.changed_seconds, report.removed_seconds) > 0


def test_the_folder_and_the_index_are_in_the_end_as_after_the_build(
    built: tuple[Settings, IngestReport, Path],
) -> None:
    settings, _, folder = built

    texts = [r["text"] for path in sorted(folder.iterdir()) for r in read_records(path)]
    assert texts == [document.text for document in DOCUMENTS]
    answerer = Answerer(settings, encoder=ENCODER)
    with answerer.index.read() as view:
        ids = [id_ for id_, *_ in view.list_documents()]
        held = {d.text for d in view.get_documents(ids).values()}
    answerer.index.close()
    assert held == {document.text for document in DOCUMENTS}


def test_an_index_that_is_there_is_not_measured(
    built: tuple[Settings, IngestReport, Path],
) -> None:
    with pytest.raises(ValueError, match="already"):
        measure_ingest(built[2], built[0], encoder=ENCODER)


def test_rates_and_shares_follow_from_the_counts() -> None:
    report = IngestReport(
        documents=10, passages=40, input_bytes=2_000_000, seconds=5.0, encoder_seconds=4.0,
        memory_before_bytes=1, peak_memory_bytes=2, database_bytes=80_000, cache_bytes=4_000,
        unchanged_seconds=0.1, changed_seconds=0.2, removed_seconds=0.3,
    )  # fmt: skip

    record = report.to_dict()

    assert record["documents_per_second"] == 2
    assert record["passages_per_second"] == 8
    assert record["megabytes_per_second"] == 0.4
    assert record["other_share"] == pytest.approx(0.2)
    assert record["bytes_per_passage"] == 2_000
    assert record["cache_bytes_per_passage"] == 100


def test_the_seconds_within_an_encoder_are_added_up_even_if_it_fails() -> None:
    clock = FakeClock()

    class Slow(HashingEncoder):
        def encode_passages(self, texts: Sequence[str]) -> Vectors:
            clock.spend(2.0)
            if texts == ["bad"]:
                raise RuntimeError("no memory")
            return super().encode_passages(texts)

    encoder = TimedEncoder(Slow(), clock=clock)
    encoder.encode_passages(["a", "b"])
    encoder.encode_queries(["c"])
    with pytest.raises(RuntimeError):
        encoder.encode_passages(["bad"])

    assert encoder.seconds == 6.0
    assert (encoder.name, encoder.dim) == (ENCODER.name, ENCODER.dim)


def test_a_request_holds_no_secret_and_the_settings_come_back_whole(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path, passages=7, api_key="key-4711")

    request = json.loads(json.dumps(describe_request(settings, folder=tmp_path, n=3)))

    assert "key-4711" not in str(request)
    assert (request["folder"], request["n"]) == (str(tmp_path), 3)
    assert Settings(**request["settings"]) == settings.model_copy(update={"api_key": None})


def test_a_lap_within_a_lap_is_not_counted_twice() -> None:
    clock = FakeClock()
    watch = Stopwatch(clock)

    for _ in range(2):
        with watch.lap("outer"):
            clock.spend(1.0)
            with watch.lap("inner"):
                clock.spend(10.0)
                with watch.lap("outer"):
                    clock.spend(100.0)
            clock.spend(1.0)

    assert watch.seconds == {"outer": 204.0, "inner": 20.0}


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_in_steps_is_the_answer_and_its_steps_are_its_time(
    built: tuple[Settings, IngestReport, Path], question: str
) -> None:
    answerer = Answerer(built[0], encoder=ENCODER)
    answerer.cross_encoder = FakeCrossEncoder("2021")
    clock = FakeClock()

    def tick() -> float:
        clock.spend(1.0)
        return clock.now

    answer, seconds = answer_in_steps(answerer, question, clock=tick)

    assert answer == answerer(question)
    assert tuple(seconds) == STEPS
    assert min(seconds.values()) > 0  # each step was gone through
    assert sum(seconds.values()) < clock.now - 100.0
    answerer.index.close()


def test_an_index_is_opened_and_asked_a_third_of_the_questions_each_way(
    built: tuple[Settings, IngestReport, Path],
) -> None:
    report = measure_asking(built[0], QUESTIONS * 3, threads=3, start_seconds=1.5, encoder=ENCODER)

    assert (report.alone.n, report.together.n, report.steps["dense"].n) == (4, 4, 4)
    assert (report.threads, report.start_seconds) == (3, 1.5)
    assert 0 < report.found <= 4
    assert report.open_seconds > 0
    assert report.memory_open_bytes <= report.peak_memory_bytes + SOME_PAGES
    assert AskReport.from_dict(json.loads(json.dumps(report.to_dict()))) == report


def test_too_few_questions_are_an_error(built: tuple[Settings, IngestReport, Path]) -> None:
    with pytest.raises(ValueError, match="at least 3 questions are needed, got 2"):
        measure_asking(built[0], ["a b c d", "e f g h"], encoder=ENCODER)


def test_a_bench_is_three_lines() -> None:
    timing = Timing(n=20, mean=0.05, p50=0.04, p95=0.09, p99=0.1, slowest=0.1)

    lines = format_bench(BenchReport(timing, timing, 300 * 2**20)).splitlines()

    assert [line.split() for line in lines] == [
        "question, loaded n=20 p50 40.0 ms p95 90.0 ms".split(),
        "crossquote ask, cold n=20 p50 40.0 ms p95 90.0 ms".split(),
        "peak memory 300 MB".split(),
    ]
