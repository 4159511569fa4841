"""The commands `crossquote bench …`: time an index, how all grows with it, a soak, many readers."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from rag.terminal import (
    DEMO_SET,
    PARTIAL,
    EncoderOption,
    IndexOption,
    JsonOption,
    errors,
    print_json,
    read_settings,
    show_progress,
)

benching = typer.Typer(
    help="Time questions on the index, measure how all grows with it, soak it or crowd it.",
    invoke_without_command=True,
)
DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="JSON Lines of id and text (.gz too): build and ask indexes."),
]
OutOption = Annotated[Path | None, typer.Option("--out", help="Folder for bench.json and charts.")]


@benching.callback()
def bench(
    context: typer.Context,
    index: IndexOption = None,
    questions: Annotated[
        Path | None,
        typer.Option(
            "--set", help="Questions to ask, as JSON Lines; with --data made of the texts."
        ),
    ] = None,
    repeat: Annotated[int, typer.Option("--repeat", min=1, help="Times each question.")] = 1,
    data: DataOption = None,
    sizes: Annotated[
        str, typer.Option("--sizes", help="With --data: passages of each index.")
    ] = "1000,10000,100000",
    keep: Annotated[
        Path | None,
        typer.Option("--keep", help="With --data: where indexes stay, for the next time."),
    ] = None,
    per_file: Annotated[
        int, typer.Option("--per-file", min=1, help="With --data: documents in a file.")
    ] = 1_000,
    baselines: Annotated[
        bool, typer.Option("--baselines/--no-baselines", help="With --data: plain searches too.")
    ] = True,
    out: OutOption = None,
    encoder: EncoderOption = None,
    json_: JsonOption = False,
) -> None:
    """Time questions on the index, loaded and from a cold start; with --data, at growing sizes."""
    if context.invoked_subcommand is not None:
        return
    if data is not None:
        _bench_growth(data, _read_sizes(sizes), questions, keep, per_file, baselines, out,
                      encoder, json_)  # fmt: skip
        return
    from eval.bench.latency import bench_questions, format_bench
    from eval.questions import read_questions

    asked = [question.question for question in read_questions(questions or DEMO_SET)]
    settings = read_settings(index=index, encoder=encoder)
    with show_progress("Asking") as progress:
        report = bench_questions(settings, asked, repeat=repeat, progress=progress)
    if json_:
        print_json(report.to_dict())
    else:
        typer.echo(format_bench(report))


@benching.command("soak")
def soak(
    data: Annotated[Path, typer.Option("--data", help="JSON Lines of id and text (.gz too).")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the index and the results.")],
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, help="How long to ask.")] = 60,
    passages: Annotated[int, typer.Option("--passages", min=100, help="In the index.")] = 2_000,
    threads: Annotated[int, typer.Option("--threads", min=1, help="That ask.")] = 2,
    encoder: EncoderOption = None,
) -> None:
    """Ask while documents come, change and go; exit status 3 if anything gives way."""
    from eval.bench.soak import soak_data
    from eval.bench.windows import format_window

    report = soak_data(
        data, out, read_settings(encoder=encoder),
        minutes=minutes, passages=passages, threads=threads,
        tell=lambda window: typer.echo(format_window(window)),
    )  # fmt: skip
    for words in report.errors:
        errors.print(words, markup=False)
    for problem in report.problems:
        errors.print(problem, markup=False)
    typer.echo("something gave way" if report.problems else "sound")
    if report.problems:
        raise typer.Exit(PARTIAL)


@benching.command("chats")
def chats(
    index: IndexOption = None,
    url: Annotated[
        str | None,
        typer.Option("--url", help="Of a server that runs already; else one is started."),
    ] = None,
    questions: Annotated[
        Path, typer.Option("--set", help="Questions to ask, as JSON Lines.")
    ] = DEMO_SET,
    readers: Annotated[
        str | None,
        typer.Option(
            "--readers",
            help="How many at once, load by load, with commas; by default 1, as many as are "
            "answered at once, 8, 30 and 80.",
        ),
    ] = None,
    each: Annotated[int, typer.Option("--each", min=1, help="Questions that a reader asks.")] = 10,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for chats.json.")] = None,
    encoder: EncoderOption = None,
    json_: JsonOption = False,
) -> None:
    """Ask over HTTP as many readers at once do; exit status 3 if a question fails."""
    from eval.bench.chats import (
        bench_chats,
        fetch_capacity,
        format_loads,
        judge_loads,
        list_crowds,
        serve_index,
    )
    from eval.questions import read_questions

    asked = [question.question for question in read_questions(questions)]
    at_once = None if readers is None else _read_sizes(readers, "--readers")
    serving = nullcontext(url) if url else serve_index(read_settings(index=index, encoder=encoder))
    with serving as address:
        capacity = fetch_capacity(address)
        crowds = at_once or list_crowds(capacity)
        reports = bench_chats(address, asked, readers=crowds, each=each)
    record = {
        "each": each,
        "capacity": capacity,
        "loads": [report.to_dict() for report in reports],
        "below_floor": judge_loads(reports, capacity),
    }
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(record, ensure_ascii=False, indent=2)
        (out / "chats.json").write_text(text + "\n", encoding="utf-8")
    if json_:
        print_json(record)
    else:
        typer.echo(format_loads(reports, capacity))
    failed = [words for report in reports for words in report.words]
    for words in failed:
        errors.print(words, markup=False)
    if failed or any(report.recovery != "ok" for report in reports):
        raise typer.Exit(PARTIAL)


@benching.command("vectors")
def vectors(
    index: IndexOption = None,
    questions: Annotated[
        Path, typer.Option("--set", help="Questions to search for, as JSON Lines.")
    ] = DEMO_SET,
    rows: Annotated[
        str, typer.Option("--rows", help="How many vectors to index, with commas; all by default.")
    ] = "",
    encoder: EncoderOption = None,
    json_: JsonOption = False,
) -> None:
    """Compare FAISS's kinds of index on the passages of an index: recall, time, memory."""
    from eval.bench.neighbors import compare_kinds, describe_kinds, format_kinds, read_index_vectors
    from eval.questions import read_questions
    from rag.pipeline import load_encoder

    settings = read_settings(index=index, encoder=encoder)
    found = read_index_vectors(settings.database)
    asked = [question.question for question in read_questions(questions)]
    sizes = _read_sizes(rows) if rows else [len(found)]
    if not 50 <= min(sizes) <= max(sizes) <= len(found):
        raise typer.BadParameter(f"50 to {len(found)} are possible", param_hint="--rows")
    queries = load_encoder(settings).encode_queries(asked)
    with show_progress("Measuring") as progress:
        reports = compare_kinds(found, queries, sizes=sizes, progress=progress)
    if json_:
        print_json(describe_kinds(reports))
    else:
        typer.echo(format_kinds(reports))


def _bench_growth(
    data: Path,
    sizes: list[int],
    questions: Path | None,
    keep: Path | None,
    per_file: int,
    baselines: bool,
    out: Path | None,
    encoder: str | None,
    json_: bool,
) -> None:
    from eval.bench.growth import measure_growth
    from eval.bench.tables import draw_growth, format_growth
    from eval.questions import read_questions

    asked = [q.question for q in read_questions(questions)] if questions else None
    report = measure_growth(
        data, read_settings(encoder=encoder), sizes=sizes, questions=asked, keep=keep,
        per_file=per_file, baselines=baselines,
        tell=lambda words: errors.print(words, markup=False),
    )  # fmt: skip
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        record = json.dumps(report.to_dict(), ensure_ascii=False, indent=2)
        (out / "bench.json").write_text(record + "\n", encoding="utf-8")
        for name, svg in draw_growth(report).items():
            (out / f"bench-{name}.svg").write_text(svg, encoding="utf-8")
    if json_:
        print_json(report.to_dict())
    else:
        typer.echo(format_growth(report))


def _read_sizes(text: str, option: str = "--sizes") -> list[int]:
    try:
        sizes = [int(part) for part in text.split(",")]
    except ValueError as exc:
        raise typer.BadParameter(f"{text!r} are no numbers with commas", param_hint=option) from exc
    if min(sizes) < 1:
        raise typer.BadParameter("each is at least 1", param_hint=option)
    return sizes
