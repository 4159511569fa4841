"""Files can be added beside an indexed folder, asked about at once, and taken away for good."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from embeddings.encoder import Vectors
from rag.catalog import remove_documents
from rag.compose import NO_DOCUMENTS, REFUSALS
from rag.config import Settings
from rag.errors import CorpusError, IndexLockedError, IndexMismatchError, IndexMissingError
from rag.library import TEXTS_AT_ONCE, Library, open_library
from rag.lock import WriterLock
from rag.pipeline import Answerer, build_index, open_writer
from rag.types import ADDED, FORMER, Listed, TakenIn
from rag.write import IndexWriter
from tests.fake_folder import CountingEncoder, build, read_content, write_texts
from ui.documents.intake import Intake, Limits

FOLDER = {
    "bridge.txt": "临河大桥于2021年5月18日通车。大桥全长3.2公里，是当地最长的桥。\n",
    "tea.txt": "The tea house by the river sells forty kinds of tea to its guests.\n",
}
SALT = "The salt museum opened in 1998. It shows how salt was made.\n"
WHEN = "When did the salt museum open?"
RECORDS = "".join(f'{{"id": "r{n}", "text": "Boat {n} left the harbor."}}\n' for n in range(3))


PROGRAM = b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0\xb8"


class Place:
    """A folder, its index, and who asks and adds."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "documents"
        self.settings = Settings(index=root / "index")
        self.encoder = CountingEncoder()
        self.answerer, self.library = self.open()

    def open(self) -> tuple[Answerer, Library]:
        return open_library(self.settings, encoder=self.encoder, may_add=True)

    def add(self, **texts: str) -> TakenIn:
        """Add texts, named by their keys."""
        write_texts(self.library.added, {f"{name}.txt": text for name, text in texts.items()})
        return self.library.take_in()

    def upload(self, name: str, body: bytes) -> None:
        """Put a file there as the app does."""

        async def give() -> AsyncIterator[bytes]:
            yield body

        library = self.library
        intake = Intake(library.added, library.incoming, library.suffixes, Limits())
        asyncio.run(intake.take(name, give(), size=len(body)))

    def list_former(self) -> list[str]:
        return sorted(path.name for path in (self.library.incoming / FORMER).glob("*"))

    def index(self, texts: Mapping[str, str] = FOLDER, *, rebuild: bool = False) -> None:
        write_texts(self.folder, texts)
        build(self.folder, self.settings.index, encoder=self.encoder, rebuild=rebuild)

    def list_ids(self) -> list[str]:
        return [item.id for item in self.library.list_documents()]

    def list_added(self) -> list[str]:
        return sorted(path.name for path in self.library.added.iterdir())

    def ask(self, question: str = WHEN) -> str:
        return self.answerer(question).text.split("\n")[0]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.answerer.index.close()


def test_an_index_without_documents_is_made_and_refuses_in_the_language_asked(place: Place) -> None:
    place.answerer.warm_up()

    assert (place.library.count(), place.list_ids()) == (0, [])
    assert place.ask() == NO_DOCUMENTS["en"]
    assert place.ask("盐博物馆什么时候开放？") == NO_DOCUMENTS["zh"]
    assert place.library.is_in_line()


def test_nothing_is_made_where_adding_is_not_allowed(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")

    with pytest.raises(IndexMissingError, match="Make one: crossquote index FOLDER"):
        open_library(settings, encoder=CountingEncoder())

    assert list(tmp_path.iterdir()) == []


def test_an_added_file_is_answered_from_at_once_under_its_plain_name(place: Place) -> None:
    taken = place.add(salt=SALT)

    answer = place.answerer(WHEN)
    assert taken.problems == ()
    assert taken.documents == (
        Listed("/added/salt.txt", "/added/salt.txt", "salt", "salt.txt", "en", None, 1, ""),
    )
    assert answer.statements[0].text == "1998"
    assert [(c.source, c.title) for c in answer.citations] == [("salt.txt", "salt")]


def test_records_without_a_title_are_named_without_the_prefix(place: Place) -> None:
    write_texts(place.library.added, {"boats.jsonl": RECORDS})

    documents = place.library.take_in().documents

    assert [item.id for item in documents] == [f"/added/boats.jsonl#r{n}" for n in range(3)]
    assert [item.title for item in documents] == [f"boats.jsonl#r{n}" for n in range(3)]
    assert {item.source for item in documents} == {"boats.jsonl"}
    stored = read_content(place.settings.database)
    assert {passage.heading for passage, *_ in stored["passages"].values()} == {""}


def test_indexing_the_folder_keeps_what_was_added_and_adding_keeps_the_folder(place: Place) -> None:
    place.add(salt=SALT)
    place.index()
    both = place.list_ids()
    place.encoder.texts.clear()

    place.index()
    place.add(mill="The old mill grinds wheat.\n")
    (place.folder / "tea.txt").unlink()
    place.index({"bridge.txt": FOLDER["bridge.txt"]})

    assert both == ["/added/salt.txt", "bridge.txt", "tea.txt"]
    assert place.list_ids() == ["/added/mill.txt", "/added/salt.txt", "bridge.txt"]
    assert all("mill" in text for text in place.encoder.texts)
    assert place.ask() == "1998 [1]"


def test_a_rebuild_reads_what_was_added_again(place: Place) -> None:
    place.add(salt=SALT)
    place.index()
    place.encoder.texts.clear()

    place.index(rebuild=True)

    assert place.list_ids() == ["/added/salt.txt", "bridge.txt", "tea.txt"]
    assert any("salt museum" in text for text in place.encoder.texts)


def test_indexing_the_folder_takes_in_what_lies_there_to_be_added(place: Place) -> None:
    """As after a crash between copying a file and reading it."""
    write_texts(place.library.added, {"salt.txt": SALT})
    before = place.library.is_in_line()

    place.index()

    assert (before, place.library.is_in_line()) == (False, True)
    assert "/added/salt.txt" in place.list_ids()


def test_the_folder_of_an_index_is_the_first_that_gives_it_a_document(
    place: Place, tmp_path: Path
) -> None:
    place.add(salt=SALT)
    bad = write_texts(tmp_path / "bad", {"empty.txt": ""})
    with pytest.raises(CorpusError, match="could be read"):
        build(bad, place.settings.index)

    place.index()

    with pytest.raises(IndexMismatchError, match=r"was built with folder '.*documents', but now"):
        build(write_texts(tmp_path / "other", FOLDER), place.settings.index)
    assert place.list_ids() == ["/added/salt.txt", "bridge.txt", "tea.txt"]


def test_added_files_alone_can_be_indexed_by_naming_their_folder(place: Place) -> None:
    place.add(salt=SALT)
    place.settings.database.unlink()

    build_index(place.library.added, settings=place.settings, encoder=place.encoder)

    assert place.list_ids() == ["/added/salt.txt"]
    place.index()
    assert place.list_ids() == ["/added/salt.txt", "bridge.txt", "tea.txt"]


def test_an_index_inside_of_its_folder_does_not_take_added_files_twice(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "documents" / "index")
    write_texts(tmp_path / "documents", FOLDER)
    write_texts(settings.index / "added", {"salt.txt": SALT})

    build(tmp_path / "documents", settings.index)

    content = read_content(settings.database)
    assert sorted(content["documents"]) == ["/added/salt.txt", *sorted(FOLDER)]


def test_a_folder_named_added_is_not_the_added_files(place: Place) -> None:
    place.index({"added/salt.txt": SALT})
    place.add(salt=SALT.replace("1998", "2003"))

    place.library.remove("/added/salt.txt")

    assert place.list_ids() == ["added/salt.txt"]
    assert (place.folder / "added" / "salt.txt").exists()


def test_a_file_of_the_same_name_takes_the_place_of_the_one_before(place: Place) -> None:
    place.add(salt=SALT)

    taken = place.add(salt=SALT.replace("1998", "2003"))

    assert [item.id for item in taken.documents] == ["/added/salt.txt"]
    assert place.ask() == "2003 [1]"


def test_what_cannot_be_read_is_told_once_and_not_kept(place: Place) -> None:
    place.library.added.mkdir()
    (place.library.added / "setup.txt").write_bytes(PROGRAM)

    first, second = place.add(salt=SALT), place.library.take_in()

    assert [(p.path, p.skipped) for p in first.problems] == [("/added/setup.txt", True)]
    assert "is named as text, but looks like" in first.problems[0].reason
    assert [item.id for item in first.documents] == ["/added/salt.txt"]
    assert second == TakenIn()
    assert place.list_added() == ["salt.txt"]


def test_a_corrected_file_that_comes_while_the_broken_one_is_told_is_kept(place: Place) -> None:
    place.upload("a.txt", PROGRAM)
    place.upload("z.txt", b"The old mill grinds wheat.\n")

    def correct(done: int, total: int, name: str) -> None:
        if name == "/added/z.txt":
            place.upload("a.txt", SALT.encode())

    first = place.library.take_in(correct)
    between = place.library.is_in_line()
    second = place.library.take_in()

    assert [problem.path for problem in first.problems] == ["/added/a.txt"]
    assert between is False
    assert [item.id for item in second.documents] == ["/added/a.txt"]
    assert place.list_added() == ["a.txt", "z.txt"]
    assert place.list_former() == []


def test_a_file_that_cannot_be_read_does_not_take_the_place_of_a_good_one(place: Place) -> None:
    place.upload("salt.txt", SALT.encode())
    place.library.take_in()
    place.upload("salt.txt", PROGRAM)
    kept = place.list_former()

    taken = place.library.take_in()

    assert kept == ["salt.txt"]
    assert [problem.path for problem in taken.problems] == ["/added/salt.txt"]
    assert taken.problems[0].reason.endswith("; the file that it replaced is kept")
    assert taken.documents == ()
    assert place.ask() == "1998 [1]"
    assert (place.library.added / "salt.txt").read_text() == SALT
    assert place.library.is_in_line()
    assert place.list_former() == []


def test_indexing_the_folder_keeps_the_documents_of_a_good_file_until_it_is_back(
    place: Place,
) -> None:
    """As when the bad one came in, and the command met it before the app did."""
    place.upload("salt.txt", SALT.encode())
    place.library.take_in()
    place.upload("salt.txt", PROGRAM)

    place.index()
    between = place.list_ids()
    place.library.take_in()

    assert between == ["/added/salt.txt", "bridge.txt", "tea.txt"]
    assert place.list_ids() == between
    assert (place.library.added / "salt.txt").read_text() == SALT


def test_a_good_file_that_was_replaced_before_it_was_read_is_read(place: Place) -> None:
    place.upload("salt.txt", SALT.encode())
    place.upload("salt.txt", PROGRAM)

    taken = place.library.take_in()

    assert [item.id for item in taken.documents] == ["/added/salt.txt"]
    assert [problem.path for problem in taken.problems] == ["/added/salt.txt"]
    assert place.library.is_in_line()


def test_a_good_file_in_the_place_of_another_leaves_nothing_of_that(place: Place) -> None:
    place.upload("salt.txt", SALT.encode())
    place.library.take_in()
    place.upload("salt.txt", SALT.replace("1998", "2003").encode())

    place.library.take_in()

    assert place.ask() == "2003 [1]"
    assert place.list_former() == []


def test_a_removed_file_does_not_come_back_with_a_broken_one_of_its_name(place: Place) -> None:
    place.upload("salt.txt", SALT.encode())
    place.library.take_in()
    place.upload("salt.txt", SALT.encode())
    place.library.remove("/added/salt.txt")
    left = place.list_former()
    place.upload("salt.txt", PROGRAM)

    place.library.take_in()

    assert left == []
    assert (place.list_ids(), place.list_added()) == ([], [])


def test_two_files_that_claim_one_document_do_not_keep_the_others_out(place: Place) -> None:
    texts = {
        "x.jsonl": '{"id": "a.txt", "text": "Boat one left."}\n'
        '{"id": 2, "text": "Boat two left."}\n',
        "x.jsonl#a.txt": "Another text.\n",
        "zz.txt": SALT,
    }
    write_texts(place.library.added, texts)

    first, second = place.library.take_in(), place.library.take_in()

    for taken in (first, second):
        assert [problem.path for problem in taken.problems] == ["/added/x.jsonl#a.txt"]
        assert "rename one of the two" in taken.problems[0].reason
    assert place.list_ids() == ["/added/x.jsonl#2", "/added/x.jsonl#a.txt", "/added/zz.txt"]
    assert place.list_added() == sorted(texts)


def test_a_removed_added_file_is_gone_for_good_and_never_cited(place: Place) -> None:
    """D12, and it does not come back with the next run over the folder."""
    place.add(salt=SALT)

    count = place.library.remove("/added/salt.txt")
    after = place.answerer(WHEN)
    place.index()

    assert count == 1
    assert (after.text, after.hits) == (NO_DOCUMENTS["en"], ())
    assert place.list_added() == []
    assert list(place.library.incoming.iterdir()) == []
    assert place.list_ids() == ["bridge.txt", "tea.txt"]
    assert place.ask() == REFUSALS["en"]


def test_of_an_added_file_all_documents_go_together(place: Place) -> None:
    write_texts(place.library.added, {"boats.jsonl": RECORDS})
    place.library.take_in()

    assert place.library.remove("/added/boats.jsonl#r1") == 3
    assert (place.list_ids(), place.list_added()) == ([], [])


def test_a_removed_document_of_the_folder_keeps_its_file_and_comes_back(place: Place) -> None:
    place.index()

    assert place.library.remove("tea.txt") == 1
    without = place.list_ids()
    place.index()

    assert without == ["bridge.txt"]
    assert place.list_ids() == ["bridge.txt", "tea.txt"]


def test_an_unknown_document_is_named(place: Place) -> None:
    with pytest.raises(CorpusError, match=r"holds no document '\.\./tea\.txt'"):
        place.library.remove("../tea.txt")


def test_while_another_writes_nothing_is_added_or_removed(place: Place) -> None:
    place.add(salt=SALT)
    lock = WriterLock(place.settings.database)
    lock.acquire()

    with pytest.raises(IndexLockedError, match="is locked by pid"):
        place.add(mill="The old mill grinds wheat.\n")
    with pytest.raises(IndexLockedError, match="is locked by pid"):
        place.library.remove("/added/salt.txt")

    lock.release()
    assert (place.list_ids(), place.list_added()) == (["/added/salt.txt"], ["mill.txt", "salt.txt"])
    assert place.library.take_in().documents[0].id == "/added/mill.txt"


def test_a_full_disk_keeps_what_there_was(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.add(salt=SALT)
    long = "".join(f"Boat {n} of {n * n} tons left harbor {n * 7919}.\n\n" for n in range(400))
    write_texts(place.library.added, {"mill.txt": long})
    opened = Library._open_writer

    def open_full(library: Library) -> IndexWriter:
        writer = opened(library)
        writer._connection.execute("PRAGMA max_page_count = 1")  # SQLite makes it what is used
        return writer

    with monkeypatch.context() as patch:
        patch.setattr(Library, "_open_writer", open_full)
        with pytest.raises(CorpusError, match="What it held is kept; make room"):
            place.library.take_in()
        assert place.ask() == "1998 [1]"
        assert place.list_ids() == ["/added/salt.txt"]

    taken = place.library.take_in()

    assert [item.id for item in taken.documents] == ["/added/mill.txt"]
    assert place.ask() == "1998 [1]"


def test_a_removal_that_fails_keeps_the_file(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.add(salt=SALT)

    def fail(self: IndexWriter, ids: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(IndexWriter, "remove_documents", fail)
        with pytest.raises(sqlite3.OperationalError):
            place.library.remove("/added/salt.txt")

    assert (place.list_ids(), place.list_added()) == (["/added/salt.txt"], ["salt.txt"])


def test_a_crash_between_two_files_goes_on_where_it_was(place: Place) -> None:
    """Whoever stops it by raising loses nothing that was stored."""

    class PowerWentError(Exception):
        pass

    def stop(done: int, total: int, name: str) -> None:
        if name == "/added/salt.txt":
            raise PowerWentError

    write_texts(place.library.added, {"mill.txt": "The mill grinds wheat.\n", "salt.txt": SALT})
    with pytest.raises(PowerWentError):
        place.library.take_in(stop)

    taken = Place.open(place)[1].take_in()

    assert [item.id for item in taken.documents] == ["/added/mill.txt", "/added/salt.txt"]
    assert place.library.is_in_line()


def test_progress_counts_the_bytes_of_added_files_alone(place: Place) -> None:
    place.index()
    told: list[tuple[int, int, str]] = []
    write_texts(place.library.added, {"salt.txt": SALT})

    place.library.take_in(lambda *news: told.append(news))

    assert told[0] == (0, len(SALT), "/added/salt.txt")
    assert told[-1] == (len(SALT), len(SALT), "")


def test_an_index_is_the_same_however_its_files_came_in(place: Place, tmp_path: Path) -> None:
    """Passages are encoded in other portions when they are added; their vectors are the same."""
    texts = {f"{n:02}.txt": f"Boat {n} left the harbor at {n} o'clock.\n" for n in range(40)}
    assert len(texts) > 2 * TEXTS_AT_ONCE
    write_texts(place.library.added, texts)
    place.library.take_in()

    build(write_texts(tmp_path / "all", texts), tmp_path / "other")

    added = read_content(place.settings.database)["vectors"]
    indexed = read_content(tmp_path / "other" / "index.db")["vectors"]
    assert added == {ADDED + name: vectors for name, vectors in indexed.items()}


def test_the_encoder_is_given_few_texts_at_a_time_so_that_a_question_can_come_between(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question waited ten seconds for the encoder while documents were being added."""
    counts: list[int] = []
    encode = place.encoder.encode_passages

    def count(texts: Sequence[str]) -> Vectors:
        counts.append(len(texts))
        return encode(texts)

    monkeypatch.setattr(place.encoder, "encode_passages", count)
    place.add(**{f"b{n}": f"Boat {n} left the harbor at {n} o'clock.\n" for n in range(40)})

    assert sum(counts) == 80  # a passage and its one sentence each
    assert max(counts) == TEXTS_AT_ONCE


def test_the_command_removes_added_files_like_the_library(place: Place) -> None:
    place.add(salt=SALT)

    count = remove_documents(
        place.settings.database, ["/added/salt.txt"], lambda: open_writer(place.settings)
    )

    assert (count, place.list_added(), place.list_ids()) == (1, [], [])


def test_an_index_of_added_files_is_sound(place: Place) -> None:
    from rag.check import check_index

    write_texts(place.library.added, {"boats.jsonl": RECORDS, "a#b.txt": SALT})
    place.library.take_in()

    report = check_index(place.settings.database, place.answerer.glossary)

    assert report.problems == ()
    assert report.counts["documents"] == 4


def test_a_damaged_added_document_is_read_again(place: Place) -> None:
    from rag.check import check_index
    from rag.repair import repair_index

    place.add(salt=SALT)
    with closing(sqlite3.connect(place.settings.database)) as connection, connection:
        connection.execute("UPDATE documents SET title = 'peppr'")
    path, glossary = place.settings.database, place.answerer.glossary

    repair_index(path, glossary, check_index(path, glossary))
    before = place.library.is_in_line()
    place.library.take_in()

    assert (before, place.library.is_in_line()) == (False, True)
    assert [item.title for item in place.library.list_documents()] == ["salt"]
