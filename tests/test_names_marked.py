"""A company is found by a sign beside it: a ticker, a short form, a list, the marks of a title."""

from __future__ import annotations

import pytest

from embeddings.gloss import Glossary, read_table
from rag.names import find_names

GLOSSARY = Glossary(read_table())


def find_organizations(text: str) -> list[str]:
    return [name.text for name in find_names(text, GLOSSARY) if name.kind == "organization"]


@pytest.mark.parametrize(
    ("text", "organizations"),
    [
        ("周一，迈川得（688999）涨停。", ["迈川得"]),
        ("7月31日收盘，湖山光学(301999.SZ)报20元。", ["湖山光学"]),
        ("其竞争对手贝斯纽(BSNX.US)和晨江银行(CJB.N)下跌。", ["贝斯纽", "晨江银行"]),
        ("用云网络(600999)、迈川得(688999)上涨，迈川得回应称", ["用云网络", "迈川得", "迈川得"]),
        ("Shares of Acme Robotics (NASDAQ: ACMR) rose.", ["Acme Robotics"]),
        ("Acme Robotics, Inc. (NYSE: ACM) fell.", ["Acme Robotics, Inc"]),
        ("网约车平台Rydo(RYDO.US)亏损", ["Rydo"]),
        ("山河2000指数（399999.SZ）下跌。", []),
        ("新湖指数（399998）和半导体ETF(515999)上涨。", []),
        ("大会（2023）在河边举行，共(12345678)人。", []),
    ],
)
def test_a_company_stands_before_its_ticker(text: str, organizations: list[str]) -> None:
    assert find_organizations(text) == organizations


def test_a_ticker_is_the_surest_sign() -> None:
    names = find_names("，迈川得（688999）涨停。", GLOSSARY)

    assert [name.certainty for name in names] == [0.92]


@pytest.mark.parametrize(
    ("text", "organizations"),
    [
        (
            "北江心律管理有限公司(简称：“北江心律”)宣布，北江心律将扩产。",
            ["北江心律管理有限公司", "北江心律", "北江心律"],
        ),
        ("北江科技有限公司（以下简称公司）宣布扩产。", ["北江科技有限公司"]),
        ("第五次全省茶叶普查（简称“茶普”）开始了。", []),
    ],
)
def test_a_short_form_names_what_stands_before_it(text: str, organizations: list[str]) -> None:
    assert find_organizations(text) == organizations


@pytest.mark.parametrize(
    ("text", "organizations"),
    [
        ("公司与华为、奇川信、绿湖和Palanto合作。", ["华为", "奇川信", "绿湖", "Palanto"]),
        ("客户包括绿湖、晨星科技、乙科技和京东方等。", ["绿湖", "晨星科技", "乙科技", "京东方"]),
        ("与腾川、阿里巴巴联合发布", ["腾川", "阿里巴巴"]),
        ("华为和员工合作，阿里巴巴、很多人都来了。", ["华为", "阿里巴巴"]),
        ("华为、GDP和消费都增长。", ["华为"]),
    ],
)
def test_a_list_tells_the_companies_that_nothing_else_tells(
    text: str, organizations: list[str]
) -> None:
    assert find_organizations(text) == organizations


def test_a_person_beside_a_company_stays_a_person() -> None:
    names = find_names("董事长王小明表示，华为和王小明合作。", GLOSSARY)

    assert [(name.kind, name.text) for name in names] == [
        ("person", "王小明"),
        ("organization", "华为"),
        ("person", "王小明"),
    ]


def test_a_newspaper_is_found_in_title_marks_and_a_book_is_not() -> None:
    assert find_organizations("据《晨江日报》和《川报》报道，《茶经》再版。") == [
        "晨江日报",
        "川报",
    ]


@pytest.mark.parametrize(
    "text", ["(688999)", "（简称“北科”）", "、和、", "《报》", "(NYSE: A)", "A(N"]
)
def test_signs_without_a_name_give_nothing(text: str) -> None:
    assert find_organizations(text) == []
