"""What a parser makes of a file: records, which become documents, and notes on what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence for the user; `skipped` says that some text was left out for it."""

    reason: str
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A text with what the file says about it; None where it says nothing.

    `key` names the record in a file that holds many, and is empty otherwise.
    """

    text: str
    title: str | None = None
    published: date | None = None
    source: str | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Extraction:
    """All records of one file, in reading order."""

    records: tuple[Record, ...]
    notes: tuple[Note, ...] = ()


class UnreadableError(Exception):
    """A file that holds no text we can read.

    The message tells what the file is or does, and what to do: "is empty", "needs a password; ...".

    Attributes:
        retry: Whether the same bytes may be readable at another time.
    """

    def __init__(self, reason: str, *, retry: bool = False) -> None:
        super().__init__(reason)
        self.retry = retry
