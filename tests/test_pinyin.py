"""A Latin name in pinyin meets the Chinese characters that it may spell, and nothing else."""

from __future__ import annotations

import re

import pytest

from embeddings.gloss import Glossary
from rag.match import ALIKE, find_matches
from rag.naming.pinyin import write_pinyin
from rag.understand import Concept


def find(name: str, text: str) -> list[str]:
    pattern = write_pinyin(name)
    return re.findall(pattern, text) if pattern else []


@pytest.mark.parametrize(
    ("name", "text", "met"),
    [
        ("Xiaoming", "记者王小明等三人到场", "小明"),
        ("Chengdu", "成都市长在场", "成都"),
        ("Hebei", "山西与河北", "河北"),
        ("Xi'an", "西安的城墙", "西安"),
        ("Xian", "西安的城墙", "西安"),
        ("Lvshun", "旅顺口", "旅顺"),
        ("OUYANG", "欧阳先生", "欧阳"),
        ("Shijiazhuang", "石家庄站", "石家庄"),
    ],
)
def test_a_name_meets_the_characters_that_are_read_so(name: str, text: str, met: str) -> None:
    assert find(name, text) == [met]


@pytest.mark.parametrize("name", ["Smith", "Wang", "Li", "", "X7", "Toyota", "O'Neill", "华明"])
def test_what_is_no_pinyin_of_two_syllables_spells_nothing(name: str) -> None:
    assert write_pinyin(name) == ""


def test_every_way_to_cut_the_letters_counts_unless_an_apostrophe_tells() -> None:
    assert find("Xian", "先生去了西安") == ["西安"]  # xi'an; xian alone is one syllable
    assert find("Fangan", "方案与反感") == ["方案", "反感"]
    assert find("Fang'an", "方案与反感") == ["方案"]


def test_a_name_of_a_question_is_met_in_a_chinese_sentence_however_that_is_cut() -> None:
    name = Concept("Xiaoming", frozenset({"xiaom"}), kind="name")
    word = Concept("Xiaoming", frozenset({"xiaom"}), kind="word")
    glossary = Glossary({"明等": ("and so on",)})
    text = "记者王小明等三人到场。"

    (match,) = find_matches([name], text, glossary)

    assert (text[match.start : match.end], match.strength) == ("小明", ALIKE)
    assert find_matches([word], text, glossary) == []
