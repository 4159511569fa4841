"""How much of a question a sentence covers is counted as the formula says."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from embeddings.gloss import Glossary
from rag.store import View
from rag.types import Document
from rag.understand import Concept, read_question
from rag.values import find_values
from rag.weigh import NAME_WEIGHT, NEARBY, Known, Reading, find_known, read_evidence, weigh_concepts
from tests.fake_evidence import make_document, make_evidence
from tests.fake_index import GLOSSARY, open_index, write_index

BRIDGE_EN = Concept("bridge", frozenset({"bridg"}))
BRIDGE_ZH = Concept("桥", frozenset({"bridg", "qiao"}), "桥")
TEA = Concept("tea", frozenset({"tea"}))
SALT = Concept("salt", frozenset({"salt"}))
MODEL = Concept("X2", frozenset({"x2"}), kind="identifier")
NAME = Concept("Reed", frozenset({"reed"}), kind="name")


@pytest.fixture
def view(tmp_path: Path) -> Iterator[View]:
    texts = {
        "a": "The bridge. Reed.",
        "b": "A bridge of tea.",
        "c": "桥很长。",
        "d": "Salt and X2.",
    }
    index = open_index(write_index(tmp_path / "index.db", texts))
    with index.read() as view:
        yield view
    index.close()


def count_idf(n: int, total: int = 4) -> float:
    return math.log(1 + (total - n + 0.5) / (n + 0.5))


def test_rare_words_weigh_more_and_names_more_than_words(view: View) -> None:
    weights = weigh_concepts([BRIDGE_EN, TEA, MODEL, NAME], view)

    assert weights[BRIDGE_EN] == pytest.approx(count_idf(3))  # two by the word, one by its gloss
    assert weights[TEA] == pytest.approx(count_idf(1))
    assert weights[MODEL] == pytest.approx(NAME_WEIGHT * count_idf(1))
    assert weights[NAME] == pytest.approx(NAME_WEIGHT * count_idf(1))


def test_a_word_that_no_passage_holds_weighs_most(view: View) -> None:
    absent = Concept("ferry", frozenset({"ferri"}))

    assert weigh_concepts([absent], view)[absent] == pytest.approx(count_idf(0))


def test_a_chinese_word_counts_where_it_stands_or_else_where_its_gloss_does(view: View) -> None:
    only_gloss = Concept("梁", frozenset({"bridg", "liang"}), "梁")
    weights = weigh_concepts([BRIDGE_ZH, only_gloss], view)

    assert weights[BRIDGE_ZH] == pytest.approx(count_idf(3))
    assert weights[only_gloss] == pytest.approx(count_idf(3))


def test_no_concepts_have_no_weights(view: View) -> None:
    assert weigh_concepts([], view) == {}


def read(document: Document, weights: dict[Concept, float], heading: str = "") -> list[Reading]:
    return read_evidence(make_evidence(document, heading), weights, GLOSSARY)


def test_a_sentence_covers_its_own_words_and_a_part_of_those_nearby() -> None:
    document = make_document("a", "The bridge.\nThe tea.\nNothing.")
    bridge, tea, neither = read(document, {BRIDGE_EN: 3.0, TEA: 1.0, SALT: 4.0})

    assert [r.own for r in (bridge, tea, neither)] == pytest.approx([3 / 8, 1 / 8, 0.0])
    assert bridge.whole == pytest.approx((3 + NEARBY * 1) / 8)
    assert tea.whole == pytest.approx((NEARBY * 3 + 1) / 8)
    assert neither.whole == pytest.approx(NEARBY * 4 / 8)


def test_the_heading_counts_as_nearby() -> None:
    (reading,) = read(make_document("a", "It is old."), {TEA: 1.0}, heading="On tea")

    assert (reading.own, reading.whole) == (0.0, NEARBY)


def test_names_and_identifiers_are_counted_apart() -> None:
    weights = {BRIDGE_EN: 1.0, NAME: 2.0, MODEL: 5.0}
    (reading,) = read(make_document("a", "Reed drove over the bridge."), weights)

    assert (reading.names, reading.identifiers) == (1.0, 0.0)


def test_a_question_without_names_misses_none() -> None:
    (reading,) = read(make_document("a", "Tea."), {TEA: 1.0})

    assert (reading.names, reading.identifiers) == (1.0, 1.0)


def test_a_question_without_concepts_is_not_covered() -> None:
    (reading,) = read(make_document("a", "Tea."), {})

    assert (reading.own, reading.whole, reading.matches) == (0.0, 0.0, ())


def test_plain_words_are_counted_apart_from_names() -> None:
    weights = {BRIDGE_EN: 1.0, TEA: 3.0, NAME: 9.0}
    named, told = read(make_document("a", "Reed.\nHe drinks tea."), weights)

    assert (named.words, told.words) == (0.0, 3 / 4)


def test_a_question_of_names_alone_leaves_no_word_uncovered() -> None:
    (reading,) = read(make_document("a", "Tea."), {NAME: 1.0})

    assert reading.words == 1.0


def test_a_sentence_stands_apart_by_what_the_others_of_its_passage_do_not_hold() -> None:
    document = make_document("a", "The bridge.\nBridge tea.\nA bridge.")
    first, second, third = read(document, {BRIDGE_EN: 2.0, TEA: 3.0, SALT: 50.0})

    # of each the others all hold the bridge; tea counts whole for its own sentence, half elsewhere
    assert second.apart == 1.0
    assert first.apart == third.apart == 0.0


def test_a_sentence_alone_is_apart_by_its_share_of_what_the_passage_and_heading_hold() -> None:
    (reading,) = read(make_document("a", "A bridge."), {BRIDGE_EN: 2.0, TEA: 6.0}, heading="Tea")

    assert reading.apart == pytest.approx(2 / 8)


def test_where_the_passage_holds_nothing_nothing_is_apart() -> None:
    (reading,) = read(make_document("a", "Nothing."), {TEA: 1.0})

    assert reading.apart == 0.0


def test_the_sentence_right_before_leads_in() -> None:
    document = make_document("a", "The bridge.\nIt has tea.\nNothing.\nReed.")
    weights = {BRIDGE_EN: 2.0, TEA: 1.0, SALT: 5.0}
    readings = read(document, weights)

    assert [r.lead for r in readings] == pytest.approx([0.0, 2 / 8, 1 / 8, 0.0])


def test_no_sentence_leads_in_from_further_away_or_from_behind() -> None:
    document = make_document("a", "The bridge.\nNothing.\nTea.\nBridge.")
    evidence = make_evidence(document)
    first, third, _ = read_evidence(
        [evidence[2], evidence[0], evidence[3]], {BRIDGE_EN: 1.0, TEA: 1.0}, GLOSSARY
    )

    assert (first.lead, third.lead) == (0.0, 0.0)


def test_the_order_of_the_evidence_is_kept_and_spans_are_into_the_sentence() -> None:
    document = make_document("a", "Nothing.\nThe old bridge.")
    readings = read(document, {BRIDGE_EN: 1.0})

    assert [r.evidence.quote.text for r in readings] == ["Nothing.", "The old bridge."]
    assert [(m.start, m.end) for m in readings[1].matches] == [(8, 14)]
    assert read_evidence([], {BRIDGE_EN: 1.0}, GLOSSARY) == []


def test_a_value_is_as_rare_as_the_rarest_of_its_parts(view: View) -> None:
    absent = Concept("the 2 bridges", frozenset({"bridg", "2"}), value=find_values("2")[0])
    present = Concept("bridge of tea", frozenset({"bridg", "tea"}), value=find_values("2")[0])
    weights = weigh_concepts([absent, present], view)

    assert weights[absent] == pytest.approx(count_idf(0))
    assert weights[present] == pytest.approx(count_idf(1))


def test_a_word_that_has_no_stem_is_counted_as_it_is_written(view: View) -> None:
    weights = weigh_concepts([Concept("THE", frozenset(), kind="identifier")], view)

    assert list(weights.values()) == pytest.approx([NAME_WEIGHT * count_idf(1)])


@pytest.mark.parametrize(
    ("question", "text", "rival"),
    [
        ("the X2 Pro", "Two X2 Pros.", False),
        ("the X2 Pros", "An X2 Pro.", False),
        ("the X2", "Two X2s.", False),
        ("the X2s", "An X2.", False),
        ("the X2's", "An X2 Max is here.", True),
        ("the X2 Pro", "Two X2 Maxes are here.", True),
        ("the X2", "Two Y9s.", True),
    ],
)
def test_several_of_a_model_are_no_rival_of_it(
    question: str, text: str, rival: bool, glossary: Glossary
) -> None:
    weights = dict.fromkeys(read_question(question, glossary).concepts, 1.0)
    (reading,) = read(make_document("a", text), weights)

    assert reading.rival is rival


def test_names_are_known_in_the_languages_whose_passages_hold_them(view: View) -> None:
    nowhere = Concept("Y9", frozenset({"y9"}), kind="identifier")
    sounds = Concept("Qiao", frozenset({"qiao"}), kind="name")

    known = find_known([NAME, MODEL, nowhere, sounds, TEA], view)

    assert known == {"en": {NAME, MODEL}, "zh": {sounds}}


def test_a_passage_misses_the_names_that_others_hold() -> None:
    document = make_document("a", "Reed came.\nNothing.")
    evidence = make_evidence(document, "")
    weights = {NAME: 1.0, MODEL: 5.0, TEA: 1.0}
    known: Known = {"en": {NAME, MODEL}, "zh": set()}
    unknown: Known = {"en": {NAME}, "zh": {MODEL}}

    def read_missed(known: Known | None) -> list[float]:
        return [reading.missed for reading in read_evidence(evidence, weights, GLOSSARY, known)]

    assert read_missed(known) == [0.5, 0.5]  # X2 of the two names; Reed is in the passage
    assert read_missed(unknown) == [0.0, 0.0]  # no passage in English holds X2
    assert read_missed(None) == [0.0, 0.0]
