"""Every sentence and every value of the kind asked for is an option, and equal values are one."""

from __future__ import annotations

from datetime import date

import pytest

from embeddings.gloss import Glossary
from rag.figures.dates import PartialDate
from rag.judge import FEATURES, estimate_probability, read_threshold, read_weights
from rag.options import group_options, join_probability, list_options, rank_evidence
from rag.types import LANGUAGES
from rag.understand import read_question
from rag.weigh import read_evidence
from tests.fake_evidence import make_document, make_evidence, read_documents
from tests.fake_options import make_option

BRIDGE = make_document("bridge", "大桥于2021年5月18日通车。\n大桥全长3.2公里。", date(2021, 5, 19))
GUIDE = make_document("guide", "The bridge opened on May 18, 2021.\nWalkers use the eastern side.")
MAY = ("date", PartialDate(2021, 5, 18), None)
JUNE = ("date", PartialDate(2021, 6, 1), None)


def test_options_are_in_order_and_each_sentence_is_one(glossary: Glossary) -> None:
    asked, readings, by_id = read_documents("When did it open?", [BRIDGE, GUIDE], glossary)
    options = list_options(asked, readings, by_id, glossary)

    probabilities = [option.probability for option in options]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(option.candidate is None for option in options) == len(readings) == 4
    assert [o.candidate.printed for o in options if o.candidate] == ["May 18, 2021"] * 2
    assert all(len(option.features) == len(FEATURES) for option in options)


def test_the_rank_of_a_sentence_counts_within_its_language(glossary: Glossary) -> None:
    """Scores of two languages are not on one scale, so each has a first sentence."""
    asked, readings, by_id = read_documents("Why was it built?", [BRIDGE, GUIDE], glossary)
    options = list_options(asked, readings, by_id, glossary)

    places = {o.reading.evidence.quote.text: o.features[FEATURES.index("place")] for o in options}
    assert [places[r.evidence.quote.text] for r in readings] == [0.0, -1.0, 0.0, -1.0]


@pytest.mark.parametrize("question", ["谁设计了临河博物馆？", "2021年?"])
def test_a_heading_or_a_mere_number_is_no_answer_by_itself(
    question: str, glossary: Glossary
) -> None:
    """「# 临河博物馆」 was the answer to who designed it, and “2024-03-05” to "? 2024 ?"."""
    museum = make_document("museum", "# 临河博物馆\n2024-03-05\n博物馆由陈立设计。")
    asked = read_question(question, glossary)
    evidence = make_evidence(museum, heading="临河博物馆")
    readings = read_evidence(evidence, dict.fromkeys(asked.concepts, 1.0), glossary)

    options = list_options(asked, readings, {"museum": museum}, glossary)

    alone = [o.reading.evidence.quote.text for o in options if o.candidate is None]
    assert alone == ["博物馆由陈立设计。"]


def test_no_evidence_gives_no_options(glossary: Glossary) -> None:
    assert list_options(read_question("when?", glossary), [], {}, glossary) == []


@pytest.mark.parametrize(
    ("question", "line", "offers"),
    [
        pytest.param(
            "When did it open?", "大桥于2021年5月18日通车。", ["bare", "valued"], id="date"
        ),
        pytest.param(
            "When did it open?", "大桥在战后通车。", ["dateless"], id="words that tell when"
        ),
        pytest.param("When did it open?", "大桥通车。", ["timeless"], id="nothing that tells when"),
        pytest.param("How tall is it?", "塔高181米。", ["bare", "valued"], id="number"),
        pytest.param("How tall is it?", "塔很高。", ["valueless"], id="no number"),
        pytest.param("Who built it?", "总经理周敏建桥。", ["nameless", "valued"], id="name"),
        pytest.param("Who built it?", "桥很长。", ["unnamed"], id="no name"),
        pytest.param("Why was it built?", "大桥于2021年5月18日通车。", [""], id="no kind of value"),
    ],
)
def test_a_sentence_alone_says_what_else_it_could_have_offered(
    question: str, line: str, offers: list[str], glossary: Glossary
) -> None:
    document = make_document("note", line)
    asked, readings, by_id = read_documents(question, [document], glossary)
    first, last = FEATURES.index("valued"), FEATURES.index("unnamed") + 1
    names = FEATURES[first:last]

    found = [
        "".join(name for name, flag in zip(names, o.features[first:last], strict=True) if flag)
        for o in list_options(asked, readings, by_id, glossary)
    ]

    assert sorted(found) == offers


def test_equal_values_are_one_group_and_each_sentence_another() -> None:
    may, sentence = make_option(GUIDE, 0, 0.9, MAY), make_option(GUIDE, 0, 0.8)
    june, also_may = make_option(BRIDGE, 1, 0.7, JUNE), make_option(BRIDGE, 0, 0.6, MAY)
    other = make_option(BRIDGE, 0, 0.5)

    groups = group_options([may, sentence, june, also_may, other])

    assert groups == [[may, also_may], [sentence], [june], [other]]
    assert group_options([]) == []


def test_two_documents_make_a_value_surer_and_one_that_repeats_it_does_not() -> None:
    once = make_option(BRIDGE, 0, 0.5, MAY)
    again = make_option(BRIDGE, 1, 0.3, MAY)
    elsewhere = make_option(GUIDE, 0, 0.4, MAY)

    assert join_probability([once, again], {}) == pytest.approx(0.5)
    assert join_probability([once, again, elsewhere], {}) == pytest.approx(1 - 0.5 * 0.6)


def test_documents_of_one_voice_count_once_by_the_best() -> None:
    group = [make_option(GUIDE, 0, 0.5, MAY), make_option(BRIDGE, 0, 0.4, MAY)]

    assert join_probability(group, {"guide": "bridge", "bridge": "bridge"}) == pytest.approx(0.5)
    assert join_probability(group, {"guide": "guide", "bridge": "bridge"}) == pytest.approx(0.7)


def test_each_sentence_is_evidence_once_by_its_best_option() -> None:
    options = [
        make_option(GUIDE, 1, 0.9),
        make_option(BRIDGE, 0, 0.8, MAY),
        make_option(GUIDE, 1, 0.7, JUNE),
        make_option(BRIDGE, 0, 0.6),
    ]

    assert rank_evidence(options) == [make_evidence(GUIDE)[1], make_evidence(BRIDGE)[0]]


def test_the_weights_fit_the_features_and_a_probability_is_one() -> None:
    for question in LANGUAGES:
        for documents in LANGUAGES:
            assert len(read_weights()[f"{question}-{documents}"]) == 1 + len(FEATURES)
            for size in (-1e9, 0.0, 1e9):
                features = [size] * len(FEATURES)
                assert 0.0 < estimate_probability(features, question, documents) < 1.0
            assert 0.0 < read_threshold(question, documents) < 1.0
