"""What may stand in the body of a request to the chat: small, flat JSON of known shape.

Gradio reads more than its page sends: objects that name files and addresses to fetch, events that
do not exist. Here such a body is told apart before anything acts on it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

MAX_NAME_CHARS = 100  # of a session or an event; the longest that a client makes has 36
_EVENTS = ("/gradio_api/queue/join", "/gradio_api/run/")
_CALLS = "/gradio_api/call/"
_NAMES = ("session_hash", "event_id")
_Check = Callable[[Any], bool]


def find_flaw(path: str, body: bytes, events: Collection[int]) -> str:
    """Say what is wrong with a body that the chat's address `path` was sent; empty: nothing.

    Args:
        path: Of the request.
        body: All of it.
        events: Numbers of the events that there are.
    """
    try:
        record = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return "the body is no JSON in UTF-8, or too deep"
    if not isinstance(record, dict):
        return "the body is no JSON object"
    if not _is_sound(record):
        return "the body holds half of a surrogate pair, which is no character"
    return next(
        (
            f"{field!r} is missing, or not {expected}"
            for field, (expected, check) in _list_fields(path, events).items()
            if not check(record.get(field))
        ),
        "",
    )


def _list_fields(path: str, events: Collection[int]) -> Mapping[str, tuple[str, _Check]]:
    fields: dict[str, tuple[str, _Check]] = {
        name: ("a short text", lambda value: value is None or _is_name(value)) for name in _NAMES
    }
    if path.startswith(_EVENTS):
        fields["data"] = ("a list of texts and numbers", _is_flat)
        fields["fn_index"] = ("the number of an event", lambda value: _is_in(value, events))
    elif path.startswith(_CALLS):
        fields["data"] = ("a list with a question", lambda value: _is_flat(value) and _asks(value))
    else:  # to stop or to clear
        fields["event_id"] = ("a short text", _is_name)
    return fields


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_NAME_CHARS


def _is_flat(value: Any) -> bool:
    """Whether it is a list without any list or object in it: those could name files."""
    return isinstance(value, list) and not any(isinstance(item, list | dict) for item in value)


def _asks(data: list[Any]) -> bool:
    return bool(data) and isinstance(data[0], str)


def _is_in(value: Any, events: Collection[int]) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in events


def _is_sound(record: Any) -> bool:
    try:
        json.dumps(record, ensure_ascii=False).encode("utf-8")
    except (UnicodeEncodeError, RecursionError):
        return False
    return True


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not in JSON")
