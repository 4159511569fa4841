"""A run is kept question by question, goes on where it was stopped, and ends in a report."""

from __future__ import annotations

import json
import platform
import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from eval.describe import CODE, describe_run, digest_questions, find_commit
from eval.runs import is_finished, name_run_folder, read_run, replace_text
from rag.config import Settings
from rag.errors import CorpusError
from rag.stages import ALL_STAGES
from rag.types import Answer
from tests.fake_runs import DETAILS, QUESTIONS, run_fake
from tests.fakes import fake_ask


def count_lines(folder: Path) -> int:
    return (folder / "records.jsonl").read_bytes().count(b"\n")


def test_every_question_is_a_record_and_the_report_lies_beside_them(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    report = run_fake(tmp_path / "run", progress=lambda *news: told.append(news))

    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    assert report.name == "fake on bridges"
    assert {name: mean.value for name, mean in report.parts["all"].items()}["value"] == 1.0
    assert report.parts["all"]["value"].n == 4
    lines = (tmp_path / "run" / "records.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["question"]["id"] for line in lines] == ["q1", "q2", "q3", "q4", "q5"]
    kept = json.loads((tmp_path / "run" / "report.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(report.to_dict()))
    assert kept["details"]["set_sha256"] == digest_questions(QUESTIONS)
    assert "bridges" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "bridges" in (tmp_path / "run" / "report.md").read_text(encoding="utf-8")
    assert not [path for path in (tmp_path / "run").iterdir() if path.name.startswith(".")]


def test_a_run_is_read_as_it_was(tmp_path: Path) -> None:
    report = run_fake(tmp_path)

    again = read_run(tmp_path)

    assert again.to_dict() == report.to_dict()
    assert again.records == report.records


def test_a_run_that_was_killed_asks_only_what_it_has_not_asked(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(question: str, previous: Answer | None = None) -> Answer:
        asked.append(question)
        return fake_ask(question, previous)

    def ask_and_die(question: str, previous: Answer | None = None) -> Answer:
        if len(asked) == 3:
            raise KeyboardInterrupt
        return ask(question, previous)

    with pytest.raises(KeyboardInterrupt):
        run_fake(tmp_path, ask_and_die)
    assert count_lines(tmp_path) == 3
    assert not is_finished(read_run(tmp_path))
    with (tmp_path / "records.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"question": {"id": "q4"')  # cut off within a line
    asked.clear()
    whole = run_fake(tmp_path, ask)

    fourth, fifth = QUESTIONS[3:]
    assert asked == [fourth.question, *fifth.previous, fifth.question]
    assert count_lines(tmp_path) == 5
    assert is_finished(read_run(tmp_path))
    assert [record.question.id for record in whole.records] == ["q1", "q2", "q3", "q4", "q5"]


def test_a_question_that_was_asked_twice_counts_once(tmp_path: Path) -> None:
    """Two processes had been started on one folder."""
    run_fake(tmp_path)
    lines = (tmp_path / "records.jsonl").read_text(encoding="utf-8")
    (tmp_path / "records.jsonl").write_text(lines * 2, encoding="utf-8")

    assert is_finished(read_run(tmp_path))


def test_a_run_that_is_whole_asks_nothing_again(tmp_path: Path) -> None:
    first = run_fake(tmp_path)

    def refuse_to_answer(question: str) -> Answer:
        raise AssertionError(question)

    assert run_fake(tmp_path, refuse_to_answer).records == first.records


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"generation": 4}, "generation was 3, now it is 4"),
        ({"system": "bm25"}, "system was 'fake', now it is 'bm25'"),
        ({"settings": {"depth": 20}}, "depth was 50, now it is 20"),
        ({"without": ["gloss"]}, r"without was None, now it is \['gloss'\]"),
    ],
)
def test_another_run_does_not_go_on_in_its_folder(
    change: dict[str, object], words: str, tmp_path: Path
) -> None:
    run_fake(tmp_path)
    before = (tmp_path / "records.jsonl").read_bytes()

    with pytest.raises(CorpusError, match=words):
        run_fake(tmp_path, details={**DETAILS, **change})
    with pytest.raises(CorpusError, match=r"set_sha256 was .*Give another folder with --out"):
        run_fake(tmp_path, questions=QUESTIONS[:2])
    assert (tmp_path / "records.jsonl").read_bytes() == before


def test_a_run_is_called_by_its_system_what_it_lacks_and_its_set(tmp_path: Path) -> None:
    report = run_fake(tmp_path, details={**DETAILS, "without": ["gloss"]})

    assert report.name == "fake without gloss on bridges"


def test_what_is_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="holds no run"):
        read_run(tmp_path)
    (tmp_path / "run.json").write_text("{}", encoding="utf-8")
    with pytest.raises(CorpusError, match="has no record yet"):
        read_run(tmp_path)
    (tmp_path / "run.json").write_text("[", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"run\.json' cannot be read"):
        read_run(tmp_path)
    (tmp_path / "run.json").unlink()
    (tmp_path / "records.jsonl").touch()
    with pytest.raises(CorpusError, match=r"has records, but no run\.json"):
        run_fake(tmp_path)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CorpusError, match="cannot be"):
        run_fake(tmp_path / "file" / "run")


def test_a_text_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    path.write_text("old", encoding="utf-8")

    with pytest.raises(TypeError):
        replace_text(path, 7)  # type: ignore[arg-type]
    assert path.read_text(encoding="utf-8") == "old"
    replace_text(path, "新的")
    assert path.read_text(encoding="utf-8") == "新的"
    assert list(tmp_path.iterdir()) == [path]


def test_folders_of_runs_are_new_and_called_by_set_and_time(tmp_path: Path) -> None:
    first = name_run_folder(tmp_path / "runs", "my set/1")
    assert list(tmp_path.iterdir()) == []
    for _ in range(3):
        name_run_folder(tmp_path, "my set/1").mkdir()

    assert re.fullmatch(r"my-set-1-\d{8}-\d{6}", first.name)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_description_names_system_code_and_machine_and_no_key() -> None:
    settings = Settings(
        api_key=SecretStr("sesame"), server="http://me:sesame@localhost:8000/v1", depth=20
    )

    found = describe_run(
        settings, set_name="bridges", generation=3, stages=ALL_STAGES.leave_out("gloss"),
        notes=("Two questions had no answer.",),
    )  # fmt: skip

    assert "sesame" not in json.dumps(found)
    assert "api_key" not in found["settings"]
    assert found["settings"]["depth"] == 20
    assert (found["system"], found["set"], found["generation"]) == ("crossquote", "bridges", 3)
    assert found["settings"]["server"] == "http://localhost:8000/v1"
    assert found["notes"] == ["Two questions had no answer."]
    assert found["without"] == ["gloss"]
    assert found["python"] == platform.python_version()
    assert found["started"].endswith("Z")


def test_the_commit_is_told_only_in_a_checkout_of_its_own(tmp_path: Path) -> None:
    assert find_commit(tmp_path) == {}
    assert find_commit(CODE / "eval") == {}
    if (CODE / ".git").exists():
        assert len(find_commit(CODE)["commit"]) == 40


def test_the_digest_is_of_questions_and_their_order() -> None:
    digests = {digest_questions(some) for some in (QUESTIONS, QUESTIONS[:4], QUESTIONS[::-1])}

    assert len(digests) == 3
    assert digest_questions(list(QUESTIONS)) in digests
