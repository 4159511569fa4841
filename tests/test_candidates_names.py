"""Names in a sentence that could be what a question asks for, of the kind that it asks for."""

from __future__ import annotations

import pytest

from embeddings.gloss import Glossary, read_table
from rag.candidates import FEATURES, Candidate, find_candidates
from tests.fake_evidence import make_document, read_documents

GLOSSARY = Glossary(read_table())


def list_candidates(question: str, text: str) -> list[Candidate]:
    asked, readings, documents = read_documents(question, [make_document("news", text)], GLOSSARY)
    return find_candidates(asked, readings[-1], documents, GLOSSARY)


@pytest.mark.parametrize(
    ("question", "text", "printed"),
    [
        ("Which chip does the phone use?", "手机搭载骁龙8+，重200克。", ["Xiaolong 8+ (骁龙8+)"]),
        ("手机用什么芯片？", "The phone has a Snapdragon 8 Gen 1.", ["Snapdragon 8 Gen 1"]),
        ("Which version does it run?", "It runs Android 12 since May 2022.", ["Android 12"]),
        ("Which level does it reach?", "该系统达到L4级。", ["L4"]),
        ("哪家公司建了工厂？", "迈川得（688999）建了工厂。", ["迈川得"]),
        ("who opened it?", "王小明表示，华为同意。", ["Wang Xiaoming (王小明)"]),
    ],
)
def test_names_of_the_kind_asked_for_are_printed(
    question: str, text: str, printed: list[str]
) -> None:
    assert [candidate.printed for candidate in list_candidates(question, text)] == printed


def test_who_bought_it_may_be_a_company_where_no_person_is_named() -> None:
    (company,) = list_candidates("谁收购了工厂？", "工厂由华为买下。")
    (person,) = list_candidates("谁收购了工厂？", "雷军表示，工厂由华为买下。")

    fit = FEATURES.index("fit")
    assert (company.printed, company.features[fit]) == ("华为", 0.5)
    assert (person.printed, person.features[fit]) == ("雷军", 1.0)


def test_who_caught_it_is_no_company() -> None:
    assert list_candidates("Who caught the ball?", "The ball flew past the Chicago Bulls.") == []


def test_a_plus_tells_two_products_apart() -> None:
    plain, plus = list_candidates("用什么芯片？", "先用骁龙8，后用骁龙8+。")

    assert plain.key != plus.key


def test_spaces_do_not_tell_two_products_apart() -> None:
    one, other = list_candidates("用什么芯片？", "骁龙8+也写作骁龙 8+。")

    assert one.key == other.key
