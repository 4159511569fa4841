"""JSON Lines give a record a line, however long the file is, and name the lines that are none."""

import io
import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from rag.files.lines import (
    MAX_LINE_BYTES,
    MAX_LINE_NOTES,
    SAMPLE_BYTES,
    read_json_lines,
)
from rag.files.records import Note, Record, UnreadableError

CHINESE = "小米汽车首款车型上市，雷军表示价格为21.59万元。经过三年筹备，小米SU7今天正式发布。"


def read(data: bytes, encoding: str | None = None) -> tuple[list[Record], list[Note]]:
    notes: list[Note] = []
    return list(read_json_lines(io.BytesIO(data), encoding, notes.append)), notes


def write(count: int, text: str, *, codec: str = "utf-8") -> bytes:
    lines = (json.dumps({"id": n, "text": text}, ensure_ascii=False) for n in range(count))
    return "\n".join(lines).encode(codec)


def test_the_good_lines_are_kept_and_the_bad_reported_by_number() -> None:
    """C13."""
    lines = [
        '{"id": "a", "text": "one", "title": "T", "date": "2024-05-01", "source": "S"}',
        '{"id": 2, "text": "two\u2028still two"}',
        "",
        "{broken",
        '{"id": "a", "text": "again"}',
        '{"id": "b", "text": " "}',
        '{"text": "no id"}',
        "[" * 100_000,
        '{"id": "c", "text": "three", "date": "2024-13-01"}',
    ]

    records, notes = read("\n".join(lines).encode())

    assert [record.key for record in records] == ["a", "2", "c"]
    assert records[0] == Record("one", "T", date(2024, 5, 1), "S", "a")
    assert records[1].text == "two\u2028still two"
    assert records[2].published is None
    found = [(re.findall(r"line (\d+)", note.reason)[0], note.skipped) for note in notes]
    assert found == [
        ("4", True), ("5", True), ("6", True), ("7", True), ("8", True), ("9", False),
    ]  # fmt: skip


def test_ten_thousand_lines_lose_only_the_broken_one() -> None:
    """C13."""
    lines = [json.dumps({"id": n, "text": f"text {n}"}) for n in range(10_000)]
    lines[4] = "{"

    records, notes = read("\n".join(lines).encode())

    assert len(records) == 9_999
    assert [note.reason for note in notes] == ["line 5 is not valid JSON; it was left out"]


def test_many_broken_lines_do_not_drown_the_reader() -> None:
    _, notes = read("\n".join(["{"] * 500 + ['{"id": 1, "text": "x"}']).encode())

    assert len(notes) == MAX_LINE_NOTES + 1
    assert notes[-1] == Note("480 more lines have problems of this kind", skipped=True)


def test_a_file_without_a_record_is_refused_with_its_first_problem_and_nothing_else() -> None:
    notes: list[Note] = []

    with pytest.raises(UnreadableError, match=r"no record with an id and a text \(line 2 is not"):
        list(read_json_lines(io.BytesIO(b"\n{\n[]\n"), None, notes.append))

    assert notes == []


def test_problems_are_told_between_the_records() -> None:
    notes: list[Note] = []
    lines = b'{\n{"id": 1, "text": "x"}\n{\n{"id": 2, "text": "x"}\n'

    told = [len(notes) for _ in read_json_lines(io.BytesIO(lines), None, notes.append)]

    assert told == [1, 2]


def test_a_line_that_is_too_long_is_passed_over() -> None:
    long = b'{"id": 2, "text": "' + b"x" * MAX_LINE_BYTES + b'"}\n'

    records, notes = read(b'{"id": 1, "text": "x"}\n' + long + b'{"id": 3, "text": "x"}')

    assert [record.key for record in records] == ["1", "3"]
    assert [note.reason for note in notes] == ["line 2 is longer than 10 MB; it was left out"]
    short = json.dumps({"id": 1, "text": "x" * (MAX_LINE_BYTES - 30)}).encode() + b"\n"
    assert len(read(short)[0]) == 1


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be",
                                   "utf-32", "gb18030", "big5", "shift_jis"])  # fmt: skip
@pytest.mark.parametrize("count", [3, SAMPLE_BYTES // 40])
def test_any_encoding_is_found_out_in_short_files_and_long(codec: str, count: int) -> None:
    """C4. U+0A0A and U+0A00 hold the byte that ends a line."""
    wide = codec.startswith("utf")
    text = (
        "小米 words \u0a0a\u0a00"
        if wide
        else "台灣大學是一所大學"
        if codec == "big5"
        else "日本の大学"
    )

    records, notes = read(write(count, text, codec=codec))

    assert {record.text for record in records} == {text}
    assert len(records) == count
    assert [note.skipped for note in notes] in ([], [False])


def test_an_encoding_may_show_late_in_a_long_file() -> None:
    """A sample of the first megabyte would hold no Chinese at all."""
    plain = write(SAMPLE_BYTES // 30, "plain words, and more of them")
    chinese = json.dumps({"id": "zh", "text": CHINESE}, ensure_ascii=False).encode("gb18030")

    records, notes = read(plain + b"\n" + chinese)

    assert records[-1].text == CHINESE
    assert notes == []


def test_bytes_that_do_not_fit_are_replaced_and_the_first_is_named() -> None:
    """C3, C5."""
    good = json.dumps({"id": 1, "text": CHINESE}, ensure_ascii=False).encode() + b"\n"
    bad = b'{"id": 2, "text": "a\xffb"}\n{"id": 3, "text": "\xfe"}\n'

    records, notes = read(good + bad)

    assert [record.text for record in records] == [CHINESE, "a\ufffdb", "\ufffd"]
    assert len(notes) == 1
    assert notes[0].reason.startswith(f"byte {len(good) + 20} is not UTF-8")


def test_an_encoding_given_is_used_and_one_without_line_ends_refused() -> None:
    data = write(2, "북경", codec="cp949")

    assert [record.text for record in read(data, "cp949")[0]] == ["북경"] * 2
    assert [record.text for record in read(write(2, "中", codec="utf-16"), "utf-16")[0]] == [
        "中"
    ] * 2
    with pytest.raises(UnreadableError, match="in cp037, where lines cannot be told apart"):
        read(data, "cp037")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('{"id": 1, "text": "x", "date": ' + "[" * 900 + "]" * 900 + "}", id="nested"),
        pytest.param('{"id": 1, "text": "x", "date": 1' + "0" * 4_000 + "}", id="huge number"),
        pytest.param('{"id": 1, "text": "x", "date": 1e999, "title": NaN}', id="no number"),
        pytest.param(
            json.dumps({"id": 1, "text": "x", "date": "a" + "\u0301\u0316" * 100_000}),
            id="combining marks",
        ),
        pytest.param(json.dumps({"id": 1, "text": "x", "title": "[" * 10**6}), id="markup"),
        pytest.param(json.dumps({"id": 1, "text": "# a" + " " * 10**6 + "b"}), id="heading"),
    ],
)
def test_a_hostile_field_costs_nothing_but_itself(line: str) -> None:
    """C6. Two hundred thousand combining marks for a date took a minute."""
    records, notes = read(line.encode())

    assert [record.published for record in records] == [None]
    assert [note.skipped for note in notes] in ([], [False])


READ_LARGE = """
import resource, sys
from pathlib import Path
from rag.load import stream_file

path = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (150 * 2**20,) * 2)
problems = []
for document in stream_file(path, path.parent, report=problems.append):
    print(document.id)
print([problem.reason for problem in problems])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit of memory, and sparse files")
def test_a_file_larger_than_memory_is_read(tmp_path: Path) -> None:
    """C7."""
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(write(2_000, CHINESE) + b"\n")
        file.seek(2**29, io.SEEK_CUR)  # a hole of half a gigabyte: one long line
        file.write(b'\n{"id": "last", "text": "x"}\n')

    done = subprocess.run(  # noqa: S603  (our own interpreter and text)
        [sys.executable, "-c", READ_LARGE, str(path)], capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    assert done.stdout.splitlines()[-2:] == [
        "a.jsonl#last",
        "['line 2001 is longer than 10 MB; it was left out']",
    ]
