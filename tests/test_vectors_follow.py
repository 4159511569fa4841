"""An index that follows its rows is as if built anew, loads only what is new, and can be kept."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from embeddings.encoder import Vectors
from rag.vectors import Rows, VectorIndex
from tests.test_vectors import CODED, unit_rows


class Source:
    """Vectors by row, that notes which rows are asked for."""

    def __init__(self, vectors: Vectors) -> None:
        self.vectors = vectors
        self.asked: list[list[int]] = []

    def __call__(self, rows: Rows) -> Vectors:
        self.asked.append(rows.tolist())
        return self.vectors[rows]


def rank(vectors: Vectors, rows: Rows, query: Vectors, k: int) -> list[int]:
    """The `k` closest of `rows`, closest first, by brute force."""
    found: list[int] = rows[np.argsort(-(vectors[rows] @ query), kind="stable")[:k]].tolist()
    return found


def change_rows(rows: Rows, rng: np.random.Generator) -> Rows:
    """Some of `rows` gone, from all over and from the end, and some of 0 to 1,999 come."""
    kept = rng.permutation(rows)[: int(len(rows) * rng.uniform(0.6, 1))]
    kept = np.sort(kept)[: len(kept) - int(rng.integers(0, 40))]
    changed: Rows = np.union1d(kept, rng.integers(0, 2000, 300)).astype(np.int64)
    return changed


@pytest.mark.parametrize("seed", range(10))
def test_an_exact_index_is_what_it_would_be_without_its_history(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = unit_rows(2000).astype(np.float16).astype(np.float32)  # as they are kept
    index, rows = VectorIndex(), np.zeros(0, dtype=np.int64)
    for _ in range(8):
        rows = change_rows(rows, rng)
        index.follow(rows, vectors.__getitem__)
        index.search(vectors[0], 1)
    new = VectorIndex()
    new.follow(rows, vectors.__getitem__)

    for query in unit_rows(5, seed=seed + 100):
        assert index.search(query, 20) == new.search(query, 20)
        assert list(new.search(query, 20)) == rank(vectors, rows, query, 20)


@pytest.mark.parametrize("seed", range(10))
def test_each_row_keeps_its_own_code_whatever_comes_and_goes(seed: int) -> None:
    """FAISS 1.15 mixes the codes that it adds with those that stood there before."""
    rng = np.random.default_rng(seed)
    vectors = unit_rows(2000, dim=32)
    index, rows = VectorIndex(exact_rows=CODED), np.zeros(0, dtype=np.int64)
    for _ in range(8):
        rows = change_rows(rows, rng)
        index.follow(rows, vectors.__getitem__)

    found = [next(iter(index.search(vectors[row], 1))) for row in rows]

    assert not index.exact
    assert len(index) == len(rows) > 500  # a search compares 104
    assert found == rows.tolist()


def test_a_row_far_behind_can_take_the_place_of_one_that_goes() -> None:
    """FAISS's own packing refuses places beyond a number that has nothing to do with the rows."""
    vectors = unit_rows(3000, dim=8)
    index = VectorIndex(exact_rows=CODED)
    index.follow(np.arange(3000), vectors.__getitem__)

    index.follow(np.arange(50, 3000), vectors.__getitem__)

    late = range(2900, 3000)
    assert [next(iter(index.search(vectors[row], 1))) for row in late] == list(late)


@pytest.mark.parametrize("exact_rows", [1000, CODED])
def test_only_what_is_new_is_loaded(exact_rows: int) -> None:
    source = Source(unit_rows(400))
    index = VectorIndex(exact_rows=exact_rows)
    index.follow(np.arange(300), source)
    source.asked.clear()

    index.follow(np.arange(300), source)
    index.follow(np.array([*range(5, 300), 350, 399]), source)

    assert source.asked == [[350, 399]]
    assert len(index) == 297


def test_vectors_are_loaded_in_parts() -> None:
    source = Source(unit_rows(20_000, dim=2))

    VectorIndex().follow(np.arange(20_000), source)

    assert [len(rows) for rows in source.asked] == [8192, 8192, 3616]


def test_a_load_that_fails_loses_nothing() -> None:
    vectors = unit_rows(20_000, dim=2)
    source = Source(vectors)

    def fail_later(rows: Rows) -> Vectors:
        if rows[-1] > 10_000:
            raise OSError("the disk is gone")
        return vectors[rows]

    index = VectorIndex()
    with pytest.raises(OSError, match="the disk is gone"):
        index.follow(np.arange(20_000), fail_later)
    index.follow(np.arange(20_000), source)

    assert source.asked[0][0] == 8192
    assert len(index) == 20_000
    assert index.compare(vectors[3], [3, 19_999])[3] == pytest.approx(1.0, abs=1e-3)


def test_the_kind_follows_the_size_and_does_not_waver() -> None:
    vectors = unit_rows(101)
    index, kinds = VectorIndex(exact_rows=100), []

    for size in (0, 100, 101, 100, 51, 50, 100, 101, 0, 100):
        index.follow(np.arange(size), vectors.__getitem__)
        kinds.append((len(index), "exact" if index.exact else "codes"))

    assert kinds == [
        (0, "exact"), (100, "exact"), (101, "codes"), (100, "codes"), (51, "codes"),
        (50, "exact"), (100, "exact"), (101, "codes"), (0, "exact"), (100, "exact"),
    ]  # fmt: skip


def test_an_index_that_was_emptied_takes_vectors_of_another_dimension() -> None:
    index = VectorIndex()
    index.follow(np.arange(3), unit_rows(3).__getitem__)
    index.follow(np.zeros(0, dtype=np.int64), unit_rows(3).__getitem__)
    wide = unit_rows(5, 24)

    index.follow(np.arange(3, 5), wide.__getitem__)

    assert list(index.search(wide[4], 1)) == [4]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An index of the first 300 of `unit_rows(400)`, by codes."""
    index = VectorIndex(exact_rows=CODED)
    index.follow(np.arange(300), unit_rows(400).__getitem__)
    path = tmp_path_factory.mktemp("index") / "codes"
    index.write(path)
    assert [other.name for other in path.parent.iterdir()] == ["codes"]
    return path.read_bytes()


@pytest.fixture
def written(file: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "codes"
    path.write_bytes(file)
    return path


def test_what_was_written_is_read_without_a_vector_being_loaded(written: Path) -> None:
    source = Source(unit_rows(400))
    query = unit_rows(1, seed=8)[0]
    index = VectorIndex.read(written, exact_rows=CODED)

    index.follow(np.arange(300), source)

    assert source.asked == []
    assert list(index.search(query, 5)) == rank(source.vectors, np.arange(300), query, 5)
    assert len(source.asked[0]) == 4 * 5 + 100


def test_an_older_file_is_brought_up_to_date(written: Path) -> None:
    source = Source(unit_rows(400))
    rows = np.array([*range(7, 290), 333, 399])
    index = VectorIndex.read(written, exact_rows=CODED)

    index.follow(rows, source)

    assert source.asked == [[333, 399]]
    assert [next(iter(index.search(source.vectors[row], 1))) for row in rows] == rows.tolist()


def test_codes_behind_the_last_row_of_a_file_do_no_harm(tmp_path: Path) -> None:
    vectors, path = unit_rows(1500, dim=32), tmp_path / "codes"
    longer = VectorIndex(exact_rows=CODED)
    longer.follow(np.arange(1340), lambda rows: vectors[rows % 1315])
    longer.write(path)
    save_file({**load_file(path), "rows": np.arange(1315)}, path)
    index = VectorIndex.read(path, exact_rows=CODED)

    index.follow(np.arange(1500), vectors.__getitem__)

    late = range(1300, 1500)
    assert [next(iter(index.search(vectors[row], 1))) for row in late] == list(late)


def test_a_file_of_rows_that_are_few_by_now_is_not_needed(written: Path) -> None:
    source = Source(unit_rows(400))
    index = VectorIndex.read(written, exact_rows=1000)

    index.follow(np.arange(300), source)

    assert index.exact
    assert source.asked == [list(range(300))]


def test_an_index_that_was_read_must_follow_before_it_is_searched(written: Path) -> None:
    with pytest.raises(RuntimeError, match="has not followed yet"):
        VectorIndex.read(written).search(unit_rows(1)[0], 5)


@pytest.mark.parametrize("count", [0, 3])
def test_an_exact_index_is_not_written(count: int, tmp_path: Path) -> None:
    index = VectorIndex()
    index.follow(np.arange(count), unit_rows(3).__getitem__)

    with pytest.raises(ValueError, match="made from the vectors"):
        index.write(tmp_path / "codes")


def test_a_file_that_is_cut_anywhere_is_refused(written: Path) -> None:
    whole = written.read_bytes()

    for length in [*range(0, 400, 7), *range(400, len(whole), 499), len(whole) - 1]:
        written.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="no usable file of codes"):
            VectorIndex.read(written)


@pytest.mark.parametrize("seed", range(100))
def test_a_flipped_byte_is_refused_or_harmless(seed: int, written: Path) -> None:
    """Whatever comes out can follow and be searched; that it is right, only a checksum can tell."""
    rng = np.random.default_rng(seed)
    damaged = bytearray(written.read_bytes())
    damaged[int(rng.integers(0, 400 if seed % 2 else len(damaged)))] ^= int(rng.integers(1, 256))
    written.write_bytes(damaged)

    try:
        index = VectorIndex.read(written, exact_rows=CODED)
    except ValueError:
        return
    index.follow(np.arange(300), unit_rows(400).__getitem__)

    assert len(index.search(unit_rows(1)[0], 5)) == 5


@pytest.mark.parametrize(
    ("name", "array"),
    [
        pytest.param("rows", np.arange(200), id="fewer rows"),
        pytest.param("rows", np.arange(400), id="more rows"),
        pytest.param("rows", np.zeros(300, dtype=np.int64), id="a row twice"),
        pytest.param("rows", np.arange(300, dtype=np.int32), id="rows of another type"),
        pytest.param("codes", np.zeros((10, 8), dtype=np.uint8), id="narrow codes"),
        pytest.param("codes", np.zeros(2560, dtype=np.uint8), id="flat codes"),
        pytest.param("centroids", np.zeros((8, 16, 0), dtype=np.float32), id="no centroids"),
        pytest.param("centroids", np.zeros((4, 16, 4), dtype=np.float32), id="few centroids"),
        pytest.param("centroids", np.full((8, 16, 2), np.nan, dtype=np.float32), id="NaN"),
        pytest.param("made_with", np.frombuffer(b"FAISS 1.2.3", np.uint8), id="another FAISS"),
        pytest.param("more", np.zeros(1), id="something else"),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(
    name: str, array: np.ndarray[tuple[int, ...], np.dtype[np.generic]], written: Path
) -> None:
    save_file({**load_file(written), name: array}, written)

    with pytest.raises(ValueError, match="no usable file of codes"):
        VectorIndex.read(written)


@pytest.mark.parametrize("shape", [[2**60], [2**61, 8], [-1], [], "many", None])
def test_a_header_that_promises_too_much_is_refused(shape: object, written: Path) -> None:
    header = json.dumps(
        {"rows": {"dtype": "I64", "shape": shape, "data_offsets": [0, 2**63]}}
    ).encode()
    written.write_bytes(len(header).to_bytes(8, "little") + header + bytes(64))

    with pytest.raises(ValueError, match="no usable file of codes"):
        VectorIndex.read(written)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        VectorIndex.read(tmp_path / "codes")
