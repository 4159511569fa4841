"""What a quote does not hold of a statement is found, and what it holds is let through."""

from __future__ import annotations

from datetime import date

import pytest

from embeddings.gloss import Glossary
from rag.proof.sounds import sounds_like
from rag.verify import check_statement, find_unsupported
from tests.fake_evidence import make_document, make_evidence

OPENED_ZH = "海港大桥于2021年5月18日通车。"
OPENED_EN = "The Harbor Bridge opened to traffic on 18 May 2021."


def find_missing(
    statement: str,
    text: str,
    glossary: Glossary,
    published: date | None = None,
    heading: str = "",
) -> tuple[str, ...]:
    """What the last line of a document does not hold."""
    document = make_document("news", text, published)
    evidence = make_evidence(document, heading)[-1:]
    return find_unsupported(statement, evidence, {"news": document}, glossary)


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        (OPENED_ZH, OPENED_ZH),
        ("「海港大桥于2021年5月18日通车」", OPENED_ZH),
        ("“The Harbor Bridge  opened to traffic on 18 May 2021.”", OPENED_EN),
        ("海港大橋於２０２１年５月１８日通車", OPENED_ZH),
        ("票价不变", "他说，票价不变，但时间会改。"),
        ("Tickets stay the same", "He said: tickets stay the same, but not the hours."),
    ],
)
def test_what_stands_in_the_quote_word_for_word_is_held(
    statement: str, quote: str, glossary: Glossary
) -> None:
    assert find_missing(statement.replace("Tickets", "tickets"), quote, glossary) == ()


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("May 18, 2021", OPENED_ZH),
        ("2021年5月18日", OPENED_EN),
        ("May 2021", OPENED_ZH),
        ("2021", OPENED_ZH),
        ("135,000 vehicles (13.5万辆)", "去年卖出13.5万辆。"),
        ("13.5万辆 (135,000 vehicles)", "They sold 135,000 vehicles."),
        ("17.1%", "毛利率为17.1%。"),
        ("It cost 5 million yuan.", "耗资500万元。"),
        ("3 p.m.", "博物馆下午3点开门。"),
        ("3 years", "工期3年。"),
        ("Q1 2021", "大桥于2021年2月通车。"),
        ("the 2020s", "大桥于2021年2月通车。"),
        ("3 million yuan", "耗资3至5百万元。"),
        ("3 to 5 million yuan", "耗资3至5百万元。"),
        ("a population of 32", "村里有32人。"),
        ("Wang Hua (王化)", "总经理王化表示，大桥将通车。"),
        (OPENED_ZH, OPENED_EN),
        ("The Harbour Bridge opened on May 18, 2021.", OPENED_ZH),
        ("王化说，大桥长5公里。", "General manager Wang Hua said the bridge is 5 km long."),
        ("The X7 weighs 5 kg.", "X7重5公斤。"),
        ("The bridge was opened to traffic in 2021.", OPENED_EN),
        ("她参观了博物馆", "周敏在北京参观了博物馆。"),
    ],
)
def test_what_the_quote_says_in_other_words_is_held(
    statement: str, quote: str, glossary: Glossary
) -> None:
    assert find_missing(statement, quote, glossary) == ()


@pytest.mark.parametrize(
    ("statement", "quote", "missing"),
    [
        ("May 19, 2021", OPENED_ZH, ("May 19, 2021",)),
        pytest.param("May 18, 2021", "大桥于2021年5月通车。", ("May 18, 2021",), id="too exact"),
        pytest.param("May 2021", "大桥于2021年通车。", ("May 2021",), id="a month more"),
        pytest.param("2021", "大桥于5月18日通车。", ("2021",), id="no year told"),
        ("Q2 2021", "大桥于2021年2月通车。", ("Q2 2021",)),
        ("17.2%", "毛利率为17.1%。", ("17.2%",)),
        ("17.1%", "毛利为17.1元。", ("17.1%",)),
        pytest.param("4 million yuan", "耗资3至5百万元。", ("4 million yuan",), id="between"),
        ("3 to 6 million yuan", "耗资3至5百万元。", ("3 to 6 million yuan",)),
        ("It cost 5 million dollars.", "耗资500万元。", ("5 million dollars",)),
        ("135,000 people", "去年卖出13.5万辆。", ("135,000 people",)),
        ("3 months", "工期3年。", ("3 months",)),
        ("at 4 p.m.", "博物馆下午3点开门。", ("4 p.m.",)),
        ("下午3点和5点", "The museum opens at 3 p.m.", ("5点",)),
    ],
)
def test_a_value_that_the_quote_lacks_is_named(
    statement: str, quote: str, missing: tuple[str, ...], glossary: Glossary
) -> None:
    assert find_missing(statement, quote, glossary) == missing


@pytest.mark.parametrize(
    ("statement", "quote", "held"),
    [
        ("over 10,000 people", "超过1万人参观了博物馆。", True),
        ("over 10,000 people", "不到1万人参观了博物馆。", False),
        ("under 10,000 people", "超过1万人参观了博物馆。", False),
        ("over 10,000 people", "共有1万人参观了博物馆。", False),
        pytest.param("at least 10,000 people", "有1万人参观。", True, id="at least includes it"),
        pytest.param("up to 10,000 people", "有1万人参观。", True, id="so does at most"),
        pytest.param("10,000 people", "超过1万人参观了博物馆。", True, id="was reached"),
        pytest.param("10,000 people", "不到1万人参观了博物馆。", False, id="was not reached"),
        ("about 10,000 people", "有1万人参观了博物馆。", True),
        ("10,000 people", "约1万人参观了博物馆。", True),
        ("about 10,000 people", "近1万人参观了博物馆。", True),
        ("超过1万人", "Over 10,000 people came.", True),
        ("超过1万人", "Fewer than 10,000 people came.", False),
    ],
)
def test_a_bound_may_not_be_added_or_turned_round(
    statement: str, quote: str, held: bool, glossary: Glossary
) -> None:
    assert (find_missing(statement, quote, glossary) == ()) is held


@pytest.mark.parametrize(
    ("text", "published", "held"),
    [
        pytest.param("大桥于5月18日通车。", None, False, id="no year told"),
        pytest.param("大桥于5月18日通车。", date(2021, 6, 1), True, id="the article's"),
        pytest.param("2021年动工。\n大桥于5月18日通车。", None, True, id="the passage's"),
        pytest.param("2020年动工。\n大桥于5月18日通车。", None, False, id="another year"),
    ],
)
def test_a_date_of_a_quote_gets_its_year_where_it_is_told(
    text: str, published: date | None, held: bool, glossary: Glossary
) -> None:
    assert (find_missing("May 18, 2021", text, glossary, published) == ()) is held


@pytest.mark.parametrize(
    ("statement", "quote", "missing"),
    [
        ("The bridge is in Shanghai.", "The bridge is in Beijing.", ("Shanghai",)),
        ("The bridge is in Beijing.", "The bridge is in Beijing.", ()),
        ("The bridge is in Shanghai.", "这座桥在北京。", ("Shanghai",)),
        ("The bridge is in Beijing.", "这座桥在北京。", ()),
        ("这座桥在上海。", "The bridge is in Beijing.", ("上海",)),
        ("这座桥在北京。", "The bridge is in Beijing.", ()),
        ("Wellingborough opened a museum.", "韦灵伯勒开设了一座博物馆。", ()),
        ("Deptford opened a museum.", "韦灵伯勒开设了一座博物馆。", ("Deptford",)),
        ("A Turkish bridge opened.", "土耳其的一座桥通车了。", ()),
        ("A U.S. bridge opened.", "美国的一座桥通车了。", ()),
        ("The Ministry of Culture approved it.", "文化部批准了。", ()),
        ("The Ministry of Finance approved it.", "文化部批准了。", ("Finance",)),
    ],
)
def test_a_name_must_stand_in_the_quote_in_either_language(
    statement: str, quote: str, missing: tuple[str, ...], glossary: Glossary
) -> None:
    assert find_missing(statement, quote, glossary) == missing


def test_a_name_of_the_users_glossary_is_known_in_both_languages() -> None:
    own = Glossary({"云桥": ("Skyway",), "通车": ("open to traffic",)})

    assert find_missing("The Skyway opened to traffic.", "云桥通车。", own) == ()
    assert find_missing("The Landway opened to traffic.", "云桥通车。", own) == ("Landway",)


@pytest.mark.parametrize(
    ("statement", "quote", "missing"),
    [
        ("The X7 Pro weighs 5 kg.", "The X7 Pro weighs 5 kg and is red.", ()),
        ("The X7 Pro weighs 5 kg.", "The X7 weighs 5 kg.", ("Pro",)),
        pytest.param("The X7 weighs 5 kg.", "The X7 Pro weighs 5 kg.", ("X7",), id="the other"),
        ("The X8 weighs 5 kg.", "X7重5公斤。", ("X8",)),
        pytest.param("The X7 weighs 5 kg.", "X70重5公斤。", ("X7",), id="no part of a name"),
    ],
)
def test_a_model_name_is_met_whole(
    statement: str, quote: str, missing: tuple[str, ...], glossary: Glossary
) -> None:
    assert find_missing(statement, quote, glossary) == missing


@pytest.mark.parametrize(
    ("statement", "quote", "missing"),
    [
        ("The bridge did not open in 2021.", "The bridge opened in 2021.", ("not",)),
        ("The bridge did not open in 2021.", "The bridge never opened in 2021.", ()),
        ("这座桥没有通车。", "这座桥通车了。", ("没有",)),
        ("这座桥没有通车。", "这座桥未通车。", ()),
        ("The bridge is not open.", "这座桥开放了。", ("not",)),
        ("The bridge is not open.", "这座桥没有开放。", ()),
        ("The bridge is safe.", "The bridge is not safe.", ("The bridge is safe.",)),
        pytest.param(
            "The bridge is safe.",
            "The bridge is safe, though it is not pretty.",
            (),
            id="other part",
        ),
        ("这座桥安全。", "这座桥不安全。", ("这座桥安全。",)),
        pytest.param("这座桥不仅安全，也很美。", "这座桥安全，也很美。", (), id="no denial"),
    ],
)
def test_a_denial_must_be_the_quotes(
    statement: str, quote: str, missing: tuple[str, ...], glossary: Glossary
) -> None:
    assert find_missing(statement, quote, glossary) == missing


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("The museum shows old paintings of ships.", "这座桥的维修费用由居民承担。"),
        ("博物馆展出古代绘画和陶器。", "Residents pay for the repair of the bridge."),
        ("The museum shows old paintings.", "Residents pay for the repair of a bridge."),
        ("博物馆展出古代绘画和陶器。", "居民承担维修费用。"),
    ],
)
def test_another_sentence_is_not_held(statement: str, quote: str, glossary: Glossary) -> None:
    assert find_missing(statement, quote, glossary) != ()


def test_words_of_the_passage_and_heading_count_half(glossary: Glossary) -> None:
    """Two words: one is in the quote, the other in the heading, or else nowhere."""
    document = make_document("news", "Tickets are cheap.")
    documents = {"news": document}

    alone = check_statement("cheap paintings", make_evidence(document), documents, glossary)
    headed = check_statement(
        "cheap paintings", make_evidence(document, "Old paintings"), documents, glossary
    )

    assert (alone.covered, headed.covered) == (0.5, 0.75)


def test_several_quotes_hold_a_statement_together(glossary: Glossary) -> None:
    document = make_document("news", "大桥于2021年通车。\n大桥耗资5亿元。")
    both = make_evidence(document)
    statement = "The bridge opened in 2021 and cost 500 million yuan."

    assert find_unsupported(statement, both, {"news": document}, glossary) == ()
    assert find_unsupported(statement, both[:1], {"news": document}, glossary) == (
        "500 million yuan",
    )


@pytest.mark.parametrize("statement", ["", "  ", "…"])
def test_a_statement_without_words_is_not_held(statement: str, glossary: Glossary) -> None:
    assert find_missing(statement, OPENED_ZH, glossary) == (statement.strip(),)


def test_nothing_is_held_without_evidence(glossary: Glossary) -> None:
    assert find_unsupported(" It opened. ", [], {}, glossary) == ("It opened.",)


def test_what_is_missing_comes_in_reading_order(glossary: Glossary) -> None:
    statement = "In 2019 the bridge in Shanghai cost 7 million yuan."

    assert find_missing(statement, "The bridge in Beijing cost 5 million yuan.", glossary) == (
        "2019",
        "Shanghai",
        "7 million yuan",
    )


@pytest.mark.parametrize(
    ("latin", "run", "alike"),
    [
        ("Wellingborough", "韦灵伯勒", True),
        ("Kavanaugh", "卡瓦诺", True),
        ("Kavanaugh", "大法官卡瓦诺说", True),
        ("Sullivan", "卡瓦诺", False),
        pytest.param("Lee", "李", False, id="too short to tell"),
    ],
)
def test_names_are_told_by_their_consonants(latin: str, run: str, alike: bool) -> None:
    assert sounds_like(latin, run) is alike
    assert not sounds_like("Kavanaugh", "大法官卡瓦诺说", whole=True)
