"""A task is ranked by the pipeline's own search: fused as `answer` does, and leg by leg."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from embeddings.gloss import Glossary
from eval.fitting.pool import index_task, leg_alone, make_rank
from eval.fitting.read import Candidate, RetrievalQuestion, RetrievalTask, Unit
from rag.store import Index
from rag.types import Document
from tests.fake_encoder import HashingEncoder

TEXTS = (
    "The harbor opened in spring. Boats came from the coast.",
    "The museum shows old maps. It closed in autumn.",
    "Wheat is grown in the hills. The price of wheat rose.",
)
ENCODER = HashingEncoder()


def make_task(unit: Unit) -> RetrievalTask:
    documents = tuple(Document(f"d{n}", "", text, f"d{n}", "en") for n, text in enumerate(TEXTS))
    candidates = []
    for document in documents:
        cut = document.text.index(". ") + 1
        whole = [(0, len(document.text))]
        spans = whole if unit == "paragraph" else [(0, cut), (cut + 1, len(document.text))]
        candidates += [Candidate(f"{document.id}:{a}", document.id, a, b) for a, b in spans]
    gold = frozenset({"d2:0" if unit == "paragraph" else "d2:29"})
    question = RetrievalQuestion("q", "what did the price of wheat do?", gold)
    return RetrievalTask("toy", documents, tuple(candidates), (question,), unit, "en", "en", 0)


@pytest.fixture
def sentences(tmp_path: Path, glossary: Glossary) -> Iterator[Index]:
    index = index_task(make_task("sentence"), tmp_path / "index.db", ENCODER, glossary)
    yield index
    index.close()


def test_the_dense_leg_alone_ranks_as_brute_force_does(
    sentences: Index, glossary: Glossary
) -> None:
    task = make_task("sentence")
    rank = make_rank(task, sentences, ENCODER, glossary, k=20, depth=50)

    ranking = rank("the price of wheat")["dense"]

    documents = {document.id: document.text for document in task.documents}
    texts = [documents[c.document_id][c.start : c.end] for c in task.candidates]
    scores = ENCODER.encode_passages(texts) @ ENCODER.encode_queries(["the price of wheat"])[0]
    assert list(ranking) == [task.candidates[n].id for n in np.argsort(-scores, kind="stable")]


def test_every_leg_and_their_fusion_find_the_sentence_that_holds_the_words(
    sentences: Index, glossary: Glossary
) -> None:
    rank = make_rank(make_task("sentence"), sentences, ENCODER, glossary, k=20, depth=50)

    rankings = rank("the price of wheat")

    assert list(rankings) == ["fused", "dense", "lexical", "gloss"]
    assert {ranking[0] for ranking in rankings.values()} == {"d2:29"}
    assert all(len(set(ranking)) == len(ranking) for ranking in rankings.values())


def test_fewer_passages_are_ranked_where_fewer_are_asked_for(
    sentences: Index, glossary: Glossary
) -> None:
    rank = make_rank(make_task("sentence"), sentences, ENCODER, glossary, k=1, depth=50, legs=())

    assert {id_[:2] for id_ in rank("the price of wheat")["fused"]} == {"d2"}


def test_paragraphs_are_ranked_as_wholes(tmp_path: Path, glossary: Glossary) -> None:
    task = make_task("paragraph")
    told: list[tuple[int, int]] = []
    index = index_task(
        task, tmp_path / "index.db", ENCODER, glossary, progress=lambda *news: told.append(news)
    )

    ranking = make_rank(task, index, ENCODER, glossary, k=20, depth=50)("old maps")["fused"]

    index.close()
    assert ranking[0] == "d1:0"
    assert sorted(ranking) == ["d0:0", "d1:0", "d2:0"]
    assert told == [(3, 3)]


def test_alone_means_that_no_other_leg_and_no_passage_counts() -> None:
    fusion = leg_alone("lexical")

    assert set(fusion.weights.values()) == {(0.0, 1.0, 0.0)}
    assert fusion.passage_weight == 0.0
