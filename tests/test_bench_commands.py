"""`crossquote bench`: wrong usage is told; the right one leaves a table, JSON and charts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.bench.commands import benching
from rag.errors import CorpusError, IndexMissingError

RUNNER = CliRunner()
TEXT = "The salt museum opened in {}. It expects 60,000 visitors a year."


@pytest.mark.parametrize(
    "wrong",
    [
        ("--data", "x", "--sizes", "many"),
        ("--data", "x", "--sizes", "0"),
        ("--data", "x", "--per-file", "0"),
        ("--repeat", "0"),
        ("soak",),
        ("soak", "--data", "x", "--out", "y", "--minutes", "0"),
    ],
)
def test_wrong_usage_has_status_2(wrong: tuple[str, ...]) -> None:
    assert RUNNER.invoke(benching, wrong).exit_code == 2


def test_data_that_cannot_be_read_is_an_error_before_anything_is_made(tmp_path: Path) -> None:
    data, out = str(tmp_path / "none.jsonl"), tmp_path / "out"

    for wanted in (("--data", data), ("soak", "--data", data, "--out", str(out))):
        result = RUNNER.invoke(benching, wanted)
        assert isinstance(result.exception, CorpusError)
    assert not out.exists()


def test_without_data_the_index_is_asked_which_must_be_there(tmp_path: Path) -> None:
    result = RUNNER.invoke(benching, ("--index", str(tmp_path / "none")))

    assert isinstance(result.exception, IndexMissingError)


@pytest.mark.model
def test_a_bench_leaves_a_table_its_numbers_and_charts(tmp_path: Path) -> None:
    data = tmp_path / "data.jsonl"
    records = [{"id": f"{n}", "text": TEXT.format(1900 + n)} for n in range(3)]
    data.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")

    result = RUNNER.invoke(
        benching, ("--data", str(data), "--sizes", "2", "--out", str(tmp_path / "out"))
    )

    assert result.exit_code == 0, result.output
    assert "passages a second" in result.output
    record = json.loads((tmp_path / "out" / "bench.json").read_text(encoding="utf-8"))
    assert record["sizes"][0]["ingest"]["passages"] == 2
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["bench-ingest.svg", "bench-latency.svg", "bench-steps.svg", "bench.json"]
