"""Persons and places that the dictionary lacks are found by what stands beside them."""

from __future__ import annotations

import pytest

from embeddings.gloss import Glossary, read_table
from rag.names import NameKind, find_names

GLOSSARY = Glossary(read_table())


def find(text: str, kind: NameKind) -> list[str]:
    return [name.text for name in find_names(text, GLOSSARY) if name.kind == kind]


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("影片由陶远川执导，林小棠编剧。", ["陶远川", "林小棠"]),
        ("主题曲由黄诗雨主唱。", ["黄诗雨"]),
        ("大臣金永哲被捕，海盗郑大川逃走。", ["金永哲", "郑大川"]),
        ("民警陈小松和交警赵大海到场。", ["陈小松", "赵大海"]),
        ("她嫁给陆小风为妻。", ["陆小风"]),
        ("市长王小明重申，李小欣作为科长应当到场。", ["王小明", "李小欣"]),
        ("组合朱小锋/林小珊夺冠。", ["朱小锋", "林小珊"]),
        ("演员王俊凯、王源在场。", ["王俊凯", "王源"]),
        ("坂本龙之介之妻住在京都。", ["坂本龙之介"]),
        ("漫画家山田贵文与高桥俊夫合作。", ["山田贵文", "高桥俊夫"]),
        ("丰田章介和松下太郎出席，丰田汽车和松下电器降价。", ["丰田章介", "松下太郎"]),
        ("由宋氏兄弟和向导带路，市民小野报警称", []),
        ("建筑由安东尼·巴卢奇设计。", ["安东尼·巴卢奇"]),
        ("首席财务官Jean-Jacques Roumont表示", ["Jean-Jacques Roumont"]),
        ("德国自然学家Georg Markgraf命名了它。", ["Georg Markgraf"]),
        ("配备 Steam Deck 和 Galaxy Watch 手表。", []),
    ],
)
def test_persons_stand_by_titles_verbs_kin_and_other_persons(text: str, persons: list[str]) -> None:
    assert find(text, "person") == persons


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("工厂在河北和成都。", ["河北", "成都"]),
        ("他从太原市飞往昆明。", ["太原市", "昆明"]),
        ("公司北京总部和杭州分部", ["北京", "杭州"]),
        pytest.param(
            "已成都市圈的一部分",
            [],
            marks=pytest.mark.xfail(
                strict=True, reason="成都市 has a gloss now, and the longest word is taken"
            ),
        ),
    ],
)
def test_places_that_the_dictionary_lacks_are_found(text: str, places: list[str]) -> None:
    assert find(text, "place") == places


def test_a_vice_chair_is_named_without_the_title() -> None:
    assert find("It was led by its vice-Chair Ismail El Gizoli.", "person") == ["Ismail El Gizoli"]
