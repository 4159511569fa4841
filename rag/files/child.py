"""The process that parses files, so that a crash or a bomb costs it and not the one that asks.

`python -m rag.files.child` reads requests from its standard input and writes replies to its
standard output, all in frames. It says "ready" first. A request is a frame of JSON, the suffix and
the encoding, and a frame with the bytes of the file; a reply is one frame of JSON. It ends when
its input does; so it does not outlive its parent, whatever that one died of.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Any, BinaryIO

from rag.files.formats import APART, PARSERS, Parser
from rag.files.frames import flatten_extraction, pack_json, read_frame, unpack_json, write_frame
from rag.files.records import UnreadableError

READY = b"ready"
OUT_OF_MEMORY = 77  # the exit status that says so
MAX_REQUEST_BYTES = 2**32
NO_MEMORY_CODE = 2  # of the errors of libxml2, which else read as if the file were broken


def serve(parsers: Mapping[str, Parser], *, max_bytes: int, max_seconds: float) -> None:
    """Answer requests until the input ends.

    Args:
        parsers: By suffix.
        max_bytes: Of address space, beyond which allocations fail, where the system can do that.
        max_seconds: Of computing for one file, beyond which this process ends with `SIGPROF`,
            where there is that. Time spent waiting for a busy machine does not count.
    """
    requests, replies = _take_pipes()
    _limit_memory(max_bytes)
    sys.excepthook = partial(_tell_failure, replies)
    try:
        write_frame(replies, READY)
        replies.flush()
        while (request := read_frame(requests, MAX_REQUEST_BYTES)) is not None:
            data = read_frame(requests, MAX_REQUEST_BYTES)
            _limit_seconds(max_seconds)
            write_frame(replies, _reply(parsers, request, data or b""))
            replies.flush()
            _limit_seconds(0)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _reply(parsers: Mapping[str, Parser], request: bytes, data: bytes) -> bytes:
    suffix, encoding = unpack_json(request)
    try:
        return pack_json(flatten_extraction(parsers[suffix](data, encoding)))
    except UnreadableError as exc:
        if getattr(exc.__cause__, "code", None) == NO_MEMORY_CODE:
            raise MemoryError from exc
        return pack_json({"unreadable": str(exc)})


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The two pipes, out of the reach of libraries that print, or that read the keyboard."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return requests, replies


def _limit_memory(max_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, value in ((resource.RLIMIT_AS, max_bytes), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (limit, hard))
        except (ValueError, OSError):  # macOS refuses the first
            continue


def _limit_seconds(seconds: float) -> None:
    """End this process after so much computing, even inside of a C library; 0: never mind."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _tell_failure(
    replies: BinaryIO,
    kind: type[BaseException],
    error: BaseException,
    _traceback: TracebackType | None,
) -> Any:
    """Say what ended this process: a mistake of ours, for parsers raise `UnreadableError` only."""
    write_frame(replies, pack_json({"failed": f"{kind.__name__}: {error}"[:500]}))
    replies.flush()


if __name__ == "__main__":
    serve(
        {suffix: PARSERS[suffix] for suffix in APART},
        max_bytes=int(sys.argv[1]) if len(sys.argv) > 1 else 2**30,
        max_seconds=float(sys.argv[2]) if len(sys.argv) > 2 else 30,
    )
