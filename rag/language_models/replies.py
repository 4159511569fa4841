"""Read the reply of an OpenAI-compatible server: server-sent events, or one JSON object.

What a server sends is told by what it looks like, not by its headers: some ignore `stream`, and
some name the wrong type.
"""

from __future__ import annotations

import json
import unicodedata
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import Any

from rag.errors import ModelFailedError
from rag.language_models.model import TellUsage
from rag.language_models.relay import IsOver, Put
from rag.types import Usage

DATA = "data:"
DONE = "[DONE]"
MAX_TOKENS = 1 << 31  # of a reply; a count beyond that is none
MAX_DETAIL = 200  # characters of a server's own words in a message of ours


def read_reply(
    chunks: Iterator[bytes],
    max_bytes: int,
    put: Put,
    is_over: IsOver,
    tell_usage: TellUsage | None,
) -> None:
    """Put the pieces of a reply as they come, then tell the tokens it took, if the server did.

    Raises:
        ModelFailedError: If it is longer than `max_bytes`, breaks off, or cannot be read.
    """
    reader, decoder = ReplyReader(), getincrementaldecoder("utf-8")(errors="replace")
    size, rest = 0, ""
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise ModelFailedError(f"the reply is longer than {max_bytes:,} bytes")
        *lines, rest = (rest + decoder.decode(chunk)).split("\n")
        for line in lines:
            put(reader.read_line(line))
        if reader.done:
            _tell(reader, tell_usage)
            put(None)
            next(chunks, None)  # read to the end of the body, or the connection cannot be kept
            return
        if is_over():
            return
    put(reader.read_line(rest))
    put(reader.read_end())
    _tell(reader, tell_usage)


class ReplyReader:
    """Turns the lines of one reply into pieces of text.

    Attributes:
        done: Whether nothing more will come, even if the connection stays open.
        usage: The last count of tokens that the server gave; None before that.
    """

    def __init__(self) -> None:
        self.done = False
        self.usage: Usage | None = None
        self._complete = False
        self._events = False
        self._body: list[str] = []

    def read_line(self, line: str) -> str:
        """Return the text that one line adds; may be empty."""
        line = line.strip()
        if not line.startswith(DATA):
            if not self._events:
                self._body.append(line)
            return ""
        self._events = True
        data = line.removeprefix(DATA).strip()
        self.done = self.done or data == DONE
        return "" if data in (DONE, "") else self._read_choice(parse_object(data), "delta")

    def read_end(self) -> str:
        """Return the text of a reply that came as one JSON object; empty after events.

        Raises:
            ModelFailedError: If events ended before the reply did.
        """
        if self._events:
            if not (self.done or self._complete):
                raise ModelFailedError("the reply broke off before its end")
            return ""
        return self._read_choice(parse_object("\n".join(self._body)), "message")

    def _read_choice(self, record: dict[str, Any], key: str) -> str:
        if record.get("error"):
            raise ModelFailedError(f"it reports an error: {find_detail(record)}")
        self.usage = _read_usage(record.get("usage")) or self.usage
        choices = record.get("choices")
        if choices == [] and self._events:
            return ""  # a count of tokens stands alone
        try:
            choice = choices[0]  # type: ignore[index] # whatever it is, it is tried
            content = choice[key].get("content") or ""
            self._complete = self._complete or bool(choice.get("finish_reason"))
        except (TypeError, LookupError, AttributeError) as exc:
            raise _malformed(json.dumps(record)) from exc
        if not isinstance(content, str):
            raise _malformed(json.dumps(record))
        return content


def _tell(reader: ReplyReader, tell_usage: TellUsage | None) -> None:
    if tell_usage and reader.usage:
        tell_usage(reader.usage)


def _read_usage(record: object) -> Usage | None:
    """Return what a reply says of its tokens; None if it says nothing that makes sense."""
    if not isinstance(record, dict):
        return None
    counts = [record.get(name) for name in ("prompt_tokens", "completion_tokens")]
    whole = [n for n in counts if type(n) is int and 0 <= n < MAX_TOKENS]
    return Usage(*whole) if len(whole) == len(counts) else None


def parse_object(text: str) -> dict[str, Any]:
    """Return the JSON object that `text` is.

    Raises:
        ModelFailedError: If it is anything else.
    """
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise _malformed(text) from exc
    if not isinstance(record, dict):
        raise _malformed(text)
    return record


def find_detail(record: object) -> str:
    """Return what a server's error object says in words; empty if it says nothing."""
    detail = record
    while isinstance(detail, dict):
        detail = next((detail[k] for k in ("error", "message", "detail") if detail.get(k)), "")
    return shorten(str(detail))


def shorten(text: str) -> str:
    """Return the start of `text` as one printable line."""
    printable = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text[:2000])
    line = " ".join(printable.split())
    return line if len(line) <= MAX_DETAIL else line[:MAX_DETAIL] + "…"


def _malformed(text: str) -> ModelFailedError:
    start = shorten(text)
    return ModelFailedError(
        "the reply is not that of an OpenAI-compatible server"
        + (f", it begins {start[:60]!r}" if start else ", it is empty")
    )
