"""Whatever happens to a build, the index is whole, and the next build brings it in line.

The rows A1, A2, A6, A7 and A9 of the reliability bar; further rows are held by `test_store` (A3),
`test_check` (A5), `test_damaged_caches` (A4, A8), `test_second_run` (A10, A11, A12) and
`test_no_answer` (A13); the long run of A1, with the real command, is in `test_soak`.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest

from embeddings.encoder import Vectors
from embeddings.gloss import Glossary
from rag.check import check_index
from rag.errors import CorpusError, IndexMismatchError, RagError
from rag.schema import FORMAT
from rag.store import Index
from tests.fake_encoder import HashingEncoder
from tests.fake_folder import (
    build,
    list_caches,
    make_texts,
    name_place,
    open_answerer,
    quote_all,
    read_content,
    run_child,
    write_texts,
)
from tests.fake_index import ask, open_index, write_index

TEXTS = make_texts(90)
QUESTIONS = (
    f"When was the lighthouse of {name_place(21)} built?",
    f"{name_place(23)}灯塔建于哪一年？",
    f"How high is the lighthouse of {name_place(50)}?",
)
# Bytes; of less than 32,768, SQLite cannot even open the index for reading as it wants to.
LIMITS = (0, 20_000, 60_000, 150_000, 300_000, 2_000_000)
HAZARD = "import sys; from pathlib import Path; from tests.fake_hazards import {0}; {0}({1})"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_texts(tmp_path_factory.mktemp("corpus") / "documents", TEXTS)


@pytest.fixture(scope="module")
def whole(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of a build that nothing happened to; not to be changed."""
    index = tmp_path_factory.mktemp("whole") / "index"
    build(folder, index)
    return index


@pytest.fixture
def changed(folder: Path, tmp_path: Path) -> Path:
    """A copy of the folder that holds many more documents, so many that they get a cache."""
    copy = Path(shutil.copytree(folder, tmp_path / "changed"))
    return write_texts(copy, make_texts(180))


@pytest.fixture
def index(folder: Path, whole: Path, changed: Path, tmp_path: Path) -> Path:
    """An index that says it is of the folder `changed`, as it was before the change."""
    copy = Path(shutil.copytree(whole, tmp_path / "index"))
    with closing(sqlite3.connect(copy / "index.db")) as connection, connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'folder'", (str(changed),))
    return copy


def assert_same(index: Path, whole: Path, glossary: Glossary) -> None:
    """An index is sound, holds what another holds, answers alike, and has no stray file."""
    assert read_content(index / "index.db") == read_content(whole / "index.db")
    assert check_index(index / "index.db", glossary).problems == ()
    assert quote_all(index, QUESTIONS) == quote_all(whole, QUESTIONS)
    named, there = list_caches(index)
    assert named == there


def test_a_build_that_is_killed_again_and_again_comes_to_the_same(
    folder: Path, whole: Path, tmp_path: Path, glossary: Glossary
) -> None:
    """A1, at random times."""
    arguments = "Path(sys.argv[1]), Path(sys.argv[2]), indexes=4, kills=8, seed=1"

    done = run_child(HAZARD.format("kill_builds", arguments), folder, tmp_path)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["killed"] >= 8  # of 32; the others had ended before
    for n in range(4):
        assert_same(tmp_path / f"{n}", whole, glossary)


def test_a_build_that_is_killed_at_any_step_of_writing_a_cache_comes_to_the_same(
    tmp_path: Path, glossary: Glossary
) -> None:
    """A1, at each file that is forced to the disk or renamed."""
    folder = write_texts(tmp_path / "documents", make_texts(70))
    arguments = "Path(sys.argv[1]), Path(sys.argv[2])"

    done = run_child(HAZARD.format("kill_cache_writing", arguments), folder, tmp_path)

    assert done.returncode == 0, done.stderr
    steps = json.loads(done.stdout)["steps"]
    assert steps >= 6  # two files at least, of three steps each
    for step in range(1, steps + 1):
        assert_same(tmp_path / f"{step}", tmp_path / f"{steps + 1}", glossary)


class FailingDisk:
    """Fails at the n-th step in which a cache file is opened, written, forced or renamed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, n: int, code: int) -> None:
        self.failed = False
        self._left, self._code = n, code
        monkeypatch.setattr(os, "fsync", self._count(os.fsync))
        monkeypatch.setattr(os, "replace", self._count(os.replace))
        monkeypatch.setattr(Path, "open", self._open(Path.open))

    def _step(self) -> None:
        self._left -= 1
        if self._left == 0:
            self.failed = True
            raise OSError(self._code, os.strerror(self._code))

    def _count(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            self._step()
            return call(*arguments)

        return counted

    def _open(self, opens: Callable[..., IO[Any]]) -> Callable[..., Any]:
        def opened(path: Path, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            if mode != "wb":
                return opens(path, mode, *arguments, **options)
            self._step()
            file = opens(path, mode, *arguments, **options)
            file.write = self._count(file.write)  # type: ignore[method-assign]
            return file

        return opened


def fail_at_every_step(index: Path, spare: Path, work: Callable[[Path], object]) -> Iterator[Path]:
    """Yield a copy of `index` for each step of writing caches at which `work` failed on it."""
    for n in range(1, 100):
        copy = Path(shutil.copytree(index, spare / f"{n}"))
        with pytest.MonkeyPatch.context() as patch:
            disk = FailingDisk(patch, n, (errno.ENOSPC, errno.EIO)[n % 2])
            try:
                work(copy)
            except (OSError, RagError):
                assert disk.failed
        if not disk.failed:
            assert n > 5  # those of one file
            return
        yield copy


@pytest.mark.parametrize("rebuild", [False, True])
def test_a_disk_that_fails_while_caches_are_written_costs_nothing(
    changed: Path, index: Path, tmp_path: Path, glossary: Glossary, rebuild: bool
) -> None:
    """A2. Rows that no cache covers are read from their texts, so only time is lost."""
    build(changed, tmp_path / "after")
    before = {"old": read_content(index / "index.db")}
    if not rebuild:  # then what was read is kept, batch by batch
        before["new"] = read_content(tmp_path / "after" / "index.db")

    def work(copy: Path) -> object:
        return build(changed, copy, rebuild=rebuild)

    for copy in fail_at_every_step(index, tmp_path / "copies", work):
        assert read_content(copy / "index.db") in before.values()
        assert len(quote_all(copy, QUESTIONS)) == 3
        build(changed, copy)
        assert_same(copy, tmp_path / "after", glossary)


def test_a_disk_that_fails_while_caches_are_written_is_told_with_the_path(
    changed: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A2."""
    FailingDisk(monkeypatch, 2, errno.ENOSPC)

    with pytest.raises(CorpusError, match=r"index\.db' cannot be written: .*No space left"):
        build(changed, index)


@pytest.mark.parametrize("rebuild", [False, True])
def test_a_disk_that_is_full_at_any_byte_is_told_and_loses_nothing(
    changed: Path, index: Path, tmp_path: Path, glossary: Glossary, rebuild: bool
) -> None:
    """A2, for SQLite and caches alike: the system refuses to let a file grow beyond a limit."""
    build(changed, tmp_path / "after")
    before = read_content(index / "index.db")
    copies = [Path(shutil.copytree(index, tmp_path / f"{n}")) for n in range(len(LIMITS))]
    options = f"limits={LIMITS}, rebuild={rebuild}"

    done = run_child(
        HAZARD.format("fill_disk", f"Path(sys.argv[1]), Path(sys.argv[2]), {options}"),
        changed, tmp_path,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [kind for kind, _ in told][:: len(told) - 1] == ["CorpusError", "built"]
    for copy, (kind, words) in zip(copies, told, strict=True):
        after = read_content(copy / "index.db")
        assert after == before or not rebuild or kind == "built"
        assert before["documents"].keys() <= after["documents"].keys()
        assert kind == "built" or (kind, words[:13]) == ("CorpusError", "the index at "), told
        build(changed, copy)
        assert_same(copy, tmp_path / "after", glossary)


@contextmanager
def mount_small_disk(place: Path) -> Iterator[Path]:
    """A disk of one megabyte; only root can mount one, and not everywhere."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.name != "posix" or os.geteuid() or not shutil.which("mount"):
        pytest.skip("needs root to mount a small disk")
    if subprocess.run(command, capture_output=True, check=False).returncode:  # noqa: S603
        pytest.skip("no disk can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)  # noqa: S603, S607


def test_a_full_disk_is_served_from_and_told_when_it_is_written_to(tmp_path: Path) -> None:
    """A2 and A9: there is no room even for the small files that SQLite keeps beside its own."""
    texts = {"e.txt": "Entry to the salt museum is free."}
    with mount_small_disk(tmp_path / "disk") as disk:
        path = write_index(disk / "index.db", texts)
        with pytest.raises(OSError, match="No space left"):
            (disk / "filler").write_bytes(bytes(2**20))
        with pytest.raises(CorpusError, match=r"index\.db' cannot be written"):
            write_index(path, {"f.txt": "word. " * 50_000})
        found = find_documents(path, "museum")
        (disk / "filler").unlink()
        write_index(path, {"f.txt": "A museum of clocks."})
        after = find_documents(path, "museum")

    assert found == ["e.txt"]
    assert after == ["e.txt", "f.txt"]


def find_documents(path: Path, question: str) -> list[str]:
    with closing(open_index(path)) as index:
        return find_in(index, question)


def find_in(index: Index, question: str) -> list[str]:
    with index.read() as view:
        rows = view.search_terms("lexical", "en", ask(question).lexical, 9)
        return sorted(item.passage.document_id for item in view.get_passages(list(rows)))


@pytest.mark.parametrize(("version", "age"), [(FORMAT + 1, "a newer"), (FORMAT - 1, "an older")])
def test_an_index_of_another_format_is_refused_by_writers_too_and_left_as_it_is(
    folder: Path, whole: Path, tmp_path: Path, version: int, age: str
) -> None:
    """A6."""
    index = Path(shutil.copytree(whole, tmp_path / "index"))
    with closing(sqlite3.connect(index / "index.db")) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    before = (index / "index.db").read_bytes()

    with pytest.raises(IndexMismatchError, match=f"made by {age} version"):
        build(folder, index)
    with pytest.raises(IndexMismatchError, match=f"made by {age} version.*--rebuild"):
        open_answerer(index)

    assert (index / "index.db").read_bytes() == before
    assert list_caches(index)[0] == list_caches(index)[1]


class NarrowEncoder(HashingEncoder):
    """Another model under the same name, as when a folder is given other weights."""

    dim = 32

    def encode_passages(self, texts: Any) -> Vectors:
        rows: Vectors = super().encode_passages(texts)[:, : self.dim]
        rows[:, 0] += 1.0
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


def test_vectors_of_another_dimension_are_refused_and_never_mixed(
    changed: Path, index: Path
) -> None:
    """A7."""
    before = read_content(index / "index.db")

    with pytest.raises(IndexMismatchError):
        build(changed, index, encoder=NarrowEncoder())

    assert read_content(index / "index.db") == before


@pytest.mark.parametrize("stated", ["encoder", "terms", "passages"])
def test_what_an_index_was_built_with_is_compared_by_writer_and_reader(
    folder: Path, whole: Path, tmp_path: Path, stated: str
) -> None:
    """A7."""
    index = Path(shutil.copytree(whole, tmp_path / "index"))
    with closing(sqlite3.connect(index / "index.db")) as connection, connection:
        connection.execute("UPDATE meta SET value = 'other' WHERE key = ?", (stated,))

    with pytest.raises(IndexMismatchError, match=f"built with {stated} 'other'.*--rebuild"):
        open_answerer(index)
    with pytest.raises(IndexMismatchError, match=f"built with {stated} 'other'.*--rebuild"):
        build(folder, index)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may write anywhere, so be nobody for a while."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that others may look into, as pytest's own they may not."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    yield place
    place.chmod(0o755)
    shutil.rmtree(place)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_an_index_that_belongs_to_another_is_not_written_to_and_the_path_is_told(
    folder: Path, whole: Path, open_place: Path
) -> None:
    """A9."""
    documents = Path(shutil.copytree(folder, open_place / "documents"))
    index = Path(shutil.copytree(whole, open_place / "index"))
    before = sorted((item.name, item.read_bytes()) for item in index.iterdir())
    open_place.chmod(0o555)
    index.chmod(0o555)

    for place in (index, open_place / "new"):
        for rebuild in (False, True):
            with as_nobody(), pytest.raises(CorpusError) as told:
                build(documents, place, rebuild=rebuild)
            assert str(told.value).startswith(f"the index at {str(place / 'index.db')!r} cannot be")

    index.chmod(0o755)
    assert sorted((item.name, item.read_bytes()) for item in index.iterdir()) == before


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_lock_that_belongs_to_another_is_told_as_what_it_is(open_place: Path) -> None:
    """A9: a folder that all may write to, with the files of one."""
    documents = write_texts(open_place / "documents", make_texts(1))
    build(documents, open_place / "index")
    (open_place / "index").chmod(0o777)

    with as_nobody(), pytest.raises(CorpusError, match=r"index\.db' cannot be written: "):
        build(documents, open_place / "index")


@pytest.mark.skipif(os.name != "posix" or bool(os.geteuid()), reason="needs to be root, and nobody")
def test_a_new_start_keeps_what_only_this_user_cannot_read(open_place: Path) -> None:
    """A9: whoever could not open the index threw it away, to start anew."""
    documents = write_texts(open_place / "documents", make_texts(1))
    build(documents, open_place / "index")
    for path in ((open_place / "index"), (open_place / "index" / "index.lock")):
        path.chmod(0o777)
    (open_place / "index" / "index.db").chmod(0o600)

    with as_nobody(), pytest.raises(RagError, match=r"index\.db' cannot be "):
        build(documents, open_place / "index", rebuild=True)

    assert read_content(open_place / "index" / "index.db")["documents"].keys() == {"a/0000.txt"}


def test_a_new_start_keeps_the_database_of_another_program(tmp_path: Path) -> None:
    """Photos lay in a file called index.db, and `--rebuild`, which the message names, lost them."""
    path = tmp_path / "index" / "index.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE photos (x)")
    before = path.read_bytes()

    with pytest.raises(RagError, match="not an index of this program"):
        build(write_texts(tmp_path / "documents", make_texts(1)), path.parent, rebuild=True)

    assert path.read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="names that Windows does not allow")
def test_a_folder_whose_name_is_no_utf_8_is_indexed(tmp_path: Path) -> None:
    """What it was built from is stored with the index, and could not be."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    write_texts(folder, make_texts(2))

    build(folder, tmp_path / "index")
    report = build(folder, tmp_path / "index")

    assert report.unchanged == 2


@pytest.mark.skipif(os.name != "posix" or bool(os.geteuid()), reason="needs to be root, and nobody")
def test_a_reader_that_may_not_write_sees_what_the_owner_writes(open_place: Path) -> None:
    """A9 and B2: it took the index to be immutable, which it was not."""
    path = write_index(open_place / "index.db", {"e.txt": "Entry to the salt museum is free."})
    find_documents(path, "museum")  # loads what nobody may not be allowed to load
    for item in open_place.glob("index.db-*"):
        item.unlink()
    open_place.chmod(0o555)
    with as_nobody():
        index = open_index(path)
        before = find_in(index, "museum")
    open_place.chmod(0o755)
    writes = "write_index(Path(sys.argv[1]), {'f.txt': 'A museum of clocks.'})"

    done = run_child(f"import sys; from tests.fake_index import *; {writes}", path)
    with closing(index), as_nobody():
        after = find_in(index, "museum")

    assert done.returncode == 0, done.stderr
    assert before == ["e.txt"]
    assert after == ["e.txt", "f.txt"]


def test_a_file_that_was_half_taken_in_is_read_again_even_if_it_is_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A1: a run was killed within a file, the file was put back, and stayed half and half."""
    monkeypatch.setattr("rag.synchronize.BATCH_PASSAGES", 1)
    folder = tmp_path / "documents"
    folder.mkdir()

    def write_records(century: str) -> None:
        records = [
            {"id": n, "text": f"The {name_place(n)} house opened in {century}{n} by the river."}
            for n in (0, 1, 2)
        ]
        (folder / "houses.jsonl").write_text("\n".join(map(json.dumps, records)))

    class Failing(HashingEncoder):
        def encode_passages(self, texts: Any) -> Vectors:
            if any(name_place(2) in text for text in texts):
                raise RuntimeError("the power went")
            return super().encode_passages(texts)

    write_records("199")
    build(folder, tmp_path / "index")
    before = read_content(tmp_path / "index" / "index.db")
    write_records("200")
    with pytest.raises(RuntimeError, match="the power went"):
        build(folder, tmp_path / "index", encoder=Failing())
    write_records("199")

    build(folder, tmp_path / "index")

    assert read_content(tmp_path / "index" / "index.db") == before


def test_caches_that_are_no_longer_named_are_removed(tmp_path: Path) -> None:
    """A2."""
    folder = write_texts(tmp_path / "documents", make_texts(100))
    build(folder, tmp_path / "index")
    first = list_caches(tmp_path / "index")
    write_texts(folder, make_texts(220))
    build(folder, tmp_path / "index")
    then = list_caches(tmp_path / "index")
    (tmp_path / "index" / "terms-en-1-2.new.part").write_bytes(b"half")
    (tmp_path / "index" / "terms-en-1-2-0a1b2c3d").write_bytes(b"of a run that was killed")

    build(folder, tmp_path / "index")

    assert first[0] == first[1]
    assert then[0] == then[1]
    assert not set(first[0]) & set(then[0])
    assert list_caches(tmp_path / "index") == then


def test_a_file_of_the_user_s_beside_the_index_is_left_alone(tmp_path: Path) -> None:
    """Whoever keeps the index among their documents lost `terms-of-service.txt`."""
    own = [tmp_path / "index" / name for name in ("terms-of-service.txt", "vectors-to-plot.csv")]
    write_texts(tmp_path / "index", {path.name: "mine" for path in own})

    path = write_index(tmp_path / "index" / "index.db", {"e.txt": "Tea."})
    with closing(open_index(path)):
        pass

    assert all(path.read_text() == "mine" for path in own)
