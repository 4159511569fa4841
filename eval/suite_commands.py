"""The commands `crossquote eval run`, `check`, `compare`, `ablate`, `gate` and `report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rag.config import Settings
from rag.errors import CorpusError
from rag.terminal import (
    DEMO_SET,
    PARTIAL,
    EncoderOption,
    GlossaryOption,
    IndexOption,
    JsonOption,
    ModelOption,
    ServerOption,
    errors,
    print_json,
    read_settings,
    show_progress,
)

if TYPE_CHECKING:
    from eval.measures.cost import Prices
    from eval.report import Report

SetArgument = Annotated[Path, typer.Argument(help="Questions, as JSON Lines.", metavar="SET")]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Folder of the run; one that was stopped there goes on."),
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", min=1, help="So many questions, drawn the same each time.")
]
BROKEN = 1


def run(
    questions_set: SetArgument = DEMO_SET,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="A public set instead, as published: file or folder."),
    ] = None,
    form: Annotated[
        str | None, typer.Option("--form", help="Of --data; found out by default.")
    ] = None,
    questions: Annotated[
        Literal["en", "zh"] | None,
        typer.Option("--questions", help="Of --data: language asked in."),
    ] = None,
    documents: Annotated[
        Literal["en", "zh"] | None,
        typer.Option("--documents", help="XQuAD-R: language searched; all pairs by default."),
    ] = None,
    limit: LimitOption = None,
    distractors: Annotated[
        Path | None,
        typer.Option("--distractors", help="With --data: JSON Lines of texts to put around."),
    ] = None,
    system: Annotated[
        Literal["crossquote", "bm25", "dense"],
        typer.Option("--system", help="What is asked: crossquote, or plain bm25 or dense."),
    ] = "crossquote",
    out: OutOption = None,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", help="With --data: where its index stays; in the run by default."),
    ] = None,
    index: IndexOption = None,
    glossary: GlossaryOption = None,
    encoder: EncoderOption = None,
    model: ModelOption = None,
    server: ServerOption = None,
    price_in: Annotated[
        float | None,
        typer.Option("--price-in", min=0, help="Of a million tokens read, for the cost."),
    ] = None,
    price_out: Annotated[
        float | None, typer.Option("--price-out", min=0, help="Of a million tokens written.")
    ] = None,
    failures: Annotated[bool, typer.Option("--failures", help="List what went wrong.")] = False,
    json_: JsonOption = False,
) -> None:
    """Ask a question set, and leave records and a report in a folder."""
    from eval.runs import name_run_folder
    from eval.suite import Selection, format_summary, run_selection

    settings = read_settings(
        index=index, glossary=glossary, encoder=encoder, model=model, server=server
    )
    prices = _read_prices(price_in, price_out)
    if data is None:
        if form or questions or documents or distractors or keep:
            raise typer.BadParameter(
                "--form, --questions, --documents, --distractors and --keep go with --data"
            )
        folder = out or name_run_folder(settings.index / "runs", questions_set.stem)
        reports = [_run_file(questions_set, settings, folder, limit, system, prices)]
    else:
        folder = out or name_run_folder(settings.index / "runs", data.stem)
        selection = Selection(data, form, questions, documents, limit, distractors)
        with show_progress("Asking") as bar:
            reports = run_selection(
                selection, settings, folder, keep=keep, system=system, prices=prices,
                progress=lambda _: bar,
            )  # fmt: skip
    if json_:
        print_json({"folder": str(folder), "runs": [report.to_dict() for report in reports]})
    else:
        typer.echo(format_summary(reports, failures=failures))
        typer.echo(f"Kept in {folder}")


def check(
    questions_set: SetArgument = DEMO_SET,
    index: IndexOption = None,
    glossary: GlossaryOption = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Of the documents, instead of an index.")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Prove that the quotes of a set stand in its documents; exit status 3 if it needs mending."""
    from eval.checks.check_set import check_set, format_check

    found = check_set(questions_set, read_settings(index=index, glossary=glossary), folder=folder)
    if json_:
        print_json(found.to_dict())
    else:
        typer.echo(format_check(found))
    if found.problems:
        raise typer.Exit(PARTIAL)


def compare(
    before: Annotated[Path, typer.Argument(help="Folder of a run.")],
    after: Annotated[Path, typer.Argument(help="Folder of a later one.")],
    parts: Annotated[
        bool, typer.Option("--parts", help="Every kind and tag, not only the pairs.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=0, help="Questions to list, of worse and better.")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Compare two runs question by question, with how sure each difference is."""
    from eval.compare import compare_runs, format_comparison
    from eval.runs import is_finished, read_run

    runs = [read_run(folder) for folder in (before, after)]
    for report in runs:
        if not is_finished(report):
            errors.print(f"{report.name} is not finished", markup=False)
    try:
        comparison = compare_runs(*runs)
    except ValueError as exc:
        raise CorpusError(str(exc)) from exc
    if json_:
        print_json(comparison.to_dict())
    else:
        chosen = list(comparison.parts) if parts else None
        typer.echo(format_comparison(comparison, parts=chosen, questions=limit))


def ablate(
    questions_set: SetArgument = DEMO_SET,
    stages: Annotated[
        str, typer.Option("--stages", help="Which to leave out, with commas; each by default.")
    ] = "",
    limit: LimitOption = None,
    out: OutOption = None,
    index: IndexOption = None,
    glossary: GlossaryOption = None,
    encoder: EncoderOption = None,
    json_: JsonOption = False,
) -> None:
    """Leave out one stage at a time, and tell what each is worth on a question set."""
    from eval.ablate import ablate_stages, format_ablation
    from eval.questions import read_questions
    from eval.runs import name_run_folder
    from eval.suite import draw_questions, run_set
    from rag.pipeline import load_encoder
    from rag.stages import ALL_STAGES, STAGES

    asked = draw_questions(read_questions(questions_set), limit)
    settings = read_settings(index=index, glossary=glossary, encoder=encoder)
    loaded = load_encoder(settings)
    folder = out or name_run_folder(settings.index / "runs", f"{questions_set.stem}-ablate")

    def run_without(stage: str | None, own: Path) -> Report:
        left = ALL_STAGES.leave_out(stage) if stage else ALL_STAGES
        with show_progress(f"Without {stage}" if stage else "Whole") as progress:
            return run_set(
                asked, settings, own, set_name=questions_set.stem, stages=left,
                encoder=loaded, progress=progress,
            )  # fmt: skip

    chosen = [name.strip() for name in stages.split(",")] if stages else list(STAGES)
    ablation = ablate_stages(run_without, folder, stages=chosen)
    if json_:
        print_json(ablation.to_dict())
    else:
        pairs = [part for part in ablation.whole.parts if ": " not in part]
        typer.echo(format_ablation(ablation, parts=pairs))
        typer.echo(f"\nKept in {folder}")


def gate(
    file: Annotated[Path, typer.Argument(help="Floors, as TOML.", metavar="FILE")],
    run_folder: Annotated[
        Path | None, typer.Option("--run", help="Judge this run; nothing is asked.")
    ] = None,
    out: OutOption = None,
    index: IndexOption = None,
    glossary: GlossaryOption = None,
    encoder: EncoderOption = None,
) -> None:
    """Run a question set, and fail with status 1 where a floor is not reached."""
    from eval.gate import check_floors, format_verdicts, read_gate
    from eval.runs import name_run_folder, read_run

    wanted = read_gate(file)
    if run_folder is not None:
        report = read_run(run_folder)
    else:
        settings = read_settings(index=index, glossary=glossary, encoder=encoder)
        folder = out or name_run_folder(settings.index / "runs", wanted.questions.stem)
        report = _run_file(wanted.questions, settings, folder, None, "crossquote")
        typer.echo(f"Kept in {folder}")
    verdicts = check_floors(report, wanted.floors)
    typer.echo(format_verdicts(verdicts))
    if not all(verdict.held for verdict in verdicts):
        raise typer.Exit(BROKEN)


def report(folder: Annotated[Path, typer.Argument(help="Of a run.")]) -> None:
    """Write the report of a run anew, as far as it came, and say where it is."""
    from eval.runs import MARKDOWN, PAGE, REPORT, is_finished, read_run, write_report

    found = read_run(folder)
    try:
        write_report(found, folder)
    except OSError as exc:
        raise CorpusError(f"the report cannot be written: {exc}") from exc
    if not is_finished(found):
        errors.print("The run is not finished: go on with eval run --out.", markup=False)
    for name in (PAGE, MARKDOWN, REPORT):
        typer.echo(folder / name)


def _run_file(
    path: Path,
    settings: Settings,
    folder: Path,
    limit: int | None,
    system: str,
    prices: Prices | None = None,
) -> Report:
    from eval.questions import read_questions
    from eval.suite import draw_questions, run_set

    asked = draw_questions(read_questions(path), limit)
    with show_progress("Asking") as progress:
        return run_set(
            asked, settings, folder, set_name=path.stem, system=system, prices=prices,
            progress=progress,
        )  # fmt: skip


def _read_prices(price_in: float | None, price_out: float | None) -> Prices | None:
    from eval.measures.cost import Prices

    if price_in is None and price_out is None:
        return None
    try:
        return Prices(price_in or 0.0, price_out or 0.0)
    except ValueError as exc:
        raise typer.BadParameter(f"--price-in and --price-out: {exc}") from exc
