"""A clause is held by its quote only where it is whole, and the quote stands by it."""

from __future__ import annotations

import pytest

from embeddings.gloss import Glossary
from rag.proof.clauses import is_doubted, stands_in
from rag.verify import find_unsupported
from tests.fake_evidence import make_document, make_evidence


def find_missing(statement: str, quote: str, glossary: Glossary) -> tuple[str, ...]:
    document = make_document("news", quote)
    evidence = make_evidence(document)
    return find_unsupported(statement, evidence, {"news": document}, glossary)


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        pytest.param("It sold 3.", "It sold 3.5 million cars.", id="3 of 3.5"),
        pytest.param("It sold 1", "It sold 1,234,567 cars.", id="1 of 1,234,567"),
        pytest.param("售价为1", "售价为1,200元。", id="1 of 1,200"),
        pytest.param("售价为1", "售价为1，200元。", id="1 of a full-width 1,200"),
        pytest.param("销量为3", "销量为3.5万辆。", id="3 of 3.5 with a scale"),
        pytest.param("It seats 20", "It seats 20-30 people.", id="20 of 20-30"),
        pytest.param("It seats 20", "It seats 20 - 30 people.", id="20 of 20 - 30"),
        pytest.param("The drug is non", "The drug is non-toxic.", id="non of non-toxic"),
        pytest.param("5 million cars", "It sold 3.5 million cars.", id="the end of 3.5"),
        pytest.param("5 degrees", "-5 degrees", id="without its minus"),
    ],
)
def test_a_clause_does_not_end_inside_a_number_or_a_word(
    statement: str, quote: str, glossary: Glossary
) -> None:
    """`It sold 3.` was shown as supported by `It sold 3.5 million cars.`."""
    assert not stands_in(statement, quote)
    assert find_missing(statement, quote, glossary) != ()


@pytest.mark.parametrize(
    ("statement", "quote", "held"),
    [
        pytest.param("It seats 20", "It seats 20-30 people. It seats 20.", True, id="later place"),
        pytest.param("It is red", "It is red - and long.", True, id="a dash with spaces"),
        pytest.param("It is red", "It is red-hot.", False, id="a hyphen"),
        pytest.param("It is in the U", "It is in the U.S. now.", False, id="an abbreviation"),
        pytest.param("It sold 3", "It sold 3 (million) cars.", False, id="a scale follows"),
        pytest.param("共有三", "共有三、四人。", False, id="three or four"),
        pytest.param("票价不变", "他说，票价不变。", True, id="a whole clause"),
        pytest.param("", "It is red.", False, id="nothing"),
        pytest.param("…", "…", False, id="marks alone"),
    ],
)
def test_a_statement_stands_between_marks(statement: str, quote: str, held: bool) -> None:
    assert stands_in(statement, quote) is held


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("The bridge is safe.", "The claim, the bridge is safe, was found to be false."),
        ("The bridge is safe.", "The claim that the bridge is safe was found to be false."),
        ("The bridge is safe.", "The bridge is safe. This is untrue."),
        ("The bridge is safe.", "The bridge is safe, but this claim is untrue."),
        ("The bridge is safe.", "Ann Reed denied that the bridge is safe."),
        ("The bridge is closed.", "If it rains, the bridge is closed."),
        ("The bridge is closed.", "The bridge is closed unless it is dry."),
        ("大桥关闭。", "如果下雨，大桥关闭。"),
        ("大桥关闭。", "若下雨，大桥关闭。"),
        ("王化是创始人", "网传消息称，王化是创始人，这不属实。"),
        ("王化是创始人", "網傳消息稱，王化是創始人。"),
        ("王化是创始人", "王化是创始人，公司已否认。"),
        ("王化是创始人", "王化是创始人。这一说法不属实。"),
    ],
)
def test_a_clause_that_its_quote_takes_back_is_not_held(
    statement: str, quote: str, glossary: Glossary
) -> None:
    """A denied or conditional clause was shown as supported: its words stand in the quote."""
    assert find_missing(statement, quote, glossary) == (statement,)


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        pytest.param(
            "The bridge is safe",
            "The bridge is safe, and the rumour was denied.",
            id="another part",
        ),
        pytest.param("The bridge is safe", "The bridge is safe, even if it rains.", id="even if"),
        pytest.param("大桥关闭", "大桥关闭，但他否认受贿。", id="another thing denied"),
        pytest.param("副市长王化", "副市长王化否认了这一消息。", id="who denied it"),
        pytest.param(
            "the mayor of Linhe", "Ann Reed, the mayor of Linhe, denied the claim.", id="a name"
        ),
        pytest.param(
            "If it rains, the bridge is closed",
            "If it rains, the bridge is closed, he said.",
            id="the condition is said too",
        ),
        pytest.param("大桥关闭", "大桥关闭，若干车辆绕行。", id="some, not if"),
    ],
)
def test_a_doubt_about_another_thing_takes_nothing_back(
    statement: str, quote: str, glossary: Glossary
) -> None:
    assert not is_doubted(statement, quote)
    assert find_missing(statement, quote, glossary) == ()


def test_a_second_quote_may_say_what_the_first_doubts(glossary: Glossary) -> None:
    document = make_document("news", "The rumour says the bridge is safe.\nThe bridge is safe.")

    evidence = make_evidence(document)

    assert find_unsupported("The bridge is safe.", evidence, {"news": document}, glossary) == ()


@pytest.mark.parametrize(
    ("statement", "quote", "missing"),
    [
        ("It fell by 12 percent.", "It rose by 12 percent.", ("fell",)),
        ("Sales grew by 5%.", "Sales shrank by 5%.", ("grew",)),
        ("Sales were up 5%.", "Sales were down 5%.", ("were up",)),
        ("销量下降12%", "Sales rose by 12 percent.", ("下降",)),
        ("Sales rose by 12 percent.", "销量下降了12%。", ("rose",)),
        ("价格上涨12%", "价格下跌12%。", ("上涨",)),
        ("The museum closed in 2021.", "The museum opened in 2021.", ("closed",)),
        ("博物馆2021年关闭", "博物馆2021年开放。", ("关闭",)),
    ],
)
def test_a_direction_may_not_be_turned_round(
    statement: str, quote: str, missing: tuple[str, ...], glossary: Glossary
) -> None:
    """`It fell by 12 percent.` was shown as supported by `It rose by 12 percent.`."""
    assert find_missing(statement, quote, glossary) == missing


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("Sales rose by 12 percent.", "销量增长了12%。"),
        pytest.param("Sales rose 12%.", "Sales fell, then rose 12%.", id="the quote names both"),
        pytest.param("Losses decreased by 12%.", "亏损收窄12%。", id="in other words"),
        pytest.param("The museum closed at 5.", "The museum did not open after 5.", id="denied"),
    ],
)
def test_a_direction_that_the_quote_may_mean_is_held(
    statement: str, quote: str, glossary: Glossary
) -> None:
    assert find_missing(statement, quote, glossary) == ()
