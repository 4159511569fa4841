"""Postings say exactly who holds what, however they were put together, and no file misleads."""

from __future__ import annotations

import hashlib
import json
import random
import tracemalloc
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from rag.postings import (
    LEGS,
    MAX_PLACES,
    LegPostings,
    TermSegment,
    build_segment,
    hash_file,
    merge_segments,
    read_segment,
    write_segment,
)
from rag.types import Leg

Bags = Mapping[Leg, Sequence[str]]
FIELDS = ("lengths", "text", "starts", "spans", "places", "counts")
TEA: list[Bags] = [
    {"lexical": ["茶", "tea", "tea"], "gloss": ["tea"]},
    {"lexical": [], "gloss": ["drink", "tea"]},
    {"lexical": ["tea", "x7"], "gloss": []},
]


def make_bags(n: int, seed: int, *, tokens: int = 12, words: int = 40) -> list[Bags]:
    """Common and rare terms, of one letter and of many bytes; some passages have none."""
    rng = random.Random(seed)  # noqa: S311
    known = [f"{chr(rng.choice((97, 0x8336, 0x20000)) + n)}{n % 3 or ''}" for n in range(words)]
    shares = [1 / (1 + n) for n in range(words)]
    return [
        {leg: rng.choices(known, shares, k=rng.choice((0, tokens, 2 * tokens))) for leg in LEGS}
        for _ in range(n)
    ]


def list_postings(leg: LegPostings) -> dict[str, dict[int, int]]:
    """Term -> place -> count, in the order they are stored in."""
    terms = leg.read_terms(0, len(leg.starts) - 1)
    spans = zip(leg.spans[:-1].tolist(), leg.spans[1:].tolist(), strict=True)
    return {
        term.decode(): dict(zip(leg.places[a:b].tolist(), leg.counts[a:b].tolist(), strict=True))
        for term, (a, b) in zip(terms, spans, strict=True)
    }


def count_by_hand(bags: Sequence[Bags], leg: Leg) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    for place, bag in enumerate(bags):
        for term, n in Counter(bag[leg]).items():
            found.setdefault(term, {})[place] = n
    return dict(sorted(found.items()))


def list_arrays(segment: TermSegment) -> dict[str, tuple[str, list[int]]]:
    """Array -> its type and values, to compare whole segments."""
    arrays = {f"{leg}.{name}": getattr(segment.legs[leg], name) for leg in LEGS for name in FIELDS}
    arrays["rows"] = segment.rows
    return {name: (values.dtype.str, values.tolist()) for name, values in arrays.items()}


def test_a_segment_holds_who_holds_what_how_often() -> None:
    segment = build_segment([4, 7, 9], TEA)

    assert segment.rows.tolist() == [4, 7, 9]
    assert list_postings(segment.legs["lexical"]) == {
        "tea": {0: 2, 2: 1},
        "x7": {2: 1},
        "茶": {0: 1},
    }
    assert list_postings(segment.legs["gloss"]) == {"drink": {1: 1}, "tea": {0: 1, 1: 1}}
    assert segment.legs["lexical"].lengths.tolist() == [3, 0, 2]
    assert segment.legs["gloss"].lengths.tolist() == [1, 2, 0]


def test_types_are_as_small_as_promised() -> None:
    arrays = list_arrays(build_segment([4, 7, 9], TEA))

    assert {name: dtype for name, (dtype, _) in arrays.items() if "gloss" not in name} == {
        "rows": "<i8",
        "lexical.lengths": "<i4",
        "lexical.text": "|u1",
        "lexical.starts": "<u4",
        "lexical.spans": "<u4",
        "lexical.places": "<u2",
        "lexical.counts": "|u1",
    }


@pytest.mark.parametrize("seed", range(20))
def test_postings_equal_those_counted_by_hand(seed: int) -> None:
    bags = make_bags(50, seed)

    segment = build_segment(range(50), iter(bags))

    for leg in LEGS:
        held = list_postings(segment.legs[leg])
        assert held == count_by_hand(bags, leg)
        assert list(held) == sorted(held)
        assert all(list(places) == sorted(places) for places in held.values())


def test_terms_ascend_by_their_bytes() -> None:
    """By UTF-16 units, a character beyond 65,535 would come before a full-width letter."""
    bags: list[Bags] = [{"lexical": ["\U00020000", "ｚ", "z", "zz", "é"], "gloss": []}]

    leg = build_segment([1], bags).legs["lexical"]

    assert list(list_postings(leg)) == ["z", "zz", "é", "ｚ", "\U00020000"]
    assert leg.read_terms(1, 3) == [b"zz", "é".encode()]
    assert leg.read_terms(2, 2) == []


def test_a_count_stops_at_255_and_a_length_does_not() -> None:
    bags: list[Bags] = [{"lexical": ["a"] * 255 + ["b"] * 256 + ["c"] * 700, "gloss": []}]

    leg = build_segment([1], bags).legs["lexical"]

    assert leg.counts.tolist() == [255, 255, 255]
    assert leg.lengths.tolist() == [1211]


@pytest.mark.parametrize("n", [0, 2, 4])
def test_as_many_rows_as_terms_are_needed(n: int) -> None:
    with pytest.raises(ValueError, match="argument 2 is"):
        build_segment(range(n), TEA)


@pytest.mark.parametrize("rows", [[1, 3, 2], [1, 1, 2]])
def test_rows_that_do_not_ascend_are_refused(rows: list[int]) -> None:
    with pytest.raises(ValueError, match="do not ascend"):
        build_segment(rows, TEA)


def test_a_segment_is_full_at_65536() -> None:
    bags: Bags = {"lexical": ["a"], "gloss": []}
    full = build_segment(range(MAX_PLACES), [bags] * MAX_PLACES)
    one = build_segment([MAX_PLACES], [bags])

    assert full.legs["lexical"].places.tolist() == list(range(65_536))
    with pytest.raises(ValueError, match="at most 65536 passages, got 65537"):
        build_segment(range(65_537), [bags] * 65_537)
    with pytest.raises(ValueError, match="at most 65536 passages, got 65537"):
        merge_segments([full, one], [np.full(MAX_PLACES, True), np.full(1, True)])
    last = merge_segments([full, one], [np.arange(MAX_PLACES) > 0, np.full(1, True)])
    assert last.rows[-1] == MAX_PLACES
    assert last.legs["lexical"].places.tolist() == list(range(65_536))


@pytest.mark.parametrize("seed", range(30))
def test_merging_equals_building_anew(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = np.cumsum(rng.integers(1, 5, 60))
    bags = make_bags(60, seed)
    cuts = [0, *sorted(rng.integers(0, 61, seed % 4).tolist()), 60]
    keep = rng.random(60) < rng.choice([0.1, 0.8, 1.0])
    spans = [slice(*ends) for ends in pairwise(cuts)]

    merged = merge_segments(
        [build_segment(rows[span], bags[span]) for span in spans], [keep[span] for span in spans]
    )

    kept = [bag for bag, wanted in zip(bags, keep, strict=True) if wanted]
    assert list_arrays(merged) == list_arrays(build_segment(rows[keep], kept))


def test_more_than_is_handled_at_once_gives_the_same() -> None:
    """Over a million tokens, or postings, are cut into runs, also in the midst of a term."""
    held = np.random.default_rng(5).random((1_600, 3_000)) < 0.25
    words = np.array([f"w{n:04}" for n in range(3_000)])
    bags: list[Bags] = [
        {"lexical": [*words[own].tolist(), *words[own][:3].tolist()], "gloss": []} for own in held
    ]
    counts = held * (1 + (held.cumsum(axis=1) <= 3))
    keep = np.arange(1_600) % 20 != 7

    segment = build_segment(range(1_600), bags)
    merged = merge_segments([segment], [keep])

    for leg, expected in (
        (segment.legs["lexical"], counts.T),
        (merged.legs["lexical"], counts[keep].T),
    ):
        assert len(leg.places) > 1_000_000
        assert leg.spans.tolist() == [0, *np.cumsum((expected > 0).sum(axis=1)).tolist()]
        assert np.array_equal(leg.places, np.nonzero(expected)[1])
        assert np.array_equal(leg.counts, expected[expected > 0])


def test_a_term_that_no_kept_passage_holds_is_gone() -> None:
    merged = merge_segments([build_segment([1, 2, 3], TEA)], [np.array([False, True, False])])

    assert list_postings(merged.legs["lexical"]) == {}
    assert list_postings(merged.legs["gloss"]) == {"drink": {0: 1}, "tea": {0: 1}}
    assert merged.legs["lexical"].lengths.tolist() == [0]


def test_nothing_gives_an_empty_segment() -> None:
    built = build_segment([], [])
    kept_none = merge_segments([build_segment([1, 2, 3], TEA)], [np.full(3, False)])

    assert len(built.rows) == 0
    assert built.legs["gloss"].spans.tolist() == [0]
    assert list_arrays(built) == list_arrays(merge_segments([], [])) == list_arrays(kept_none)


def test_segments_out_of_order_are_not_merged() -> None:
    one, other = build_segment([1, 5, 6], TEA), build_segment([4], TEA[:1])

    with pytest.raises(ValueError, match="do not ascend"):
        merge_segments([one, other], [np.full(3, True), np.full(1, True)])


@pytest.mark.parametrize("keep", [np.full(2, True), np.full((3, 1), True), np.array([0, 1, 2])])
def test_what_to_keep_must_be_a_truth_for_each_passage(keep: Any) -> None:
    with pytest.raises(ValueError, match=r"3 passages, but .* to keep"):
        merge_segments([build_segment([1, 2, 3], TEA)], [keep])


@pytest.mark.parametrize("n", [0, 1, 37])
def test_a_file_gives_back_what_was_written(n: int, tmp_path: Path) -> None:
    segment = build_segment(range(5, 5 + n), make_bags(n, 3))

    write_segment(segment, tmp_path / "terms")
    mapped = read_segment(tmp_path / "terms")

    assert list_arrays(mapped) == list_arrays(segment)
    assert not mapped.rows.flags.writeable
    assert not mapped.legs["lexical"].places.flags.writeable
    merged = merge_segments([mapped], [np.full(n, True)])
    assert list_arrays(merged) == list_arrays(segment)


def test_others_can_read_the_file(tmp_path: Path) -> None:
    segment = build_segment([4, 7, 9], TEA)

    write_segment(segment, tmp_path / "terms")

    arrays = load_file(tmp_path / "terms")
    assert {n: (v.dtype.str, v.tolist()) for n, v in arrays.items()} == list_arrays(segment)


def test_a_file_is_replaced_whole_and_what_was_mapped_stays(tmp_path: Path) -> None:
    path = tmp_path / "terms"
    write_segment(build_segment([4, 7, 9], TEA), path)
    before = read_segment(path)

    write_segment(build_segment([1], TEA[:1]), path)

    assert [file.name for file in tmp_path.iterdir()] == ["terms"]
    assert read_segment(path).rows.tolist() == [1]
    assert list_arrays(before) == list_arrays(build_segment([4, 7, 9], TEA))


def test_the_same_passages_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_segment(build_segment(range(30), make_bags(30, 8)), tmp_path / name)

    digest = hashlib.blake2b((tmp_path / "a").read_bytes(), digest_size=16).hexdigest()
    assert hash_file(tmp_path / "a") == hash_file(tmp_path / "b") == digest


def test_a_missing_file_is_not_a_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_segment(tmp_path / "terms")


def test_a_file_that_lacks_its_end_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    write_segment(build_segment([4, 7, 9], TEA), tmp_path / "terms")
    whole = (tmp_path / "terms").read_bytes()

    for size in [*range(0, len(whole), 19), len(whole) - 1]:
        (tmp_path / "terms").write_bytes(whole[:size])
        with pytest.raises(ValueError, match=r"'.*/terms' is no whole file of postings"):
            read_segment(tmp_path / "terms")
    (tmp_path / "terms").write_bytes(whole + b"\0")
    with pytest.raises(ValueError, match="overlap or leave gaps"):
        read_segment(tmp_path / "terms")


Change = Callable[[dict[str, Any]], object]


def stretch(header: dict[str, Any], size: int) -> None:
    start = header["rows"]["data_offsets"][0]
    header["rows"] = {"dtype": "I64", "shape": [size], "data_offsets": [start, start + 8 * size]}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda h: stretch(h, 2**60), "beyond the file", id="huge"),
        pytest.param(lambda h: stretch(h, 2**61), "beyond the file", id="past 64 bits"),
        pytest.param(lambda h: h["rows"].update(shape=[2**61]), "beyond", id="huge in little"),
        pytest.param(lambda h: h["rows"].update(shape=[2]), "beyond", id="little in more"),
        pytest.param(lambda h: h.update(more="." * 70_000), "header would end", id="long header"),
        pytest.param(lambda h: stretch(h, -1), "beyond the file", id="negative"),
        pytest.param(lambda h: stretch(h, 2), "overlap or leave gaps", id="shorter"),
        pytest.param(lambda h: h["rows"].update(dtype="F64"), "'rows' is not of I64", id="float"),
        pytest.param(lambda h: h["rows"].update(shape=[3, 1]), "too many", id="matrix"),
        pytest.param(lambda h: h["rows"].update(shape=["3"]), "", id="text for a number"),
        pytest.param(lambda h: h["rows"].update(shape=[3.0]), "", id="float for a number"),
        pytest.param(lambda h: h["rows"].update(data_offsets=None), "", id="no offsets"),
        pytest.param(lambda h: h.pop("gloss.places"), "gloss.places", id="missing"),
        pytest.param(
            lambda h: h.update({"gloss.text": h["lexical.counts"]}), "overlap", id="overlapping"
        ),
        pytest.param(
            lambda h: h.update({"gloss.lengths": h["lexical.spans"]}), "is not of I32", id="swapped"
        ),
    ],
)
def test_a_header_that_lies_is_refused_before_anything_is_made(
    change: Change, words: str, tmp_path: Path
) -> None:
    write_segment(build_segment([4, 7, 9], TEA), tmp_path / "terms")
    rewrite_header(tmp_path / "terms", change)

    tracemalloc.start()
    with pytest.raises(ValueError, match=f"no whole file of postings: .*{words}"):
        read_segment(tmp_path / "terms")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 1_000_000


def rewrite_header(path: Path, change: Change) -> None:
    data = path.read_bytes()
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    change(header)
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data[end:])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 8,
        (2**62).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        (4).to_bytes(8, "little") + b"null",
        (60_000).to_bytes(8, "little") + b"[" * 60_000,
        (70_000).to_bytes(8, "little") + b" " * 70_000,
    ],
)
def test_a_file_of_something_else_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "terms").write_bytes(data)

    with pytest.raises(ValueError, match="no whole file of postings"):
        read_segment(tmp_path / "terms")


@pytest.mark.parametrize(
    ("field", "values", "words"),
    [
        ("lengths", [3, 0], "lexical arrays do not fit each other"),
        ("starts", [0, 3, 5], "lexical arrays do not fit each other"),
        ("counts", [2, 1, 1], "lexical arrays do not fit each other"),
        ("starts", [0, 5, 3, 8], "lexical terms do not follow each other"),
        ("starts", [0, 3, 5, 9], "lexical terms do not follow each other"),
        ("spans", [1, 2, 3, 4], "lexical terms do not follow each other"),
        ("spans", [0, 2, 2, 4], "lexical terms do not follow each other"),
        ("spans", [0, 2, 3, 2**32 - 1], "lexical terms do not follow each other"),
    ],
)
def test_arrays_that_contradict_each_other_are_refused(
    field: str, values: list[int], words: str, tmp_path: Path
) -> None:
    segment = build_segment([4, 7, 9], TEA)
    arrays = {name: getattr(segment.legs["lexical"], name) for name in FIELDS}
    arrays[field] = np.array(values, dtype=arrays[field].dtype)
    legs = {**segment.legs, "lexical": LegPostings(**arrays)}

    write_segment(TermSegment(segment.rows, legs), tmp_path / "terms")

    with pytest.raises(ValueError, match=words):
        read_segment(tmp_path / "terms")


def test_rows_out_of_order_in_a_file_are_refused(tmp_path: Path) -> None:
    segment = build_segment([4, 7, 9], TEA)
    rows = np.array([4, 9, 7], dtype=np.int64)

    write_segment(TermSegment(rows, segment.legs), tmp_path / "terms")

    with pytest.raises(ValueError, match="rows do not ascend"):
        read_segment(tmp_path / "terms")
