"""The network that reads a question and a sentence together: a body, and two heads on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from embeddings.precision import Chosen, lower_precision

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS = "embeddings.word_embeddings.weight"  # the table of rows, which stays with the encoder
WEIGHTS = "model.safetensors"
HIDDEN = 384


class PairModel(nn.Module):
    """A BERT-like body over the encoder's table of rows, which is not learnt and not saved again.

    Args:
        body: Takes `inputs_embeds`; its own table is let go.
        words: The encoder's table, shape (vocabulary, HIDDEN).
    """

    words: Tensor

    def __init__(self, body: Any, words: Tensor) -> None:
        super().__init__()
        body.set_input_embeddings(nn.Embedding(1, HIDDEN))
        body.pooler = None
        self.body = body
        self.register_buffer("words", words, persistent=False)
        self.relevance = nn.Linear(HIDDEN, 1)
        self.inside = nn.Linear(HIDDEN, 1)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return how much each pair is question and answer, and each token part of the answer.

        Args:
            ids: Of tokens, shape (pairs, tokens).
            types: 1 for the sentence's own tokens, else 0; the same shape.
            mask: 0 where a row is filled up, else 1; the same shape.

        Returns:
            Logits, shape (pairs,) and (pairs, tokens): the first against "it does not answer",
            the second to be compared among the tokens of a sentence; float32 both.
        """
        dtype = self.body.embeddings.LayerNorm.weight.dtype
        rows = nn.functional.embedding(ids, self.words).to(dtype)
        hidden = self.body(
            inputs_embeds=rows, token_type_ids=types, attention_mask=mask
        ).last_hidden_state.float()
        return self.relevance(hidden[:, 0]).squeeze(-1), self.inside(hidden).squeeze(-1)

    def get_learnt(self) -> dict[str, Tensor]:
        """What is saved: every weight but the table of rows."""
        return {name: w for name, w in self.state_dict().items() if not name.endswith(WORDS)}


def build_pair_model(encoder: Path) -> PairModel:
    """Return a model that begins as the encoder in the folder `encoder`, with new heads.

    It is for learning: without dropout, since no case is seen often, and with attention in plain
    steps, whose gradients take a third less time on a processor than those of the fused one.
    """
    from transformers import AutoModel

    body: Any = AutoModel.from_pretrained(
        encoder, local_files_only=True, trust_remote_code=False, use_safetensors=True,
        dtype=torch.float32, attn_implementation="eager",
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    return PairModel(body, body.get_input_embeddings().weight.detach().half())


def load_pair_model(folder: Path, encoder: Path, precision: Chosen) -> PairModel:
    """Load the weights in `folder` over the table of rows in `encoder`, to compute with."""
    from safetensors import safe_open
    from safetensors.torch import load_file
    from transformers import AutoConfig, AutoModel

    config = AutoConfig.from_pretrained(encoder, local_files_only=True, trust_remote_code=False)
    config.vocab_size = 1
    with safe_open(encoder / WEIGHTS, framework="pt") as file:
        words = file.get_tensor(WORDS)
    empty: Any = AutoModel
    model = PairModel(empty.from_config(config, dtype=torch.float32), words)
    learnt: Mapping[str, Tensor] = load_file(folder / WEIGHTS)
    problems = model.load_state_dict(learnt, strict=False)
    lacking = [name for name in problems.missing_keys if not name.endswith(WORDS)]
    if lacking or problems.unexpected_keys:
        raise ValueError(f"weights do not fit: {(lacking + problems.unexpected_keys)[:3]}")
    model.eval()
    model.body = lower_precision(model.body, precision)
    return model
