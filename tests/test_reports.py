"""The page lists the reports of evaluation runs, and serves each and no other file."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.fakes import fake_ask
from ui.features import Features
from ui.reports import list_reports
from ui.serve import build_server

HOSTILE = 'seeds-<img src=x onerror="pwned=1">'


def write_run(runs: Path, name: str, *, age: int = 0, summary: str | None = None) -> Path:
    folder = runs / name
    folder.mkdir(parents=True)
    (folder / "report.html").write_text(f"<p>the report of {len(name)}</p>")
    os.utime(folder / "report.html", (1_700_000_000 - age, 1_700_000_000 - age))
    if summary is not None:
        (folder / "report.json").write_text(summary)
    return folder


def summarize(value: float) -> str:
    parts = {"all": {"value": {"value": value, "low": 0.5, "high": 1.0, "n": 12}}}
    return json.dumps({"name": "plain <b>", "questions": 1234, "parts": parts})


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def client(runs: Path) -> Iterator[TestClient]:
    async def build() -> FastAPI:  # gradio makes, and leaves, event loops where none runs
        return build_server(fake_ask, Features(hosts=frozenset({"localhost"}), reports=runs))

    with TestClient(asyncio.run(build()), base_url="http://localhost") as client:
        yield client


def test_the_newest_run_comes_first_with_what_it_reached(runs: Path, client: TestClient) -> None:
    write_run(runs, "older", age=60, summary=summarize(0.5))
    write_run(runs, "newer", summary=summarize(0.7134))
    (runs / "unfinished").mkdir()

    page = client.get("/reports").text

    assert page.index(">newer<") < page.index(">older<")
    assert "<td>1,234</td><td>0.713</td><td>November 14, 2023, 22:13 UTC</td>" in page
    assert "plain &lt;b&gt;" in page
    assert "unfinished" not in page


def test_a_report_is_served_as_it_was_written(runs: Path, client: TestClient) -> None:
    folder = write_run(runs, "one")

    reply = client.get("/reports/one")

    assert reply.content == (folder / "report.html").read_bytes()
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "frame-ancestors 'self'" in reply.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "two",
        "..",
        "%2e%2e",
        "one/report.json",
        "..%2fone",
        "%2e%2e%2fsecret",
        "one%00",
        "unfinished",
    ],
)
def test_nothing_else_is_served(runs: Path, client: TestClient, path: str) -> None:
    write_run(runs, "one", summary=summarize(1.0))
    write_run(runs.parent, "secret")
    (runs / "unfinished").mkdir()

    reply = client.get(f"/reports/{path}")

    assert "the report of" not in reply.text
    assert "1234" not in reply.text


def test_a_name_is_text_and_no_markup(runs: Path, client: TestClient) -> None:
    write_run(runs, HOSTILE)

    page = client.get("/reports").text

    assert "<img" not in page
    assert "seeds-&lt;img src=x onerror=&quot;pwned=1&quot;&gt;" in page


@pytest.mark.parametrize(
    "summary", [None, "", "{", "[]", "{}", '{"name": 1, "questions": "x", "parts": {"all": {}}}']
)
def test_a_summary_that_cannot_be_read_leaves_its_cells_empty(
    runs: Path, summary: str | None
) -> None:
    write_run(runs, "one", summary=summary)

    (run,) = list_reports(runs)

    assert (run.name, run.questions, run.value) == ("one", None, None)


def test_without_a_report_the_page_says_how_to_make_one(client: TestClient) -> None:
    english = client.get("/reports").text
    chinese = client.get("/reports", headers={"accept-language": "zh-CN,zh;q=0.9"}).text

    assert "crossquote eval run" in english
    assert "There is no report yet" in english
    assert "还没有报告" in chinese
    assert '<html lang="zh-Hans">' in chinese


def test_the_chat_leads_to_the_reports_where_there_is_a_place_for_them(client: TestClient) -> None:
    async def build() -> FastAPI:
        return build_server(fake_ask, Features(hosts=frozenset({"localhost"})))

    with TestClient(asyncio.run(build()), base_url="http://localhost") as without:
        assert 'href=\\"/reports\\"' not in without.get("/").text
        assert without.get("/reports").status_code == 404
    assert 'href=\\"/reports\\"' in client.get("/").text
