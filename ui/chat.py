"""The chat page in Gradio: what stands on it, and what a question sets off.

The transcript is one `gr.HTML` that `ui.render` fills, not a `gr.Chatbot`: a chatbot reads
Markdown, and that is how documents fetch images and draw forms. It is sent turn by turn
(`ui.transcript`), and the script of that name puts the turns in their places. What the page shows
is kept in the session on the server, never taken from the browser; so is the answer that a
follow-up rests on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI
from gradio.events import api

from rag.errors import RagError
from rag.types import Answer
from ui.conversations import Keeper
from ui.features import Features
from ui.front import (
    EARLIER,
    list_labels,
    read_scripts,
    read_styles,
    render_head,
    render_start,
)
from ui.missing import make_missing
from ui.pages import Link, say_in_both
from ui.protocols import Ask
from ui.tell import tell_error
from ui.transcript import describe_page
from ui.turns import Running, Turn, restore_turns, stop_turn, stream_safely, stream_turn
from ui.words import EN, read_words

MAX_SESSIONS = 2_000  # kept in memory, some 40 kB each and the turns; Gradio would keep 10,000
_HERE = Path(__file__).parent
_SANS = (
    *("-apple-system", "system-ui", "Segoe UI", "Roboto"),
    *("PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"),
)
_LIMIT: dict[str, Any] = {"concurrency_limit": "default", "concurrency_id": "ask"}  # of all ways


def build_app(ask: Ask, features: Features, links: Sequence[Link]) -> gr.Blocks:
    """Lay out the page around `ask`.

    Args:
        ask: Given a question and the last answer on the page, or None. A `RagError` that it
            raises is shown as its text; whatever else it raises is logged, and shown as a plain
            sentence.
        features: What the page offers beside, and its limits.
        links: To all pages.
    """
    app = gr.Blocks(title="Crossquote", analytics_enabled=False, fill_width=True)
    with app:
        gr.HTML(render_head(features, links), elem_id="cq-head")
        page = gr.HTML(elem_id="cq-page", html_template="", js_on_load=_SHOW_TURNS)
        lent = gr.HTML(elem_id="cq-lent", html_template="", js_on_load=_LEND_TURNS)
        with gr.Column(elem_id="cq-start"):
            if features.examples:
                gr.HTML(say_in_both("examples", "h2"))
            offered = [gr.Button(text, elem_classes="cq-example") for text in features.examples]
            gr.HTML(EARLIER, elem_id="cq-past")
            empty = gr.HTML(elem_id="cq-empty", visible=False)
        with gr.Column(elem_id="cq-bar"):
            with gr.Row(elem_id="cq-ask-row"):
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
                stop = gr.Button(_say("stop"), elem_id="cq-stop")
            with gr.Row(elem_id="cq-tools"):
                composer = gr.Dropdown(
                    list(features.composers) or [""],
                    label=_say("composer"),
                    elem_id="cq-composer",
                    filterable=False,
                    container=False,
                    min_width=200,
                    visible=len(features.composers) > 1,
                )
                clear = gr.Button(_say("clear"), elem_id="cq-clear")
        controls = _Controls(
            page, lent, gr.State([]), box, send, stop, clear, composer, empty,
            place=gr.Textbox(visible=False, label="place"),
            conversation=gr.Textbox(visible=False, label="id"),
        )  # fmt: skip
        _connect_asking(ask, features, controls, offered)
        _connect_conversation(features, controls, app)
        _offer_api(ask)
    app.queue(
        api_open=False,
        max_size=features.max_waiting,
        default_concurrency_limit=features.concurrency,
    )
    app._queue.ANALYTICS_MAX_EVENTS = 0  # else pandas sums up the last 10,000 after every answer
    app.state_session_capacity = MAX_SESSIONS
    return app


def mount_chat(server: FastAPI, app: gr.Blocks, features: Features, links: Sequence[Link]) -> None:
    """Mount the page at the root of `server`, with nothing of Gradio's that is not needed.

    It also answers for every address that there is not; `links` are to all pages.
    """
    missing = {404: make_missing(links)}
    gr.mount_gradio_app(
        server,
        app,
        path="/",
        app_kwargs={
            **dict.fromkeys(("docs_url", "redoc_url", "openapi_url")),
            "exception_handlers": missing,
        },
        theme=gr.themes.Base(font=list(_SANS), font_mono=["ui-monospace", "monospace"]),
        # not `css=`: that one is scoped to the app, and these rules speak of the whole page
        head=f"<style>{read_styles()}</style><script>{read_scripts(features)}</script>",
        i18n=gr.I18n(**list_labels()),
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


@dataclass(frozen=True, slots=True)
class _Controls:
    """The parts of the page that events read and write.

    Which buttons there are goes by the turns on the page, and is left to its script: Gradio does
    nothing any more once it has lost the server. `place` stands for the number of a turn that is
    asked again, `conversation` for the id of this one; the script gives both with an event. `lent`
    takes the turns that a page asked for: in `page`, they could push aside a step that comes at
    the same time.
    """

    page: gr.HTML
    lent: gr.HTML
    turns: gr.State
    box: gr.Textbox
    send: gr.Button
    stop: gr.Button
    clear: gr.Button
    composer: gr.Dropdown
    empty: gr.HTML
    place: gr.Textbox
    conversation: gr.Textbox

    @property
    def shown(self) -> list[Any]:
        """The parts that `show` changes."""
        return [self.page, self.turns]

    def show(
        self, shown: list[Turn], known: Sequence[Turn] = (), *, told: str = ""
    ) -> dict[Any, Any]:
        """What changes with the turns on the page, as `describe_page` takes them."""
        return {self.page: describe_page(shown, known, told=told), self.turns: shown}


_SHOW_TURNS = (
    "crossquote.lack = () => trigger('lacking');"
    "watch('value', () => crossquote.show(element, props.value))"
)
_LEND_TURNS = "watch('value', () => crossquote.lend(props.value))"
# The script knows which conversation a page is in, before the page has it back from the server,
# and whether a question is asked in the place of another.
_ASK_HERE = "(asked, turns, place, id, by) => crossquote.ask(asked, turns, by)"
_LOST_HERE = "() => crossquote.lost()"
_STOP_HERE = "(turns, id) => [turns, crossquote.current()]"
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def _connect_asking(
    ask: Ask, features: Features, on: _Controls, offered: Sequence[gr.Button]
) -> None:
    """What a question sets off."""
    keeper, running, judged = Keeper(features.kept), Running(), features.kept is not None

    def put(
        question: str, turns: list[Turn], place: str, id_: str, composer: str, request: gr.Request
    ) -> Iterator[dict[Any, Any]]:
        if running.is_at_work(_name_page(request)) or not question.strip():
            yield gr.skip()  # one question at a time
            return
        words = read_words(request.headers)
        past = keeper.catch_up(id_, stop_turn(turns, words), words, judged=judged)
        steps = stream_turn(
            features.composers.get(composer, ask), question, past, words,
            place=_read_place(place, past), judged=judged,
        )  # fmt: skip
        told, finished = "forgotten" if turns and not past else "", False
        for step in keeper.follow(id_, running.follow(_name_page(request), steps), words):
            finished = step[-1].finished
            yield on.show(step, turns, told=told)
        if not finished:  # stopped: Gradio would send what came last once more, by now out of date
            yield gr.skip()

    rest = [on.turns, on.place, on.conversation, on.composer]
    # not "once": Gradio would drop what is asked while a stopped question has not come to its end
    event = {**_LIMIT, **_QUIET, "trigger_mode": "multiple", "js": _ASK_HERE}
    asked = [gr.on([on.box.submit, on.send.click], put, [on.box, *rest], on.shown, **event)]
    asked += [button.click(put, [button, *rest], on.shown, **event) for button in offered]
    for one in asked:
        one.failure(None, None, None, js=_LOST_HERE, **_QUIET)
    _connect_stop(on, keeper, running)


def _connect_stop(on: _Controls, keeper: Keeper, running: Running) -> None:
    def halt(turns: list[Turn], id_: str, request: gr.Request) -> Any:
        if not running.stop(_name_page(request)):
            return gr.skip()
        return on.show(keeper.stop(id_, turns, read_words(request.headers)), turns)

    here = [on.turns, on.conversation]
    on.stop.click(halt, here, on.shown, js=_STOP_HERE, queue=False, **_QUIET)


def _connect_conversation(features: Features, on: _Controls, app: gr.Blocks) -> None:
    """A page that is loaded gets its conversation back, and can begin another."""
    keeper, judged = Keeper(features.kept), features.kept is not None

    def restore(id_: str, request: gr.Request) -> dict[Any, Any]:
        turns = restore_turns(keeper.recall(id_), read_words(request.headers), judged=judged)
        return {**on.show(turns), **look(), on.conversation: id_}

    def renew(id_: str) -> dict[Any, Any]:
        return {**on.show([]), **look(), on.conversation: id_}

    def look() -> dict[Any, Any]:
        start = render_start(features)
        return {on.empty: gr.HTML(start, visible=bool(start))}

    outputs = [*on.shown, on.empty, on.conversation]
    current, renewed = "() => [crossquote.current()]", "() => [crossquote.renew()]"
    on.clear.click(renew, [on.conversation], outputs, js=renewed, queue=False, **_QUIET)
    # not "once": what is on its way may be older than what is wanting by now
    event = {**_QUIET, "queue": False, "trigger_mode": "multiple"}
    on.page.lacking(describe_page, [on.turns], [on.lent], **event)
    app.load(restore, [on.conversation], outputs, js=current, queue=False, **_QUIET)


def _offer_api(ask: Ask) -> None:
    """Offer `/chat`, a conversation in text; `/ask` and `/follow`, an answer as JSON."""

    def chat(question: str, last: Answer | None) -> Iterator[tuple[str, Answer | None]]:
        with _shown_errors():
            for answer in stream_safely(ask, question, last, EN):
                yield answer.text, answer

    def ask_once(question: str) -> dict[str, Any]:
        with _shown_errors():
            *_, answer = stream_safely(ask, question, None, EN)
            return answer.to_dict()

    def follow(question: str, previous: str) -> dict[str, Any]:
        with _shown_errors():
            *_, answer = stream_safely(ask, question, _read_answer(previous), EN)
            return answer.to_dict()

    asked, said = gr.Textbox(visible=False, label="question"), gr.Textbox(visible=False)
    last = gr.State(None)
    asked.submit(
        chat, [asked, last], [said, last], api_name="chat",
        api_description="Say something in a conversation; the answer is text, quotes numbered.",
        **_LIMIT,
    )  # fmt: skip
    api(
        ask_once, api_name="ask", **_LIMIT,
        api_description="Answer one question, as JSON with its quotes.",
    )  # fmt: skip
    api(
        follow, api_name="follow", **_LIMIT,
        api_description="Answer a follow-up to `previous`: what /ask or /follow returned, as the "
        "text of its JSON.",
    )  # fmt: skip


@contextmanager
def _shown_errors() -> Iterator[None]:
    """What can be mended is told to the program that asked."""
    try:
        yield
    except RagError as exc:
        raise gr.Error(tell_error(exc, EN), print_exception=False) from exc


def _read_answer(text: str) -> Answer:
    """The answer of a program, as text: Gradio would look into an object for files to fetch."""
    try:
        return Answer.from_dict(json.loads(text))
    except (TypeError, ValueError) as exc:
        raise RagError(
            "`previous` is no answer. Give what /ask returned, unchanged, as the text of its JSON"
        ) from exc


def _read_place(place: str, turns: Sequence[Turn]) -> int:
    """The number of the turn to be asked again; 0 if it is none on the page."""
    return next((turn.number for turn in turns if str(turn.number) == place), 0)


def _name_page(request: gr.Request) -> str:
    return str(request.session_hash)


_say = gr.I18n()  # a key, to be worded in the browser by the table that `mount_chat` hands over
