"""Recall is that of brute force, and what each kind of index cost stands beside it."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import pytest

from eval.bench.neighbors import (
    KINDS,
    Kind,
    KindReport,
    add_noisy_copies,
    compare_kinds,
    describe_kinds,
    format_kinds,
    read_index_vectors,
)
from eval.bench.timing import summarize_seconds
from tests.fake_index import ENCODER, write_index
from tests.test_vectors import unit_rows

EXACT = Kind("float32", "Flat")
REPORT = KindReport("lists, nprobe 8", 1234, 0.9, 0.75, summarize_seconds([0.002] * 4), 1.5, 42_000)


def test_exact_kinds_find_everything() -> None:
    kinds = [Kind("rag.vectors", ""), EXACT]

    reports = compare_kinds(unit_rows(300), unit_rows(5, seed=8), sizes=[60, 300], kinds=kinds)

    assert [(report.kind, report.n) for report in reports] == [
        ("rag.vectors", 60),
        ("float32", 60),
        ("rag.vectors", 300),
        ("float32", 300),
    ]
    assert [report.recall_at_10 for report in reports] == [1.0] * 4
    assert [report.recall_at_50 for report in reports] == [1.0] * 4
    assert reports[3].size_bytes == pytest.approx(300 * 16 * 4, abs=100)


def test_rows_as_close_as_the_last_one_count_as_found() -> None:
    """Otherwise texts that stand twice would make exact search look inexact."""
    vectors = np.repeat(unit_rows(4), 40, axis=0)

    (report,) = compare_kinds(vectors, unit_rows(5, seed=8), sizes=[160], kinds=[EXACT])

    assert (report.recall_at_10, report.recall_at_50) == (1.0, 1.0)


def test_recall_is_the_share_of_the_closest_that_were_found() -> None:
    kinds = [Kind("few", "Flat", "shortlist", (8, 40, 60))]

    reports = compare_kinds(unit_rows(100), unit_rows(5, seed=8), sizes=[100], kinds=kinds)

    assert [report.kind for report in reports] == [f"few, shortlist {n}" for n in (8, 40, 60)]
    assert [report.recall_at_10 for report in reports] == pytest.approx([0.8, 1.0, 1.0])
    assert [report.recall_at_50 for report in reports] == pytest.approx([8 / 50, 0.8, 1.0])


def test_a_shortlist_is_compared_exactly() -> None:
    kinds = [Kind("codes", "PQ{pairs}x4fs", "shortlist", (50, 300))]

    short, all_ = compare_kinds(unit_rows(300), unit_rows(5, seed=8), sizes=[300], kinds=kinds)

    assert (all_.recall_at_10, all_.recall_at_50) == (1.0, 1.0)
    assert 0.5 < short.recall_at_50 < 1.0


def test_every_kind_of_the_list_can_be_made() -> None:
    kinds = [Kind(kind.name, kind.factory, kind.parameter, kind.values[:1]) for kind in KINDS]
    seen: list[tuple[int, int]] = []

    reports = compare_kinds(
        unit_rows(600),
        unit_rows(3, seed=8),
        sizes=[600],
        kinds=kinds,
        progress=lambda done, of: seen.append((done, of)),
    )

    assert [report.kind.split(",")[0] for report in reports] == [kind.name for kind in KINDS]
    assert min(report.recall_at_10 for report in reports) > 0.6
    assert seen == [(n, len(KINDS)) for n in range(1, len(KINDS) + 1)]


@pytest.mark.parametrize("size", [49, 101])
def test_a_size_that_there_are_no_vectors_for_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"cannot index {size} rows: 50 to 100 are possible"):
        compare_kinds(unit_rows(100), unit_rows(1), sizes=[100, size], kinds=[EXACT])


def test_the_number_of_threads_is_left_as_it_was() -> None:
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(2)
    try:
        compare_kinds(unit_rows(60), unit_rows(1), sizes=[60], kinds=[EXACT])
        after = faiss.omp_get_max_threads()
    finally:
        faiss.omp_set_num_threads(before)

    assert after == 2


def test_noisy_copies_are_unit_rows_near_some_vector() -> None:
    vectors = unit_rows(20, dim=256)

    more = add_noisy_copies(vectors, 100, seed=3)

    assert np.array_equal(more[:20], vectors)
    assert np.linalg.norm(more, axis=1).tolist() == pytest.approx([1.0] * 120, abs=1e-5)
    assert (more[20:] @ vectors.T).max(axis=1).tolist() == pytest.approx([0.94] * 100, abs=0.03)
    assert len(np.unique(more, axis=0)) == 120


def test_the_table_names_kind_size_and_cost() -> None:
    header, line, _, note = format_kinds([REPORT]).splitlines()

    assert header.split()[:4] == ["rows", "kind", "recall@10", "@50"]
    assert line.split() == [
        "1,234", "lists,", "nprobe", "8", "0.9000", "0.7500", "2.00", "2.00", "1.50", "0.0",
    ]  # fmt: skip
    assert note == "n=4 queries, one thread, processor time"
    assert len(header) == len(line)


def test_the_reports_can_be_written_as_json() -> None:
    (described,) = describe_kinds([REPORT])

    assert (described["kind"], described["n"], described["size_bytes"]) == (
        "lists, nprobe 8", 1234, 42_000,
    )  # fmt: skip
    assert described["query"]["p95"] == 0.002


def test_the_vectors_of_an_index_are_all_read(tmp_path: Path) -> None:
    texts = {f"{n}.txt": f"Boat {n} left." for n in range(9)}
    path = write_index(tmp_path / "index.db", texts)

    vectors = read_index_vectors(path)

    expected = ENCODER.encode_passages(list(texts.values()))
    closest = (vectors @ expected.T).argmax(axis=1)
    assert vectors.shape == expected.shape
    assert sorted(closest.tolist()) == list(range(9))
