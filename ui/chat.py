"""The chat page in Gradio: what stands on it, and what a question sets off.

The transcript is one `gr.HTML` that `ui.render` fills, not a `gr.Chatbot`: a chatbot reads
Markdown, and that is how documents fetch images and draw forms. What the page shows is kept in
the session on the server, never taken from the browser; so is the answer that a follow-up
rests on.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import gradio as gr
from fastapi import FastAPI
from gradio.events import api

from rag.errors import RagError
from rag.types import Answer
from ui.render import render_answer, render_notice, render_pending
from ui.words import EN, ZH, Words, choose_words


class Ask(Protocol):
    """Whatever answers a question, and a follow-up to the answer before it."""

    def __call__(self, question: str, previous: Answer | None = None) -> Answer:
        """Answer `question`; `previous` is the last answer of the same conversation, or None."""
        ...


@runtime_checkable
class Streaming(Protocol):
    """An `Ask` whose answers can be seen growing."""

    def stream(self, question: str, previous: Answer | None = None) -> Iterator[Answer]:
        """Yield the answer as it grows, at least once; the last one is whole."""
        ...


_HERE = Path(__file__).parent
_MAX_TURNS = 30  # kept on the page; each holds its sources, some tens of kilobytes
_SANS = (
    *("-apple-system", "system-ui", "Segoe UI", "Roboto"),
    *("PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"),
)
_SAID = ("placeholder", "question", "ask", "stop", "clear")  # by Gradio's own components
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question on the page and what is shown for it; `number` counts from 1.

    `answer` is what a follow-up rests on: None while the turn is in work, and for good where it
    was stopped or failed.
    """

    number: int
    question: str
    html: str
    finished: bool = False
    answer: Answer | None = field(default=None, hash=False)  # Gradio hashes its states


def build_app(
    ask: Ask,
    *,
    examples: Sequence[str] = (),
    concurrency: int = 4,
    max_waiting: int = 32,
    reports: str = "",
) -> gr.Blocks:
    """Lay out the page around `ask`.

    Args:
        ask: Given a question and the last answer on the page, or None. A `RagError` that it
            raises is shown as its text; whatever else it raises is logged, and shown as a plain
            sentence.
        examples: Questions offered while the page is empty.
        concurrency: How many questions are answered at the same time.
        max_waiting: How many more may wait; beyond that a question is turned away.
        reports: Address of the list of evaluation reports; empty if there is none.
    """
    app = gr.Blocks(title="Crossquote", analytics_enabled=False, fill_width=True)
    with app:
        turns = gr.State([])
        gr.HTML(_render_head(reports), elem_id="cq-head")
        page = gr.HTML("", elem_id="cq-page")
        with gr.Column(elem_id="cq-start", visible=bool(examples)) as start:
            gr.HTML(_render_both("examples", "h2"))
            offered = [gr.Button(example, elem_classes="cq-example") for example in examples]
        with gr.Row(elem_id="cq-bar"):
            box = gr.Textbox(
                placeholder=_say("placeholder"),
                label=_say("question"),
                elem_id="cq-question",
                container=False,
                autofocus=True,
                max_lines=5,
                scale=1,
            )
            send = gr.Button(_say("ask"), variant="primary", elem_id="cq-ask")
            stop = gr.Button(_say("stop"), elem_id="cq-stop", visible=False)
        clear = gr.Button(_say("clear"), elem_id="cq-clear", visible=False)
        controls = [page, turns, box, send, stop, start, clear]
        _connect(ask, controls, offered)
        _offer_api(ask)
    app.queue(api_open=False, max_size=max_waiting, default_concurrency_limit=concurrency)
    return app


def mount_chat(server: FastAPI, app: gr.Blocks) -> None:
    """Mount the page at the root of `server`, with nothing of Gradio's that is not needed."""
    script, style = (_HERE / "chat.js").read_text("utf-8"), read_style()
    gr.mount_gradio_app(
        server,
        app,
        path="/",
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        theme=gr.themes.Base(font=list(_SANS), font_mono=["ui-monospace", "monospace"]),
        # not `css=`: that one is scoped to the app, and these rules speak of the whole page
        head=f"<style>{style}</style><script>{script}</script>",
        i18n=gr.I18n(**{"en": _list_said(EN), "zh-CN": _list_said(ZH), "zh-TW": _list_said(ZH)}),
        favicon_path=str(_HERE / "icon.svg"),
        footer_links=[],
        show_error=False,
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        max_file_size=1,
    )


def read_style() -> str:
    """The style sheet of the pages."""
    return (_HERE / "chat.css").read_text("utf-8")


def stream_turn(
    ask: Ask, question: str, turns: Sequence[Turn], words: Words
) -> Iterator[list[Turn]]:
    """Ask, and yield the page at each step: searching, reading n passages, the answer.

    What a language model words is shown as it grows, if `ask` is `Streaming`.

    The last turn of `turns` that came to an answer lends it to the question. Whatever goes
    wrong becomes the last step: this never raises.
    """
    answer: Answer | None = None
    previous = next((turn.answer for turn in reversed(turns) if turn.answer), None)
    number = turns[-1].number + 1 if turns else 1
    past = list(turns)[-(_MAX_TURNS - 1) :]
    yield [*past, Turn(number, question, render_pending(question, turn=number, words=words))]
    try:
        with closing(stream_safely(ask, question, previous, words)) as answers:
            for answer in answers:
                if answer.model:
                    html = render_answer(answer, turn=number, words=words)
                    yield [*past, Turn(number, question, html)]
    except RagError as exc:
        answer = None
        html = render_notice(question, str(exc), turn=number, label=words.failed_label)
    else:
        assert answer is not None  # noqa: S101 - a stream yields at least once
        html = render_pending(question, turn=number, words=words, passages=len(answer.hits))
        if not answer.model:
            yield [*past, Turn(number, question, html)]
        html = render_answer(answer, turn=number, words=words)
    yield [*past, Turn(number, question, html, finished=True, answer=answer)]


def stop_turn(turns: Sequence[Turn], words: Words) -> list[Turn]:
    """Mark the last turn as stopped, unless it had come to its end."""
    if not turns or turns[-1].finished:
        return list(turns)
    last = turns[-1]
    html = render_notice(last.question, words.stopped, turn=last.number)
    return [*turns[:-1], Turn(last.number, last.question, html, finished=True)]


def stream_safely(
    ask: Ask, question: str, previous: Answer | None, words: Words
) -> Generator[Answer]:
    """Ask; yield what comes, and let nothing out but an error that may be shown.

    Raises:
        RagError: As `ask` raised it, or with a plain sentence and the reference under which
            the log holds any other failure.
    """
    try:
        if isinstance(ask, Streaming):
            yield from ask.stream(question, previous)
        else:
            yield ask(question, previous)
    except RagError:
        raise
    except Exception as exc:
        reference = secrets.token_hex(4)
        _log.exception("a question failed, reference %s", reference)
        raise RagError(words.failed.format(reference=reference)) from exc


def _connect(ask: Ask, controls: list[Any], offered: Sequence[gr.Button]) -> None:
    page, turns, box, send, stop, start, clear = controls

    def show(shown: list[Turn], *, busy: bool) -> dict[gr.Component, Any]:
        return {
            page: "".join(turn.html for turn in shown),
            turns: shown,
            send: gr.Button(visible=not busy),
            stop: gr.Button(visible=busy),
            start: gr.Column(visible=not shown and bool(offered)),
            clear: gr.Button(visible=bool(shown) and not busy),
        }

    def put(question: str, shown: list[Turn], request: gr.Request) -> Iterator[dict[Any, Any]]:
        steps = stream_turn(ask, question, shown, _read_words(request))
        yield {**show(next(steps), busy=True), box: ""}
        for step in steps:
            yield show(step, busy=not step[-1].finished)

    def halt(shown: list[Turn], request: gr.Request) -> dict[Any, Any]:
        return show(stop_turn(shown, _read_words(request)), busy=False)

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    running = [gr.on([box.submit, send.click], put, [box, turns], controls, **quiet)]
    running += [button.click(put, [button, turns], controls, **quiet) for button in offered]
    stop.click(halt, [turns], controls, cancels=running, queue=False, **quiet)
    clear.click(lambda: show([], busy=False), None, controls, queue=False, **quiet)


def _offer_api(ask: Ask) -> None:
    def chat(question: str) -> dict[str, Any]:
        try:
            *_, last = stream_safely(ask, question, None, EN)
            return last.to_dict()
        except RagError as exc:
            raise gr.Error(str(exc), print_exception=False) from exc

    api(chat, api_name="chat", api_description="Answer one question, as JSON with its quotes.")


def _read_words(request: gr.Request) -> Words:
    return choose_words(request.headers.get("accept-language"))


_say = gr.I18n()  # a key, to be worded in the browser by the table that `mount_chat` hands over


def _list_said(words: Words) -> dict[str, str]:
    return {field: getattr(words, field) for field in _SAID}


def _render_head(reports: str) -> str:
    tagline = _render_both("tagline", "p")
    link = f'<a href="{reports}">{_render_both("reports", "span")}</a>' if reports else ""
    return f"<h1>Crossquote</h1>{tagline}{link}"


def _render_both(field: str, element: str) -> str:
    """Put both languages on the page, where `gr.HTML` has no wording; the style sheet picks one."""
    return "".join(
        f'<{element} class="cq-in-{words.tag[:2]}" lang="{words.tag}">'
        f"{getattr(words, field)}</{element}>"
        for words in (EN, ZH)
    )
