"""Term search gives the scores of SQLite's FTS5, however the passages lie in segments."""

from __future__ import annotations

import math
import random
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from rag.postings import LEGS, Integers, build_segment, merge_segments, read_segment, write_segment
from rag.term_search import TermIndex
from rag.types import Leg

Bags = Mapping[Leg, Sequence[str]]
# "tea" is held by over half of the passages, "salt" by none that is live below.
TEA = ("old tea tea", "tea", "coffee", "black tea tea tea house", "green tea", "x7 21.59 coffee")
WORDS = [*"abcdefgh", "茶", "临河", "河大", "21.59", "x7", *(f"rare{n}" for n in range(40))]


def make_index(texts: Sequence[str], *, first: int = 1) -> TermIndex:
    """One segment of the rows `first`, `first` + 1, …; all live; the gloss leg is empty."""
    rows = np.arange(first, first + len(texts))
    return TermIndex([build_segment(rows, map(cut_words, texts))], rows)


def cut_words(text: str) -> Bags:
    return {"lexical": text.split(), "gloss": []}


def make_bags(n: int, seed: int) -> list[Bags]:
    rng = random.Random(seed)  # noqa: S311
    shares = [1 / (1 + n) for n in range(len(WORDS))]
    return [
        {leg: rng.choices(WORDS, shares, k=rng.choice((0, 3, 10, 30))) for leg in LEGS}
        for _ in range(n)
    ]


def draw_terms(seed: int) -> list[str]:
    rng = random.Random(seed)  # noqa: S311
    return [*rng.sample(WORDS, rng.choice((1, 4, 20))), "absent"]


def split(rows: Integers, bags: Sequence[Bags], seed: int) -> Iterator[tuple[Integers, list[Bags]]]:
    rng = np.random.default_rng(seed)
    cuts = [0, *sorted(rng.integers(0, len(rows) + 1, seed % 6).tolist()), len(rows)]
    for start, end in pairwise(cuts):
        yield rows[start:end], list(bags[start:end])


def score_by_hand(terms: Sequence[str], bags: Sequence[Sequence[str]]) -> list[float]:
    """BM25 as documented for FTS5: a term in half of the rows or more weighs a millionth."""
    mean = sum(map(len, bags)) / len(bags)
    scores = [0.0] * len(bags)
    for term in terms:
        holders = sum(term in bag for bag in bags)
        weight = math.log((len(bags) - holders + 0.5) / (holders + 0.5))
        for place, bag in enumerate(bags):
            n = bag.count(term)
            norm = 1.2 * (0.25 + 0.75 * len(bag) / (mean or 1))
            scores[place] += (weight if weight > 0 else 1e-6) * n * 2.2 / (n + norm)
    return scores


@pytest.mark.parametrize("seed", range(30))
def test_scores_are_those_of_sqlite(seed: int) -> None:
    bags = make_bags(80, seed)
    terms = draw_terms(seed)
    rows = np.arange(80) * 3 + 7
    index = TermIndex([build_segment(*part) for part in split(rows, bags, seed)], rows)

    for leg in LEGS:
        expected = score_with_sqlite(
            terms, {r: b[leg] for r, b in zip(rows.tolist(), bags, strict=True)}
        )
        found = index.score_terms(leg, terms)

        assert list(found.top(12)) == list(expected)[:12]
        assert found.top(99) == pytest.approx(expected, abs=1e-9)
        assert found.of(rows.tolist()) == pytest.approx(expected, abs=1e-9)


def score_with_sqlite(terms: Sequence[str], bags: Mapping[int, Sequence[str]]) -> dict[int, float]:
    """Row -> score of those that hold any term, best first, ties by row."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE t USING fts5(terms, content='', detail=full, "
            "tokenize=\"ascii tokenchars '.'\")"
        )
        texts = [(int(row), " ".join(bag)) for row, bag in bags.items()]
        connection.executemany("INSERT INTO t(rowid, terms) VALUES (?, ?)", texts)
        match = " OR ".join(f'"{term}"' for term in terms)
        query = "SELECT rowid, -bm25(t) FROM t WHERE t MATCH ? ORDER BY t.rank, rowid"
        return dict(connection.execute(query, (match,)))


@pytest.mark.parametrize("seed", range(30))
def test_neither_the_split_nor_dead_rows_change_anything(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = np.cumsum(rng.integers(1, 9, 120))
    bags = make_bags(120, seed)
    live = rng.random(120) < rng.choice([0.2, 0.7, 0.95])
    kept = [bag for bag, alive in zip(bags, live, strict=True) if alive]
    segments = [build_segment(*part) for part in split(rows, bags, seed)]
    terms = draw_terms(seed)

    whole = TermIndex([build_segment(rows[live], kept)], rows[live])
    spread = TermIndex(segments[::-1], rows[live])

    for leg in LEGS:
        scores = score_by_hand(terms, [bag[leg] for bag in kept])
        found = spread.score_terms(leg, terms)
        expected = whole.score_terms(leg, terms)
        assert found.scores.tolist() == expected.scores.tolist() == pytest.approx(scores, abs=1e-9)
        assert list(found.top(9).items()) == list(expected.top(9).items())
        assert spread.count_holders(leg, terms) == whole.count_holders(leg, terms)
        assert whole.count_holders(leg, terms) == {
            term: n for term in terms if (n := sum(term in bag[leg] for bag in kept))
        }
    assert spread.list_words() == whole.list_words()


def test_rows_between_those_of_another_segment_come_in_order() -> None:
    even = build_segment([2, 4, 6], [cut_words("tea")] * 3)
    odd = build_segment([1, 5, 7], [cut_words("tea"), cut_words("a tea"), cut_words("tea")])

    index = TermIndex([even, odd], np.array([1, 2, 4, 5, 7]))

    assert list(index.score_terms("lexical", ["tea"]).top(4)) == [1, 2, 4, 7]


def test_a_row_that_died_may_live_on_elsewhere() -> None:
    old = build_segment([1, 2, 3], map(cut_words, ("tea", "salt", "tea")))
    merged = merge_segments([old], [np.array([True, False, False])])

    index = TermIndex([merged, build_segment([5], [cut_words("tea")])], np.array([1, 5]))

    assert index.count_holders("lexical", ["tea", "salt"]) == {"tea": 2}


def test_equal_scores_come_by_row_also_at_the_cut() -> None:
    index = make_index(["tea", "old tea house", *["tea"] * 8, "coffee"], first=11)

    found = index.score_terms("lexical", ["tea"])

    assert list(found.top(4)) == [11, 13, 14, 15]
    assert list(found.top(10)) == [11, *range(13, 21), 12]
    assert list(found.top(99)) == list(found.top(10))


@pytest.mark.parametrize("k", [0, -1])
def test_fewer_than_one_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match=f"k must be at least 1, got {k}"):
        make_index(TEA).score_terms("lexical", ["tea"]).top(k)


def test_scores_come_in_the_order_asked_without_those_that_hold_nothing() -> None:
    found = make_index(TEA).score_terms("lexical", ["coffee", "old"])

    scores = score_by_hand(["coffee", "old"], [text.split() for text in TEA])
    assert list(found.of([99, 6, 2, 0, 3, -5])) == [6, 3]
    assert found.of([6, 3]) == pytest.approx({6: scores[5], 3: scores[2]}, abs=1e-12)
    assert found.of([]) == {}


def test_a_term_that_most_hold_weighs_a_millionth_and_is_found() -> None:
    index = make_index(TEA)

    common = index.score_terms("lexical", ["tea"]).top(9)
    both = index.score_terms("lexical", ["tea", "coffee"]).top(9)

    assert common.keys() == {1, 2, 4, 5}
    assert all(0 < score < 2.2e-6 for score in common.values())
    assert list(both)[:2] == [3, 6]
    assert list(both)[2:] == list(common)


@pytest.mark.parametrize(("others", "least", "most"), [(2, 1e-6, 2.2e-6), (3, 0.2, 0.4)])
def test_half_of_the_passages_are_most(others: int, least: float, most: float) -> None:
    index = make_index(["tea", "tea", *["coffee"] * others])

    found = index.score_terms("lexical", ["tea"]).top(9)

    assert found.keys() == {1, 2}
    assert all(least <= score <= most for score in found.values())


def test_a_term_given_twice_counts_twice_and_is_one_term_to_count() -> None:
    index = make_index(TEA)

    once = index.score_terms("lexical", ["coffee"]).of([3, 6])
    twice = index.score_terms("lexical", ["coffee", "coffee"]).of([3, 6])

    assert twice == pytest.approx({row: 2 * score for row, score in once.items()}, abs=1e-12)
    assert index.count_holders("lexical", ["coffee", "coffee"]) == {"coffee": 2}


@pytest.mark.parametrize("terms", [[], ["salt"], [""], ["te"], ["teaa"], ["~"], ["\ud800"], ["\0"]])
def test_terms_that_none_holds_find_nothing(terms: list[str]) -> None:
    index = make_index(TEA)

    found = index.score_terms("lexical", terms)

    assert found.top(9) == found.of([1, 2, 3]) == {}
    assert index.count_holders("lexical", terms) == {}
    assert index.score_terms("gloss", ["tea"]).top(9) == {}


def test_every_term_of_a_large_vocabulary_is_found_and_its_neighbors_are_not() -> None:
    words = [f"w{n}" for n in range(0, 1_000, 2)]
    index = make_index([f"{word} {word}" for word in words])

    assert index.count_holders("lexical", words) == dict.fromkeys(words, 1)
    others = [f"w{n}" for n in range(1, 1_000, 2)] + [f"{word}!" for word in words]
    assert index.count_holders("lexical", others) == {}


def test_words_are_of_4_to_30_letters_a_to_z_and_of_live_passages() -> None:
    texts = [
        f"tea {'z' * 30} {'z' * 31} xiaomi {'azaz'} 21.59 x700",
        "naïve Tea0 {{{{ 茶 éclat",
        "salt",
    ]
    segment = build_segment([1, 2, 3], map(cut_words, texts))
    other = build_segment([5], [cut_words("xiaomi `abcd abcd")])

    index = TermIndex([segment, other], np.array([1, 2, 5]))

    assert index.list_words() == ("abcd", "azaz", "xiaomi", "z" * 30)
    assert make_index(["茶"]).list_words() == ()


def test_no_passages_find_nothing() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    dead = build_segment([1, 2], [cut_words("tea house")] * 2)

    for index in (TermIndex([], nothing), TermIndex([dead], nothing)):
        assert index.score_terms("lexical", ["tea"]).top(9) == {}
        assert index.score_terms("lexical", ["tea"]).of([1]) == {}
        assert index.count_holders("lexical", ["tea"]) == {}
        assert index.list_words() == ()


@pytest.mark.parametrize(
    ("live", "held"),
    [
        pytest.param([1, 2, 3, 9], 4, id="in no segment"),
        pytest.param([1, 2, 4], 4, id="in two"),
        pytest.param([2, 1, 3], 3, id="not ascending"),
        pytest.param([1, 1, 3], 2, id="twice"),
    ],
)
def test_each_live_row_must_be_in_one_segment(live: list[int], held: int) -> None:
    one = build_segment([1, 2, 3], [cut_words("tea")] * 3)
    other = build_segment([2, 4], [cut_words("tea")] * 2)
    segments = [one, other] if 4 in live or 9 in live else [one]

    with pytest.raises(ValueError, match=f"{len(live)} rows are live, .* hold {held} such"):
        TermIndex(segments, np.array(live))


def test_what_is_read_from_a_file_gives_the_same(tmp_path: Path) -> None:
    rows, bags = np.arange(50), make_bags(50, 4)
    segment = build_segment(rows, bags)
    write_segment(segment, tmp_path / "terms")
    built, mapped = TermIndex([segment], rows), TermIndex([read_segment(tmp_path / "terms")], rows)

    for leg in LEGS:
        expected = built.score_terms(leg, WORDS)
        assert mapped.score_terms(leg, WORDS).scores.tolist() == expected.scores.tolist()
        assert mapped.count_holders(leg, WORDS) == built.count_holders(leg, WORDS)


@pytest.mark.parametrize("seed", range(60))
def test_flipped_bits_are_an_error_or_other_numbers_and_never_a_crash(
    seed: int, tmp_path: Path
) -> None:
    rows = np.arange(40)
    write_segment(build_segment(rows, make_bags(40, 4)), tmp_path / "terms")
    data = bytearray((tmp_path / "terms").read_bytes())
    rng = random.Random(seed)  # noqa: S311
    for _ in range(1 + seed % 7):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    (tmp_path / "terms").write_bytes(data)

    try:
        segment = read_segment(tmp_path / "terms")
        index = TermIndex([segment], rows)
        found = [index.score_terms(leg, WORDS).top(9) for leg in LEGS]
        index.list_words()
        merge_segments([segment], [rows % 2 > 0])
    except (ValueError, IndexError):
        return
    assert all(len(best) <= 9 and best.keys() <= set(range(40)) for best in found)
