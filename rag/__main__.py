"""The command line: `crossquote index`, `ask`, `chat`, and what keeps and measures them.

Exit status: 0 all well; 1 an error, told in one sentence; 2 wrong usage; 3 the documents do not
answer (`ask`), or some files were skipped (`index`), or something is damaged (`check`).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from eval.bench.commands import benching
from eval.commands import evaluation
from rag.errors import RagError
from rag.index_commands import check, documents, index, remove
from rag.terminal import (
    PARTIAL,
    EncoderOption,
    GlossaryOption,
    IndexOption,
    JsonOption,
    ModelOption,
    ServerOption,
    errors,
    print_json,
    read_examples,
    read_settings,
)
from rag.types import Answer, Citation
from ui.words import WORDS, list_remarks

CLOSEST_SHOWN, SHOWN_CHARS = 3, 100

app = typer.Typer(
    help="Answer questions over a folder of documents, with exact, checkable quotes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (index, documents, remove, check):
    app.command()(command)
app.add_typer(evaluation, name="eval")
app.add_typer(benching, name="bench")


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="In English or Chinese.")],
    index: IndexOption = None,
    glossary: GlossaryOption = None,
    encoder: EncoderOption = None,
    model: ModelOption = None,
    server: ServerOption = None,
    json_: JsonOption = False,
) -> None:
    """Answer one question, with numbered quotes."""
    from rag.pipeline import Answerer

    answerer = Answerer(
        read_settings(index=index, glossary=glossary, encoder=encoder, model=model, server=server)
    )
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
    model: ModelOption = None,
    server: ServerOption = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="0 takes any free one.")] = 7860,
    examples: Annotated[
        Path | None,
        typer.Option("--examples", help="Questions to offer at the start, one a line."),
    ] = None,
) -> None:
    """Open the chat app in the browser's reach."""
    from rag.pipeline import Answerer
    from ui.serve import serve

    offered = read_examples(examples)
    settings = read_settings(
        index=index, glossary=glossary, encoder=encoder, model=model, server=server
    )
    answerer = Answerer(settings)
    answerer.warm_up()

    def announce(address: str) -> None:
        print(f"Chat: {address}   (stop with Ctrl-C)", flush=True)

    serve(
        answerer,
        host=host,
        port=port,
        examples=offered,
        reports=settings.index / "runs",
        announce=announce,
    )


def print_answer(answer: Answer) -> None:
    """The answer as prose, then a line a citation; or the refusal and the closest passages.

    Above stands what a follow-up was understood as, below a quote in the other language its
    gloss, and below the prose how it came about.
    """
    words = WORDS[answer.language]
    if answer.rewritten:
        print(f"{words.understood}{answer.rewritten}\n")
    print(answer.text)
    for remark in list_remarks(answer, words):
        print(f"\n{remark}")
    if answer.citations:
        print()
    for citation in answer.citations:
        _print_citation(citation, answer)
    if not answer.found and answer.hits:
        closest = answer.hits[:CLOSEST_SHOWN]
        print(f"\n{words.count(words.closest, len(closest))}")
        for hit in closest:
            print(f"- {hit.passage.document_id}: {_shorten(hit.passage.text)}")


def _print_citation(citation: Citation, answer: Answer) -> None:
    day = f", {citation.published.isoformat()}" if citation.published else ""
    print(f"[{citation.number}] {citation.title} ({citation.source}{day})")
    if citation.copies:
        print(f"    {WORDS[answer.language].also}{', '.join(citation.copies)}")
    if answer.model:  # else the prose holds the quotes
        print(f"    {_mark_quote(citation)}")
    if citation.gloss:
        print(f"    {WORDS[answer.language].glossed}{_format_gloss(citation)}")


def _mark_quote(citation: Citation) -> str:
    opening, closing = "「」" if citation.language == "zh" else "“”"
    return f"{opening}{' '.join(citation.quote.text.split())}{closing}"


def _format_gloss(citation: Citation) -> str:
    text = citation.quote.text
    pairs = (f"{text[word.start : word.end]} {word.gloss}" for word in citation.gloss)
    return " · ".join(" ".join(pair.split()) for pair in pairs)


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_CHARS else f"{line[:SHOWN_CHARS]}…"


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
