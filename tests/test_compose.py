"""An answer is the value, then the sentences that prove it, word for word; or there is none.

Probabilities are given by hand where they matter, so that weights may be fitted anew.
"""

from __future__ import annotations

from datetime import date

import pytest

from embeddings.gloss import Glossary
from rag.candidates import FEATURES as CANDIDATE_FEATURES
from rag.candidates import Candidate
from rag.compose import REFUSALS, Draft, Option, draft_answer, list_options
from rag.judge import FEATURES, estimate_probability, read_threshold, read_weights
from rag.types import LANGUAGES, Document
from rag.understand import read_question
from rag.weigh import Reading
from tests.fake_evidence import make_document, make_evidence, read_documents

BRIDGE = make_document("bridge", "大桥于2021年5月18日通车。\n大桥全长3.2公里。", date(2021, 5, 19))
GUIDE = make_document("guide", "The bridge opened on May 18, 2021.\nWalkers use the eastern side.")
MAY = ("date", "2021-05-18")
JUNE = ("date", "2021-06-01")


def make_option(document: Document, line: int, probability: float, key: object = None) -> Option:
    """An option of the line-th sentence; with a candidate if a key is given."""
    reading = Reading(make_evidence(document)[line], (), 1.0, 1.0, 1.0, 1.0)
    candidate = None
    if key is not None:
        features = (0.0,) * len(CANDIDATE_FEATURES)
        candidate = Candidate(key, f"printed {document.id}", 0, 1, features)
    return Option(reading, candidate, (), probability)


def draft(*options: Option, max_quotes: int = 3) -> Draft:
    made = draft_answer(sorted(options, key=lambda o: -o.probability), max_quotes=max_quotes)
    assert made is not None
    return made


def test_the_value_comes_first_and_then_the_proof_in_the_source_s_own_words() -> None:
    made = draft(make_option(BRIDGE, 0, 0.8, MAY), make_option(BRIDGE, 1, 0.2))

    assert [s.text for s in made.statements] == ["printed bridge", "「大桥于2021年5月18日通车。」"]
    assert made.statements[0].quotes == made.statements[1].quotes
    assert made.probability == pytest.approx(0.8)


def test_equal_values_of_two_documents_stand_together_and_are_both_cited() -> None:
    made = draft(
        make_option(GUIDE, 0, 0.5, MAY),
        make_option(BRIDGE, 0, 0.4, MAY),
        make_option(BRIDGE, 1, 0.6, JUNE),
    )

    assert [s.text for s in made.statements] == [
        "printed guide",
        "“The bridge opened on May 18, 2021.”",
        "「大桥于2021年5月18日通车。」",
    ]
    assert [q.document_id for q in made.statements[0].quotes] == ["guide", "bridge"]
    assert made.probability == pytest.approx(1 - 0.5 * 0.6)


def test_one_document_that_repeats_a_value_does_not_outweigh_another() -> None:
    repeated = [make_option(BRIDGE, 0, 0.5, MAY), make_option(BRIDGE, 1, 0.5, MAY)]
    made = draft(*repeated, make_option(GUIDE, 0, 0.6, JUNE))

    assert made.statements[0].text == "printed guide"
    assert made.probability == pytest.approx(0.6)


def test_a_much_weaker_quote_of_the_same_value_is_left_out() -> None:
    made = draft(make_option(BRIDGE, 0, 0.9, MAY), make_option(GUIDE, 0, 0.04, MAY))

    assert [q.document_id for q in made.statements[0].quotes] == ["bridge"]


def test_a_sentence_with_a_value_twice_is_quoted_once() -> None:
    made = draft(make_option(BRIDGE, 0, 0.9, MAY), make_option(BRIDGE, 0, 0.8, MAY))

    assert len(made.statements) == 2
    assert len(made.statements[0].quotes) == 1


def test_there_are_at_most_so_many_quotes() -> None:
    options = [
        make_option(make_document(f"d{n}", "大桥通车。"), 0, 0.9 - n / 100, MAY) for n in range(5)
    ]

    made = draft(*options, max_quotes=2)

    assert [q.document_id for q in made.statements[0].quotes] == ["d0", "d1"]
    assert len(made.statements) == 3


def test_a_sentence_may_answer_without_a_value() -> None:
    made = draft(
        make_option(BRIDGE, 1, 0.8), make_option(GUIDE, 1, 0.7), make_option(GUIDE, 0, 0.1)
    )

    assert [s.text for s in made.statements] == [
        "「大桥全长3.2公里。」",
        "“Walkers use the eastern side.”",
    ]
    assert made.probability == pytest.approx(0.8)


def test_the_same_words_in_two_documents_are_said_once() -> None:
    copy = make_document("copy", BRIDGE.text)
    made = draft(make_option(BRIDGE, 1, 0.8), make_option(copy, 1, 0.8))

    assert [s.text for s in made.statements] == ["「大桥全长3.2公里。」"]


def test_no_options_give_no_draft() -> None:
    assert draft_answer([]) is None


def compose(question: str, documents: list[Document], glossary: Glossary) -> Draft:
    asked, readings, by_id = read_documents(question, documents, glossary)
    made = draft_answer(list_options(asked, readings, by_id, glossary))
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("When did the bridge open?", "May 18, 2021"),
        ("大桥什么时候通车？", "2021年5月18日"),
    ],
)
def test_a_date_in_both_languages_is_one_answer_with_two_sources(
    question: str, first: str, glossary: Glossary
) -> None:
    made = compose(question, [BRIDGE, GUIDE], glossary)

    assert made.statements[0].text == first
    assert {q.document_id for q in made.statements[0].quotes} == {"bridge", "guide"}
    assert made.probability >= read_threshold()


def test_a_date_without_a_year_stays_without_one(glossary: Glossary) -> None:
    document = make_document("note", "大桥于5月18日通车。")

    assert compose("When did the bridge open?", [document], glossary).statements[0].text == "May 18"


def test_the_date_of_a_report_is_not_that_of_the_event(glossary: Glossary) -> None:
    document = make_document("note", "6月2日消息，大桥于2021年5月18日通车。")
    made = compose("When did the bridge open?", [document], glossary)

    assert made.statements[0].text == "May 18, 2021"


def test_a_longer_model_name_does_not_lend_its_price(glossary: Glossary) -> None:
    plain, ultra = "X2售价为20万元。", "X2 Ultra售价为80万元。"
    plain_first = make_document("plain", f"{plain}\n{ultra}")
    ultra_first = make_document("ultra", f"{ultra}\n{plain}")

    asked_plain = compose("What is the price of the X2?", [plain_first], glossary)
    asked_ultra = compose("What is the price of the X2 Ultra?", [ultra_first], glossary)

    assert asked_plain.statements[0].text.startswith("200,000 yuan")
    assert asked_ultra.statements[0].text.startswith("800,000 yuan")


def test_a_document_about_something_else_is_less_probable(glossary: Glossary) -> None:
    other = make_document("tea", "茶叶在2020年3月2日涨价。")
    about = compose("When did the bridge open?", [BRIDGE], glossary)

    assert compose("When did the bridge open?", [other], glossary).probability < about.probability


@pytest.mark.parametrize("question", ["When did the bridge open?", "大桥有多长？", "大桥怎么样？"])
def test_every_statement_but_the_value_is_a_slice(question: str, glossary: Glossary) -> None:
    made = compose(question, [BRIDGE, GUIDE], glossary)
    texts = {BRIDGE.id: BRIDGE.text, GUIDE.id: GUIDE.text}

    quotes = [quote for statement in made.statements for quote in statement.quotes]
    assert all(texts[q.document_id][q.start : q.end] == q.text for q in quotes)
    assert all(s.text[1:-1] == s.quotes[0].text for s in made.statements if s.text[0] in "「“")


def test_options_are_in_order_and_each_sentence_is_one(glossary: Glossary) -> None:
    asked, readings, by_id = read_documents("When did it open?", [BRIDGE, GUIDE], glossary)
    options = list_options(asked, readings, by_id, glossary)

    probabilities = [option.probability for option in options]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(option.candidate is None for option in options) == len(readings) == 4
    assert all(len(option.features) == len(FEATURES) for option in options)


def test_no_evidence_gives_no_options(glossary: Glossary) -> None:
    assert list_options(read_question("when?", glossary), [], {}, glossary) == []


def test_the_weights_fit_the_features_and_a_probability_is_one() -> None:
    for question in LANGUAGES:
        for documents in LANGUAGES:
            assert len(read_weights()[f"{question}-{documents}"]) == 1 + len(FEATURES)
            for size in (-1e9, 0.0, 1e9):
                features = [size] * len(FEATURES)
                assert 0.0 < estimate_probability(features, question, documents) < 1.0
    assert 0.0 < read_threshold() < 1.0


def test_each_language_has_its_refusal() -> None:
    assert set(REFUSALS) == set(LANGUAGES)
