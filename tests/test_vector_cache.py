"""A large index opens with the codes of its vectors from a file, and without one alike."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random

import numpy as np
import pytest

from rag.caches import list_caches, list_rows, remove_strays
from rag.passages import read_vectors
from rag.vector_cache import open_vectors, write_vectors
from tests.fake_damage import flip_file
from tests.fake_folder import run_child
from tests.fake_index import ENCODER, open_writer, put_file, write_index

EXACT = 16  # few, so that forty passages are many


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    texts = {f"{n:02}.txt": f"Ship {n} of harbor {n * 7} left on day {n * 3}." for n in range(40)}
    path = write_index(tmp_path / "index.db", texts)
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        yield opened


def write(connection: sqlite3.Connection, folder: Path) -> list[str]:
    write_vectors(connection, folder, partial(read_vectors, connection), exact_rows=EXACT)
    return [named.name for named in list_caches(connection, "en", kind="vectors")]


def search(connection: sqlite3.Connection, folder: Path, text: str) -> dict[int, float]:
    vectors = open_vectors(connection, folder, "en", exact_rows=EXACT)
    vectors.follow(list_rows(connection, "en"), partial(read_vectors, connection))
    return vectors.search(ENCODER.encode_queries([text])[0], 5)


def test_what_is_found_is_the_same_with_and_without_the_file(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    without = search(connection, tmp_path, "ship of harbor 77")

    (name,) = write(connection, tmp_path)

    opened = open_vectors(connection, tmp_path, "en", exact_rows=EXACT)
    assert (tmp_path / name).exists()
    assert len(opened) == 40
    assert search(connection, tmp_path, "ship of harbor 77") == without


@pytest.mark.parametrize("damage", ["flip", "cut", "lose"])
def test_a_file_that_is_damaged_or_lost_is_not_used_and_written_anew(
    connection: sqlite3.Connection, tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A4: and the answers do not change."""
    (name,) = write(connection, tmp_path)
    before, path = search(connection, tmp_path, "ship of day 9"), tmp_path / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data if damage == "flip" else data[:-99])
    if damage == "lose":
        path.unlink()

    with caplog.at_level(logging.WARNING):
        after = search(connection, tmp_path, "ship of day 9")
    again = write(connection, tmp_path)

    assert after == before
    assert name in caplog.text
    assert again == [name]
    assert len(open_vectors(connection, tmp_path, "en", exact_rows=EXACT)) == 40


def test_a_bit_flipped_anywhere_in_a_file_is_noticed(
    connection: sqlite3.Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A4."""
    (name,) = write(connection, tmp_path)
    before, whole = search(connection, tmp_path, "ship of day 9"), (tmp_path / name).read_bytes()
    rng = Random(4)  # noqa: S311  (seeded on purpose)

    for _ in range(40):
        (tmp_path / name).write_bytes(whole)
        flip_file(tmp_path / name, rng.randrange(len(whole)), rng.randrange(8))
        caplog.clear()

        assert search(connection, tmp_path, "ship of day 9") == before
        assert f"the cache {name!r} has a wrong checksum" in caplog.text


def test_an_older_file_in_the_place_of_a_newer_is_not_used(
    connection: sqlite3.Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A4."""
    (older,) = write(connection, tmp_path)
    with open_writer(tmp_path / "index.db") as writer:
        for n in range(9):
            put_file(writer, f"{n:02}.txt", f"Boat {n} is new here.")
        old = (tmp_path / older).read_bytes()
    (newer,) = write(connection, tmp_path)
    before = search(connection, tmp_path, "Boat 3 is new here.")

    (tmp_path / newer).write_bytes(old)

    assert search(connection, tmp_path, "Boat 3 is new here.") == before
    assert f"the cache {newer!r} has a wrong checksum" in caplog.text


FILL_DISK = """
import resource, signal, sqlite3, sys
from functools import partial
from pathlib import Path
from rag.errors import CorpusError
from rag.passages import read_vectors
from rag.vector_cache import write_vectors
from tests.test_vector_cache import EXACT
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
connection = sqlite3.connect(path, isolation_level=None)
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
told = []
for limit in range(0, int(sys.argv[2]), 300):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        write_vectors(connection, path.parent, partial(read_vectors, connection), exact_rows=EXACT)
        told.append("written")
    except OSError as exc:
        told.append(exc.strerror)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
print(*told, sep="\\n")
"""


def test_a_disk_that_is_full_at_any_byte_of_a_file_is_told_as_such_and_nothing_stays(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    """A2: the error was no `OSError`, so a full disk ended in a traceback, and drafts piled up."""
    before = search(connection, tmp_path, "ship of day 9")
    size = (tmp_path / write(connection, tmp_path)[0]).stat().st_size
    connection.execute("DELETE FROM caches")
    remove_strays(connection, tmp_path)
    own = sorted(path.name for path in tmp_path.iterdir())

    done = run_child(FILL_DISK, tmp_path / "index.db", size)
    after = search(connection, tmp_path, "ship of day 9")
    remove_strays(connection, tmp_path)

    assert done.returncode == 0, done.stderr
    assert set(done.stdout.splitlines()) == {"File too large"}
    assert after == before
    assert sorted(path.name for path in tmp_path.iterdir()) == own


def test_a_file_is_kept_through_few_changes_and_replaced_after_many(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    (first,) = write(connection, tmp_path)
    with open_writer(tmp_path / "index.db") as writer:
        put_file(writer, "00.txt", "A ship that nobody has seen before.")
        few = write(connection, tmp_path)
        for n in range(1, 9):
            put_file(writer, f"{n:02}.txt", f"Boat {n} is new here.")
    (many,) = write(connection, tmp_path)
    remove_strays(connection, tmp_path)

    rows = list_rows(connection, "en")
    vectors = open_vectors(connection, tmp_path, "en", exact_rows=EXACT)
    assert few == [first]
    assert many != first
    assert vectors.count_differences(rows) == 0
    assert not (tmp_path / first).exists()
    assert next(iter(search(connection, tmp_path, "Boat 3 is new here."))) in rows[-8:]


def test_where_exact_search_will_do_there_is_no_file(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    write_vectors(connection, tmp_path, partial(read_vectors, connection))

    assert list_caches(connection, "en", kind="vectors") == []
    assert len(open_vectors(connection, tmp_path, "en")) == 0
    assert np.all(list_rows(connection, "en") > 0)
