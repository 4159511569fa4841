"""One writer at a time: the second is told who the first is, and a dead one holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rag.errors import IndexLockedError
from rag.lock import WriterLock

ROOT = Path(__file__).parents[1]
HOLD = "import sys; from pathlib import Path; from rag.lock import WriterLock; "
HOLD += "lock = WriterLock(Path(sys.argv[1])); lock.acquire(); "
HOLD += "print('held', flush=True); sys.stdin.read()"


def hold_elsewhere(path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", HOLD, str(path)]
    process = subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_the_second_is_told_who_holds_it_and_a_killed_holder_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    holder = hold_elsewhere(path)

    with pytest.raises(IndexLockedError, match=rf"locked by pid {holder.pid}\b"):
        WriterLock(path).acquire()
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    lock = WriterLock(path)
    lock.acquire()
    lock.release()

    assert not path.with_suffix(".pid").exists()


def test_the_holder_is_this_process_while_it_is_held(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "index.db")

    lock.acquire()

    assert (tmp_path / "index.pid").read_text() == f"{os.getpid()}\n"
    lock.release()


def test_an_unreadable_name_of_the_holder_does_not_hide_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    holder = hold_elsewhere(path)
    (tmp_path / "index.pid").write_bytes(b"\xff\xfe")

    with pytest.raises(IndexLockedError, match="locked by another process"):
        WriterLock(path).acquire()
    holder.communicate(b"")
