"""A question set that could mislead is caught, with words that let its author mend it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.checks.check_set import check_questions, check_set, format_check
from eval.questions import Evidence, write_questions
from rag.config import Settings
from rag.errors import CorpusError, IndexMissingError
from rag.pipeline import build_index
from rag.types import Document
from tests.fake_encoder import HashingEncoder
from tests.fake_questions import DOCUMENTS, HOW_LONG, LONG, OPENED, WHEN, WHO, check, list_warnings
from tests.fakes import BRIDGE_EN, BRIDGE_ZH


def test_a_sound_set_has_neither_problems_nor_warnings_about_its_questions() -> None:
    found = check(WHEN, HOW_LONG, WHO)

    assert found.problems == ()
    assert list_warnings(found) == []
    assert (found.documents, found.groups) == (1, 0)


def test_a_document_that_does_not_exist_is_a_problem_and_evidence_without_a_quote_is_none() -> None:
    known, unknown = Evidence(BRIDGE_EN.id), Evidence("gone.txt")

    (problem,) = check(replace(WHEN, evidence=(known, unknown))).problems

    assert (problem.about, problem.text) == ("document", "there is no document 'gone.txt'")


def test_findings_on_evidence_come_in_the_order_of_the_questions() -> None:
    gone, left = Evidence("gone.txt"), Evidence("left.txt")
    first, second, third = (
        replace(WHEN, id=name, question=f"{name} when?", evidence=(evidence,))
        for name, evidence in (("a", gone), ("b", left), ("c", gone))
    )

    found = check(first, second, third)

    assert [problem.questions for problem in found.problems] == [("a",), ("b",), ("c",)]


def test_each_document_is_asked_for_once() -> None:
    asked: list[str] = []
    again = replace(WHEN, id="again", question="Which day was it?", evidence=(OPENED, LONG))

    def get_document(id_: str) -> Document | None:
        asked.append(id_)
        return DOCUMENTS.get(id_)

    check_questions([WHEN, again], get_document)

    assert asked == [BRIDGE_ZH.id]


def test_what_there_is_too_little_of_is_a_warning() -> None:
    dates = [
        replace(WHEN, id=f"{n}", question=f"{chr(97 + n) * 3} when?", language="en")
        for n in range(5)
    ]

    texts = [w.text for w in check(*dates, HOW_LONG).warnings if w.about == "balance"]

    assert texts == [
        "only 1 of 6 questions are of the kind number; want 5",
        "only 1 of 6 questions are in zh",
        "only 0 of 6 questions cannot be answered",
    ]


@pytest.mark.parametrize(("refused", "expected"), [(1, 0), (0, 1)])
def test_a_tenth_that_cannot_be_answered_is_enough(refused: int, expected: int) -> None:
    questions = [
        replace(WHEN, id=f"{n}", question=f"{chr(97 + n) * 3} when?") for n in range(10 - refused)
    ]

    found = check(*questions, *[WHO] * refused)

    assert len([w for w in found.warnings if "cannot be answered" in w.text]) == expected


@pytest.mark.parametrize(("chinese", "expected"), [(3, 0), (2, 1)])
def test_three_tenths_in_a_language_are_enough(chinese: int, expected: int) -> None:
    questions = [
        *(
            replace(HOW_LONG, id=f"zh{n}", question=f"{'桥河江'[n] * 3}多长？")
            for n in range(chinese)
        ),
        *(
            replace(WHEN, id=f"{n}", question=f"{chr(97 + n) * 3} when?")
            for n in range(10 - chinese)
        ),
    ]

    found = check(*questions)

    assert len([w for w in found.warnings if "are in zh" in w.text]) == expected


def test_rows_of_a_sort_come_with_the_most_questions_first() -> None:
    found = check(HOW_LONG, WHEN, replace(WHEN, id="again", question="Which day?"))

    assert [row.name for row in found.rows if row.sort == "kind"] == ["date", "number"]


def test_rows_count_kinds_pairs_and_the_rest_by_language() -> None:
    mixed = replace(
        WHEN, id="mixed", question="Which day?", evidence=(OPENED, Evidence(BRIDGE_EN.id))
    )

    rows = {
        (row.sort, row.name): dict(row.counts) for row in check(WHEN, mixed, HOW_LONG, WHO).rows
    }

    assert rows == {
        ("all", ""): {"zh": 1, "en": 3},
        ("kind", "date"): {"zh": 0, "en": 2},
        ("kind", "number"): {"zh": 1, "en": 0},
        ("kind", "person"): {"zh": 0, "en": 1},
        ("pair", "en-mixed"): {"zh": 0, "en": 1},
        ("pair", "en-none"): {"zh": 0, "en": 1},
        ("pair", "en-zh"): {"zh": 0, "en": 1},
        ("pair", "zh-zh"): {"zh": 1, "en": 0},
        ("answerable", "yes"): {"zh": 1, "en": 2},
        ("answerable", "no"): {"zh": 0, "en": 1},
        ("group", "no"): {"zh": 1, "en": 3},
        ("follow-up", "no"): {"zh": 1, "en": 3},
        ("conflict", "no"): {"zh": 1, "en": 3},
    }


def test_the_text_names_each_flaw_then_counts_then_the_table() -> None:
    found = check(replace(WHEN, evidence=(Evidence("gone.txt"),)), HOW_LONG)

    lines = format_check(found).splitlines()

    assert lines[0] == "Problem (document) when: there is no document 'gone.txt'"
    assert "2 questions on 2 documents, 0 groups: 1 problems, 3 warnings" in lines
    assert lines[-1].split() == ["conflict", "no", "1", "1", "2", "100.0%"]
    assert "all 1 1 2 100.0%" in [" ".join(line.split()) for line in lines]


def test_of_many_flaws_of_a_kind_the_text_says_how_many_it_leaves_out() -> None:
    gone = (Evidence("gone.txt"),)
    asked = [f"{chr(97 + n) * 3} when?" for n in range(23)]

    found = check(*(replace(WHEN, id=q, question=q, evidence=gone) for q in asked))

    text = format_check(found)
    assert len(found.problems) == 23
    assert text.count("Problem (document) ") == 21
    assert "Problem (document) … and 3 more" in text


def test_a_set_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="one question or more"):
        check_questions([], DOCUMENTS.get)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for document in DOCUMENTS.values():
        path = tmp_path / "documents" / document.id
        path.parent.mkdir(parents=True)
        path.write_text(document.text, encoding="utf-8")
    return tmp_path / "documents"


@pytest.mark.parametrize("with_index", [False, True])
def test_a_set_is_checked_against_a_folder_or_an_index(
    tmp_path: Path, folder: Path, with_index: bool
) -> None:
    settings = Settings(index=tmp_path / "index", max_question_chars=20)
    wrong = replace(HOW_LONG, evidence=(replace(LONG, quote="大桥全长3.5公里"),))
    write_questions([WHEN, wrong], tmp_path / "set.jsonl")
    if with_index:
        build_index(folder, settings=settings, encoder=HashingEncoder())

    found = check_set(tmp_path / "set.jsonl", settings, folder=None if with_index else folder)

    assert [(p.about, p.questions) for p in found.problems] == [
        ("quote", ("long",)), ("length", ("when",)),
    ]  # fmt: skip
    assert {row.name for row in found.rows if row.sort == "pair"} == {"en-zh", "zh-zh"}
    assert json.loads(json.dumps(found.to_dict()))["problems"][0]["questions"] == ["long"]


def test_a_file_of_the_folder_that_cannot_be_read_is_a_warning(
    tmp_path: Path, folder: Path
) -> None:
    write_questions([WHEN], tmp_path / "set.jsonl")
    (folder / "empty.txt").write_bytes(b"")

    found = check_set(tmp_path / "set.jsonl", Settings(), folder=folder)

    assert found.problems == ()
    assert [w.text for w in found.warnings if w.about == "file"] == ["empty.txt: the file is empty"]


def test_without_index_or_folder_it_says_so(tmp_path: Path) -> None:
    write_questions([WHEN], tmp_path / "set.jsonl")

    with pytest.raises(IndexMissingError):
        check_set(tmp_path / "set.jsonl", Settings(index=tmp_path / "none"))
    with pytest.raises(CorpusError):
        check_set(tmp_path / "set.jsonl", Settings(), folder=tmp_path / "none")
