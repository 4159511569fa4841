"""One process that parses files: its start, what it may cost, and why it ended.

The process inherits no open files and no secrets, and ends when this one does, whatever this one
dies of, because its input ends then.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO, cast

from rag.files.child import OUT_OF_MEMORY, READY
from rag.files.frames import read_frame, write_frame

MAX_REPLY_BYTES = 2**26  # the text of one file; a thick book has a tenth of it
START_SECONDS = 60  # to import the parsers: 0.3 here, more on a cold disk
END_SECONDS = 5

_TIME_UP = -getattr(signal, "SIGPROF", 999)  # exit statuses; 999 where there are no signals
_KILLED = -getattr(signal, "SIGKILL", 999)
_ABORTED = -signal.SIGABRT  # how PDFium ends when an allocation fails
_SECRET = re.compile("KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
_NO_START = (
    "cannot be read, because the process that would read it did not start ({}); "
    "make sure that this program may start others"
)


class ProcessFailedError(Exception):
    """The process is gone; the message tells what the file did to it, as after "the file ...".

    Attributes:
        retry: Whether the machine may be to blame, and not the file.
        certain: Whether another process would fare no better.
    """

    def __init__(self, reason: str, *, retry: bool = False, certain: bool = False) -> None:
        super().__init__(reason)
        self.retry = retry
        self.certain = certain


class ParserProcess:
    """A running process; for one thread at a time.

    Args:
        program: What to start, with its arguments; two more are added, the limit of memory in
            bytes and that of time in seconds.
        max_seconds: Of computing for one file, where the system can limit it.
        max_wait_seconds: For one file by the clock on the wall, which a busy machine slows down.
        max_memory_bytes: Of address space, where the system can limit it.

    Raises:
        ProcessFailedError: If it does not start.
    """

    def __init__(
        self,
        program: Sequence[str],
        *,
        max_seconds: float,
        max_wait_seconds: float,
        max_memory_bytes: int,
    ) -> None:
        self._max_seconds = max_seconds
        self._max_wait_seconds = max_wait_seconds
        self._max_memory_bytes = max_memory_bytes
        limits = [str(max_memory_bytes), str(max_seconds)]
        try:
            self._popen = subprocess.Popen(  # noqa: S603  (our own interpreter and module; no shell)
                [*program, *limits],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_describe_environment(),
                start_new_session=True,  # Ctrl-C is for this process, which ends that one
            )
        except OSError as exc:
            reason = _NO_START.format(exc.strerror)
            raise ProcessFailedError(reason, retry=True, certain=True) from exc
        self._requests = cast("IO[bytes]", self._popen.stdin)
        self._replies = cast("IO[bytes]", self._popen.stdout)
        if not self._is_ready():
            reason = _NO_START.format(f"it ended with status {self.kill(wait=True)}")
            raise ProcessFailedError(reason, retry=True, certain=True)

    def _is_ready(self) -> bool:
        try:
            return self._exchange((), START_SECONDS)[0] == READY
        except ValueError:  # what came is no frame
            return False

    def ask(self, *frames: bytes) -> bytes:
        """Send the frames and return the one that comes back.

        Raises:
            ProcessFailedError: If none comes, or too late; the process is gone then.
        """
        try:
            reply, late = self._exchange(frames, self._max_wait_seconds)
        except ValueError as exc:
            self.kill()
            reason = f"holds more than {MAX_REPLY_BYTES // 2**20} MB of text; split it"
            raise ProcessFailedError(reason, certain=True) from exc
        if reply is None:
            raise self._explain(self.kill(wait=not late), late=late)
        return reply

    def end(self) -> None:
        """Let the process end by itself, or make it."""
        _close(self._requests)
        self.kill(wait=True)

    def kill(self, *, wait: bool = False) -> int:
        """Make sure that the process is gone; return its exit status, or minus its signal.

        Args:
            wait: Give it some time to end by itself.
        """
        with contextlib.suppress(subprocess.TimeoutExpired):
            if wait:
                self._popen.wait(END_SECONDS)
        self._popen.kill()
        _close(self._requests)
        _close(self._replies)
        return self._popen.wait()

    def _exchange(self, frames: Sequence[bytes], seconds: float) -> tuple[bytes | None, bool]:
        """The reply, None if there is none, and whether time ran out."""
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._popen.kill()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        reply = None
        try:
            timer.start()
            for frame in frames:
                write_frame(self._requests, frame)
            self._requests.flush()
            reply = read_frame(self._replies, MAX_REPLY_BYTES)
        except (OSError, EOFError):  # it died while we wrote, or while it did
            return None, late.is_set()
        except RuntimeError as exc:  # no more threads
            self.kill()
            raise ProcessFailedError(_NO_START.format(exc), retry=True, certain=True) from exc
        finally:
            timer.cancel()
        return reply, late.is_set()

    def _explain(self, status: int, *, late: bool) -> ProcessFailedError:
        if late or status == _TIME_UP:
            seconds = self._max_wait_seconds if late else self._max_seconds
            reason = f"took longer than {seconds:g} s to read and was stopped"
            reason += "; split it or export it again"
            return ProcessFailedError(reason, retry=late, certain=True)
        limit = f"{self._max_memory_bytes / 2**30:.3g} GB of memory"
        if status == OUT_OF_MEMORY:
            return ProcessFailedError(f"needed more than {limit} to read; split it")
        if status == _KILLED:
            reason = "could not be read, because the system killed its reader; free some memory"
            return ProcessFailedError(reason, retry=True)
        how = f"signal {-status}" if status < 0 else f"status {status}"
        if status == _ABORTED:
            how += f", as when more than {limit} is needed"
        return ProcessFailedError(f"made its reader crash ({how}); fetch or export it again")


def _close(pipe: IO[bytes]) -> None:
    with contextlib.suppress(OSError):  # what is left in its buffer has nowhere to go
        pipe.close()


def _describe_environment() -> dict[str, str]:
    """Ours without its secrets; and modules are found where we find them, but not in "."."""
    plain = {name: value for name, value in os.environ.items() if not _SECRET.search(name)}
    return {**plain, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
