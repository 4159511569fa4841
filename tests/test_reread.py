"""The best sentences are read again, and what is found there decides."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.gloss import Glossary
from rag.compose import draft_answer
from rag.config import Settings
from rag.equip import load_cross_encoder
from rag.options import Option, list_options
from rag.pipeline import Answerer
from rag.reread import (
    FEATURES,
    LEAST_READ,
    MOST_READ,
    choose_sentences,
    estimate_again,
    read_threshold,
    read_weights,
    reread_options,
    show_sentence,
)
from rag.stages import ALL_STAGES
from rag.types import LANGUAGES, Document
from tests.fake_cross_encoder import FakeCrossEncoder
from tests.fake_evidence import make_document, make_evidence, read_documents
from tests.fake_folder import ENCODER, build, write_texts
from tests.fake_options import make_option

BRIDGE = make_document(
    "bridge", "The bridge opened on May 18, 2021.\nA second one was opened on June 9, 2022."
)


def list_all(question: str, document: Document, glossary: Glossary) -> list[Option]:
    asked, readings, by_id = read_documents(question, [document], glossary)
    return list_options(asked, readings, by_id, glossary)


def test_what_is_found_in_the_sentence_comes_first(glossary: Glossary) -> None:
    options = list_all("When did the bridge open?", BRIDGE, glossary)
    assert options[0].reading.evidence.quote.text.startswith("The bridge")

    again = reread_options("?", options, {"bridge": BRIDGE}, FakeCrossEncoder("June 9, 2022"))

    best = again[0]
    assert best.candidate is not None
    assert best.candidate.printed == "June 9, 2022"
    assert len(again) == len(options)
    probabilities = [option.probability for option in again]
    assert probabilities == sorted(probabilities, reverse=True)


def test_a_value_is_as_probable_as_its_words(glossary: Glossary) -> None:
    text = "It was begun on May 18, 2019 and opened on June 9, 2022."
    document = make_document("bridge", text)
    options = list_all("When did it open?", document, glossary)

    for wanted in ("May 18, 2019", "June 9, 2022"):
        again = reread_options("?", options, {"bridge": document}, FakeCrossEncoder(wanted))
        (words,) = (o.reread[FEATURES.index("words")] for o in again[:1])
        assert again[0].candidate is not None
        assert again[0].candidate.printed == wanted
        assert words == pytest.approx(0.0)


def test_the_features_are_the_judges_odds_and_what_was_read() -> None:
    options = [make_option(BRIDGE, 0, 0.8), make_option(BRIDGE, 1, 0.2)]
    again = reread_options("?", options, {"bridge": BRIDGE}, FakeCrossEncoder("18", high=2, low=-1))

    assert [o.reread for o in again] == [
        pytest.approx((math.log(4), 2.0, 0.0, 0.0)),
        pytest.approx((-math.log(4), -1.0, 0.0, 0.0)),
    ]
    assert [o.probability for o in again] == [estimate_again(o.reread, "weights") for o in again]
    assert [o.trust for o in again] == [estimate_again(o.reread, "trust") for o in again]


def test_only_the_first_sentences_are_read_and_the_rest_count_as_the_worst_of_them() -> None:
    document = make_document("bridge", "\n".join(f"Line {n}." for n in range(12)))
    options = [make_option(document, n, 0.5) for n in range(12)]
    network = FakeCrossEncoder("0", high=3.0, low=-2.0)

    again = reread_options("?", options, {"bridge": document}, network)

    ((_, shown),) = network.shown
    assert [sentence.text for sentence in shown] == [f"Line {n}." for n in range(MOST_READ)]
    scores = {o.reading.evidence.quote.text: o.reread[FEATURES.index("score")] for o in again}
    assert scores == {"Line 0.": 3.0} | {f"Line {n}.": -2.0 for n in range(1, 12)}


def test_sentences_far_behind_the_first_are_not_worth_reading() -> None:
    document = make_document("bridge", "\n".join(f"Line {n}." for n in range(6)))
    near = [make_option(document, n, 0.5) for n in range(3)]
    tied = choose_sentences([*near, make_option(document, 3, 0.01)])
    weak = [make_option(document, n, 0.01) for n in range(1, 5)]
    alone = choose_sentences([make_option(document, 0, 0.9), *weak])

    assert [evidence.quote.text for evidence in tied] == ["Line 0.", "Line 1.", "Line 2."]
    proved = choose_sentences(
        [make_option(document, n, 0.9 if n == 0 else 0.01, key="same") for n in range(5)]
    )

    assert len(alone) == LEAST_READ == 2
    assert len(proved) == 5


def test_nothing_is_read_where_nothing_was_found() -> None:
    network = FakeCrossEncoder("")

    assert reread_options("?", [], {}, network) == []
    assert network.shown == []


def test_a_sentence_is_shown_with_its_heading_and_the_one_before() -> None:
    document = make_document("bridge", "大桥历时三年。它于2021年通车。\n全长3.2公里。")
    headed, plain = make_evidence(document, heading="临河大桥"), make_evidence(document)
    by_id = {"bridge": document}

    first, last = (show_sentence(item, by_id) for item in headed)
    assert (first.heading, first.before) == ("临河大桥", "")
    assert (last.heading, last.before) == ("临河大桥", "它于2021年通车。")
    assert show_sentence(plain[0], by_id).heading == document.title


def test_the_threshold_is_that_of_the_judgement_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.judge.read_threshold", lambda question, documents: 0.9)
    monkeypatch.setattr("rag.reread.read_threshold", lambda question, documents: 0.1)
    options = [make_option(BRIDGE, 0, 0.5)]
    again = reread_options("?", options, {"bridge": BRIDGE}, FakeCrossEncoder("18", high=0.0))

    sure = [draft.sure for made in (options, again) if (draft := draft_answer(made, "en"))]
    assert sure == [False, True]


def test_what_ranks_the_options_does_not_refuse_them() -> None:
    options = [
        replace(make_option(BRIDGE, 0, 0.6), trust=0.25),
        replace(make_option(BRIDGE, 1, 0.5), trust=0.75),
    ]
    made = draft_answer(options, "en")

    assert made is not None
    assert "May 18" in made.statements[0].text
    assert made.probability == pytest.approx(0.25)


def test_weights_and_thresholds_are_there_for_each_pair() -> None:
    assert {len(read_weights()[name]) for name in ("weights", "trust")} == {1 + len(FEATURES)}
    for question in LANGUAGES:
        for documents in LANGUAGES:
            assert 0.0 < read_threshold(question, documents) < 1.0


def test_an_answerer_reads_again_unless_told_not_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = FakeCrossEncoder("June 9, 2022")
    monkeypatch.setattr("rag.pipeline.load_cross_encoder", lambda settings: network)
    folder = write_texts(tmp_path / "texts", {"bridge.txt": BRIDGE.text})
    build(folder, tmp_path / "index")
    settings = Settings(index=tmp_path / "index")
    asked = "When was the bridge opened?"

    found = Answerer(settings, encoder=ENCODER)(asked)
    without = ALL_STAGES.leave_out("reread")
    left_out = Answerer(settings, encoder=ENCODER, stages=without)(asked)

    assert found.statements[0].text == "June 9, 2022"
    assert left_out.statements[0].text == "May 18, 2021"
    assert [question for question, _ in network.shown] == [asked]


def test_the_settings_tell_whether_anything_is_read_again() -> None:
    assert load_cross_encoder(Settings(reread=False)) is None
    network = load_cross_encoder(Settings(reread=True))
    assert network is not None
    assert load_cross_encoder(Settings(reread=True)) is network
