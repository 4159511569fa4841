"""Each measure is what arithmetic says, and is given only where it is defined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import log2

import pytest

from embeddings.gloss import Glossary
from eval.measures.grade import MEASURES, grade_answer, grade_failure, grade_hits, holds_evidence
from eval.questions import Evidence, Question
from rag.types import Answer, Document, Hit, LegScore, Passage, Usage
from tests.fakes import BRIDGE_EN, BRIDGE_ZH, MUSEUM_EN, MUSEUM_ZH, make_answer, make_refusal

GLOSSARY = Glossary({"大桥": ("bridge",), "通车": ("open to traffic",)})
OPENED = "2021年5月18日上午，临河大桥正式通车。"
OPENED_EN = "The Linhe Bridge was opened to traffic on May 18, 2021, a year later than planned."
WHEN = Question(
    "when", "When did the bridge open?", "en", "date", True, (("2021-05-18",),),
    (Evidence(BRIDGE_ZH.id, "2021年5月18日上午，临河大桥正式通车"),),
)  # fmt: skip
UNTOLD = Question("who", "Who built it?", "en", "person", False)
DOCUMENTS = {d.id: d for d in (BRIDGE_ZH, BRIDGE_EN, MUSEUM_ZH, MUSEUM_EN)}


def grade(question: Question, answer: Answer) -> dict[str, float]:
    return grade_answer(question, answer, GLOSSARY, get_document=DOCUMENTS.get)


def state(text: str, *proofs: tuple[Document, str]) -> Answer:
    return make_answer("?", "en", (text, proofs))


def make_hits(*texts: tuple[str, str], dense: Sequence[int | None] = ()) -> list[Hit]:
    """Hits best first from (document, text); a rank of the dense leg for each, if given."""
    hits = []
    for rank, (document, text) in enumerate(texts, start=1):
        passage = Passage(f"{document}#{rank}", document, text, 0, len(text))
        place = dense[rank - 1] if dense else None
        score = LegScore(place, 1.0) if place else None
        hits.append(Hit(passage, rank, 1 / rank, "en", dense=score))
    return hits


def test_a_right_answer_from_the_right_place_is_right_in_every_way() -> None:
    measures = grade(WHEN, state("May 18, 2021", (BRIDGE_ZH, OPENED)))

    assert {name: measures[name] for name in measures if "recall@" not in name} == {
        "falsely refused": 0, "document": 1, "value": 1, "exact match": 1, "F1": 1,
        "citation recall": 1, "citation precision": 1, "gold citation recall": 1,
        "gold citation precision": 1, "spans": 1, "MRR@10": 1, "nDCG@10": 1,
    }  # fmt: skip
    assert measures.keys() <= MEASURES.keys()


def test_the_tokens_of_a_model_are_counted_whatever_came_of_them() -> None:
    refusal = replace(make_refusal("Who built it?"), usage=Usage(900, 0))

    assert grade(UNTOLD, refusal) == {
        "refused": 1, "prompt tokens": 900, "completion tokens": 0,
    }  # fmt: skip
    assert "prompt tokens" not in grade(UNTOLD, make_refusal("Who built it?"))
    assert [name for name in MEASURES if not MEASURES[name].is_share] == [
        "prompt tokens", "completion tokens",
    ]  # fmt: skip


def test_a_wrong_value_from_another_document_is_wrong() -> None:
    measures = grade(WHEN, state("May 19, 2021", (MUSEUM_EN, "Entry is free.")))

    assert measures["value"] == 0
    assert measures["document"] == 0
    assert measures["exact match"] == 0
    assert measures["F1"] == pytest.approx(2 / 3)  # may and 2021 of three tokens
    assert measures["citation recall"] == 0  # its quote does not say so
    assert measures["gold citation recall"] == 0
    assert measures["spans"] == 1


def test_only_the_first_statement_answers() -> None:
    answer = make_answer(
        "?", "en",
        ("It is long.", ((BRIDGE_EN, "It is 3.2 kilometers long."),)),
        ("May 18, 2021", ((BRIDGE_ZH, OPENED),)),
    )  # fmt: skip

    measures = grade(WHEN, answer)

    assert (measures["value"], measures["document"]) == (0, 0)
    assert measures["gold citation recall"] == 0.5


def test_a_quote_that_is_not_needed_lowers_precision_alone() -> None:
    proofs = ((BRIDGE_ZH, OPENED), (BRIDGE_EN, "It is 3.2 kilometers long."))

    measures = grade(WHEN, state("May 18, 2021", *proofs))

    assert measures["citation recall"] == 1
    assert measures["citation precision"] == 0.5
    assert measures["gold citation recall"] == 1
    assert measures["gold citation precision"] == 0.5


def test_a_false_refusal_is_wrong_and_has_no_citations_to_measure() -> None:
    measures = grade(WHEN, make_refusal("When?"))

    assert measures["falsely refused"] == 1
    assert measures["value"] == measures["document"] == measures["F1"] == 0
    assert measures["recall@5"] == 1  # it was retrieved all the same
    assert {"spans", "citation recall", "gold citation recall", "refused"}.isdisjoint(measures)


def test_what_is_not_told_is_to_be_refused() -> None:
    assert grade(UNTOLD, make_refusal("Who?")) == {"refused": 1}
    answered = grade(UNTOLD, state("May 18, 2021", (BRIDGE_EN, OPENED_EN)))
    assert answered == {"refused": 0, "citation recall": 1, "citation precision": 1, "spans": 1}


def test_the_share_of_differing_values_that_are_shown_counts() -> None:
    question = replace(
        WHEN, accept=(("1200000",),), conflict=(("1200000",), ("900000",)),
        evidence=(Evidence(MUSEUM_ZH.id),),
    )  # fmt: skip
    one = state("1.2 million", (MUSEUM_ZH, "馆方预计，每年将接待120万名观众。"))
    both = make_answer(
        "?", "en",
        ("1.2 million", ((MUSEUM_ZH, "馆方预计，每年将接待120万名观众。"),)),
        ("900,000", ((MUSEUM_EN, "We now expect 900,000 visitors a year."),)),
    )  # fmt: skip

    assert grade(question, one)["conflict"] == 0.5
    assert grade(question, both)["conflict"] == 1
    assert grade(question, make_refusal("?"))["conflict"] == 0


def test_a_quote_that_is_no_slice_of_its_document_is_found() -> None:
    answer = state("May 18, 2021", (BRIDGE_ZH, OPENED))
    shifted = {BRIDGE_ZH.id: replace(BRIDGE_ZH, text=f" {BRIDGE_ZH.text}")}

    for documents in (shifted, {}):
        measures = grade_answer(WHEN, answer, GLOSSARY, get_document=documents.get)
        assert measures["spans"] == 0
    assert "spans" not in grade_answer(WHEN, answer, GLOSSARY)


def test_without_hits_nothing_was_retrieved() -> None:
    measures = grade(WHEN, replace(make_refusal("When?"), hits=()))

    assert [measures[name] for name in ("recall@5", "MRR@10", "nDCG@10")] == [0, 0, 0]


def test_a_set_without_accepted_answers_has_no_value() -> None:
    measures = grade(replace(WHEN, accept=()), state("May 18, 2021", (BRIDGE_ZH, OPENED)))

    assert {"value", "exact match", "F1"}.isdisjoint(measures)
    assert measures["document"] == 1


def test_a_set_that_names_documents_alone_has_no_gold_citations() -> None:
    question = replace(WHEN, evidence=(Evidence(BRIDGE_ZH.id),))

    measures = grade(question, state("May 18, 2021", (BRIDGE_ZH, OPENED)))

    assert {"gold citation recall", "gold citation precision"}.isdisjoint(measures)
    assert measures["recall@5"] == 1


@pytest.mark.parametrize(
    ("gold", "document", "text", "holds"),
    [
        (Evidence("a", "bcd"), "a", "abcde", True),
        (Evidence("a", "abcde"), "a", "bcd", True),
        (Evidence("a", "bcd"), "b", "abcde", False),
        (Evidence("a", "bcd"), "a", "abxde", False),
        (Evidence("a"), "a", "anything", True),
    ],
)
def test_a_span_tells_what_stands_in_it_or_around_it(
    gold: Evidence, document: str, text: str, holds: bool
) -> None:
    assert holds_evidence(gold, document, text) is holds


def test_retrieval_is_measured_over_the_pieces_of_evidence() -> None:
    evidence = (Evidence("a", "one"), Evidence("b", "two"))
    hits = make_hits(("c", "one"), ("a", "x one y"), ("a", "one"), ("b", "two"))

    measures = grade_hits(evidence, hits)

    # passages of the same piece of evidence count once: other, one, two
    assert measures["recall@5"] == 1
    assert measures["MRR@10"] == 0.5
    best = 1 + 1 / log2(3)
    assert measures["nDCG@10"] == pytest.approx((1 / log2(3) + 1 / log2(4)) / best)


def test_evidence_below_the_fifth_passage_is_not_among_the_first_five() -> None:
    hits = make_hits(*(("c", "no") for _ in range(5)), ("a", "one"))

    measures = grade_hits((Evidence("a", "one"),), hits)

    assert measures["recall@5"] == 0
    assert measures["MRR@10"] == pytest.approx(1 / 6)


def test_grades_weigh_the_evidence() -> None:
    evidence = (Evidence("a", "", 1.0), Evidence("b", "", 3.0))

    worse = grade_hits(evidence, make_hits(("a", "x"), ("b", "y")))
    better = grade_hits(evidence, make_hits(("b", "y"), ("a", "x")))

    assert better["nDCG@10"] == 1
    assert worse["nDCG@10"] == pytest.approx((1 + 3 / log2(3)) / (3 + 1 / log2(3)))


def test_a_leg_is_measured_by_its_own_ranks() -> None:
    texts = [("a", "one"), *(("c", f"no {n}") for n in range(6))]
    last = grade_hits((Evidence("a", "one"),), make_hits(*texts, dense=(9, 1, 2, 3, 4, 5, 6)))
    first = grade_hits((Evidence("a", "one"),), make_hits(*texts, dense=(1, 2, 3, 4, 5, 6, 7)))
    missed = grade_hits((Evidence("a", "one"),), make_hits(*texts, dense=(None, *range(1, 7))))

    assert (last["recall@5"], last["dense recall@5"]) == (1, 0)
    assert first["dense recall@5"] == 1
    assert missed["dense recall@5"] == 0
    assert "lexical recall@5" not in first


def test_a_question_that_failed_is_wrong_where_it_could_be_right() -> None:
    bare = replace(WHEN, accept=())
    differing = replace(WHEN, conflict=(("1",), ("2",)))

    assert grade_failure(UNTOLD) == {"refused": 0}
    assert grade_failure(bare) == dict.fromkeys(("document", "recall@5", "MRR@10", "nDCG@10"), 0.0)
    assert grade_failure(differing) == dict.fromkeys(
        ("document", "recall@5", "MRR@10", "nDCG@10", "value", "exact match", "F1", "conflict"), 0.0
    )
