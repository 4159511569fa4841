"""A connection to a model server is kept for the next question, and nothing else is."""

from __future__ import annotations

import gc
import warnings
from time import sleep

import pytest

from rag.errors import ModelFailedError
from rag.language_models.server import ServerModel
from tests.fake_language_model import wait_until_no_thread_is_left
from tests.fake_model_server import (
    ASKED,
    Handler,
    Reaction,
    make_model,
    send_body,
    send_status,
    serve,
    stream,
    write_stream,
)


def stream_in_chunks(handler: Handler) -> None:
    """A reply as servers send it that do not know its length; the end comes late."""
    handler.start(200, {"Transfer-Encoding": "chunked"})
    body = write_stream("Tea")
    handler.wfile.write(b"%x\r\n%s\r\n" % (len(body), body))
    sleep(0.05)
    handler.wfile.write(b"0\r\n\r\n")


def hang_up(handler: Handler) -> None:
    """As a server does that lets go of a connection just when the next question comes."""
    handler.close_connection = True


def ask_model(model: ServerModel) -> list[str]:
    pieces = list(model.stream_reply(ASKED, max_tokens=5))
    assert wait_until_no_thread_is_left()  # the end of the reply is read behind the answer
    return pieces


@pytest.mark.parametrize(
    "reaction",
    [pytest.param(stream("Tea"), id="length"), pytest.param(stream_in_chunks, id="chunks")],
)
def test_the_next_question_goes_over_the_same_connection(reaction: Reaction) -> None:
    """Each question began with a handshake, which is slow to a server far away."""
    with serve(reaction) as server:
        model = make_model(server.address)

        replies = [ask_model(model) for _ in range(3)]

    assert replies == [["Tea"]] * 3
    assert (len(server.requests), server.connections) == (3, 1)


def test_a_connection_that_the_server_let_go_of_is_replaced() -> None:
    with serve(stream("Tea"), hang_up, stream("Ship")) as server:
        model = make_model(server.address)

        assert ask_model(model) == ["Tea"]
        assert ask_model(model) == ["Ship"]

    assert (len(server.requests), server.connections) == (3, 2)


def test_a_server_that_always_hangs_up_is_asked_twice_and_reported() -> None:
    with serve(hang_up) as server, pytest.raises(ModelFailedError, match="the connection broke"):
        ask_model(make_model(server.address))

    assert len(server.requests) == 2


def test_no_cookie_is_sent_back() -> None:
    body = write_stream("Tea")

    def set_cookie(handler: Handler) -> None:
        handler.send(200, {"Set-Cookie": "reader=7; Path=/"}, body)

    with serve(set_cookie) as server:
        model = make_model(server.address)
        ask_model(model)
        ask_model(model)

    assert [headers.get("Cookie") for _, headers, _ in server.requests] == [None, None]


def test_a_closed_model_opens_a_new_connection_when_it_is_asked_again() -> None:
    with serve(stream("Tea")) as server:
        model = make_model(server.address)
        model.close()
        ask_model(model)
        model.close()
        model.close()

        assert ask_model(model) == ["Tea"]

    assert server.connections == 2


def test_a_model_that_nobody_holds_leaves_nothing_open() -> None:
    with serve(stream("Tea")) as server, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = make_model(server.address)
        ask_model(model)

        del model
        gc.collect()

    assert [str(warning.message) for warning in caught] == []


def test_after_an_error_the_next_question_is_asked_as_usual() -> None:
    with serve(send_status(400, "no such model"), send_body(b""), stream("Tea")) as server:
        model = make_model(server.address)
        for _ in range(2):
            with pytest.raises(ModelFailedError):
                ask_model(model)

        assert ask_model(model) == ["Tea"]


def test_a_proxy_that_cannot_be_one_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chat said that something went wrong, instead of giving the quotes."""
    for name in ("NO_PROXY", "no_proxy", "http_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "ftp://proxy.invalid:1")

    with pytest.raises(ModelFailedError, match="the proxy that the environment names cannot be"):
        ask_model(make_model("http://models.invalid/v1"))
