"""A page that is loaded again has its conversation; it can be exported, deleted, and judged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.fakes import REFUSED_EN, WHEN_EN, fake_ask
from ui.address import sum_up
from ui.conversations import FEEDBACK_FILE, HISTORY_FILE, Keeper
from ui.features import Features
from ui.history import History, KeptTurn
from ui.serve import build_server
from ui.turns import Turn, stream_turn
from ui.words import EN

ONE, OTHER = "a" * 32, "b" * 32


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def client(kept: Path) -> Iterator[TestClient]:
    async def build() -> FastAPI:
        return build_server(fake_ask, Features(kept=kept))

    with TestClient(asyncio.run(build())) as client:
        yield client


@pytest.fixture(autouse=True)
def conversation(kept: Path) -> Iterator[History]:
    """One conversation of two turns."""
    history = History(kept / HISTORY_FILE)
    history.write(ONE, KeptTurn(1, WHEN_EN, fake_ask(WHEN_EN)))
    history.write(ONE, KeptTurn(2, "?", None, "Stopped."))
    yield history
    (kept / HISTORY_FILE).unlink(missing_ok=True)
    (kept / FEEDBACK_FILE).unlink(missing_ok=True)


def judge(client: TestClient, **changes: object) -> int:
    of = sum_up(fake_ask(WHEN_EN).text)
    body = {"conversation": ONE, "turn": 1, "of": of, "verdict": "like", "reason": ""} | changes
    return client.post("/judge", json=body).status_code


def test_a_conversation_is_exported_in_the_language_of_the_reader(client: TestClient) -> None:
    english = client.get(f"/conversations/{ONE}.md")
    chinese = client.get(f"/conversations/{ONE}.md", headers={"accept-language": "zh-CN"})

    assert english.headers["content-type"] == "text/markdown; charset=utf-8"
    assert english.headers["content-disposition"] == (
        f'attachment; filename="crossquote-{ONE[:8]}.md"'
    )
    assert "May 18, 2021 \\[1\\]\\[2\\]" in english.text
    assert "**出处**" in chinese.text


@pytest.mark.parametrize("name", [OTHER, "x", "..%2f..%2fetc%2fpasswd", "%00"])
def test_an_unknown_conversation_is_not_found(client: TestClient, name: str) -> None:
    assert client.get(f"/conversations/{name}.md").status_code == 404


def test_a_deleted_conversation_is_gone(client: TestClient, conversation: History) -> None:
    assert client.delete(f"/conversations/{ONE}").status_code == 204

    assert conversation.read(ONE) == []
    assert client.get(f"/conversations/{ONE}.md").status_code == 404


def test_a_judgement_is_of_what_the_server_answered(client: TestClient, kept: Path) -> None:
    assert judge(client, verdict="dislike", reason="wrong", answer="FORGED") == 204

    (line,) = (kept / FEEDBACK_FILE).read_text("ascii").splitlines()
    record = json.loads(line)
    assert record["answer"] == fake_ask(WHEN_EN).text
    assert (record["verdict"], record["reason"]) == ("dislike", "wrong")
    assert "FORGED" not in line
    assert ONE not in line  # who has the id has the conversation


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"conversation": OTHER}, 404),
        ({"turn": 2}, 404),
        ({"turn": 9}, 404),
        ({"of": "00000000"}, 404),  # the turn was asked again since
        ({"turn": 0}, 422),
        ({"turn": "x"}, 422),
        ({"verdict": "great"}, 422),
        ({"reason": "x" * 1001}, 422),
        ({"reason": ["x"]}, 422),
        ({"conversation": None}, 422),
    ],
)
def test_a_judgement_of_nothing_is_refused(
    client: TestClient, kept: Path, changes: dict[str, object], status: int
) -> None:
    assert judge(client, **changes) == status
    assert not (kept / FEEDBACK_FILE).exists()


def test_a_judgement_that_is_too_large_is_413(client: TestClient) -> None:
    assert judge(client, reason="x" * 20_000) == 413


def test_another_site_can_neither_delete_nor_judge(client: TestClient) -> None:
    evil = {"origin": "https://evil.example"}

    assert client.delete(f"/conversations/{ONE}", headers=evil).status_code == 403
    assert client.post("/judge", json={}, headers=evil).status_code == 403


def test_a_damaged_file_is_a_plain_sentence_and_the_place_is_only_logged(
    client: TestClient, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (kept / HISTORY_FILE).write_bytes(b"no database " * 1000)

    response = client.get(f"/conversations/{ONE}.md")

    assert response.status_code == 503
    assert str(kept) not in response.text
    assert str(kept) in caplog.text


def test_a_turn_that_cannot_be_kept_is_logged_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    keeper = Keeper(tmp_path / "file")

    keeper.keep(ONE, Turn(1, REFUSED_EN, "", finished=True, answer=fake_ask(REFUSED_EN)))

    assert keeper.recall(ONE) == []
    assert "a turn was not kept" in caplog.text


def test_a_page_that_lags_behind_catches_up(kept: Path) -> None:
    """It asked before it had its conversation back, and the turns that were kept were lost."""
    keeper = Keeper(kept)

    found = keeper.catch_up(ONE, [], EN, judged=True)

    assert [(turn.number, turn.question) for turn in found] == [(1, WHEN_EN), (2, "?")]
    assert keeper.catch_up(ONE, found, EN, judged=True) is found
    assert keeper.catch_up(OTHER, [], EN, judged=True) == []


def test_a_question_asked_again_and_stopped_gets_its_old_answer_back(kept: Path) -> None:
    keeper = Keeper(kept)
    shown = keeper.catch_up(ONE, [], EN, judged=True)
    (pending, *_) = stream_turn(fake_ask, "another?", shown, EN, place=1)

    stopped = keeper.stop(ONE, pending, EN)

    assert [turn.question for turn in stopped] == [WHEN_EN, "?"]
    assert stopped[0].answer == fake_ask(WHEN_EN)
    assert len(keeper.recall(ONE)) == 2


def test_a_question_that_a_reader_leaves_is_kept_as_stopped(kept: Path) -> None:
    keeper = Keeper(kept)
    steps = keeper.follow(OTHER, stream_turn(fake_ask, WHEN_EN, [], EN), EN)
    next(steps)

    steps.close()  # type: ignore[attr-defined]

    (turn,) = keeper.recall(OTHER)
    assert (turn.question, turn.answer, turn.notice) == (WHEN_EN, None, EN.stopped)


def test_without_a_place_nothing_is_kept_and_no_route_is_open() -> None:
    async def build() -> FastAPI:
        return build_server(fake_ask, Features())

    Keeper(None).keep(ONE, Turn(1, WHEN_EN, ""))
    with TestClient(asyncio.run(build())) as client:
        assert Keeper(None).recall(ONE) == []
        assert client.post("/judge", json={}).status_code == 404
        assert client.delete(f"/conversations/{ONE}").status_code == 404
        assert '"kept": false' in client.get("/config").text.replace("&quot;", '"').replace(
            "\\", ""
        )
