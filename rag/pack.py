"""Unit vectors in few bytes: every value of a row as a whole number of 8 or 4 bits.

A row's scale need not be kept, since a unit row is known by its direction.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Vectors

Bits = Literal[8, 4]
Codes = npt.NDArray[np.uint8]
# Parts of a row's largest value that the largest code may stand for: values beyond are cut. Of
# these, each row takes the one with the least squared error.
_CUTS: dict[int, tuple[float, ...]] = {8: (1.0,), 4: (0.45, 0.55, 0.65, 0.75, 0.85, 1.0)}


def count_row_bytes(dim: int, bits: Bits) -> int:
    """How many bytes a packed row of `dim` values takes."""
    return (dim * bits + 7) // 8


def pack_vectors(vectors: Vectors, bits: Bits) -> list[bytes]:
    """Return the bytes of each row, in order.

    Args:
        vectors: Rows of float32, shape (n, dim), none of them all zero.
        bits: 8 keeps the cosine with another row to about .0004, 4 to about .006 (of 384 values).

    Raises:
        ValueError: If a row holds a value that is no number, or only zeros.
    """
    rows = np.asarray(vectors, dtype=np.float32)
    largest = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    if not (np.isfinite(largest) & (largest > 0)).all():
        raise ValueError("a vector is all zero or holds values that are no numbers")
    half = np.float32(2 ** (bits - 1) - 1)  # codes 0 to 2 half stand for -half to half: 0 is one
    codes: Codes = np.zeros(rows.shape, dtype=np.uint8)
    best = np.full(len(rows), np.inf)
    for cut in _CUTS[bits]:
        scale = largest * np.float32(cut) / half
        tried = np.clip(np.rint(rows / scale + half), 0, 2 * half).astype(np.uint8)
        error = np.square((tried - half) * scale - rows).sum(axis=1)
        better = error < best
        codes[better], best[better] = tried[better], error[better]
    if bits == 4:
        codes = np.pad(codes, ((0, 0), (0, codes.shape[1] % 2)))
        codes = codes[:, 0::2] | (codes[:, 1::2] << np.uint8(4))
    return [code.tobytes() for code in codes]


def unpack_vectors(blob: bytes, dim: int, bits: Bits) -> Vectors:
    """Return the rows of any number of packed ones put together, as float32 unit rows.

    Raises:
        ValueError: If `blob` is no whole number of rows, or one of them is all zero.
    """
    size = count_row_bytes(dim, bits)
    if len(blob) % size:
        raise ValueError(f"{len(blob)} bytes are no whole number of rows of {size}")
    packed: Codes = np.frombuffer(blob, dtype=np.uint8).reshape(-1, size)
    codes = _split_codes(packed)[:, :dim] if bits == 4 else packed
    rows = codes.astype(np.float32) - np.float32(2 ** (bits - 1) - 1)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if not norms.all():
        raise ValueError("a vector is all zero")
    rows /= norms
    return rows


def _split_codes(packed: Codes) -> Codes:
    codes: Codes = np.empty((len(packed), packed.shape[1] * 2), dtype=np.uint8)
    codes[:, 0::2], codes[:, 1::2] = packed & 15, packed >> 4
    return codes
