"""How the processor multiplies: the fastest way it has that keeps the ranking.

eval/LOG.md has what each precision was worth in speed and in recall.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

# oneDNN keeps what it prepared for each shape of matrices, some 2 MB each, and texts have many
# lengths: its own 1,024 came to 2.5 GB over 90,000 passages (eval/LOG.md, 2026-11-22).
KEPT_PRIMITIVES = 32
Precision = Literal["auto", "float32", "bfloat16", "int8"]
Chosen = Literal["float32", "bfloat16", "int8"]


def load_body(folder: Path, precision: Precision) -> Any:
    """Load the transformer in `folder` to compute in `precision`, from safetensors alone."""
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(KEPT_PRIMITIVES))
    import torch
    from transformers import AutoModel

    chosen = find_precision() if precision == "auto" else precision
    body: Any = AutoModel.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False, use_safetensors=True,
        dtype=torch.bfloat16 if chosen == "bfloat16" else torch.float32,
    ).eval()  # fmt: skip
    return lower_precision(body, chosen)


def lower_precision(body: Any, precision: Chosen) -> Any:
    """Return `body`, which is changed, to compute in `precision`."""
    import torch

    if precision == "bfloat16":
        return body.to(torch.bfloat16)
    if precision == "float32":
        return body
    from embeddings.eight_bit import quantize_linears

    return quantize_linears(body)


def find_precision(*, few: bool = False) -> Chosen:
    """Ask the processor for what it multiplies matrices fastest with.

    bfloat16 where it has instructions for it, int8 on other x86-64 with AVX2; float32 elsewhere.

    Args:
        few: For a few texts at a time: then int8 is faster than bfloat16, too, unless the
            processor multiplies whole tiles (AMX).
    """
    import torch

    has: dict[str, Any] = dict(getattr(torch.cpu, "get_capabilities", dict)())
    eight_bit = hasattr(torch, "quantize_per_channel") and bool(has.get("avx2"))
    if has.get("amx_bf16") or (has.get("avx512_bf16") and not (few and eight_bit)):
        return "bfloat16"
    return "int8" if eight_bit else "float32"
