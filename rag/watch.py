"""Keep an index in line with a folder while it changes, by looking at it every few seconds.

Looking works on every file system, network ones included, and costs a walk over the folder; so
it is done less often the longer it takes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from pathlib import Path
from time import perf_counter, sleep

from rag.errors import CorpusError
from rag.load import walk_files

INTERVAL_SECONDS = 2.0
LEAST_REST = 20  # times as long as a look took is rested, so that at most 5 % of a core is used


def watch_folder(
    folder: Path,
    *,
    interval_seconds: float = INTERVAL_SECONDS,
    pause: Callable[[float], None] = sleep,
) -> Generator[None, bool | None, None]:
    """Yield at once, and then whenever the folder has changed and come to rest; never ends.

    At rest is a folder that looks the same twice in a row: a file that is being copied into it is
    not taken half. What changes between a look and the end of what the caller does with it is
    seen by the next look. Send False into it if the work failed: it is yielded again at the next
    look.

    Args:
        folder: Or one file.
        interval_seconds: Between two looks, or longer where a look takes long.
        pause: Waits that many seconds.

    Raises:
        CorpusError: If the folder cannot be read at the first look; later it is waited for.
    """
    known = before = look_at(folder)
    if (yield) is False:
        known = ""
    while True:
        began = perf_counter()
        try:
            now = look_at(folder)
        except CorpusError:  # a disk that is not mounted now: what is indexed is not removed
            now = before
        rest = max(interval_seconds, LEAST_REST * (perf_counter() - began))
        if now == before and now != known:
            taken = yield
            known = known if taken is False else now
        before = now
        pause(rest)


def look_at(folder: Path) -> str:
    """Return a fingerprint of the names, sizes and times of the files below a folder.

    Raises:
        CorpusError: If the folder cannot be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in walk_files(folder):
        try:
            found = path.stat()
            seen = f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0{found.st_ino}\n"
        except OSError:
            seen = f"{path}\0gone\n"
        digest.update(seen.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
