"""A character map that a tokenizer file can carry: traditional and full-width forms fold in it.

The map is compiled by `sentencepiece` into the form that `tokenizers` calls `Precompiled`, so
that the bundled model folds by itself wherever its folder is loaded. It works character by
character; `embeddings.fold`, which the project's own encoder runs first, knows phrases, too.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from opencc import OpenCC
from tokenizers.normalizers import Precompiled

HAN = (range(0x2E80, 0x2FE0), range(0x3400, 0xA000), range(0xF900, 0xFB00))
FULL_WIDTH = range(0xFF01, 0xFF5F)


def compile_charsmap() -> Precompiled:
    """Return a normalizer for what `list_rules` lists; every other character stays."""
    from sentencepiece import SentencePieceNormalizer, sentencepiece_model_pb2

    messages: Any = sentencepiece_model_pb2  # made when it is imported, so unknown to a checker

    with TemporaryDirectory() as folder:
        path = Path(folder) / "rules.tsv"
        path.write_text(
            "".join(f"{_write_codes(old)}\t{_write_codes(new)}\n" for old, new in list_rules())
        )
        compiled = SentencePieceNormalizer(rule_tsv=str(path))
    spec = messages.NormalizerSpec()
    spec.ParseFromString(compiled.serialized_normalizer_spec())
    return Precompiled(spec.precompiled_charsmap)


def list_rules() -> list[tuple[str, str]]:
    """Return characters and what they become: simplified, half width, plain stops."""
    convert = OpenCC("t2s").convert
    characters = [chr(code) for block in HAN for code in block]
    folded = [(c, convert(unicodedata.normalize("NFKC", c))) for c in characters]
    wide = [(chr(code), unicodedata.normalize("NFKC", chr(code))) for code in FULL_WIDTH]
    return [(old, new) for old, new in folded + wide if old != new] + [("。", "."), ("、", ",")]


def _write_codes(text: str) -> str:
    return " ".join(f"{ord(character):X}" for character in text)
