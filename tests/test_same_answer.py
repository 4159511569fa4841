"""A question gets one answer, whichever way it is asked: in Python, on a terminal, over HTTP."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from rag.__main__ import app
from rag.config import Settings
from rag.pipeline import Answerer, build_index
from tests.fake_server import build_app
from tests.test_chat import call, put_question
from ui.features import Features

QUESTIONS = [
    "When did the Linhe Bridge open?",
    "临河大桥全长多少公里？",
    "How many visitors does the salt museum expect?",
    "Who is the mayor of Atlantis?",
]

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answerer]:
    place = tmp_path_factory.mktemp("same")
    (place / "bridge.txt").write_text(
        "临河大桥于2021年5月18日通车。大桥全长3.2公里，是当地最长的桥。\n", encoding="utf-8"
    )
    (place / "salt.txt").write_text(
        "The salt museum opened in 1998. It expects 60,000 visitors a year.\n", encoding="utf-8"
    )
    settings = Settings(index=place / ".index")
    build_index(place, settings=settings)
    answerer = Answerer(settings)
    yield answerer
    answerer.index.close()


@pytest.fixture(scope="module")
def client(answerer: Answerer) -> Iterator[TestClient]:
    with TestClient(build_app(answerer, Features())) as client:
        yield client


def strip_time(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "seconds"}


def ask_on_terminal(answerer: Answerer, question: str) -> dict[str, Any]:
    words = ["ask", question, "--json", "--index", str(answerer.settings.index)]
    result = CliRunner().invoke(app, words)
    record: dict[str, Any] = json.loads(result.stdout)
    return record


def ask_over_http(client: TestClient, question: str) -> dict[str, Any]:
    kind, (record,) = call(client, "ask", question)
    assert kind == "complete"
    return dict(record)


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_the_same_in_python_on_a_terminal_and_over_http(
    answerer: Answerer, client: TestClient, question: str
) -> None:
    *_, streamed = answerer.stream(question)
    whole = answerer(question)
    expected = strip_time(json.loads(json.dumps(whole.to_dict())))

    assert streamed == whole
    assert strip_time(ask_on_terminal(answerer, question)) == expected
    assert strip_time(ask_over_http(client, question)) == expected
    assert call(client, "chat", question)[1][0] == whole.text


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_page_shows_its_statements_and_quotes(
    answerer: Answerer, client: TestClient, question: str
) -> None:
    answer = answerer(question)
    session = f"s{QUESTIONS.index(question)}"

    shown = html.unescape(re.sub(r"<[^>]*>", "", put_question(client, session, question)))

    quotes = [citation.quote.text for citation in answer.citations]
    texts = [*(statement.text for statement in answer.statements), *quotes, answer.refusal]
    assert [text for text in texts if text not in shown] == []
    assert bool(quotes) is answer.found
