"""Packed vectors keep their direction, in the bytes that are promised."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.encoder import Vectors
from rag.pack import Bits, count_row_bytes, pack_vectors, unpack_vectors

RANDOM = np.random.default_rng(7)


def make_rows(n: int, dim: int) -> Vectors:
    rows: Vectors = RANDOM.standard_normal((n, dim)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


@pytest.mark.parametrize(("bits", "size"), [(8, 384), (4, 192)])
def test_a_row_takes_the_bytes_promised(bits: Bits, size: int) -> None:
    (row,) = pack_vectors(make_rows(1, 384), bits)

    assert len(row) == count_row_bytes(384, bits) == size


@pytest.mark.parametrize(("bits", "deviation"), [(8, 0.0006), (4, 0.008)])
def test_cosines_stay_as_close_as_promised(bits: Bits, deviation: float) -> None:
    rows, others = make_rows(200, 384), make_rows(50, 384)

    back = unpack_vectors(b"".join(pack_vectors(rows, bits)), 384, bits)

    assert np.linalg.norm(back, axis=1) == pytest.approx(np.ones(200), abs=1e-5)
    assert float((back @ others.T - rows @ others.T).std()) < deviation


def test_values_come_back_by_hand() -> None:
    """Four bits: codes 0 to 14 stand for -7 to 7, the first of two values in the low half."""
    packed = bytes([0xE0, 0x87])

    (row,) = unpack_vectors(packed, 4, 4)

    expected = np.array([-7, 7, 0, 1])
    assert row == pytest.approx(expected / np.linalg.norm(expected))


@pytest.mark.parametrize("bits", [8, 4])
def test_zeros_stay_zeros(bits: Bits) -> None:
    rows = np.eye(6, dtype=np.float32)

    back = unpack_vectors(b"".join(pack_vectors(rows, bits)), 6, bits)

    assert back.tolist() == rows.tolist()


@pytest.mark.parametrize("bits", [8, 4])
def test_an_odd_number_of_values_comes_back(bits: Bits) -> None:
    rows = make_rows(3, 5)

    back = unpack_vectors(b"".join(pack_vectors(rows, bits)), 5, bits)

    assert back.shape == (3, 5)
    assert (back * rows).sum(axis=1) == pytest.approx(np.ones(3), abs=0.03)


@pytest.mark.parametrize("bits", [8, 4])
def test_no_rows_give_no_rows(bits: Bits) -> None:
    assert pack_vectors(np.zeros((0, 8), dtype=np.float32), bits) == []
    assert unpack_vectors(b"", 8, bits).shape == (0, 8)


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_what_has_no_direction_is_refused(value: float) -> None:
    rows = np.full((1, 4), value, dtype=np.float32)

    with pytest.raises(ValueError, match="no numbers"):
        pack_vectors(rows, 8)


def test_a_row_of_zeros_is_refused() -> None:
    with pytest.raises(ValueError, match="all zero"):
        unpack_vectors(bytes([127] * 4), 4, 8)


def test_a_part_of_a_row_is_refused() -> None:
    with pytest.raises(ValueError, match="no whole number of rows of 4"):
        unpack_vectors(b"abcdef", 4, 8)
