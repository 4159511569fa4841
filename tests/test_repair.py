"""What is damaged is mended from the documents; what cannot be trusted is not shown till then."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from rag.errors import IndexLockedError
from rag.lock import WriterLock
from rag.synchronize import BuildReport
from tests.fake_damage import (
    COLUMNS,
    META,
    TEA,
    change,
    check,
    copy_index,
    flip_column,
    flip_file,
    list_owners,
    make_indexes,
    query,
    read_content,
    repair,
    seed_rng,
    synchronize,
)
from tests.fake_index import open_index

REBUILD = ("This cannot be mended. Build it anew: crossquote index FOLDER --rebuild",)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_indexes(tmp_path_factory.mktemp("made"))


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "documents", tmp_path / "documents"))


@pytest.fixture
def database(made: Path, tmp_path: Path) -> Path:
    return copy_index(made, "cached", tmp_path)


def list_ids(database: Path) -> list[str]:
    return [id_ for id_, *_ in read_content(database)["listed"]]


def count_done(report: BuildReport) -> tuple[int, int, int]:
    return report.encoded, report.removed, report.passages


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_every_column_is_mended_from_the_documents(
    table: str, column: str, seed: int, database: Path, folder: Path
) -> None:
    before = read_content(database)
    assert flip_column(database, table, column, seed_rng(seed), rows=3)

    assert repair(database)
    between = read_content(database)
    synchronize(folder, database)

    assert between["listed"]
    assert check(database).problems == ()
    assert read_content(database) == before


@pytest.mark.parametrize("seed", range(3))
def test_many_bits_flipped_at_once_in_texts_and_vectors_are_all_named_and_mended(
    seed: int, database: Path, folder: Path
) -> None:
    """A5."""
    before, rng = read_content(database), seed_rng(seed)
    names: set[str] = set()
    flipped = 0
    for table, column in (
        ("blocks", "text"), ("passages", "sentence_vectors"), ("vectors", "vector"),
    ):  # fmt: skip
        owners = list_owners(database, table)
        hit = flip_column(database, table, column, rng, rows=20)
        names.update(*(owners[key] for key in hit))
        flipped += len(hit)

    problems = "\n".join(check(database).problems)
    repair(database)
    shown = list_ids(database)
    synchronize(folder, database)

    assert flipped >= 40
    assert [name for name in sorted(names) if repr(name) not in problems] == []
    assert set(shown) <= {id_ for id_, *_ in before["listed"]}
    assert check(database).problems == ()
    assert read_content(database) == before


def test_a_damaged_text_is_taken_out_until_its_file_is_read_again(
    database: Path, folder: Path
) -> None:
    before = read_content(database)
    change(database, "UPDATE blocks SET text = substr(text, 2) WHERE start > 0")

    advice = repair(database)

    assert advice == (
        "Taken out, since no quote could be trusted: document 'river.txt'",
        "To be read again: file 'river.txt'. Run crossquote index FOLDER",
    )
    assert list_ids(database) == [id_ for id_, *_ in before["listed"] if id_ != "river.txt"]
    assert check(database).problems == ()
    assert count_done(synchronize(folder, database)) == (1, 0, 23)
    assert read_content(database) == before


def test_a_damaged_vector_is_shown_until_its_file_is_read_again(
    database: Path, folder: Path
) -> None:
    before = read_content(database)
    change(database, "UPDATE vectors SET vector = zeroblob(64) WHERE language = 'zh'")

    advice = repair(database)

    assert advice == ("To be read again: file 'bridge.txt'. Run crossquote index FOLDER",)
    assert read_content(database)["passages"] == before["passages"]
    assert check(database).problems != ()
    assert count_done(synchronize(folder, database)) == (1, 0, 1)
    assert check(database).problems == ()
    assert read_content(database) == before


def test_a_damaged_text_of_two_files_is_encoded_once(database: Path, folder: Path) -> None:
    before = read_content(database)
    change(database, "UPDATE contents SET key = X'00' WHERE title = 'tea'")

    repair(database)

    assert "tea.txt" not in list_ids(database)
    assert count_done(synchronize(folder, database)) == (2, 0, 1)
    assert read_content(database) == before


def test_a_file_of_many_documents_encodes_only_the_damaged_one(
    database: Path, folder: Path
) -> None:
    before = read_content(database)
    change(database, "UPDATE passages SET section = 9 WHERE heading = 'Ferry'")

    repair(database)

    assert count_done(synchronize(folder, database)) == (1, 0, 1)
    assert read_content(database) == before


def test_a_damaged_title_is_replaced_although_its_digest_is_right(
    database: Path, folder: Path
) -> None:
    """The writer leaves a document alone whose digest is that of what it has to write."""
    before = read_content(database)
    change(database, "UPDATE documents SET title = 'Coffee' WHERE id = 'archive/tea.txt'")

    repair(database)

    assert list_ids(database) == [id_ for id_, *_ in before["listed"]]
    assert count_done(synchronize(folder, database)) == (1, 0, 0)
    assert read_content(database) == before


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("file = 'bridge.txt' WHERE id = 'tea.txt'", id="of another file"),
        pytest.param("file = 'gone.txt' WHERE id = 'tea.txt'", id="of a file that is not listed"),
        pytest.param("id = 'bridge.txt#1' WHERE id = 'tea.txt'", id="another's record"),
        pytest.param("id = CAST(X'74FF' AS TEXT) WHERE id = 'tea.txt'", id="no UTF-8"),
        pytest.param("published = '2021-13-01' WHERE id = 'tea.txt'", id="no date"),
        pytest.param("source = '' WHERE id = 'tea.txt'", id="no source"),
        pytest.param("content = 99 WHERE id = 'tea.txt'", id="no text"),
    ],
)
def test_a_document_that_is_not_sure_is_taken_out(
    damage: str, database: Path, folder: Path
) -> None:
    before = read_content(database)
    change(database, f"UPDATE documents SET {damage}")  # noqa: S608

    repair(database)

    assert list_ids(database) == [id_ for id_, *_ in before["listed"] if id_ != "tea.txt"]
    assert count_done(synchronize(folder, database))[1:] == (0, 0)
    assert check(database).problems == ()
    assert read_content(database) == before


def test_a_lost_file_row_costs_no_document(database: Path, folder: Path) -> None:
    before = read_content(database)
    change(database, "UPDATE files SET path = 'new.jsonl' WHERE path = 'news.jsonl'")

    repair(database)

    assert check(database).problems == ()
    assert read_content(database) == before
    assert count_done(synchronize(folder, database)) == (1, 0, 0)
    assert read_content(database) == before


def test_a_damaged_document_whose_file_is_gone_goes_with_it(database: Path, folder: Path) -> None:
    change(database, "UPDATE vectors SET vector = zeroblob(64) WHERE language = 'zh'")
    (folder / "bridge.txt").unlink()

    repair(database)

    assert "bridge.txt" in list_ids(database)
    assert count_done(synchronize(folder, database)) == (0, 1, 0)
    assert "bridge.txt" not in list_ids(database)
    assert check(database).problems == ()


def test_a_changed_checksum_of_a_file_only_has_it_read_again(database: Path, folder: Path) -> None:
    before = read_content(database)
    change(database, "UPDATE files SET sha256 = 'f' || substr(sha256, 2) WHERE path = 'tea.txt'")
    change(database, "UPDATE files SET sha256 = 'x' WHERE path = 'bridge.txt'")

    assert repair(database) == ("To be read again: file 'bridge.txt'. Run crossquote index FOLDER",)
    assert check(database).problems == ()
    assert count_done(synchronize(folder, database))[1:] == (0, 0)
    assert read_content(database) == before


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_cache_is_written_anew_at_once(seed: int, database: Path) -> None:
    before, rng = read_content(database), seed_rng(seed)
    ((name,),) = query(database, "SELECT name FROM caches WHERE language = 'en'")
    path = database.parent / str(name)
    whole = path.read_bytes()
    flip_file(path, rng.randrange(len(whole)), rng.randrange(8))

    assert repair(database) == (f"Written anew: cache {name}",)
    assert path.read_bytes() == whole
    assert check(database).problems == ()
    assert read_content(database) == before


@pytest.mark.parametrize("column", ["name", "kind", "language", '"first"', "count", "digest"])
def test_a_cache_that_is_listed_wrongly_is_written_anew(column: str, database: Path) -> None:
    before = query(database, "SELECT * FROM caches")
    assert flip_column(database, "caches", column, seed_rng(1), rows=2)

    repair(database)

    assert query(database, "SELECT * FROM caches") == before
    assert check(database).problems == ()


def test_a_reader_that_is_open_sees_the_repair(database: Path) -> None:
    change(database, "UPDATE blocks SET text = X'00' WHERE content = 2")
    with closing(open_index(database, META)) as index:
        with index.read() as view:
            assert view.count_passages("zh") == 1

        repair(database)

        with index.read() as view:
            assert view.count_passages("zh") == 0
            assert view.get_documents(["tea.txt"])["tea.txt"].text == TEA


def test_damaged_tables_are_not_touched(database: Path) -> None:
    change(database, "DROP INDEX vectors_language")
    before = database.read_bytes()

    assert repair(database) == REBUILD
    assert database.read_bytes() == before


def test_a_sound_index_is_not_touched(database: Path) -> None:
    before = database.read_bytes()

    assert repair(database) == ()
    assert database.read_bytes() == before


def test_an_index_that_is_written_to_is_not_repaired(database: Path) -> None:
    change(database, "UPDATE vectors SET vector = zeroblob(64) WHERE language = 'zh'")
    lock = WriterLock(database)
    lock.acquire()

    with pytest.raises(IndexLockedError, match="is locked by pid"):
        repair(database)

    lock.release()
