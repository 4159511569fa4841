"""A run's records come back as they were; a cut last line is lost alone, a bad one is named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.records import Record, drop_cut_line, read_records
from rag.errors import CorpusError
from tests.fake_reports import OPENED, make_error, make_record
from tests.fakes import CONFLICT, FOLLOW_UP, WHEN_EN, fake_ask, make_refusal


def write_records(path: Path, *records: Record, end: str = "\n") -> Path:
    lines = [json.dumps(record.to_dict(), ensure_ascii=False) for record in records]
    path.write_text("\n".join(lines) + end, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(make_record(), id="answer with glosses and dates"),
        pytest.param(make_record(answer=fake_ask(CONFLICT)), id="conflict"),
        pytest.param(make_record(answer=fake_ask(FOLLOW_UP, fake_ask(WHEN_EN))), id="follow-up"),
        pytest.param(make_record(answer=make_refusal("\u2028?"), found=()), id="refusal"),
        pytest.param(make_error(), id="error"),
    ],
)
def test_a_record_comes_back_as_it_was(record: Record, tmp_path: Path) -> None:
    path = write_records(tmp_path / "records.jsonl", record)

    assert read_records(path) == [record]


def test_records_keep_their_order(tmp_path: Path) -> None:
    records = [make_record(replace(OPENED, id=id_)) for id_ in ("b", "a", "c")]
    path = write_records(tmp_path / "records.jsonl", *records)

    assert [record.question.id for record in read_records(path)] == ["b", "a", "c"]


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    drop_cut_line(tmp_path / "records.jsonl")

    assert read_records(tmp_path / "records.jsonl") == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keep", [1, 40, -1])
def test_a_last_line_that_was_cut_is_left_out_and_makes_room_for_the_next(
    keep: int, tmp_path: Path
) -> None:
    path = write_records(tmp_path / "records.jsonl", make_record())
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:keep])

    assert read_records(path) == [make_record()]
    drop_cut_line(path)

    assert path.read_bytes() == whole


def test_a_line_cut_within_a_character_is_left_out(tmp_path: Path) -> None:
    """A run killed between two bytes of a Chinese character could not be gone on with."""
    path = write_records(tmp_path / "records.jsonl", make_record())
    whole = path.read_bytes()
    start = whole.index("临".encode())
    path.write_bytes(whole + whole[: start + 1])

    assert read_records(path) == [make_record()]


def test_a_single_cut_line_leaves_nothing(tmp_path: Path) -> None:
    path = write_records(tmp_path / "records.jsonl", make_record(), end="")

    assert read_records(path) == []
    drop_cut_line(path)

    assert path.read_bytes() == b""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "Expecting property name"),
        ("[]", "not a record"),
        ("{}", "'question'|'answer'"),
        (json.dumps({**make_record().to_dict(), "question": {"id": "x"}}), "answerable"),
        (json.dumps({**make_record().to_dict(), "answer": {"text": "x"}}), "validation errors"),
        (json.dumps({**make_record().to_dict(), "found": [{"rank": 1}]}), "missing 4 required"),
        (json.dumps({**make_record().to_dict(), "seconds": "soon"}), "could not convert"),
        (json.dumps({**make_record().to_dict(), "measures": None}), "items"),
    ],
)
def test_a_bad_line_is_named(line: str, words: str, tmp_path: Path) -> None:
    path = write_records(tmp_path / "records.jsonl", make_record())
    path.write_text(path.read_text(encoding="utf-8") + "\n" + line + "\n", encoding="utf-8")

    with pytest.raises(CorpusError, match=words) as caught:
        read_records(path)

    assert f"{str(path)!r}, line 3: not a record" in str(caught.value)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(b"\xff\xfe\n")

    with pytest.raises(CorpusError, match=r"cannot read the records at .*records\.jsonl"):
        read_records(path)
