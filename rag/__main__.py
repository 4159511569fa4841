"""The command line: `crossquote index`, `ask`, `chat`, `check`, `eval`, `bench`.

Exit status: 0 all well; 1 an error, told in one sentence; 2 wrong usage; 3 the documents do not
answer (`ask`), or some files were skipped (`index`), or something is damaged (`check`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from rag.config import Settings
from rag.errors import RagError
from rag.types import Answer

PARTIAL = 3
EXAMPLES = (
    "when did the SU7 launch?",
    "How many vehicles did SAIC-GM-Wuling sell in the first half of the year?",
    "SU7 Ultra的预售价是多少？",
    "小米第二款新车什么时候上市？",
)

app = typer.Typer(
    help="Answer questions over a folder of documents, with exact, checkable quotes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
evaluation = typer.Typer(help="Measure on public question sets.", no_args_is_help=True)
app.add_typer(evaluation, name="eval")
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
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def index(
    folder: Annotated[Path, typer.Argument(help="Your documents, or one file.")],
    index: IndexOption = None,
    glossary: GlossaryOption = None,
    encoder: EncoderOption = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="Of text files, if it is known.")
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Start anew, whatever the index holds.")
    ] = False,
    json_: JsonOption = False,
) -> None:
    """Read a folder into the index; a second run takes in only what changed."""
    from rag.pipeline import build_index

    settings = read_settings(index=index, glossary=glossary, encoder=encoder)
    with show_progress("Indexing") as progress:
        report = build_index(
            folder, settings=settings, rebuild=rebuild, encoding=encoding,
            progress=lambda done, total, name: progress(done, total),
        )  # fmt: skip
    for problem in report.problems:
        errors.print(f"{'skipped' if problem.skipped else 'warning'}: {problem.path}: ", end="")
        errors.print(problem.reason, markup=False)
    if json_:
        record = {
            "encoded": report.encoded, "unchanged": report.unchanged, "removed": report.removed,
            "documents": report.documents, "passages": report.passages,
            "seconds": round(report.seconds, 3),
            "problems": [
                {"path": p.path, "reason": p.reason, "skipped": p.skipped} for p in report.problems
            ],
        }  # fmt: skip
        print_json(record)
    else:
        skipped = sum(problem.skipped for problem in report.problems)
        print(
            f"{report.encoded} files read ({report.documents} documents, {report.passages} "
            f"passages), {report.unchanged} unchanged, {report.removed} removed, {skipped} "
            f"skipped, in {report.seconds:.1f} s"
        )
        print('Ask: crossquote ask "…"   or chat: crossquote chat')
    if any(problem.skipped for problem in report.problems):
        raise typer.Exit(PARTIAL)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="In English or Chinese.")],
    index: IndexOption = None,
    glossary: GlossaryOption = None,
    encoder: EncoderOption = None,
    json_: JsonOption = False,
) -> None:
    """Answer one question, with numbered quotes."""
    from rag.pipeline import Answerer

    answerer = Answerer(read_settings(index=index, glossary=glossary, encoder=encoder))
    answer = answerer(question)
    if json_:
        print_json(answer.to_dict())
    else:
        print_answer(answer)
    if not answer.found:
        raise typer.Exit(PARTIAL)


@app.command()
def chat(
    index: IndexOption = None,
    glossary: GlossaryOption = None,
    encoder: EncoderOption = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="0 takes any free one.")] = 7860,
) -> None:
    """Open the chat app in the browser's reach."""
    from rag.pipeline import Answerer
    from ui.serve import serve

    answerer = Answerer(read_settings(index=index, glossary=glossary, encoder=encoder))
    answerer.warm_up()
    print(f"Chat: http://{host}:{port}   (stop with Ctrl-C)", flush=True)
    serve(answerer, host=host, port=port, examples=EXAMPLES)


@app.command()
def check(index: IndexOption = None, json_: JsonOption = False) -> None:
    """Verify the index: every hash, every quote's place, every vector."""
    from rag.check import check_index

    report = check_index(read_settings(index=index).database)
    if json_:
        print_json({**report.counts, "problems": list(report.problems)})
    else:
        for name, count in report.counts.items():
            print(f"{count:>8}  {name}")
        for problem in report.problems:
            errors.print(problem, markup=False)
        print("damaged" if report.problems else "sound")
    if report.problems:
        errors.print("Repair it: crossquote index FOLDER --rebuild")
        raise typer.Exit(PARTIAL)


@app.command()
def bench(
    index: IndexOption = None,
    repeat: Annotated[int, typer.Option("--repeat", min=1, help="Times each question.")] = 5,
    json_: JsonOption = False,
) -> None:
    """Time questions on the index: loaded, and from a cold start of the command."""
    from eval.latency import bench_questions, format_bench

    settings = read_settings(index=index)
    with show_progress("Asking") as progress:
        report = bench_questions(settings, EXAMPLES, repeat=repeat, progress=progress)
    if json_:
        print_json(report.to_dict())
    else:
        print(format_bench(report))


@evaluation.command("retrieval")
def evaluate(
    data: Annotated[Path, typer.Option("--data", help="XQuAD-R folder, or a SQuAD-format file.")],
    questions: Annotated[
        Literal["en", "zh"],
        typer.Option("--questions", help="XQuAD-R: language asked in, en or zh."),
    ] = "en",
    documents: Annotated[
        Literal["en", "zh"],
        typer.Option("--documents", help="XQuAD-R: language searched, en or zh."),
    ] = "zh",
    unit: Annotated[
        Literal["sentence", "paragraph"],
        typer.Option("--unit", help="XQuAD-R: sentence or paragraph."),
    ] = "sentence",
    legs: Annotated[bool, typer.Option("--legs/--no-legs", help="Each leg alone too.")] = True,
    encoder: EncoderOption = None,
    json_: JsonOption = False,
) -> None:
    """Rank the evidence of a public question set, through the code that answers."""
    from eval.pool import evaluate_file
    from eval.retrieval import format_report

    settings = read_settings(encoder=encoder)
    with show_progress("Measuring") as progress:
        report = evaluate_file(
            data, settings, questions=questions, documents=documents, unit=unit,
            with_legs=legs, progress=progress,
        )  # fmt: skip
    if json_:
        print_json(report.to_dict())
    else:
        print(format_report(report))


@evaluation.command("fit")
def fit(
    data: Annotated[Path, typer.Option("--data", help="XQuAD-R folder.")],
    write: Annotated[bool, typer.Option("--write", help="Replace the weights in use.")] = False,
) -> None:
    """Fit the weights that judge answers, and report on the half that was not fitted."""
    from eval.fit import fit_folder, format_fit, write_weights

    with show_progress("Asking") as progress:
        reports, weights = fit_folder(data, read_settings(), progress=progress)
    print(format_fit(reports, weights))
    if write:
        write_weights(weights)


def read_settings(**given: object) -> Settings:
    """Settings from the environment, with what was given on the command line before them."""
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return Settings(**chosen)


@contextmanager
def show_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function (done, total) that draws a bar on a terminal's standard error."""
    columns = (
        TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_answer(answer: Answer) -> None:
    """The answer as prose, then a line a citation; or the refusal and the closest passages."""
    print(answer.text)
    if answer.citations:
        print()
    for citation in answer.citations:
        day = f", {citation.published.isoformat()}" if citation.published else ""
        print(f"[{citation.number}] {citation.title} ({citation.source}{day})")


def print_json(record: object) -> None:
    """Print one JSON value, in UTF-8 and readable."""
    print(json.dumps(record, ensure_ascii=False, indent=2))


def main() -> None:
    """Run the command; an error for the user is one sentence on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a locale that is not UTF-8 must not break a quote
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except RagError as exc:
        errors.print(str(exc), markup=False)
        raise SystemExit(1) from exc


if __name__ == "__main__":
    main()
