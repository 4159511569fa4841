"""A reader sees one whole generation, the newest; a file that is no index is never "no hits"."""

from __future__ import annotations

import math
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from rag.errors import IndexDamagedError, IndexMismatchError, IndexMissingError
from rag.rows import Entry
from rag.schema import FORMAT, connect_reading
from rag.store import Index
from rag.types import Language
from tests.fake_index import (
    META,
    ask,
    find_fake_terms,
    make_document,
    open_index,
    open_writer,
    put_file,
    write_index,
)

TEXTS = {
    "a.txt": "临河大桥通车。The bridge opened in 2021.",
    "b.txt": "临河大桥很长，大桥全长3.2公里，大桥有六车道。",
    "c.txt": "盐业博物馆开放。",
    "d.txt": "The bridge is long. The bridge is old.",
    "e.txt": "Entry to the salt museum is free.",
    "f.txt": "Tea is a drink.",
    "g.txt": "Coffee is a drink and so is tea, says the bridge keeper over a cup of tea.",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_index(tmp_path / "index.db", TEXTS)


@pytest.fixture
def index(path: Path) -> Iterator[Index]:
    with closing(open_index(path)) as opened:
        yield opened


def find_names(index: Index, question: str, language: Language = "en") -> list[str]:
    query = ask(question)
    with index.read() as view:
        rows = view.search_terms("lexical", language, query.lexical, 9)
        return [item.passage.document_id for item in view.get_passages(list(rows))]


def score_as_sqlite(terms: list[str], bags: list[list[str]]) -> list[float]:
    """BM25 as documented for FTS5: a term in over half of the rows weighs a millionth."""
    mean = sum(map(len, bags)) / len(bags)
    scores = []
    for bag in bags:
        score = 0.0
        for term in terms:
            holders = sum(term in other for other in bags)
            weight = max(math.log((len(bags) - holders + 0.5) / (holders + 0.5)), 1e-6)
            n = bag.count(term)
            score += weight * n * 2.2 / (n + 1.2 * (0.25 + 0.75 * len(bag) / mean))
        scores.append(score)
    return scores


@pytest.mark.parametrize("question", ["tea bridge drink", "salt museum", "bridge", "a cup of tea"])
def test_bm25_equals_brute_force(index: Index, question: str) -> None:
    query = ask(question)
    entries = [make_document(name, text)[1][0] for name, text in TEXTS.items()]
    english = [entry for entry in entries if entry.language == "en"]
    bags = [list(find_fake_terms(entry.passage)["lexical"]) for entry in english]
    scores = score_as_sqlite(list(query.lexical), bags)
    expected = {e.passage.id: score for e, score in zip(english, scores, strict=True) if score}

    with index.read() as view:
        found = view.search_terms("lexical", "en", query.lexical, 9)
        rescored = view.score_terms("lexical", "en", query.lexical, sorted(found))
        ids = {item.row: item.passage.id for item in view.get_passages(list(found))}

    assert {ids[row]: score for row, score in found.items()} == pytest.approx(expected, abs=1e-6)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert rescored == found


def test_equal_scores_come_by_row_also_at_the_cut(tmp_path: Path) -> None:
    texts = {f"{n}.txt": f"Tea is old {n}." for n in range(9)} | {"z.txt": "Coffee."}
    path = write_index(tmp_path / "index.db", texts)

    with closing(open_index(path)) as index, index.read() as view:
        assert list(view.search_terms("lexical", "en", ["tea"], 4)) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "term",
    ['"', '""', 'a"b OR tea', "*", "te*", "(", "NEAR(", "-", "^", ":", "terms:", "\\", "a\0b", ""],
)
def test_no_term_breaks_the_search(index: Index, term: str) -> None:
    with index.read() as view:
        found = view.search_terms("lexical", "en", [term, "museum"], 9)
        assert len(found) == 1
        assert len(view.score_terms("lexical", "en", [term, "museum"], list(found))) == 1
        assert view.count_holders("lexical", "en", [term, "museum"])["museum"] == 1


def test_an_operator_is_a_word(index: Index) -> None:
    with index.read() as view:
        assert view.search_terms("lexical", "en", ["tea", "and", "not"], 9).keys() == {6, 7}


def test_thousands_of_terms_and_rows_are_searched(index: Index) -> None:
    """More than SQLite's 32,766 variables and 1,000 levels of an expression."""
    terms = [f"w{n}" for n in range(40_000)] + ["museum"]
    rows = list(range(1, 40_001))

    with index.read() as view:
        assert view.search_terms("lexical", "en", terms, 5).keys() == {5}
        assert view.score_terms("lexical", "en", ["museum"], rows).keys() == {5}
        assert view.count_holders("lexical", "en", terms) == {"museum": 1}
        assert list(view.get_documents([*terms, "e.txt"])) == ["e.txt"]


def test_nothing_asked_is_nothing_found(index: Index) -> None:
    with index.read() as view:
        assert view.search_terms("lexical", "en", [], 9) == {}
        assert view.score_terms("gloss", "en", ["tea"], []) == {}
        assert view.count_holders("gloss", "zh", []) == {}
        assert view.get_passages([]) == []
        assert view.get_documents([]) == {}


def test_passages_counts_and_documents_are_those_written(index: Index) -> None:
    with index.read() as view:
        assert (view.count_passages("zh"), view.count_passages("en")) == (2, 5)
        assert view.count_holders("lexical", "zh", ["大桥", "无此"]) == {"大桥": 1}
        assert view.list_documents()[1] == ("b.txt", "B.Txt", "zh", 1)
        (stored,) = view.get_passages([4])

    entry = make_document("d.txt", TEXTS["d.txt"])[1][0]
    assert stored.passage == entry.passage
    assert stored.sentences == entry.sentences
    assert [TEXTS["d.txt"][a:b] for a, b in stored.sentences] == [
        "The bridge is long.",
        "The bridge is old.",
    ]
    norms = np.linalg.norm(stored.sentence_vectors, axis=1)
    assert norms.tolist() == pytest.approx([1.0, 1.0], abs=1e-5)
    assert np.sum(stored.sentence_vectors * entry.sentence_vectors, axis=1).min() > 0.98
    assert float(stored.vector @ entry.vector) > 0.9999


def test_passages_come_in_the_order_asked(index: Index) -> None:
    with index.read() as view:
        assert [item.row for item in view.get_passages([5, 2, 7])] == [5, 2, 7]


def test_a_publishing_date_is_read_back(path: Path) -> None:
    document, entries = make_document("a.txt", "Tea.")
    dated = replace(document, published=date(2024, 3, 28))
    with open_writer(path) as writer:
        writer.replace_file("a.txt", "", [(dated, entries)])

    with closing(open_index(path)) as index, index.read() as view:
        assert view.get_documents(["a.txt"]) == {"a.txt": dated}


def test_records_that_hold_vectors_can_be_compared(index: Index) -> None:
    """Comparing arrays within a dataclass raised "truth value is ambiguous"."""
    with index.read() as view:
        assert view.get_passages([1, 2]) == view.get_passages([1, 2])
        assert view.get_passages([1]) != view.get_passages([2])
    first, second = (make_document("a.txt", "Tea.")[1] for _ in range(2))
    assert first == second
    assert ask("tea") == ask("tea")
    assert isinstance(first[0], Entry)


def test_a_new_generation_is_seen_without_opening_anew(path: Path, index: Index) -> None:
    assert find_names(index, "museum") == ["e.txt"]

    with open_writer(path) as writer:
        put_file(writer, "e.txt", "Nothing more.")
        put_file(writer, "h.txt", "A museum of clocks.")

    assert find_names(index, "museum") == ["h.txt"]
    with index.read() as view:
        dense = view.search_vectors(ask("A museum of clocks.").vector, "en", 1)
        assert dense == pytest.approx({9: 1.0}, abs=1e-3)


def test_a_reader_keeps_its_generation_while_a_writer_commits(path: Path, index: Index) -> None:
    query = ask("museum")

    with index.read() as view:
        generation = view.generation
        with open_writer(path) as writer:
            writer.remove_files(["e.txt"])
            put_file(writer, "h.txt", "A museum of clocks.")
        rows = list(view.search_terms("lexical", "en", query.lexical, 9))
        kept = [item.passage.document_id for item in view.get_passages(rows)]
        assert view.get_documents(["e.txt"]).keys() == {"e.txt"}

    assert kept == ["e.txt"]
    with index.read() as view:
        assert view.generation == generation + 2
    assert find_names(index, "museum") == ["h.txt"]


def test_an_error_of_the_reader_passes_and_the_index_can_be_read_again(index: Index) -> None:
    with pytest.raises(LookupError, match="mine"), index.read():
        raise LookupError("mine")

    assert find_names(index, "museum") == ["e.txt"]


def test_a_read_within_a_read_is_refused(index: Index) -> None:
    with index.read(), pytest.raises(RuntimeError, match="use the view you have"):
        find_names(index, "museum")

    assert find_names(index, "museum") == ["e.txt"]


def test_threads_find_what_one_thread_finds(path: Path, index: Index) -> None:
    questions = ["bridge", "museum entry", "tea drink", "long bridge", "coffee cup"] * 20
    serial = [find_names(index, question) for question in questions]

    with ThreadPoolExecutor(8) as pool:
        parallel = pool.map(lambda question: find_names(index, question), questions)
        with open_writer(path) as writer:
            for _ in range(10):
                put_file(writer, "z.txt", "Unrelated words.")
        assert list(parallel) == serial


def test_an_index_without_files_finds_nothing(tmp_path: Path) -> None:
    path = write_index(tmp_path / "index.db", {})

    with closing(open_index(path)) as index, index.read() as view:
        assert view.count_passages("zh") == 0
        assert view.search_vectors(ask("tea").vector, "en", 5) == {}
        assert view.search_terms("gloss", "en", ["tea"], 5) == {}
        assert view.list_documents() == []


def test_a_missing_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match=r"no index at .*none\.db'\. Make one: crossquote"):
        open_index(tmp_path / "none.db", {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["encoder", "terms", "passages"])
def test_another_tool_is_refused_at_once(path: Path, key: str) -> None:
    with pytest.raises(IndexMismatchError, match=f"was built with {key} .* Rebuild it: crossquote"):
        open_index(path, {**META, key: "other"})


@pytest.mark.parametrize(("version", "age"), [(FORMAT + 1, "a newer"), (FORMAT - 1, "an older")])
def test_another_file_format_is_refused(path: Path, version: int, age: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")

    with pytest.raises(IndexMismatchError, match=f"made by {age} version"):
        open_index(path)


@pytest.mark.parametrize("share", [0, 0.001, 0.01, 0.5, 0.99])
def test_a_truncated_file_is_refused(path: Path, share: float) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])

    with pytest.raises(IndexDamagedError, match=r"index\.db' cannot be read: .*--rebuild"):
        find_names(open_index(path), "museum")


@pytest.mark.parametrize(
    "start", [pytest.param(0, id="header"), pytest.param(100, id="the first page")]
)
def test_an_overwritten_file_is_refused(path: Path, start: int) -> None:
    damaged = bytearray(path.read_bytes())
    damaged[start : start + 900] = b"\xa5" * 900
    path.write_bytes(damaged)

    with pytest.raises(IndexDamagedError, match=r"index\.db' cannot be read"):
        find_names(open_index(path), "museum")


def test_garbage_and_other_databases_are_refused(tmp_path: Path) -> None:
    garbage, other = tmp_path / "garbage.db", tmp_path / "other.db"
    garbage.write_bytes(os.urandom(10_000))
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE meta (key, value)")
        connection.commit()

    with pytest.raises(IndexDamagedError, match="not a database"):
        open_index(garbage, {})
    with pytest.raises(IndexDamagedError, match="not an index of this program"):
        open_index(other, {})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE vectors SET vector = x'00' WHERE \"row\" = 4", "vectors, its vectors differ"),
        ("UPDATE passages SET sentences = x'00'", "passages, buffer size"),
        ("UPDATE passages SET sentence_vectors = x'000000'", "passages, 3 bytes are no whole"),
        ("UPDATE blocks SET text = x'00'", r"the text of content \d"),
        ('UPDATE passages SET "end" = 0', "passages, passage 'b.txt#0' spans 0:0"),
        ("DELETE FROM meta WHERE key = 'generation'", "does not say its generation"),
        ("UPDATE meta SET value = 'x' WHERE key = 'generation'", "does not say its generation"),
        ("DROP TABLE vectors", "no such table"),
    ],
)
def test_damaged_content_is_reported_as_such(path: Path, change: str, words: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(change)
        connection.commit()

    with pytest.raises(IndexDamagedError, match=words):
        find_names(open_index(path), "museum")


@contextmanager
def without_privileges() -> Iterator[None]:
    """Root may write anywhere, so be nobody for a while."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_that_may_only_be_read_is_served(path: Path) -> None:
    find_names(open_index(path), "museum")  # loads what nobody may not be allowed to load
    folder = Path(tempfile.mkdtemp())  # pytest's own temporary folder is closed to others
    try:
        (folder / "index.db").write_bytes(path.read_bytes())
        folder.chmod(0o555)
        with without_privileges():
            found = find_names(open_index(folder / "index.db"), "museum")
            writable = os.access(folder, os.W_OK, effective_ids=True)
        beside = sorted(item.name for item in folder.iterdir())
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)

    assert found == ["e.txt"]
    assert not writable
    assert beside == ["index.db"]


def test_a_log_that_cannot_be_read_is_not_passed_over(path: Path) -> None:
    """Beside the log, the file alone may be old or torn; immutable reading would not tell."""
    writer = open_writer(path)
    put_file(writer, "h.txt", "A museum of clocks.")
    moved = path.parent / "moved"
    moved.mkdir()
    (moved / "index.db").write_bytes(path.read_bytes())
    (moved / "index.db-wal").mkdir()
    writer.__exit__(None, None, None)

    with pytest.raises(IndexDamagedError):
        connect_reading(moved / "index.db")
