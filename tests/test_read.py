"""Question sets are read whole, with the gold their authors define, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.fitting.read import (
    Candidate,
    RetrievalQuestion,
    RetrievalTask,
    Unit,
    read_squad,
    read_xquad_r,
)
from rag.errors import CorpusError
from rag.types import Document, Language

SHARED = Path(__file__).parents[2] / "shared" / "benchmarks"

EN = "Tea is old. It came from E. China."
ZH = "茶很古老。它来自中国。"


def write_json(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def squad(*paragraphs: dict[str, Any], title: str | None = "Tea_drinks") -> dict[str, Any]:
    article: dict[str, Any] = {"paragraphs": list(paragraphs)}
    return {"data": [article if title is None else {**article, "title": title}]}


def asked(id_: str, question: str, *starts: int) -> dict[str, Any]:
    answers = [{"answer_start": start, "text": "?"} for start in starts]
    return {"id": id_, "question": question, "answers": answers}


@pytest.fixture
def xquad(tmp_path: Path) -> Path:
    questions = [asked("q1", "How old?", 7), asked("q2", "Whence?", 25)]
    english = {"context": EN, "qas": questions, "sentence_breaks": [[0, 11], [12, 34]]}
    questions = [asked("q1", "多老？", 1), asked("q2", "来自哪里？", 8)]
    chinese = {
        "context": ZH,
        "qas": questions,
        "sentence_breaks": [[0, 5], [5, 11]],
        "sentences": ["茶很古老。", "它来自中国。"],
    }
    write_json(tmp_path / "en.json", squad(english))
    write_json(tmp_path / "zh.json", squad(chinese))
    return tmp_path


def test_the_gold_is_the_sentence_of_the_document_language_where_the_answer_starts(
    xquad: Path,
) -> None:
    task = read_xquad_r(xquad, questions="en", documents="zh", unit="sentence")

    assert task.documents == (Document("xquad-0", "xquad-0", ZH, "xquad-0", "zh"),)
    assert task.candidates == (
        Candidate("xquad-0:0-5", "xquad-0", 0, 5),
        Candidate("xquad-0:5-11", "xquad-0", 5, 11),
    )
    assert task.questions == (
        RetrievalQuestion("q1", "How old?", frozenset({"xquad-0:0-5"}), ("?",)),
        RetrievalQuestion("q2", "Whence?", frozenset({"xquad-0:5-11"}), ("?",)),
    )
    assert (task.unit, task.question_language, task.document_language) == ("sentence", "en", "zh")


@pytest.mark.parametrize(("documents", "length"), [("en", 34), ("zh", 11)])
def test_paragraphs_have_ids_that_do_not_depend_on_the_language(
    xquad: Path, documents: Language, length: int
) -> None:
    task = read_xquad_r(xquad, questions="zh", documents=documents, unit="paragraph")

    assert task.candidates == (Candidate("xquad-0", "xquad-0", 0, length),)
    assert [question.text for question in task.questions] == ["多老？", "来自哪里？"]
    assert {question.relevant for question in task.questions} == {frozenset({"xquad-0"})}


def test_a_question_that_one_language_lacks_is_named(xquad: Path) -> None:
    write_json(xquad / "en.json", squad({"context": EN, "qas": [asked("q9", "Why?", 1)]}))

    with pytest.raises(CorpusError, match=r"zh\.json' lacks question 'q9'"):
        read_xquad_r(xquad, questions="en", documents="zh", unit="paragraph")


@pytest.mark.parametrize(
    ("paragraph", "words"),
    [
        pytest.param({}, "has no 'sentence_breaks'", id="plain XQuAD"),
        pytest.param({"sentence_breaks": [[0, 5]]}, "question 'q2' is in no sentence", id="short"),
        pytest.param({"sentence_breaks": [5, 11]}, "are not pairs", id="no pairs"),
        pytest.param(
            {"sentence_breaks": [[0, 4], [4, 11]], "sentences": ["茶很古老。", "它来自中国。"]},
            "do not cut out the 'sentences'",
            id="other bounds",
        ),
    ],
)
def test_wrong_sentence_bounds_are_told_with_their_place(
    tmp_path: Path, paragraph: dict[str, Any], words: str
) -> None:
    questions = [asked("q1", "多老？", 1), asked("q2", "来自哪里？", 8)]
    write_json(tmp_path / "zh.json", squad({"context": ZH, "qas": questions, **paragraph}))

    with pytest.raises(CorpusError, match=words) as caught:
        read_xquad_r(tmp_path, questions="zh", documents="zh", unit="sentence")
    assert "zh.json" in str(caught.value)


def test_equal_paragraphs_are_one_document_that_answers_all_their_questions(tmp_path: Path) -> None:
    file = {
        "data": squad(
            {"context": EN, "qas": [asked("q1", "How old?", 7)]},
            {"context": "Coffee is older.", "qas": [asked("q2", "Older?", 0, 3)]},
        )["data"]
        + squad({"context": EN, "qas": [asked("q3", "Whence?", 25)]}, title=None)["data"]
    }

    task = read_squad(write_json(tmp_path / "dev.json", file))

    assert [(d.id, d.title, d.text) for d in task.documents] == [
        ("dev-0", "Tea drinks", EN),
        ("dev-1", "Tea drinks", "Coffee is older."),
    ]
    assert [(q.id, set(q.relevant)) for q in task.questions] == [
        ("q1", {"dev-0"}),
        ("q2", {"dev-1"}),
        ("q3", {"dev-0"}),
    ]
    assert task.unit == "paragraph"


def test_an_article_without_a_title_goes_by_its_id(tmp_path: Path) -> None:
    file = squad({"context": EN, "qas": [asked("q1", "How old?", 7)]}, title=None)

    assert read_squad(write_json(tmp_path / "dev.json", file)).documents[0].title == "dev-0"


def test_questions_without_an_answer_are_counted_not_asked(tmp_path: Path) -> None:
    file = squad({"context": EN, "qas": [asked("q1", "How old?", 7), asked("q2", "Who?")]})

    task = read_squad(write_json(tmp_path / "dev.json", file))

    assert [question.id for question in task.questions] == ["q1"]
    assert task.unanswerable == 1


def test_an_unknown_answer_place_does_not_matter_for_paragraphs(tmp_path: Path) -> None:
    """CMRC 2018 marks an answer that it could not find again by -1; reading it failed."""
    file = squad({"context": ZH, "qas": [asked("q1", "多老？", -1)]})

    task = read_squad(write_json(tmp_path / "dev.json", file))

    assert task.questions == (RetrievalQuestion("q1", "多老？", frozenset({"dev-0"}), ("?",)),)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [(EN, None, "en"), (ZH, None, "zh"), ("小米SU7 Ultra上市", None, "zh"), (EN, "zh", "zh")],
)
def test_the_language_is_read_from_the_paragraphs_unless_it_is_given(
    tmp_path: Path, text: str, language: Language | None, expected: Language
) -> None:
    file = squad({"context": text, "qas": [asked("q1", "?", 0)]})

    task = read_squad(write_json(tmp_path / "dev.json", file), language=language)

    assert task.question_language == expected
    assert task.documents[0].language == expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "has no 'data'"),
        ({"data": []}, "holds no paragraph"),
        ({"data": [{"title": "x"}]}, "article 1 has no 'paragraphs'"),
        (squad({"qas": []}), "article 1, paragraph 1 has no 'context'"),
        (squad({"context": " ", "qas": []}), "paragraph 1: the 'context' is empty"),
        (squad({"context": EN}), "paragraph 1 has no 'qas'"),
        (squad({"context": EN, "qas": [{"id": "q"}]}), "question 1 has no 'question'"),
        (squad({"context": EN, "qas": [{"id": "q", "question": "?"}]}), "has no 'answers'"),
        (squad({"context": EN, "qas": [asked("q", "?"), asked("r", "?")]}), "nothing to measure"),
        (squad({"context": EN, "qas": [asked("q", "?", 0)] * 2}), "two questions with the id 'q'"),
    ],
)
def test_a_file_in_another_format_is_told_what_it_lacks(
    tmp_path: Path, content: object, words: str
) -> None:
    with pytest.raises(CorpusError, match=words) as caught:
        read_squad(write_json(tmp_path / "odd.json", content))

    assert "odd.json" in str(caught.value)


def test_a_missing_file_and_one_that_is_not_json_are_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"none\.json' cannot be read: No such file"):
        read_squad(tmp_path / "none.json")

    (tmp_path / "bad.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(CorpusError, match=r"bad\.json' is not JSON in UTF-8"):
        read_squad(tmp_path / "bad.json")


@pytest.mark.parametrize(
    ("candidates", "relevant", "words"),
    [
        ([Candidate("a", "d", 0, 4)], {"a"}, "candidate 'a' is not in its document"),
        ([Candidate("a", "x", 0, 3)], {"a"}, "candidate 'a' is not in its document"),
        ([Candidate("a", "d", 0, 3)] * 2, {"a"}, "share an id"),
        ([Candidate("a", "d", 0, 3)], {"b"}, "no candidate answers question 'q'"),
        ([Candidate("a", "d", 0, 3)], set(), "no candidate answers question 'q'"),
    ],
)
def test_a_task_that_does_not_fit_together_is_not_built(
    candidates: list[Candidate], relevant: set[str], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        RetrievalTask(
            name="t",
            documents=(Document("d", "d", "tea", "d", "en"),),
            candidates=tuple(candidates),
            questions=(RetrievalQuestion("q", "?", frozenset(relevant)),),
            unit="sentence",
            question_language="en",
            document_language="en",
        )


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public data sets are not beside the checkout")
@pytest.mark.parametrize(
    ("questions", "documents", "unit", "pool"),
    [
        ("en", "zh", "sentence", 1196),
        ("zh", "en", "sentence", 1180),
        ("en", "en", "sentence", 1180),
        ("zh", "zh", "sentence", 1196),
        ("zh", "zh", "paragraph", 240),
    ],
)
def test_the_pools_of_xquad_r_are_those_that_its_authors_publish(
    questions: Language, documents: Language, unit: Unit, pool: int
) -> None:
    task = read_xquad_r(SHARED / "xquad-r", questions=questions, documents=documents, unit=unit)

    assert len(task.candidates) == pool
    assert len(task.questions) == 1190
    assert len(task.documents) == 240


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public data sets are not beside the checkout")
def test_cmrc_dev_has_its_published_size() -> None:
    task = read_squad(SHARED / "cmrc2018" / "dev.json")

    assert (len(task.questions), len(task.documents), task.unanswerable) == (3219, 848, 0)
    assert task.question_language == task.document_language == "zh"
