"""A library in memory: its files lie in a folder, and every one of them is a document."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rag.errors import CorpusError, RagError
from rag.types import ADDED, Language, Listed, Problem, TakenIn
from ui.protocols import Progress


def make_listed(id_: str, title: str = "", **options: object) -> Listed:
    """A document of the folder, or if its id says so an added one."""
    values: dict[str, object] = {
        "file": id_.split("#")[0], "title": title or id_, "source": id_.removeprefix(ADDED),
        "language": "en", "published": date(2021, 5, 18), "passages": 3, "copy_of": "",
    }  # fmt: skip
    return Listed(id=id_, **{**values, **options})  # type: ignore[arg-type]


class FakeLibrary:
    """What `ui.protocols.Library` says; a file named `bad…` cannot be read.

    Attributes:
        fails: Raised by `take_in` if it is set.
        gate: Waited for by `take_in` before each file.
    """

    suffixes: Sequence[str] = (".md", ".txt")
    max_file_bytes = 1_000

    def __init__(self, root: Path, documents: Sequence[Listed] = ()) -> None:
        self.added = root / "added"
        self.incoming = root / "incoming"
        self.held = {item.id: item for item in documents}
        self.fails: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.runs = 0

    def count(self, text: str = "") -> int:
        return len(self._find(text))

    def count_languages(self) -> dict[Language, int]:
        return dict(Counter(item.language for item in self.held.values()))

    def list_documents(self, text: str = "", *, skip: int = 0, most: int = 100) -> list[Listed]:
        return self._find(text)[skip : skip + most]

    def is_in_line(self) -> bool:
        return {ADDED + name for name in self._list_files()} == {
            id_ for id_ in self.held if id_.startswith(ADDED)
        }

    def take_in(self, progress: Progress) -> TakenIn:
        self.runs += 1
        names = self._list_files()
        fresh, problems = [], []
        for n, name in enumerate(names):
            progress(n, len(names), ADDED + name)
            assert self.gate.wait(timeout=20)
            if self.fails is not None:
                raise self.fails
            if name.startswith("bad"):
                (self.added / name).unlink()
                problems.append(Problem(ADDED + name, "the file is no text", skipped=True))
            elif ADDED + name not in self.held:
                self.held[ADDED + name] = make_listed(ADDED + name, name.split(".")[0])
                fresh.append(self.held[ADDED + name])
        progress(len(names), len(names), "")
        return TakenIn(tuple(fresh), tuple(problems))

    def remove(self, id_: str) -> int:
        if id_ not in self.held:
            raise CorpusError(f"the index holds no document {id_!r}")
        item = self.held.pop(id_)
        if item.file.startswith(ADDED):
            (self.added / item.file.removeprefix(ADDED)).unlink(missing_ok=True)
        return 1

    def _find(self, text: str) -> list[Listed]:
        return [item for _, item in sorted(self.held.items()) if text in item.title + item.id]

    def _list_files(self) -> list[str]:
        return sorted(path.name for path in self.added.glob("*"))


class BrokenLibrary(FakeLibrary):
    """Its index cannot be read."""

    def count(self, text: str = "") -> int:
        raise RagError("the index at 'here' cannot be read: <b>torn</b>")

    def is_in_line(self) -> bool:
        raise RagError("the index at 'here' cannot be read: torn")
