"""What the commands share: options, settings, progress, and how they print."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from rag.config import Settings
from rag.errors import CorpusError

WRONG_USAGE, PARTIAL = 2, 3
DEMO_SET = Path(__file__).parents[1] / "eval" / "seeds.jsonl"
errors = Console(stderr=True, highlight=False, soft_wrap=True)

IndexOption = Annotated[
    Path | None, typer.Option("--index", help="Folder of the index; .crossquote by default.")
]
GlossaryOption = Annotated[
    Path | None,
    typer.Option("--glossary", help="Your own names: a .tsv of Chinese word, tab, English."),
]
EncoderOption = Annotated[
    str | None,
    typer.Option("--encoder", help="A sentence-transformers model, hub name or folder."),
]

ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", help="Language model that words answers: hub name, folder, or at --server."
    ),
]
ServerOption = Annotated[
    str | None,
    typer.Option("--server", help="Address of an OpenAI-compatible server that has the model."),
]


def check_encoding_option(encoding: str | None) -> str | None:
    """Refuse an unknown encoding before anything is read."""
    from rag.files.decode import check_encoding

    try:
        return None if encoding is None else check_encoding(encoding)
    except ValueError as exc:
        raise typer.BadParameter(str(exc)) from exc


EncodingOption = Annotated[
    str | None,
    typer.Option(
        "--encoding", help="Of text files, if it is known.", callback=check_encoding_option
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def read_examples(path: Path | None) -> list[str]:
    """Return the lines of a file, blank ones left out; none without a file."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines() if path else []
    except (OSError, UnicodeDecodeError) as exc:
        raise CorpusError(f"cannot read the examples at {str(path)!r}: {exc}") from exc
    return [line.strip() for line in lines if line.strip()]


def read_settings(**given: object) -> Settings:
    """Settings from the environment, with what was given on the command line before them."""
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**chosen)
    except ValidationError as exc:
        for error in exc.errors():
            name = f"CROSSQUOTE_{'_'.join(map(str, error['loc']))}".upper()
            errors.print(f"{name} is {error['input']!r}: {error['msg']}", markup=False)
        raise typer.Exit(WRONG_USAGE) from exc


@contextmanager
def show_progress(what: str, *, speed: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Give a function (done, total) that draws a bar on a terminal's standard error.

    With `speed`, done and total are bytes, and the bar tells how many a second.
    """
    columns: list[ProgressColumn] = [
        TextColumn(what), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
    ]  # fmt: skip
    if speed:
        columns.append(TransferSpeedColumn())
    hidden = not errors.is_terminal  # else it would leave an empty line in a log
    with Progress(*columns, console=errors, transient=True, disable=hidden) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def show_text(text: str) -> str:
    """Text of documents as a terminal may show it: no character of it steers the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


def print_json(record: object) -> None:
    """Print one JSON value, in UTF-8 and readable."""
    print(json.dumps(record, ensure_ascii=False, indent=2))
