"""A retrieval report holds the numbers that the rankings earn, question by question."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import log2

import pytest

from eval.fitting.read import Candidate, RetrievalQuestion, RetrievalTask
from eval.fitting.retrieval import evaluate_retrieval, format_report
from rag.types import Document

IDS = [f"c{n:02d}" for n in range(12)]

TASK = RetrievalTask(
    name="tea",
    documents=(Document("d", "d", "x" * 12, "d", "en"),),
    candidates=tuple(Candidate(id_, "d", n, n + 1) for n, id_ in enumerate(IDS)),
    questions=(
        RetrievalQuestion("q1", "first", frozenset({"c00"})),
        RetrievalQuestion("q2", "sixth", frozenset({"c05"})),
        RetrievalQuestion("q3", "eleventh", frozenset({"c10"})),
        RetrievalQuestion("q4", "none", frozenset({"c11"})),
    ),
    unit="sentence",
    question_language="en",
    document_language="zh",
    unanswerable=2,
)


def rank(question: str) -> Mapping[str, Sequence[str]]:
    """`dense` has the candidates in the order of their ids but the last; `fused` is right."""
    gold = next(iter(q.relevant for q in TASK.questions if q.text == question))
    return {"dense": IDS[:11], "fused": [*gold]}


def test_each_leg_has_its_measures_by_hand() -> None:
    dense, fused = evaluate_retrieval(TASK, rank).legs

    assert (dense.name, fused.name) == ("dense", "fused")
    assert dense.recall_at_1.value == pytest.approx(1 / 4)
    assert dense.recall_at_5.value == pytest.approx(1 / 4)
    assert dense.mrr_at_10.value == pytest.approx((1 + 1 / 6) / 4)
    assert dense.ndcg_at_10.value == pytest.approx((1 + 1 / log2(7)) / 4)
    assert dense.ndcg_at_10.n == 4
    assert dense.ndcg_at_10.low <= dense.ndcg_at_10.value <= dense.ndcg_at_10.high
    assert fused.recall_at_1.value == fused.ndcg_at_10.value == 1.0


def test_the_rank_of_every_question_is_kept_even_below_the_cut() -> None:
    report = evaluate_retrieval(TASK, rank)

    assert report.question_ids == ("q1", "q2", "q3", "q4")
    assert report.legs[0].first_ranks == (1, 6, 11, None)
    assert report.legs[1].first_ranks == (1, 1, 1, 1)


def test_a_leg_that_is_silent_on_a_question_found_nothing_for_it() -> None:
    def rank_some(question: str) -> Mapping[str, Sequence[str]]:
        return {"lexical": ["c00"]} if question == "first" else {"fused": []}

    lexical, fused = evaluate_retrieval(TASK, rank_some).legs

    assert lexical.recall_at_1.value == pytest.approx(1 / 4)
    assert lexical.recall_at_1.n == 4
    assert fused.first_ranks == (None, None, None, None)


def test_seconds_are_those_of_the_retriever_and_progress_tells_every_question() -> None:
    ticks = iter([0.0, 1.0, 10.0, 12.0, 20.0, 23.0, 30.0, 34.0])
    told: list[tuple[int, int]] = []

    report = evaluate_retrieval(
        TASK, rank, progress=lambda done, n: told.append((done, n)), clock=lambda: next(ticks)
    )

    assert (report.timing.n, report.timing.p50, report.timing.p95) == (4, 2.0, 4.0)
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_report_survives_json() -> None:
    record = json.loads(json.dumps(evaluate_retrieval(TASK, rank).to_dict()))

    assert record["name"] == "tea"
    assert record["candidates"] == 12
    assert record["question_ids"] == ["q1", "q2", "q3", "q4"]
    assert record["legs"][0]["recall@1"]["value"] == 0.25
    assert record["legs"][0]["nDCG@10"]["n"] == 4
    assert record["legs"][0]["first_ranks"] == [1, 6, 11, None]
    assert record["timing"]["n"] == 4


def test_the_table_shows_every_leg_with_its_interval() -> None:
    ticks = iter(range(8))

    table = format_report(evaluate_retrieval(TASK, rank, clock=lambda: float(next(ticks))))

    lines = table.splitlines()
    assert lines[0] == (
        "tea, 12 candidates of one sentence, 4 questions (2 without an answer left out)"
    )
    assert lines[2].split() == ["leg", "recall@1", "recall@5", "MRR@10", "nDCG@10"]
    assert lines[3].startswith("dense     0.250 [0.000, 0.750]  0.250 [0.000, 0.750]  0.292 [")
    assert lines[4].startswith("fused     1.000 [1.000, 1.000]  ")
    assert lines[6] == ("95 % bootstrap intervals. 1000.0 ms a question at p50, 1000.0 ms at p95.")


@pytest.mark.parametrize(
    ("ranking", "words"),
    [
        (["c00", "c01", "c00"], "leg 'dense' repeats a candidate for question 'q1'"),
        (["c00", "c99"], "leg 'dense' returned 'c99' for question 'q1'"),
    ],
)
def test_a_ranking_that_is_none_is_an_error(ranking: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        evaluate_retrieval(TASK, lambda _: {"dense": ranking})


def test_a_retriever_without_legs_is_an_error() -> None:
    with pytest.raises(ValueError, match="tea: nothing to measure"):
        evaluate_retrieval(TASK, lambda _: {})
