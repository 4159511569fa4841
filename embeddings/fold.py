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
    folded = _normalize(text)
    if not folded.isprintable():  # before OpenCC, which refuses lone surrogates
        for c in set(folded):
            if not c.isprintable():
                folded = folded.replace(c, " " if c.isspace() else "")
    return folded if folded.isascii() else _to_simplified().convert(folded)


# What Chinese text holds of compatibility characters, mostly, and what NFKC makes of each.
_COMMON = {mark: unicodedata.normalize("NFKC", mark) for mark in "，！？：；（）％～　…"}


def _normalize(text: str) -> str:
    """NFKC. Text that is in that form already is only looked through, in a tenth of the time."""
    if not text.isascii():
        for mark, plain in _COMMON.items():
            text = text.replace(mark, plain)
    return unicodedata.normalize("NFKC", text)


@cache
def _to_simplified() -> OpenCC:
    from opencc import OpenCC

    # Shared by threads: conversion does not change the converter.
    return OpenCC("t2s")
