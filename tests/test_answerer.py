"""A whole turn: follow-ups, typos, sources that differ, copies, and a language model.

Retrieval and reading are real; probabilities are given by hand, so that weights may be fitted anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from rag.assemble import draft_findings
from rag.config import Settings
from rag.errors import QuestionError
from rag.pipeline import Answerer, build_index
from rag.search import Findings
from rag.types import Answer
from tests.fake_encoder import HashingEncoder
from tests.fake_language_model import FakeLanguageModel

ENCODER = HashingEncoder()
TEXTS = {
    "bridge.txt": "临河大桥于2021年5月18日通车。大桥全长3.2公里，是当地最长的桥。\n",
    "guide.txt": "The Linhe Bridge opened to traffic on May 18, 2021. It is 3.2 km long.\n",
    "salt.md": "# Salt\n\nThe salt museum opened in 1998. It expects 60,000 visitors a year.\n",
}
DIFFER_EN = {
    "north.md": "# Linhe News\n\nPublished: 2021-05-19\n\nThe tea museum opened on May 18, 2021. "
    "Four hundred guests drank tea on the first day.\n",
    "south.md": "# River Post\n\nThe tea museum opened on June 1, 2021. "
    "It has three floors and a garden behind the house.\n",
}
DIFFER_ZH = {
    "north.md": "# 临河新闻\n\n发布时间：2021-05-19\n\n茶叶博物馆于2021年5月18日开馆。"
    "首日有四百名客人前来品茶。\n",
    "south.md": "# 河岸日报\n\n茶叶博物馆于2021年6月1日开馆。馆内有三层楼和一座花园。\n",
}
WHEN_EN, WHEN_ZH = "When did the tea museum open?", "茶叶博物馆什么时候开馆？"


class LevelAnswerer(Answerer):
    """Takes a value for as probable as the share of the question that its sentence covers."""

    def find(self, text: str, previous: Answer | None = None) -> Findings:
        findings = super().find(text, previous)
        options = [
            replace(option, probability=option.reading.whole * (0.6 if option.candidate else 0.1))
            for option in findings.options
        ]
        ordered = sorted(options, key=lambda option: -option.probability)
        return replace(findings, options=tuple(ordered))


@contextmanager
def open_answerer(root: Path, texts: Mapping[str, str]) -> Iterator[Answerer]:
    folder = root / "documents"
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    settings = Settings(index=root / "index")
    build_index(folder, settings=settings, encoder=ENCODER)
    answerer = LevelAnswerer(settings, encoder=ENCODER)
    yield answerer
    answerer.index.close()


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answerer]:
    with open_answerer(tmp_path_factory.mktemp("corpus"), TEXTS) as made:
        yield made


@pytest.mark.parametrize(
    ("first", "second", "rewritten", "value"),
    [
        (
            "When did the Linhe Bridge open?",
            "How long is it?",
            "How long is the Linhe Bridge?",
            "3.2 km",
        ),
        ("临河大桥什么时候通车？", "它有多长？", "临河大桥有多长？", "3.2公里"),
    ],
)
def test_a_follow_up_is_answered_from_the_documents_and_shows_what_was_asked(
    first: str, second: str, rewritten: str, value: str, answerer: Answerer
) -> None:
    previous = answerer(first)
    answer = answerer(second, previous)

    assert previous.rewritten == ""
    assert (answer.question, answer.rewritten) == (second, rewritten)
    assert answer.statements[0].text.startswith(value)
    assert answer.text == replace(answerer(rewritten), question=second).text


def test_a_question_that_stands_alone_takes_nothing_from_the_turn_before(
    answerer: Answerer,
) -> None:
    previous = answerer("When did the Linhe Bridge open?")
    answer = answerer("When did the salt museum open?", previous)

    assert answer == answerer("When did the salt museum open?")
    assert (answer.rewritten, answer.statements[0].text) == ("", "1998")


@pytest.mark.parametrize(
    ("question", "rewritten", "value"),
    [
        ("When did the Linhe Brigde open?", "When did the Linhe Bridge open?", "May 18, 2021"),
        ("Wehn did the salt museum open?", "When did the salt museum open?", "1998"),
    ],
)
def test_a_typo_is_mended_and_shown(
    question: str, rewritten: str, value: str, answerer: Answerer
) -> None:
    answer = answerer(question)

    assert (answer.question, answer.rewritten) == (question, rewritten)
    assert answer.statements[0].text == value


@pytest.mark.parametrize(
    ("question", "texts", "values", "sentence"),
    [
        (
            WHEN_EN,
            DIFFER_EN,
            {"May 18, 2021", "June 1, 2021"},
            ("Sources differ: ", "May 18, 2021 (Linhe News, 2021-05-19)",
             "June 1, 2021 (River Post, undated)"),
        ),
        (
            WHEN_ZH,
            DIFFER_ZH,
            {"2021年5月18日", "2021年6月1日"},
            ("各处说法不一：", "2021年5月18日（临河新闻，2021-05-19）",
             "2021年6月1日（河岸日报，未注明日期）"),
        ),
        (
            WHEN_EN,
            DIFFER_ZH,
            {"May 18, 2021", "June 1, 2021"},
            ("Sources differ: ", "May 18, 2021 (临河新闻, 2021-05-19)",
             "June 1, 2021 (河岸日报, undated)"),
        ),
        (
            WHEN_ZH,
            DIFFER_EN,
            {"2021年5月18日", "2021年6月1日"},
            ("各处说法不一：", "2021年5月18日（Linhe News，2021-05-19）",
             "2021年6月1日（River Post，未注明日期）"),
        ),
    ],
    ids=["en-en", "zh-zh", "en-zh", "zh-en"],
)  # fmt: skip
def test_sources_that_differ_are_laid_side_by_side_with_their_dates(
    question: str,
    texts: Mapping[str, str],
    values: set[str],
    sentence: tuple[str, ...],
    tmp_path: Path,
) -> None:
    with open_answerer(tmp_path, texts) as made:
        answer = made(question)

    (conflict,) = answer.conflicts
    assert {value.text for value in conflict.values} == values
    assert {value.quotes[0].document_id for value in conflict.values} == set(texts)
    assert {c.quote.document_id for c in answer.citations} == set(texts)
    told = next(s.text for s in answer.statements if s.text.startswith(sentence[0]))
    assert all(part in told for part in sentence)
    assert conflict.values[0] == answer.statements[0]


def test_copies_of_one_report_count_as_one_voice(tmp_path: Path) -> None:
    north = DIFFER_EN["north.md"]
    copied = north.replace("# Linhe News", "# What a day for tea") + "Photo: Ann Reed.\n"
    other = "# River Post\n\nMay 18, 2021 was when the tea museum opened its doors at noon.\n"
    with open_answerer(tmp_path / "one", {"north.md": north}) as made:
        alone = made(WHEN_EN)
    with open_answerer(tmp_path / "copy", {"north.md": north, "copy.md": copied}) as made:
        twice = made(WHEN_EN)
    with open_answerer(tmp_path / "two", {"north.md": north, "other.md": other}) as made:
        both = made(WHEN_EN)

    assert twice.probability == pytest.approx(alone.probability)
    assert {c.quote.document_id for c in twice.citations} == {"north.md", "copy.md"}
    assert len(twice.statements) == len(alone.statements) == 2  # the value, and one proof for both
    assert both.probability > alone.probability
    assert len(both.statements) == 3


def test_a_copy_with_another_date_does_not_contradict_its_original(tmp_path: Path) -> None:
    """A report that was corrected is one voice with its older text."""
    report = DIFFER_EN["north.md"].replace("18, 2021. ", "18, 2021, as the mayor had promised. ")
    texts = {"a.md": report, "b.md": report.replace("May 18", "May 19")}
    with open_answerer(tmp_path, texts) as made:
        assert made(WHEN_EN).conflicts == ()


def test_a_search_gives_the_passages_that_the_answer_was_looked_for_in(answerer: Answerer) -> None:
    question = "When did the Linhe Bridge open?"

    hits = answerer.search(question).hits

    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert hits == answerer(question).hits
    with pytest.raises(QuestionError, match="the question holds no words"):
        answerer.search(" ?")


def test_without_a_language_model_there_is_one_answer_and_it_is_that_of_the_call(
    answerer: Answerer,
) -> None:
    for question in ("When did the Linhe Bridge open?", "Who is the king of Spain?"):
        (only,) = answerer.stream(question)

        assert only == answerer(question)
        assert only.seconds > 0


@pytest.fixture
def modeled(answerer: Answerer) -> Iterator[Answerer]:
    answerer.model = FakeLanguageModel(
        "The Linhe Bridge opened on May 18, 2021 [S1]. ",
        "It was painted red in 1950 [S1]. ",
        "It opened to traffic in 2021 [S1]. ",
    )
    yield answerer
    answerer.model = None


def test_the_answer_of_a_language_model_grows_and_its_last_is_that_of_the_call(
    modeled: Answerer,
) -> None:
    question = "When did the Linhe Bridge open?"
    grown = list(modeled.stream(question))

    said = ["The Linhe Bridge opened on May 18, 2021.", "It opened to traffic in 2021."]
    assert [[s.text for s in a.statements] for a in grown] == [said[:1], said, said]
    assert [answer.dropped for answer in grown] == [0, 1, 1]
    assert {answer.model for answer in grown} == {"fake"}
    assert grown[-1] == modeled(question)
    assert "May 18, 2021" in grown[-1].citations[0].quote.text


def test_a_language_model_is_asked_the_question_that_was_searched_for(modeled: Answerer) -> None:
    answer = modeled("When did the Linhe Brigde open?")

    assert isinstance(modeled.model, FakeLanguageModel)
    [((_, asked), _)] = modeled.model.asked
    assert asked.content.endswith("Question: When did the Linhe Bridge open?")
    assert answer.model == "fake"


def test_what_the_documents_do_not_tell_is_refused_before_a_model_is_asked(
    modeled: Answerer,
) -> None:
    (answer,) = modeled.stream("谁是西班牙国王？")

    assert isinstance(modeled.model, FakeLanguageModel)
    assert modeled.model.asked == []
    assert (answer.found, answer.model, answer.note) == (False, "", "")


def test_warming_up_asks_no_language_model(modeled: Answerer) -> None:
    """It sent sentences of the documents to the server before anybody had asked."""
    modeled.warm_up()

    assert isinstance(modeled.model, FakeLanguageModel)
    assert modeled.model.asked == []


def test_what_is_lent_never_makes_a_question_too_long(tmp_path: Path) -> None:
    with open_answerer(tmp_path, TEXTS) as made:
        made.settings = made.settings.model_copy(update={"max_question_chars": 24})
        first = made("linhe bridge length")

        second = made("and when did it open?", first)

    assert second.rewritten == ""


def test_a_language_model_is_no_reason_to_keep_quiet_about_a_conflict(tmp_path: Path) -> None:
    with open_answerer(tmp_path, DIFFER_EN) as made:
        made.model = FakeLanguageModel("The tea museum opened on May 18, 2021 [S1][S2]. ")
        answer = made(WHEN_EN)

    assert answer.model == "fake"
    assert [len(conflict.values) for conflict in answer.conflicts] == [2]
    assert "Sources differ" in answer.statements[1].text


def test_a_question_for_several_things_is_answered_by_the_whole_list(tmp_path: Path) -> None:
    """Which halls there are was answered by the first one."""
    rows = [f"The hall of tea number {n}" for n in range(1, 8)]
    text = "The tea museum has seven halls:\n\n" + "\n".join(f"- {row}" for row in rows)
    with open_answerer(tmp_path, {"halls.md": f"# About\n\n{text}\n\nIt is open.\n"}) as made:
        question = "Which halls does the tea museum have?"
        assembler, draft = draft_findings(
            question, made.find(question), made.glossary, max_quotes=3
        )

    assert draft is not None
    answer = assembler.quote(draft)
    assert [s.text.strip("“”") for s in answer.statements][-7:] == rows
    assert all(len(statement.quotes) == 1 for statement in answer.statements)
