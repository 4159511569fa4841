"""Passages are made ready whole: each with its own vectors, sentences, language and terms."""

from __future__ import annotations

import numpy as np

from embeddings.gloss import Glossary
from rag.encode import encode_passages, find_terms, with_heading
from rag.types import Passage
from tests.fake_encoder import HashingEncoder

TEXT = "小米汽车上市。价格公布。 The car was launched. It sells."
ZH = Passage("a#0", "a", TEXT[:12], 0, 12, heading="新闻")
EN = Passage("a#1", "a", TEXT[13:], 13, len(TEXT), section=1)
SPANS = [[(0, 7), (7, 12)], [(13, 34), (35, 44)]]
ENCODER = HashingEncoder()


def test_each_passage_gets_its_own_vectors() -> None:
    entries = encode_passages([ZH, EN], SPANS, ENCODER)

    assert [entry.passage for entry in entries] == [ZH, EN]
    assert [entry.language for entry in entries] == ["zh", "en"]
    assert [entry.sentences for entry in entries] == [((0, 7), (7, 12)), ((13, 34), (35, 44))]
    whole = ENCODER.encode_passages(
        ["新闻\n小米汽车上市。价格公布。", "The car was launched. It sells."]
    )
    assert np.array_equal([entry.vector for entry in entries], whole)
    parts = ENCODER.encode_passages(
        ["小米汽车上市。", "价格公布。", "The car was launched.", "It sells."]
    )
    assert np.array_equal(entries[0].sentence_vectors, parts[:2])
    assert np.array_equal(entries[1].sentence_vectors, parts[2:])


def test_a_passage_without_sentences_takes_none_from_its_neighbour() -> None:
    first, second = encode_passages([ZH, EN], [[], SPANS[1]], ENCODER)

    assert first.sentences == ()
    assert first.sentence_vectors.shape == (0, ENCODER.dim)
    assert second.sentence_vectors.shape == (2, ENCODER.dim)


def test_no_passages_give_no_entries() -> None:
    assert encode_passages([], [], ENCODER) == []


def test_a_heading_counts_unless_the_text_begins_with_it() -> None:
    assert with_heading(ZH) == "新闻\n小米汽车上市。价格公布。"
    assert with_heading(EN) == EN.text
    assert with_heading(Passage("a#0", "a", "新闻稿", 0, 3, heading="新闻")) == "新闻稿"


def test_a_passage_is_found_under_the_terms_of_both_legs() -> None:
    glossary = Glossary({"新闻": ("news",), "小米": ("Xiaomi",), "价格": ("price",)})
    passage = Passage("a#0", "a", "小米价格", 0, 4, heading="新闻")

    assert find_terms(passage, glossary) == {
        "lexical": ["新闻", "小米", "米价", "价格"],
        "gloss": ["news", "xiaomi", "price"],
    }
