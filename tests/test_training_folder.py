"""The folder that training writes gives the student's very vectors wherever it is loaded."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from embeddings.bilingual import check_files
from embeddings.training.__main__ import main
from embeddings.training.card import SHOWN, write_card
from embeddings.training.folder import write_folder
from embeddings.training.tokenizer import build_tokenizer
from embeddings.transformer import MeanPooledTransformer
from rag.errors import ModelMissingError
from tests.fake_teacher import PIECES, WORDS, encode_texts, make_student, write_teacher

FIRST = len(PIECES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_teacher(tmp_path_factory.mktemp("teacher"))


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Tokenizer:
    return build_tokenizer(folder, WORDS)


def test_the_folder_gives_the_students_vectors_wherever_it_is_loaded(
    folder: Path, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    student = make_student(folder)
    texts = ["我们的茶", "按钮, the teas?", "", "abc", "臺灣的火車站", "tea " * 300]
    expected = encode_texts(student, tokenizer, texts)

    write_folder(student, tokenizer, folder, tmp_path / "out", card="# Card\n")

    untyped: Any = SentenceTransformer
    plain = untyped(str(tmp_path / "out"), device="cpu", local_files_only=True)
    assert np.abs(plain.encode(texts) - expected).max() < 2e-3
    assert plain[0].auto_model.dtype == torch.float32
    ours = MeanPooledTransformer(tmp_path / "out")
    assert np.abs(ours.encode(texts[:-1]) - expected[:-1]).max() < 2e-3
    stored = load_file(tmp_path / "out" / "model.safetensors")
    assert {value.dtype for value in stored.values()} == {np.dtype(np.float16)}
    rows = stored["embeddings.word_embeddings.weight"]
    assert np.array_equal(rows[:FIRST], student.english.weight.half().numpy())
    assert np.array_equal(rows[FIRST:], student.new.weight.detach().half().numpy())
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert (config["vocab_size"], config["dtype"]) == (FIRST + 2 + len(WORDS), "float32")
    assert "_name_or_path" not in config
    window = json.loads((tmp_path / "out" / "tokenizer_config.json").read_text())
    assert window["model_max_length"] == 256
    assert (tmp_path / "out" / "model.safetensors").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "out" / "README.md").read_text() == "# Card\n"


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_flipped_byte_in_any_file_that_is_loaded_is_found(
    name: str, folder: Path, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    write_folder(make_student(folder), tokenizer, folder, tmp_path, card="")
    check_files(tmp_path)
    path = tmp_path / name
    content = bytearray(path.read_bytes())
    digest = hashlib.sha256(content).hexdigest()
    assert f"{digest}  {name}\n" in (tmp_path / "SHA256SUMS").read_text()

    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    with pytest.raises(ModelMissingError, match=rf"{name}' is damaged"):
        check_files(tmp_path)


def test_the_card_says_what_the_run_used() -> None:
    options = {name: f"<{name}>" for name in SHOWN} | {"out": "/home/me"}

    card = write_card(options, pairs=45780, words=40800)

    assert "rows for 40,800 Chinese words" in card
    assert "45,780 pairs" in card
    assert all(f"| {name.replace('_', ' ')} | <{name}> |\n" in card for name in SHOWN)
    assert "/home/me" not in card
    assert "{" not in card


def test_the_command_makes_a_folder_from_data_files(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = "ntrex\tThe tea is old\t茶是老的\nreact\tA button in 2024\t2024年的按鈕\n"
    files = {"pairs.tsv": pairs, "mined.tsv": "", "names.tsv": "city\tZed\t喆站\n"}
    files["more.jsonl"] = '{"text": "诺曼底诺曼底"}\n' * 99
    for name, text in files.items():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
    options = {
        "data": tmp_path, "out": tmp_path / "out", "teacher": folder,
        "count-words-in": tmp_path / "more.jsonl.gz", "words": 7000, "epochs": 1, "questions": 4,
        "glosses": 5, "english": 3, "body-rate": 0, "row-rate": 1e-9, "batch-tokens": 64, "seed": 3,
    }  # fmt: skip
    words = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    monkeypatch.setattr("sys.argv", ["training", *words])

    main()

    check_files(tmp_path / "out")
    model = MeanPooledTransformer(tmp_path / "out")
    vocabulary = Tokenizer.from_file(str(tmp_path / "out" / "tokenizer.json")).get_vocab()
    assert len(vocabulary) == FIRST + 2 + 7000
    assert {"##茶", "##诺曼底"} < vocabulary.keys()
    assert "##喆站" not in vocabulary  # 喆 is none of the common characters
    texts = ["the tea", "茶站"]
    first, _ = model.encode(texts)
    assert np.abs(first - MeanPooledTransformer(folder).encode(texts)[0]).max() < 2e-3
    weights = model.model.get_input_embeddings().weight.detach().numpy()
    norm = np.median(np.linalg.norm(weights[:FIRST], axis=1))
    assert np.linalg.norm(weights[FIRST:], axis=1) == pytest.approx(norm, rel=2e-3)
    tea = PIECES.index("tea")  # the gloss of 茶 comes first, others add to it
    assert weights[vocabulary["##茶"]] @ weights[tea] > 0.5 * norm * np.linalg.norm(weights[tea])
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "rows for 7,000 Chinese words" in card
    assert "2 pairs and" in card
