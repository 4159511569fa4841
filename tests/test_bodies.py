"""A body that the chat's page would not send is told apart, with what is wrong with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ui.bodies import find_flaw

JOIN, RUN = "/gradio_api/queue/join", "/gradio_api/run/predict"
CALL, CANCEL, RESET = "/gradio_api/call/chat", "/gradio_api/cancel", "/gradio_api/reset"
EVENTS = frozenset({0, 1, 7})
ASKED: dict[str, Any] = {"data": ["When?", None], "fn_index": 0, "session_hash": "abc"}


@pytest.mark.parametrize(
    ("path", "record"),
    [
        (JOIN, ASKED),
        (JOIN, {**ASKED, "event_data": None, "trigger_id": 9}),
        (JOIN, {**ASKED, "data": []}),
        (JOIN, {**ASKED, "data": ["何时？", 1.5, True, None]}),
        (RUN, {"data": [], "fn_index": 7}),
        (CALL, {"data": ["When?"]}),
        (CALL, {"data": [""], "session_hash": "x" * 100}),
        (CANCEL, {"session_hash": "abc", "fn_index": 0, "event_id": "e"}),
        (RESET, {"event_id": "e"}),
    ],
)
def test_what_the_page_and_its_clients_send_has_no_flaw(path: str, record: Any) -> None:
    assert find_flaw(path, json.dumps(record).encode(), EVENTS) == ""
    assert find_flaw(path, json.dumps(record, ensure_ascii=False).encode(), EVENTS) == ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"data=x&fn_index=0",
        b'{"data":["\xff"]}',
        '{"data":["x"]}'.encode("utf-16"),
        b'{"data":[NaN]}',
        b'{"data":[-Infinity]}',
        b'{"data":[' + b"9" * 5_000 + b"]}",
        b'{"data":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    ],
)
@pytest.mark.parametrize("path", [JOIN, CALL, CANCEL])
def test_what_is_no_json_is_told(path: str, body: bytes) -> None:
    assert find_flaw(path, body, EVENTS) == "the body is no JSON in UTF-8, or too deep"


@pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"7"])
def test_what_is_no_object_is_told(body: bytes) -> None:
    assert find_flaw(JOIN, body, EVENTS) == "the body is no JSON object"


def nest(levels: int) -> Any:
    record: Any = "When?"
    for _ in range(levels):
        record = [record]
    return record


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        (JOIN, {"data": None}, "data"),
        (JOIN, {"data": "When?"}, "data"),
        (JOIN, {"data": {"0": "When?"}}, "data"),
        (JOIN, {"data": nest(2)}, "data"),
        (JOIN, {"data": nest(100)}, "data"),
        (JOIN, {"data": [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}]}, "data"),
        (JOIN, {"fn_index": None}, "fn_index"),
        (JOIN, {"fn_index": 2}, "fn_index"),
        (JOIN, {"fn_index": -1}, "fn_index"),
        (JOIN, {"fn_index": 10**30}, "fn_index"),
        (JOIN, {"fn_index": 1.0}, "fn_index"),
        (JOIN, {"fn_index": True}, "fn_index"),
        (JOIN, {"fn_index": "0"}, "fn_index"),
        (JOIN, {"fn_index": [0]}, "fn_index"),
        (JOIN, {"session_hash": 7}, "session_hash"),
        (JOIN, {"session_hash": {"a": 1}}, "session_hash"),
        (JOIN, {"session_hash": "x" * 101}, "session_hash"),
        (JOIN, {"event_id": []}, "event_id"),
        (RUN, {"fn_index": 99}, "fn_index"),
        (CALL, {"data": []}, "data"),
        (CALL, {"data": [None]}, "data"),
        (CALL, {"data": [7]}, "data"),
        (CALL, {"data": [["When?"]]}, "data"),
        (CANCEL, {}, "event_id"),
        (CANCEL, {"event_id": 7}, "event_id"),
        (RESET, {"event_id": None}, "event_id"),
    ],
)
def test_a_field_that_is_missing_or_wrong_is_named(
    path: str, change: dict[str, Any], field: str
) -> None:
    flaw = find_flaw(path, json.dumps({**ASKED, **change}).encode(), EVENTS)

    assert flaw.startswith(f"{field!r} is missing, or not ")


def test_half_a_surrogate_pair_is_told_wherever_it_stands() -> None:
    words = "the body holds half of a surrogate pair, which is no character"

    for record in ({"data": ["\ud800"]}, {"data": ["x"], "\udfff": 1}):
        assert find_flaw(CALL, json.dumps(record).encode(), EVENTS) == words
    assert find_flaw(CALL, json.dumps({"data": ["😀"]}).encode(), EVENTS) == ""


def test_nothing_of_the_body_is_repeated() -> None:
    flaw = find_flaw(JOIN, json.dumps({**ASKED, "fn_index": "secret"}).encode(), EVENTS)

    assert "secret" not in flaw
