"""Any sentence-transformers folder can encode; none can run code, and none is waited for long."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from embeddings.bilingual import MODEL
from embeddings.sentence import SentenceEncoder
from rag.errors import ModelMissingError


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.marker,)


def copy_model(folder: Path) -> Path:
    """The bundled model's folder without its weights."""
    shutil.copytree(MODEL, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    return folder


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder(str(MODEL))


def test_the_name_tells_model_and_prompts_and_loads_nothing() -> None:
    assert SentenceEncoder("m").name == "sentence:m"
    assert SentenceEncoder("m", query_prompt="q: ").name == "sentence:m 'q: ' ''"
    assert SentenceEncoder("m", passage_prompt=" ").name == "sentence:m '' ' '"


@pytest.mark.model
def test_rows_are_unit_vectors(encoder: SentenceEncoder) -> None:
    vectors = encoder.encode_passages(["The car was launched.", "A long tea. " * 300, ""])

    assert encoder.dim == 384
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1).tolist() == pytest.approx([1.0] * 3, abs=1e-5)
    assert encoder.encode_queries([]).shape == (0, 384)


@pytest.mark.model
def test_prompts_are_put_before_the_text(encoder: SentenceEncoder) -> None:
    prompted = SentenceEncoder(str(MODEL), query_prompt="query: ", passage_prompt="text: ")

    query, passage = prompted.encode_queries(["tea"]), prompted.encode_passages(["tea"])

    plain = encoder.encode_passages(["query: tea", "text: tea", "tea"])
    assert np.abs(query[0] - plain[0]).max() < 1e-5
    assert np.abs(passage[0] - plain[1]).max() < 1e-5
    assert query[0] @ plain[2] < 0.99


@pytest.mark.model
def test_a_text_beyond_the_window_is_read_in_parts(encoder: SentenceEncoder) -> None:
    """It was cut there without a word: what stood behind could not be found."""
    tea, wheat = "tea is grown in the hills. " * 40, "小麦的价格在秋天上涨了。" * 40

    whole, first, second = encoder.encode_passages([tea + wheat, tea, wheat])

    assert whole @ second > first @ second + 0.2
    assert whole @ first > 0.5


@pytest.mark.parametrize("name", ["no/such-model", "./no such folder", "https://203.0.113.7/m"])
def test_a_model_that_cannot_be_had_is_reported_soon(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network, loading went on for 76 seconds before it said so."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")  # refuses
    monkeypatch.chdir(tmp_path)
    began = perf_counter()

    with pytest.raises(ModelMissingError, match="could not be loaded"):
        SentenceEncoder(name).encode_queries(["tea"])

    assert perf_counter() - began < 10
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="could not be loaded"):
        _ = SentenceEncoder(str(tmp_path)).dim


@pytest.mark.model
def test_a_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    folder, marker = copy_model(tmp_path / "model"), tmp_path / "owned"
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Payload(marker)}))

    with pytest.raises(ModelMissingError, match="safetensors weights"):
        SentenceEncoder(str(folder)).encode_queries(["tea"])

    assert not marker.exists()


@pytest.mark.model
@pytest.mark.parametrize("content", [b"", b"\x08\0\0\0\0\0\0\0{}", b"x" * 1000])
def test_damaged_weights_are_reported(tmp_path: Path, content: bytes) -> None:
    folder = copy_model(tmp_path / "model")
    (folder / "model.safetensors").write_bytes(content)

    with pytest.raises(ModelMissingError, match="could not be loaded"):
        SentenceEncoder(str(folder)).encode_queries(["tea"])


@pytest.mark.model
@pytest.mark.parametrize("where", ["modules.json", "config.json"])
def test_code_that_a_model_brings_is_not_run(tmp_path: Path, where: str) -> None:
    folder, marker = copy_model(tmp_path / "model"), tmp_path / "owned"
    shutil.copy(MODEL / "model.safetensors", folder)
    code = f"from pathlib import Path\nPath({str(marker)!r}).touch()\nclass Own: pass\n"
    (folder / "own.py").write_text(code)
    settings = json.loads((folder / where).read_text())
    if where == "modules.json":
        settings[0]["type"] = "own.Own"
    else:
        settings["auto_map"] = {"AutoModel": "own.Own", "AutoConfig": "own.Own"}
        settings["model_type"] = "own"
    (folder / where).write_text(json.dumps(settings))

    with pytest.raises(ModelMissingError, match="could not be loaded"):
        SentenceEncoder(str(folder)).encode_queries(["tea"])

    assert not marker.exists()
