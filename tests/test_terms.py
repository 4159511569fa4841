"""Texts become the terms that the two word-matching legs compare."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from embeddings.gloss import Glossary
from rag.terms import gloss_terms, lexical_terms, read_terms

TABLE = Glossary(
    {
        "小米": ("millet", "Xiaomi"),
        "上市": ("hit the market", "float"),
        "雷": ("thunder",),
        "军": ("army",),
        "的": ("of",),
    }
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ("，。!? _", []),
        ("小米汽车", ["小米", "米汽", "汽车"]),
        ("车", ["车"]),
        ("小米SU7上市", ["小米", "su7", "上市"]),
        ("發佈", ["发布"]),
        ("ＳＵ７", ["su7"]),
        ("Su7 SU7", ["su7", "su7"]),
        ("21.59万", ["21.59", "万"]),
        ("1,234,567.5", ["1234567.5"]),
        ("135,000km 13.5kg 3.5G", ["135000", "km", "13.5", "kg", "3.5", "g"]),
        ("1,2345", ["1", "2345"]),
        ("v1.2.3", ["v1", "2.3"]),
        ("1.2.3", ["1.2.3"]),
        ("2024-03-28", ["2024", "03", "28"]),
        ("Tesla's café Straße", ["tesla", "cafe", "strasse"]),
        ("don’t a_b C++", ["don", "t", "a", "b", "c"]),
        ("二〇二四", ["二", "〇", "二四"]),
        ("\U00020000\U00020001", ["\U00020000\U00020001"]),
        ("Привет мир", ["привет", "мир"]),
    ],
)
def test_lexical_terms_are_pairs_of_han_and_whole_tokens(text: str, terms: list[str]) -> None:
    assert lexical_terms(text) == terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ("the of and", []),
        ("Launching launched launches", ["launch"] * 3),
        ("小米", ["millet", "xiaomi"]),
        ("上市", ["hit", "market", "float"]),
        ("的", []),
        ("雷军", ["thunder", "armi", "lei", "jun", "leijun"]),
        ("喆喆", ["zhe", "zhe", "zhezh"]),
        ("喆", []),
        ("小米SU7", ["millet", "xiaomi", "su7"]),
        ("3月28日", ["march", "28"]),
        ("13.5万", ["135000"]),
        ("When did Xiaomi's SU7 launch?", ["xiaomi", "su7", "launch"]),
    ],
)
def test_gloss_terms_are_english_stems(text: str, terms: list[str]) -> None:
    assert gloss_terms(text, TABLE) == terms


@pytest.mark.parametrize(
    "text", ["", "雷军的小米SU7上市", "2024年3月28日，13.5万辆", "When did Xiaomi's ５,000 sell?"]
)
def test_both_kinds_of_terms_read_at_once_are_those_read_apart(text: str) -> None:
    assert read_terms(text, TABLE) == (lexical_terms(text), gloss_terms(text, TABLE))


def test_chinese_and_english_meet_in_the_gloss_terms(glossary: Glossary) -> None:
    chinese = set(gloss_terms("而SU7的上市时间是2024年3月28日。", glossary))
    english = set(gloss_terms("The SU7 hit the market on March 28, 2024.", glossary))

    assert english <= chinese


def test_terms_hold_nothing_that_a_search_query_could_trip_over() -> None:
    text = "".join(map(chr, range(0x3000))) + "\"AND\" OR NOT NEAR(a*) -b:c ^d 'e'"

    terms = {*lexical_terms(text), *gloss_terms(text, TABLE)}

    odd = set(' "*^:-()\x00')
    assert [term for term in terms if set(term) & odd or term != term.casefold()] == []


def test_threads_get_the_terms_that_one_thread_gets() -> None:
    texts = [f"running {n} runners ran happily, 雷军 {n}.5" for n in range(400)]
    serial = [gloss_terms(text, TABLE) for text in texts]

    with ThreadPoolExecutor(8) as pool:
        parallel = list(pool.map(lambda text: gloss_terms(text, TABLE), texts))

    assert parallel == serial
