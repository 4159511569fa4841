"""Language models for tests: one that says what it is told to, and a tiny real one on disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import enumerate as list_threads
from time import monotonic, sleep
from typing import Any

from rag.language_models.model import Message, TellUsage
from rag.types import Usage

ASKED = (Message("system", "Answer."), Message("user", "When was tea grown? 什么时候?"))
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SEED = 52  # of weights that write a space now and then, at which a stream lets go of a piece
CONTROL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


class FakeLanguageModel:
    """Replies with the given pieces, tells `usage` behind them, and keeps what it was given.

    Attributes:
        asked: The messages of each call, and the most tokens that it allowed.
        closed: Whether the last reply was read to its end or closed before it.
    """

    def __init__(
        self,
        *pieces: str,
        name: str = "fake",
        error: Exception | None = None,
        usage: Usage | None = None,
    ) -> None:
        self.pieces, self.error, self.usage = pieces, error, usage
        self.asked: list[tuple[tuple[Message, ...], int]] = []
        self.said = 0
        self.closed = False
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    def stream_reply(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        tell_usage: TellUsage | None = None,
    ) -> Iterator[str]:
        self.asked.append((tuple(messages), max_tokens))
        try:
            for piece in self.pieces:
                self.said += 1
                yield piece
            if self.error:
                raise self.error
            if tell_usage and self.usage:
                tell_usage(self.usage)
        finally:
            self.closed = True


def save_tiny_model(folder: Path, *, window: int = 2048) -> Path:
    """Save a causal model of random weights, about 200 KB, with a tokenizer of bytes."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({byte: n for n, byte in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    untyped: Any = PreTrainedTokenizerFast
    wrapped = untyped(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",  # noqa: S106 - no password
        pad_token="<|endoftext|>",  # noqa: S106
        additional_special_tokens=["<|im_start|>"],
        chat_template=CHAT_TEMPLATE,
    )
    wrapped.save_pretrained(folder)
    config = Qwen2Config(
        vocab_size=len(wrapped), hidden_size=64, intermediate_size=128, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=window,
        eos_token_id=wrapped.eos_token_id, pad_token_id=wrapped.pad_token_id, bos_token_id=None,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(SEED)
        Qwen2ForCausalLM(config).save_pretrained(folder)
    return folder


def copy_model(folder: Path, to: Path, *, without: str = "") -> Path:
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns(without) if without else None)
    return to


def generate_directly(folder: Path, *, max_tokens: int) -> str:
    """The reply by transformers alone, all at once."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    network: Any = AutoModelForCausalLM.from_pretrained(folder)
    turns = [{"role": message.role, "content": message.content} for message in ASKED]
    tokens = tokenizer.apply_chat_template(
        turns, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    made = network.generate(**tokens, max_new_tokens=max_tokens, do_sample=False)
    new = made[0][tokens["input_ids"].shape[1] :]
    return str(tokenizer.decode(new, skip_special_tokens=True))


def wait_until_no_thread_is_left() -> bool:
    """Whether all work on replies ends within 3 seconds."""
    until = monotonic() + 3
    while "language-model" in {thread.name for thread in list_threads()}:
        if monotonic() > until:
            return False
        sleep(0.01)
    return True
