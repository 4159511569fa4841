"""A question goes through visible states to an answer, and every failure ends in a sentence."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from rag.types import Answer
from tests.fakes import (
    BROKEN,
    CONFLICT,
    EXAMPLES,
    FOLLOW_UP,
    MAX_CHARS,
    REFUSED_EN,
    SECRET,
    UNDERSTOOD,
    WHEN_EN,
    WHEN_ZH,
    fake_ask,
)
from ui.chat import build_app, mount_chat
from ui.features import Features
from ui.history import KeptTurn
from ui.serve import build_server
from ui.turns import Running, Turn, restore_turns, stop_turn, stream_turn
from ui.words import EN, ZH


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    async def build() -> FastAPI:  # gradio makes, and leaves, event loops where none runs
        return build_server(fake_ask, Features(examples=EXAMPLES))

    with TestClient(asyncio.run(build())) as client:
        yield client


def call(client: TestClient, name: str, *data: object, session: str = "") -> tuple[str, Any]:
    """Ask by the HTTP interface; return the kind of the last event and its data."""
    body = {"data": list(data)} | ({"session_hash": session} if session else {})
    started = client.post(f"/gradio_api/call/{name}", json=body)
    assert started.status_code == 200
    stream = client.get(f"/gradio_api/call/{name}/{started.json()['event_id']}").text
    kind, said = stream.strip().split("\n\n")[-1].split("\n")
    return kind.removeprefix("event: "), json.loads(said.removeprefix("data: "))


def test_states_follow_each_other_to_the_answer() -> None:
    steps = [step[-1] for step in stream_turn(fake_ask, WHEN_EN, [], EN)]

    assert [step.finished for step in steps] == [False, False, True]
    assert "Searching the documents" in steps[0].html
    assert "4 passages found" in steps[1].html
    assert "May 18, 2021" in steps[2].html


class GrowingAsk:
    """Words its answer with a model: the first statement, then all of them."""

    closed = False

    def __call__(self, question: str, previous: Answer | None = None) -> Answer:
        *_, last = self.stream(question, previous)
        return last

    def stream(self, question: str, previous: Answer | None = None) -> Iterator[Answer]:
        whole = replace(fake_ask(question, previous), model="tiny")
        cited = whole.statements[0].quotes
        citations = tuple(c for c in whole.citations if c.quote in cited)
        try:
            yield replace(whole, statements=whole.statements[:1], citations=citations)
            yield whole
        finally:
            self.closed = True


def test_the_words_of_a_model_are_shown_as_they_come() -> None:
    steps = list(stream_turn(GrowingAsk(), WHEN_EN, [], EN))

    shown = [step[-1] for step in steps]
    assert [turn.finished for turn in shown] == [False, False, False, True]
    assert shown[1].html.count("cq-statement") < shown[2].html.count("cq-statement")
    assert shown[2].html == shown[3].html
    assert shown[3].answer == GrowingAsk()(WHEN_EN)


def test_a_reader_who_leaves_ends_the_work_of_the_model() -> None:
    ask = GrowingAsk()
    steps = stream_turn(ask, WHEN_EN, [], EN)
    next(steps)
    next(steps)

    steps.close()  # type: ignore[attr-defined]  # every generator has it

    assert ask.closed


def test_a_second_turn_is_numbered_on_and_leaves_the_first_as_it_was() -> None:
    first = list(stream_turn(fake_ask, WHEN_EN, [], EN))[-1]
    second = list(stream_turn(fake_ask, WHEN_ZH, first, EN))[-1]

    assert second[0] == first[0]
    assert [turn.number for turn in second] == [1, 2]
    assert 'href="#t2-c1"' in second[1].html
    assert "t1-" not in second[1].html


def test_a_turn_that_is_asked_again_takes_its_place_and_drops_those_after() -> None:
    first = list(stream_turn(fake_ask, WHEN_EN, [], EN))[-1]
    second = list(stream_turn(fake_ask, CONFLICT, first, EN))[-1]
    third = list(stream_turn(fake_ask, REFUSED_EN, second, EN))[-1]

    again = list(stream_turn(fake_ask, FOLLOW_UP, third, EN, place=2))[-1]

    assert [(turn.number, turn.question) for turn in again] == [(1, WHEN_EN), (2, FOLLOW_UP)]
    assert again[1].answer == fake_ask(FOLLOW_UP, fake_ask(WHEN_EN))


def test_the_first_turn_asked_again_follows_nothing() -> None:
    first = list(stream_turn(fake_ask, WHEN_EN, [], EN))[-1]

    again = list(stream_turn(fake_ask, FOLLOW_UP, first, EN, place=1))[-1]

    assert [turn.answer for turn in again] == [fake_ask(FOLLOW_UP)]


def test_kept_turns_are_laid_out_as_they_were() -> None:
    first = list(stream_turn(fake_ask, WHEN_EN, [], EN))[-1]
    shown = list(stream_turn(fake_ask, " ", first, EN))[-1]
    kept = [KeptTurn(turn.number, turn.question, turn.answer, turn.notice) for turn in shown]

    assert restore_turns(kept, EN) == shown


def test_an_answer_can_be_judged_where_that_is_noted() -> None:
    plain, judged = (
        list(stream_turn(fake_ask, WHEN_EN, [], EN, judged=judged))[-1][0].html
        for judged in (False, True)
    )

    assert "cq-judge" not in plain
    assert judged.count('class="cq-act cq-judge"') == 2


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
    with caplog.at_level(logging.ERROR, logger="ui.tell"):
        last = list(stream_turn(fake_ask, BROKEN, [], ZH))[-1][-1]

    assert "这里出了点问题" in last.html
    assert SECRET not in last.html
    reference = caplog.records[0].getMessage().split()[-1]
    assert reference in last.html
    assert SECRET in caplog.text


def ask_in_turn(*questions: str) -> tuple[list[Answer | None], list[Turn]]:
    """Ask one after the other on one page; return what each was given as the answer before it."""
    given: list[Answer | None] = []

    def ask(question: str, previous: Answer | None = None) -> Answer:
        given.append(previous)
        return fake_ask(question, previous)

    turns: list[Turn] = []
    for question in questions:
        turns = list(stream_turn(ask, question, turns, EN))[-1]
    return given, turns


def test_a_question_is_asked_with_the_answer_before_it() -> None:
    given, turns = ask_in_turn(WHEN_EN, FOLLOW_UP, CONFLICT)

    assert given == [None, fake_ask(WHEN_EN), fake_ask(FOLLOW_UP, fake_ask(WHEN_EN))]
    assert UNDERSTOOD in turns[1].html
    assert "Understood as" not in turns[0].html + turns[2].html


def test_a_refusal_is_an_answer_to_follow() -> None:
    given, _ = ask_in_turn(REFUSED_EN, FOLLOW_UP)

    assert given == [None, fake_ask(REFUSED_EN)]


def test_a_failed_turn_lends_nothing() -> None:
    given, turns = ask_in_turn(BROKEN, FOLLOW_UP, WHEN_EN, BROKEN, " ", FOLLOW_UP)

    assert given[:2] == [None, None]
    assert given[-1] == fake_ask(WHEN_EN)
    assert [turn.answer is None for turn in turns] == [True, False, False, True, True, False]


def test_a_stopped_turn_lends_nothing() -> None:
    first = list(stream_turn(fake_ask, WHEN_EN, [], EN))[-1]
    stopped = stop_turn(next(stream_turn(fake_ask, CONFLICT, first, EN)), EN)

    assert stopped[-1].answer is None
    last = list(stream_turn(fake_ask, FOLLOW_UP, stopped, EN))[-1][-1]
    assert UNDERSTOOD in last.html


def test_stop_ends_the_turn_in_work_only() -> None:
    running = next(stream_turn(fake_ask, WHEN_EN, [], EN))
    ended = list(stream_turn(fake_ask, WHEN_EN, [], EN))[-1]

    stopped = stop_turn(running, EN)

    assert stopped[0].finished
    assert "Stopped before there was an answer." in stopped[0].html
    assert stop_turn(ended, EN) == ended
    assert stop_turn([], EN) == []


def test_a_page_is_at_work_until_its_question_ends_is_stopped_or_left() -> None:
    """A page whose line had broken could never ask another question."""
    running, steps = Running(), stream_turn(fake_ask, WHEN_EN, [], EN)
    idle = running.is_at_work("p")
    followed = running.follow("p", steps)
    next(followed)
    works = running.is_at_work("p"), running.is_at_work("q")
    followed.close()  # type: ignore[attr-defined]  # every generator has it
    left = running.is_at_work("p")
    held = running.follow("p", stream_turn(fake_ask, WHEN_EN, [], EN))
    next(held)
    running.stop("p")

    assert (idle, *works, left, running.is_at_work("p")) == (False, True, False, False, False)


def test_ask_gives_the_answer_as_json(client: TestClient) -> None:
    kind, (record,) = call(client, "ask", WHEN_EN)

    assert kind == "complete"
    assert record == json.loads(json.dumps(fake_ask(WHEN_EN).to_dict()))
    assert record["text"] == "May 18, 2021 [1][2]\nIt is 3.2 kilometers long. [3]"


def test_follow_rests_on_the_answer_it_is_given_and_ask_on_none(client: TestClient) -> None:
    _, (before,) = call(client, "ask", WHEN_EN)

    _, (alone,) = call(client, "ask", FOLLOW_UP)
    _, (followed,) = call(client, "follow", FOLLOW_UP, json.dumps(before))

    assert (alone["rewritten"], alone["found"]) == ("", False)
    assert (followed["rewritten"], followed["found"]) == (UNDERSTOOD, True)


@pytest.mark.parametrize("previous", ['{"text": "FORGED [1]"}', "{}", "null", "x", "[1]", "", None])
def test_a_previous_answer_that_is_none_is_told_in_words(
    client: TestClient, previous: object
) -> None:
    kind, data = call(client, "follow", FOLLOW_UP, previous)

    assert kind == "error"
    assert "`previous` is no answer" in json.dumps(data)


def test_chat_gives_the_very_text_of_the_answer(client: TestClient) -> None:
    kind, data = call(client, "chat", WHEN_EN)

    assert (kind, data[0]) == ("complete", fake_ask(WHEN_EN).text)
    assert data[1:] == [None]  # what the session holds stays on the server


def test_chat_is_one_conversation_a_session(client: TestClient) -> None:
    call(client, "chat", WHEN_EN, session="one")

    _, (followed, _) = call(client, "chat", FOLLOW_UP, session="one")
    _, (alone, _) = call(client, "chat", FOLLOW_UP, session="two")

    previous = fake_ask(WHEN_EN)
    assert followed == fake_ask(FOLLOW_UP, previous).text
    assert alone == fake_ask(FOLLOW_UP).text


def find_event(client: TestClient, name: str, trigger: str) -> int:
    """The number of the event that `trigger` of the component with id `name` sets off."""
    config = client.get("/config").json()
    id_ = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == name)
    events = config["dependencies"]
    return next(int(e["id"]) for e in events if [id_, trigger] in e["targets"])


def put_question(
    client: TestClient, session: str, question: str, *, place: str = "", conversation: str = ""
) -> str:
    """Ask as the page of a session does; return what it is sent."""
    event = find_event(client, "cq-question", "submit")
    data = [question, None, place, conversation, None]
    body = {"data": data, "fn_index": event, "session_hash": session}
    client.post("/gradio_api/queue/join", json=body).raise_for_status()
    return client.get("/gradio_api/queue/data", params={"session_hash": session}).text


def clear_page(client: TestClient, session: str) -> None:
    body = {
        "data": [""],
        "fn_index": find_event(client, "cq-clear", "click"),
        "session_hash": session,
    }
    client.post("/gradio_api/run/predict", json=body).raise_for_status()


def test_a_conversation_is_of_one_session_and_ends_when_the_page_is_cleared(
    client: TestClient,
) -> None:
    put_question(client, "a", WHEN_EN)

    assert UNDERSTOOD not in put_question(client, "b", FOLLOW_UP)
    assert UNDERSTOOD in put_question(client, "a", FOLLOW_UP)
    clear_page(client, "a")
    assert UNDERSTOOD not in put_question(client, "a", FOLLOW_UP)


def test_what_a_page_is_sent_for_a_question_does_not_grow_with_the_conversation(
    client: TestClient,
) -> None:
    """All turns were sent with every step of every answer."""
    sent = [len(put_question(client, "long", WHEN_EN)) for _ in range(6)]

    assert sent[5] < 1.1 * sent[0]


@pytest.mark.parametrize("name", ["ask", "chat"])
def test_the_http_interface_gives_away_no_failure(client: TestClient, name: str) -> None:
    kind, data = call(client, name, BROKEN)

    assert kind == "error"
    assert SECRET not in json.dumps(data)


@pytest.mark.parametrize("name", ["ask", "chat"])
def test_the_http_interface_words_what_can_be_mended(client: TestClient, name: str) -> None:
    kind, data = call(client, name, " ")

    assert kind == "error"
    assert "the question is empty" in json.dumps(data)


@pytest.mark.parametrize("question", [None, 7, ["x"], {"a": 1}])
def test_a_question_of_the_wrong_type_is_not_taken(client: TestClient, question: object) -> None:
    started = client.post("/gradio_api/call/ask", json={"data": [question]})

    assert started.status_code == 422
    assert started.text == "'data' is missing, or not a list with a question"


def test_chat_ask_and_follow_are_the_only_public_functions(client: TestClient) -> None:
    info = client.get("/gradio_api/info").json()

    assert list(info["named_endpoints"]) == ["/chat", "/ask", "/follow"]
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


def test_no_table_is_kept_of_who_asked_when() -> None:
    """Gradio summed up the last 10,000 questions in pandas after each, which took milliseconds."""
    apps = []

    async def build() -> FastAPI:
        server = FastAPI()
        apps.append(build_app(fake_ask, Features(), []))
        mount_chat(server, apps[0], Features(), [])
        return server

    with TestClient(asyncio.run(build())) as client:
        assert call(client, "chat", WHEN_EN)[0] == "complete"

    assert apps[0]._queue.events_recorded == 1
    assert not apps[0]._queue.event_analytics


def test_a_question_beyond_the_queue_is_turned_away_and_the_others_are_answered() -> None:
    began, free = threading.Event(), threading.Event()

    def ask(question: str, previous: Answer | None = None) -> Answer:
        began.set()
        free.wait(timeout=20)
        return fake_ask(question, previous)

    async def build() -> FastAPI:
        return build_server(ask, Features(concurrency=1, max_waiting=1))

    with TestClient(asyncio.run(build())) as client:
        ids: list[str] = []
        codes = []
        for _ in range(4):
            started = client.post("/gradio_api/call/chat", json={"data": [WHEN_EN]})
            codes.append(started.status_code)
            ids += [started.json()["event_id"]] if started.is_success else []
            assert began.wait(timeout=20)  # the first has left the queue for its worker
        free.set()
        texts = [client.get(f"/gradio_api/call/chat/{id_}").text for id_ in ids]

    assert codes == [200, 200, 503, 503]
    assert all("event: complete" in text for text in texts)
