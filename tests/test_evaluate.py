"""Every question is asked as a reader would, in its conversation; what fails is counted."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.gloss import Glossary
from eval.evaluate import Ask, ask_all, evaluate, make_get_document, takes_previous
from eval.questions import Evidence, Question
from eval.records import Found, Record
from rag.types import Answer
from tests.fake_index import make_document, open_index, open_writer, put_file, write_index
from tests.fakes import (
    BRIDGE_EN,
    BRIDGE_ZH,
    BROKEN,
    FOLLOW_UP,
    MUSEUM_EN,
    MUSEUM_ZH,
    REFUSED_EN,
    WHEN_EN,
    fake_ask,
)

GLOSSARY = Glossary({"大桥": ("bridge",)})
DOCUMENTS = {d.id: d for d in (BRIDGE_ZH, BRIDGE_EN, MUSEUM_ZH, MUSEUM_EN)}
OPENED = Question(
    "opened", WHEN_EN, "en", "date", True, (("2021-05-18",),),
    (Evidence(BRIDGE_ZH.id, "临河大桥正式通车"),),
)  # fmt: skip
LONG = Question(
    "long", FOLLOW_UP, "en", "measure", True, (("3.2 km",),),
    (Evidence(BRIDGE_ZH.id, "大桥全长3.2公里"),), previous=("What is the bridge?", WHEN_EN),
)  # fmt: skip
UNTOLD = Question("untold", REFUSED_EN, "en", "person", False)


def ask_one(ask: Ask, question: Question) -> Record:
    (record,) = ask_all(ask, [question], glossary=GLOSSARY, get_document=DOCUMENTS.get)
    return record


def test_a_question_is_recorded_with_answer_hits_and_measures() -> None:
    record = ask_one(fake_ask, OPENED)

    assert record.answer == replace(fake_ask(WHEN_EN), hits=())
    assert record.measures["value"] == record.measures["document"] == record.measures["spans"] == 1
    assert record.found[0] == Found(
        f"{BRIDGE_ZH.id}#0", BRIDGE_ZH.id, 1, {"dense": 4, "gloss": 1}, tells=True
    )
    assert [found.tells for found in record.found] == [True, False, False, False]
    assert (record.pair, record.error) == ("en-zh", "")
    assert 0 < record.seconds < 10


def test_a_follow_up_is_asked_in_its_conversation() -> None:
    asked: list[tuple[str, str | None]] = []

    def ask(question: str, previous: Answer | None = None) -> Answer:
        asked.append((question, previous.question if previous else None))
        return fake_ask(question, previous)

    record = ask_one(ask, LONG)

    assert asked == [
        ("What is the bridge?", None), (WHEN_EN, "What is the bridge?"), (FOLLOW_UP, WHEN_EN)
    ]  # fmt: skip
    assert record.measures["value"] == 1


def test_each_question_begins_a_conversation_of_its_own() -> None:
    last = replace(LONG, id="alone", previous=())

    records = list(ask_all(fake_ask, [LONG, last], glossary=GLOSSARY))

    assert [record.measures["falsely refused"] for record in records] == [0, 1]


def test_a_system_with_one_argument_gets_the_last_question_alone() -> None:
    asked: list[str] = []

    def ask(question: str) -> Answer:
        asked.append(question)
        return fake_ask(question)

    record = ask_one(ask, LONG)

    assert asked == [FOLLOW_UP]
    assert record.measures["falsely refused"] == 1


@pytest.mark.parametrize("turn", [0, 1])
def test_what_a_system_raises_is_counted_as_an_error(turn: int) -> None:
    previous = (BROKEN,) if turn == 0 else (WHEN_EN,)
    question = replace(LONG, previous=previous, question=BROKEN if turn else FOLLOW_UP)

    record = ask_one(fake_ask, question)

    assert record.answer is None
    assert record.error.startswith("RuntimeError: cannot open")
    assert record.measures["value"] == record.measures["recall@5"] == 0
    assert record.found == ()
    assert record.pair == "en-zh"


def test_a_run_goes_on_after_an_error() -> None:
    broken = replace(UNTOLD, id="broken", question=BROKEN)

    report = evaluate(fake_ask, [OPENED, broken, UNTOLD], glossary=GLOSSARY, name="fake")

    assert report.name == "fake"
    assert report.errors == 1
    assert [record.question.id for record in report.records] == ["opened", "broken", "untold"]
    assert report.parts["all"]["refused"].value == 0.5  # an error is no refusal


def test_what_stops_a_person_stops_a_run() -> None:
    def ask(question: str) -> Answer:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask_one(ask, OPENED)


def test_questions_are_asked_only_when_their_records_are_wanted() -> None:
    asked: list[str] = []

    def ask(question: str) -> Answer:
        asked.append(question)
        return fake_ask(question)

    records = ask_all(ask, [OPENED, UNTOLD], glossary=GLOSSARY)
    next(records)

    assert asked == [WHEN_EN]


def test_progress_is_told_after_each_question() -> None:
    told: list[tuple[int, int]] = []

    evaluate(
        fake_ask, [OPENED, UNTOLD], glossary=GLOSSARY,
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip

    assert told == [(1, 2), (2, 2)]


def test_a_set_without_questions_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing to report"):
        evaluate(fake_ask, [], glossary=GLOSSARY)


@pytest.mark.parametrize(
    ("evidence", "pair"),
    [
        ((Evidence(BRIDGE_ZH.id),), "en-zh"),
        ((Evidence(BRIDGE_EN.id), Evidence(MUSEUM_EN.id)), "en-en"),
        ((Evidence(BRIDGE_EN.id), Evidence(MUSEUM_ZH.id)), "en-mixed"),
        ((Evidence("gone.txt", "大桥全长3.2公里"),), "en-zh"),
        ((Evidence("gone.txt"),), "en-none"),
        ((), "en-none"),
    ],
)
def test_a_pair_is_the_language_asked_in_and_that_of_the_documents_that_tell(
    evidence: tuple[Evidence, ...], pair: str
) -> None:
    question = replace(OPENED, evidence=evidence)

    assert ask_one(fake_ask, question).pair == pair


def test_a_quote_tells_the_language_where_documents_cannot_be_read() -> None:
    (record,) = ask_all(fake_ask, [OPENED], glossary=GLOSSARY)

    assert record.pair == "en-zh"
    assert "spans" not in record.measures


class Talker:
    """A system that is an object, as an `Answerer` is."""

    def __call__(self, question: str, previous: Answer | None = None) -> Answer:
        return fake_ask(question, previous)

    def alone(self, question: str, *, depth: int = 3) -> Answer:
        return fake_ask(question)


@pytest.mark.parametrize(
    ("ask", "takes"),
    [
        (fake_ask, True), (Talker(), True), (Talker().alone, False), (lambda q: fake_ask(q), False),
        (lambda q, /, p=None: fake_ask(q, p), True), (lambda q, **rest: fake_ask(q), False),
    ],
)  # fmt: skip
def test_a_system_converses_if_it_takes_a_second_argument(ask: Ask, takes: bool) -> None:
    assert takes_previous(ask) is takes


def test_documents_are_read_from_an_index_as_it_is_at_the_time(tmp_path: Path) -> None:
    path = write_index(tmp_path / "index.db", {"a.txt": "The bridge opened."})

    with closing(open_index(path)) as index:
        get_document = make_get_document(index)
        before = get_document("a.txt"), get_document("b.txt")
        with open_writer(path) as writer:
            put_file(writer, "b.txt", "大桥通车。")
        after = get_document("b.txt")

    assert before == (make_document("a.txt", "The bridge opened.")[0], None)
    assert after == make_document("b.txt", "大桥通车。")[0]
