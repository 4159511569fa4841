"""A question goes through visible states to an answer, and every failure ends in a sentence."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from rag.types import Answer
from tests.fakes import BROKEN, EXAMPLES, MAX_CHARS, SECRET, WHEN_EN, WHEN_ZH, fake_ask
from ui.chat import Turn, stop_turn, stream_turn
from ui.serve import build_server
from ui.words import EN, ZH

# gradio sets a pandas option that pandas 3 has given up
pytestmark = pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated")


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    async def build() -> FastAPI:  # gradio makes, and leaves, event loops where none runs
        return build_server(fake_ask, examples=EXAMPLES)

    with TestClient(asyncio.run(build())) as client:
        yield client


def call_chat(client: TestClient, question: Any) -> tuple[str, Any]:
    """Ask by the HTTP interface; return the kind of the last event and its data."""
    started = client.post("/gradio_api/call/chat", json={"data": [question]})
    assert started.status_code == 200
    stream = client.get(f"/gradio_api/call/chat/{started.json()['event_id']}").text
    kind, data = stream.strip().split("\n\n")[-1].split("\n")
    return kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def test_states_follow_each_other_to_the_answer() -> None:
    steps = [step[-1] for step in stream_turn(fake_ask, WHEN_EN, [], EN)]

    assert [step.finished for step in steps] == [False, False, True]
    assert "Searching the documents" in steps[0].html
    assert "4 passages found" in steps[1].html
    assert "May 18, 2021" in steps[2].html


def test_a_second_turn_is_numbered_on_and_leaves_the_first_as_it_was() -> None:
    first = list(stream_turn(fake_ask, WHEN_EN, [], EN))[-1]
    second = list(stream_turn(fake_ask, WHEN_ZH, first, EN))[-1]

    assert second[0] == first[0]
    assert [turn.number for turn in second] == [1, 2]
    assert 'href="#t2-c1"' in second[1].html
    assert "t1-" not in second[1].html


def test_only_the_latest_turns_are_kept_and_numbers_are_not_used_again() -> None:
    turns = [Turn(n, "q", "h", finished=True) for n in range(1, 41)]

    kept = list(stream_turn(fake_ask, WHEN_EN, turns, EN))[-1]

    assert [turn.number for turn in kept] == list(range(12, 42))


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("  ", "the question is empty. Type a question about the documents"),
        ("x" * (MAX_CHARS + 1), "the question has 501 characters, at most 500 fit"),
    ],
)
def test_what_a_reader_can_mend_is_shown_in_the_words_of_the_error(
    question: str, message: str
) -> None:
    last = list(stream_turn(fake_ask, question, [], EN))[-1][-1]

    assert last.finished
    assert message in last.html


def test_any_other_failure_is_a_plain_sentence_and_a_logged_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR, logger="ui.chat"):
        last = list(stream_turn(fake_ask, BROKEN, [], ZH))[-1][-1]

    assert "这里出了点问题" in last.html
    assert SECRET not in last.html
    reference = caplog.records[0].getMessage().split()[-1]
    assert reference in last.html
    assert SECRET in caplog.text


def test_stop_ends_the_turn_in_work_only() -> None:
    running = next(stream_turn(fake_ask, WHEN_EN, [], EN))
    ended = list(stream_turn(fake_ask, WHEN_EN, [], EN))[-1]

    stopped = stop_turn(running, EN)

    assert stopped[0].finished
    assert "Stopped before there was an answer." in stopped[0].html
    assert stop_turn(ended, EN) == ended
    assert stop_turn([], EN) == []


def test_the_http_interface_gives_the_answer_as_json(client: TestClient) -> None:
    kind, (record,) = call_chat(client, WHEN_EN)

    assert kind == "complete"
    assert record == json.loads(json.dumps(fake_ask(WHEN_EN).to_dict()))
    assert record["text"] == "May 18, 2021 [1][2]\nIt is 3.2 kilometers long. [3]"


def test_the_http_interface_gives_away_no_failure(client: TestClient) -> None:
    kind, data = call_chat(client, BROKEN)

    assert kind == "error"
    assert SECRET not in json.dumps(data)


def test_the_http_interface_words_what_can_be_mended(client: TestClient) -> None:
    kind, data = call_chat(client, " ")

    assert kind == "error"
    assert "the question is empty" in json.dumps(data)


@pytest.mark.parametrize("question", [None, 7, ["x"], {"a": 1}])
def test_a_question_of_the_wrong_type_is_an_error(client: TestClient, question: object) -> None:
    kind, data = call_chat(client, question)

    assert kind == "error"
    assert "Traceback" not in json.dumps(data)


def test_chat_is_the_only_public_function(client: TestClient) -> None:
    info = client.get("/gradio_api/info").json()

    assert list(info["named_endpoints"]) == ["/chat"]
    assert info["unnamed_endpoints"] == {}


def test_no_event_can_be_run_past_the_queue(client: TestClient) -> None:
    for event in client.get("/config").json()["dependencies"]:
        if event["queue"]:
            body = {"data": [WHEN_EN, None], "fn_index": event["id"], "session_hash": "s"}

            assert client.post("/gradio_api/run/predict", json=body).status_code == 404


def test_analytics_are_off_and_the_words_of_both_languages_are_there(client: TestClient) -> None:
    config = client.get("/config").json()

    assert config["analytics_enabled"] is False
    assert config["i18n_translations"]["en"]["ask"] == "Ask"
    assert config["i18n_translations"]["zh-CN"]["ask"] == "提问"


def test_a_question_beyond_the_queue_is_turned_away_and_the_others_are_answered() -> None:
    free = threading.Event()

    def ask(question: str) -> Answer:
        free.wait(timeout=20)
        return fake_ask(question)

    async def build() -> FastAPI:
        return build_server(ask, concurrency=1, max_waiting=1)

    with TestClient(asyncio.run(build())) as client:
        ids: list[str] = []
        codes = []
        for _ in range(4):
            started = client.post("/gradio_api/call/chat", json={"data": [WHEN_EN]})
            codes.append(started.status_code)
            ids += [started.json()["event_id"]] if started.is_success else []
            time.sleep(0.3)  # the first leaves the queue for its worker
        free.set()
        texts = [client.get(f"/gradio_api/call/chat/{id_}").text for id_ in ids]

    assert codes == [200, 200, 503, 503]
    assert all("event: complete" in text for text in texts)
