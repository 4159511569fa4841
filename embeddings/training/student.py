"""The student: the teacher's body, its English rows as they are, and new rows for Chinese words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoModel

Rows = npt.NDArray[np.float32]


class Student(nn.Module):
    """A BERT-like body over two tables of rows: the teacher's, frozen, and the new ones.

    Args:
        teacher: Folder of the teacher.
        rows: First values of the new rows, shape (new, dim).
    """

    def __init__(self, teacher: Path, rows: Rows) -> None:
        super().__init__()
        self.body: Any = AutoModel.from_pretrained(teacher, local_files_only=True)
        for module in self.modules():  # the targets are exact: there is no noise to guard against
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        english = self.body.get_input_embeddings()
        english.weight.requires_grad_(False)
        self.english = english
        self.new = nn.Embedding(len(rows), rows.shape[1], sparse=True, _weight=torch.tensor(rows))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return unit rows, shape (n, dim), for token ids and their mask, shape (n, tokens)."""
        first = self.english.num_embeddings
        is_new = ids >= first
        old = self.english(ids.where(~is_new, 0))
        new = self.new((ids - first).where(is_new, 0))
        embedded = torch.where(is_new.unsqueeze(-1), new, old)
        hidden = self.body(inputs_embeds=embedded, attention_mask=mask).last_hidden_state.float()
        weight = mask.unsqueeze(-1).float()
        mean = (hidden * weight).sum(1) / weight.sum(1)
        return nn.functional.normalize(mean, dim=1)


def blend_body(student: Student, teacher: Path, *, share: float) -> None:
    """Make each weight of the body `share` of what was learnt and the rest the teacher's.

    Averaging what a model was with what it became keeps more of what it could do before
    (Wortsman et al., CVPR 2022); the new rows stay as they were learnt.
    """
    before: Any = AutoModel.from_pretrained(teacher, local_files_only=True)
    old = dict(before.named_parameters())
    with torch.no_grad():
        for name, weight in student.body.named_parameters():
            weight.lerp_(old[name].to(weight.device), 1 - share)


def cut_tokens(tokenizer: Tokenizer, texts: Sequence[str], *, max_tokens: int) -> list[list[int]]:
    """Return the token ids of each text; a longer one keeps its beginning and its last token."""
    return [
        ids if len(ids) <= max_tokens else [*ids[: max_tokens - 1], ids[-1]]
        for ids in (encoding.ids for encoding in tokenizer.encode_batch(list(texts)))
    ]
