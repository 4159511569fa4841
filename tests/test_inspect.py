"""An inspected search tells each leg's ranking as it is, and keeps what an answer is read from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import QuestionError
from rag.inspect import inspect_search
from rag.legs import Search, Term
from rag.pipeline import Answerer, build_index
from rag.retrieve import retrieve_passages
from rag.stages import ALL_STAGES
from rag.store import Index
from rag.types import LANGUAGES
from tests.fake_index import ENCODER, GLOSSARY, ask, open_index, write_index

COPY = "The bridge opened in 2021 after four years of work on both banks of the wide river delta."
TEXTS = {
    "bridge": "The bridge opened in 2021. It is long. Walkers like the bridge.",
    "museum": "The salt museum is closed. Entry is free.",
    "tea": "Green tea is old. The price of tea is low.",
    "first": COPY,
    "second": COPY + " ",
    "大桥": "临河大桥2021年通车。大桥很长。",
    "盐": "盐业博物馆开放。",
    "茶": "绿茶很老。茶的价格很低。",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    path = write_index(tmp_path_factory.mktemp("index") / "index.db", TEXTS)
    with closing(open_index(path)) as index:
        yield index


def inspect(index: Index, text: str, *, passages: int = 3, shown: int = 10) -> Search:
    return inspect_search(text, index, ENCODER, GLOSSARY, passages=passages, depth=50, shown=shown)


def rank_leg(search: Search, leg: str) -> dict[str, list[tuple[int, str, float]]]:
    """Language -> (rank, document, score) of what a leg found, by rank."""
    places = [(getattr(hit, leg), hit) for hit in (*search.hits, *search.dropped)]
    return {
        language: sorted(
            (place.rank, hit.passage.document_id, place.score)
            for place, hit in places
            if place and hit.language == language
        )
        for language in LANGUAGES
    }


@pytest.mark.parametrize("question", ["When did the bridge open?", "大桥什么时候通车？", "tea 茶"])
def test_what_is_kept_is_what_an_answer_is_read_from(index: Index, question: str) -> None:
    search = inspect(index, question)

    with index.read() as view:
        found = retrieve_passages(ask(question), view, k=3, depth=50)
    assert search.hits == tuple(item.hit for item in found)


def test_each_leg_is_told_as_it_ranked_each_language(index: Index) -> None:
    question = "When did the bridge open?"
    search, query = inspect(index, question), ask(question)

    with index.read() as view:
        for language in LANGUAGES:
            dense = view.search_vectors(query.vector, language, 50)
            legs = {
                "dense": dense,
                "lexical": view.search_terms("lexical", language, query.lexical, 50),
                "gloss": view.search_terms("gloss", language, query.gloss, 50),
            }
            for leg, scores in legs.items():
                ids = view.get_passage_ids(list(scores))
                assert rank_leg(search, leg)[language] == [
                    (rank, ids[row].removesuffix("#0"), score)
                    for rank, (row, score) in enumerate(scores.items(), start=1)
                ]


def test_ranks_of_what_is_dropped_go_on_from_what_is_kept(index: Index) -> None:
    search = inspect(index, "bridge tea 大桥 茶", passages=2)

    everything = [*search.hits, *search.dropped]
    assert [hit.rank for hit in everything] == list(range(1, len(everything) + 1))
    assert len(search.hits) == 2
    assert {hit.passage.document_id for hit in everything} == TEXTS.keys()
    scores = [hit.score for hit in search.dropped]
    assert scores == sorted(scores, reverse=True)


def test_only_what_a_leg_ranks_high_is_told_beside_what_is_kept(index: Index) -> None:
    search = inspect(index, "bridge tea 大桥 茶", passages=1, shown=1)

    legs = [(hit.dense, hit.lexical, hit.gloss) for hit in search.dropped]
    assert [min(leg.rank for leg in own if leg) for own in legs] == [1] * len(legs)
    assert sum(search.candidates.values()) > len(search.dropped) + 1


def test_a_copy_is_told_with_the_passage_that_it_repeats(index: Index) -> None:
    search = inspect(index, "When did the bridge open in the river delta?", passages=5)

    assert search.copies == {"second#0": "first#0"}
    assert [hit.passage.id for hit in search.hits if hit.copies] == ["first#0"]
    assert "second#0" in {hit.passage.id for hit in search.dropped}


def test_the_best_sentence_of_a_passage_is_a_slice_of_it(index: Index) -> None:
    search = inspect(index, "Who likes the bridge? Walkers")

    assert search.sentences["bridge#0"].text == "Walkers like the bridge."
    for hit in (*search.hits, *search.dropped):
        quote = search.sentences[hit.passage.id]
        assert TEXTS[quote.document_id][quote.start : quote.end] == quote.text


def test_terms_are_told_with_how_many_passages_hold_them(index: Index) -> None:
    search = inspect(index, "the bridge and a zeppelin")

    assert search.terms["lexical"] == (
        *(Term("the", 5), Term("bridge", 3), Term("and", 0), Term("a", 0)),
        Term("zeppelin", 0),
    )
    assert search.terms["gloss"] == (Term("bridg", 4), Term("zeppelin", 0))


def test_a_typo_is_mended_and_told(index: Index) -> None:
    search = inspect(index, " where is the brigde? ")
    unmended = inspect_search(
        "where is the brigde?", index, ENCODER, GLOSSARY,
        passages=3, depth=50, stages=replace(ALL_STAGES, spelling=False),
    )  # fmt: skip

    assert (search.asked, search.query) == (" where is the brigde? ", "where is the bridge?")
    assert unmended.query == "where is the brigde?"


def test_weights_are_those_of_the_two_languages(index: Index) -> None:
    assert inspect(index, "bridge").weights == {"zh": (1.5, 0.0, 1.0), "en": (1.0, 1.0, 1.0)}
    assert inspect(index, "大桥").weights == {"zh": (1.0, 1.0, 0.5), "en": (1.5, 0.3, 1.0)}


def test_titles_and_steps_are_told(index: Index) -> None:
    search = inspect(index, "bridge")

    assert search.titles["bridge"] == "Bridge"
    assert list(search.seconds) == ["read", "search", "choose"]
    assert all(took >= 0 for took in search.seconds.values())
    assert search.language == "en"
    with index.read() as view:
        assert search.generation == view.generation


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    path = write_index(tmp_path / "index.db", {})
    with closing(open_index(path)) as empty:
        search = inspect(empty, "bridge")

    assert (search.hits, search.dropped, search.titles) == ((), (), {})
    assert search.terms["lexical"] == (Term("bridge", 0),)


def test_the_answerer_searches_and_refuses_what_it_would_not_answer(tmp_path: Path) -> None:
    (tmp_path / "tea.txt").write_text("Tea is old. The price of tea is low.\n")
    settings = Settings(index=tmp_path / "index", max_question_chars=50)
    build_index(tmp_path / "tea.txt", settings=settings, encoder=ENCODER)
    answerer = Answerer(settings, encoder=ENCODER)

    with closing(answerer.index):
        search = answerer.search("How old is tea?")
        answer = answerer("How old is tea?")
        with pytest.raises(QuestionError, match="holds no words"):
            answerer.search(" ?! ")
        with pytest.raises(QuestionError, match="51 characters, at most 50"):
            answerer.search("x" * 51)

    assert search.hits == answer.hits
    assert [hit.passage.document_id for hit in search.hits] == ["tea.txt"]
