"""The key goes to the one address that the settings name, and is repeated nowhere."""

from __future__ import annotations

import logging

import pytest
from pydantic import SecretStr

from rag.errors import ModelFailedError
from rag.language_models.server import ServerModel
from tests.fake_model_server import (
    ASKED,
    KEY,
    fail,
    make_model,
    send_status,
    serve,
    stream,
)


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


def test_without_a_key_none_is_sent() -> None:
    with serve(stream("Tea")) as server:
        list(ServerModel("tea-1", server.address).stream_reply(ASKED, max_tokens=5))

    assert "Authorization" not in server.requests[0][1]


def test_an_address_may_end_in_a_query() -> None:
    with serve(stream("Tea")) as server:
        list(make_model(server.address + "?api-version=1").stream_reply(ASKED, max_tokens=5))

    assert server.requests[0][0] == "/v1/chat/completions?api-version=1"
