"""The command does what it says, tells errors in one sentence, and exits as its docstring says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag.__main__ import main, print_answer
from rag.config import Settings
from rag.lock import WriterLock
from rag.pipeline import build_index
from rag.types import Answer
from tests.fake_folder import ENCODER, build, write_texts
from tests.fakes import FOLLOW_UP, UNDERSTOOD, WHEN_EN, WHEN_ZH, fake_ask
from ui.features import Features

TEXT_ZH = "临河大桥于2021年5月18日通车。大桥全长3.2公里，是当地最长的桥。\n"
TEXT_EN = "The salt museum opened in 1998. It expects 60,000 visitors a year.\n"
WHEN = "When did the Linhe Bridge open?"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def run_command(*words: object) -> tuple[int, str, str]:
        """Exit status, standard output and standard error."""
        monkeypatch.setattr(sys, "argv", ["crossquote", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        status = ended.value.code
        out, err = capsys.readouterr()
        return (status if isinstance(status, int) else 0), out, err

    return run_command


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with documents, and an index of them beside it."""
    root = tmp_path_factory.mktemp("place")
    folder = root / "documents"
    folder.mkdir()
    (folder / "bridge.txt").write_text(TEXT_ZH, encoding="utf-8")
    (folder / "salt.txt").write_text(TEXT_EN, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def index(place: Path) -> Path:
    build_index(place / "documents", settings=Settings(index=place / "index"))
    return place / "index"


def run_process(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-m", "rag", *map(str, words)],
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_help_names_every_command(run: Run) -> None:
    status, out, err = run("--help")

    assert (status, err) == (0, "")
    for command in ("index", "ask", "chat", "check", "bench", "eval"):
        assert f" {command} " in out


@pytest.mark.parametrize("command", ["index", "ask", "chat", "check", "bench", "eval"])
def test_every_command_has_help(command: str, run: Run) -> None:
    status, out, _ = run(command, "-h")

    assert status == 0
    assert "Usage" in out


@pytest.mark.parametrize(
    "words",
    [
        ("ask",),
        ("ask", "when?", "--no-such-option"),
        ("frobnicate",),
        ("index",),
        ("index", ".", "--encoding", "klingon"),
        ("index", ".", "--encoding", "hex"),
        ("bench", "--repeat", "0"),
        ("chat", "--proxy", "proxy.example"),
    ],
)
def test_wrong_usage_ends_with_2(words: tuple[str, ...], run: Run) -> None:
    status, out, err = run(*words)

    assert (status, out) == (2, "")
    assert "Error" in err
    assert "Traceback" not in err


def test_a_setting_that_is_wrong_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSQUOTE_PASSAGES", "many")

    status, out, err = run("ask", WHEN)

    assert (status, out) == (2, "")
    assert err.startswith("CROSSQUOTE_PASSAGES is 'many': Input should be a valid integer")
    assert err.count("\n") == 1


def test_asking_without_an_index_says_how_to_make_one(run: Run, tmp_path: Path) -> None:
    status, out, err = run("ask", WHEN, "--index", tmp_path / "none")

    assert (status, out) == (1, "")
    assert err == (
        f"there is no index at {str(tmp_path / 'none' / 'index.db')!r}. "
        "Make one: crossquote index FOLDER\n"
    )


@pytest.mark.parametrize("command", [("ask", WHEN), ("check",), ("chat",), ("bench",)])
@pytest.mark.parametrize("content", [b"", b"nothing like an index " * 500])
def test_a_corrupt_index_is_told_in_one_sentence(
    command: tuple[str, ...], content: bytes, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "index.db").write_bytes(content)

    status, out, err = run(*command, "--index", tmp_path)

    assert (status, out) == (1, "")
    assert err.startswith(f"the index at {str(tmp_path / 'index.db')!r} cannot be read: ")
    assert err.endswith("Build it anew from your documents: crossquote index FOLDER --rebuild\n")
    assert err.count("\n") == 1


def test_a_missing_and_an_empty_folder_are_errors(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    status, out, err = run("index", tmp_path / "nowhere", "--index", tmp_path / "index")
    assert (status, out) == (1, "")
    assert err.startswith(f"cannot read the folder {str(tmp_path / 'nowhere')!r}: No such file")

    status, out, err = run("index", tmp_path / "empty", "--index", tmp_path / "index")
    assert (status, out) == (1, "")
    assert err.endswith("holds no files. Give a folder with your documents\n")


def test_a_folder_of_unreadable_files_is_an_error_and_makes_no_index(
    run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "empty.txt").write_bytes(b"")
    (folder / "a[b]c.xyz").write_bytes(b"\0\1")

    status, out, err = run("index", folder, "--index", tmp_path / "index")

    assert (status, out) == (1, "")
    assert "a[b]c.xyz: the file is of the unsupported type .xyz" in err
    assert "empty.txt: the file is empty" in err
    assert not (tmp_path / "index" / "index.db").exists()


def test_an_unknown_encoder_is_named(run: Run, place: Path, tmp_path: Path) -> None:
    status, out, err = run(
        "index", place / "documents", "--index", tmp_path, "--encoder", tmp_path / "no-model"
    )

    assert (status, out) == (1, "")
    assert str(tmp_path / "no-model") in err
    assert "Traceback" not in err
    assert not (tmp_path / "index.db").exists()


def test_a_glossary_that_is_missing_is_named(run: Run, tmp_path: Path) -> None:
    status, out, err = run("ask", WHEN, "--glossary", tmp_path / "own.tsv")

    assert (status, out) == (1, "")
    assert err.startswith("the glossary cannot be read: ")


@pytest.mark.model
def test_an_answer_is_printed_with_its_sources(run: Run, index: Path) -> None:
    status, out, err = run("ask", WHEN, "--index", index)

    assert (status, err) == (0, "")
    assert out == (
        "May 18, 2021 [1]\n「临河大桥于2021年5月18日通车。」 [1]\n\n[1] bridge (bridge.txt)\n"
        "    Word by word: 临河 Linhe district · 大桥 bridge · 2021年5月18日 May 18, 2021 · "
        "通车 open to traffic\n"
    )


def test_a_quote_in_the_other_language_is_printed_with_its_gloss(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_answer(fake_ask(FOLLOW_UP, fake_ask(WHEN_EN)))

    assert capsys.readouterr().out == (
        f"Understood as: {UNDERSTOOD}\n\n3.2 km [1]\n\n"
        "[1] 临河大桥正式通车 (临河日报, 2021-05-19)\n"
        "    Word by word: 大桥 bridge · 全长 total length · 3.2公里 3.2 km\n"
    )


def test_how_an_answer_came_about_is_printed_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    note = "The model server was slow."
    print_answer(replace(fake_ask(WHEN_EN), model="small-7b", dropped=2, note=note))
    english = capsys.readouterr().out.split("\n\n")[1:4]
    print_answer(replace(fake_ask(WHEN_ZH), model="small-7b", dropped=2))
    chinese = capsys.readouterr().out.split("\n\n")[1:3]

    assert english == [
        "Worded by small-7b, each sentence checked against its quotes.",
        "2 statements were left out because the quotes do not support them.",
        note,
    ]
    assert chinese == [
        "由 small-7b 表述，每句话都与引文核对过。",
        "有 2 句话没有引文支持，已略去。",
    ]


@pytest.mark.model
def test_json_holds_all_of_the_answer_and_nothing_else_is_printed(run: Run, index: Path) -> None:
    status, out, err = run("ask", WHEN, "--index", index, "--json")

    record = json.loads(out)
    assert (status, err) == (0, "")
    assert set(record) == {"text", *Answer.__dataclass_fields__}
    assert record["citations"][0]["quote"]["text"] == "临河大桥于2021年5月18日通车。"


@pytest.mark.model
def test_a_refusal_ends_with_3_and_shows_what_came_closest(run: Run, index: Path) -> None:
    status, out, err = run("ask", "Who is the king of Spain?", "--index", index)

    assert (status, err) == (3, "")
    first, blank, heading, *passages = out.splitlines()
    assert (first, blank) == ("The documents do not say.", "")
    assert len(passages) == 2
    assert heading == f"The {len(passages)} closest passages (not an answer)"
    assert all(line.startswith("- ") and len(line) < 200 for line in passages)
    assert "[1]" not in out


@pytest.mark.model
@pytest.mark.parametrize("question", ["", "？！", "x" * 1001])
def test_a_question_that_is_none_ends_with_1(question: str, run: Run, index: Path) -> None:
    status, out, err = run("ask", question, "--index", index)

    assert (status, out) == (1, "")
    assert err.startswith("the question h")
    assert err.count("\n") == 1


@pytest.mark.model
def test_a_locale_that_is_not_utf_8_does_not_break_a_quote(index: Path) -> None:
    done = run_process("ask", WHEN, "--index", index, PYTHONIOENCODING="ascii", LC_ALL="C")

    assert done.returncode == 0, done.stderr
    assert "「临河大桥于2021年5月18日通车。」" in done.stdout


@pytest.mark.model
def test_indexing_tells_what_was_read_and_what_to_do_next(
    run: Run, index: Path, place: Path
) -> None:
    extra = place / "documents" / "tea.txt"
    extra.write_text("The tea house by the river sells forty kinds of tea.\n", encoding="utf-8")
    status, out, err = run("index", place / "documents", "--index", index)
    extra.unlink()
    again = run("index", place / "documents", "--index", index)

    assert (status, err) == (0, "")
    summary = (
        "1 files read (1 documents, 1 passages encoded), 2 unchanged, 0 removed, 0 skipped, in "
    )
    assert out.startswith(summary)
    assert out.endswith('Ask: crossquote ask "…"   or chat: crossquote chat\n')
    assert again[1].startswith(
        "0 files read (0 documents, 0 passages encoded), 2 unchanged, 1 removed"
    )


@pytest.mark.model
def test_skipped_files_are_named_and_end_with_3_and_json_is_alone_on_output(
    run: Run, index: Path, place: Path
) -> None:
    bad = place / "documents" / "bad[1].txt"
    bad.write_bytes(b"")

    status, out, err = run("index", place / "documents", "--index", index, "--json")

    bad.unlink()
    record = json.loads(out)
    assert status == 3
    assert err == "skipped: bad[1].txt: the file is empty\n"
    assert (record["encoded"], record["unchanged"], record["removed"]) == (0, 2, 0)
    assert record["problems"] == [
        {"path": "bad[1].txt", "reason": "the file is empty", "skipped": True}
    ]


@pytest.mark.model
def test_a_sound_index_is_called_sound_and_a_damaged_one_is_not(run: Run, index: Path) -> None:
    status, out, err = run("check", "--index", index)

    assert (status, err) == (0, "")
    assert out.split() == ["2", "files", "2", "documents", "2", "passages", "sound"]


@pytest.mark.model
def test_an_index_that_another_writes_to_is_locked(run: Run, index: Path, place: Path) -> None:
    lock = WriterLock(index / "index.db")
    lock.acquire()
    status, out, err = run("index", place / "documents", "--index", index)
    lock.release()

    assert (status, out) == (1, "")
    assert f"is locked by pid {os.getpid()}, which writes to it" in err


def test_the_question_sets_of_a_missing_folder_are_an_error(run: Run, tmp_path: Path) -> None:
    status, out, err = run("eval", "retrieval", "--data", tmp_path / "none")

    assert (status, out) == (1, "")
    assert "none" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "may_add"),
    [
        ((), True),
        (("--host", "::1"), True),
        (("--no-add",), False),
        (("--host", "192.0.2.7"), False),
        (("--host", "192.0.2.7", "--add"), True),
        (("--name", "docs.example.org"), False),  # a proxy lets others come
    ],
)
def test_documents_may_be_added_where_only_this_machine_comes_or_it_is_asked_for(
    words: tuple[str, ...],
    may_add: bool,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served: list[Features] = []
    monkeypatch.setattr("rag.library.load_encoder", lambda _: ENCODER)
    monkeypatch.setattr("ui.serve.serve", lambda ask, features, **_: served.append(features))
    build(write_texts(tmp_path / "documents", {"tea.txt": "Tea is old.\n"}), tmp_path / "index")

    status, out, err = run("chat", "--index", tmp_path / "index", *words)

    (features,) = served
    assert (status, out) == (0, "")
    assert ("ask for a password with --auth" in err) is (
        words[:1] in (("--host",), ("--name",)) and "::1" not in words
    )
    assert features.hosts == frozenset({"docs.example.org"} & {*words})
    assert features.may_add is may_add
    assert features.library is not None
    assert features.library.count() == 1


def test_the_limits_of_the_chat_are_settings(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Features] = []
    monkeypatch.setattr("rag.library.load_encoder", lambda _: ENCODER)
    monkeypatch.setattr("ui.serve.serve", lambda ask, features, **_: served.append(features))
    monkeypatch.setenv("CROSSQUOTE_CONCURRENCY", "3")
    monkeypatch.setenv("CROSSQUOTE_WAITING", "7")

    run("chat", "--index", tmp_path / "index")

    (features,) = served
    assert (features.concurrency, features.max_waiting) == (3, 7)


def test_the_chat_starts_without_an_index_only_where_documents_may_be_added(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Features] = []
    monkeypatch.setattr("rag.library.load_encoder", lambda _: ENCODER)
    monkeypatch.setattr("ui.serve.serve", lambda ask, features, **_: served.append(features))

    refused = run("chat", "--index", tmp_path / "one", "--no-add")
    started = run("chat", "--index", tmp_path / "two")

    assert (refused[0], refused[1]) == (1, "")
    assert "Make one: crossquote index FOLDER" in refused[2]
    assert not (tmp_path / "one").exists()
    assert started == (0, "", "")
    assert len(served) == 1
    assert (tmp_path / "two" / "index.db").exists()


@pytest.mark.parametrize(
    ("given", "expected"),
    [({}, 2), ({"server": "http://localhost:8000/v1"}, 4), ({"concurrency": 1}, 1)],
)
def test_more_is_answered_at_once_where_a_server_is_waited_for(
    given: dict[str, Any], expected: int
) -> None:
    assert Settings(**given).at_once == expected
