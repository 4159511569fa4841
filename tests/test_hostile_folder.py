"""A folder of the worst names and things is indexed: what is text is cited, the rest is told.

The rows C6, C7, C14, C15 and C16 of the reliability bar for a whole build and its answers; what
loading makes of each single file is held by `test_hostile_files`.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rag import synchronize
from rag.catalog import list_documents, remove_documents
from rag.check import check_index
from rag.config import Settings
from rag.pipeline import load_glossary, open_writer
from tests.fake_folder import (
    build,
    name_place,
    open_answerer,
    quote_all,
    read_content,
    run_child,
    write_texts,
)

OLD = f"The lighthouse of {name_place(21)} was built in 1021.\n"
NEW = f"The lighthouse of {name_place(21)} was sold to a baker in 1999.\n"
NAMES = [
    "小米汽车.txt",
    "车" * 83 + ".txt",  # 253 bytes
    "x" * 251 + ".txt",
    "😀👩\u200d👧.txt",
    "new\nline.txt",
    "a..\\..\\up.txt",
    "C:\\windows\\x.txt",
    "%2e%2e%2fup.txt",
    "\u202egnp.txt",
    "con.txt",
    "aux.txt",
    "~root.txt",
    "-rf.txt",
    " spaced .txt",
    "news.txt#1.txt",
    "'; DROP TABLE documents; --.txt",
    "<img src=x onerror=alert(1)>.txt",
    "${x}{{y}}`z`.txt",
    "bad\udcff.txt",  # a byte that is no UTF-8
]


def tell_of(n: int) -> str:
    return f"The lighthouse of {name_place(4 * n)} was built in {1100 + n}.\n"


def ask_about(n: int) -> str:
    return f"When was the lighthouse of {name_place(4 * n)} built?"


@pytest.mark.skipif(os.name != "posix", reason="names that Windows does not allow")
def test_files_of_any_name_are_indexed_cited_kept_and_removed_by_a_name_on_one_line(
    tmp_path: Path,
) -> None:
    """C14."""
    folder, index = tmp_path / "documents", tmp_path / "index"
    names = {f"sub/{name}": f"# Light\n\n{tell_of(n)}" for n, name in enumerate(NAMES)}
    keys = ["../x", "/etc/x", "a\nb"]
    records = [{"id": key, "text": tell_of(30 + n)} for n, key in enumerate(keys)]
    lines = "\n".join(map(json.dumps, records))
    write_texts(folder, {**names, "news.jsonl": lines})
    outside = sorted(path.name for path in tmp_path.iterdir())

    report = build(folder, index)
    again = build(folder, index)

    count = len(NAMES) + len(records)
    listed = [item.id for item in list_documents(index / "index.db")]
    assert (report.documents, report.problems, again.unchanged) == (count, (), len(NAMES) + 1)
    assert len(set(listed)) == count
    assert all(id_.replace("\u200d", "").isprintable() and id_.encode() for id_ in listed)
    assert {"news.jsonl#../x", "news.jsonl#/etc/x", "news.jsonl#a\\x0ab"} <= set(listed)
    assert check_index(index / "index.db", load_glossary(None)).problems == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*outside, "index"])
    assert all(path.name.startswith("index.") for path in index.iterdir())
    with closing((answerer := open_answerer(index)).index):
        for n in [*range(len(NAMES)), 30, 31, 32]:
            (first, *_) = answerer(ask_about(n)).citations
            assert first.quote.text == tell_of(n).strip()
            assert first.quote.document_id in listed
    own = Settings(index=index)
    assert remove_documents(own.database, listed, lambda: open_writer(own)) == count
    assert list(list_documents(own.database)) == []


@pytest.fixture
def special(tmp_path: Path) -> Iterator[Path]:
    """A folder of two texts among everything that is no text, and must not be waited for."""
    folder = write_texts(tmp_path / "documents", {"a.txt": tell_of(0), "z/b.txt": tell_of(1)})
    os.mkfifo(folder / "pipe.txt")
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "loop").symlink_to(folder)
    (folder / "self.txt").symlink_to("self.txt")
    (folder / "broken.txt").symlink_to("nowhere")
    (folder / "zero.txt").symlink_to("/dev/zero")
    (folder / "tty.txt").symlink_to("/dev/tty")
    (folder / "to-pipe.txt").symlink_to("pipe.txt")
    (folder / "passwd.txt").symlink_to("/etc/passwd")
    (folder / "empty.pdf").write_bytes(b"")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(folder)  # the path of a socket may be no longer than 107 bytes
        try:
            server.bind("socket.txt")
        finally:
            os.chdir(here)
        yield folder


BUILD = "import sys; from pathlib import Path; from tests.fake_folder import build; "
BUILD += "print([p.path for p in build(Path(sys.argv[1]), Path(sys.argv[2])).problems])"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs the files of Unix")
def test_a_build_waits_for_nothing_and_takes_in_what_is_text(special: Path, tmp_path: Path) -> None:
    """C15, in a process of its own, which is killed if it hangs."""
    done = run_child(BUILD, special, tmp_path / "index")

    assert (done.stdout, done.stderr) == ("['empty.pdf']\n", "")
    content = read_content(tmp_path / "index" / "index.db")
    assert content["documents"].keys() == {"a.txt", "z/b.txt"}
    assert "root:" not in repr(content)


def test_what_comes_between_the_checksum_of_a_file_and_its_reading_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C16: the text of one moment was stored with the checksum of another.

    When the file was put back, it counted as unchanged, and what it no longer said was cited.
    """
    folder = write_texts(tmp_path / "documents", {"a.txt": OLD})
    real = synchronize._hash_file

    def hash_and_change(path: Path) -> str | None:
        digest = real(path)
        path.write_text(NEW)
        return digest

    with monkeypatch.context() as patch:
        patch.setattr(synchronize, "_hash_file", hash_and_change)
        build(folder, tmp_path / "index")
    between = read_content(tmp_path / "index" / "index.db")
    (folder / "a.txt").write_text(OLD)

    build(folder, tmp_path / "index")

    assert between["documents"]["a.txt"].text == NEW
    assert read_content(tmp_path / "index" / "index.db")["documents"]["a.txt"].text == OLD


def test_a_file_that_is_replaced_all_the_time_is_stored_in_one_version(tmp_path: Path) -> None:
    """C16."""
    folder = write_texts(tmp_path / "documents", {"a.txt": OLD, "b.txt": tell_of(1)})
    versions = [OLD * 2_000, NEW * 1_500]
    ended = threading.Event()

    def replace() -> None:
        while not ended.is_set():
            for version in versions:
                (tmp_path / "draft").write_text(version)
                (tmp_path / "draft").replace(folder / "a.txt")

    writer = threading.Thread(target=replace)
    writer.start()
    seen = []
    try:
        for _ in range(4):
            build(folder, tmp_path / "index")
            seen.append(read_content(tmp_path / "index" / "index.db")["documents"]["a.txt"].text)
    finally:
        ended.set()
        writer.join()
    build(folder, tmp_path / "index")

    last = read_content(tmp_path / "index" / "index.db")["documents"]["a.txt"].text
    assert set(seen) <= {OLD, *versions}
    assert last == (folder / "a.txt").read_text()


@pytest.mark.parametrize("strange", ["\u200b", "\u200c", "\u202e", "\u2066", "\ufeff", "\u00ad"])
def test_invisible_characters_within_words_hide_nothing_and_move_no_quote(
    tmp_path: Path, strange: str
) -> None:
    """C6: the words are found as if it were not there, and the quote is what stands in the file."""
    place = strange.join(name_place(20))
    built = f"The light{strange}house of {place} was built in 1020."
    text = f"Of boats{strange}.\n\n{built} It is old.\n"
    folder = write_texts(tmp_path / "documents", {"a.txt": text, "b.txt": tell_of(1)})
    build(folder, tmp_path / "index")

    (answer,) = quote_all(
        tmp_path / "index", [f"When was the lighthouse of {name_place(20)} built?"]
    )

    (first, *_) = answer["citations"]
    quote = first["quote"]
    assert answer["text"].startswith("1020 [1]")
    assert quote["document_id"] == "a.txt"
    assert text[quote["start"] : quote["end"]] == quote["text"]
    assert quote["text"] == built
