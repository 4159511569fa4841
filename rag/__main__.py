"""The command line: `crossquote index`, `ask`, `chat`, and what keeps and measures them.

Exit status: 0 all well; 1 an error, told in one sentence; 2 wrong usage; 3 the documents do not
answer (`ask`), or some files were skipped (`index`), or something is damaged (`check`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from rag.pipeline import Answerer
    from ui.login import Logins
    from ui.protocols import Ask

CLOSEST_SHOWN, SHOWN_CHARS = 3, 100
QUOTES_ALONE = "Quotes alone · 仅引文"  # a menu of the page, before its reader is known
AUTH_VARIABLE = "CROSSQUOTE_AUTH"
OPEN_DOOR = (
    "anyone who can reach {host} can ask and read the documents: ask for a password with --auth, "
    "or keep to this machine with --host 127.0.0.1"
)
NO_MCP = (
    "the package mcp, which this command needs, is not installed. Install it: "
    "pip install 'crossquote[mcp]', or in a checkout pip install -e '.[mcp]'"
)
AuthOption = Annotated[
    list[str] | None,
    typer.Option(
        "--auth",
        metavar="USER:PASSWORD",
        help=f"Let in only this user; may be repeated. In {AUTH_VARIABLE}, one a line, no list of "
        "processes shows it.",
    ),
]

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
    add: Annotated[
        bool | None,
        typer.Option(
            "--add/--no-add",
            help="Let whoever opens the app add and remove documents; by default only where "
            "nobody else can reach it.",
        ),
    ] = None,
    auth: AuthOption = None,
    name: Annotated[
        list[str] | None,
        typer.Option(
            "--name",
            help="A host name that the app is reached by, as behind a proxy; may be repeated.",
        ),
    ] = None,
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--proxy",
            metavar="ADDRESS",
            help="A proxy, or a network of them, that is believed whom it asks for, so that who "
            "guesses passwords is told from others; may be repeated.",
        ),
    ] = None,
) -> None:
    """Open the chat app in the browser's reach."""
    from rag.library import open_library
    from ui.features import Features
    from ui.serve import is_local, serve

    logins, proxies = _read_logins(auth or []), _read_proxies(proxy or [])
    alone = is_local(host) and not name
    if not logins and not alone:
        errors.print(OPEN_DOOR.format(host=name[0] if name else host), markup=False)
    offered = read_examples(examples)
    settings = read_settings(
        index=index, glossary=glossary, encoder=encoder, model=model, server=server
    )
    may_add = alone if add is None else add
    answerer, library = open_library(settings, may_add=may_add)
    answerer.warm_up()

    def announce(address: str) -> None:
        print(f"Chat: {address}   (stop with Ctrl-C)", flush=True)

    features = Features(
        examples=offered,
        concurrency=settings.at_once,
        max_waiting=settings.waiting,
        max_question_chars=settings.max_question_chars,
        composers=name_composers(answerer),
        kept=settings.index,
        get_document=answerer.get_document,
        reports=settings.index / "runs",
        search=answerer.search,
        library=library,
        may_add=may_add,
        logins=logins,
        hosts=frozenset(name or ()),
    )
    serve(answerer, features, host=host, port=port, proxies=proxies, announce=announce)


@app.command()
def mcp(
    index: IndexOption = None,
    glossary: GlossaryOption = None,
    encoder: EncoderOption = None,
    model: ModelOption = None,
    server: ServerOption = None,
) -> None:
    """Offer ask, search and read_document over MCP, on standard input and output."""
    from rag.pipeline import Answerer

    try:
        from ui.mcp_server import build_mcp
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise RagError(NO_MCP) from exc
    settings = read_settings(
        index=index, glossary=glossary, encoder=encoder, model=model, server=server
    )
    answerer = Answerer(settings)
    with suppress(KeyboardInterrupt):
        build_mcp(answerer, lambda query: answerer.search(query).hits, answerer.get_document).run()


def _read_logins(given: Sequence[str]) -> Logins:
    """The logins of the option and of the environment, which then holds them no more."""
    from ui.login import read_logins

    kept = os.environ.pop(AUTH_VARIABLE, None)  # parsers of documents are processes that inherit
    lines = [] if kept is None else kept.splitlines() or [""]  # a secret that got lost is no leave
    try:
        return read_logins([*given, *lines])
    except ValueError as exc:
        raise typer.BadParameter(str(exc), param_hint=f"--auth, {AUTH_VARIABLE}") from None


def _read_proxies(given: Sequence[str]) -> list[str]:
    for text in given:
        try:
            ip_network(text)
        except ValueError as exc:
            raise typer.BadParameter(
                f"{exc}. Give an address, such as 127.0.0.1, or a network", param_hint="--proxy"
            ) from None
    return list(given)


def name_composers(answerer: Answerer) -> dict[str, Ask]:
    """The ways of answering that the chat offers: the language model, and without it."""
    if answerer.model is None:
        return {}
    return {answerer.model.name: answerer, QUOTES_ALONE: answerer.without_model()}


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
