"""The commands `crossquote eval …`: measure on question sets, fit the weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from eval.suite_commands import ablate, check, compare, gate, report, run
from rag.terminal import (
    DEMO_SET,
    EncoderOption,
    GlossaryOption,
    JsonOption,
    print_json,
    read_settings,
    show_progress,
)

evaluation = typer.Typer(help="Measure on question sets.", no_args_is_help=True)
for command in (run, report, compare, check, gate, ablate):
    evaluation.command()(command)


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
    from eval.fitting.pool import evaluate_file
    from eval.fitting.retrieval import format_report

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


@evaluation.command("answers")
def grade(
    data: Annotated[Path, typer.Option("--data", help="XQuAD-R folder.")],
    glossary: GlossaryOption = None,
    encoder: EncoderOption = None,
    json_: JsonOption = False,
) -> None:
    """Measure what the judge was fitted for, on the half of XQuAD-R that had no part in it.

    Each question is asked as it is, with its paragraph away, and about another name.
    """
    from eval.fitting.pairs import describe_pairs, evaluate_pairs, format_pairs

    settings = read_settings(glossary=glossary, encoder=encoder)
    with show_progress("Asking") as progress:
        reports = evaluate_pairs(data, settings, progress=progress)
    if json_:
        print_json(describe_pairs(reports))
    else:
        print(format_pairs(reports))


@evaluation.command("encoder")
def measure_encoder(
    data: Annotated[
        Path | None, typer.Option("--data", help="XQuAD-R folder; measures recall too.")
    ] = None,
    questions: Annotated[
        Path, typer.Option("--set", help="Questions to time, as JSON Lines.")
    ] = DEMO_SET,
    json_: JsonOption = False,
) -> None:
    """Time the bundled encoder in every precision, and measure what each costs in recall."""
    from eval.fitting.encoding import compare_precisions, describe_precisions, format_precisions
    from eval.questions import read_questions

    asked = [question.question for question in read_questions(questions)]
    with show_progress("Encoding") as progress:
        reports = compare_precisions(asked, data, progress=progress)
    if json_:
        print_json(describe_precisions(reports))
    else:
        print(format_precisions(reports))


@evaluation.command("fit")
def fit(
    data: Annotated[Path, typer.Option("--data", help="XQuAD-R folder.")],
    squad: Annotated[
        Path | None, typer.Option("--squad", help="A SQuAD-format file to learn from as well.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Replace the weights in use.")] = False,
) -> None:
    """Fit the weights that judge answers, and report on the half that was not fitted."""
    from eval.fitting.fit import fit_folder, format_fit, write_weights

    with show_progress("Asking") as progress:
        reports, weights = fit_folder(data, read_settings(), squad=squad, progress=progress)
    print(format_fit(reports))
    if write:
        write_weights(weights)


@evaluation.command("reread")
def fit_reread(
    data: Annotated[Path, typer.Option("--data", help="XQuAD-R folder.")],
    squad: Annotated[
        Path | None, typer.Option("--squad", help="A SQuAD-format file to learn from as well.")
    ] = None,
    every: Annotated[int, typer.Option("--every", min=1, help="Ask one question in so many.")] = 1,
    write: Annotated[bool, typer.Option("--write", help="Replace the weights in use.")] = False,
) -> None:
    """Fit the weights that join judge and cross-encoder, and report on the half not fitted."""
    from eval.fitting.again import fit_again
    from eval.fitting.fit import format_fit, write_weights
    from rag.reread import WEIGHTS_FILE

    with show_progress("Asking") as progress:
        reports, weights = fit_again(
            data, read_settings(), squad=squad, every=every, progress=progress
        )
    print(format_fit(reports))
    if write:
        write_weights(weights, WEIGHTS_FILE)


@evaluation.command("support")
def support(
    data: Annotated[Path, typer.Option("--data", help="Sentence pairs: pairs.tsv.gz.")],
    limit: Annotated[int | None, typer.Option("--limit", min=2, help="Pairs to read.")] = None,
    json_: JsonOption = False,
) -> None:
    """Measure what verification accepts and refuses, on translations and spoilt ones."""
    from eval.fitting.support import evaluate_support, format_support
    from rag.pipeline import load_glossary

    with show_progress("Verifying") as progress:
        report = evaluate_support(data, load_glossary(None), limit=limit, progress=progress)
    if json_:
        print_json(report.to_dict())
    else:
        print(format_support(report))
