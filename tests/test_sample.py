"""Folders and questions of any size come out of one file, the same every time."""

from __future__ import annotations

import gzip
import json
from itertools import islice
from pathlib import Path

import pytest

from embeddings.gloss import Glossary
from eval.bench.sample import (
    count_documents,
    hash_data,
    make_document,
    make_questions,
    read_records,
    repeat_records,
    sample_texts,
    write_documents,
)
from rag.errors import CorpusError
from rag.synchronize import cut_document
from tests.fakes import BRIDGE_EN, BRIDGE_ZH, MUSEUM_EN, MUSEUM_ZH

TEXTS = [document.text for document in (BRIDGE_ZH, BRIDGE_EN, MUSEUM_ZH, MUSEUM_EN)]


def write_data(path: Path, texts: list[str]) -> Path:
    lines = [json.dumps({"id": f"d{n}", "text": text}) for n, text in enumerate(texts)]
    data = ("\n".join(lines) + "\n\n").encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["data.jsonl", "data.jsonl.gz"])
def test_records_are_read_plain_or_compressed(tmp_path: Path, name: str) -> None:
    data = write_data(tmp_path / name, TEXTS)

    assert [record["text"] for record in read_records(data)] == TEXTS


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"id": "a"}\n', "line 1 has no id and text"),
        (b'{"id": "a", "text": "b"}\n[1]\n', "line 2 has no id and text"),
        (b"no json\n", "cannot read the texts"),
        (b"\xff\xfe\n", "cannot read the texts"),
    ],
)
def test_a_line_that_is_no_record_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    data = tmp_path / "data.jsonl"
    data.write_bytes(content)

    with pytest.raises(CorpusError, match=words):
        list(read_records(data))


def test_a_file_that_is_missing_or_cut_short_is_an_error(tmp_path: Path) -> None:
    whole = write_data(tmp_path / "data.jsonl.gz", TEXTS).read_bytes()
    (tmp_path / "data.jsonl.gz").write_bytes(whole[:-20])

    for name in ("data.jsonl.gz", "none.jsonl"):
        with pytest.raises(CorpusError, match="cannot read the texts"):
            list(read_records(tmp_path / name))
    with pytest.raises(CorpusError, match="cannot read the texts"):
        hash_data(tmp_path / "none.jsonl")


def test_when_the_texts_run_out_halves_are_joined_and_none_comes_twice(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data.jsonl", ["ab. cd", "ef. gh", "ij. kl"])

    records = list(repeat_records(data))

    assert [record["id"] for record in records] == ["d0", "d1", "d2", "d0+1", "d1+1", "d0+2"]
    assert [record["text"] for record in records[3:]] == [
        " cd\nef.", " gh\nij.", " cd\nij.",
    ]  # fmt: skip


def test_as_many_documents_are_counted_as_give_the_passages(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data.jsonl", TEXTS)
    passages = [len(cut_document(make_document(r))) for r in islice(repeat_records(data), 4)]

    assert count_documents(data, 1) == 1
    assert count_documents(data, sum(passages[:3])) == 3
    assert count_documents(data, sum(passages[:3]) + 1) == 4


def test_a_large_number_is_estimated_by_characters(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data.jsonl", [f"{n}. {BRIDGE_EN.text}" for n in range(60)])
    each = len(cut_document(make_document(next(read_records(data)))))

    documents = count_documents(data, 1_000 * each)

    assert documents == pytest.approx(1_000, rel=0.2)


def test_too_few_texts_for_the_passages_are_an_error(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data.jsonl", TEXTS)

    with pytest.raises(CorpusError, match="holds too few texts for 1000 passages"):
        count_documents(data, 1_000)


def test_a_folder_holds_the_first_documents_so_many_a_file(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data.jsonl", TEXTS)

    size = write_documents(data, tmp_path / "out", 3, per_file=2)

    one, two = sorted((tmp_path / "out").iterdir())
    assert (one.name, two.name) == ("part-00000.jsonl", "part-00001.jsonl")
    assert [record["text"] for path in (one, two) for record in read_records(path)] == TEXTS[:3]
    assert size == one.stat().st_size + two.stat().st_size


def test_questions_are_the_same_for_a_seed_and_come_in_both_languages(glossary: Glossary) -> None:
    questions = make_questions(TEXTS, glossary, 40, seed=4)

    assert questions == make_questions(TEXTS, glossary, 40, seed=4)
    assert questions != make_questions(TEXTS, glossary, 40, seed=5)
    chinese = [q for q in questions if any("一" <= c <= "鿿" for c in q)]
    assert 10 <= len(chinese) <= 30


def test_a_question_is_about_a_clause_or_its_words_in_the_other_language(
    glossary: Glossary,
) -> None:
    questions = make_questions(["The salt museum opened in 1998."], glossary, 8, seed=1)

    assert all("The salt museum opened in 1998" in q for q in questions[0::2])
    assert all("盐" in q for q in questions[1::2])


@pytest.mark.parametrize("texts", [["..."], ["?"], [" "]])
def test_texts_without_words_give_no_questions(glossary: Glossary, texts: list[str]) -> None:
    with pytest.raises(ValueError, match="only 0 questions, 3 are wanted"):
        make_questions(texts, glossary, 3)


def test_texts_are_drawn_from_the_first_documents_alone(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data.jsonl", [str(n) for n in range(50)])

    drawn = sample_texts(data, 10, 5, seed=2)

    assert len(drawn) == len(set(drawn)) == 5
    assert set(drawn) <= {str(n) for n in range(10)}
    assert sample_texts(data, 3, 9) == ["0", "1", "2"]
