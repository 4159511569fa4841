"""Readers who leave take their work with them: nothing is asked on for nobody."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx

from eval.bench.timing import count_open_files
from rag.types import Answer
from tests.fake_server import LOCAL, run_server
from tests.fakes import WHEN_EN, fake_ask
from ui.features import Features

JOIN, DATA, CALL = "/gradio_api/queue/join", "/gradio_api/queue/data", "/gradio_api/call/chat"
ENDLESS = "What has no end?"
CLIENTS, AT_ONCE, WORKERS = 500, 100, 8


class EndlessAsk:
    """Words one question for ever, counting who is at it and who was told to leave."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.active = self.started = self.closed = 0
        self.ended = False

    def __call__(self, question: str, previous: Answer | None = None) -> Answer:
        *_, last = self.stream(question, previous)
        return last

    def stream(self, question: str, previous: Answer | None = None) -> Iterator[Answer]:
        if question != ENDLESS:
            yield fake_ask(question, previous)
            return
        whole = replace(fake_ask(WHEN_EN), model="tiny")
        with self.lock:
            self.active += 1
            self.started += 1
        try:
            while not self.ended:
                yield whole
                time.sleep(0.02)
        except GeneratorExit:
            with self.lock:
                self.closed += 1
            raise
        finally:
            with self.lock:
                self.active -= 1


async def vanish(client: httpx.AsyncClient, session: str, *, seen: str) -> bool:
    """Ask, wait until `seen` is told, and hang up; whether it was told."""
    body = {"data": [ENDLESS, None, "", "", None], "fn_index": 0, "session_hash": session}
    (await client.post(JOIN, json=body)).raise_for_status()
    async with client.stream("GET", DATA, params={"session_hash": session}) as response:
        async for line in response.aiter_lines():
            if seen in line:
                return True
    return False


async def vanish_all(address: str) -> list[bool]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=30) as client:
        seen: list[bool] = []
        for start in range(0, CLIENTS, AT_ONCE):
            # the first stream their answers, the others still wait for a worker
            words = ["process_generating"] * 4 + ["estimation"] * (AT_ONCE - 4)
            leaving = [vanish(client, f"s{start + n}", seen=w) for n, w in enumerate(words)]
            seen += await asyncio.gather(*leaving)
    return seen


def wait_for(condition: Callable[[], bool], *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def ask_plainly(address: str) -> str:
    """All that is told to a question, as it is told."""
    started = httpx.post(address + CALL, json={"data": [WHEN_EN]}, timeout=20).raise_for_status()
    return httpx.get(f"{address}{CALL}/{started.json()['event_id']}", timeout=20).text


def test_five_hundred_readers_vanish_and_nothing_of_them_is_left() -> None:
    ask = EndlessAsk()
    features = Features(hosts=LOCAL, concurrency=WORKERS, max_waiting=1000)
    with run_server(ask, features) as address:
        assert "event: complete" in ask_plainly(address)
        files, threads = count_open_files(), threading.active_count()

        seen = asyncio.run(vanish_all(address))
        quiet = wait_for(lambda: ask.active == 0, seconds=10)
        began = time.monotonic()
        told = ask_plainly(address)
        seconds = time.monotonic() - began
        closed = wait_for(lambda: count_open_files() <= files + 2, seconds=10)

        assert seen == [True] * CLIENTS
        assert quiet
        assert ask.started == ask.closed >= CLIENTS // AT_ONCE * 4
        assert "event: complete" in told
        assert seconds < 15
        assert closed
        assert threading.active_count() <= threads + 40  # Gradio's pool, which does not grow on


def test_all_ways_to_ask_share_one_limit() -> None:
    """Each button and the HTTP interface had workers of its own: 4 questions at once were 20."""
    ask = EndlessAsk()
    with run_server(ask, Features(hosts=LOCAL, concurrency=2, examples=["a", "b"])) as address:
        for n in range(9):
            if n < 3:
                httpx.post(address + CALL, json={"data": [ENDLESS]}).raise_for_status()
            body = {
                "data": [ENDLESS, None, "", "", None],
                "fn_index": n % 3,
                "session_hash": f"s{n}",
            }
            httpx.post(address + JOIN, json=body).raise_for_status()
        began = wait_for(lambda: ask.active == 2, seconds=20)
        time.sleep(1)  # time for more of them, if they may
        active, ask.ended = ask.active, True

    assert (began, active) == (True, 2)


def test_sigterm_ends_the_server_soon_though_a_question_is_in_work() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code = (
        "from tests.test_vanishing import EndlessAsk; from ui.serve import serve; "
        f"serve(EndlessAsk(), port={port})"
    )
    address = f"http://127.0.0.1:{port}"
    root = Path(__file__).parent.parent
    with subprocess.Popen([sys.executable, "-c", code], cwd=root, stderr=subprocess.DEVNULL) as ran:  # noqa: S603
        assert wait_for(lambda: is_up(address), seconds=60)
        body = {"data": [ENDLESS, None, "", "", None], "fn_index": 0, "session_hash": "s"}
        httpx.post(address + JOIN, json=body).raise_for_status()
        with httpx.stream("GET", address + DATA, params={"session_hash": "s"}) as response:
            assert any("process_generating" in line for line in response.iter_lines())
            began = time.monotonic()
            os.kill(ran.pid, signal.SIGTERM)
            ran.wait(timeout=30)

    assert time.monotonic() - began < 10
    assert ran.returncode in (0, -signal.SIGTERM)


def is_up(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").status_code == 200
    except httpx.TransportError:
        return False
