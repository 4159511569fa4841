"""Every file of a folder is read or reported, whatever its name and content."""

import os
import random
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from rag.errors import CorpusError
from rag.load import LoadedFile, Problem, find_files, load_file
from rag.types import Document


def load(path: Path, content: bytes | str) -> LoadedFile:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_file(path, path.parent)


def names(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in find_files(folder)]


def reason(loaded: LoadedFile) -> str:
    (problem,) = loaded.problems
    assert (loaded.documents, problem.path, problem.skipped) == ((), loaded.path, True)
    return problem.reason


def test_a_text_becomes_a_document_as_it_stands(tmp_path: Path) -> None:
    text = "小米SU7上市\r\n发布时间：2024-03-28 10:00\r\n正文\x00。"
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"\xef\xbb\xbf" + text.encode())

    loaded = load_file(folder / "a.txt", tmp_path)

    kept = text.replace("\x00", "\ufffd")
    document = Document("news/a.txt", "小米SU7上市", kept, "news/a.txt", "zh", date(2024, 3, 28))
    assert loaded == LoadedFile("news/a.txt", (document,), ())


def test_the_file_name_is_the_last_resort_for_a_title(tmp_path: Path) -> None:
    loaded = load(tmp_path / "report.v2.txt", "This is a sentence.")

    assert loaded.documents[0].title == "report.v2"


def test_a_record_is_named_by_its_file_and_id(tmp_path: Path) -> None:
    loaded = load(
        tmp_path / "x.jsonl", '{"id": "a\\n\\ud800", "text": "A sentence \\ud800."}\nno\n'
    )

    (document,) = loaded.documents
    assert document.id == document.title == "x.jsonl#a\\x0a\\ud800"
    assert document.text == "A sentence \ufffd."
    assert loaded.problems == (
        Problem("x.jsonl", "line 2 is not valid JSON; it was left out", skipped=True),
    )


def test_a_warning_keeps_the_text(tmp_path: Path) -> None:
    loaded = load(tmp_path / "a.txt", "小米汽车".encode() + b"\xff")

    assert loaded.documents[0].text == "小米汽车\ufffd"
    assert [problem.skipped for problem in loaded.problems] == [False]
    assert "byte 12" in loaded.problems[0].reason


def test_the_encoding_given_wins(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("북경".encode("cp949"))

    loaded = load_file(tmp_path / "a.txt", tmp_path, encoding="cp949")

    assert loaded.documents[0].text == "북경"
    with pytest.raises(ValueError, match="klingon"):
        load_file(tmp_path / "a.txt", tmp_path, encoding="klingon")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \r\n\t", "only white space"),
        ("a.txt", b"\xef\xbb\xbf", "only white space"),
        ("a.md", b"---\ntitle: x\n---\n", "front matter and nothing else"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "unsupported type .png; supported: .docx, .htm,"),
        ("a", b"x", "no file extension; supported: .docx"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(100), "looks like .png"),
        ("a.md", b"%PDF-1.7\n", "looks like .pdf"),
        ("a.pdf", b"<html></html>", "named as a PDF, but looks like .htm"),
        ("a.docx", b"%PDF-1.7\n", "looks like .pdf"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old format"),
        ("a.docx", b"PK\x03\x04", "damaged"),
        ("a.jsonl", b"{}\n", "no record with an id and a text"),
    ],
)
def test_a_file_without_text_is_skipped_with_a_reason(
    tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    assert expected in reason(load(tmp_path / name, content))


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".jsonl", ".pdf", ".docx"])
def test_random_bytes_are_skipped_under_any_name(tmp_path: Path, suffix: str) -> None:
    rng = random.Random(suffix)  # noqa: S311  (seeded on purpose)
    for size in (100, 3_000):
        assert "named as" in reason(load(tmp_path / f"a{suffix}", rng.randbytes(size)))


def test_a_large_file_is_skipped_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    with path.open("wb") as file:
        file.truncate(2**40)  # sparse: takes no space

    assert "more than the limit of 50.0 MB" in reason(load_file(path, tmp_path))
    path.write_bytes(b"12345")
    assert load_file(path, tmp_path, max_file_bytes=5).documents[0].text == "12345"
    assert "limit" in reason(load_file(path, tmp_path, max_file_bytes=4))


def test_files_come_sorted_and_without_what_is_hidden(tmp_path: Path) -> None:
    for name in ["b.txt", "a/z.md", "a.txt", ".hidden.txt", ".git/x.txt", "a/.y.txt", "c.png"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")

    assert names(tmp_path) == ["a.txt", "a/z.md", "b.txt", "c.png"]


def test_the_ignore_file_names_paths_names_and_folders(tmp_path: Path) -> None:
    for name in ["keep.txt", "drop.bak.txt", "sub/drop.txt", "sub/keep.txt", "old/x.txt"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / ".crossquoteignore").write_text("# comment\n\n*.bak.txt\nsub/drop.txt\nold/\n")

    assert names(tmp_path) == ["keep.txt", "sub/keep.txt"]


def test_a_single_file_is_a_corpus_too(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")

    assert find_files(path) == [path]
    assert load_file(path, path) == load_file(path, tmp_path)


@pytest.mark.parametrize("name", ["missing", "pipe", "nul\x00"])
def test_what_is_no_folder_is_refused_by_name(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(CorpusError, match=name[:3]):
        find_files(tmp_path / name)


def test_pipes_sockets_and_loops_do_not_hang(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self.txt").symlink_to("self.txt")
    (tmp_path / "broken.txt").symlink_to("nowhere")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.txt"))

        assert names(tmp_path) == ["a.txt"]
    assert "no ordinary file" in reason(load_file(tmp_path / "pipe.txt", tmp_path))
    assert "cannot be opened" in reason(load_file(tmp_path / "gone.txt", tmp_path))


def test_links_never_lead_out_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "..data").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "..data" / "k.txt").write_text("mounted as Kubernetes does")
    (folder / "a.txt").write_text("x")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "same.txt").symlink_to("a.txt")
    (folder / "k.txt").symlink_to("..data/k.txt")

    assert names(folder) == ["a.txt", "k.txt"]
    assert "outside of the folder" in reason(load_file(folder / "out.txt", folder))
    assert "outside of the folder" in reason(load_file(folder / ".." / "secret.txt", folder))


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("小米.txt", "小米.txt"),
        ("😀👩\u200d👧.txt", "😀👩\u200d👧.txt"),
        ("new\nline.txt", "new\\x0aline.txt"),
        ("back\\slash.txt", "back\\\\slash.txt"),
        ("\u202egnp.txt", "\\u202egnp.txt"),
        ("x" * 251 + ".txt", "x" * 251 + ".txt"),
        ("con.txt", "con.txt"),
        (os.fsdecode(b"bad\xff.txt"), "bad\\xff.txt"),
    ],
)
def test_any_name_gives_an_id_of_valid_text_on_one_line(
    tmp_path: Path, name: str, id_: str
) -> None:
    (tmp_path / name).write_text("some text")

    (path,) = find_files(tmp_path)
    (document,) = load_file(path, tmp_path).documents

    assert document.id == document.source == id_
    assert id_.encode("utf-8").decode("utf-8") == id_


def test_an_unreadable_file_or_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "sub").mkdir()
    for name in ("a.txt", "sub"):
        (tmp_path / name).chmod(0)
    if os.access(tmp_path / "a.txt", os.R_OK):
        pytest.skip("this user may read everything")

    loaded = [load_file(path, tmp_path) for path in find_files(tmp_path)]

    (tmp_path / "sub").chmod(0o700)
    assert [(file.path, file.documents) for file in loaded] == [("a.txt", ()), ("sub", ())]
    assert all("permissions" in reason(file) for file in loaded)


def test_importing_loads_no_parser() -> None:
    heavy = "{'trafilatura', 'docx', 'lxml', 'pypdfium2', 'charset_normalizer', 'puremagic'}"
    code = f"import sys, rag.load; print(sorted({heavy} & set(sys.modules)))"

    shown = subprocess.run(  # noqa: S603  (our own interpreter and words)
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert shown.stdout == "[]\n"
