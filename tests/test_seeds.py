"""The demo corpus, from its files to cited answers, with the bundled encoder.

How many of its questions must be right stands in `eval/seeds.toml`; here are those that are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
import torch

from eval.evaluate import ask_all, make_get_document
from eval.gate import read_gate
from eval.questions import Question, read_questions
from eval.records import Record
from rag.check import check_index
from rag.config import Settings
from rag.pipeline import Answerer, build_index, load_glossary

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
ANSWERED = (  # with a right value first, and a right document cited
    "001 002 003 004 005 006 007 008 009 010 011 012 013 014 016 017 018 019 021 022 023 024 "
    "025 026 027 028 029 030 031 033 034 035 036 037 038 040 041 043 044 045 046 049 051 052 "
    "053 057 058 059 061 062 063 064 065 066 067 068 069 070 071 072 075 076 077 078 079 080 "
    "081 083 084 086 087 088 089 090 091 092 093 095 096 097"
).split()
REFUSED = ("098 099 100 102 105 106 109 112 114 115 116 119 120 121 122").split()
NEWS = "000_4017df221a1cd455.txt"
REPORT = "002_696e777e57e5a3e6.txt"

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answerer]:
    torch.set_num_threads(1)  # two on two busy cores wait for each other: 15 times slower
    settings = Settings(index=tmp_path_factory.mktemp("index"), reread=True)
    report = build_index(SEEDS, settings=settings)
    assert report.documents == 5
    assert [p for p in report.problems if p.skipped and p.path.endswith(".txt")] == []
    made = Answerer(settings)
    with closing(made.index):
        yield made


@pytest.fixture(scope="module")
def records(answerer: Answerer) -> Mapping[str, Record]:
    """By id, of the questions that have a plain number."""
    asked = [q for q in read_seeds() if re.fullmatch(r"seed-\d+", q.id)]
    get_document = make_get_document(answerer.index)
    return {r.question.id: r for r in ask_all(answerer, asked, get_document=get_document)}


def read_seeds() -> list[Question]:
    return read_questions(ROOT / "eval" / "seeds.jsonl")


@pytest.mark.parametrize("number", ANSWERED)
def test_these_are_answered_from_the_right_document(
    records: Mapping[str, Record], number: str
) -> None:
    measures = records[f"seed-{number}"].measures

    assert (measures["value"], measures["document"], measures["falsely refused"]) == (1, 1, 0)


@pytest.mark.parametrize("number", REFUSED)
def test_these_are_refused_without_a_citation(records: Mapping[str, Record], number: str) -> None:
    record = records[f"seed-{number}"]

    assert record.measures == {"refused": 1.0}
    assert record.answer is not None
    assert record.answer.citations == ()
    assert record.answer.refusal


def test_every_citation_is_a_slice_of_its_file(
    records: Mapping[str, Record], answerer: Answerer
) -> None:
    with answerer.index.read() as view:
        ids = [row[0] for row in view.list_documents()]
        texts = {id_: document.text for id_, document in view.get_documents(ids).items()}
    citations = [c for record in records.values() if record.answer for c in record.answer.citations]

    assert citations
    for citation in citations:
        quote = citation.quote
        assert texts[quote.document_id][quote.start : quote.end] == quote.text
    for name, text in texts.items():
        assert text == (SEEDS / name).read_text(encoding="utf-8-sig")


def test_the_answer_is_in_the_language_of_the_question(records: Mapping[str, Record]) -> None:
    wrong = [
        id_
        for id_, r in records.items()
        if not r.answer or r.answer.language != r.question.language
    ]

    assert wrong == []


def test_the_floors_are_of_this_set() -> None:
    assert read_gate(ROOT / "eval" / "seeds.toml").questions == ROOT / "eval" / "seeds.jsonl"


def test_the_first_question_that_everybody_asks(answerer: Answerer) -> None:
    answer = answerer("when did the SU7 launch?")

    assert answer.statements[0].text == "March 28, 2024"
    assert {quote.document_id for quote in answer.statements[0].quotes} == {NEWS, REPORT}
    quotes = {c.quote.document_id: c.quote.text for c in answer.citations}
    assert "SU7的上市时间是2024年3月28日" in quotes[NEWS]
    assert quotes[REPORT] == "2024年3月28日，经过三年筹备，小米汽车首款车型——小米SU7上市。"
    assert answer.text.startswith("March 28, 2024 [1][2]")


def test_the_index_is_sound(answerer: Answerer) -> None:
    settings = answerer.settings

    assert check_index(settings.database, load_glossary(settings.glossary)).problems == ()
