"""Of the values and names in a sentence, those of the kind asked for are described."""

from __future__ import annotations

from datetime import date

import pytest

from embeddings.gloss import Glossary
from rag.candidates import FEATURES, Candidate, find_candidates
from rag.closeness import IN_FRONT
from tests.fake_evidence import make_document, read_documents


def list_candidates(
    question: str, text: str, glossary: Glossary, published: date | None = None
) -> list[Candidate]:
    """The candidates of the last line of a document."""
    asked, readings, documents = read_documents(
        question, [make_document("news", text, published)], glossary
    )
    return find_candidates(asked, readings[-1], documents, glossary)


def get_feature(candidate: Candidate, name: str) -> float:
    return candidate.features[FEATURES.index(name)]


@pytest.mark.parametrize(
    ("question", "text", "printed"),
    [
        ("when did it open?", "大桥于2021年5月18日通车。", ["May 18, 2021"]),
        ("何时通车？", "It opened on May 18, 2021.", ["2021年5月18日"]),
        ("何时通车？", "大桥于2021年5月18日通车。", ["2021年5月18日"]),
        ("when?", "It opened on 18 May 2021.", ["18 May 2021"]),
        ("how many cars were sold?", "去年卖出13.5万辆。", ["135,000 vehicles (13.5万辆)"]),
        ("卖了多少辆？", "They sold 135,000 vehicles.", ["13.5万辆 (135,000 vehicles)"]),
        ("毛利率是多少？", "The margin was 17.1%, or 3 million dollars.", ["17.1% (17.1%)"]),
        ("how tall is the tower?", "塔高181米，重5吨，建了3年。", ["181 m (181米)"]),
        ("why did it open?", "大桥于2021年5月18日通车。", []),
        ("how many cars?", "大桥通车。", []),
    ],
)
def test_values_of_the_kind_asked_for_are_printed_for_the_reader(
    question: str, text: str, printed: list[str], glossary: Glossary
) -> None:
    assert [c.printed for c in list_candidates(question, text, glossary)] == printed


def test_spans_are_into_the_sentence(glossary: Glossary) -> None:
    """The sentence begins in the middle of its document."""
    line = "大桥于2021年5月18日通车。"
    (candidate,) = list_candidates("何时通车？", f"前一天的消息。\n{line}", glossary)

    assert line[candidate.start : candidate.end] == "2021年5月18日"


@pytest.mark.parametrize(
    ("text", "published", "printed", "open_parts"),
    [
        pytest.param("大桥于5月18日通车。", None, "May 18", 1, id="no year told"),
        pytest.param("大桥于5月18日通车。", date(2021, 6, 1), "May 18, 2021", 0, id="article's"),
        pytest.param("2020年动工。\n次年起算，5月18日通车。", None, "May 18, 2020", 0, id="item's"),
        pytest.param("5月18日通车。\n那是2020年的事。", None, "2020", 2, id="not from behind"),
        pytest.param("去年通车。", date(2022, 3, 1), "2021", 2, id="last year"),
    ],
)
def test_a_date_gets_its_year_only_where_it_is_told(
    text: str, published: date | None, printed: str, open_parts: int, glossary: Glossary
) -> None:
    found = list_candidates("when did it open?", text, glossary, published)

    assert found[-1].printed == printed
    assert get_feature(found[-1], "open_parts") == open_parts


@pytest.mark.parametrize("published", [None, date(2021, 6, 1)])
def test_an_equal_value_has_an_equal_key_in_every_source(
    published: date | None, glossary: Glossary
) -> None:
    (zh,) = list_candidates("when?", "大桥于2021年5月18日通车。", glossary, published)
    (en,) = list_candidates("when?", "It opened on 18 May 2021.", glossary)

    assert zh.key == en.key


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("5月18日消息，大桥通车。", [1.0]),
        ("3. 5月18日讯，大桥于2021年4月通车。", [1.0, 0.0]),
        ("5月18日通车。", [0.0]),
        ("5月18日电动车展开幕。", [0.0]),
        ("大桥5月18日消息不实。", [0.0]),
    ],
)
def test_the_date_of_a_report_is_marked(text: str, flags: list[float], glossary: Glossary) -> None:
    found = list_candidates("when did it open?", text, glossary)

    assert [get_feature(c, "dateline") for c in found] == flags


@pytest.mark.parametrize(
    ("question", "text", "unit"),
    [
        ("how many cars were sold?", "卖出2万辆。", 1.0),
        ("how many people came?", "卖出2万辆。", -1.0),
        ("how many cars were sold?", "卖出20000。", 0.0),
        ("销量是多少？", "卖出2万辆。", 0.0),
    ],
)
def test_the_unit_counts_for_or_against(
    question: str, text: str, unit: float, glossary: Glossary
) -> None:
    (candidate,) = list_candidates(question, text, glossary)

    assert get_feature(candidate, "unit") == unit


def test_what_the_question_names_itself_is_marked(glossary: Glossary) -> None:
    found = list_candidates(
        "销量在2023年后是多少？", "2023年卖出2万辆，2024年卖出3万辆。", glossary
    )
    dates = list_candidates("2023年之后何时通车？", "2023年动工，2024年通车。", glossary)

    assert [get_feature(c, "named") for c in found] == [0.0, 0.0]
    assert [get_feature(c, "named") for c in dates] == [1.0, 0.0]


def test_what_is_told_of_another_value_is_less_close(glossary: Glossary) -> None:
    found = list_candidates("利润是多少钱？", "收入4亿元，利润5亿元，支出6亿元。", glossary)
    income, profit, spending = (get_feature(c, "closeness") for c in found)

    assert profit == pytest.approx(IN_FRONT)
    assert income < 0.5 * profit
    assert spending < 0.5 * profit


def test_names_of_the_kind_asked_for_are_described(glossary: Glossary) -> None:
    text = "总经理周敏表示，公司将与北京大学合作。"
    persons = list_candidates("谁要与大学合作？", text, glossary)
    bodies = list_candidates("Which university works with Zhou Min?", text, glossary)

    assert [text[c.start : c.end] for c in persons] == ["周敏"]
    assert [text[c.start : c.end] for c in bodies] == ["北京大学"]
    assert 0.0 < get_feature(persons[0], "certainty") <= 1.0


def test_a_name_that_the_question_gives_is_marked(glossary: Glossary) -> None:
    found = list_candidates("总经理周敏和谁合作？", "总经理周敏表示要合作。", glossary)

    assert {c.printed: get_feature(c, "named") for c in found}["周敏"] == 1.0


def test_every_candidate_has_all_the_features(glossary: Glossary) -> None:
    for question in ("when?", "how many?", "who?", "how much?", "where?", "which company?"):
        text = "2021年5月18日，馆长周敏在北京的华为公司花了3万元买5辆车。"
        for candidate in list_candidates(question, text, glossary):
            assert len(candidate.features) == len(FEATURES)
            assert 0.0 <= get_feature(candidate, "closeness") <= 1.0


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("据新华社报道，北京大学建了博物馆。", {"新华社": 1.0, "北京大学": 0.0}),
        ("新华社消息，北京大学建了博物馆。", {"新华社": 1.0, "北京大学": 0.0}),
        ("新华社今日获悉，北京大学建了博物馆。", {"新华社": 1.0, "北京大学": 0.0}),
        ("援引新华社，北京大学建了博物馆。", {"新华社": 1.0, "北京大学": 0.0}),
        ("北京大学讯息馆建成。", {"北京大学": 0.0}),
        (
            "According to Lark Motors, Harbor University built the museum.",
            {"Lark Motors": 1.0, "Harbor University": 0.0},
        ),
        (
            "Harbor University built it, according to the Linhe Times.",
            {"Harbor University": 0.0, "Linhe Times": 1.0},
        ),
        (
            "Harbor University built it, Lark Motors reported.",
            {"Harbor University": 0.0, "Lark Motors": 1.0},
        ),
        (
            "Lark Motors's report says that Harbor University built it.",
            {"Lark Motors": 1.0, "Harbor University": 0.0},
        ),
        ("Harbor University built the museum.", {"Harbor University": 0.0}),
    ],
)
def test_who_only_reports_is_marked(text: str, flags: dict[str, float], glossary: Glossary) -> None:
    found = list_candidates("哪家机构建了博物馆？", text, glossary)

    assert {text[c.start : c.end]: get_feature(c, "dateline") for c in found} == flags


def test_a_person_who_is_cited_is_no_reporter(glossary: Glossary) -> None:
    """Who said it is often what is asked."""
    found = list_candidates("谁说的？", "据周敏报道，大桥已经通车。", glossary)

    assert [get_feature(c, "dateline") for c in found] == [0.0]
