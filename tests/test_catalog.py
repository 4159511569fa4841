"""What an index holds is listed as it is, and only what was named is taken out of it."""

from __future__ import annotations

import json
import sqlite3
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rag.catalog import count_documents, count_languages, list_documents, remove_documents
from rag.config import Settings
from rag.errors import (
    CorpusError,
    IndexDamagedError,
    IndexLockedError,
    IndexMismatchError,
    IndexMissingError,
    RagError,
)
from rag.pipeline import open_writer as open_named_writer
from rag.types import Listed
from rag.write import IndexWriter
from tests.fake_folder import build, list_caches, make_texts, open_answerer, write_texts
from tests.fake_index import find_fake_terms, make_document, open_writer, write_index

TEA = "Green tea is old. The price of tea is low."
TEXTS = {
    "bridge.md": "---\ntitle: The long bridge\ndate: 2021-05-18\n---\nThe bridge is long.\n",
    "news.jsonl": '{"id": "1", "title": "Ferry", "source": "https://a.example/1", '
    '"text": "A ferry."}\n'
    '{"id": "2", "title": "Mill", "text": "The old mill grinds wheat."}\n',
    "z/tea.txt": TEA,
    "tea.txt": TEA,
    "大桥.txt": "临河大桥于2021年通车。\n",
}
WITHOUT_DOCUMENTS = (
    "SELECT (SELECT count(*) FROM contents), (SELECT count(*) FROM passages), "
    "(SELECT count(*) FROM vectors), (SELECT count(*) FROM blocks)"
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    build(write_texts(tmp_path / "documents", TEXTS), tmp_path / "index")
    return tmp_path


@pytest.fixture
def path(place: Path) -> Path:
    return place / "index" / "index.db"


def remove(path: Path, *names: str) -> int:
    return remove_documents(path, names, lambda: open_named_writer(Settings(index=path.parent)))


def list_ids(path: Path) -> list[str]:
    return [listed.id for listed in list_documents(path)]


def read_files(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT path, sha256 FROM files"))


def test_every_document_is_listed_by_id_with_what_is_known_of_it(path: Path) -> None:
    listed = list(list_documents(path))

    assert [item.id for item in listed] == [
        "bridge.md", "news.jsonl#1", "news.jsonl#2", "tea.txt", "z/tea.txt", "大桥.txt",
    ]  # fmt: skip
    assert listed[0] == Listed(
        "bridge.md", "bridge.md", "The long bridge", "bridge.md", "en", date(2021, 5, 18), 1, ""
    )
    assert (listed[1].file, listed[1].title, listed[1].source) == (
        "news.jsonl", "Ferry", "https://a.example/1",
    )  # fmt: skip
    assert [(item.copy_of, item.title) for item in listed[3:5]] == [("", "tea"), ("tea.txt", "tea")]
    assert [item.passages for item in listed] == [1] * 6
    assert listed[5].language == "zh"


def test_an_index_without_documents_lists_none(tmp_path: Path) -> None:
    assert list(list_documents(write_index(tmp_path / "index.db", {}))) == []


def test_a_long_list_is_not_held_in_memory(tmp_path: Path) -> None:
    document, entries = make_document("0.txt", TEA)
    with open_writer(tmp_path / "index.db") as writer, writer.batch():
        for n in range(4_000):
            name = f"{n}.txt"
            titled = replace(document, id=name, title=f"{n} {'long' * 100}")
            writer.put_document(name, titled, entries if not n else None)
            writer.finish_file(name, "")

    tracemalloc.start()
    count = sum(1 for _ in list_documents(tmp_path / "index.db"))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 4_000
    assert most < 500_000  # the titles alone are 1.6 million bytes


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        (lambda path: path.unlink(), IndexMissingError),
        (lambda path: path.write_bytes(b"no database" * 999), IndexDamagedError),
        (lambda path: _change(path, "PRAGMA user_version = 99"), IndexMismatchError),
        (lambda path: _change(path, "DROP TABLE contents"), IndexDamagedError),
        (
            lambda path: _change(path, "UPDATE documents SET published = 'May'"),
            IndexDamagedError,
        ),
    ],
    ids=["missing", "garbage", "newer", "no table", "no date"],
)
def test_what_cannot_be_read_is_told(
    path: Path, damage: Callable[[Path], object], error: type[RagError]
) -> None:
    damage(path)

    with pytest.raises(error, match=r"index\.db'"):
        list(list_documents(path))


def _change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(statement)


def test_a_file_goes_with_all_its_documents(path: Path) -> None:
    assert remove(path, "news.jsonl") == 2

    assert list_ids(path) == ["bridge.md", "tea.txt", "z/tea.txt", "大桥.txt"]
    assert "news.jsonl" not in read_files(path)


def test_a_record_goes_alone_and_its_file_is_read_again_by_the_next_run(
    place: Path, path: Path
) -> None:
    whole = read_files(path)

    assert remove(path, "news.jsonl#1") == 1

    assert "news.jsonl#1" not in list_ids(path)
    assert read_files(path) == whole | {"news.jsonl": ""}
    assert build(place / "documents", place / "index").encoded == 1
    assert "news.jsonl#1" in list_ids(path)
    assert read_files(path) == whole


def test_names_may_overlap_and_repeat(path: Path) -> None:
    assert remove(path, "news.jsonl#1", "news.jsonl", "大桥.txt", "大桥.txt") == 3

    assert list_ids(path) == ["bridge.md", "tea.txt", "z/tea.txt"]


def test_one_unknown_name_keeps_all(path: Path) -> None:
    before = list(list_documents(path))

    with pytest.raises(CorpusError, match=r"holds no document 'coffee\.txt'\. List what it holds"):
        remove(path, "tea.txt", "coffee.txt")

    assert list(list_documents(path)) == before


@pytest.mark.parametrize("name", ["", "tea", "TEA.TXT", "./tea.txt", "%", "*", "z/", "tea.txt#0"])
def test_a_name_is_taken_as_it_is(path: Path, name: str) -> None:
    with pytest.raises(CorpusError, match="holds no document"):
        remove(path, name)


def test_of_two_copies_the_other_keeps_the_text(path: Path) -> None:
    assert remove(path, "tea.txt") == 1

    (kept,) = [item for item in list_documents(path) if item.id == "z/tea.txt"]
    assert (kept.passages, kept.copy_of) == (1, "")


def test_what_is_removed_is_gone_from_every_table_and_cache(tmp_path: Path) -> None:
    texts = make_texts(100)
    build(write_texts(tmp_path / "documents", texts), tmp_path / "index")
    path = tmp_path / "index" / "index.db"
    before = list_caches(tmp_path / "index")[0]

    assert remove(path, *texts) == 100

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(WITHOUT_DOCUMENTS).fetchone() == (0, 0, 0, 0)
    assert len(before) > 0
    assert list_caches(tmp_path / "index") == ([], [])
    assert read_files(path) == {}


def test_what_is_removed_is_not_cited_by_a_reader_that_was_open(place: Path, path: Path) -> None:
    answerer = open_answerer(place / "index")
    with closing(answerer.index):
        before = json.dumps(answerer("When did the Linhe bridge open?").to_dict())
        remove(path, "大桥.txt")
        after = json.dumps(answerer("When did the Linhe bridge open?").to_dict())

    assert json.dumps("大桥.txt") in before
    assert json.dumps("大桥.txt") not in after


def test_a_removed_document_comes_back_with_the_next_run_unless_it_is_ignored(
    place: Path, path: Path
) -> None:
    remove(path, "tea.txt", "z/tea.txt")
    (place / "documents" / ".crossquoteignore").write_text("z/*\n")

    build(place / "documents", place / "index")

    assert "tea.txt" in list_ids(path)
    assert "z/tea.txt" not in list_ids(path)


def test_nothing_is_removed_from_an_index_that_another_writes_to(path: Path) -> None:
    before = list_ids(path)

    with open_named_writer(Settings(index=path.parent)), pytest.raises(IndexLockedError):
        remove(path, "tea.txt")

    assert list_ids(path) == before


def test_an_index_of_other_words_is_refused(place: Path, path: Path) -> None:
    own = place / "own.tsv"
    own.write_text("临河\tLinhe\n", encoding="utf-8")
    settings = Settings(index=path.parent, glossary=own)

    with pytest.raises(IndexMismatchError, match="was built with terms"):
        remove_documents(path, ["tea.txt"], lambda: open_named_writer(settings))

    assert "tea.txt" in list_ids(path)


def test_nothing_is_made_where_there_is_no_index(tmp_path: Path) -> None:
    path = tmp_path / "none" / "index.db"

    with pytest.raises(IndexMissingError, match="Make one: crossquote index FOLDER"):
        remove_documents(path, ["tea.txt"], lambda: IndexWriter(path, {}, find_fake_terms))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("tea", ["tea.txt", "z/tea.txt"], id="of titles and ids"),
        pytest.param("TEA", ["tea.txt", "z/tea.txt"], id="in any case"),
        pytest.param("大桥", ["大桥.txt"], id="Chinese"),
        pytest.param("%", [], id="a sign of SQL"),
        pytest.param("_", [], id="another"),
        pytest.param("!", [], id="the one that tells them apart"),
        pytest.param("' OR 1=1 --", [], id="more SQL"),
    ],
)
def test_documents_are_found_by_what_their_title_or_id_holds(
    path: Path, text: str, found: list[str]
) -> None:
    assert [item.id for item in list_documents(path, text=text)] == found
    assert count_documents(path, text) == len(found)


def test_documents_are_counted_by_their_language(path: Path) -> None:
    languages = [item.language for item in list_documents(path)]

    assert count_languages(path) == {"en": languages.count("en"), "zh": languages.count("zh")}
    assert min(count_languages(path).values()) > 0


def test_a_list_comes_in_parts(path: Path) -> None:
    whole = [item.id for item in list_documents(path)]

    parts = [[item.id for item in list_documents(path, skip=n, most=2)] for n in (0, 2, 4)]

    assert parts == [whole[:2], whole[2:4], whole[4:]]
    assert count_documents(path) == len(whole)
