"""Numbers of growing sizes stand in one table with how they grow; kept indexes are used again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from eval.bench.baselines import BaselineReport
from eval.bench.growth import GrowthReport, SizeReport, measure_growth
from eval.bench.ingest import IngestReport, measure_ingest
from eval.bench.latency import AskReport, measure_asking
from eval.bench.steps import STEPS
from eval.bench.tables import draw_growth, format_growth
from eval.bench.timing import Timing
from rag.config import Settings
from rag.errors import CorpusError
from tests.fake_encoder import HashingEncoder
from tests.fakes import BRIDGE_EN, BRIDGE_ZH, MUSEUM_EN, MUSEUM_ZH

ENCODER = HashingEncoder()
TEXTS = [document.text for document in (BRIDGE_ZH, BRIDGE_EN, MUSEUM_ZH, MUSEUM_EN)]


def make_timing(p50: float) -> Timing:
    return Timing(n=100, mean=p50, p50=p50, p95=2 * p50, p99=3 * p50, slowest=3 * p50)


def make_size(passages: int) -> SizeReport:
    """A build of 0.01 s a passage, four fifths of it the encoder's; dense time in proportion."""
    ingest = IngestReport(
        documents=passages // 2, passages=passages, input_bytes=passages * 1_000,
        seconds=passages / 100, encoder_seconds=passages / 125,
        memory_before_bytes=500_000_000, peak_memory_bytes=900_000_000,
        database_bytes=passages * 3_000, cache_bytes=passages * 800,
        unchanged_seconds=0.5, changed_seconds=1.5, removed_seconds=1.0,
    )  # fmt: skip
    steps = dict.fromkeys(STEPS, make_timing(0.002))
    asking = AskReport(
        start_seconds=1.0, open_seconds=0.25, first_seconds=2.0, alone=make_timing(0.05),
        together=make_timing(0.3), threads=8, per_second=24.0,
        steps={**steps, "dense": make_timing(passages / 1e6)}, found=60,
        memory_open_bytes=300_000_000, memory_end_bytes=800_000_000,
        peak_memory_bytes=850_000_000,
    )  # fmt: skip
    plain = tuple(
        BaselineReport(name, passages, 0.7, 40_000_000, make_timing(0.004))
        for name in ("bm25s", "faiss")
    )
    return SizeReport(passages, ingest, asking, plain)


REPORT = GrowthReport("news.jsonl", "hashing/1", (make_size(1_000), make_size(10_000)))


def read_row(table: str, label: str, *, nth: int = 0) -> list[str]:
    rows = [line for line in table.splitlines() if line.startswith(f"{label}  ")]
    return rows[nth][len(label) :].split()


@pytest.mark.parametrize(
    ("label", "cells"),
    [
        ("passages", ["1,000", "10,000", "grows", "with"]),
        ("documents a second", ["50.0", "50.0", "n^0.00"]),
        ("passages a second", ["100.0", "100.0", "n^0.00"]),
        ("MB a second", ["0.100", "0.100", "n^0.00"]),
        ("seconds", ["10.0", "100.0", "n^1.00"]),
        ("not the encoder, %", ["20.0", "20.0", "n^0.00"]),
        ("peak memory, MB", ["900", "900", "n^0.00"]),
        ("index.db, bytes a passage", ["3,000", "3,000", "n^0.00"]),
        ("caches, bytes a passage", ["800", "800", "n^0.00"]),
        ("open the index, s", ["0.25", "0.25", "n^0.00"]),
        ("alone, p99", ["150.0", "150.0", "n^0.00"]),
        ("8 threads, p95", ["600.0", "600.0", "n^0.00"]),
        ("8 threads, answers a second", ["24.0", "24.0", "n^0.00"]),
        ("found, %", ["60.0", "60.0", "n^0.00"]),
        ("dense, p50", ["1.0", "10.0", "n^1.00"]),
        ("gloss, p95", ["4.0", "4.0", "n^0.00"]),
        ("a question, ms, p50", ["4.0", "4.0", "n^0.00"]),
    ],
)
def test_the_table_gives_each_number_by_size_and_how_it_grows(
    label: str, cells: Sequence[str]
) -> None:
    assert read_row(format_growth(REPORT), label) == cells


def test_what_a_plain_search_does_not_do_and_what_is_missing_are_told() -> None:
    table = format_growth(replace(REPORT, missing=("bm25s is not installed",)))

    assert "no answer, no quote" in table
    assert table.endswith("bm25s is not installed")


def test_one_size_has_no_growth() -> None:
    table = format_growth(replace(REPORT, sizes=REPORT.sizes[:1]))

    assert read_row(table, "seconds") == ["10.0"]


def test_nothing_grows_from_zero() -> None:
    ingest = replace(REPORT.sizes[0].ingest, cache_bytes=0)
    sizes = (replace(REPORT.sizes[0], ingest=ingest), REPORT.sizes[1])

    table = format_growth(replace(REPORT, sizes=sizes))

    assert read_row(table, "caches, bytes a passage") == ["0", "800"]


def test_charts_show_answers_steps_and_builds() -> None:
    charts = draw_growth(REPORT)

    lines = {name: svg.count("<polyline") for name, svg in charts.items()}
    assert lines == {"latency": 5, "steps": 10, "ingest": 9}
    assert all(f">{step}</text>" in charts["steps"] for step in STEPS)


def test_a_report_is_json() -> None:
    record = json.loads(json.dumps(REPORT.to_dict()))

    assert [size["ingest"]["passages"] for size in record["sizes"]] == [1_000, 10_000]
    assert record["sizes"][0]["asking"]["steps"]["dense"]["p95"] == 0.002
    assert record["sizes"][0]["baselines"][1]["name"] == "faiss"


def write_data(path: Path) -> Path:
    lines = [json.dumps({"id": f"{n}", "text": text}) + "\n" for n, text in enumerate(TEXTS)]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def build(folder: Path, settings: Settings) -> IngestReport:
    return measure_ingest(folder, settings, encoder=ENCODER)


def ask(settings: Settings, questions: Sequence[str]) -> AskReport:
    return measure_asking(settings, questions, encoder=ENCODER)


def test_an_index_is_built_asked_and_kept_for_the_next_time(tmp_path: Path) -> None:
    data, told = write_data(tmp_path / "data.jsonl"), list[str]()

    def measure(*, per_file: int = 2) -> GrowthReport:
        return measure_growth(
            data, Settings(), sizes=[4, 3], questions=["a bridge", "a museum", "盐"] * 3,
            keep=tmp_path / "kept", per_file=per_file, baselines=False, tell=told.append,
            build=build, ask=ask,
        )  # fmt: skip

    first, second, other = measure(), measure(), measure(per_file=1)

    assert [size.size for size in first.sizes] == [3, 4]
    assert [size.ingest.passages for size in first.sizes] == [3, 4]
    assert [size.asking.alone.n for size in first.sizes] == [3, 3]
    assert [size.ingest for size in second.sizes] == [size.ingest for size in first.sizes]
    assert other.sizes[0].ingest != first.sizes[0].ingest
    verbs = [words.split()[0] for words in told]
    assert (
        verbs == ["building", "asking"] * 2 + ["using", "asking"] * 2 + ["building", "asking"] * 2
    )
    assert len(list((tmp_path / "kept" / "3" / "documents").iterdir())) == 3


def test_without_a_place_to_keep_in_nothing_stays(tmp_path: Path) -> None:
    """The questions are made out of the documents."""
    places: list[Path] = []

    def build_noted(folder: Path, settings: Settings) -> IngestReport:
        places.append(settings.index)
        return build(folder, settings)

    report = measure_growth(
        write_data(tmp_path / "data.jsonl"), Settings(), sizes=[3], baselines=False,
        build=build_noted, ask=ask,
    )  # fmt: skip

    assert report.sizes[0].asking.alone.n == 100
    assert not places[0].exists()


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept" / "3").mkdir(parents=True)
    (tmp_path / "kept" / "3" / "diary.txt").write_text("mine")

    with pytest.raises(CorpusError, match="holds something else"):
        measure_growth(
            write_data(tmp_path / "data.jsonl"), Settings(), sizes=[3], keep=tmp_path / "kept"
        )
    assert (tmp_path / "kept" / "3" / "diary.txt").read_text() == "mine"


def test_a_damaged_note_is_told(tmp_path: Path) -> None:
    (tmp_path / "kept" / "3").mkdir(parents=True)
    (tmp_path / "kept" / "3" / "ingest.json").write_text("{")

    with pytest.raises(CorpusError, match="is damaged"):
        measure_growth(
            write_data(tmp_path / "data.jsonl"), Settings(), sizes=[3], keep=tmp_path / "kept"
        )
