"""The bundled encoder gives the model's own vectors, of Chinese as of English, or refuses."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from embeddings.bilingual import MODEL, BilingualEncoder, check_files
from embeddings.fold import fold_text
from embeddings.numerals import rewrite_numerals
from embeddings.precision import Precision
from embeddings.training.teacher import find_teacher
from embeddings.transformer import MeanPooledTransformer
from eval.questions import read_questions
from rag.errors import ModelMissingError

TEXTS = [
    "When did the SU7 launch?",
    "而SU7的上市时间是2024年3月28日。",
    "",
    "The weather was fine. " * 100,  # beyond the model's window
    "short",
]
SHORT_TEXTS = [TEXTS[0], TEXTS[1], TEXTS[2], TEXTS[4]]


def copy_files(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        shutil.copy(MODEL / name, folder)
    return folder


def test_the_name_changes_with_the_files_and_loads_no_model(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "SHA256SUMS").write_text(f"{name}  model.safetensors\n")
    one, two = BilingualEncoder(tmp_path / "one"), BilingualEncoder(tmp_path / "two")

    assert one.name.startswith("crossquote-minilm-zh-en/")
    assert one.name != two.name
    assert one.dim == 384


def test_a_missing_folder_is_reported_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match=r"SHA256SUMS' cannot be read.*git checkout"):
        BilingualEncoder(tmp_path).encode_queries(["tea"])


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_missing_file_is_reported(tmp_path: Path, name: str) -> None:
    others = {"config.json", "model.safetensors", "tokenizer.json"} - {name}
    folder = copy_files(tmp_path / "model", "SHA256SUMS", *others)

    with pytest.raises(ModelMissingError, match=f"{name}' cannot be read"):
        BilingualEncoder(folder).encode_queries(["tea"])


def test_a_flipped_bit_is_noticed_before_the_model_is_loaded(tmp_path: Path) -> None:
    folder = copy_files(
        tmp_path / "model", "SHA256SUMS", "config.json", "model.safetensors", "tokenizer.json"
    )
    path = folder / "tokenizer.json"
    damaged = bytearray(path.read_bytes())
    damaged[-100] ^= 1
    path.write_bytes(damaged)

    with pytest.raises(ModelMissingError, match=r"tokenizer\.json' is damaged: its SHA-256 is"):
        BilingualEncoder(folder).encode_queries(["tea"])


def test_the_bundled_folder_is_whole_and_small() -> None:
    check_files(MODEL)

    size = sum(path.stat().st_size for path in MODEL.rglob("*") if path.is_file())
    assert size <= 80_000_000


@pytest.mark.model
@pytest.mark.parametrize(
    ("precision", "tolerance"), [("float32", 1e-5), ("bfloat16", 0.02), ("int8", 0.05)]
)
def test_vectors_are_those_of_sentence_transformers(precision: Precision, tolerance: float) -> None:
    from sentence_transformers import SentenceTransformer

    vectors = BilingualEncoder(precision=precision).encode_passages(SHORT_TEXTS)

    twin = SentenceTransformer(str(MODEL), device="cpu", local_files_only=True)
    read = [rewrite_numerals(fold_text(text)) for text in SHORT_TEXTS]
    expected = twin.encode(read, normalize_embeddings=True)
    assert vectors.dtype == np.float32
    assert np.abs(vectors - expected).max() < tolerance


@pytest.mark.model
def test_english_keeps_nearly_the_vectors_of_the_teacher() -> None:
    questions = read_questions(Path(__file__).parents[1] / "eval" / "seeds.jsonl")
    texts = [question.question for question in questions if question.question.isascii()]

    ours = BilingualEncoder(precision="float32").encode_queries(texts)

    theirs = MeanPooledTransformer(find_teacher()).encode(texts)
    cosines = (ours * theirs).sum(axis=1)
    assert len(texts) > 50
    assert cosines.mean() > 0.985
    assert cosines.min() > 0.96


@pytest.mark.model
def test_rows_are_unit_vectors_whatever_they_are_encoded_with() -> None:
    encoder = BilingualEncoder(precision="float32")
    together = encoder.encode_passages(TEXTS)
    alone = np.concatenate([encoder.encode_queries([text]) for text in TEXTS])

    assert np.linalg.norm(together, axis=1).tolist() == pytest.approx([1.0] * len(TEXTS), abs=1e-6)
    assert np.abs(together - alone).max() < 1e-5
    assert encoder.encode_passages([]).shape == (0, 384)


@pytest.mark.model
def test_a_chinese_sentence_is_closest_to_its_english_question(
    bundled_encoder: BilingualEncoder,
) -> None:
    question, chinese, _, weather, _ = bundled_encoder.encode_passages(TEXTS)

    assert question @ chinese > 0.5 > question @ weather


@pytest.mark.model
def test_width_script_and_invisible_characters_do_not_matter(
    bundled_encoder: BilingualEncoder,
) -> None:
    plain, other = bundled_encoder.encode_queries(["小米汽车发布SU7", "小米汽車發佈ＳＵ７\u200b"])

    assert np.array_equal(plain, other)


@pytest.mark.model
def test_threads_get_the_vectors_that_one_thread_gets(bundled_encoder: BilingualEncoder) -> None:
    texts = [TEXTS[0], TEXTS[1], TEXTS[4]]

    with ThreadPoolExecutor(4) as pool:
        vectors = list(pool.map(lambda text: bundled_encoder.encode_queries([text]), texts * 4))

    serial = [bundled_encoder.encode_queries([text]) for text in texts] * 4
    assert np.array_equal(vectors, serial)


def test_what_the_processor_library_keeps_for_each_length_is_bounded(
    bundled_encoder: BilingualEncoder,
) -> None:
    """A build of 96,000 passages held 2.5 GB of it, for each length of text its own."""
    bundled_encoder.encode_queries(["loaded"])

    assert 1 <= int(os.environ["ONEDNN_PRIMITIVE_CACHE_CAPACITY"]) <= 64
