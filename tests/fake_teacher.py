"""A teacher small enough for a test: BERT with 16 numbers a vector and letters for word pieces."""

from __future__ import annotations

import json
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertModel

from embeddings.training.student import Rows, Student, cut_tokens
from embeddings.transformer import fill_batches, pad_tokens

PIECES = (
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "tea", "##s", "火", "##火", ",", ".", "?",
    *string.ascii_lowercase, *(f"##{letter}" for letter in string.ascii_lowercase if letter != "s"),
)  # fmt: skip


WORDS = (*"茶火车站按钮我们的", "火车", "火车站", "按钮")


def write_teacher(folder: Path, *, seed: int = 0) -> Path:
    """Write random weights, and the other files as `all-MiniLM-L6-v2` has them."""
    config = BertConfig(
        vocab_size=len(PIECES), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=512, initializer_range=0.2,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        untyped: Any = BertModel(config)
    untyped.save_pretrained(folder)
    _make_tokenizer().save(str(folder / "tokenizer.json"))
    (folder / "1_Pooling").mkdir()
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    written = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    records = {
        "config.json": written | {"_name_or_path": "/home/me/teacher"},
        "modules.json": [
            {"idx": n, "name": str(n), "path": path, "type": f"sentence_transformers.models.{name}"}
            for n, (path, name) in enumerate(modules)
        ],
        "sentence_bert_config.json": {"max_seq_length": 256, "do_lower_case": False},
        "1_Pooling/config.json": {"word_embedding_dimension": 16, "pooling_mode_mean_tokens": True},
    }
    for name, record in records.items():
        (folder / name).write_text(json.dumps(record), encoding="utf-8")
    return folder


def make_student(folder: Path) -> Student:
    """An untrained student of the teacher in `folder`, with random rows for `WORDS`."""
    rows = np.random.default_rng(0).normal(0, 0.2, (len(WORDS) + 2, 16)).astype(np.float32)
    return Student(folder, rows)


def _make_tokenizer() -> Tokenizer:
    vocabulary = {piece: id_ for id_, piece in enumerate(PIECES)}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.add_special_tokens(list(PIECES[:5]))
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_truncation(128)
    tokenizer.enable_padding(length=128)  # as the real one, which is why padding is switched off
    return tokenizer


def encode_texts(
    student: Student, tokenizer: Tokenizer, texts: Sequence[str], *, max_tokens: int = 256
) -> Rows:
    """Return unit rows, shape (len(texts), dim), in the order of `texts`."""
    tokens = cut_tokens(tokenizer, texts, max_tokens=max_tokens)
    rows = np.zeros((len(texts), student.new.embedding_dim), dtype=np.float32)
    student.eval()
    with torch.inference_mode():
        for batch in fill_batches(tokens, batch_tokens=4096):
            rows[batch] = student(*pad_tokens([tokens[n] for n in batch])).numpy()
    return rows
