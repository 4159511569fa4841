"""Every cache that is not what it should be is found, and never blamed for a text."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.postings import build_segment, hash_file, read_segment, write_segment
from tests.fake_damage import (
    change,
    check,
    copy_index,
    flip_file,
    make_indexes,
    query,
    seed_rng,
    synchronize,
    write_folder,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_indexes(tmp_path_factory.mktemp("made"))


@pytest.fixture
def cached(made: Path, tmp_path: Path) -> Path:
    return copy_index(made, "cached", tmp_path)


def get_cache(database: Path, language: str = "en") -> Path:
    ((name,),) = query(database, "SELECT name FROM caches WHERE language = ?", language)
    return database.parent / str(name)


@pytest.mark.parametrize("seed", range(40))
def test_a_bit_flipped_in_a_cache_is_found(seed: int, cached: Path) -> None:
    rng, path = seed_rng(seed), get_cache(cached, "en")

    flip_file(path, rng.randrange(path.stat().st_size), rng.randrange(8))

    assert check(cached).problems == (f"cache {path.name!r}: its checksum is wrong",)


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        pytest.param(lambda path: path.unlink(), "it is missing", id="deleted"),
        pytest.param(
            lambda path: path.write_bytes(path.read_bytes()[:-9]), "its checksum is wrong", id="cut"
        ),
        pytest.param(lambda path: path.write_bytes(b""), "its checksum is wrong", id="empty"),
        pytest.param(
            lambda path: (path.unlink(), path.mkdir()), "Is a directory", id="a folder instead"
        ),
    ],
)
def test_a_cache_that_is_not_whole_is_found(
    damage: Callable[[Path], object], problem: str, cached: Path
) -> None:
    path = get_cache(cached)
    damage(path)

    (found,) = check(cached).problems
    assert found.startswith(f"cache {path.name!r}: ")
    assert problem in found


def test_an_older_cache_in_the_place_of_a_newer_is_found(cached: Path) -> None:
    folder, older = write_folder(cached.parent / "documents"), get_cache(cached).read_bytes()
    (folder / "new.txt").write_text("A new ferry crosses the river every ten minutes.\n")
    synchronize(folder, cached, cached=True)
    ((newer,),) = query(cached, "SELECT name FROM caches WHERE count = 1 AND language = 'en'")

    (cached.parent / newer).write_bytes(older)

    assert check(cached).problems == (f"cache {newer!r}: its checksum is wrong",)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("SET count = 3", "it does not hold the rows that it should"),
        ('SET "first" = 0', "it does not hold the rows that it should"),
        ("SET language = 'fr'", "it does not hold the rows that it should"),
        ("SET language = 'zh'", "it holds rows that belong to another"),
        ("SET kind = 'uerms'", "it is not of the kind 'uerms'"),
        ("SET digest = '0'", "its checksum is wrong"),
    ],
)
def test_a_cache_that_is_listed_wrongly_is_found(
    statement: str, problem: str, cached: Path
) -> None:
    path = get_cache(cached)

    change(cached, f"UPDATE caches {statement} WHERE language = 'en'")

    assert f"cache {path.name!r}: {problem}" in check(cached).problems


def test_a_cache_of_other_terms_under_a_right_checksum_is_found(cached: Path) -> None:
    """As one would be that another version of the program wrote."""
    path = get_cache(cached)
    rows = read_segment(path).rows.tolist()
    path.unlink()
    write_segment(build_segment(rows, [{"lexical": ["a"], "gloss": ["b"]}] * len(rows)), path)
    change(cached, "UPDATE caches SET digest = ? WHERE name = ?", hash_file(path), path.name)

    assert check(cached).problems == (f"cache {path.name!r}: its terms are not those of the texts",)


def test_a_passage_in_two_caches_is_found(cached: Path) -> None:
    path = get_cache(cached)
    copy = path.with_name(f"{path.name}-too")
    shutil.copy(path, copy)
    columns = 'kind, language, "first", "last", count, digest'
    change(cached, f"INSERT INTO caches SELECT ?, {columns} FROM caches WHERE name = ?",  # noqa: S608
           copy.name, path.name)  # fmt: skip

    assert check(cached).problems == (f"cache {copy.name!r}: it holds rows that belong to another",)


def test_a_cache_of_a_kind_to_come_is_only_hashed(cached: Path) -> None:
    path = cached.parent / "vectors-1-9"
    path.write_bytes(b"any")
    change(cached, "INSERT INTO caches VALUES (?, 'vectors', '', 1, 9, 9, ?)", path.name,
           hash_file(path))  # fmt: skip

    assert check(cached).problems == ()

    path.write_bytes(b"many")

    assert check(cached).problems == ("cache 'vectors-1-9': its checksum is wrong",)


def test_a_damaged_text_does_not_blame_its_cache(cached: Path) -> None:
    change(cached, "UPDATE blocks SET text = X'00' WHERE start = 0 AND content = 2")

    assert check(cached).problems == ("document 'bridge.txt': its text cannot be read",)
