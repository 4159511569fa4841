"""A cache that is damaged, old, missing or forged changes no answer: it is read from the texts.

The rows A4 and A8 of the reliability bar, for terms; for vectors they are held by
`test_vector_cache` and `test_vectors_follow`.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from rag.postings import hash_file
from tests.fake_folder import (
    ask_all,
    build,
    list_caches,
    make_texts,
    name_place,
    run_child,
    write_texts,
)

FLIPS = 40
QUESTIONS = (
    f"When was the lighthouse of {name_place(21)} built?",
    "谁看守灯塔？",
    f"How high is the lighthouse of {name_place(50)}?",
)
HUGE = 2**60


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index in `index` with one cache, and in `older` the one it replaced."""
    root = tmp_path_factory.mktemp("made")
    folder = write_texts(root / "documents", make_texts(90))
    build(folder, root / "index")
    shutil.copytree(root / "index", root / "older")
    write_texts(folder, {"a/0000.txt": "The lighthouse of Bababibi was never built.\n"})
    write_texts(folder, {f"d/{n}.txt": f"A boat called Lumina {n} came in.\n" for n in range(80)})
    build(folder, root / "index")
    return root


@pytest.fixture
def index(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "index", tmp_path / "index"))


@pytest.fixture(scope="module")
def answers(made: Path) -> list[dict[str, object]]:
    return ask_all(made / "index", QUESTIONS)


def get_cache(index: Path) -> Path:
    ((name,), there) = list_caches(index)
    assert there == [name]
    return index / name


def sign(index: Path, cache: Path) -> None:
    """Have the table say that a cache is what it should be."""
    with closing(sqlite3.connect(index / "index.db")) as connection, connection:
        connection.execute("UPDATE caches SET digest = ?", (hash_file(cache),))


def test_a_flipped_bit_anywhere_is_noticed(
    index: Path, answers: list[dict[str, object]], caplog: pytest.LogCaptureFixture
) -> None:
    """A4."""
    rng = Random(4)  # noqa: S311  (seeded on purpose)
    cache = get_cache(index)
    whole = cache.read_bytes()

    for n in range(FLIPS):
        damaged = bytearray(whole)
        damaged[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        cache.unlink()
        cache.write_bytes(damaged)
        caplog.clear()
        found = ask_all(index, QUESTIONS[n % 3 : n % 3 + 1])

        assert found == answers[n % 3 : n % 3 + 1]
        assert f"the cache {cache.name!r}" in caplog.text
        assert "checksum" in caplog.text


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        pytest.param(lambda c, _: c.unlink(), "is missing", id="deleted"),
        pytest.param(lambda c, _: c.write_bytes(b""), "checksum", id="emptied"),
        pytest.param(lambda c, _: c.write_bytes(c.read_bytes()[:-100]), "checksum", id="cut short"),
        pytest.param(lambda c, older: shutil.copy(older, c), "checksum", id="older"),
        pytest.param(
            lambda c, _: (c.unlink(), c.symlink_to(c)), "Too many levels", id="a loop of links"
        ),
    ],
)
def test_a_cache_that_is_not_what_it_should_be_is_told_and_replaced(
    made: Path,
    index: Path,
    answers: list[dict[str, object]],
    caplog: pytest.LogCaptureFixture,
    damage: Callable[[Path, Path], object],
    words: str,
) -> None:
    """A4."""
    damage(get_cache(index), get_cache(made / "older"))

    assert ask_all(index, QUESTIONS) == answers
    assert words in caplog.text
    build(made / "documents", index)
    caplog.clear()
    assert ask_all(index, QUESTIONS) == answers
    assert caplog.text == ""


def test_a_folder_in_the_place_of_a_cache_is_passed_over(
    index: Path, answers: list[dict[str, object]], caplog: pytest.LogCaptureFixture
) -> None:
    """A4."""
    cache = get_cache(index)
    cache.unlink()
    cache.mkdir()

    assert ask_all(index, QUESTIONS) == answers
    assert f"the cache {cache.name!r}" in caplog.text


def test_an_older_index_with_its_newer_caches_is_answered_from_as_it_is(
    made: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A4: `index.db` was taken from a backup, and what lay beside it was left."""
    before = ask_all(made / "older", QUESTIONS)
    index = Path(shutil.copytree(made / "index", tmp_path / "index"))
    shutil.copy(made / "older" / "index.db", index / "index.db")

    found = ask_all(index, QUESTIONS)

    assert found == before
    assert "is missing" in caplog.text


def forge(header: object, size: int = 0) -> bytes:
    """A file with this header: any JSON, or bytes as they are."""
    data = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(data).to_bytes(8, "little") + data + bytes(size)


def forge_array(**changes: object) -> bytes:
    rows = {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}
    return forge({"rows": rows | changes}, size=64)


FORGED = {
    "no header": b"",
    "a header of 2^63 bytes": (2**63).to_bytes(8, "little") + bytes(100),
    "a header of 2^60 bytes": HUGE.to_bytes(8, "little") + bytes(100),
    "a header that is no JSON": forge(b"\xff" * 50),
    "a list": forge([1, 2]),
    "a number": forge(7),
    "deep nesting": forge(b"[" * 60_000),
    "a number of 60,000 digits": forge(b"1" * 60_000),
    "2^60 rows": forge_array(shape=[HUGE], data_offsets=[0, 8 * HUGE]),
    "2^60 rows in 8 bytes": forge_array(shape=[HUGE]),
    "2^61 rows, whose bytes overflow": forge_array(shape=[2**61], data_offsets=[0, 0]),
    "fewer than no rows": forge_array(shape=[-1]),
    "an end before the start": forge_array(data_offsets=[8, 0]),
    "a start before the file": forge_array(shape=[2], data_offsets=[-8, 8]),
    "half a row": forge_array(shape=[0.5]),
    "rows of text": forge_array(shape=["1"], data_offsets=["0", "8"]),
    "rows that are objects": forge_array(dtype="O"),
    "a shape that never ends": forge_array(shape=[1] * 5_000),
    "no shape": forge_array(shape=None),
    "not a number": forge(
        b'{"rows": {"dtype": "I64", "shape": [NaN], "data_offsets": [0, Infinity]}}'
    ),
}
# What a reader needs besides: three libraries that map 300 MB, most of it never used.
ASK_WITH_LITTLE = """
import json, logging, resource, shutil, sys
from pathlib import Path
from tests.fake_folder import ask_all
from tests.test_damaged_caches import FORGED, QUESTIONS, get_cache, sign
logging.basicConfig(stream=sys.stderr, format="%(message)s")
index = Path(sys.argv[1])
ask_all(index, QUESTIONS)
resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30))
cache = get_cache(index)
for name, data in FORGED.items():
    cache.unlink()
    cache.write_bytes(data)
    sign(index, cache)
    print(json.dumps([name, ask_all(index, QUESTIONS)]))
"""


def test_a_forged_cache_with_the_right_checksum_is_refused_in_little_memory(
    index: Path, answers: list[dict[str, object]]
) -> None:
    """A8, in two gigabytes."""
    done = run_child(ASK_WITH_LITTLE, index)

    assert done.returncode == 0, done.stderr
    told = dict(json.loads(line) for line in done.stdout.splitlines())
    assert list(told) == list(FORGED)
    expected = json.loads(json.dumps(answers))
    assert [name for name, found in told.items() if found != expected] == []
    assert done.stderr.count("is no whole file of postings") == len(FORGED)


def test_a_forged_cache_is_replaced_by_the_next_run(
    made: Path, index: Path, answers: list[dict[str, object]]
) -> None:
    """A8."""
    cache = get_cache(index)
    cache.unlink()
    cache.write_bytes(FORGED["2^60 rows"])
    sign(index, cache)

    build(made / "documents", index)

    assert get_cache(index).name == cache.name  # it is named by what it holds
    assert get_cache(index).read_bytes() == get_cache(made / "index").read_bytes()
    assert ask_all(index, QUESTIONS) == answers
