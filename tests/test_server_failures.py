"""Whatever a model server does wrong, a user is told in time what to do."""

from __future__ import annotations

import re
import socket
from time import monotonic

import pytest

from rag.errors import ModelFailedError
from rag.language_models.server import BASE_BYTES, TOKEN_BYTES
from tests.fake_language_model import wait_until_no_thread_is_left
from tests.fake_model_server import (
    ASKED,
    Handler,
    Reaction,
    ask,
    cut_after,
    fail,
    make_model,
    send_body,
    send_status,
    serve,
    stay_silent,
    stream,
    trickle,
    write_event,
)

SECONDS = 0.4  # the deadline of the tests that wait for it


def test_a_refused_connection_is_reported_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    began = monotonic()

    with pytest.raises(ModelFailedError, match=r"cannot be reached .* Start it, or correct CROSSQ"):
        list(make_model(address).stream_reply(ASKED, max_tokens=5))

    assert monotonic() - began < 4


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
    assert 1.0 <= monotonic() - began < 4


@pytest.mark.parametrize("when", ["3600", "Fri, 01 Jan 2100 00:00:00 GMT", "9" * 400])
def test_a_pause_beyond_the_deadline_is_not_begun(when: str) -> None:
    began = monotonic()

    message, requests = fail(send_status(429, Retry_After=when))

    assert "it is busy, and to wait" in message
    assert (requests, monotonic() - began < 4) == (1, True)


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

    assert monotonic() - began < SECONDS + 5
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


def test_a_deadline_ends_the_work_too() -> None:
    fail(trickle(write_event("tea "), 0.02), seconds=0.2)

    assert wait_until_no_thread_is_left()
