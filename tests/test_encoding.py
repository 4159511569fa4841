"""Recall is that of brute-force search, and speed is told beside the precision it belongs to."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from embeddings.encoder import Vectors
from embeddings.precision import find_precision
from eval.bench.timing import summarize_seconds
from eval.fitting.encoding import (
    PRECISIONS,
    PrecisionReport,
    compare_precisions,
    describe_precisions,
    format_precisions,
    measure_recall,
)
from eval.measures.metrics import Mean

SENTENCES = [f"Sentence {degrees}." for degrees in range(10, 80, 10)]


class AngleEncoder:
    """Text -> the direction of the number in it, in degrees."""

    name = "angle"
    dim = 2

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        angles = [math.radians(int("".join(filter(str.isdigit, text)))) for text in texts]
        return np.array([[math.cos(a), math.sin(a)] for a in angles], dtype=np.float32)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encode_passages(texts)


@pytest.fixture
def xquad(tmp_path: Path) -> Path:
    """Seven sentences at 10 to 70 degrees; the one at 60 answers both questions."""
    text = " ".join(SENTENCES)
    starts = [text.index(sentence) for sentence in SENTENCES]
    gold = [{"answer_start": starts[5], "text": "60"}]
    questions = [
        {"id": "sixth nearest", "question": "What is near 0?", "answers": gold},
        {"id": "second nearest", "question": "What is near 80?", "answers": gold},
    ]
    paragraph = {
        "context": text,
        "qas": questions,
        "sentence_breaks": [
            [start, start + len(s)] for start, s in zip(starts, SENTENCES, strict=True)
        ],
    }
    for name in ("en.json", "zh.json"):
        record = {"data": [{"title": "t", "paragraphs": [paragraph]}]}
        (tmp_path / name).write_text(json.dumps(record))
    return tmp_path


def test_an_answer_counts_if_it_is_among_the_five_nearest(xquad: Path) -> None:
    recall = measure_recall(xquad, AngleEncoder())

    assert set(recall) == {"en -> en", "en -> zh", "zh -> en", "zh -> zh"}
    assert [mean.value for mean in recall.values()] == [0.5] * 4
    assert [mean.n for mean in recall.values()] == [2] * 4


def make_report(name: str, *, chosen: bool, recall: dict[str, Mean]) -> PrecisionReport:
    return PrecisionReport(name, chosen, 52.4, 1.0, summarize_seconds([0.004]), recall)


def test_the_table_marks_what_is_taken_here() -> None:
    recall = {"en -> zh": Mean(0.8126, 0.8, 0.83, 1190)}
    reports = [
        make_report("float32", chosen=False, recall=recall),
        make_report("int8", chosen=True, recall=recall),
    ]

    lines = format_precisions(reports).splitlines()

    assert lines[0].split() == [
        "precision",
        "texts/s",
        "speed",
        "question",
        "p50",
        "en",
        "->",
        "zh",
    ]
    assert lines[1].split() == ["float32", "52", "1.00x", "4.0", "ms", "0.8126"]
    assert lines[2].split()[0] == "int8*"
    assert lines[-1] == "recall@5, dense alone, n=1190 a pair"
    assert describe_precisions(reports)[1]["recall_at_5"]["en -> zh"]["n"] == 1190


def test_without_data_there_is_no_recall_in_the_table() -> None:
    shown = format_precisions([make_report("float32", chosen=True, recall={})])

    assert "recall" not in shown
    assert "32 texts of 160 tokens; questions n=1" in shown


@pytest.mark.model
def test_every_precision_is_measured_on_the_bundled_model() -> None:
    reports = compare_precisions(["when did it open?", "它是什么时候开放的？"])

    assert tuple(report.precision for report in reports) == PRECISIONS
    assert [r.precision for r in reports if r.chosen] == [find_precision()]
    assert reports[0].speedup == 1.0
    for report in reports:
        assert report.question.n == 2
        assert report.texts_per_second / reports[0].texts_per_second == pytest.approx(
            report.speedup
        )
