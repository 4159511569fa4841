"""Write what was learnt as a folder that `SentenceTransformer(path)` loads without our code."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import nn

from embeddings.bilingual import CHECKSUMS
from embeddings.training.student import Student

LAYOUT = ("modules.json", "sentence_bert_config.json", "1_Pooling/config.json")
TOKENS = {
    "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 256,
    "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]",
    "mask_token": "[MASK]",
}  # fmt: skip


def write_folder(
    student: Student, tokenizer: Tokenizer, teacher: Path, out: Path, *, card: str
) -> None:
    """Write weights in half precision, tokenizer, configuration and card to `out`.

    The layout is the teacher's own, which every version of sentence-transformers reads. The
    configuration names float32, so that a plain load computes in it; `SHA256SUMS` lists the
    files that are loaded.
    """
    out.mkdir(parents=True, exist_ok=True)
    for name in LAYOUT:
        (out / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(teacher / name, out / name)
    body = _join_rows(student)
    weights = {name: value.half().contiguous() for name, value in body.state_dict().items()}
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    (out / "model.safetensors").chmod(0o644)  # written for its owner alone
    tokenizer.save(str(out / "tokenizer.json"))
    _write_json(out / "tokenizer_config.json", TOKENS)
    config = json.loads((teacher / "config.json").read_text(encoding="utf-8"))
    config.pop("_name_or_path", None)
    config |= {"vocab_size": len(body.get_input_embeddings().weight), "dtype": "float32"}
    _write_json(out / "config.json", config)
    (out / "README.md").write_text(card, encoding="utf-8")
    loaded = ("config.json", "model.safetensors", "tokenizer.json")
    digests = [(hashlib.sha256((out / name).read_bytes()).hexdigest(), name) for name in loaded]
    (out / CHECKSUMS).write_text("".join(f"{digest}  {name}\n" for digest, name in digests))


def _join_rows(student: Student) -> Any:
    body = student.body
    rows = torch.cat([student.english.weight, student.new.weight]).detach()
    body.set_input_embeddings(nn.Embedding(len(rows), rows.shape[1], _weight=rows))
    body.config.vocab_size = len(rows)
    return body


def _write_json(path: Path, record: dict[str, Any]) -> None:
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
