"""The reply of a model server is read whole, however servers differ, and work ends with it."""

from __future__ import annotations

import json
from time import monotonic, sleep

import pytest

from rag.errors import ModelFailedError
from rag.language_models.breaker import CircuitBreaker
from tests.fake_language_model import wait_until_no_thread_is_left
from tests.fake_model_server import (
    ASKED,
    KEY,
    Handler,
    ask,
    make_model,
    send_body,
    send_status,
    serve,
    stream,
    trickle,
    write_event,
    write_stream,
)


def test_the_request_is_what_every_such_server_reads() -> None:
    with serve(stream("Tea", " is old.")) as server:
        model = make_model(server.address + "/")

        pieces = list(model.stream_reply(ASKED, max_tokens=50))

    path, headers, body = server.requests[0]
    assert pieces == ["Tea", " is old."]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert body == {
        "model": "tea-1",
        "messages": [
            {"role": "system", "content": "Answer."},
            {"role": "user", "content": "什么时候?"},
        ],
        "max_tokens": 50,
        "temperature": 0,
        "stream": True,
    }
    assert model.name == "tea-1"


def test_pieces_come_while_the_server_still_writes() -> None:
    with serve(trickle(write_event("tea "), 0.05)) as server:
        pieces = make_model(server.address).stream_reply(ASKED, max_tokens=500)

        began = monotonic()
        first = next(pieces)

        assert first == "tea "
        assert monotonic() - began < 2


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        pytest.param(
            json.dumps({"choices": [{"message": {"content": "Tea."}}]}).encode(),
            "Tea.",
            id="JSON although a stream was asked for",
        ),
        pytest.param(
            json.dumps({"choices": [{"message": {"content": "茶。"}}]}, indent=2).encode(),
            "茶。",
            id="JSON over several lines",
        ),
        pytest.param(write_event("Tea") + write_event("", "stop"), "Tea", id="no [DONE]"),
        pytest.param(write_event("Tea") + b"data: [DONE]\n\n", "Tea", id="no finish_reason"),
        pytest.param(
            b": waiting\n\nevent: x\ndata:" + write_stream("Tea")[5:].replace(b"\n", b"\r\n"),
            "Tea",
            id="comments, other fields, no space, CRLF",
        ),
        pytest.param(
            b'data: {"choices": [{"delta": {"role": "assistant", "content": null}}]}\n\n'
            b'data: {"choices": [], "usage": {"total_tokens": 3}}\n\n' + write_stream("Tea"),
            "Tea",
            id="events without text",
        ),
        pytest.param(
            b'data: {"choices": [{"delta": {"reasoning_content": "hm"}}]}\n\n'
            + write_stream("Tea"),
            "Tea",
            id="reasoning in a field of its own",
        ),
        pytest.param(write_stream("a\u2028b\x85c"), "a\u2028b\x85c", id="odd line breaks in text"),
    ],
)
def test_servers_differ_and_all_are_read(body: bytes, reply: str) -> None:
    pieces, _ = ask(send_body(body, "text/plain"))

    assert "".join(pieces) == reply


def test_a_character_cut_in_two_by_the_network_is_one() -> None:
    event = 'data: {"choices": [{"delta": {"content": "茶"}}]}\n\n'.encode()
    cut = event.index("茶".encode()) + 1

    def react(handler: Handler) -> None:
        handler.start(200, {})
        handler.wfile.write(event[:cut])
        sleep(0.1)
        handler.wfile.write(event[cut:] + b"data: [DONE]\n\n")

    assert ask(react)[0] == ["茶"]


def test_nothing_is_waited_for_behind_the_last_event() -> None:
    def react(handler: Handler) -> None:
        handler.start(200, {})
        handler.wfile.write(write_stream("Tea"))
        handler.server.stopped.wait(10)

    began = monotonic()

    assert ask(react)[0] == ["Tea"]
    assert monotonic() - began < 2


def test_closing_the_reply_ends_the_work_behind_it() -> None:
    with serve(trickle(write_event("tea "), 0.02)) as server:
        pieces = make_model(server.address).stream_reply(ASKED, max_tokens=500)
        next(pieces)

        pieces.close()  # type: ignore[attr-defined] # it is a generator

        assert wait_until_no_thread_is_left()


def test_after_failures_in_a_row_it_fails_at_once_and_then_tries_one() -> None:
    now = [0.0]
    breaker = CircuitBreaker(limit=2, seconds=30.0, clock=lambda: now[0])
    with serve(send_body(b""), send_body(b""), stream("Tea")) as server:
        model = make_model(server.address, breaker=breaker)
        for _ in range(2):
            with pytest.raises(ModelFailedError, match="it is empty"):
                list(model.stream_reply(ASKED, max_tokens=5))

        with pytest.raises(ModelFailedError, match="It is asked again in 30 seconds"):
            list(model.stream_reply(ASKED, max_tokens=5))
        assert len(server.requests) == 2

        now[0] = 30.0
        assert list(model.stream_reply(ASKED, max_tokens=5)) == ["Tea"]
        assert list(model.stream_reply(ASKED, max_tokens=5)) == ["Tea"]


def test_a_refused_request_does_not_shut_the_circuit() -> None:
    with serve(send_status(400), stream("Tea")) as server:
        model = make_model(server.address, breaker=CircuitBreaker(limit=1))
        with pytest.raises(ModelFailedError, match="does not take the request"):
            list(model.stream_reply(ASKED, max_tokens=5))

        assert list(model.stream_reply(ASKED, max_tokens=5)) == ["Tea"]


def test_a_reply_that_is_left_in_the_middle_counts_as_success() -> None:
    now = [0.0]
    breaker = CircuitBreaker(limit=1, seconds=30.0, clock=lambda: now[0])
    with serve(send_body(b""), trickle(write_event("tea "), 0.02)) as server:
        model = make_model(server.address, breaker=breaker)
        with pytest.raises(ModelFailedError, match="it is empty"):
            list(model.stream_reply(ASKED, max_tokens=5))
        now[0] = 30.0

        for _ in range(2):  # the second one would have to wait if the first one did not count
            pieces = model.stream_reply(ASKED, max_tokens=5)
            assert next(pieces) == "tea "
            pieces.close()  # type: ignore[attr-defined] # it is a generator

    assert len(server.requests) == 3
