"""Passages and sentences are ranked by what the formulas give; no language is pushed out."""

from __future__ import annotations

import math
from collections import Counter
from contextlib import closing
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from rag.fuse import DEFAULT_FUSION, LEAST_DEVIATION, Fusion, standardize
from rag.rank import rank_sentences, score_bm25
from rag.retrieve import Found, retrieve_passages
from rag.types import LANGUAGES, Evidence
from tests.fake_index import ENCODER, GLOSSARY, ask, open_index, write_index

TEXTS = {
    "bridge": "The bridge opened in 2021. It is long. Walkers like the bridge.",
    "museum": "The salt museum is closed. Entry is free.",
    "tea": "Green tea is old. The price of tea is low.",
    "大桥": "临河大桥2021年通车。大桥很长。",
    "盐": "盐业博物馆开放。",
    "茶": "绿茶很老。茶的价格很低。",
}


def search(
    folder: Path,
    texts: dict[str, str],
    question: str,
    *,
    k: int = 20,
    fusion: Fusion = DEFAULT_FUSION,
) -> tuple[list[Found], list[Evidence]]:
    path = folder / "index.db"
    if not path.exists():
        write_index(path, texts)
    query = ask(question)
    with closing(open_index(path)) as index, index.read() as view:
        found = retrieve_passages(query, view, k=k, depth=50, fusion=fusion)
        return found, rank_sentences(query, found, view, GLOSSARY, fusion=fusion)


def only(leg: int, *, passage_weight: float = 0.0) -> Fusion:
    weights = (float(leg == 0), float(leg == 1), float(leg == 2))
    pairs = [(question, documents) for question in LANGUAGES for documents in LANGUAGES]
    return Fusion(dict.fromkeys(pairs, weights), passage_weight)


@pytest.mark.parametrize(
    ("scores", "least", "standard"),
    [
        pytest.param([], 0.5, [], id="empty"),
        pytest.param([3.0], 0.5, [0.0], id="one"),
        pytest.param([1.0, 3.0], 0.5, [-1.0, 1.0], id="two"),
        pytest.param([0.0, 0.0, 3.0], 0.5, [-(0.5**0.5), -(0.5**0.5), 2**0.5], id="three"),
        pytest.param([1.0, 1.2], 0.5, [-0.2, 0.2], id="a small deviation is not blown up"),
        pytest.param([2.0, 2.0], 0.5, [0.0, 0.0], id="all equal"),
    ],
)
def test_scores_are_standardized(scores: list[float], least: float, standard: list[float]) -> None:
    assert standardize(np.array(scores), least).tolist() == pytest.approx(standard)


def test_bm25_is_the_formula() -> None:
    bags = [Counter(a=2, b=1), Counter(b=1), Counter(c=5)]

    scores = score_bm25(["a", "b", "x"], bags, {"a": 1, "b": 4}, 9)

    a, b = math.log(1 + 8.5 / 1.5), math.log(1 + 5.5 / 4.5)
    three, one = 1.2 * (0.25 + 0.75 * 3 / 3), 1.2 * (0.25 + 0.75 * 1 / 3)  # the mean length is 3
    expected = [a * 2 * 2.2 / (2 + three) + b * 2.2 / (1 + three), b * 2.2 / (1 + one), 0.0]
    assert scores == pytest.approx(expected)


def test_bm25_of_nothing_is_nothing() -> None:
    assert score_bm25(["a"], [], {"a": 1}, 9) == []
    assert score_bm25(["a"], [Counter[str](), Counter(a=1)], {}, 9) == [0.0, 0.0]
    assert score_bm25([], [Counter(a=1)], {"a": 1}, 9) == [0.0]


def test_the_fused_score_is_the_weighted_sum_of_standard_scores(tmp_path: Path) -> None:
    found, _ = search(tmp_path, TEXTS, "price of tea")

    english = {f.hit.passage.document_id: f.hit for f in found if f.hit.language == "en"}
    names = ["bridge", "museum", "tea"]
    legs = [
        [
            getattr(english[name], leg).score if getattr(english[name], leg) else 0.0
            for name in names
        ]
        for leg in ("dense", "lexical", "gloss")
    ]
    parts = [standardize(np.array(s), d) for s, d in zip(legs, LEAST_DEVIATION, strict=True)]
    expected = sum(parts) / math.sqrt(3)
    scores = [english[name].score for name in names]
    assert scores == pytest.approx(np.asarray(expected).tolist())


def test_hits_come_best_first_and_say_what_each_leg_found(tmp_path: Path) -> None:
    found, _ = search(tmp_path, TEXTS, "price of tea")

    hits = [item.hit for item in found]
    assert {hits[0].passage.document_id, hits[1].passage.document_id} == {"tea", "茶"}
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5, 6]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    tea = next(hit for hit in hits if hit.passage.document_id == "tea")
    bridge = next(hit for hit in hits if hit.passage.document_id == "bridge")
    assert tea.lexical is not None
    assert tea.lexical.rank == 1
    assert tea.gloss is not None
    assert tea.gloss.rank == 1
    assert bridge.gloss is None


def test_a_question_reaches_the_other_language_by_its_glosses(tmp_path: Path) -> None:
    found, evidence = search(tmp_path, TEXTS, "茶的价格", fusion=only(2, passage_weight=1.0))

    english = [item for item in found if item.hit.language == "en"]
    assert english[0].hit.passage.document_id == "tea"
    texts = [e.quote.text for e in evidence if e.hit.language == "en"]
    assert texts[0] == "The price of tea is low."


def test_equal_passages_and_sentences_come_by_id(tmp_path: Path) -> None:
    """A product of matrices gives equal rows unequal last digits, which decided among copies."""
    orders = permutations(["Tea", "is", "quite", "old"])
    texts = {name: f"{' '.join(words)}." for name, words in zip("hcfabedg", orders, strict=False)}

    found, evidence = search(tmp_path, texts | {"z": "The museum."}, "old tea")

    assert [f.hit.passage.document_id for f in found] == [*"abcdefgh", "z"]
    assert [e.quote.document_id for e in evidence[:8]] == [*"abcdefgh"]
    assert len({e.score for e in evidence[:8]}) == 1


def test_copies_take_one_place_and_are_named(tmp_path: Path) -> None:
    """Five copies of one wire story filled the places of five stories."""
    story = "The harbor of Linhe opened for ferries on Monday, and 400 guests came to see it. "
    story += "A choir sang on the pier, and the mayor cut a blue ribbon in the rain."
    copies = {name: f"{site} reports: {story}" for name, site in zip("abc", "XYZ", strict=True)}
    other = {"d": story.replace("400", "700"), "e": "Ferries leave from the harbor at noon."}

    found, _ = search(tmp_path, copies | other, "harbor ferries")

    hits = {item.hit.passage.document_id: item.hit.copies for item in found}
    (kept,) = hits.keys() & copies.keys()
    assert hits == {kept: tuple(sorted(copies.keys() - {kept})), "d": (), "e": ()}


@pytest.mark.parametrize("question", ["bridge tea price", "大桥 茶的价格"])
@pytest.mark.parametrize("many", ["zh", "en"])
def test_many_documents_of_one_language_do_not_push_out_the_other(
    tmp_path: Path, question: str, many: str
) -> None:
    chinese = {
        f"zh{n}": f"临河大桥通车{n}。茶的价格{n}。" for n in range(40 if many == "zh" else 1)
    }
    english = {
        f"en{n}": f"The bridge is open {n}. The price of tea is {n}."
        for n in range(40 if many == "en" else 1)
    }

    found, evidence = search(tmp_path, chinese | english, question, k=8)

    assert len(found) == 8
    assert {item.hit.language for item in found} == {"zh", "en"}
    assert {item.hit.language for item in evidence} == {"zh", "en"}


def test_the_best_are_those_of_a_longer_list(tmp_path: Path) -> None:
    few, _ = search(tmp_path, TEXTS, "price of tea", k=2)
    many, _ = search(tmp_path, TEXTS, "price of tea", k=6)

    assert [item.hit for item in few] == [item.hit for item in many[:2]]


def test_an_empty_index_gives_nothing(tmp_path: Path) -> None:
    assert search(tmp_path, {}, "price of tea") == ([], [])


def test_unknown_words_leave_the_legs_of_words_empty(tmp_path: Path) -> None:
    found, evidence = search(tmp_path, TEXTS, "zyzzyva")

    assert len(found) == 6
    assert {(item.hit.lexical, item.hit.gloss) for item in found} == {(None, None)}
    assert all(math.isfinite(item.score) for item in evidence)


def test_a_question_without_any_word_still_gets_an_order(tmp_path: Path) -> None:
    found, _ = search(tmp_path, TEXTS, "?!")

    assert all(math.isfinite(item.hit.score) for item in found)


def test_every_sentence_found_is_a_slice_and_ranked_once(tmp_path: Path) -> None:
    _, evidence = search(tmp_path, TEXTS, "price of tea")

    quotes = [item.quote for item in evidence]
    assert all(TEXTS[q.document_id][q.start : q.end] == q.text for q in quotes)
    assert len(set(quotes)) == len(quotes) == 12
    assert [item.rank for item in evidence] == list(range(1, 13))
    scores = [item.score for item in evidence]
    assert scores == sorted(scores, reverse=True)


def test_a_sentence_counts_with_its_passage(tmp_path: Path) -> None:
    fusion = only(0, passage_weight=0.0)
    _, alone = search(tmp_path, TEXTS, "price of tea", fusion=fusion)
    _, both = search(tmp_path, TEXTS, "price of tea", fusion=only(0, passage_weight=0.6))

    own = {item.quote: item.score for item in alone}
    expected = [own[item.quote] + 0.6 * item.hit.score for item in both]
    assert [item.score for item in both] == pytest.approx(expected)


def test_a_sentences_similarity_is_its_cosine(tmp_path: Path) -> None:
    _, evidence = search(tmp_path, TEXTS, "price of tea")

    vectors = ENCODER.encode_passages([item.quote.text for item in evidence])
    expected = (vectors @ ask("price of tea").vector).tolist()
    assert [item.similarity for item in evidence] == pytest.approx(
        expected, abs=0.06
    )  # four bits, of 256 values


def test_the_same_question_gets_the_same_ranking(tmp_path: Path) -> None:
    assert search(tmp_path, TEXTS, "price of tea") == search(tmp_path, TEXTS, "price of tea")
