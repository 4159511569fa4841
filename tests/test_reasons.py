"""A Chinese reader is told in Chinese why a file was left out, in whatever words `rag` says it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from rag.errors import IndexLockedError
from rag.load import load_file
from rag.types import Problem
from tests.fake_library import make_listed
from ui.documents.job import State
from ui.documents.page import describe_state
from ui.documents.reasons import word_reason
from ui.words import EN, ZH

ROOT = Path(__file__).parents[1]
# `rag` raises these too, but never for one file that a reader adds
UNTOLD = {"is a folder that cannot be opened; check its permissions"}


def list_sentences() -> set[str]:
    """Whatever `rag` says of a file it cannot read, where that stands whole in its source."""
    found = set()
    for path in [ROOT / "rag/load.py", *sorted((ROOT / "rag/files").glob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "UnreadableError":
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    found.add(str(first.value))
    return found


def test_every_whole_sentence_has_its_chinese() -> None:
    sentences = list_sentences() - UNTOLD

    assert len(sentences) > 8
    assert [
        s for s in sorted(sentences) if word_reason(f"the file {s}", ZH) == f"the file {s}"
    ] == []


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.txt", b"", "文件是空的"),
        ("a.txt", b" \n ", "文件里只有空白"),
        ("a.pdf", b"%PDF-1.4 cut", "PDF 已损坏或不完整；请重新下载或导出"),
        ("a.html", b"<html><script>x</script></html>", "网页里没有可见的文字"),
    ],
)
def test_what_a_real_file_is_left_out_for_is_told_in_chinese(
    tmp_path: Path, name: str, data: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(data)

    loaded = load_file(tmp_path / name, tmp_path)

    reason = loaded.problems[0].reason
    assert loaded.documents == ()
    assert told in word_reason(reason, ZH)
    assert word_reason(reason, EN) == reason


def test_values_are_taken_over_and_what_was_kept_is_told() -> None:
    reason = "the file is 30.5 MB, more than the limit of 20.0 MB; split it"
    former = "; the file that it replaced is kept"

    assert word_reason(reason, ZH) == "文件有 30.5 MB，超过 20.0 MB 的上限；请拆分"
    assert word_reason(reason + former, ZH).endswith("请拆分；被它替换的文件仍保留")
    assert word_reason("the file is something new", ZH) == "the file is something new"


def test_a_job_is_described_in_the_language_of_its_reader() -> None:
    problem = Problem("/added/a.txt", "the file is empty", skipped=True)
    state = State(problems=(problem,), documents=(make_listed("a.txt"),))

    assert describe_state(state, ZH)["skipped"] == {
        "count": 1,
        "first": [{"name": "a.txt", "reason": "文件是空的"}],
    }


def test_why_a_job_ended_is_told_in_the_language_of_the_reader() -> None:
    failed = State(number=1, error=IndexLockedError("'/srv/idx/index.db' is held by process 7"))

    assert describe_state(failed, EN)["error"] == "'index.db' is held by process 7"
    assert describe_state(failed, ZH)["error"] == "另一个程序正在写入索引，请稍后再试。"
    assert describe_state(State(number=1), ZH)["error"] == ""
