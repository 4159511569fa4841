"""Read JSON and its fields; what is not in form is an error that says where, and what it lacks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from rag.errors import CorpusError

T = TypeVar("T")


def load_json(path: Path) -> Any:
    """Return what a JSON file in UTF-8 holds.

    Raises:
        CorpusError: If it cannot be read or is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as exc:
        raise CorpusError(f"{str(path)!r} cannot be read: {exc.strerror}") from exc
    except (ValueError, RecursionError) as exc:
        raise CorpusError(f"{str(path)!r} is not JSON in UTF-8: {exc}") from exc


def read_lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the lines of a file in UTF-8 that are not blank, each behind its place for messages.

    Raises:
        CorpusError: If it cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield f"{str(path)!r}, line {number}", line.rstrip("\r\n")
    except OSError as exc:
        raise CorpusError(f"{str(path)!r} cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise CorpusError(f"{str(path)!r} is not text in UTF-8: {exc}") from exc


def read_json_lines(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield what each line of a file of JSON Lines holds, behind its place for messages.

    Raises:
        CorpusError: If it cannot be read, or a line is not JSON.
    """
    for where, line in read_lines(path):
        try:
            yield where, json.loads(line)
        except (ValueError, RecursionError) as exc:
            raise CorpusError(f"{where} is not JSON: {exc}") from exc


def require(record: object, key: str, kind: type[T], where: str, expected: str) -> T:
    """Return a field of a JSON object.

    Args:
        record: What should be an object.
        key: The name of the field.
        kind: Its type in Python.
        where: The file and the record.
        expected: The form that the file should have.

    Raises:
        CorpusError: If there is none of that type.
    """
    value = record.get(key) if isinstance(record, dict) else None
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise CorpusError(
            f"{where} has no {key!r} that is a {_TYPES.get(kind, kind.__name__)}; "
            f"expected {expected}"
        )
    return value


def require_text(record: object, key: str, where: str, expected: str) -> str:
    """Return a field that is a text and not blank, without white space around it.

    Raises:
        CorpusError: If there is none.
    """
    text = require(record, key, str, where, expected).strip()
    if not text:
        raise CorpusError(f"{where}: {key!r} is empty; expected {expected}")
    return text


def read_id(record: object, key: str, where: str, expected: str) -> str:
    """Return an id, which is a text or a whole number, as text.

    Raises:
        CorpusError: If there is none.
    """
    value = record.get(key) if isinstance(record, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return require_text(record, key, where, expected)


def text_of(record: dict[str, Any], key: str) -> str:
    """A field that may be missing; empty where it is, or is no text."""
    value = record.get(key)
    return value if isinstance(value, str) else ""


_TYPES: dict[type, str] = {str: "text", list: "list", dict: "JSON object", int: "whole number"}
