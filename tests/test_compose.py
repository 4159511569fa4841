"""An answer is the value, then the sentences that prove it, word for word; or there is none.

Probabilities are given by hand where they matter, so that weights may be fitted anew.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date

import pytest

from embeddings.gloss import Glossary
from rag.compose import MOST_VALUES, NO_DOCUMENTS, REFUSALS, Draft, draft_answer, word_conflict
from rag.figures.dates import PartialDate
from rag.judge import read_threshold
from rag.options import Option, list_options
from rag.types import LANGUAGES, Conflict, Document, Language, Statement
from tests.fake_evidence import make_document, make_evidence, read_documents
from tests.fake_options import make_option, make_value_option

BRIDGE = make_document("bridge", "大桥于2021年5月18日通车。\n大桥全长3.2公里。", date(2021, 5, 19))
GUIDE = make_document("guide", "The bridge opened on May 18, 2021.\nWalkers use the eastern side.")
MAY = ("date", PartialDate(2021, 5, 18), None)
JUNE = ("date", PartialDate(2021, 6, 1), None)


def draft(*options: Option, language: Language = "en", max_quotes: int = 3) -> Draft:
    ordered = sorted(options, key=lambda o: -o.probability)
    made = draft_answer(ordered, language, max_quotes=max_quotes)
    assert made is not None
    return made


def make_lines(*texts: str, key: Hashable = None) -> list[Option]:
    """Options of documents d0, d1, ... that hold a sentence each, most probable first."""
    return [
        make_option(make_document(f"d{n}", text), 0, 0.9 - n / 100, key)
        for n, text in enumerate(texts)
    ]


def list_quoted(statements: Sequence[Statement]) -> list[list[str]]:
    return [[quote.document_id for quote in statement.quotes] for statement in statements]


def test_the_value_comes_first_and_then_the_proof_in_the_source_s_own_words() -> None:
    made = draft(make_option(BRIDGE, 0, 0.8, MAY), make_option(BRIDGE, 1, 0.2))

    assert [s.text for s in made.statements] == ["printed bridge", "「大桥于2021年5月18日通车。」"]
    assert made.statements[0].quotes == made.statements[1].quotes
    assert made.probability == pytest.approx(0.8)


def test_where_two_values_of_a_sentence_are_as_probable_the_sentence_is_said() -> None:
    close = draft(make_option(BRIDGE, 0, 0.5, MAY), make_option(BRIDGE, 0, 0.46, JUNE))
    alone = draft(
        make_option(GUIDE, 0, 0.5, MAY),
        make_option(GUIDE, 0, 0.46, JUNE),
        make_option(BRIDGE, 0, 0.45),
        make_option(GUIDE, 0, 0.1),
    )

    assert [s.text for s in close.statements] == ["「大桥于2021年5月18日通车。」"]
    assert close.probability == pytest.approx(0.5)
    assert [s.text for s in alone.statements] == [
        "“The bridge opened on May 18, 2021.”",
        "「大桥于2021年5月18日通车。」",
    ]


def test_a_value_far_behind_leaves_the_first_one_sure() -> None:
    behind = draft(make_option(BRIDGE, 0, 0.5, MAY), make_option(BRIDGE, 0, 0.44, JUNE))
    elsewhere = draft(make_option(BRIDGE, 0, 0.5, MAY), make_option(BRIDGE, 1, 0.49, JUNE))
    twice = draft(make_option(BRIDGE, 0, 0.5, MAY), make_option(BRIDGE, 0, 0.49, MAY))

    assert behind.statements[0].text == "printed bridge"
    assert elsewhere.statements[0].text == "printed bridge"
    assert twice.statements[0].text == "printed bridge"


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
    options = make_lines("大桥五月通车。", "通车在五月。", "五月桥开了。", key=MAY)

    made = draft(*options, max_quotes=2)

    assert [s.text for s in made.statements] == [
        "printed d0",
        "「大桥五月通车。」",
        "「通车在五月。」",
    ]
    assert [q.document_id for q in made.statements[0].quotes] == ["d0", "d1"]


@pytest.mark.parametrize(
    ("max_quotes", "cited"),
    [
        (1, [["d0"]]),
        (2, [["d0"], ["d2"]]),
        (3, [["d0", "d1"], ["d2"]]),
        (9, [["d0", "d1"], ["d2"]]),
    ],
)
def test_sentences_with_words_of_their_own_come_before_copies(
    max_quotes: int, cited: list[list[str]]
) -> None:
    options = make_lines("大桥五月通车。", "大桥五月通车。", "通车在五月。", key=MAY)

    _, *proofs = draft(*options, max_quotes=max_quotes).statements

    assert list_quoted(proofs) == cited


def test_a_copy_that_was_edited_is_quoted_in_its_own_words() -> None:
    """It was cited behind the words of the first: Monday rested on a quote that said Sunday."""
    monday = "The bridge is closed on Monday to walkers."
    sunday = "The bridge is closed on Sunday to walkers."
    longer = "Note: the bridge is closed on Monday to walkers!"

    made = draft(*make_lines(monday, sunday, longer, "Ships need it."), max_quotes=4)

    assert [s.text[1:-1] for s in made.statements] == [monday, sunday, "Ships need it."]
    assert list_quoted(made.statements) == [["d0", "d2"], ["d1"], ["d3"]]


def test_copies_of_one_report_are_no_surer_than_one() -> None:
    copy = make_document("copy", BRIDGE.text)
    made = draft(make_option(BRIDGE, 0, 0.5, MAY), make_option(copy, 0, 0.4, MAY))

    assert made.probability == pytest.approx(0.5)
    assert [q.document_id for q in made.statements[0].quotes] == ["bridge", "copy"]


def test_a_sentence_may_answer_without_a_value() -> None:
    made = draft(
        make_option(BRIDGE, 1, 0.8), make_option(GUIDE, 1, 0.7), make_option(GUIDE, 0, 0.1)
    )

    assert [s.text for s in made.statements] == [
        "「大桥全长3.2公里。」",
        "“Walkers use the eastern side.”",
    ]
    assert made.probability == pytest.approx(0.8)


def test_no_options_give_no_draft() -> None:
    assert draft_answer([], "en") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_is_sure_from_the_threshold_of_its_languages_on(language: Language) -> None:
    for document in (BRIDGE, GUIDE):
        least = read_threshold(language, document.language)

        for key in (MAY, None):
            assert draft(make_option(document, 0, least + 1e-9, key), language=language).sure
            assert not draft(make_option(document, 0, least - 1e-9, key), language=language).sure


def compose(question: str, documents: list[Document], glossary: Glossary) -> Draft:
    asked, readings, by_id = read_documents(question, documents, glossary)
    made = draft_answer(list_options(asked, readings, by_id, glossary), asked.language)
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
    assert made.sure


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


def test_each_language_has_its_refusal() -> None:
    assert set(REFUSALS) == set(NO_DOCUMENTS) == set(LANGUAGES)


RIVER = make_document("river", "Ships pass below.\nThe bridge opened on June 1, 2021.")


def test_a_value_that_contradicts_the_answer_is_laid_beside_it_with_its_proof() -> None:
    may = make_value_option(BRIDGE, "2021年5月18日", 0.6)
    june = make_value_option(RIVER, "June 1, 2021", 0.5)

    made = draft(may, june)

    (conflict,) = made.conflicts
    assert [value.text for value in conflict.values] == ["May 18, 2021", "June 1, 2021"]
    assert [s.text for s in made.statements] == ["May 18, 2021", "「大桥于2021年5月18日通车。」"]
    assert conflict.values[0] == made.statements[0]
    assert [s.text for s in made.proofs] == ["“The bridge opened on June 1, 2021.”"]
    assert made.proofs[0].quotes == conflict.values[1].quotes
    assert made.probability == pytest.approx(0.6)


def test_a_value_that_only_tells_less_is_no_conflict() -> None:
    year = make_document("year", "The bridge opened in 2021.")
    made = draft(
        make_value_option(BRIDGE, "2021年5月18日", 0.6), make_value_option(year, "2021", 0.5)
    )

    assert (made.conflicts, made.proofs) == ((), ())


def test_only_so_many_values_are_laid_side_by_side() -> None:
    options = [
        make_value_option(
            make_document(f"d{n}", f"{word} opened in {2001 + n}."), f"{2001 + n}", 0.9 - n / 100
        )
        for n, word in enumerate("It Bridge They Span Road Pier".split())
    ]

    (conflict,) = draft(*options).conflicts

    assert [value.text for value in conflict.values] == ["2001", "2002", "2003", "2004"]
    assert len(conflict.values) == MOST_VALUES


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Sources differ: May 18 (About bridge, 2021-05-19); June 1 (About river, undated)."),
        (
            "zh",
            "各处说法不一：May 18（About bridge，2021-05-19）；June 1（About river，未注明日期）。",
        ),
    ],
)
def test_a_conflict_names_the_title_and_date_of_each_source(language: Language, words: str) -> None:
    bridge, river = make_evidence(BRIDGE)[0].quote, make_evidence(RIVER)[1].quote
    conflict = Conflict((Statement("May 18", (bridge,)), Statement("June 1", (river, bridge))))

    told = word_conflict(conflict, {"bridge": BRIDGE, "river": RIVER}, language)

    assert told == Statement(words, (bridge, river))
