"""`crossquote eval run` and its like: what is asked is kept, and what is wrong is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from eval.collections import read_collection
from eval.commands import evaluation
from eval.questions import Evidence, Question, write_questions
from eval.report import Report
from eval.suite import Progress, Selection, draw_questions, format_summary, run_selection, run_set
from rag.config import Settings
from rag.errors import CorpusError, IndexMissingError
from rag.pipeline import build_index
from tests.fake_encoder import HashingEncoder
from tests.fake_runs import QUESTIONS, ask_worse, run_fake

RUNNER = CliRunner()
ENCODER = HashingEncoder()
SALT = "The salt museum opened in 1998. It expects 60,000 visitors a year."
ASKED = [
    Question(
        "when", "When did the salt museum open?", "en", "date", True, (("1998",),),
        (Evidence("salt.txt", "opened in 1998"),),
    ),
    Question("who", "Who painted the ceiling?", "en", "person", answerable=False),
]  # fmt: skip


def invoke(*words: object) -> Result:
    return RUNNER.invoke(evaluation, [str(word) for word in words], env={"COLUMNS": "200"})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An index of one document."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "salt.txt").write_text(SALT, encoding="utf-8")
    settings = Settings(index=tmp_path / "index")
    build_index(tmp_path / "documents", settings=settings, encoder=ENCODER)
    return settings


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """A good run and a worse one."""
    run_fake(tmp_path / "good")
    run_fake(tmp_path / "bad", ask_worse)
    return tmp_path / "good", tmp_path / "bad"


def write_xquad(folder: Path) -> Path:
    """Two paragraphs, in English and Chinese, with a question each."""
    parts = {
        "en": [("The museum opened in 1998.", "When did the museum open?", "1998"),
               ("The bridge is 3.2 km long.", "How long is the bridge?", "3.2 km")],
        "zh": [("博物馆于1998年开放。", "博物馆何时开放？", "1998年"),
               ("大桥长3.2公里。", "大桥有多长？", "3.2公里")],
    }  # fmt: skip
    folder.mkdir()
    for language, rows in parts.items():
        paragraphs = [
            {
                "context": text,
                "sentences": [text],
                "sentence_breaks": [[0, len(text)]],
                "qas": [
                    {
                        "id": f"q{n}",
                        "question": question,
                        "answers": [{"text": answer, "answer_start": text.index(answer)}],
                    }
                ],
            }
            for n, (text, question, answer) in enumerate(rows)
        ]
        record = {"data": [{"title": "x", "paragraphs": paragraphs}]}
        (folder / f"{language}.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def test_a_set_is_asked_of_an_index_and_kept_with_what_it_depends_on(
    tmp_path: Path, settings: Settings
) -> None:
    report = run_set(ASKED, settings, tmp_path / "run", set_name="salt", encoder=ENCODER)

    kept = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    assert (kept["system"], kept["set"], kept["generation"]) == ("crossquote", "salt", 1)
    assert report.parts["all"]["recall@5"].value == 1.0
    assert report.parts["en-en"]["value"].n == 1
    with pytest.raises(CorpusError, match="system was 'crossquote', now it is 'dense'"):
        run_set(ASKED, settings, tmp_path / "run", set_name="salt", encoder=ENCODER, system="dense")


@pytest.mark.parametrize("system", ["bm25", "dense"])
def test_a_plain_system_is_run_alike(system: str, tmp_path: Path, settings: Settings) -> None:
    report = run_set(
        ASKED, settings, tmp_path / "run", set_name="salt", system=system, encoder=ENCODER
    )

    assert report.name == f"{system} on salt"
    assert report.errors == 0
    assert report.parts["all"]["value"].value == 1.0
    assert report.parts["all"]["refused"].value == 0.0
    assert report.parts["all"]["spans"].value == 1.0


def test_xquad_r_is_run_in_all_pairs_and_each_language_is_indexed_once(tmp_path: Path) -> None:
    data, folder = write_xquad(tmp_path / "xquad"), tmp_path / "run"
    told: list[str] = []

    def show(name: str) -> Progress:
        return lambda done, total: told.append(f"{name} {done}/{total}")

    reports = run_selection(Selection(data), Settings(), folder, encoder=ENCODER, progress=show)

    assert [[*report.parts][1] for report in reports] == ["zh-zh", "en-zh", "zh-en", "en-en"]
    assert sorted(path.name for path in folder.iterdir()) == [
        "corpus", "en-en", "en-zh", "zh-en", "zh-zh"
    ]  # fmt: skip
    assert len(list((folder / "corpus").iterdir())) == 2
    assert len(told) == 8
    assert told[-1].endswith(" 2/2")
    assert all(report.errors == 0 and len(report.records) == 2 for report in reports)
    shown = format_summary(reports).splitlines()
    assert [line.split("|")[1].strip() for line in shown[2:6]] == [r.name for r in reports]


def test_one_pair_is_run_alone_and_its_index_can_be_kept(tmp_path: Path) -> None:
    selection = Selection(write_xquad(tmp_path / "xquad"), questions="en", documents="zh", limit=1)

    first, second = (
        run_selection(
            selection, Settings(), tmp_path / name, keep=tmp_path / "keep", encoder=ENCODER
        )
        for name in ("one", "two")
    )

    assert [len(first), len(first[0].records)] == [1, 1]
    assert first[0].records[0].pair == "en-zh"
    assert first[0].details["generation"] == second[0].details["generation"] == 1
    assert len(list((tmp_path / "keep").iterdir())) == 1
    assert not (tmp_path / "one" / "corpus").exists()


def test_evidence_of_a_public_set_stands_in_its_index(tmp_path: Path) -> None:
    data = write_xquad(tmp_path / "xquad")

    (report,) = run_selection(
        Selection(data, questions="en", documents="en"), Settings(), tmp_path / "run",
        encoder=ENCODER,
    )  # fmt: skip

    assert report.parts["all"]["recall@5"].value == 1.0
    assert report.parts["all"]["recall@5"].n == len(
        read_collection(data, questions="en", documents="en").questions
    )


def test_a_run_goes_on_with_its_own_index(tmp_path: Path) -> None:
    selection = Selection(write_xquad(tmp_path / "xquad"), questions="zh", documents="en")
    (first,) = run_selection(selection, Settings(), tmp_path / "run", encoder=ENCODER)
    lines = (tmp_path / "run" / "records.jsonl").read_text(encoding="utf-8").splitlines()
    (tmp_path / "run" / "records.jsonl").write_text(lines[0] + "\n", encoding="utf-8")

    (again,) = run_selection(selection, Settings(), tmp_path / "run", encoder=ENCODER)

    assert [r.question.id for r in again.records] == [r.question.id for r in first.records]
    assert again.details == first.details


def test_a_limit_draws_the_same_questions_in_their_order() -> None:
    drawn = draw_questions(QUESTIONS, 3)

    assert drawn == draw_questions(QUESTIONS, 3)
    assert len(drawn) == 3
    assert [QUESTIONS.index(q) for q in drawn] == sorted(QUESTIONS.index(q) for q in drawn)
    assert draw_questions(QUESTIONS, None) == draw_questions(QUESTIONS, 9) == list(QUESTIONS)


def test_the_summary_lists_failures_where_asked_for(tmp_path: Path) -> None:
    report: Report = run_fake(tmp_path / "bad", ask_worse)

    assert "->" not in format_summary([report])
    shown = format_summary([report], failures=True).splitlines()
    assert [line.split()[0] for line in shown if "->" in line] == ["q1", "q4", "q5"]
    assert "fake on bridges: 5 questions, 3 failed, consistency 0.000 (n=1)" in shown[-4]


def test_runs_are_compared_worse_first(runs: tuple[Path, Path]) -> None:
    result = invoke("compare", *runs)

    assert result.exit_code == 0, result.output
    assert "## Worse: 3" in result.stdout
    assert "tag: hopeless" not in result.stdout
    assert "tag: hopeless" in invoke("compare", *runs, "--parts").stdout
    assert "- q1" not in invoke("compare", *runs, "--limit", 0).stdout
    record = json.loads(invoke("compare", *runs, "--json").stdout)
    assert record["parts"]["all"]["value"]["value"] == -0.5


def test_a_gate_is_open_or_shut(runs: tuple[Path, Path], tmp_path: Path) -> None:
    floors = 'set = "x.jsonl"\n[[floor]]\nmeasure = "value"\nleast = 0.9\n'
    (tmp_path / "gate.toml").write_text(floors, encoding="utf-8")
    good, bad = (invoke("gate", tmp_path / "gate.toml", "--run", run) for run in runs)

    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert "0 of 1 floors are broken" in good.stdout
    assert "BROKEN" in bad.stdout


def test_a_report_is_written_anew_and_told_where(runs: tuple[Path, Path]) -> None:
    (runs[0] / "report.html").unlink()

    result = invoke("report", runs[0])

    assert result.exit_code == 0, result.output
    assert str(runs[0] / "report.html") in result.stdout.replace("\n", "")
    assert (runs[0] / "report.html").exists()


def test_a_set_is_checked_against_its_documents(settings: Settings, tmp_path: Path) -> None:
    write_questions(ASKED, tmp_path / "good.jsonl")
    wrong = Question(
        "w", "When?", "en", "date", True, (("1998",),), (Evidence("salt.txt", "closed in 1998"),)
    )
    write_questions([wrong], tmp_path / "bad.jsonl")
    folder = tmp_path / "documents"

    assert invoke("check", tmp_path / "good.jsonl", "--folder", folder).exit_code == 0
    assert invoke("check", tmp_path / "bad.jsonl", "--folder", folder).exit_code == 3


def test_wrong_usage_is_told_before_anything_is_made(tmp_path: Path) -> None:
    missing = tmp_path / "none"

    assert invoke("run", "--form", "squad").exit_code == 2
    assert invoke("run", "--system", "magic").exit_code == 2
    assert invoke("run", "--limit", 0).exit_code == 2
    assert invoke("run", "--price-in", -1).exit_code == 2
    assert invoke("run", "--price-out", "nan").exit_code == 2
    for words in (
        ("run", missing, "--index", tmp_path / "index", "--out", tmp_path / "out"),
        ("run", "--data", missing, "--index", tmp_path / "index", "--out", tmp_path / "out"),
        ("compare", missing, missing),
        ("report", missing),
        ("gate", missing),
        ("ablate", missing, "--index", tmp_path / "index", "--out", tmp_path / "out"),
    ):
        assert isinstance(invoke(*words).exception, CorpusError), words
    assert list(tmp_path.iterdir()) == []


def test_an_index_that_is_missing_is_told(tmp_path: Path) -> None:
    write_questions(ASKED, tmp_path / "set.jsonl")

    result = invoke("run", tmp_path / "set.jsonl", "--index", tmp_path / "none")

    assert isinstance(result.exception, IndexMissingError)
    assert [path.name for path in tmp_path.iterdir()] == ["set.jsonl"]


@pytest.mark.model
def test_a_set_is_run_judged_and_ablated_by_the_commands(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "salt.txt").write_text(SALT, encoding="utf-8")
    build_index(tmp_path / "documents", settings=Settings(index=tmp_path / "index"))
    write_questions(ASKED, tmp_path / "salt.jsonl")
    floors = 'set = "salt.jsonl"\n[[floor]]\nmeasure = "recall@5"\nleast = 1\n'
    (tmp_path / "salt.toml").write_text(floors, encoding="utf-8")
    index = ("--index", tmp_path / "index")

    ran = invoke("run", tmp_path / "salt.jsonl", *index, "--json", "--price-in", 0.5)
    judged = invoke("gate", tmp_path / "salt.toml", *index)
    ablated = invoke("ablate", tmp_path / "salt.jsonl", *index, "--stages", "gloss,refusal")

    assert ran.exit_code == judged.exit_code == ablated.exit_code == 0
    record = json.loads(ran.stdout)
    assert record["runs"][0]["questions"] == 2
    assert record["runs"][0]["details"]["prices"] == {"prompt": 0.5, "completion": 0.0}
    assert record["runs"][0]["cost"] is None  # no model was asked
    assert Path(record["folder"]).parent == tmp_path / "index" / "runs"
    assert "without gloss" in ablated.stdout
    assert len(list((tmp_path / "index" / "runs").iterdir())) == 3
