"""A language model behind any server that speaks the chat-completions route of OpenAI.

The address and the key come from the settings and never from a question or a document. The key
is sent to that address alone: redirects are not followed, and no message or log holds it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil
from time import monotonic, sleep
from typing import Any

import httpx
from pydantic import SecretStr

from rag.errors import ModelFailedError
from rag.language_models.breaker import CircuitBreaker
from rag.language_models.connection import Connection
from rag.language_models.model import Message, TellUsage
from rag.language_models.relay import IsOver, Put, relay_pieces
from rag.language_models.replies import find_detail, parse_object, read_reply, shorten

RETRIES = 2
RETRY_SECONDS = 0.5  # before the first retry, doubled for the next; up to twice that by chance
POLL_SECONDS = 0.05  # how soon a pause notices that nobody waits any more
BASE_BYTES, TOKEN_BYTES = 65_536, 2_048  # an event of one token takes about 300 bytes
ERROR_BYTES = 4_096  # of an error's body that are read
COUNTED = "stream_options"  # the field that asks for a count of tokens; not every server has it


class _RefusedError(ModelFailedError):
    """The server works, but does not take this request."""


class ServerModel:
    """Asks `POST {server}/chat/completions` for a stream; threads may share it.

    The connection is kept for the next question, until `close` or until the model is forgotten.

    Args:
        model: As the server names it.
        server: Address up to and with the version, such as `http://localhost:8000/v1`.
        api_key: Sent as a bearer token if given.
        timeout_seconds: For a whole reply, retries and pauses included.
        retry_seconds: Pause before the first retry, where the server names none.
        breaker: None makes the usual one.

    Raises:
        ModelFailedError: If the address or the key cannot be one. Nothing is sent yet.
    """

    def __init__(
        self,
        model: str,
        server: str,
        *,
        api_key: SecretStr | None = None,
        timeout_seconds: float = 60.0,
        retry_seconds: float = RETRY_SECONDS,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._model = model
        self._address = _parse_address(server)
        self._shown = str(self._address.copy_with(query=None)).removesuffix("/chat/completions")
        self._key = _check_key(api_key)
        self._seconds = timeout_seconds
        self._retry_seconds = retry_seconds
        self._breaker = breaker or CircuitBreaker()
        self._counts = True  # until the server refuses the field that asks it to
        self._connection = Connection(self._address, timeout_seconds=timeout_seconds)

    @property
    def name(self) -> str:
        """The model's name at the server."""
        return self._model

    def close(self) -> None:
        """Let go of the connections that are kept; a reply under way breaks off."""
        self._connection.close()

    def stream_reply(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        tell_usage: TellUsage | None = None,
    ) -> Iterator[str]:
        """See `LanguageModel.stream_reply`. A refused request does not shut the circuit.

        A server that refuses to be asked for its count of tokens is asked once more without.
        """
        if pause := self._breaker.pause_seconds():
            raise self._fail(
                f"so it did several times in a row. It is asked again in {ceil(pause)} seconds"
            )
        heard = False
        try:
            for piece in self._ask(messages, max_tokens, tell_usage):
                heard = True
                yield piece
        except _RefusedError as exc:
            raise self._fail(str(exc)) from exc
        except (ModelFailedError, httpx.HTTPError, OSError, UnicodeError) as exc:
            self._breaker.note_failure()
            raise self._fail(_explain(exc)) from exc
        except GeneratorExit:
            if heard:
                self._breaker.note_success()
            raise
        self._breaker.note_success()

    def _ask(
        self, messages: Sequence[Message], max_tokens: int, tell_usage: TellUsage | None
    ) -> Iterator[str]:
        record: dict[str, Any] = {
            "model": self._model,
            "messages": [asdict(message) for message in messages],
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": True,
        }
        max_bytes = BASE_BYTES + TOKEN_BYTES * max_tokens
        deadline = monotonic() + self._seconds

        def produce(put: Put, is_over: IsOver) -> None:
            def read(response: httpx.Response) -> None:
                read_reply(response.iter_bytes(), max_bytes, put, is_over, tell_usage)

            counts = self._counts
            wish = {COUNTED: {"include_usage": True}} if counts else {}
            try:
                self._exchange({**record, **wish}, deadline, read, is_over)
            except _RefusedError as exc:
                if not counts or COUNTED not in str(exc):
                    raise
                self._counts = False
                self._exchange(record, deadline, read, is_over)

        return relay_pieces(
            produce,
            seconds=self._seconds,
            late=f"it did not finish within {self._seconds:g} seconds. Ask again, or raise "
            "CROSSQUOTE_MODEL_TIMEOUT_SECONDS",
        )

    def _fail(self, problem: str) -> ModelFailedError:
        if self._key:  # a server may send back what it was sent
            problem = problem.replace(self._key.get_secret_value(), "***")
        return ModelFailedError(f"the model server at {self._shown!r} failed: {problem}")

    def _exchange(
        self,
        record: Mapping[str, Any],
        deadline: float,
        read: Callable[[httpx.Response], None],
        is_over: IsOver,
    ) -> None:
        body, headers = json.dumps(record).encode(), self._make_headers()
        for tries in range(1, RETRIES + 2):
            with closing(self._connection.post(body, headers)) as response:
                if response.status_code == httpx.codes.OK:
                    read(response)
                    return
                if tries > RETRIES or not _is_passing(response):
                    raise _explain_status(response, tries=tries)
                asked = _read_retry_after(response.headers.get("Retry-After", ""))
            _wait(max(asked, self._choose_pause(tries)), deadline, is_over)
            if is_over():
                return

    def _choose_pause(self, tries: int) -> float:
        spread = 1.0 + random.random()  # noqa: S311 - keeps clients apart, guards nothing
        return self._retry_seconds * 2.0 ** (tries - 1) * spread

    def _make_headers(self) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream, application/json",
            "Accept-Encoding": "identity",  # so that no few bytes unfold into many
            "User-Agent": "crossquote",
        }
        if self._key:
            headers["Authorization"] = f"Bearer {self._key.get_secret_value()}"
        return headers


def _parse_address(server: str) -> httpx.URL:
    try:
        base = httpx.URL(server.strip())
    except httpx.InvalidURL as exc:
        raise _bad_address() from exc
    wrong_port = base.port is not None and not 0 < base.port < 65_536
    if base.scheme not in ("http", "https") or not base.host or base.userinfo or wrong_port:
        raise _bad_address()
    return base.copy_with(path=base.path.rstrip("/") + "/chat/completions", fragment=None)


def _bad_address() -> ModelFailedError:
    # The address is not repeated: it may hold a password.
    return ModelFailedError(
        "the address of the model server is not one that can be used. Set CROSSQUOTE_SERVER to "
        "something like 'http://localhost:8000/v1', with no name or password in it"
    )


def _check_key(api_key: SecretStr | None) -> SecretStr | None:
    key = api_key.get_secret_value().strip() if api_key else ""
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ModelFailedError(
            "the key for the model server holds characters that no header can. Copy it anew into "
            "CROSSQUOTE_API_KEY"
        )
    return SecretStr(key) if key else None


def _wait(seconds: float, deadline: float, is_over: IsOver) -> None:
    until = monotonic() + seconds
    if until >= deadline:
        raise ModelFailedError(
            f"it is busy, and to wait {seconds:.0f} seconds more would be too long. Ask again "
            "later, or raise CROSSQUOTE_MODEL_TIMEOUT_SECONDS"
        )
    while not is_over() and (left := until - monotonic()) > 0:
        sleep(min(POLL_SECONDS, left))


def _read_retry_after(value: str) -> float:
    """Return seconds, of either form that the header has; 0.0 where it makes no sense."""
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):  # TypeError: a date of no zone
        return 0.0


def _is_passing(response: httpx.Response) -> bool:
    return response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error


def _explain(exc: Exception) -> str:
    if isinstance(exc, ModelFailedError):
        return str(exc)
    reason = shorten(str(exc)) or type(exc).__name__
    # OSError: certificates that cannot be read; UnicodeError: a name that no host can have.
    if isinstance(exc, httpx.ConnectError | httpx.ConnectTimeout | OSError | UnicodeError):
        return f"it cannot be reached ({reason}). Start it, or correct CROSSQUOTE_SERVER"
    return f"the connection broke ({reason}). Ask again"


def _explain_status(response: httpx.Response, *, tries: int) -> ModelFailedError:
    status = response.status_code
    if response.is_redirect:
        return _RefusedError(
            f"it redirects elsewhere ({status}), which is not followed. Set CROSSQUOTE_SERVER to "
            "the address that it ends at"
        )
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):  # its words may hold the key
        return _RefusedError(f"it does not accept the key ({status}). Check CROSSQUOTE_API_KEY")
    said = f"status {status}" + (f", {detail!r}" if (detail := _read_detail(response)) else "")
    if _is_passing(response):
        return ModelFailedError(f"{tries} tries ended with {said}. Ask again later")
    return _RefusedError(
        f"it does not take the request ({said}). Check CROSSQUOTE_SERVER and CROSSQUOTE_MODEL"
    )


def _read_detail(response: httpx.Response) -> str:
    """Return what the error's body says in words; empty if it is not in the usual form."""
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > ERROR_BYTES:
            return ""
    try:
        return find_detail(parse_object(body.decode(errors="replace")))
    except ModelFailedError:
        return ""
