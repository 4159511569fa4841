"""A follow-up is asked of the thing that can have what it asks for, or is left as it is."""

from __future__ import annotations

import pytest

from embeddings.gloss import Glossary
from rag.follow import complete_question
from tests.test_follow import answer_with

TICKET = "临河博物馆门票多少钱？"
OPENED = "When did the Linhe Bridge open?"
DESIGNED = "Who designed the Linhe Bridge?"
LAUNCHED = "When did the X7 launch in Berlin?"
JOINED = "When did Ann Reed join Lark Motors?"


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        (TICKET, "谁设计的？", "临河博物馆谁设计的？"),
        (TICKET, "馆长是谁？", "临河博物馆的馆长是谁？"),
        (TICKET, "when did it open?", "when did 临河博物馆 open?"),
        (TICKET, "盐业博物馆呢？", "盐业博物馆门票多少钱？"),
        ("盐业博物馆儿童门票多少钱？", "谁设计的？", "盐业博物馆谁设计的？"),
        ("临河大桥面积多大？", "谁设计的？", "临河大桥谁设计的？"),
        ("X7价格多少？", "谁设计的？", "X7 谁设计的？"),
        pytest.param("门票多少钱？", "谁设计的？", "门票谁设计的？", id="nothing before it"),
        pytest.param(
            "成人门票多少钱？", "谁设计的？", "成人门票谁设计的？", id="no thing before it"
        ),
    ],
)
def test_a_ticket_or_a_price_is_not_carried_along(
    question: str, text: str, expected: str, glossary: Glossary
) -> None:
    """After the price of a museum's ticket, `谁设计的？` asked who designed the ticket."""
    assert complete_question(text, answer_with(question, "50"), glossary) == expected


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("When did the X7 launch?", "in Berlin?", "When did the X7 launch in Berlin?"),
        (LAUNCHED, "in Paris?", "When did the X7 launch in Paris?"),
        ("How many people live in Linhe?", "in Westport?", "How many people live in Westport?"),
        (
            "When did the X7 launch?",
            "in the Salt Museum?",
            "When did the X7 launch in the Salt Museum?",
        ),
        ("X7什么时候上市？", "in Berlin?", "X7 launch in Berlin: when?"),
        pytest.param("When did the X7 launch?", "in detail?", "in detail?", id="no place"),
        pytest.param("When did the X7 launch?", "in English?", "in English?", id="a language"),
        pytest.param("When did the X7 launch?", "at Ann Reed?", "at Ann Reed?", id="a person"),
    ],
)
def test_a_place_alone_asks_the_same_of_it(
    question: str, text: str, expected: str, glossary: Glossary
) -> None:
    """`in Berlin?` was searched for as it is."""
    assert complete_question(text, answer_with(question, "2021"), glossary) == expected


@pytest.mark.parametrize(
    ("question", "said", "text", "expected"),
    [
        (OPENED, "2021", "his wife?", "his wife?"),
        (OPENED, "2021", "and her husband?", "and her husband?"),
        (OPENED, "2021", "the wife?", "the wife?"),
        (OPENED, "2021", "her age?", "her age?"),
        (OPENED, "2021", "its age?", "what is the age of the Linhe Bridge?"),
        (DESIGNED, "Wang Hua", "his wife?", "who is the wife of Wang Hua?"),
        (JOINED, "2010", "her salary?", "what is the salary of Ann Reed?"),
        (JOINED, "2010", "the salary?", "what is the salary of Lark Motors?"),
    ],
)
def test_only_a_person_has_a_wife(
    question: str, said: str, text: str, expected: str, glossary: Glossary
) -> None:
    """`his wife?` after a question about a bridge asked for the wife of the bridge."""
    assert complete_question(text, answer_with(question, said), glossary) == expected
