"""The reply of a model server is read whole, however servers differ, and work ends with it."""

from __future__ import annotations

import json
from time import monotonic, sleep

import pytest

from rag.errors import ModelFailedError
from rag.language_models.breaker import CircuitBreaker
from rag.types import Usage
from tests.fake_language_model import wait_until_no_thread_is_left
from tests.fake_model_server import (
    ASKED,
    KEY,
    Handler,
    Reaction,
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
        "stream_options": {"include_usage": True},
    }
    assert model.name == "tea-1"


def test_pieces_come_while_the_server_still_writes() -> None:
    with serve(trickle(write_event("tea "), 0.05)) as server:
        pieces = make_model(server.address).stream_reply(ASKED, max_tokens=500)

        began = monotonic()
        first = next(pieces)

        assert first == "tea "
        assert monotonic() - began < 4


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


def count(*reactions: Reaction) -> list[Usage]:
    """What the model tells of the tokens of one reply, before the reply ends."""
    told: list[Usage] = []
    with serve(*reactions) as server:
        reply = make_model(server.address).stream_reply(
            ASKED, max_tokens=50, tell_usage=told.append
        )
        assert "".join(reply) == "Tea"
    return told


def write_usage(prompt: object, completion: object) -> bytes:
    usage = {"prompt_tokens": prompt, "completion_tokens": completion}
    return b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\n"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            write_event("Tea") + write_event("", "stop") + write_usage(7, 2) + b"data: [DONE]\n\n",
            id="in the last event",
        ),
        pytest.param(write_event("Tea", "stop") + write_usage(7, 2), id="no [DONE]"),
        pytest.param(
            write_usage(7, 0) + write_event("Tea") + write_usage(7, 2) + write_stream(),
            id="counting up",
        ),
        pytest.param(
            b'{"choices": [{"message": {"content": "Tea"}}],'
            b' "usage": {"prompt_tokens": 7, "completion_tokens": 2}}',
            id="one object",
        ),
    ],
)
def test_the_tokens_are_those_that_the_server_counted_last(body: bytes) -> None:
    assert count(send_body(body)) == [Usage(7, 2)]


@pytest.mark.parametrize(
    "count_event",
    [
        b"",
        write_usage(7, None),
        write_usage("7", 2),
        write_usage(True, 2),
        write_usage(-1, 2),
        write_usage(7, 1 << 40),
        b'data: {"choices": [], "usage": [7, 2]}\n\n',
    ],
)
def test_a_server_that_counts_nothing_sensible_tells_nothing(count_event: bytes) -> None:
    assert count(send_body(write_event("Tea") + count_event + b"data: [DONE]\n\n")) == []


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_knows_no_count_is_asked_without_and_remembered(status: int) -> None:
    refused = send_status(status, "Unrecognized request argument supplied: stream_options")
    with serve(refused, stream("Tea")) as server:
        model = make_model(server.address)

        replies = [list(model.stream_reply(ASKED, max_tokens=5)) for _ in range(2)]

    assert replies == [["Tea"], ["Tea"]]
    assert ["stream_options" in body for _, _, body in server.requests] == [True, False, False]


def test_a_request_refused_for_another_reason_is_not_sent_without_the_count() -> None:
    with serve(send_status(400, "max_tokens is too large"), stream("Tea")) as server:
        model = make_model(server.address)
        with pytest.raises(ModelFailedError, match="max_tokens is too large"):
            list(model.stream_reply(ASKED, max_tokens=5))

        assert list(model.stream_reply(ASKED, max_tokens=5)) == ["Tea"]

    assert all("stream_options" in body for _, _, body in server.requests)


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
    assert monotonic() - began < 4


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
