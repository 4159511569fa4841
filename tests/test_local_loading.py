"""A model is loaded from safetensors alone, runs no code of its own, and what lacks is named."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest

from rag.errors import ModelMissingError
from rag.language_models.breaker import CircuitBreaker
from rag.language_models.local import LocalModel
from tests.fake_language_model import (
    ASKED,
    copy_model,
)


def test_nothing_is_loaded_before_the_first_reply(model_folder: Path) -> None:
    program = (
        "import sys; from rag.generate import load_model; "
        f"load_model({str(model_folder)!r}); load_model('some/model'); "
        "print(sorted({'torch', 'transformers'} & set(sys.modules)))"
    )

    done = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout == "[]\n"


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.marker,)


def test_a_pickle_is_refused_before_anything_is_loaded(model_folder: Path, tmp_path: Path) -> None:
    bad, marker = (
        copy_model(model_folder, tmp_path / "bad", without="*.safetensors"),
        tmp_path / "owned",
    )
    (bad / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Payload(marker)}))

    with pytest.raises(ModelMissingError, match="not safetensors, and other forms can run code"):
        LocalModel(str(bad))

    assert not marker.exists()


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_code_that_a_model_brings_is_refused(name: str, model_folder: Path, tmp_path: Path) -> None:
    bad, marker = copy_model(model_folder, tmp_path / "bad"), tmp_path / "owned"
    code = f"from pathlib import Path\nPath({str(marker)!r}).touch()\nclass Own: pass\n"
    (bad / "own.py").write_text(code)
    settings = json.loads((bad / name).read_text())
    settings["auto_map"] = {"AutoConfig": "own.Own", "AutoTokenizer": ["own.Own", None]}
    (bad / name).write_text(json.dumps(settings))

    with pytest.raises(ModelMissingError, match=f"{name} asks for code of its own .`auto_map`"):
        LocalModel(str(bad))

    assert not marker.exists()


def test_a_model_in_the_cache_of_the_hub_is_held_to_the_same(
    model_folder: Path, tmp_path: Path
) -> None:
    """Its files are only seen when it is loaded, so that is tried in a process of its own."""
    good, coded, pickled = (put_in_cache(model_folder, tmp_path, name) for name in "abc")
    settings = json.loads((coded / "config.json").read_text())
    (coded / "config.json").write_text(json.dumps({**settings, "auto_map": {"AutoConfig": "o.O"}}))
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    program = """
from rag.errors import ModelMissingError
from rag.language_models.breaker import CircuitBreaker
from rag.language_models.local import LocalModel
from rag.language_models.model import Message
for name in ("me/a", "me/b", "me/c"):
    try:
        print(len(list(LocalModel(name).stream_reply([Message("user", "?")], max_tokens=9))) > 0)
    except ModelMissingError as exc:
        print(" ".join(str(exc).split()))
"""

    done = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120,
        env={**os.environ, "HF_HUB_CACHE": str(tmp_path), "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip

    first, second, third = done.stdout.splitlines()
    assert good.exists()
    assert first == "True"
    assert "'me/b' could not be loaded: config.json asks for code of its own" in second
    assert "'me/c' could not be loaded: " in third


def put_in_cache(model_folder: Path, cache: Path, name: str) -> Path:
    place = cache / f"models--me--{name}"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text("abc")
    return copy_model(model_folder, place / "snapshots" / "abc")


@pytest.mark.parametrize("content", [b"", b"\x08\0\0\0\0\0\0\0{}", b"x" * 1000])
def test_damaged_weights_are_reported(content: bytes, model_folder: Path, tmp_path: Path) -> None:
    bad = copy_model(model_folder, tmp_path / "bad")
    (bad / "model.safetensors").write_bytes(content)

    with pytest.raises(ModelMissingError, match="could not be loaded"):
        list(LocalModel(str(bad)).stream_reply(ASKED, max_tokens=3))


@pytest.mark.parametrize("content", ["", "[]", "{", "\x00"])
def test_damaged_settings_are_reported(content: str, model_folder: Path, tmp_path: Path) -> None:
    bad = copy_model(model_folder, tmp_path / "bad")
    (bad / "config.json").write_text(content)

    with pytest.raises(ModelMissingError, match=r"config\.json"):
        LocalModel(str(bad))


@pytest.mark.parametrize("name", ["./none", "/none", "~/none", "a/b/c", "C:\\none"])
def test_a_folder_that_is_not_there_is_reported(name: str) -> None:
    with pytest.raises(ModelMissingError, match="there is no such folder"):
        LocalModel(name)


def test_a_folder_without_a_model_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match=r"it holds no config\.json"):
        LocalModel(str(tmp_path))


def test_weights_that_need_another_library_are_reported(model_folder: Path, tmp_path: Path) -> None:
    bad = copy_model(model_folder, tmp_path / "bad")
    settings = json.loads((bad / "config.json").read_text())
    settings["quantization_config"] = {"quant_method": "gptq", "bits": 4}
    (bad / "config.json").write_text(json.dumps(settings))

    with pytest.raises(ModelMissingError, match="could not be loaded"):
        list(LocalModel(str(bad)).stream_reply(ASKED, max_tokens=3))


@pytest.mark.parametrize("offline", [True, False])
def test_a_model_that_the_hub_cannot_give_is_reported_soon(
    offline: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", offline)
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")  # refuses
    began = monotonic()

    with pytest.raises(ModelMissingError, match="'no/such-model' could not be loaded"):
        list(LocalModel("no/such-model").stream_reply(ASKED, max_tokens=3))

    assert monotonic() - began < 10


def test_a_model_that_did_not_load_is_not_tried_at_once_again(
    model_folder: Path, tmp_path: Path
) -> None:
    """Each question waited up to 5 seconds for the hub before it gave the quotes."""
    now = [0.0]
    breaker = CircuitBreaker(limit=1, seconds=30.0, clock=lambda: now[0])
    place = copy_model(model_folder, tmp_path / "bad")
    whole = (place / "model.safetensors").read_bytes()
    (place / "model.safetensors").write_bytes(b"")
    model = LocalModel(str(place), breaker=breaker)
    with pytest.raises(ModelMissingError, match="could not be loaded") as first:
        list(model.stream_reply(ASKED, max_tokens=3))

    (place / "model.safetensors").write_bytes(whole)
    with pytest.raises(ModelMissingError) as second:
        list(model.stream_reply(ASKED, max_tokens=3))
    now[0] = 30.0

    assert str(second.value) == f"{first.value}. It is tried again in 30 seconds"
    assert list(model.stream_reply(ASKED, max_tokens=3))


def test_settings_that_make_the_library_stumble_are_reported(
    model_folder: Path, tmp_path: Path
) -> None:
    """An AttributeError of transformers left the answer without its quotes."""
    bad = copy_model(model_folder, tmp_path / "bad")
    settings = json.loads((bad / "config.json").read_text())
    (bad / "config.json").write_text(json.dumps({**settings, "quantization_config": 7}))
    model = LocalModel(str(bad))

    for problem in ("no attribute 'to_dict'", "It is tried again in"):
        with pytest.raises(ModelMissingError, match=f"could not be loaded: .*{problem}"):
            list(model.stream_reply(ASKED, max_tokens=3))
