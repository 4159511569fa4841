"""What can be wrong with an index, in words for a reader and in numbers for `rag.repair`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

MOST_NAMED = 5  # documents or passages, in one sentence
Part = Literal["database", "text", "content", "document", "file", "cache"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        problem: A sentence that names the documents it hit.
        part: What is damaged. "text": a text, or where its passages lie, so that it must not be
            quoted; "content": what else is stored with a text, which can be shown meanwhile;
            "database": the tables, which only a new build mends; else what `name` names.
        content: Number of the content that a "text" or "content" is of; 0 if of none.
        name: Of a "document" its id, of a "file" its path, of a "cache" its file name. Bytes that
            are no UTF-8 stand in it as lone surrogates, as Python has them in names of files.
    """

    problem: str
    part: Part
    content: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What an index holds, and what is wrong with it: nothing if it is sound."""

    counts: Mapping[str, int]
    faults: tuple[Fault, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence a fault."""
        return tuple(fault.problem for fault in self.faults)


def decode_any(data: bytes) -> str:
    """Decode UTF-8; bytes that are none become lone surrogates, to be named and not raised."""
    return data.decode("utf-8", errors="surrogateescape")


def encode_any(text: str) -> bytes:
    """Return the bytes that `decode_any` was given."""
    return text.encode("utf-8", errors="surrogateescape")


def is_torn(text: str) -> bool:
    """Whether `decode_any` met bytes in it that are no UTF-8."""
    return not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text)


def list_some(noun: str, names: Sequence[object], count: int) -> str:
    """Return as in "document 'a'" or "passages 0, 1, 2, 3, 4 and 3 more".

    Args:
        noun: What they are.
        names: The first of them, or all.
        count: How many there are.
    """
    named = names[:MOST_NAMED]
    more = f" and {count - len(named)} more" if count > len(named) else ""
    return f"{noun}{'s' if count > 1 else ''} {', '.join(map(str, named))}{more}"
