"""The bundled encoder gives the model's own vectors, of Chinese as of English, or refuses."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from embeddings.bilingual import BilingualEncoder, check_weights, find_model
from embeddings.gloss import Glossary
from rag.errors import ModelMissingError

TEXTS = [
    "When did the SU7 launch?",
    "而SU7的上市时间是2024年3月28日。",
    "",
    "The weather was fine. " * 100,  # beyond the model's window
    "short",
]


def test_the_name_changes_with_the_glossary_and_loads_no_model(tmp_path: Path) -> None:
    one = BilingualEncoder(Glossary({"茶": ("tea",)}), folder=tmp_path)
    two = BilingualEncoder(Glossary({"茶": ("green tea",)}), folder=tmp_path)

    assert one.name.startswith("all-MiniLM-L6-v2+gloss/1/")
    assert one.name != two.name
    assert one.dim == 384


def test_a_missing_model_is_reported(tmp_path: Path) -> None:
    encoder = BilingualEncoder(Glossary({}), folder=tmp_path)

    with pytest.raises(ModelMissingError, match=r"model\.safetensors' cannot be read"):
        encoder.encode_queries(["tea"])


def test_other_weights_are_refused_before_they_are_loaded(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other weights")

    with pytest.raises(ModelMissingError, match="is not the published one: its SHA-256 is"):
        BilingualEncoder(Glossary({}), folder=tmp_path).encode_queries(["tea"])


@pytest.mark.model
def test_the_installed_weights_are_the_published_ones() -> None:
    check_weights(find_model() / "model.safetensors")


@pytest.mark.model
def test_a_folder_with_the_weights_alone_is_refused(tmp_path: Path) -> None:
    shutil.copy(find_model() / "model.safetensors", tmp_path)

    with pytest.raises(ModelMissingError, match="cannot be loaded"):
        BilingualEncoder(Glossary({}), folder=tmp_path).encode_queries(["tea"])


@pytest.mark.model
def test_vectors_are_those_of_sentence_transformers(
    bundled_encoder: BilingualEncoder, glossary: Glossary
) -> None:
    from sentence_transformers import SentenceTransformer

    vectors = bundled_encoder.encode_passages(TEXTS)

    twin = SentenceTransformer(str(find_model()), device="cpu", local_files_only=True)
    read = [glossary.translate_words(text) for text in TEXTS]
    expected = twin.encode(read, normalize_embeddings=True)
    assert vectors.dtype == np.float32
    assert np.abs(vectors - expected).max() < 1e-5


@pytest.mark.model
def test_rows_are_unit_vectors_whatever_they_are_encoded_with(
    bundled_encoder: BilingualEncoder,
) -> None:
    together = bundled_encoder.encode_passages(TEXTS)
    alone = np.concatenate([bundled_encoder.encode_queries([text]) for text in TEXTS])

    assert np.linalg.norm(together, axis=1).tolist() == pytest.approx([1.0] * len(TEXTS), abs=1e-6)
    assert np.abs(together - alone).max() < 1e-5
    assert bundled_encoder.encode_passages([]).shape == (0, 384)


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
