"""An index is brought in line with a folder: only what changed is read, nothing half done."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from embeddings.encoder import Vectors
from embeddings.gloss import Glossary
from rag.encode import make_find_terms
from rag.errors import CorpusError
from rag.load import walk_files
from rag.passages import read_passages
from rag.places import Place, count_bytes
from rag.synchronize import BuildReport, synchronize_files
from rag.texts import TextReader
from rag.types import Passage
from rag.write import IndexWriter
from tests.fake_encoder import HashingEncoder

TEXTS = {
    "bridge.txt": "临河大桥于2021年5月18日通车。大桥全长3.2公里，是当地最长的桥。\n",
    "museum/salt.md": "# Salt\n\nThe salt museum opened in 1998. It shows how salt was made.\n",
    "tea.txt": "The tea house by the river sells forty kinds of tea to its guests.\n",
}


class CountingEncoder(HashingEncoder):
    """Keeps what it was given; fails at a text that holds `fails_at`."""

    def __init__(self, fails_at: str = "\0") -> None:
        self.texts: list[str] = []
        self._fails_at = fails_at

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        assert texts, "asked to encode nothing, which may load a model"
        if any(self._fails_at in text for text in texts):
            raise RuntimeError("the power went")
        self.texts += texts
        return super().encode_passages(texts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "documents"
    for name, text in TEXTS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def synchronize(
    folder: Path,
    database: Path,
    glossary: Glossary,
    encoder: HashingEncoder | None = None,
    *,
    files: Sequence[Path] | None = None,
    encoding: str | None = None,
) -> BuildReport:
    with IndexWriter(database, {}, make_find_terms(glossary)) as writer:
        place = Place(files or walk_files(folder), folder, encoding=encoding)
        return synchronize_files([place], writer, encoder or HashingEncoder())


def read_table(database: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def read_all(database: Path) -> list[tuple[object, ...]]:
    """All of every passage but its row, by id."""
    with closing(sqlite3.connect(database)) as connection:
        rows = [row for (row,) in connection.execute('SELECT "row" FROM passages')]
        stored = read_passages(connection, TextReader(connection), rows)
    return sorted(
        (
            *(item.passage.id, item.passage, item.language, item.sentences),
            *(item.vector.tobytes(), item.sentence_vectors.tobytes()),
        )
        for item in stored
    )


def list_documents(database: Path) -> list[str]:
    return [str(id_) for (id_,) in read_table(database, "SELECT id FROM documents ORDER BY id")]


def get_generation(database: Path) -> str:
    return str(read_table(database, "SELECT value FROM meta WHERE key = 'generation'")[0][0])


def test_every_file_is_read_and_every_passage_is_a_slice(
    folder: Path, tmp_path: Path, glossary: Glossary
) -> None:
    database = tmp_path / "index.db"

    report = synchronize(folder, database, glossary)

    assert (report.encoded, report.unchanged, report.removed) == (3, 0, 0)
    assert report.documents == 3
    assert report.passages == len(read_all(database)) > 0
    assert report.problems == ()
    assert list_documents(database) == sorted(TEXTS)
    for _, passage, *_ in read_all(database):
        assert isinstance(passage, Passage)
        assert passage.text == TEXTS[passage.document_id][passage.start : passage.end]


def test_a_second_run_reads_and_writes_nothing(
    folder: Path, tmp_path: Path, glossary: Glossary
) -> None:
    database = tmp_path / "index.db"
    synchronize(folder, database, glossary)
    before, generation = read_all(database), get_generation(database)
    encoder = CountingEncoder()

    report = synchronize(folder, database, glossary, encoder)

    assert (report.encoded, report.unchanged, report.removed) == (0, 3, 0)
    assert encoder.texts == []
    assert (read_all(database), get_generation(database)) == (before, generation)


def test_only_what_changed_is_encoded_and_what_went_is_gone(
    folder: Path, tmp_path: Path, glossary: Glossary
) -> None:
    database = tmp_path / "index.db"
    synchronize(folder, database, glossary)
    (folder / "tea.txt").write_text("The tea house closed for the winter of that year.\n")
    (folder / "bridge.txt").unlink()
    (folder / "museum/salt.md").rename(folder / "museum/new.md")
    encoder = CountingEncoder()

    report = synchronize(folder, database, glossary, encoder)

    assert (report.encoded, report.unchanged, report.removed) == (2, 0, 2)
    assert list_documents(database) == ["museum/new.md", "tea.txt"]
    assert not any("forty kinds" in str(row[1]) for row in read_all(database))
    assert not any("大桥" in text for text in encoder.texts)


def test_a_renamed_file_keeps_its_vectors(folder: Path, tmp_path: Path, glossary: Glossary) -> None:
    """Its title stands in the text; a title that was its name would have to be encoded anew."""
    database = tmp_path / "index.db"
    synchronize(folder, database, glossary)
    (folder / "museum/salt.md").rename(folder / "renamed.md")
    encoder = CountingEncoder()

    report = synchronize(folder, database, glossary, encoder)

    assert (report.encoded, report.copies, report.passages, report.removed) == (1, 1, 0, 1)
    assert encoder.texts == []
    assert "renamed.md#0" in [id_ for id_, *_ in read_all(database)]


def test_a_title_that_is_the_files_name_changes_with_it(
    folder: Path, tmp_path: Path, glossary: Glossary
) -> None:
    synchronize(folder, tmp_path / "index.db", glossary)
    (folder / "tea.txt").rename(folder / "coffee.txt")

    report = synchronize(folder, tmp_path / "index.db", glossary)
    synchronize(folder, tmp_path / "new.db", glossary)

    assert (report.encoded, report.copies, report.passages) == (1, 1, 1)
    assert read_all(tmp_path / "index.db") == read_all(tmp_path / "new.db")


def test_copies_are_encoded_once_and_belong_to_the_first_by_name(
    folder: Path, tmp_path: Path, glossary: Glossary
) -> None:
    salt = (folder / "museum/salt.md").read_bytes()
    for name in ("a.md", "z.md", "museum/b.md"):
        (folder / name).write_bytes(salt)
    encoder = CountingEncoder()

    report = synchronize(folder, tmp_path / "index.db", glossary, encoder)

    assert (report.documents, report.copies) == (6, 3)
    assert len([text for text in encoder.texts if "shows how salt" in text]) == 2
    ids = [str(id_) for id_, *_ in read_all(tmp_path / "index.db")]
    assert [id_ for id_ in ids if id_.endswith(".md#0")] == ["a.md#0"]


def test_a_file_of_records_is_brought_in_line_record_by_record(
    tmp_path: Path, glossary: Glossary
) -> None:
    folder, database = tmp_path / "records", tmp_path / "index.db"
    folder.mkdir()
    lines = [f'{{"id": "r{n}", "text": "Boat {n} left the harbor at noon."}}' for n in range(9)]
    (folder / "all.jsonl").write_text("\n".join(lines))
    synchronize(folder, database, glossary)
    lines[3] = lines[3].replace("noon", "night")
    (folder / "all.jsonl").write_text("\n".join(lines[:8]))
    encoder = CountingEncoder()

    report = synchronize(folder, database, glossary, encoder)

    assert (report.documents, report.copies, report.passages) == (8, 7, 1)
    assert set(encoder.texts) == {"Boat 3 left the harbor at night."}
    assert list_documents(database) == [f"all.jsonl#r{n}" for n in range(8)]


def test_a_run_that_stops_within_a_file_goes_on_there(
    tmp_path: Path, glossary: Glossary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour of encoding one long list of records was lost when it was stopped."""
    monkeypatch.setattr("rag.synchronize.BATCH_PASSAGES", 2)
    folder, database = tmp_path / "records", tmp_path / "index.db"
    folder.mkdir()
    lines = [f'{{"id": "r{n}", "text": "Boat {n} left the harbor at noon."}}' for n in range(9)]
    (folder / "all.jsonl").write_text("\n".join(lines))
    with pytest.raises(RuntimeError, match="the power went"):
        synchronize(folder, database, glossary, CountingEncoder(fails_at="Boat 6"))
    kept = list_documents(database)
    encoder = CountingEncoder()

    report = synchronize(folder, database, glossary, encoder)

    assert kept == [f"all.jsonl#r{n}" for n in range(6)]
    assert (report.encoded, report.unchanged, report.passages) == (1, 0, 3)
    assert not any("Boat 5" in text for text in encoder.texts)
    assert len(list_documents(database)) == 9


def test_changes_come_to_the_same_as_a_new_index(
    folder: Path, tmp_path: Path, glossary: Glossary
) -> None:
    synchronize(folder, tmp_path / "changed.db", glossary)
    (folder / "tea.txt").write_text("The tea house closed for the winter of that year.\n")
    (folder / "new.txt").write_text("A new ferry crosses the river every ten minutes.\n")

    synchronize(folder, tmp_path / "changed.db", glossary)
    synchronize(folder, tmp_path / "new.db", glossary)

    assert read_all(tmp_path / "changed.db") == read_all(tmp_path / "new.db")


def test_the_order_of_the_files_does_not_matter(
    folder: Path, tmp_path: Path, glossary: Glossary
) -> None:
    synchronize(folder, tmp_path / "one.db", glossary)
    synchronize(folder, tmp_path / "two.db", glossary, files=list(walk_files(folder))[::-1])

    assert read_all(tmp_path / "one.db") == read_all(tmp_path / "two.db")


def test_an_interrupted_run_goes_on_where_it_was(
    folder: Path, tmp_path: Path, glossary: Glossary, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "index.db"
    monkeypatch.setattr("rag.synchronize.BATCH_PASSAGES", 1)  # each file a batch of its own
    with pytest.raises(RuntimeError, match="the power went"):
        synchronize(folder, database, glossary, CountingEncoder(fails_at="tea house"))
    kept = list_documents(database)
    encoder = CountingEncoder()

    report = synchronize(folder, database, glossary, encoder)

    assert kept == ["bridge.txt", "museum/salt.md"]
    assert (report.encoded, report.unchanged) == (1, 2)
    assert all("tea" in text for text in encoder.texts)
    synchronize(folder, tmp_path / "whole.db", glossary)
    assert read_all(database) == read_all(tmp_path / "whole.db")


def test_batches_do_not_change_what_is_stored(
    folder: Path, tmp_path: Path, glossary: Glossary, monkeypatch: pytest.MonkeyPatch
) -> None:
    synchronize(folder, tmp_path / "one.db", glossary)
    monkeypatch.setattr("rag.synchronize.BATCH_PASSAGES", 1)
    synchronize(folder, tmp_path / "two.db", glossary)

    assert read_all(tmp_path / "one.db") == read_all(tmp_path / "two.db")


def test_a_file_that_cannot_be_read_is_named_and_the_rest_goes_on(
    folder: Path, tmp_path: Path, glossary: Glossary
) -> None:
    (folder / "empty.txt").write_bytes(b"")
    (folder / "noise.pdf").write_bytes(bytes(range(256)))

    report = synchronize(folder, tmp_path / "index.db", glossary)

    assert [(p.path, p.skipped) for p in report.problems] == [
        ("empty.txt", True),
        ("noise.pdf", True),
    ]
    assert list_documents(tmp_path / "index.db") == sorted(TEXTS)


def test_a_file_that_became_unreadable_is_no_longer_cited(
    folder: Path, tmp_path: Path, glossary: Glossary
) -> None:
    synchronize(folder, tmp_path / "index.db", glossary)
    (folder / "tea.txt").write_bytes(b"")

    report = synchronize(folder, tmp_path / "index.db", glossary)

    assert report.removed == 1
    assert [p.path for p in report.problems] == ["tea.txt"]
    assert "tea.txt" not in list_documents(tmp_path / "index.db")


def test_what_lies_in_a_folder_that_cannot_be_opened_stays(
    folder: Path, tmp_path: Path, glossary: Glossary
) -> None:
    """`walk_files` gives such a folder itself, in the place of its files."""
    synchronize(folder, tmp_path / "index.db", glossary)
    found = [folder / "bridge.txt", folder / "museum"]

    report = synchronize(folder, tmp_path / "index.db", glossary, files=found)

    assert [(p.path, p.skipped) for p in report.problems] == [("museum", True)]
    assert list_documents(tmp_path / "index.db") == ["bridge.txt", "museum/salt.md"]


def test_an_index_is_not_emptied_because_nothing_can_be_read(
    folder: Path, tmp_path: Path, glossary: Glossary
) -> None:
    """A disk that was not mounted right emptied the index."""
    database = tmp_path / "index.db"
    synchronize(folder, database, glossary)
    before = read_all(database)
    for name in TEXTS:
        (folder / name).write_bytes(b"")

    with pytest.raises(CorpusError, match=r"nothing in '.*documents' could be read. bridge.txt: "):
        synchronize(folder, database, glossary)

    assert read_all(database) == before


def test_a_given_encoding_reads_the_files_again(
    folder: Path, tmp_path: Path, glossary: Glossary
) -> None:
    (folder / "bridge.txt").write_bytes("临河大桥于五月通车，全长三公里。\n".encode("gb18030"))
    synchronize(folder, tmp_path / "index.db", glossary, encoding="latin-1")

    report = synchronize(folder, tmp_path / "index.db", glossary, encoding="gb18030")

    assert (report.encoded, report.unchanged) == (3, 0)
    assert "临河大桥" in str(read_all(tmp_path / "index.db")[0][1])


def follow(folder: Path, database: Path, glossary: Glossary) -> list[tuple[int, int, str]]:
    """What the progress of a build tells."""
    told: list[tuple[int, int, str]] = []
    with IndexWriter(database, {}, make_find_terms(glossary)) as writer:
        synchronize_files(
            [Place(walk_files(folder), folder)], writer, HashingEncoder(),
            total_bytes=sum(count_bytes(path) for path in walk_files(folder)),
            progress=lambda *news: told.append(news),
        )  # fmt: skip
    return told


def test_progress_tells_every_file_and_counts_the_bytes_that_are_to_be_stored(
    folder: Path, tmp_path: Path, glossary: Glossary
) -> None:
    first, second, third = sorted(TEXTS)
    sizes = [(folder / name).stat().st_size for name in (first, second, third)]
    total = sum(sizes)

    anew = follow(folder, tmp_path / "index.db", glossary)
    again = follow(folder, tmp_path / "index.db", glossary)

    encoding = (0, total, third)  # the last file read is named while all are encoded
    assert anew == [(0, total, name) for name in (first, second, third)] + [
        encoding, (total, total, "")
    ]  # fmt: skip
    assert again == [
        (0, total, first), (0, total - sizes[0], second), (0, sizes[2], third), (0, 0, ""),
    ]  # fmt: skip


def test_progress_moves_while_one_long_file_is_encoded(tmp_path: Path, glossary: Glossary) -> None:
    """A book showed nothing until its last page."""
    paragraph = "The harbor opened in spring, and boats came from the whole coast. " * 12
    book = tmp_path / "books" / "book.txt"
    book.parent.mkdir()
    book.write_text("\n\n".join(f"{n}. {paragraph}" for n in range(600)))
    size = book.stat().st_size

    told = follow(book.parent, tmp_path / "index.db", glossary)

    shares = [round(done / total, 1) for done, total, _ in told]
    assert {name for _, _, name in told} == {"book.txt", ""}
    assert told[-1] == (size, size, "")
    assert shares == sorted(shares)
    assert len({*shares} - {0.0, 1.0}) >= 2
