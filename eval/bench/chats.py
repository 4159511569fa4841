"""Ask a served index over HTTP as many readers at once do, and see what each of them is told.

A reader asks one question after the other by the HTTP interface. A question is answered, or turned
away because too many wait, or fails; after each load a single question tells whether all is well
again.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import chain
from time import perf_counter
from typing import Any, Literal

import httpx

from eval.bench.timing import Timing, summarize_seconds
from rag.config import Settings
from rag.errors import RagError

HEALTH = "/healthz"
ENDPOINT = "/chat"  # of the HTTP interface: a question in, one answer out
CROWDS = (8, 30, 80)  # readers, beside one alone and as many as are answered at once
MOST_SLOWER = 3.0  # than for one reader alone may the p95 be, for those who are answered at once
LONGEST_WAIT_SECONDS = 120.0
KEPT_WORDS = 5  # of errors, that are told
_CALL = f"/gradio_api/call{ENDPOINT}"
_FULL = "queue is full"
_ANNOUNCED = "Chat: "
Outcome = Literal["ok", "full", "error"]


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a question.

    `first_seconds` are until the first event, `seconds` until the last; `words` are of an error.
    """

    outcome: Outcome
    first_seconds: float
    seconds: float
    words: str = ""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """So many readers at once.

    Attributes:
        readers: That asked at the same time.
        ok, full, errors: Questions answered; turned away because too many waited; that failed.
        first, whole: Of those answered: until the first event, until the answer; None if none was.
        per_second: Answers a second, over the whole load.
        recovery: The outcome of a single question right after.
        recovery_seconds: Until its end.
        words: Of the first errors.
    """

    readers: int
    ok: int
    full: int
    errors: int
    first: Timing | None
    whole: Timing | None
    per_second: float
    recovery: Outcome
    recovery_seconds: float
    words: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON types."""
        return asdict(self)


def bench_chats(
    url: str,
    questions: Sequence[str],
    *,
    readers: Sequence[int],
    each: int = 10,
    tell: Callable[[LoadReport], None] = lambda _: None,
) -> list[LoadReport]:
    """Put one load after the other on a server.

    Args:
        url: Of a server that runs; a login stands in it as `user:password@`.
        questions: At least one; each reader begins at another of them.
        readers: How many at once, load by load.
        each: Questions that a reader asks.
        tell: Called with each report.

    Raises:
        RagError: If the server cannot be reached, or does not answer a first question.
    """
    return asyncio.run(_bench(url, questions, readers, each, tell))


def fetch_capacity(url: str) -> int:
    """Ask a server how many questions it answers at once.

    Raises:
        RagError: If it cannot be reached, or does not tell.
    """
    try:
        told = httpx.get(f"{url.rstrip('/')}{HEALTH}", timeout=LONGEST_WAIT_SECONDS)
        return int(told.raise_for_status().json()["capacity"])
    except (httpx.HTTPError, LookupError, TypeError, ValueError) as exc:
        host = httpx.URL(url).copy_with(userinfo=b"")
        raise RagError(f"{str(host)!r} does not tell how much it answers at once: {exc}") from exc


def list_crowds(capacity: int) -> list[int]:
    """How many readers to ask as by default, rising: one, `capacity`, and `CROWDS`."""
    return sorted({1, capacity, *CROWDS})


def judge_loads(reports: Sequence[LoadReport], capacity: int) -> list[str]:
    """Say what is wrong with the loads; nothing if they hold the floor.

    No question fails, though beyond `capacity` some may be turned away; up to it the p95 is at most
    `MOST_SLOWER` times that of one reader, as far as one was alone; a question right after is
    answered.
    """
    alone = next((r.whole for r in reports if r.readers == 1), None)
    said = []
    for report in reports:
        within, name = report.readers <= capacity, f"{report.readers} at once"
        if report.errors:
            said.append(f"{name}: {report.errors} questions failed")
        if within and report.full:
            said.append(f"{name}: {report.full} questions were turned away")
        if report.recovery != "ok":
            said.append(f"{name}: the question right after was not answered")
        if within and alone and report.whole and report.whole.p95 > MOST_SLOWER * alone.p95:
            said.append(
                f"{name}: p95 {report.whole.p95 / alone.p95:.1f} times that of one, "
                f"at most {MOST_SLOWER:g}"
            )
    return said


@contextmanager
def serve_index(settings: Settings) -> Iterator[str]:
    """Serve the index by `crossquote chat`, in a process of its own; give its address.

    Raises:
        RagError: If it ends before it listens; what it said is on standard error.
    """
    command = [
        sys.executable,
        "-m",
        "rag",
        "chat",
        "--port",
        "0",
        "--no-add",
        "--index",
        str(settings.index),
    ]
    if settings.encoder != "bundled":
        command += ["--encoder", settings.encoder]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        line = process.stdout.readline()
        try:
            if not line.startswith(_ANNOUNCED):
                raise RagError("the server did not start; what it said is above")
            yield line.removeprefix(_ANNOUNCED).split()[0]
        finally:
            process.terminate()


def format_loads(reports: Sequence[LoadReport], capacity: int) -> str:
    """The reports as a table, a load a line, seconds in milliseconds; below, what of the floor.

    `slower` is how many times the p95 of the first load the p95 of a load is; a star marks a load
    of at most `capacity` readers.
    """
    head = (
        "  readers     ok   full errors   first p50      p95   answer p50      p95  slower "
        "answers/s  recovery"
    )
    lines = [
        f"{'*' if report.readers <= capacity else ' '} {_format_load(report, reports[0])}"
        for report in reports
    ]
    floor = "; ".join(judge_loads(reports, capacity)) or "held"
    star = f"* at most {capacity}, which are answered at once"
    return "\n".join([head, *lines, star, f"floor: {floor}"])


async def ask_once(client: httpx.AsyncClient, question: str) -> Told:
    """Ask one question and wait for its end; whatever goes wrong is an outcome."""
    began = perf_counter()
    first = 0.0
    try:
        started = await client.post(_CALL, json={"data": [question]})
        if started.status_code != httpx.codes.OK:
            seconds = perf_counter() - began
            return _fail(f"{started.status_code} {started.text}", seconds, seconds)
        event = started.json()["event_id"]
        kind = ""
        async with client.stream("GET", f"{_CALL}/{event}") as response:
            async for line in response.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "event" and value != "heartbeat":
                    kind, first = value, first or perf_counter() - began
                elif name == "data" and kind == "error":
                    return _fail(value, first, perf_counter() - began)
    except (httpx.HTTPError, ValueError, LookupError) as exc:
        return Told("error", first, perf_counter() - began, repr(exc))
    seconds = perf_counter() - began
    if kind != "complete":
        return Told("error", first, seconds, f"the stream ended with {kind!r}")
    return Told("ok", first, seconds)


def _fail(words: str, first: float, seconds: float) -> Told:
    return Told("full" if _FULL in words.lower() else "error", first, seconds, words)


async def _bench(
    url: str,
    questions: Sequence[str],
    readers: Sequence[int],
    each: int,
    tell: Callable[[LoadReport], None],
) -> list[LoadReport]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=max(readers))
    timeout = httpx.Timeout(LONGEST_WAIT_SECONDS)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=timeout) as client:
        began = await ask_once(client, questions[0])
        if began.outcome != "ok":
            host = client.base_url.copy_with(userinfo=b"")
            raise RagError(f"{str(host)!r} did not answer a first question: {began.words[:200]}")
        reports = []
        for n in readers:
            reports.append(await _load(client, questions, n, each))
            tell(reports[-1])
    return reports


async def _load(
    client: httpx.AsyncClient, questions: Sequence[str], readers: int, each: int
) -> LoadReport:
    async def read(reader: int) -> list[Told]:
        asked = [questions[(reader * each + n) % len(questions)] for n in range(each)]
        return [await ask_once(client, question) for question in asked]

    began = perf_counter()
    told = list(chain.from_iterable(await asyncio.gather(*(read(n) for n in range(readers)))))
    seconds = perf_counter() - began
    after = await ask_once(client, questions[0])
    ok = [one for one in told if one.outcome == "ok"]
    failed = [one.words for one in told if one.outcome == "error"]
    return LoadReport(
        readers=readers,
        ok=len(ok),
        full=sum(one.outcome == "full" for one in told),
        errors=len(failed),
        first=summarize_seconds([one.first_seconds for one in ok]) if ok else None,
        whole=summarize_seconds([one.seconds for one in ok]) if ok else None,
        per_second=len(ok) / seconds,
        recovery=after.outcome,
        recovery_seconds=after.seconds,
        words=tuple(failed[:KEPT_WORDS]),
    )


def _format_load(report: LoadReport, single: LoadReport) -> str:
    line = f"{report.readers:7} {report.ok:6} {report.full:6} {report.errors:6}"
    if report.first is None or report.whole is None:
        return f"{line}   nothing was answered"
    slower = f"{report.whole.p95 / single.whole.p95:5.1f} x" if single.whole else "      -"
    return (
        f"{line} {report.first.p50 * 1e3:8.0f} ms {report.first.p95 * 1e3:5.0f} ms "
        f"{report.whole.p50 * 1e3:9.0f} ms {report.whole.p95 * 1e3:5.0f} ms {slower} "
        f"{report.per_second:9.1f}  {report.recovery}, {report.recovery_seconds * 1e3:.0f} ms"
    )
