"""A folder whose documents come, change, move and go, and a ledger of what it held when.

With the ledger a quote can be judged that was given while the folder and the index changed: it
must stand in a text that its document had, at the latest when the question was asked, by a run of
the indexer that had ended, or later.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from time import monotonic

from rag.files.decode import replace_unsafe

KEPT_SECONDS = 300.0  # no question takes so long; what is older cannot be quoted any more
RECENT = 50  # texts that were lately there
REMOVED, RENAMED, CHANGED, COPIED = 3, 1, 2, 1  # files a round; new ones make up for the rest


@dataclass(slots=True)
class _State:
    """What a file held from `written` on, and when a run of the indexer had taken it in."""

    text: str | None
    written: float
    committed: float = inf


class Ledger:
    """What each file has held; threads may share it. Times are those of `time.monotonic`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, list[_State]] = {}
        self._gone: deque[str] = deque(maxlen=RECENT)
        self._fresh: deque[str] = deque(maxlen=RECENT)

    def put(self, path: str, text: str | None, at: float) -> None:
        """Say what a file holds from now on; None: there is no such file."""
        with self._lock:
            states = self._states.setdefault(path, [_State(None, -inf, -inf)])
            if states[-1].text is not None:
                self._gone.append(states[-1].text)
            if text is not None:
                self._fresh.append(text)
            states.append(_State(text, at))

    def commit(self, began: float, ended: float) -> None:
        """Say that a run of the indexer took in all that was written before it began."""
        with self._lock:
            for path, states in list(self._states.items()):
                for state in states:
                    if state.written <= began:
                        state.committed = min(state.committed, ended)
                newest = _find_newest(states, ended - KEPT_SECONDS)
                del states[:newest]
                if len(states) == 1 and states[0].text is None:
                    del self._states[path]

    def holds_quote(self, path: str, start: int, end: int, text: str, *, asked: float) -> bool:
        """Whether the file may have held the quote there, for a question asked at `asked`."""
        with self._lock:
            states = self._states.get(path, [])
            possible = states[_find_newest(states, asked) :]
            return any(s.text is not None and s.text[start:end] == text for s in possible)

    def list_texts(self) -> tuple[list[str], list[str], list[str]]:
        """The texts there are; those that came lately; those that went lately."""
        with self._lock:
            current = [states[-1].text for states in self._states.values()]
            return [t for t in current if t is not None], list(self._fresh), list(self._gone)

    def list_paths(self) -> list[str]:
        """The files there are, sorted."""
        with self._lock:
            return sorted(path for path, s in self._states.items() if s[-1].text is not None)

    def get_text(self, path: str) -> str:
        """The text of a file that there is."""
        with self._lock:
            text = self._states[path][-1].text
        if text is None:
            raise ValueError(f"there is no file {path!r}")
        return text


class Churn:
    """Changes a folder of `.txt` files, and says so to a ledger.

    Args:
        folder: Made if it is not there; nothing else may change it.
        texts: What documents are made of, at least two.
        ledger: Is told of every file.
        seed: The same one makes the same changes.
        clock: As the ledger's times.
    """

    def __init__(
        self,
        folder: Path,
        texts: Sequence[str],
        ledger: Ledger,
        *,
        seed: int = 0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._texts = [_plain(text) for text in texts]
        self._ledger = ledger
        self._chance = random.Random(seed)  # noqa: S311 - a draw, not a secret
        self._clock = clock
        self._serial = 0

    def fill(self, count: int) -> None:
        """Write so many new documents."""
        for _ in range(count):
            self._add(self._make_text())

    def change_some(self) -> int:
        """Add, copy, change, rename and remove a few files; return how many were touched.

        As many go as come, and none that came in this round goes in it.
        """
        paths = self._ledger.list_paths()
        self._chance.shuffle(paths)
        removed, paths = paths[:REMOVED], paths[REMOVED:]
        renamed, paths = paths[:RENAMED], paths[RENAMED:]
        changed, paths = paths[:CHANGED], paths[CHANGED:]
        copied = paths[:COPIED]
        for path in removed:
            self._write(path, None)
        for path in renamed:
            text = self._ledger.get_text(path)
            self._write(path, None)
            self._add(text)
        for path in changed:
            self._write(path, self._make_text())
        for path in copied:
            self._add(self._ledger.get_text(path))
        added = len(removed) - len(copied)
        self.fill(added)
        return len(removed) + len(renamed) + len(changed) + len(copied) + added

    def _add(self, text: str) -> None:
        self._serial += 1
        self._write(f"document-{self._serial:06d}.txt", text)

    def _write(self, path: str, text: str | None) -> None:
        file = self._folder / path
        if text is None:
            self._ledger.put(path, None, self._clock())
            file.unlink()
        else:
            self._ledger.put(path, text, self._clock())
            file.write_text(text, encoding="utf-8", newline="\n")

    def _make_text(self) -> str:
        """Halves of two texts: new as a whole, though its sentences are not."""
        one, other = self._chance.sample(self._texts, 2)
        return f"{one[: len(one) // 2].strip()}\n{other[len(other) // 2 :].strip()}\n"


def _find_newest(states: Sequence[_State], at: float) -> int:
    """The place of the newest state that was committed by then; 0 if none was."""
    places = [n for n, state in enumerate(states) if state.committed <= at]
    return places[-1] if places else 0


def _plain(text: str) -> str:
    """A text that a loader gives back as it is."""
    return replace_unsafe(text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
