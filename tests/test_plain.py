"""Plain systems quote the best sentence of the best passage, and never refuse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from eval.bench.baselines import read_all_passages
from eval.plain import PLAIN, make_plain, split_tokens
from rag.config import Settings
from rag.encode import make_find_terms
from rag.errors import CorpusError
from rag.pipeline import Answerer, build_index, describe_tools, load_glossary
from rag.write import IndexWriter
from tests.fake_encoder import HashingEncoder

ENCODER = HashingEncoder()
TEXTS = {
    "bridge.txt": "临河大桥全长3.2公里。大桥于2021年5月18日通车。\n",
    "guide.txt": "The Linhe Bridge is 3.2 km long. It opened to traffic on May 18, 2021.\n",
    "salt.txt": "The salt museum opened in 1998. It expects 60,000 visitors a year.\n",
}


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answerer]:
    root = tmp_path_factory.mktemp("plain")
    (root / "documents").mkdir()
    for name, text in TEXTS.items():
        (root / "documents" / name).write_text(text, encoding="utf-8")
    settings = Settings(index=root / "index")
    build_index(root / "documents", settings=settings, encoder=ENCODER)
    made = Answerer(settings, encoder=ENCODER)
    with closing(made.index):
        yield made


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How many visitors a year does it expect?", "It expects 60,000 visitors a year."),
        ("大桥何时通车？", "大桥于2021年5月18日通车。"),
    ],
)
def test_the_best_sentence_of_the_best_passage_is_quoted(
    name: str, question: str, said: str, answerer: Answerer
) -> None:
    answer = make_plain(name, answerer)(question)

    assert [s.text for s in answer.statements] == [said]
    (citation,) = answer.citations
    assert TEXTS[citation.quote.document_id][citation.quote.start : citation.quote.end] == said
    assert answer.language == ("zh" if "大" in question else "en")
    assert [hit.rank for hit in answer.hits] == list(range(1, len(answer.hits) + 1))
    scores = [hit.score for hit in answer.hits]
    assert scores == sorted(scores, reverse=True)
    assert 0 < answer.probability <= 1


@pytest.mark.parametrize(("name", "leg"), [("bm25", "lexical"), ("dense", "dense")])
def test_hits_carry_the_score_of_the_only_leg(name: str, leg: str, answerer: Answerer) -> None:
    hits = make_plain(name, answerer)("Linhe Bridge").hits

    for hit in hits:
        own = getattr(hit, leg)
        assert (own.rank, own.score) == (hit.rank, hit.score)
        assert [hit.dense, hit.lexical, hit.gloss].count(None) == 2


def test_dense_is_the_cosine_with_the_stored_vectors(answerer: Answerer) -> None:
    question = "When was the museum opened to visitors?"
    passages = list(read_all_passages(answerer))
    query = ENCODER.encode_queries([question])[0]
    cosines = {p.passage.id: float(np.dot(p.vector, query)) for p in passages}

    answer = make_plain("dense", answerer)(question)

    assert {h.passage.id: h.score for h in answer.hits} == pytest.approx(cosines, abs=1e-5)
    assert answer.hits[0].passage.id == max(cosines, key=lambda id_: cosines[id_])
    assert answer.probability == pytest.approx(max(cosines.values()), abs=1e-5)


@pytest.mark.parametrize("name", PLAIN)
def test_nothing_is_refused(name: str, answerer: Answerer) -> None:
    answer = make_plain(name, answerer)("xyzzy")

    assert answer.found
    assert answer.probability == pytest.approx(0, abs=0.3)


def test_a_question_of_words_that_are_all_held_is_the_surer(answerer: Answerer) -> None:
    ask = make_plain("bm25", answerer)

    whole, half = ask("salt museum"), ask("salt harvest")
    assert whole.probability > half.probability > 0


def test_unknown_systems_and_empty_indexes_are_told(answerer: Answerer, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="the system is one of crossquote, bm25, dense, not 'x'"):
        make_plain("x", answerer)
    settings, glossary = Settings(index=tmp_path / "index"), load_glossary(None)
    with IndexWriter(
        settings.database, describe_tools(ENCODER, glossary), make_find_terms(glossary)
    ):
        pass
    empty = Answerer(settings, encoder=ENCODER)
    with closing(empty.index), pytest.raises(CorpusError, match="is empty"):
        make_plain("bm25", empty)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The Linhe Bridge", ["the", "linhe", "bridge"]),
        ("临河大桥", ["临河", "河大", "大桥"]),
        ("长3.2公里", ["长", "3", "2", "公里"]),
        ("ＳＵ７是", ["su7", "是"]),
        ("", []),
    ],
)
def test_words_are_whole_and_characters_stand_in_pairs(text: str, tokens: list[str]) -> None:
    assert split_tokens(text) == tokens
