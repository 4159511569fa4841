"""Every file of a folder is read or reported, whatever its name and content."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from rag.load import LoadedFile, Problem, load_file, stream_file
from rag.types import Document


def load(path: Path, content: bytes | str) -> LoadedFile:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_file(path, path.parent)


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


def test_a_large_file_is_skipped_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    with path.open("wb") as file:
        file.truncate(2**40)  # sparse: takes no space

    assert "more than the limit of 50.0 MB" in reason(load_file(path, tmp_path))
    path.write_bytes(b"12345")
    assert load_file(path, tmp_path, max_file_bytes=5).documents[0].text == "12345"
    assert "limit" in reason(load_file(path, tmp_path, max_file_bytes=4))


def test_a_single_file_is_named_as_in_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")

    assert load_file(path, path) == load_file(path, tmp_path)


def test_documents_and_problems_come_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "text": "one"}\n{\n{"id": 2, "text": "two"}\n')
    problems: list[Problem] = []

    documents = stream_file(path, tmp_path, report=problems.append)

    assert (next(documents).id, problems) == ("a.jsonl#1", [])
    assert next(documents).id == "a.jsonl#2"
    assert [problem.reason[:6] for problem in problems] == ["line 2"]
    assert list(documents) == []


def test_a_wrong_argument_is_told_before_the_first_document(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")

    with pytest.raises(ValueError, match="klingon"):
        stream_file(tmp_path / "a.txt", tmp_path, report=print, encoding="klingon")
    with pytest.raises(ValueError, match="subpath"):
        stream_file(tmp_path / "a.txt", tmp_path / "b", report=print)


def test_json_lines_have_a_limit_of_their_own_when_they_are_streamed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "text": "one"}\n')
    problems: list[Problem] = []

    streamed = list(stream_file(path, tmp_path, report=problems.append, max_file_bytes=4))
    nothing = list(stream_file(path, tmp_path, report=problems.append, max_lines_bytes=4))

    assert [document.text for document in streamed] == ["one"]
    assert nothing == []
    assert "limit" in problems[0].reason
    assert "limit" in reason(load_file(path, tmp_path, max_file_bytes=4))


def test_a_file_is_closed_when_its_documents_are_not_all_wanted(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "text": "one"}\n{"id": 2, "text": "two"}\n')
    problems: list[Problem] = []

    documents = stream_file(path, tmp_path, report=problems.append)
    next(documents)
    del documents  # a file left open is an error in this suite

    assert problems == []


def test_importing_loads_no_parser() -> None:
    heavy = "{'trafilatura', 'docx', 'lxml', 'pypdfium2', 'charset_normalizer', 'puremagic'}"
    code = f"import sys, rag.load; print(sorted({heavy} & set(sys.modules)))"

    shown = subprocess.run(  # noqa: S603  (our own interpreter and words)
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert shown.stdout == "[]\n"
