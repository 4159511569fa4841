"""Postings: which passages hold a term, and how often, as arrays that one file maps into memory.

A segment covers up to 65,536 passages of one language, called by their places 0, 1, … in the
order of their rows, and never changes. Segments are merged into new ones, and the result is the
same, array for array, as if it had been built from the passages that were kept.

A file has the layout of safetensors: the length of the header in 8 bytes, the header as JSON, and
the arrays. All numbers are little-endian.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count, pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from rag.types import Leg

Bools = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
LEGS: tuple[Leg, ...] = ("lexical", "gloss")
MAX_PLACES = 65_536  # what uint16 can tell apart
MAX_COUNT = 255  # a passage that holds a term more often counts as if it held it so often
_RUN = 1_000_000  # tokens or postings handled at once, in some 50 MB of temporary arrays
_MAX_HEADER = 65_536  # bytes; ours takes about 1,000
_DTYPES = {"I64": "<i8", "I32": "<i4", "U32": "<u4", "U16": "<u2", "U8": "u1"}
_FIELDS = {
    "lengths": "I32", "text": "U8", "starts": "U32", "spans": "U32", "places": "U16", "counts": "U8"
}  # fmt: skip
_LAYOUT = {"rows": "I64"} | {f"{leg}.{key}": code for leg in LEGS for key, code in _FIELDS.items()}


@dataclass(frozen=True, slots=True, eq=False)
class LegPostings:
    """The postings of one leg. Terms ascend by their UTF-8 bytes; each has a holder.

    Attributes:
        lengths: int32, shape (passages,): how many tokens a passage has, repeats counted.
        text: uint8: the bytes of all terms, one behind the other.
        starts: uint32, shape (terms + 1,): term `t` is `text[starts[t]:starts[t + 1]]`.
        spans: uint32, shape (terms + 1,): its postings are those at `spans[t]:spans[t + 1]`.
        places: uint16: the holders of each term, ascending.
        counts: uint8: how often each holds it, at most `MAX_COUNT`.
    """

    lengths: npt.NDArray[np.int32]
    text: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.uint32]
    spans: npt.NDArray[np.uint32]
    places: npt.NDArray[np.uint16]
    counts: npt.NDArray[np.uint8]

    def read_terms(self, first: int, last: int) -> list[bytes]:
        """Return the terms `first`, …, `last - 1` as UTF-8."""
        ends = self.starts[first : last + 1].tolist()
        text = self.text[ends[0] : ends[-1]].tobytes()
        return [text[start - ends[0] : end - ends[0]] for start, end in pairwise(ends)]


@dataclass(frozen=True, slots=True, eq=False)
class TermSegment:
    """Postings of passages of one language; `rows` are their row numbers, ascending."""

    rows: Integers
    legs: Mapping[Leg, LegPostings]


def build_segment(
    rows: Integers | Sequence[int], terms: Iterable[Mapping[Leg, Sequence[str]]]
) -> TermSegment:
    """Return the postings of passages.

    Args:
        rows: Their row numbers, ascending, at most `MAX_PLACES`.
        terms: For each row its terms, leg by leg, repeats kept; read once, as it comes.

    Raises:
        ValueError: If the rows are too many or do not ascend, or `terms` are more or fewer.
    """
    numbers = _check_rows(np.array(rows, dtype=np.int64))
    collectors = {leg: _Collector() for leg in LEGS}
    for _, bags in zip(numbers, terms, strict=True):
        for leg, collector in collectors.items():
            collector.add(bags[leg])
    return TermSegment(numbers, {leg: collectors[leg].finish() for leg in LEGS})


def merge_segments(segments: Sequence[TermSegment], keep: Sequence[Bools]) -> TermSegment:
    """Return one segment of the passages kept, as `build_segment` would build it.

    Args:
        segments: In the order of their rows.
        keep: For each segment which of its places to keep, bool, shape (passages,).

    Raises:
        ValueError: If more than `MAX_PLACES` are kept, rows do not ascend, or `keep` does not fit.
    """
    rows = [np.zeros(0, dtype=np.int64)]
    for segment, kept in zip(segments, keep, strict=True):
        if kept.shape != segment.rows.shape or kept.dtype != np.bool_:
            raise ValueError(f"{len(segment.rows)} passages, but {kept.dtype} {kept.shape} to keep")
        rows.append(segment.rows[kept])
    numbers = _check_rows(np.concatenate(rows))
    legs = {leg: _merge_leg([segment.legs[leg] for segment in segments], keep) for leg in LEGS}
    return TermSegment(numbers, legs)


def write_segment(segment: TermSegment, path: Path) -> None:
    """Write `segment` so that `path` is at all times the whole of one file, the old or the new.

    The draft lies beside it, with `.part` behind its name: one process may write at a time.
    """
    arrays = {
        f"{leg}.{name}": getattr(of, name) for leg, of in segment.legs.items() for name in _FIELDS
    }
    draft = path.with_name(f"{path.name}.part")
    with draft.open("wb") as file:
        file.write(save({"rows": segment.rows, **arrays}))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read_segment(path: Path) -> TermSegment:
    """Map the segment in `path` into memory, read-only: what is not looked up is not read.

    Sizes are checked, values are not: a file with flipped bits may give wrong numbers or an
    `IndexError` later, unless `hash_file` was compared before. Replace a file and never write
    into it: a process that has mapped a file which then gets shorter is killed.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no segment, or not the whole of one.
    """
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return _check_segment(_map_segment(mapped))
    except (ValueError, TypeError, LookupError, RecursionError) as exc:
        raise ValueError(f"{str(path)!r} is no whole file of postings: {exc}") from exc


def hash_file(path: Path) -> str:
    """The BLAKE2b digest of a file, 16 bytes in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def encode_term(term: str) -> bytes:
    """The bytes of a term, which sort as the strings do."""
    return term.encode("utf-8", "surrogatepass")


def _check_rows(rows: Integers) -> Integers:
    if len(rows) > MAX_PLACES:
        raise ValueError(f"a segment holds at most {MAX_PLACES} passages, got {len(rows)}")
    if (rows[1:] <= rows[:-1]).any():
        raise ValueError("the rows do not ascend")
    return rows


@dataclass(frozen=True, slots=True)
class _Run:
    """Postings in the order of their terms: the first `sizes[0]` are of `terms[0]`, and so on."""

    terms: Integers
    sizes: Integers
    places: npt.NDArray[np.uint16]
    counts: npt.NDArray[np.uint8]


class _Collector:
    """Takes the terms of one leg, passage by passage."""

    def __init__(self) -> None:
        self._numbers: defaultdict[str, int] = defaultdict(count().__next__)
        self._tokens = array("I")  # of passages that are in no run yet
        self._lengths: list[int] = []
        self._done = 0  # passages that are
        self._runs: list[_Run] = []

    def add(self, terms: Sequence[str]) -> None:
        self._tokens.extend(map(self._numbers.__getitem__, terms))
        self._lengths.append(len(terms))
        if len(self._tokens) >= _RUN:
            self._finish_run()

    def finish(self) -> LegPostings:
        self._finish_run()
        numbers = {encode_term(term): number for term, number in self._numbers.items()}
        return _join_runs(self._runs, numbers, np.array(self._lengths, dtype=np.int32))

    def _finish_run(self) -> None:
        places = np.arange(self._done, len(self._lengths), dtype=np.uint64)
        keys = np.array(self._tokens, dtype=np.uint64) << 16
        keys |= np.repeat(places, self._lengths[self._done :])
        held, counts = np.unique(keys, return_counts=True)
        terms, sizes = np.unique(held >> 16, return_counts=True)
        capped = np.minimum(counts, MAX_COUNT).astype(np.uint8)
        self._runs.append(_Run(terms.astype(np.int64), sizes, held.astype(np.uint16), capped))
        self._tokens, self._done = array("I"), len(self._lengths)


def _merge_leg(legs: Sequence[LegPostings], keep: Sequence[Bools]) -> LegPostings:
    numbers: defaultdict[bytes, int] = defaultdict(count().__next__)
    runs, base = [], 0
    for leg, kept in zip(legs, keep, strict=True):
        terms = leg.read_terms(0, len(leg.starts) - 1)
        moved = np.cumsum(kept) + (base - 1)
        base += int(kept.sum())
        steps = np.searchsorted(leg.spans, range(0, int(leg.spans[-1]) + _RUN, _RUN))
        for first, last in pairwise(np.unique(steps.clip(max=len(terms))).tolist()):
            run = _filter_run(leg, first, last, kept, moved)
            given = [numbers[terms[n]] for n in run.terms]
            runs.append(replace(run, terms=np.array(given, dtype=np.int64)))
    lengths = [leg.lengths[kept] for leg, kept in zip(legs, keep, strict=True)]
    return _join_runs(runs, numbers, np.concatenate([np.zeros(0, dtype=np.int32), *lengths]))


def _filter_run(leg: LegPostings, first: int, last: int, kept: Bools, moved: Integers) -> _Run:
    start, end = leg.spans[first], leg.spans[last]
    places = leg.places[start:end]
    held = kept[places]
    sizes = np.add.reduceat(held, leg.spans[first:last] - start, dtype=np.int64)
    some = np.flatnonzero(sizes)
    counts = leg.counts[start:end][held]
    return _Run(first + some, sizes[some], moved[places[held]].astype(np.uint16), counts)


def _join_runs(
    runs: Sequence[_Run], numbers: Mapping[bytes, int], lengths: npt.NDArray[np.int32]
) -> LegPostings:
    """Sort the postings of `runs`, in which terms go by their `numbers` and places ascend."""
    terms = sorted(numbers)
    order = np.array([numbers[term] for term in terms], dtype=np.int64)
    sizes = np.zeros(len(terms), dtype=np.int64)
    for run in runs:
        sizes[run.terms] += run.sizes
    spans = _add_up(sizes[order])
    free = np.empty_like(sizes)
    free[order] = spans[:-1]  # where the next posting of each term belongs
    places, counts = np.empty(spans[-1], dtype=np.uint16), np.empty(spans[-1], dtype=np.uint8)
    for run in runs:
        before = np.cumsum(run.sizes) - run.sizes
        targets = np.repeat(free[run.terms] - before, run.sizes) + np.arange(len(run.places))
        places[targets], counts[targets] = run.places, run.counts
        free[run.terms] += run.sizes
    text = np.frombuffer(b"".join(terms), dtype=np.uint8)
    return LegPostings(lengths, text, _add_up([*map(len, terms)]), spans, places, counts)


def _add_up(sizes: npt.ArrayLike) -> npt.NDArray[np.uint32]:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.uint32)


def _map_segment(mapped: mmap.mmap) -> TermSegment:
    base = 8 + int.from_bytes(mapped[:8], "little")
    room = len(mapped) - base
    if room < 0 or base > _MAX_HEADER:
        raise ValueError(f"its header would end at byte {base} of {len(mapped)}")
    header = json.loads(mapped[8:base])
    arrays, spans = {}, []
    for name, code in _LAYOUT.items():
        (size,), (start, end) = header[name]["shape"], header[name]["data_offsets"]
        dtype = np.dtype(_DTYPES[code])
        fits = 0 <= start <= end <= room and end - start == size * dtype.itemsize
        if header[name]["dtype"] != code or not fits:
            raise ValueError(f"its array {name!r} is not of {code}, or reaches beyond the file")
        arrays[name] = np.frombuffer(mapped, dtype, size, base + start)
        spans.append((start, end))
    edges = [0, *chain(*sorted(spans)), room]
    if edges[::2] != edges[1::2]:
        raise ValueError("its arrays overlap or leave gaps")
    legs = {leg: LegPostings(**{name: arrays[f"{leg}.{name}"] for name in _FIELDS}) for leg in LEGS}
    return TermSegment(arrays["rows"], legs)


def _check_segment(segment: TermSegment) -> TermSegment:
    _check_rows(segment.rows)
    for leg, of in segment.legs.items():
        sizes = (len(of.lengths), len(of.starts), len(of.counts))
        if sizes != (len(segment.rows), len(of.spans), len(of.places)):
            raise ValueError(f"its {leg} arrays do not fit each other")
        for steps, end in ((of.starts, len(of.text)), (of.spans, len(of.places))):
            if steps[0] != 0 or steps[-1] != end or (steps[1:] <= steps[:-1]).any():
                raise ValueError(f"its {leg} terms do not follow each other")
    return segment
