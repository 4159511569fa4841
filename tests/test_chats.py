"""Many readers at once: every question is counted as answered, turned away or failed."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from eval.bench.chats import (
    LoadReport,
    bench_chats,
    fetch_capacity,
    format_loads,
    judge_loads,
    list_crowds,
    serve_index,
)
from eval.bench.commands import benching
from eval.bench.timing import Timing
from rag.config import Settings
from rag.errors import RagError
from rag.pipeline import build_index
from rag.types import Answer
from tests.fake_server import LOCAL, run_server
from tests.fakes import BROKEN, REFUSED_EN, WHEN_EN, WHEN_ZH, fake_ask
from ui.features import Features
from ui.login import read_logins

RUNNER = CliRunner()
QUESTIONS = [WHEN_EN, WHEN_ZH, REFUSED_EN]


def ask_slowly(question: str, previous: Answer | None = None) -> Answer:
    time.sleep(0.1)
    return fake_ask(question, previous)


def test_every_question_is_counted_and_the_server_recovers() -> None:
    features = Features(hosts=LOCAL, concurrency=2, max_waiting=4)
    with run_server(ask_slowly, features) as address:
        alone, crowd = bench_chats(address, QUESTIONS, readers=[1, 20], each=3)

    assert (alone.readers, alone.ok, alone.full, alone.errors) == (1, 3, 0, 0)
    assert alone.whole is not None
    assert alone.whole.n == 3
    assert alone.whole.p50 >= 0.1
    assert crowd.ok + crowd.full == 60
    assert crowd.full > 0
    assert crowd.errors == 0
    assert (alone.recovery, crowd.recovery) == ("ok", "ok")


def test_what_fails_is_counted_with_its_words() -> None:
    with run_server(fake_ask, Features(hosts=LOCAL)) as address:
        (report,) = bench_chats(address, [WHEN_EN, BROKEN], readers=[2], each=2)

    assert (report.ok, report.full, report.errors) == (2, 0, 2)
    assert all("Something went wrong on this side" in words for words in report.words)


def test_a_login_stands_in_the_address() -> None:
    features = Features(hosts=LOCAL, logins=read_logins(["ada:secret"]))
    with run_server(fake_ask, features) as address:
        (report,) = bench_chats(
            address.replace("//", "//ada:secret@"), QUESTIONS, readers=[1], each=1
        )
        with pytest.raises(RagError, match="did not answer a first question: 401") as told:
            bench_chats(address.replace("//", "//ada:hunter2@"), QUESTIONS, readers=[1])

    assert report.ok == 1
    assert "hunter2" not in str(told.value)


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(RagError, match=r"'http://127\.0\.0\.1:9' did not answer a first question"):
        bench_chats("http://127.0.0.1:9", QUESTIONS, readers=[1])
    with pytest.raises(RagError, match=r"'http://127\.0\.0\.1:9' does not tell how much"):
        fetch_capacity("http://127.0.0.1:9")


def make_report(readers: int, p95: float | None, **given: Any) -> LoadReport:
    timing = None if p95 is None else Timing(10, p95 / 2, p95 / 2, p95, p95, p95)
    counts: dict[str, Any] = {
        "ok": 10,
        "full": 0,
        "errors": 0,
        "recovery": "ok",
        "recovery_seconds": 0.1,
    }
    counts.update(given)
    return LoadReport(readers=readers, first=timing, whole=timing, per_second=4.2, **counts)


def test_the_table_compares_with_the_first_load() -> None:
    lines = format_loads(
        [make_report(1, 0.2), make_report(80, 0.5, full=32), make_report(90, None, ok=0)], 4
    ).splitlines()

    assert lines[0].split()[:4] == ["readers", "ok", "full", "errors"]
    assert lines[1].split()[:5] == ["*", "1", "10", "0", "0"]
    assert "200 ms   1.0 x" in lines[1]
    assert lines[2].split()[:4] == ["80", "10", "32", "0"]
    assert "250 ms   500 ms   2.5 x       4.2  ok, 100 ms" in lines[2]
    assert lines[3].endswith("nothing was answered")
    assert lines[4:] == ["* at most 4, which are answered at once", "floor: held"]


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (make_report(4, 0.6), []),
        (make_report(4, 0.61), ["4 at once: p95 3.0 times that of one, at most 3"]),
        (make_report(5, 9.0, full=3), []),  # beyond capacity
        (make_report(4, 0.2, full=3), ["4 at once: 3 questions were turned away"]),
        (make_report(80, 9.0, errors=2), ["80 at once: 2 questions failed"]),
        (
            make_report(8, 0.2, recovery="full"),
            ["8 at once: the question right after was not answered"],
        ),
    ],
)
def test_what_is_below_the_floor_is_named(report: LoadReport, said: list[str]) -> None:
    assert judge_loads([make_report(1, 0.2), report], 4) == said


def test_a_load_of_as_many_as_are_answered_at_once_is_asked_too() -> None:
    assert list_crowds(2) == [1, 2, 8, 30, 80]
    assert list_crowds(8) == [1, 8, 30, 80]


def test_a_report_is_plain_json() -> None:
    record = json.loads(json.dumps(make_report(8, 0.2, words=("x",)).to_dict()))

    assert record["readers"] == 8
    assert record["whole"]["p95"] == 0.2
    assert record["words"] == ["x"]


@pytest.mark.parametrize(
    "wrong", [("--readers", "many"), ("--readers", "0"), ("--each", "0"), ("--readers", "")]
)
def test_wrong_usage_has_status_2(wrong: tuple[str, ...]) -> None:
    result = RUNNER.invoke(benching, ("chats", *wrong))

    assert result.exit_code == 2
    assert wrong[0] in result.output


def test_the_command_leaves_a_table_and_its_numbers(tmp_path: Path) -> None:
    with run_server(fake_ask, Features(hosts=LOCAL, concurrency=1)) as address:
        words = ("chats", "--url", address, "--readers", "1,2", "--each", "1")
        result = RUNNER.invoke(benching, (*words, "--out", str(tmp_path / "out")))

    assert result.exit_code == 0, result.output
    assert [line.split()[:4] for line in result.stdout.splitlines()[1:3]] == [
        ["*", "1", "1", "0"],
        ["2", "2", "0", "0"],
    ]
    assert result.stdout.endswith("floor: held\n")
    numbers = json.loads((tmp_path / "out" / "chats.json").read_text(encoding="utf-8"))
    assert [load["ok"] for load in numbers["loads"]] == [1, 2]
    assert (numbers["capacity"], numbers["below_floor"]) == (1, [])


@pytest.mark.model
def test_a_server_of_its_own_is_started_and_stopped(tmp_path: Path) -> None:
    (tmp_path / "salt.txt").write_text("The salt museum opened in 1998.\n", encoding="utf-8")
    settings = Settings(index=tmp_path / "index")
    build_index(tmp_path / "salt.txt", settings=settings)

    with serve_index(settings) as address:
        assert httpx.get(f"{address}/healthz").status_code == 200

    with pytest.raises(httpx.TransportError):
        httpx.get(f"{address}/healthz")


def test_a_server_that_does_not_start_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(RagError, match="the server did not start; what it said is above"),
        serve_index(Settings(index=tmp_path / "none")),
    ):
        pass
