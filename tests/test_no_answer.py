"""Where nothing can be found nothing is cited, whatever the search legs are given.

The rows A13, D3, D4, D5 and D12 of the reliability bar.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from embeddings.bilingual import BilingualEncoder
from embeddings.encoder import Vectors
from rag.compose import NO_DOCUMENTS
from rag.config import Settings
from rag.errors import IndexMismatchError, RagError
from rag.fuse import DEFAULT_FUSION, Fusion
from rag.pipeline import Answerer
from rag.retrieve import Query, prepare_query, retrieve_passages
from rag.store import Index
from tests.fake_encoder import HashingEncoder
from tests.fake_folder import (
    build,
    describe_answer,
    make_texts,
    name_place,
    open_answerer,
    write_texts,
)
from tests.fake_index import ENCODER, GLOSSARY, META, ask, open_index, open_writer, write_index
from tests.test_durability import NarrowEncoder

TEXTS = {
    "bridge": "The bridge opened in 2021. It is long.",
    "museum": "The salt museum is closed. Entry is free.",
    "大桥": "临河大桥2021年通车。大桥很长。",
}
UNKNOWN = ("zyzzyva qwertz", "flurbish wamble?", "魑魅魍魉", "Ωμέγα", "naïveté coöperate")
REFUSALS = {"The documents do not say.", "文档中没有提到。"}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with closing(open_index(write_index(tmp_path / "index.db", TEXTS))) as opened:
        yield opened


def make_query(vector: Vectors, text: str = "bridge") -> Query:
    return Query(text, "en", vector, (text,), (text,))


@pytest.mark.parametrize("depth", [1, 3, 50, 1000])
@pytest.mark.parametrize("k", [1, 3, 20, 200])
def test_more_than_there_is_gives_what_there_is(index: Index, k: int, depth: int) -> None:
    """A13 and D3: FAISS fills up with row -1, which is the last of an array."""
    with index.read() as view:
        found = retrieve_passages(ask("bridge 大桥"), view, k=k, depth=depth)

    ids = [item.hit.passage.document_id for item in found]
    assert len(ids) == len(set(ids)) == min(k, 3 if depth > 1 else len(ids))
    assert set(ids) <= TEXTS.keys()
    assert [item.hit.rank for item in found] == list(range(1, len(ids) + 1))
    for item in found:
        assert TEXTS[item.hit.passage.document_id] == item.hit.passage.text


def test_an_index_that_was_emptied_finds_nothing_and_refuses(tmp_path: Path) -> None:
    """A13 and D3: all was there once, in vectors and caches, and is no more."""
    folder = write_texts(tmp_path / "documents", make_texts(80))
    build(folder, tmp_path / "index")
    answerer = open_answerer(tmp_path / "index")
    question = f"When was the lighthouse of {name_place(21)} built?"
    with closing(answerer.index):
        before = answerer(question)
        with open_writer(tmp_path / "index" / "index.db", {}) as writer:
            writer.remove_files(list(make_texts(80)))
            writer.write_caches()
        after = answerer(question)
        chinese = answerer("灯塔建于哪一年？")

    assert before.text.startswith("1021 [1]")
    assert (after.found, after.text, after.hits) == (False, NO_DOCUMENTS["en"], ())
    assert (chinese.found, chinese.text, chinese.hits) == (False, NO_DOCUMENTS["zh"], ())


def test_an_index_that_never_held_anything_refuses(tmp_path: Path) -> None:
    """A13 and D3: the first build has begun, and has stored nothing yet."""
    settings = Settings(index=tmp_path)
    build(write_texts(tmp_path / "documents", {"tea.txt": "Tea is old.\n"}), tmp_path)
    with open_writer(settings.database, {}) as writer:
        writer.remove_files(["tea.txt"])

    with closing((answerer := open_answerer(tmp_path)).index):
        answer = answerer("When was tea first sold?")

    assert (answer.found, answer.citations, answer.hits) == (False, (), ())


def test_all_passages_of_one_language_gone_leaves_the_other(tmp_path: Path) -> None:
    """D3: nothing of a language is left after it was searched."""
    path = write_index(tmp_path / "index.db", TEXTS)
    with closing(open_index(path)) as index:
        with index.read() as view:
            assert view.search_vectors(ask("桥").vector, "zh", 5).keys() == {3}
        with open_writer(path) as writer:
            writer.remove_files(["大桥"])
        with index.read() as view:
            assert view.search_vectors(ask("桥").vector, "zh", 5) == {}
            found = retrieve_passages(ask("大桥"), view, k=5, depth=5)

    assert {item.hit.passage.document_id for item in found} == {"bridge", "museum"}


@pytest.mark.parametrize(
    ("vector", "words"),
    [
        pytest.param(np.full(64, np.nan, np.float32), "norm nan", id="NaN"),
        pytest.param(np.full(64, np.inf, np.float32), "norm inf", id="infinite"),
        pytest.param(np.zeros(64, np.float32), "norm 0.0", id="zero"),
        pytest.param(np.full(64, 2.0, np.float32), "norm 16.0", id="not of norm 1"),
        pytest.param(np.ones((1, 64), np.float32) / 8, r"shape \(1, 64\)", id="a matrix"),
    ],
)
def test_a_vector_that_is_none_is_an_error_and_the_next_question_is_answered(
    index: Index, vector: Vectors, words: str
) -> None:
    """A13 and D4."""
    with pytest.raises(ValueError, match=words), index.read() as view:
        retrieve_passages(make_query(vector), view, k=5, depth=5)

    with index.read() as view:
        found = retrieve_passages(ask("bridge"), view, k=5, depth=5)
    assert found[0].hit.passage.document_id == "bridge"


@pytest.mark.parametrize("dim", [1, 63, 65])
def test_a_vector_of_another_dimension_is_told_with_what_to_do(index: Index, dim: int) -> None:
    """D4 and A7."""
    unit: Vectors = np.eye(dim, dtype=np.float32)[0]

    with (
        pytest.raises(IndexMismatchError, match=f"of 64 values, .* gives {dim}. Rebuild it: cross"),
        index.read() as view,
    ):
        retrieve_passages(make_query(unit), view, k=5, depth=5)

    with index.read() as view:
        found = retrieve_passages(ask("bridge"), view, k=5, depth=5)
    assert found[0].hit.passage.document_id == "bridge"


def test_other_weights_under_the_same_name_are_refused_at_the_first_question(
    tmp_path: Path,
) -> None:
    """D4 and A7: it was a traceback. Opening does not load the weights, so it cannot tell."""
    build(write_texts(tmp_path / "documents", make_texts(4)), tmp_path / "index")
    answerer = open_answerer(tmp_path / "index", encoder=NarrowEncoder())

    with closing(answerer.index):
        with pytest.raises(IndexMismatchError, match="of 64 values, but the encoder gives 32"):
            answerer.warm_up()
        with pytest.raises(IndexMismatchError, match=r"crossquote index FOLDER --rebuild"):
            answerer("When was the lighthouse built?")


class BrokenEncoder(HashingEncoder):
    """Gives for every question a vector of which nothing is known."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return np.full((len(texts), self.dim), np.nan, dtype=np.float32)


def test_an_encoder_that_fails_at_a_question_ends_it_before_anything_is_cited(
    tmp_path: Path,
) -> None:
    """D4."""
    build(write_texts(tmp_path / "documents", make_texts(4)), tmp_path / "index")
    answerer = Answerer(Settings(index=tmp_path / "index"), encoder=BrokenEncoder())

    with closing(answerer.index), pytest.raises(ValueError, match="the query has norm nan"):
        answerer("When was the lighthouse built?")


class NamelessEncoder(HashingEncoder):
    """Gives a passage of lamps a vector that is none."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        rows = super().encode_passages(texts)
        rows[[n for n, text in enumerate(texts) if "lamp" in text]] = np.nan
        return rows


def test_vectors_that_are_none_never_get_into_the_index(tmp_path: Path) -> None:
    """A13: one NaN would have been found first by every question."""
    folder = write_texts(tmp_path / "documents", make_texts(4))
    build(folder, tmp_path / "index")
    answerer = open_answerer(tmp_path / "index")
    (folder / "new.txt").write_text("The lamp of Linhe was lit in 1999.\n")

    with pytest.raises((RagError, ValueError), match=r"no numbers|NaN|nan"):
        build(folder, tmp_path / "index", encoder=NamelessEncoder())

    with closing(answerer.index):
        assert "new.txt" not in json.dumps(describe_answer(answerer("When was the lamp lit?")))


@pytest.mark.parametrize("question", UNKNOWN)
def test_words_that_no_passage_holds_find_nothing_by_terms(index: Index, question: str) -> None:
    """D5: BM25 is zero for all, and zero is no hit."""
    query = prepare_query(question, ENCODER, GLOSSARY)
    with index.read() as view:
        for language in ("zh", "en"):
            assert view.search_terms("lexical", language, query.lexical, 50) == {}
            assert view.search_terms("gloss", language, query.gloss, 50) == {}
            assert view.score_terms("lexical", language, query.lexical, [1, 2, 3]) == {}
        found = retrieve_passages(query, view, k=20, depth=50)
        terms_only = retrieve_passages(query, view, k=20, depth=50, fusion=_without_vectors())

    assert all(item.hit.lexical is None and item.hit.gloss is None for item in found)
    assert {item.hit.score for item in terms_only} <= {0.0}


def _without_vectors() -> Fusion:
    return Fusion(dict.fromkeys(DEFAULT_FUSION.weights, (0.0, 1.0, 1.0)), 1.0)


@pytest.fixture(scope="module")
def bundled(
    tmp_path_factory: pytest.TempPathFactory, bundled_encoder: BilingualEncoder
) -> Iterator[Answerer]:
    root = tmp_path_factory.mktemp("bundled")
    build(write_texts(root / "documents", make_texts(40)), root / "index", encoder=bundled_encoder)
    with closing((made := open_answerer(root / "index", encoder=bundled_encoder)).index):
        yield made


@pytest.mark.model
@pytest.mark.parametrize("question", UNKNOWN)
def test_a_question_of_unknown_words_is_refused(bundled: Answerer, question: str) -> None:
    """D5."""
    answer = bundled(question)

    assert (answer.found, answer.citations, answer.statements) == (False, (), ())
    assert answer.text in REFUSALS


@pytest.mark.parametrize("change", ["deleted", "updated", "renamed", "emptied"])
def test_what_is_no_longer_there_is_not_cited_by_the_next_answer(
    tmp_path: Path, change: str
) -> None:
    """D12: by no leg, no copy, no refusal's closest passages and no corrected spelling."""
    folder = write_texts(tmp_path / "documents", make_texts(90))
    question = f"When was the lighthouse of {name_place(21)} built?"
    misspelt = question.replace("lighthouse", "lihgthouse")
    build(folder, tmp_path / "index")
    answerer = open_answerer(tmp_path / "index")
    file = folder / "a/0021.txt"
    with closing(answerer.index):
        before = answerer(question)
        if change == "deleted":
            file.unlink()
        elif change == "updated":
            file.write_text("Nothing is known of this place.\n")
        elif change == "renamed":
            file.rename(folder / "a/moved.txt")
        else:
            file.write_text("")
        build(folder, tmp_path / "index")
        after = [answerer(asked) for asked in (question, misspelt, f"{name_place(21)}?")]

    assert before.text.startswith("1021 [1]")
    for answer in after:
        text = json.dumps(describe_answer(answer))
        assert answer.generation > before.generation
        assert "a/0021.txt" not in text or change == "updated"
        assert ("built in 1021" in text) == (change == "renamed")


def test_a_generation_that_is_replaced_by_a_new_start_is_not_cited(tmp_path: Path) -> None:
    """D12: rows of the new start never stand for those of the old."""
    build(write_texts(tmp_path / "documents", make_texts(90)), tmp_path / "index")
    answerer = open_answerer(tmp_path / "index")
    texts = {name.replace("/", "-"): text for name, text in make_texts(60).items()}
    with closing(answerer.index):
        question = f"When was the lighthouse of {name_place(21)} built?"
        before = answerer(question)
        other = write_texts(tmp_path / "others", texts)
        build(other, tmp_path / "index", rebuild=True)
        after = answerer(question)

    assert before.citations[0].quote.document_id == "a/0021.txt"
    assert after.citations[0].quote.document_id == "a-0021.txt"
    assert {hit.passage.document_id for hit in after.hits} <= texts.keys()


def test_the_stated_tools_of_a_test_index_are_those_of_its_writer() -> None:
    assert META["encoder"] == ENCODER.name
