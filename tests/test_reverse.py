"""The glossary read backwards gives the common Chinese word that means the English one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from embeddings.gloss import VOCABULARY, read_ranks
from rag.glossing.frequent import BASES, CHINESE, ENGLISH
from rag.glossing.reverse import ReversedGlossary

TABLE = {
    "桥梁": ("bridge",),
    "板桥": ("plank bridge", "bridge"),
    "渡口": ("ferry", "crossing"),
    "摆渡": ("ferry",),
    "隧道": ("tunnel",),
    "宇宙": ("universe",),
    "大学": ("university",),
    "瓷": ("china",),
    "中国": ("China",),
    "通车": ("open to traffic",),
    "鼎鼎": ("very tunnel",),
    "联合国": ("United Nations",),
    "的": ("aim",),
    "快": ("swift",),
    "㐂": ("gladness",),
    "设立": ("set up sth", "erect"),
}
RANKS = {
    "摆渡": 9,
    "桥梁": 20,
    "隧道": 30,
    "大学": 40,
    "宇宙": 50,
    "中国": 60,
    "通车": 70,
    "设立": 80,
    "瓷器": 90,
    "飞快": 95,
}


@pytest.mark.parametrize(
    ("text", "covered", "word"),
    [
        pytest.param("bridge", 1, "桥梁", id="the first gloss"),
        pytest.param("bridges", 1, "桥梁", id="another form"),
        pytest.param("Bridge", 1, "桥梁", id="at the start of a sentence"),
        pytest.param("ferry", 1, "摆渡", id="the common word"),
        pytest.param("universities", 1, "大学", id="the same stem, nearer"),
        pytest.param("universe", 1, "宇宙", id="the same stem, exact"),
        pytest.param("China", 1, "中国", id="a name"),
        pytest.param("china", 1, "瓷", id="no name"),
        pytest.param("opened to traffic", 3, "通车", id="a phrase in another form"),
        pytest.param("United Nations hall", 2, "联合国", id="the longest that fits"),
        pytest.param("very tunnel", 1, "非常", id="no phrase that explains a rare word"),
        pytest.param("swifter", 1, "快", id="a degree"),
        pytest.param("swiftest", 1, "快", id="the highest degree"),
        pytest.param("aim", 0, "", id="a particle has no meaning of its own"),
        pytest.param("set up something", 1, "设置", id="no gloss with a gap in it"),
        pytest.param("gladness", 0, "", id="a character that no frequent word has"),
        pytest.param("went", 1, "去", id="an irregular form"),
        pytest.param("zyx", 0, "", id="unknown"),
        pytest.param("", 0, "", id="no words"),
    ],
)
def test_the_word_that_fits_best_is_found(text: str, covered: int, word: str) -> None:
    assert ReversedGlossary(TABLE, RANKS).find_longest(text.split()) == (covered, word)


def test_without_ranks_the_first_gloss_decides() -> None:
    assert ReversedGlossary(TABLE, {}).find_longest(["bridge"]) == (1, "桥梁")


def test_an_empty_glossary_knows_only_the_frequent_words() -> None:
    back = ReversedGlossary({}, {})

    assert back.find_longest(["city"]) == (1, "城市")
    assert back.find_longest(["tunnel"]) == (0, "")


def test_ranks_follow_the_order_of_the_vocabulary(tmp_path: Path) -> None:
    vocabulary = {"桥梁": 9, "##大学": 8, "##中国": 7, "##桥": 6, "##ing": 5, "[PAD]": 0}
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps({"model": {"vocab": vocabulary}}), encoding="utf-8")

    assert read_ranks(path) == {"中国": 1, "大学": 2}
    assert read_ranks(tmp_path / "none.json") == {}


def test_the_bundled_vocabulary_has_frequent_words_first() -> None:
    if not VOCABULARY.exists():
        pytest.skip("the model is not installed")
    ranks = read_ranks()

    assert len(ranks) > 30_000
    assert ranks["中国"] < ranks["大学"] < ranks["悠久"]


def test_frequent_words_are_in_form() -> None:
    assert all(word.isascii() and not other.isascii() for word, other in ENGLISH.items())
    assert all(not word.isascii() and other.isascii() for word, other in CHINESE.items())
    assert (BASES["went"], BASES["children"]) == ("go", "child")
    assert not [form for form, base in BASES.items() if form == base]
