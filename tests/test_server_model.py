"""Whatever a model server does, the reply is whole, or a user is told in time what to do."""

from __future__ import annotations

import json
import logging
import re
import socket
from collections.abc import Sequence
from threading import enumerate as list_threads
from time import monotonic, sleep

import pytest
from pydantic import SecretStr

from rag.errors import ModelFailedError
from rag.language_models.breaker import CircuitBreaker
from rag.language_models.model import Message
from rag.language_models.server import BASE_BYTES, TOKEN_BYTES, ServerModel
from tests.fake_model_server import (
    Handler,
    Reaction,
    cut_after,
    send_body,
    send_status,
    serve,
    stay_silent,
    stream,
    trickle,
    write_event,
    write_stream,
)

ASKED = (Message("system", "Answer."), Message("user", "什么时候?"))
KEY = "sk-very-secret-0123456789"
SECONDS = 0.4  # the deadline of the tests that wait for it


def make_model(
    address: str, *, seconds: float = 5.0, breaker: CircuitBreaker | None = None
) -> ServerModel:
    return ServerModel(
        "tea-1",
        address,
        api_key=SecretStr(KEY),
        timeout_seconds=seconds,
        retry_seconds=0.01,
        breaker=breaker,
    )


def ask(*reactions: Reaction, seconds: float = 5.0, max_tokens: int = 50) -> tuple[list[str], int]:
    """The pieces of the reply, and how many requests it took."""
    with serve(*reactions) as server:
        model = make_model(server.address, seconds=seconds)
        return list(model.stream_reply(ASKED, max_tokens=max_tokens)), len(server.requests)


def fail(*reactions: Reaction, seconds: float = 5.0, max_tokens: int = 50) -> tuple[str, int]:
    """The message of the failure, and how many requests it took."""
    with serve(*reactions) as server:
        model = make_model(server.address, seconds=seconds)
        with pytest.raises(ModelFailedError) as caught:
            list(model.stream_reply(ASKED, max_tokens=max_tokens))
        assert str(caught.value).startswith(f"the model server at '{server.address}' failed: ")
        assert KEY not in str(caught.value)
        return str(caught.value), len(server.requests)


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


def test_without_a_key_none_is_sent() -> None:
    with serve(stream("Tea")) as server:
        list(ServerModel("tea-1", server.address).stream_reply(ASKED, max_tokens=5))

    assert "Authorization" not in server.requests[0][1]


def test_an_address_may_end_in_a_query() -> None:
    with serve(stream("Tea")) as server:
        list(make_model(server.address + "?api-version=1").stream_reply(ASKED, max_tokens=5))

    assert server.requests[0][0] == "/v1/chat/completions?api-version=1"


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


def test_a_refused_connection_is_reported_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    began = monotonic()

    with pytest.raises(ModelFailedError, match=r"cannot be reached .* Start it, or correct CROSSQ"):
        list(make_model(address).stream_reply(ASKED, max_tokens=5))

    assert monotonic() - began < 2


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_failure_is_tried_again(status: int) -> None:
    assert ask(send_status(status), stream("Tea")) == (["Tea"], 2)
    assert ask(send_status(status), send_status(status), stream("Tea")) == (["Tea"], 3)


def test_a_lasting_failure_is_reported_after_two_retries() -> None:
    message, requests = fail(send_status(500, "out of memory"))

    assert "3 tries ended with status 500, 'out of memory'. Ask again later" in message
    assert requests == 3


@pytest.mark.parametrize("status", [400, 404, 413, 422])
def test_a_refused_request_is_not_sent_again(status: int) -> None:
    message, requests = fail(send_status(status, "no such model"))

    assert f"status {status}, 'no such model'). Check CROSSQUOTE_SERVER and" in message
    assert requests == 1


def test_a_long_page_instead_of_an_error_is_not_repeated() -> None:
    def react(handler: Handler) -> None:
        handler.send(502, {"Content-Type": "text/html"}, b"<p>Bad gateway</p>" * 10_000)

    message, _ = fail(react)

    assert "3 tries ended with status 502. Ask again later" in message


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "no-such-host.invalid"])
def test_a_host_that_is_not_there_is_reported(host: str) -> None:
    with pytest.raises(ModelFailedError, match="cannot be reached"):
        list(make_model(f"http://{host}:9/v1").stream_reply(ASKED, max_tokens=5))


def test_the_pause_that_the_server_asks_for_is_kept() -> None:
    began = monotonic()

    pieces, requests = ask(send_status(429, Retry_After="1"), stream("Tea"))

    assert (pieces, requests) == (["Tea"], 2)
    assert 1.0 <= monotonic() - began < 3


@pytest.mark.parametrize("when", ["3600", "Fri, 01 Jan 2100 00:00:00 GMT", "9" * 400])
def test_a_pause_beyond_the_deadline_is_not_begun(when: str) -> None:
    began = monotonic()

    message, requests = fail(send_status(429, Retry_After=when))

    assert "it is busy, and to wait" in message
    assert (requests, monotonic() - began < 2) == (1, True)


@pytest.mark.parametrize("when", ["soon", "-5", "", "Fri, 01 Jan 1999 00:00:00 GMT", "1.5e3"])
def test_a_pause_that_makes_no_sense_is_the_usual_one(when: str) -> None:
    assert ask(send_status(503, Retry_After=when), stream("Tea")) == (["Tea"], 2)


@pytest.mark.parametrize(
    "reaction",
    [
        pytest.param(stay_silent, id="silence"),
        pytest.param(trickle(write_event("tea "), 0.05), id="words without end"),
        pytest.param(trickle(b": still here\n\n", 0.05), id="comments without end"),
        pytest.param(trickle(b"x", 0.05), id="a line without end"),
        pytest.param(send_status(503, Retry_After="0.0"), id="never ready"),
    ],
)
def test_the_deadline_holds(reaction: Reaction) -> None:
    began = monotonic()

    message, _ = fail(reaction, seconds=SECONDS)

    assert monotonic() - began < SECONDS + 0.5
    assert re.search(r"did not finish within 0.4 seconds\. Ask again|tries ended", message)


def test_a_stream_that_breaks_off_is_reported_and_not_tried_again() -> None:
    with serve(cut_after("Tea", " is")) as server:
        pieces = make_model(server.address).stream_reply(ASKED, max_tokens=5)

        assert [next(pieces), next(pieces)] == ["Tea", " is"]
        with pytest.raises(ModelFailedError, match="the connection broke"):
            next(pieces)

    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (write_event("Tea"), "the reply broke off before its end"),
        (b"", "not that of an OpenAI-compatible server, it is empty"),
        (b"<html><body>Welcome to nginx</body>", "it begins '<html><body>Welcome"),
        (b'data: {"choices": [{"del\n\n', 'it begins \'{"choices": [{"del\''),
        (b'{"choices": [{"message": {"content": "Tea', "not that of an OpenAI"),
        (b"[]", "not that of an OpenAI"),
        (b"[" * 40_000, "not that of an OpenAI"),
        (b"\xff\xfe\x00", "not that of an OpenAI"),
        (b'{"choices": []}', "not that of an OpenAI"),
        (b'{"choices": [7]}', "not that of an OpenAI"),
        (b'{"choices": [{"message": null}]}', "not that of an OpenAI"),
        (b'{"choices": [{"message": {"content": ["Tea"]}}]}', "not that of an OpenAI"),
        (b'{"object": "list"}', "not that of an OpenAI"),
        (b'{"error": {"message": "CUDA out of memory"}}', "reports an error: CUDA out of memory"),
        (b'data: {"error": {"message": "overloaded"}}\n\n', "reports an error: overloaded"),
        (b'data: {"error": "\x1b[31mred\xe2\x80\xae"}\n\n', "not that of an OpenAI"),
    ],
)
def test_what_is_no_reply_is_reported(body: bytes, words: str) -> None:
    message, requests = fail(send_body(body))

    assert words in message
    assert message.isprintable()
    assert requests == 1


def test_a_reply_of_far_too_many_bytes_is_cut_off() -> None:
    most = BASE_BYTES + TOKEN_BYTES * 5

    message, _ = fail(trickle(b": " + b"x" * 60_000 + b"\n", 0.0), max_tokens=5)

    assert f"the reply is longer than {most:,} bytes" in message


def test_a_redirect_is_not_followed_and_takes_no_key_along() -> None:
    with serve(stream("stolen")) as other:
        message, requests = fail(send_status(307, Location=other.address + "/chat/completions"))

    assert "it redirects elsewhere (307), which is not followed" in message
    assert (requests, other.requests) == (1, [])


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_reported_without_it(status: int) -> None:
    message, requests = fail(send_status(status, f"Incorrect API key: {KEY[:8]}***"))

    assert f"it does not accept the key ({status}). Check CROSSQUOTE_API_KEY" in message
    assert KEY[:8] not in message
    assert requests == 1


def test_the_key_is_in_no_message_log_or_name(caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.DEBUG),
        serve(send_status(400, f"you sent Bearer {KEY}")) as server,
    ):
        model = make_model(server.address)
        with pytest.raises(ModelFailedError) as caught:
            list(model.stream_reply(ASKED, max_tokens=5))

    assert "you sent Bearer ***" in str(caught.value)
    assert KEY not in f"{model!r} {vars(model)} {model.name}"
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "",
        "localhost:8000",
        "ftp://a/v1",
        "http://",
        "file:///etc/passwd",
        "http://me:pw@a/v1",
        "http://[::1",
        "http://a:99999/v1",
        "http://a:x/v1",
        "http://a\x00/",
        "http://" + "a" * 70_000,
    ],
)
def test_an_address_that_cannot_be_one_is_reported_before_anything_is_sent(address: str) -> None:
    with pytest.raises(ModelFailedError, match="like 'http://localhost:8000/v1'") as caught:
        ServerModel("tea-1", address)

    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_a_key_that_no_header_can_hold_is_reported_without_it(key: str) -> None:
    with pytest.raises(ModelFailedError, match="CROSSQUOTE_API_KEY") as caught:
        ServerModel("tea-1", "http://localhost/v1", api_key=SecretStr(key))

    assert key not in str(caught.value)


def test_closing_the_reply_ends_the_work_behind_it() -> None:
    with serve(trickle(write_event("tea "), 0.02)) as server:
        pieces = make_model(server.address).stream_reply(ASKED, max_tokens=500)
        next(pieces)

        pieces.close()  # type: ignore[attr-defined] # it is a generator

        assert wait_until_no_thread_is_left()


def test_a_deadline_ends_the_work_too() -> None:
    fail(trickle(write_event("tea "), 0.02), seconds=0.2)

    assert wait_until_no_thread_is_left()


def wait_until_no_thread_is_left() -> bool:
    until = monotonic() + 2
    while (busy := find_workers()) and monotonic() < until:
        sleep(0.01)
    return not busy


def find_workers() -> Sequence[str]:
    return [thread.name for thread in list_threads() if thread.name == "language-model"]


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
