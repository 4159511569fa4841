"""Trials ask every question as it is, with its paragraph out of sight, and about something else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from embeddings.gloss import Glossary
from eval.fitting.pool import index_task
from eval.fitting.read import Candidate, RetrievalQuestion, RetrievalTask
from eval.fitting.trials import Asked, Asker, hide_document, split_task
from rag.config import Settings
from rag.store import Index
from rag.types import Document
from tests.fake_encoder import HashingEncoder

ENCODER = HashingEncoder()
TEXTS = (
    "The Harbor Bridge opened in 1932. Trams crossed it until 1958.",
    "The Salt Museum opened in 1974. It shows old maps.",
    "The Tea House closed in 2003. Nobody knows why.",
)
QUESTIONS = (
    ("q0", "When did the Harbor Bridge open?", "1932"),
    ("q1", "What does the Salt Museum show?", "old maps"),
)


def make_task() -> RetrievalTask:
    documents = tuple(
        Document(f"xquad-{n}", f"xquad-{n}", text, "", "en") for n, text in enumerate(TEXTS)
    )
    candidates = []
    for document in documents:
        cut = document.text.index(". ") + 1
        for start, end in ((0, cut), (cut + 1, len(document.text))):
            candidates.append(Candidate(f"{document.id}:{start}-{end}", document.id, start, end))
    questions = []
    for id_, text, answer in QUESTIONS:
        gold = next(
            c.id
            for c in candidates
            if answer in documents[int(c.document_id[-1])].text[c.start : c.end]
        )
        questions.append(RetrievalQuestion(id_, text, frozenset({gold}), (answer,)))
    return RetrievalTask(
        "toy", documents, tuple(candidates), tuple(questions), "sentence", "en", "en", 0
    )


@pytest.fixture
def asked(tmp_path: Path, glossary: Glossary) -> list[Asked]:
    asker = Asker(make_task(), ENCODER, glossary, Settings())
    return list(asker.ask_all(3, tmp_path))


def test_every_question_is_asked_in_three_ways(asked: list[Asked]) -> None:
    assert [item.variant for item in asked] == ["as it is", "without", "swapped"] * 2
    assert [item.held for item in asked] == [True, False, False] * 2


def test_a_swapped_question_is_about_a_name_of_another_question(asked: list[Asked]) -> None:
    text = asked[2].findings.question.text

    assert text.startswith("When did the ")
    assert text != QUESTIONS[0][1]


def test_the_right_value_is_marked_and_the_sentence_that_holds_it_is_not(
    asked: list[Asked],
) -> None:
    right = [o for o, is_right in zip(asked[0].options, asked[0].right, strict=True) if is_right]

    assert [o.candidate.printed for o in right if o.candidate] == ["1932"]
    assert len(right) == 1


def test_where_no_value_is_asked_for_the_sentence_is_right(asked: list[Asked]) -> None:
    item = asked[3]
    right = [o for o, is_right in zip(item.options, item.right, strict=True) if is_right]

    assert [o.reading.evidence.quote.text for o in right] == ["It shows old maps."]


def test_nothing_is_right_where_the_paragraph_is_out_of_sight(asked: list[Asked]) -> None:
    assert not any(asked[1].right)
    documents = {o.reading.evidence.quote.document_id for o in asked[1].options}
    assert "xquad-0" not in documents
    assert documents


@pytest.fixture
def index(tmp_path: Path, glossary: Glossary) -> Iterator[Index]:
    made = index_task(make_task(), tmp_path / "index.db", ENCODER, glossary)
    yield made
    made.close()


def test_a_hidden_document_is_found_by_no_leg_and_others_take_its_place(index: Index) -> None:
    query = ENCODER.encode_queries(["the harbor bridge"])[0]
    with hide_document(index, "xquad-0") as view:
        dense = view.search_vectors(query, "en", 2)
        lexical = view.search_terms("lexical", "en", ["harbor", "open", "opened"], 2)
        documents = {p.passage.document_id for p in view.get_passages([*dense, *lexical])}

    assert len(dense) == 2
    assert documents == {"xquad-1", "xquad-2"}


def test_a_task_is_cut_into_runs_of_paragraphs_with_their_questions() -> None:
    parts = split_task(make_task(), 1)

    assert [len(part.documents) for part in parts] == [1, 1, 1]
    assert [[q.id for q in part.questions] for part in parts] == [["q0"], ["q1"], []]


def test_only_the_half_that_is_not_for_fitting_is_asked_if_so_wished(
    tmp_path: Path, glossary: Glossary
) -> None:
    """The first fifteen paragraphs, three articles, are for fitting."""
    asker = Asker(make_task(), ENCODER, glossary, Settings())

    assert list(asker.ask_all(3, tmp_path, reporting=True)) == []
