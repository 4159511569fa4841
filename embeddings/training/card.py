"""The model card that goes with the folder: data, licences, recipe; results are added by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).with_name("CARD.md")
SHOWN = (
    "epochs", "words", "glosses", "questions", "english", "body_rate", "row_rate", "contrast",
    "batch_tokens", "max_tokens", "blend", "seed",
)  # fmt: skip


def write_card(options: Mapping[str, Any], *, pairs: int, words: int) -> str:
    """Fill `CARD.md` with what this run used."""
    lines = "\n".join(f"| {name.replace('_', ' ')} | {options[name]} |" for name in SHOWN)
    template = TEMPLATE.read_text(encoding="utf-8")
    return template.format(options=lines, pairs=f"{pairs:,}", words=f"{words:,}")
