"""Folders of invented documents, the index of one, and other processes at work on it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from embeddings.encoder import Encoder, Vectors
from rag.config import Settings
from rag.passages import read_documents, read_passages
from rag.pipeline import Answerer, build_index
from rag.synchronize import BuildReport
from rag.texts import TextReader
from rag.types import Answer
from tests.fake_encoder import HashingEncoder

Child = subprocess.Popen[str]
ROOT = Path(__file__).parents[1]
ENCODER = HashingEncoder()
_SYLLABLES = ("ba", "do", "ki", "lu", "me", "no", "ra", "su", "ti", "vo")
_CHARACTERS = "东南西北山水云石金木"


class CountingEncoder(HashingEncoder):
    """Keeps what it was given to encode."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return super().encode_passages(texts)


def make_texts(count: int) -> dict[str, str]:
    """Return name -> text of `count` documents, one in four of them Chinese, in three folders."""
    return {f"{'abc'[n % 3]}/{n:04}.txt": _tell_of(n) for n in range(count)}


def name_place(n: int) -> str:
    """The name of the place that document `n` tells of, which no other holds."""
    digits = [int(digit) for digit in f"{n:04}"]
    if n % 4 == 3:
        return "".join(_CHARACTERS[digit] for digit in digits)
    return "".join(_SYLLABLES[digit] for digit in digits).capitalize()


def write_texts(folder: Path, texts: Mapping[str, str]) -> Path:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def build(folder: Path, index: Path, **options: Any) -> BuildReport:
    """As `crossquote index` does, with an encoder that needs no model."""
    return build_index(folder, settings=Settings(index=index), **{"encoder": ENCODER, **options})


def open_answerer(index: Path, *, encoder: Encoder | None = ENCODER) -> Answerer:
    """A reader; without an encoder, with the bundled one."""
    return Answerer(Settings(index=index), encoder=encoder)


def ask_all(
    index: Path, questions: Sequence[str], *, encoder: Encoder | None = ENCODER
) -> list[dict[str, Any]]:
    """The answers of a reader that has just opened the index, as JSON, without the time taken."""
    answerer = open_answerer(index, encoder=encoder)
    with closing(answerer.index):
        return [describe_answer(answerer(question)) for question in questions]


def describe_answer(answer: Answer, *, generation: bool = False) -> dict[str, Any]:
    """An answer as JSON without the time taken, and without its generation if not wanted."""
    left_out = {"seconds"} if generation else {"seconds", "generation"}
    return {key: value for key, value in answer.to_dict().items() if key not in left_out}


def read_content(database: Path) -> dict[str, Any]:
    """All that an index holds, by names: nothing of rows, numbers and the order of writing."""
    with closing(sqlite3.connect(database)) as connection:
        texts = TextReader(connection)
        rows = [row for (row,) in connection.execute('SELECT "row" FROM passages')]
        stored = {item.passage.id: item for item in read_passages(connection, texts, rows)}
        places = connection.execute("SELECT id, file FROM documents ORDER BY id").fetchall()
        return {
            "files": connection.execute("SELECT path, sha256 FROM files ORDER BY path").fetchall(),
            "places": places,
            "documents": read_documents(connection, texts, [id_ for id_, _ in places]),
            "contents": connection.execute(
                "SELECT key, language, title FROM contents ORDER BY key"
            ).fetchall(),
            "passages": {
                id_: (item.passage, item.language, item.sentences) for id_, item in stored.items()
            },
            "vectors": {
                id_: (item.vector.tobytes(), item.sentence_vectors.tobytes())
                for id_, item in stored.items()
            },
        }


def quote_all(
    index: Path, questions: Sequence[str], *, encoder: Encoder | None = ENCODER
) -> list[dict[str, Any]]:
    """As `ask_all`, without the hits.

    Of passages that a leg finds equally good, those that were written first come within its
    depth; so the last hits depend on what was in the index before.
    """
    return [
        {key: value for key, value in answer.items() if key != "hits"}
        for answer in ask_all(index, questions, encoder=encoder)
    ]


def list_caches(index: Path) -> tuple[list[str], list[str]]:
    """Return the cache files that the table names, and those that are there, sorted."""
    with closing(sqlite3.connect(index / "index.db")) as connection:
        named = [name for (name,) in connection.execute("SELECT name FROM caches ORDER BY name")]
    files = [*index.glob("terms-*"), *index.glob("vectors-*")]
    return named, sorted(path.name for path in files)


def run_child(
    program: str, *arguments: object, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a program text in a process of its own, and wait for it."""
    return subprocess.run(  # noqa: S603  (our own interpreter and text)
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        env=get_environment(**environment),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@contextmanager
def start_child(program: str, *arguments: object, **environment: str) -> Iterator[Child]:
    """A program text in a process of its own, once it has printed a line: "ready"; killed after."""
    with subprocess.Popen(  # noqa: S603  (our own interpreter and text)
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        env=get_environment(**environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            yield child
        finally:
            child.kill()


@cache
def _get_environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1"}


def get_environment(**changes: str) -> dict[str, str]:
    """The environment of a child: one thread of the processor, unless `changes` say otherwise."""
    return {**_get_environment(), **changes}


def _tell_of(n: int) -> str:
    place, year, height = name_place(n), 1000 + n % 1000, 20 + n // 7
    if n % 4 == 3:
        return f"{place}灯塔建于{year}年。灯塔高{height}米，由{place}的渔民看守。\n"
    return (
        f"The lighthouse of {place} was built in {year}. It is {height} meters high, "
        f"and the fishermen of {place} keep its lamp.\n"
    )
