"""What README.md shows is what happens: its map, its options, its Python.

Three forms are expected in it.
The map: one fenced block whose lines are `path  what it is`, two spaces or more between, that names
every Python file of the four packages but `__init__.py`, or the folder that it is in (`path/`);
other paths must exist too. A line may name more files of its folder: `rag/write.py, store.py`.
Commands: `crossquote ...` in fenced blocks or backticks; their `--options` must be in the help.
Python: one fenced block marked `python`, run in a folder that `seeds` was indexed in; if the next
fenced block is marked `text`, it is what the Python prints.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("rag", "embeddings", "ui", "eval")
README = (ROOT / "README.md").read_text(encoding="utf-8")

BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
MAP_LINE = re.compile(r"^((?:rag|embeddings|ui|eval)/\S*(?:, \S+)*)\s{2,}\S", re.MULTILINE)
COMMAND = re.compile(r"\bcrossquote((?: [a-z]+)*)([^`\n]*)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
STYLING = re.compile(r"\x1b\[[0-9;]*m")


def run_python(folder: Path, *words: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "COLUMNS": "300"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{words} ended with {done.returncode}:\n{done.stderr}"
    return done.stdout


@cache
def list_options(*command: str) -> frozenset[str]:
    """The options in the help of `crossquote` with these sub-commands."""
    shown = run_python(ROOT, "-m", "rag", *command, "--help")
    return frozenset(OPTION.findall(STYLING.sub("", shown)))


def find_commands() -> list[tuple[tuple[str, ...], frozenset[str]]]:
    """Every `crossquote` command shown, with its options."""
    shown = [body for mark, body in BLOCKS if mark != "python"]
    prose = re.sub(r"^```.*?^```", "", README, flags=re.MULTILINE | re.DOTALL)
    shown += re.findall(r"`([^`\n]+)`", prose)
    return [
        (tuple(found[1].split()), frozenset(OPTION.findall(found[2])))
        for text in shown
        for found in COMMAND.finditer(text)
    ]


def read_map(body: str) -> set[str]:
    lines = [line.split(", ") for line in MAP_LINE.findall(body)]
    more = {f"{first.rpartition('/')[0]}/{name}" for first, *names in lines for name in names}
    return {first for first, *_ in lines} | more


def test_the_file_map_names_every_file_and_no_other() -> None:
    maps = [read_map(body) for _, body in BLOCKS if MAP_LINE.search(body)]
    tree = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name != "__init__.py"
    }

    assert len(maps) == 1, "README.md needs one fenced block of `path  what it is` lines"
    folders = tuple(path for path in maps[0] if path.endswith("/"))
    assert sorted(path for path in tree - maps[0] if not path.startswith(folders)) == []
    assert [path for path in sorted(maps[0]) if not (ROOT / path).exists()] == []


def test_every_option_shown_is_in_the_help_of_its_command() -> None:
    commands = find_commands()

    assert commands, "README.md shows no `crossquote` command"
    unknown = [
        f"crossquote {' '.join(command)} has no {option}"
        for command, options in commands
        if options
        for option in sorted(options - list_options(*command))
    ]
    assert unknown == []


@pytest.mark.model
def test_the_python_shown_prints_what_is_shown(tmp_path: Path) -> None:
    places = [n for n, (mark, _) in enumerate(BLOCKS) if mark == "python"]
    assert len(places) == 1, "README.md needs one fenced block marked `python`"
    run_python(tmp_path, "-m", "rag", "index", str(ROOT / "seeds"))

    printed = run_python(tmp_path, "-c", BLOCKS[places[0]][1])

    mark, expected = BLOCKS[places[0] + 1] if places[0] + 1 < len(BLOCKS) else ("", "")
    if mark == "text" and not MAP_LINE.search(expected):
        assert printed.splitlines() == expected.splitlines()
    assert printed.strip()


def test_it_can_be_read_in_one_go() -> None:
    assert len(README.splitlines()) < 200
