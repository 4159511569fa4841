"""Fold the many ways to write a text into one, for search and encoding only.

Quotes never come from folded text: folding may change its length.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC


def fold_text(text: str) -> str:
    """Full width to half width (NFKC), traditional characters to simplified, invisibles out.

    Case is kept. Control and format characters (zero width, direction marks), private use and
    lone surrogates become nothing, line breaks and tabs a space.
    """
    folded = unicodedata.normalize("NFKC", text)
    if not folded.isprintable():  # before OpenCC, which refuses lone surrogates
        folded = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in folded)
    return folded if folded.isascii() else _to_simplified().convert(folded)


@cache
def _to_simplified() -> OpenCC:
    from opencc import OpenCC

    # Shared by threads: conversion does not change the converter.
    return OpenCC("t2s")
