"""What flows between the stages is valid, or cannot be built."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from rag.types import Answer, Citation, Conflict, Hit, LegScore, Passage, Quote, Statement, Usage

TEXT = "大桥于2021年5月18日通车。The bridge is 3.2 km long."
OPENED = Quote("news", 0, 16, TEXT[:16])
LONG = Quote("news", 16, 42, TEXT[16:42])
PASSAGE = Passage("news#0", "news", TEXT, 0, len(TEXT))
HIT = Hit(PASSAGE, 1, 0.5, "zh", dense=LegScore(1, 0.7))


def cite(number: int, quote: Quote) -> Citation:
    return Citation(number, quote, "News", "news.txt", "zh", date(2021, 5, 19), PASSAGE)


def make_answer(statements: Sequence[Statement], citations: Sequence[Citation]) -> Answer:
    return Answer("when?", "en", tuple(statements), tuple(citations), (HIT,), found=True)


ANSWER = make_answer(
    [Statement("May 18, 2021", (OPENED, LONG)), Statement("「…」", (OPENED,))],
    [cite(1, OPENED), cite(2, LONG)],
)
REFUSAL = Answer("when?", "en", (), (), (HIT,), found=False, refusal="Not told.")


def test_the_text_marks_each_statement_with_its_citations() -> None:
    assert ANSWER.text == "May 18, 2021 [1][2]\n「…」 [1]"


def test_the_text_of_a_refusal_is_the_refusal() -> None:
    assert REFUSAL.text == "Not told."


@pytest.mark.parametrize(
    "citations",
    [
        pytest.param([], id="none"),
        pytest.param([cite(1, LONG)], id="another"),
        pytest.param([cite(1, OPENED), cite(2, LONG)], id="one too many"),
        pytest.param([cite(1, OPENED), cite(2, OPENED)], id="one twice"),
    ],
)
def test_statements_and_citations_name_the_same_quotes(citations: list[Citation]) -> None:
    with pytest.raises(ValueError, match="name different quotes"):
        make_answer([Statement("May 18", (OPENED,))], citations)


@pytest.mark.parametrize("numbers", [(0, 1), (2, 1), (1, 3), (1, 1)])
def test_citations_are_numbered_from_1(numbers: tuple[int, int]) -> None:
    citations = [cite(n, q) for n, q in zip(numbers, (OPENED, LONG), strict=True)]

    with pytest.raises(ValueError, match="numbered from 1"):
        make_answer([Statement("May 18", (OPENED, LONG))], citations)


@pytest.mark.parametrize(
    ("found", "refusal", "statements"),
    [(True, "", False), (False, "", False), (False, "No.", True), (True, "No.", True)],
)
def test_an_answer_states_or_refuses(found: bool, refusal: str, statements: bool) -> None:
    stated = (Statement("May 18", (OPENED,)),) if statements else ()
    cited = (cite(1, OPENED),) if statements else ()

    with pytest.raises(ValueError, match="statements, or else a refusal"):
        Answer("when?", "en", stated, cited, (), found, refusal)


def test_a_statement_rests_on_a_quote() -> None:
    with pytest.raises(ValueError, match="rests on no quote"):
        Statement("May 18, 2021", ())


@pytest.mark.parametrize(("start", "end", "text"), [(0, 3, "ab"), (0, 1, "ab"), (4, 4, "")])
def test_a_span_is_as_long_as_its_text(start: int, end: int, text: str) -> None:
    with pytest.raises(ValueError, match="quote of 'news' spans"):
        Quote("news", start, end, text)
    with pytest.raises(ValueError, match="passage 'news#0' spans"):
        Passage("news#0", "news", text, start, end)


def test_the_seconds_do_not_make_another_answer() -> None:
    assert replace(ANSWER, seconds=3.0) == ANSWER


def test_the_dictionary_is_json_and_holds_the_text() -> None:
    values = (Statement("May 18", (OPENED,)), Statement("May 19", (LONG,)))
    record = replace(ANSWER, conflicts=(Conflict(values),)).to_dict()

    again = json.loads(json.dumps(record))
    assert again == record
    assert list(record)[:4] == ["text", "question", "language", "statements"]
    assert record["text"] == ANSWER.text
    assert record["citations"][0]["published"] == "2021-05-19"
    assert record["citations"][1]["quote"] == {
        "document_id": "news", "start": 16, "end": 42, "text": "The bridge is 3.2 km long.",
    }  # fmt: skip
    assert record["hits"][0]["dense"] == {"rank": 1, "score": 0.7}
    assert record["hits"][0]["lexical"] is None
    assert record["conflicts"][0]["values"][1]["text"] == "May 19"


@pytest.mark.parametrize("usage", [None, Usage(1200, 34)])
def test_an_answer_comes_back_from_its_dictionary(usage: Usage | None) -> None:
    answer = replace(ANSWER, usage=usage, model="tea-1", seconds=0.5)

    again = Answer.from_dict(json.loads(json.dumps(answer.to_dict())))

    assert again == answer
    assert again.usage == usage


def test_an_answer_kept_before_tokens_were_counted_is_read() -> None:
    record = ANSWER.to_dict()
    del record["usage"]

    assert Answer.from_dict(record) == ANSWER
