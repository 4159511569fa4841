"""What happens to a build: it is killed, or its disk is full. Run in a process of their own.

One process loads everything and then forks for each build, which saves loading it each time.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from time import process_time

import rag.synchronize as synchronize
from rag.errors import RagError
from tests.fake_folder import build


def kill_builds(folder: Path, root: Path, *, indexes: int, kills: int, seed: int) -> None:
    """Build `indexes` indexes in `root`, each killed up to `kills` times before it may end.

    A build is ended by a signal that it does not catch, after a random part of the processor's
    time that a whole one takes. Says how many were.
    """
    use_small_batches()
    rng = Random(seed)  # noqa: S311  (seeded on purpose)
    build(folder, root / "first")  # what is loaded by it, no other need load
    began = process_time()
    build(folder, root / "measured")
    whole = process_time() - began
    killed = 0
    for n in range(indexes):
        for _ in range(kills):
            seconds = rng.uniform(0.002, whole / 3)
            killed += run_forked(_build_until, folder, root / f"{n}", seconds) != 0
        assert run_forked(build, folder, root / f"{n}") == 0
    say(json.dumps({"killed": killed}))


def kill_cache_writing(folder: Path, root: Path) -> None:
    """Build an index in `root` for every step in which a cache is written, killed at that step.

    Says how many steps there are.
    """
    use_small_batches()
    build(folder, root / "first")  # what is loaded by it, no other need load
    for step in range(1, 1000):
        if run_forked(_build_to_step, folder, root / f"{step}", step) == 0:
            say(json.dumps({"steps": step - 1}))
            return
        assert run_forked(build, folder, root / f"{step}") == 0


def fill_disk(folder: Path, root: Path, *, limits: Sequence[int], rebuild: bool) -> None:
    """Build the indexes `root/0`, `root/1`, … where no file can grow beyond so many bytes.

    Says a line for each: the kind of the error, and what it tells, or "built".
    """
    build(folder, root / "first")
    for n, limit in enumerate(limits):
        run_forked(_build_within, folder, root / f"{n}", limit, rebuild)


def use_small_batches() -> None:
    """Have a few hundred documents go through as many steps as many thousands."""
    synchronize.BATCH_PASSAGES = 8
    synchronize.CACHE_PASSAGES = 32


def say(line: str) -> None:
    """Write a line for the process that waits for it."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run_forked(work: Callable[..., object], *arguments: object) -> int:
    """Run `work` in a fork; return its status as `os.waitpid` has it, 0 if it came to its end."""
    child = os.fork()
    if not child:
        try:
            work(*arguments)
        finally:
            os._exit(sys.exc_info()[0] is not None)
    return os.waitpid(child, 0)[1]


def _build_until(folder: Path, index: Path, seconds: float) -> None:
    signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal ends a process at once
    build(folder, index)


def _build_within(folder: Path, index: Path, limit: int, rebuild: bool) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        build(folder, index, rebuild=rebuild)
        say(json.dumps(["built", ""]))
    except (RagError, OSError) as exc:
        say(json.dumps([type(exc).__name__, str(exc)]))


def _build_to_step(folder: Path, index: Path, step: int) -> None:
    steps = 0

    def count(call: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object) -> object:
            nonlocal steps
            steps += 1
            if steps == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments)

        return counted

    os.fsync, os.replace = count(os.fsync), count(os.replace)  # type: ignore[assignment]
    build(folder, index)
