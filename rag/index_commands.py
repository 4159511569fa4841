"""The commands that make and keep an index: `index`, `documents`, `remove`, `check`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import RagError
from rag.terminal import (
    PARTIAL,
    EncoderOption,
    EncodingOption,
    GlossaryOption,
    IndexOption,
    JsonOption,
    errors,
    print_json,
    read_settings,
    show_progress,
    show_text,
)

if TYPE_CHECKING:
    from rag.synchronize import BuildReport

COURTESY = 5  # niceness of the process: an app on the same machine answers first


def index(
    folder: Annotated[Path, typer.Argument(help="Your documents, or one file.")],
    index: IndexOption = None,
    glossary: GlossaryOption = None,
    encoder: EncoderOption = None,
    encoding: EncodingOption = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Start anew, whatever the index holds.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, and take in what changes, until Ctrl-C.")
    ] = False,
    json_: JsonOption = False,
) -> None:
    """Bring the index in line with a folder; a second run takes in only what changed."""
    from rag.pipeline import build_index

    settings = read_settings(index=index, glossary=glossary, encoder=encoder)
    _step_back()

    def build(*, anew: bool) -> BuildReport:
        with show_progress("Indexing", speed=True) as progress:
            return build_index(
                folder, settings=settings, rebuild=anew, encoding=encoding,
                progress=lambda done, total, name: progress(done, total),
            )  # fmt: skip

    if watch:
        _keep_in_line(folder, build, rebuild=rebuild, json_=json_)
        return
    report = build(anew=rebuild)
    _print_report(report, json_=json_)
    if any(problem.skipped for problem in report.problems):
        raise typer.Exit(PARTIAL)


def documents(index: IndexOption = None, json_: JsonOption = False) -> None:
    """List the documents of the index: id, language, passages, date, title."""
    from rag.catalog import list_documents

    found = list_documents(read_settings(index=index).database)
    if json_:
        keys = ("id", "file", "title", "source", "language", "passages", "copy_of")
        print_json(
            [
                {key: getattr(item, key) for key in keys}
                | {"published": item.published.isoformat() if item.published else None}
                for item in found
            ]
        )
        return
    for item in found:
        day = item.published.isoformat() if item.published else "-" * 10
        copy = f"   (copy of {item.copy_of})" if item.copy_of else ""
        line = f"{item.language}  {item.passages:>5}  {day}  {item.id}   {item.title}{copy}"
        print(show_text(" ".join(line.split("\n"))))


def remove(
    names: Annotated[
        list[str], typer.Argument(help="Files or documents, as `crossquote documents` names them.")
    ],
    index: IndexOption = None,
    glossary: GlossaryOption = None,
) -> None:
    """Take documents out of the index; files of the folder are left alone, added ones deleted."""
    from rag.catalog import remove_documents
    from rag.pipeline import open_writer
    from rag.types import ADDED

    settings = read_settings(index=index, glossary=glossary)
    count = remove_documents(settings.database, names, lambda: open_writer(settings))
    said = [f"{count} documents removed."]
    if any(name.startswith(ADDED) for name in names):
        said.append("Files that had been added are deleted, with all their documents.")
    if not all(name.startswith(ADDED) for name in names):
        said.append(
            "The next crossquote index takes in again what lies in the folder; to keep a file out, "
            "name it in .crossquoteignore there."
        )
    print(" ".join(said))


def check(
    index: IndexOption = None,
    glossary: GlossaryOption = None,
    repair: Annotated[
        bool, typer.Option("--repair/--no-repair", help="Mend what can be mended.")
    ] = True,
    json_: JsonOption = False,
) -> None:
    """Verify the index: every hash, every quote's place, every vector and cache; and repair it."""
    from rag.check import check_index
    from rag.pipeline import load_glossary
    from rag.repair import repair_index

    settings = read_settings(index=index, glossary=glossary)
    words = load_glossary(settings.glossary)
    with show_progress("Checking") as progress:
        report = check_index(settings.database, words, progress=progress)
    if not json_:
        for name, count in report.counts.items():
            print(f"{count:>8}  {name}")
        for problem in report.problems:
            errors.print(problem, markup=False)
        print("damaged" if report.problems else "sound")
    advice = repair_index(settings.database, words, report) if repair else ()
    if json_:
        print_json({**report.counts, "problems": list(report.problems), "advice": list(advice)})
    else:
        for line in advice:
            errors.print(line, markup=False)
    if report.problems:
        raise typer.Exit(PARTIAL)


def _step_back() -> None:
    """Let other processes go first: all cores are used, but nobody waits for it."""
    if hasattr(os, "nice"):
        os.nice(max(0, COURTESY - os.nice(0)))


def _keep_in_line(
    folder: Path, build: Callable[..., BuildReport], *, rebuild: bool, json_: bool
) -> None:
    """Build, and build again whenever the folder changes, until Ctrl-C."""
    from rag.watch import watch_folder

    told = ""
    watching = watch_folder(folder)
    try:
        next(watching)
        _print_report(build(anew=rebuild), json_=json_)
        errors.print(f"Watching {str(folder)!r}   (stop with Ctrl-C)", markup=False)
        taken = True
        while True:
            watching.send(taken)
            try:
                _print_report(build(anew=False), json_=json_)
                taken, told = True, ""
            except RagError as exc:  # the folder or the lock may be free again while we watch
                taken, before, told = False, told, f"{exc}. It is tried again until it works"
                if told != before:
                    errors.print(told, markup=False)
    except KeyboardInterrupt:
        errors.print("Stopped")


def _print_report(report: BuildReport, *, json_: bool) -> None:
    for problem in report.problems:
        what = "skipped" if problem.skipped else "warning"
        errors.print(f"{what}: {problem.path}: {problem.reason}", markup=False)
    if json_:
        keys = ("encoded", "unchanged", "removed", "documents", "copies", "passages")
        problems = [
            {"path": p.path, "reason": p.reason, "skipped": p.skipped} for p in report.problems
        ]
        print_json(
            {key: getattr(report, key) for key in keys}
            | {"seconds": round(report.seconds, 3), "problems": problems}
        )
        return
    skipped = sum(problem.skipped for problem in report.problems)
    copies = f", {report.copies} of them held already" if report.copies else ""
    print(
        f"{report.encoded} files read ({report.documents} documents{copies}, {report.passages} "
        f"passages encoded), {report.unchanged} unchanged, {report.removed} removed, {skipped} "
        f"skipped, in {report.seconds:.1f} s"
    )
    print('Ask: crossquote ask "…"   or chat: crossquote chat')
