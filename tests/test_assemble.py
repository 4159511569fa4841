"""A statement stands in the answer only if its quotes hold it, and each quote is cited once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from embeddings.gloss import Glossary
from rag.assemble import Assembler
from rag.compose import Draft
from rag.types import Answer, Conflict, Document, Evidence, GlossedWord, Language, Statement
from tests.fake_evidence import make_document, make_evidence

BRIDGE = make_document("bridge", "大桥于2021年5月18日通车。\n大桥全长3.2公里。", date(2021, 5, 19))
GUIDE = make_document("guide", "The bridge opened on June 1, 2021.\nWalkers use the eastern side.")
BRIDGE_EVIDENCE, GUIDE_EVIDENCE = make_evidence(BRIDGE), make_evidence(GUIDE)
QUESTIONS: dict[Language, str] = {
    "en": "When did the bridge open?",
    "zh": "大桥什么时候通车？",
}


def say(text: str, *evidence: Evidence) -> Statement:
    return Statement(text, tuple(item.quote for item in evidence))


MAY_PROOF = say("「大桥于2021年5月18日通车。」", BRIDGE_EVIDENCE[0])
JUNE_PROOF = say("“The bridge opened on June 1, 2021.”", GUIDE_EVIDENCE[0])


def assemble(
    glossary: Glossary, language: Language = "en", documents: Sequence[Document] = (BRIDGE, GUIDE)
) -> Assembler:
    evidence = [item for document in documents for item in make_evidence(document)]
    return Assembler(
        question=QUESTIONS[language],
        language=language,
        rewritten="and then?",
        hits=tuple(dict.fromkeys(item.hit for item in evidence)),
        evidence=evidence,
        documents={document.id: document for document in documents},
        probability=0.5,
        glossary=glossary,
    )


def draft(*statements: Statement) -> Draft:
    return Draft(statements, (), (), 0.5, sure=True)


def draft_conflict(*values: Statement) -> Draft:
    return Draft((values[0], MAY_PROOF), (Conflict(values),), (JUNE_PROOF,), 0.5, sure=True)


def test_what_the_quotes_hold_is_said_and_cited_in_reading_order(glossary: Glossary) -> None:
    value = say("May 18, 2021", BRIDGE_EVIDENCE[0])
    walkers = say("“Walkers use the eastern side.”", GUIDE_EVIDENCE[1])
    length = say("「大桥全长3.2公里。」", BRIDGE_EVIDENCE[1])
    answer = assemble(glossary).quote(draft(value, walkers, MAY_PROOF, length))

    assert answer.statements == (value, walkers, MAY_PROOF, length)
    assert [(c.number, c.quote.document_id, c.quote.text) for c in answer.citations] == [
        (1, "bridge", "大桥于2021年5月18日通车。"),
        (2, "guide", "Walkers use the eastern side."),
        (3, "bridge", "大桥全长3.2公里。"),
    ]
    assert answer.text.splitlines() == [
        "May 18, 2021 [1]",
        "“Walkers use the eastern side.” [2]",
        "「大桥于2021年5月18日通车。」 [1]",
        "「大桥全长3.2公里。」 [3]",
    ]
    assert (answer.found, answer.dropped, answer.note, answer.model) == (True, 0, "", "")


def test_what_an_answer_is_given_to_keep_is_kept(glossary: Glossary) -> None:
    made = assemble(glossary)
    for answer in (made.quote(draft(MAY_PROOF), note="Slow."), made.refuse(note="Slow.")):
        assert (answer.question, answer.language) == (QUESTIONS["en"], "en")
        assert (answer.rewritten, answer.probability, answer.note) == ("and then?", 0.5, "Slow.")
        assert [hit.passage.document_id for hit in answer.hits] == ["bridge", "guide"]


def test_what_the_quotes_do_not_hold_is_dropped_and_counted(glossary: Glossary) -> None:
    wrong = say("May 19, 2021", BRIDGE_EVIDENCE[0])
    answer = assemble(glossary).quote(draft(wrong, MAY_PROOF), dropped=2)

    assert answer.statements == (MAY_PROOF,)
    assert answer.dropped == 3
    assert [c.quote for c in answer.citations] == [BRIDGE_EVIDENCE[0].quote]


@pytest.mark.parametrize(
    ("language", "refusal"), [("en", "The documents do not say."), ("zh", "文档中没有提到。")]
)
def test_nothing_that_holds_is_a_refusal_that_counts(
    language: Language, refusal: str, glossary: Glossary
) -> None:
    wrong = say("May 19, 2021", BRIDGE_EVIDENCE[0])
    answer = assemble(glossary, language).quote(draft(wrong, wrong), dropped=1, note="Slow.")

    assert (answer.found, answer.text, answer.refusal) == (False, refusal, refusal)
    assert (answer.statements, answer.citations, answer.conflicts) == ((), (), ())
    assert (answer.dropped, answer.note) == (3, "Slow.")


@pytest.mark.parametrize(
    ("language", "values", "sentence"),
    [
        (
            "en",
            ("May 18, 2021", "June 1, 2021"),
            "Sources differ: May 18, 2021 (About bridge, 2021-05-19); "
            "June 1, 2021 (About guide, undated).",
        ),
        (
            "zh",
            ("2021年5月18日", "2021年6月1日"),
            "各处说法不一：2021年5月18日（About bridge，2021-05-19）；"
            "2021年6月1日（About guide，未注明日期）。",
        ),
    ],
)
def test_a_conflict_is_told_with_titles_and_dates_and_then_proved(
    language: Language, values: tuple[str, str], sentence: str, glossary: Glossary
) -> None:
    may, june = say(values[0], BRIDGE_EVIDENCE[0]), say(values[1], GUIDE_EVIDENCE[0])
    answer = assemble(glossary, language).quote(draft_conflict(may, june))

    assert answer.conflicts == (Conflict((may, june)),)
    assert [s.text for s in answer.statements] == [
        values[0],
        MAY_PROOF.text,
        sentence,
        JUNE_PROOF.text,
    ]
    assert answer.text.splitlines()[2] == f"{sentence} [1][2]"
    assert [c.quote.document_id for c in answer.citations] == ["bridge", "guide"]
    assert answer.dropped == 0


def test_a_conflict_whose_other_value_does_not_hold_is_none(glossary: Glossary) -> None:
    may, wrong = say("May 18, 2021", BRIDGE_EVIDENCE[0]), say("June 2, 2021", GUIDE_EVIDENCE[0])
    answer = assemble(glossary).quote(draft_conflict(may, wrong))

    assert answer.conflicts == ()
    assert answer.statements == (may, MAY_PROOF)
    assert [c.quote.document_id for c in answer.citations] == ["bridge"]


def test_of_three_values_the_two_that_hold_conflict(glossary: Glossary) -> None:
    may, june = say("May 18, 2021", BRIDGE_EVIDENCE[0]), say("June 1, 2021", GUIDE_EVIDENCE[0])
    wrong = say("July 1, 2021", BRIDGE_EVIDENCE[1])
    answer = assemble(glossary).quote(draft_conflict(may, wrong, june))

    assert answer.conflicts == (Conflict((may, june)),)
    assert "July" not in answer.text


def test_only_a_quote_in_the_other_language_is_glossed(glossary: Glossary) -> None:
    both = draft(MAY_PROOF, JUNE_PROOF)
    zh, en = assemble(glossary, "en").quote(both).citations
    own_zh, other_en = assemble(glossary, "zh").quote(both).citations

    assert GlossedWord(3, 13, "May 18, 2021") in zh.gloss
    assert (en.gloss, own_zh.gloss) == ((), ())
    start = JUNE_PROOF.text.index("June") - 1  # behind the mark that opens the quote
    assert GlossedWord(start, start + len("June 1, 2021"), "2021年6月1日") in other_en.gloss


def test_a_language_model_is_named_and_its_statements_stand(glossary: Glossary) -> None:
    told = say("It opened in May.", BRIDGE_EVIDENCE[0])
    answer = assemble(glossary).state([told], model="fake", dropped=4, note="Slow.")

    assert answer.statements == (told,)
    assert (answer.found, answer.model, answer.dropped, answer.note) == (True, "fake", 4, "Slow.")
    assert [c.quote for c in answer.citations] == [BRIDGE_EVIDENCE[0].quote]


def answer_beside(chinese: Document, value: str, glossary: Glossary) -> Answer:
    """The answer to when the Linhe Bridge opened, and another value that a Chinese report gives."""
    bridge = make_document("bridge-en", "The Linhe Bridge opened on May 18, 2021.")
    first = say("May 18, 2021", make_evidence(bridge)[0])
    other = say(value, make_evidence(chinese)[0])
    assembler = replace(
        assemble(glossary, documents=(bridge, chinese)),
        question="When did the Linhe Bridge open?",
        rewritten="",
    )
    return assembler.quote(Draft((first,), (Conflict((first, other)),), (), 0.5, sure=True))


def test_another_thing_in_the_other_language_is_no_conflict(glossary: Glossary) -> None:
    """The museum of the same town was laid beside the bridge, since both opened in May."""
    museum = make_document("museum", "临河博物馆于2023年5月18日开放。")

    answer = answer_beside(museum, "May 18, 2023", glossary)

    assert answer.conflicts == ()
    assert len(answer.statements) == 1


def test_the_same_thing_in_the_other_language_is(glossary: Glossary) -> None:
    report = make_document("bridge-zh", "临河大桥于2021年5月20日正式通车。")

    answer = answer_beside(report, "May 20, 2021", glossary)

    assert len(answer.conflicts) == 1
    assert "May 20, 2021 (About bridge-zh, undated)" in answer.statements[1].text


def test_a_conflict_falls_with_the_value_of_the_answer(glossary: Glossary) -> None:
    """Two rivals were told as differing when what they differ from had been left out."""
    invented = say("May 19, 2021", BRIDGE_EVIDENCE[0])
    june = say("June 1, 2021", GUIDE_EVIDENCE[0])

    answer = assemble(glossary).quote(draft_conflict(invented, june))

    assert answer.conflicts == ()
    assert answer.dropped == 1


def test_brackets_of_a_title_are_no_citation(glossary: Glossary) -> None:
    noted = replace(GUIDE, title="Notes [2]")
    evidence = make_evidence(noted)
    may, june = say("May 18, 2021", BRIDGE_EVIDENCE[0]), say("June 1, 2021", evidence[0])

    answer = assemble(glossary, documents=(BRIDGE, noted)).quote(
        Draft((may, MAY_PROOF), (Conflict((may, june)),), (), 0.5, sure=True)
    )

    assert not any("[2]" in statement.text for statement in answer.statements)
