"""An index is written by one process at a time, a file whole or not at all."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from rag.errors import CorpusError, IndexDamagedError, IndexLockedError, IndexMismatchError
from rag.rows import hash_text
from rag.schema import APPLICATION_ID
from tests.fake_index import (
    META,
    ask,
    make_document,
    open_index,
    open_writer,
    put_file,
    write_index,
)

ROOT = Path(__file__).parents[1]
BRIDGE = "临河大桥通车。The Linhe Bridge opened."
MUSEUM = "The salt museum is closed. Entry is free."
TEA = "Green tea is old. 茶的价格。"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.db"


def read_texts(path: Path) -> dict[str, str]:
    """Document id -> text, as a new reader sees it."""
    with closing(open_index(path, {})) as index, index.read() as view:
        ids = [id_ for id_, _, _, _ in view.list_documents()]
        return {id_: document.text for id_, document in view.get_documents(ids).items()}


def read_generation(path: Path) -> int:
    with closing(open_index(path, {})) as index, index.read() as view:
        return view.generation


def find_everywhere(path: Path, question: str) -> dict[str, set[str]]:
    """Passage ids by leg, over both languages."""
    query = ask(question)
    found: dict[str, set[str]] = {"dense": set(), "lexical": set(), "gloss": set()}
    with closing(open_index(path, {})) as index, index.read() as view:
        for language in ("zh", "en"):
            rows = {
                "dense": view.search_vectors(query.vector, language, 9),
                "lexical": view.search_terms("lexical", language, query.lexical, 9),
                "gloss": view.search_terms("gloss", language, query.gloss, 9),
            }
            for leg, scores in rows.items():
                stored = view.get_passages(list(scores))
                found[leg] |= {item.passage.id for item in stored}
    return found


def test_what_is_written_is_read_back(path: Path) -> None:
    write_index(path, {"a.txt": BRIDGE, "b.txt": MUSEUM})

    assert read_texts(path) == {"a.txt": BRIDGE, "b.txt": MUSEUM}
    with open_writer(path) as writer:
        assert writer.list_files() == {"a.txt": f"sha of {BRIDGE}", "b.txt": f"sha of {MUSEUM}"}


def test_text_of_any_characters_is_read_back(path: Path) -> None:
    """SQLite's substr() stops at a NUL, which cut the passage short."""
    text = "before\0behind \U0001f697 é 汽车。\r\n' \" %"

    write_index(path, {"a.txt": text})

    assert read_texts(path) == {"a.txt": text}
    with closing(open_index(path, {})) as index, index.read() as view:
        rows = list(view.search_vectors(ask("behind").vector, "en", 1))
        assert [item.passage.text for item in view.get_passages(rows)] == [text]


def test_the_generation_counts_up_with_every_change(path: Path) -> None:
    with open_writer(path) as writer:
        counted = [read_generation(path)]
        put_file(writer, "a.txt", BRIDGE)
        counted.append(read_generation(path))
        put_file(writer, "a.txt", TEA)
        counted.append(read_generation(path))
        writer.remove_files(["a.txt"])
        counted.append(read_generation(path))

    assert counted == [0, 1, 2, 3]


def test_a_replaced_file_is_found_under_its_new_text_only(path: Path) -> None:
    write_index(path, {"a.txt": BRIDGE, "b.txt": MUSEUM})

    with open_writer(path) as writer:
        put_file(writer, "a.txt", TEA)

    assert read_texts(path) == {"a.txt": TEA, "b.txt": MUSEUM}
    assert find_everywhere(path, "Linhe 大桥 bridge")["lexical"] == set()
    assert find_everywhere(path, "Linhe 大桥 bridge")["gloss"] == set()
    assert find_everywhere(path, "green tea")["lexical"] == {"a.txt#0"}


def test_removed_text_is_found_by_no_leg(path: Path) -> None:
    write_index(path, {"a.txt": BRIDGE, "b.txt": MUSEUM})
    question = "Linhe bridge 大桥通车 museum"
    assert find_everywhere(path, question)["gloss"] == {"a.txt#0", "b.txt#0"}

    with open_writer(path) as writer:
        writer.remove_files(["a.txt"])

    assert find_everywhere(path, question) == {
        "dense": {"b.txt#0"}, "lexical": {"b.txt#0"}, "gloss": {"b.txt#0"},
    }  # fmt: skip


def test_after_the_last_file_has_gone_every_table_is_empty(path: Path) -> None:
    write_index(path, {"a.txt": BRIDGE, "b.txt": MUSEUM})

    with open_writer(path) as writer:
        writer.remove_files(["a.txt", "b.txt"])

    with closing(sqlite3.connect(path)) as connection:
        for table in ("files", "documents", "contents", "blocks", "passages", "vectors"):
            rows = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
            assert (table, rows) == (table, (0,))


def test_removing_a_file_that_is_not_there_changes_no_text(path: Path) -> None:
    write_index(path, {"a.txt": BRIDGE})

    with open_writer(path) as writer:
        writer.remove_files(["z.txt"])

    assert read_texts(path) == {"a.txt": BRIDGE}


@pytest.mark.parametrize("anew", [False, True])
def test_an_error_in_the_middle_of_a_file_leaves_it_as_it_was(path: Path, anew: bool) -> None:
    write_index(path, {"a.txt": BRIDGE})
    other = make_document("b.txt", TEA)
    taken = make_document("a.txt", MUSEUM)

    with open_writer(path, anew=anew) as writer:
        put_file(writer, "a.txt", BRIDGE)
        with pytest.raises(CorpusError, match=r"the id 'a.txt', which one of 'a.txt' has"):
            writer.replace_file("b.txt", "", [other, taken])

    assert read_texts(path) == {"a.txt": BRIDGE}
    assert find_everywhere(path, "Linhe")["lexical"] == {"a.txt#0"}
    assert find_everywhere(path, "green tea")["lexical"] == set()


def test_a_text_without_its_passages_is_refused(path: Path) -> None:
    document, _ = make_document("a.txt", TEA)

    with open_writer(path) as writer, writer.batch(), pytest.raises(ValueError, match="missing"):
        writer.put_document("a.txt", document)


def test_a_text_that_two_files_hold_is_stored_once(path: Path) -> None:
    write_index(path, {"b.txt": TEA, "a.txt": TEA})

    with closing(open_index(path)) as index, index.read() as view:
        found = view.get_documents(["a.txt", "b.txt"])
    with closing(sqlite3.connect(path)) as connection:
        stored = connection.execute("SELECT count(*) FROM passages").fetchone()

    assert stored == (1,)
    assert find_everywhere(path, "green tea")["dense"] == {"a.txt#0"}
    assert (found["a.txt"].copies, found["b.txt"].copies) == (("b.txt",), ("a.txt",))
    assert found["a.txt"].text == found["b.txt"].text == TEA


def test_of_two_copies_one_may_go_and_the_text_stays(path: Path) -> None:
    write_index(path, {"a.txt": TEA, "b.txt": TEA})

    with open_writer(path) as writer:
        writer.remove_files(["a.txt"])
        kept = read_texts(path)
        writer.remove_files(["b.txt"])

    assert kept == {"b.txt": TEA}
    assert read_texts(path) == {}


def test_a_row_is_never_used_again(path: Path) -> None:
    """What was read of a row is kept in memory, and would be taken for another's."""
    write_index(path, {"a.txt": BRIDGE})
    with open_writer(path) as writer:
        writer.remove_files(["a.txt"])
        put_file(writer, "b.txt", MUSEUM)

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute('SELECT "row" FROM passages').fetchall() == [(2,)]


def test_a_new_start_replaces_everything_at_once(path: Path) -> None:
    write_index(path, {"a.txt": BRIDGE, "b.txt": MUSEUM})
    before = read_generation(path)

    with open_writer(path, {"encoder": "another"}, anew=True) as writer:
        put_file(writer, "c.txt", TEA)
        assert read_texts(path) == {"a.txt": BRIDGE, "b.txt": MUSEUM}

    assert read_texts(path) == {"c.txt": TEA}
    assert read_generation(path) > before
    assert find_everywhere(path, "Linhe 大桥 museum")["lexical"] == set()
    open_index(path, {"encoder": "another"}).close()


def test_a_new_start_that_fails_leaves_the_old_index(path: Path) -> None:
    write_index(path, {"a.txt": BRIDGE})

    def stop_midway() -> None:
        with open_writer(path, anew=True) as writer:
            put_file(writer, "c.txt", TEA)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_midway()

    assert read_texts(path) == {"a.txt": BRIDGE}
    assert find_everywhere(path, "Linhe")["lexical"] == {"a.txt#0"}


def test_a_new_start_that_fails_leaves_an_index_without_documents(path: Path) -> None:
    """A chat may have it open."""
    with open_writer(path):
        pass

    with pytest.raises(RuntimeError, match="stop"), open_writer(path, anew=True):
        raise RuntimeError("stop")

    assert read_texts(path) == {}
    open_index(path).close()


def test_a_first_build_that_fails_leaves_no_index(path: Path) -> None:
    with pytest.raises(RuntimeError, match="stop"), open_writer(path):
        raise RuntimeError("stop")

    assert sorted(p.name for p in path.parent.iterdir()) == ["index.lock"]


@pytest.mark.parametrize("content", [b"", b"not a database, but long enough to be one" * 99])
def test_a_new_start_replaces_a_file_that_cannot_be_read(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with open_writer(path, anew=True) as writer:
        put_file(writer, "a.txt", TEA)

    assert read_texts(path) == {"a.txt": TEA}


def test_an_index_that_was_built_otherwise_is_refused(path: Path) -> None:
    write_index(path, {"a.txt": BRIDGE})

    with pytest.raises(IndexMismatchError, match="was built with encoder 'hashing/1', but now it"):
        open_writer(path, {**META, "encoder": "other"})

    with open_writer(path) as writer:  # and the lock is free again
        assert list(writer.list_files()) == ["a.txt"]


def test_a_build_killed_before_its_tables_were_made_goes_on(path: Path) -> None:
    """Such a file has a header and no tables; it was refused as another program's until now."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    assert path.stat().st_size > 0

    write_index(path, {"a.txt": BRIDGE})

    assert read_texts(path) == {"a.txt": BRIDGE}


def test_another_programs_database_is_refused_and_not_touched(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
        connection.commit()
    before = path.read_bytes()

    with pytest.raises(IndexDamagedError, match="not an index of this program"):
        open_writer(path)

    assert path.read_bytes() == before


def test_a_damaged_file_is_refused(path: Path) -> None:
    path.write_bytes(b"x" * 5000)

    with pytest.raises(IndexDamagedError, match=r"index\.db' cannot be read"):
        open_writer(path)


def test_a_second_writer_is_refused_until_the_first_has_ended(path: Path) -> None:
    with open_writer(path), pytest.raises(IndexLockedError, match=r"is locked by pid \d+"):
        open_writer(path)

    open_writer(path).__exit__(None, None, None)


def test_the_lock_of_a_killed_process_is_free_and_what_it_committed_is_kept(path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from tests.fake_index import *\n"
        f"writer = open_writer(Path({str(path)!r})); put_file(writer, 'a.txt', {BRIDGE!r})\n"
        "writer._connection.execute('BEGIN IMMEDIATE')\n"
        "writer._delete_documents([('a.txt', 1)])\n"
        "print('ready', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        with pytest.raises(IndexLockedError):
            open_writer(path)
        child.send_signal(signal.SIGKILL)

    with open_writer(path) as writer:
        put_file(writer, "b.txt", TEA)
    assert read_texts(path) == {"a.txt": BRIDGE, "b.txt": TEA}
    assert find_everywhere(path, "Linhe")["lexical"] == {"a.txt#0"}


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(CorpusError, match=r"file/index\.db' cannot be written"):
        open_writer(tmp_path / "file" / "index.db")


def test_a_full_disk_is_reported_and_the_old_state_kept(path: Path) -> None:
    write_index(path, {"a.txt": BRIDGE})

    with open_writer(path) as writer:
        writer._connection.execute("PRAGMA max_page_count = 1")  # SQLite raises it to what is used
        with pytest.raises(CorpusError, match=r"cannot be written: database or disk is full"):
            put_file(writer, "b.txt", "word. " * 50_000)

    assert read_texts(path) == {"a.txt": BRIDGE}


@pytest.mark.skipif(os.name != "posix", reason="names that Windows does not allow")
def test_an_index_may_lie_at_an_odd_path(tmp_path: Path) -> None:
    path = tmp_path / "a b?mode=memory#c%41&é汽车" / "my index.db"

    write_index(path, {"a.txt": BRIDGE})

    assert path.is_file()
    assert read_texts(path) == {"a.txt": BRIDGE}


def test_the_file_says_whose_it_is(path: Path) -> None:
    write_index(path, {"a.txt": BRIDGE})

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        stored = connection.execute("SELECT key FROM contents").fetchone()
        assert stored == (hash_text(BRIDGE),)
