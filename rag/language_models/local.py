"""A language model in this process, by hub name or folder, run by transformers.

Weights come from safetensors only, and no code that a model brings is run: a model that asks for
it is refused before anything is loaded.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path
from threading import Lock
from typing import Any

from embeddings.hub import reach_hub
from embeddings.precision import find_precision
from embeddings.transformer import hush_progress
from rag.errors import ModelFailedError, ModelMissingError
from rag.language_models.breaker import CircuitBreaker
from rag.language_models.model import Message, TellUsage
from rag.language_models.relay import IsOver, Put, relay_pieces
from rag.language_models.template import write_prompt
from rag.types import Usage

# Files that can name code to run; each may lack.
_SETTINGS = ("config.json", "tokenizer_config.json", "processor_config.json")
_POLL_SECONDS = 0.05  # how soon one that waits for its turn notices that its time is up
_log = logging.getLogger(__name__)


class LocalModel:
    """Continues a chat with a causal model, loaded when first needed; threads may share it.

    One reply is generated at a time, and the others wait for their turn. A folder, or a model in
    the hub's cache, is read without any network.

    Args:
        model: Hub name or folder.
        timeout_seconds: For a whole reply, the wait for its turn included, loading not.
        breaker: Of loading; None makes one that fails at once for a while after one failure.

    Raises:
        ModelMissingError: If it is a folder that holds no such model, or one that is refused.
    """

    def __init__(
        self,
        model: str,
        *,
        timeout_seconds: float = 60.0,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._source = model
        self._seconds = timeout_seconds
        self._breaker = breaker or CircuitBreaker(limit=1)
        self._problem = ""  # of the last try to load
        self._loaded: tuple[Any, Any] | None = None
        self._loading, self._generating = Lock(), Lock()
        _check_source(model)

    @property
    def name(self) -> str:
        """The hub name or folder, as it was given."""
        return self._source

    def stream_reply(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        tell_usage: TellUsage | None = None,
    ) -> Iterator[str]:
        """See `LanguageModel.stream_reply`.

        Control tokens of the model that stand in a message are broken up, so that only the
        model's own chat template can start or end a turn.
        """
        tokenizer, model = self._load()
        tell: TellUsage = tell_usage or (lambda _: None)

        def produce(put: Put, is_over: IsOver) -> None:
            while not self._generating.acquire(timeout=_POLL_SECONDS):
                if is_over():
                    return
            try:
                if is_over():
                    return
                prompt = write_prompt(messages, tokenizer)
                usage = _generate(model, tokenizer, prompt, max_tokens, put, is_over)
                tell(usage)
            finally:
                self._generating.release()

        try:
            yield from relay_pieces(
                produce,
                seconds=self._seconds,
                late=f"it did not finish within {self._seconds:g} seconds. Raise "
                "CROSSQUOTE_MODEL_TIMEOUT_SECONDS, or take a smaller model",
            )
        except ModelMissingError:
            raise
        except ModelFailedError as exc:
            raise self._fail(exc) from exc
        except Exception as exc:  # a model, its template or torch may raise anything
            _log.exception("the model %r failed", self._source)
            raise self._fail(exc) from exc

    def _fail(self, exc: Exception) -> ModelFailedError:
        return ModelFailedError(f"the model {self._source!r} failed: {_find_reason(exc)}")

    def _load(self) -> tuple[Any, Any]:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._try_load()
            return self._loaded

    def _try_load(self) -> tuple[Any, Any]:
        if pause := self._breaker.pause_seconds():
            raise ModelMissingError(f"{self._problem}. It is tried again in {ceil(pause)} seconds")
        try:
            return _load_model(self._source)
        except ModelMissingError as exc:
            self._note_problem(exc)
            raise
        except Exception as exc:  # the settings of a model may make transformers raise anything
            _log.exception("the model %r could not be loaded", self._source)
            missing = _missing(self._source, _find_reason(exc))
            self._note_problem(missing)
            raise missing from exc

    def _note_problem(self, problem: ModelMissingError) -> None:
        self._breaker.note_failure()
        self._problem = str(problem)


def _generate(
    model: Any, tokenizer: Any, prompt: str, max_tokens: int, put: Put, is_over: IsOver
) -> Usage:
    import torch
    from transformers import StoppingCriteriaList, TextStreamer

    templated = bool(tokenizer.chat_template)  # a template writes the first token itself
    tokens = tokenizer(prompt, add_special_tokens=not templated, return_tensors="pt")
    length = tokens["input_ids"].shape[1]
    window = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    if window and length + max_tokens > window:
        raise ModelFailedError(
            f"{length} tokens to read and {max_tokens} to write are more than its window of "
            f"{window}. Take a model with a longer one, or lower CROSSQUOTE_MAX_TOKENS"
        )

    def must_stop(ids: Any, scores: Any, **_: Any) -> Any:
        return torch.full((ids.shape[0],), is_over(), dtype=torch.bool, device=ids.device)

    streamer: Any = TextStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
    streamer.on_finalized_text = lambda text, stream_end=False: put(text)
    made = model.generate(
        input_ids=tokens["input_ids"].to(model.device),
        attention_mask=tokens["attention_mask"].to(model.device),
        max_new_tokens=max_tokens,
        streamer=streamer,
        stopping_criteria=StoppingCriteriaList([must_stop]),
    )
    return Usage(length, made.shape[1] - length)


def _check_source(source: str) -> None:
    """Look at a folder's file names and settings, without loading anything."""
    folder = Path(source).expanduser()
    if not folder.is_dir():
        if source.startswith((".", "/", "~")) or source.count("/") > 1 or "\\" in source:
            raise _missing(source, "there is no such folder")
        return
    if not (folder / "config.json").is_file():
        raise _missing(source, "it holds no config.json")
    for name in _SETTINGS:
        _refuse_code(source, name, _read_settings(source, folder / name))
    if not any(folder.glob("*.safetensors")):
        raise _missing(source, "its weights are not safetensors, and other forms can run code")


def _read_settings(source: str, path: Path) -> Any:
    if not path.is_file():
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as exc:
        raise _missing(source, f"{path.name} cannot be read: {exc}") from exc


def _refuse_code(source: str, name: str, settings: Any) -> None:
    if not isinstance(settings, dict):
        raise _missing(source, f"{name} holds no JSON object")
    if "auto_map" in settings:
        raise _missing(source, f"{name} asks for code of its own (`auto_map`), which is not run")


def _load_model(source: str) -> tuple[Any, Any]:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # else a later fork warns
    from safetensors import SafetensorError

    hush_progress()
    # ImportError: weights in a form that needs a library which is not there.
    problems = (
        OSError, ValueError, LookupError, TypeError, RuntimeError, ImportError, SafetensorError
    )  # fmt: skip
    try:
        return _open_model(source, local=True)
    except problems as exc:
        if Path(source).expanduser().is_dir():
            raise _missing(source, str(exc)) from exc
    try:
        reach_hub()
        return _open_model(source, local=False)
    except problems as exc:
        raise _missing(source, str(exc)) from exc


def _open_model(source: str, *, local: bool) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedConfig
    from transformers.models.auto.tokenization_auto import get_tokenizer_config

    folder = Path(source).expanduser()
    place = str(folder) if folder.is_dir() else source
    settings, _ = PreTrainedConfig.get_config_dict(place, local_files_only=local)
    _refuse_code(source, "config.json", settings)
    _refuse_code(
        source, "tokenizer_config.json", get_tokenizer_config(place, local_files_only=local)
    )
    tokenizer: Any = AutoTokenizer.from_pretrained(
        place, local_files_only=local, trust_remote_code=False
    )
    model: Any = AutoModelForCausalLM.from_pretrained(
        place,
        local_files_only=local,
        trust_remote_code=False,
        use_safetensors=True,
        dtype=_choose_dtype(),
    )
    model.eval()
    _make_greedy(model.generation_config)
    return tokenizer, model.to("cuda" if torch.cuda.is_available() else "cpu")


def _choose_dtype() -> Any:
    import torch

    fast = torch.cuda.is_available() or find_precision() == "bfloat16"
    return torch.bfloat16 if fast else torch.float32


def _make_greedy(generation: Any) -> None:
    generation.do_sample, generation.num_beams = False, 1
    for only_sampling in ("temperature", "top_p", "top_k", "min_p", "typical_p"):
        setattr(generation, only_sampling, None)
    if generation.pad_token_id is None:
        end = generation.eos_token_id
        generation.pad_token_id = end[0] if isinstance(end, list) else end


def _find_reason(exc: Exception) -> str:
    return str(exc).strip() or type(exc).__name__


def _missing(source: str, why: str) -> ModelMissingError:
    return ModelMissingError(
        f"the language model {source!r} could not be loaded: {why}. Give a folder that holds a "
        "transformers model with safetensors weights, or a hub name while the hub can be reached"
    )
