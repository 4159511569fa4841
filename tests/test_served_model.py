"""A real model behind `transformers serve` gives the reply that it gives in this process."""

from __future__ import annotations

import os
import socket
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from rag.errors import ModelFailedError
from rag.language_models.server import ServerModel
from tests.fake_language_model import (
    ASKED,
    generate_directly,
    wait_until_no_thread_is_left,
)

START_SECONDS = 60.0  # for the server; about 12 on one slow core


@pytest.fixture(scope="module")
def served(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `transformers serve` with the tiny model."""
    command = Path(sysconfig.get_path("scripts")) / "transformers"
    if not command.exists():
        pytest.skip("the command `transformers` is not installed")
    pytest.importorskip("openai", reason="`transformers serve` needs openai")
    pytest.importorskip("accelerate", reason="`transformers serve` needs accelerate")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("served") / "log.txt"
    words = [str(command), "serve", str(model_folder), "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - the command of our own environment
            [*words, "--device", "cpu"], stdout=out, stderr=out, env=environment
        )
        try:
            wait_for_health(f"http://127.0.0.1:{port}", process, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for_health(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = monotonic() + START_SECONDS
    while monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{address}/health", trust_env=False, timeout=2).is_success:
                return
        except httpx.TransportError:
            sleep(0.2)
    pytest.fail(f"`transformers serve` did not start:\n{log.read_text(errors='replace')[-2000:]}")


def test_a_real_server_gives_the_same_reply(model_folder: Path, served: str) -> None:
    model = ServerModel(str(model_folder), served, timeout_seconds=30)

    pieces = list(model.stream_reply(ASKED, max_tokens=30))

    assert len(pieces) > 1
    assert "".join(pieces).rstrip("\ufffd") == generate_directly(
        model_folder, max_tokens=30
    ).rstrip("\ufffd")


def test_a_real_server_can_be_left_in_the_middle(model_folder: Path, served: str) -> None:
    model = ServerModel(str(model_folder), served, timeout_seconds=30)
    pieces = model.stream_reply(ASKED, max_tokens=1500)
    next(pieces)

    pieces.close()  # type: ignore[attr-defined] # it is a generator

    assert wait_until_no_thread_is_left()
    assert list(model.stream_reply(ASKED, max_tokens=3))


def test_a_real_server_that_does_not_know_the_model_is_reported(served: str) -> None:
    with pytest.raises(ModelFailedError, match="failed: "):
        list(ServerModel("no/such-model", served).stream_reply(ASKED, max_tokens=3))
