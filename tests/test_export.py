"""An exported conversation holds every word as it was, and nothing in it comes alive."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.fakes import CONFLICT, FOLLOW_UP, HOSTILE, REFUSED_EN, UNDERSTOOD, WHEN_EN, fake_ask
from ui.export import escape_mark, export_conversation
from ui.history import KeptTurn
from ui.words import EN, ZH

LIVE = ("<a ", "<img", "<script", "<form", "<style", "<input", "<code", "<table", "<hr", "<li")


def render(text: str) -> str:
    """As a reader's program does: tables, links written plainly, and HTML let through."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return str(reader.render(text))


def export(*questions: str) -> str:
    turns = [KeptTurn(n, q, fake_ask(q)) for n, q in enumerate(questions, start=1)]
    return export_conversation(turns, EN)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Zs"])))
def test_escaped_text_is_shown_as_it_was_and_nothing_else(text: str) -> None:
    shown = MarkdownIt("commonmark").renderInline(escape_mark(text))

    plain = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    assert plain.replace("&amp;", "&") == text


@pytest.mark.parametrize(
    "text",
    [
        "# head", "- item", "+ item", "1. item", "12) item", "=====", "---", "> quote",
        "| a | b |", "~~~", "```", "![x](http://203.0.113.7/)", "[a](javascript:1)",
        "<img src=x>", "*a* _b_", "&copy;", "[r]: http://203.0.113.7",
    ],
)  # fmt: skip
def test_a_line_stays_a_line(text: str) -> None:
    html = render(escape_mark(text))

    shown = html.removeprefix("<p>").removesuffix("</p>\n")
    assert html.startswith("<p>")
    assert "<" not in shown
    assert shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


def test_a_conversation_is_told_with_its_sources() -> None:
    text = export(WHEN_EN)

    assert text.splitlines()[4:] == [
        "## When did the Linhe Bridge open?",
        "",
        "May 18, 2021 \\[1\\]\\[2\\]",
        "",
        "It is 3.2 kilometers long. \\[3\\]",
        "",
        "**Sources**",
        "",
        "\\[1\\] 临河大桥正式通车 · 临河日报 · May 19, 2021",
        "",
        "> 2021年5月18日上午，临河大桥正式通车。",
        ">",
        "> news/bridge.txt 18–40",
        "",
        "\\[2\\] A walker’s guide to the bridges of the delta · "
        "https://example.org/guide/bridges · September 1, 2022",
        "",
        "> The Linhe Bridge was opened to traffic on May 18, 2021, a year later than planned.",
        ">",
        "> guide/bridges.md 0–82",
        "",
        "\\[3\\] A walker’s guide to the bridges of the delta · "
        "https://example.org/guide/bridges · September 1, 2022",
        "",
        "> It is 3.2 kilometers long.",
        ">",
        "> guide/bridges.md 84–110",
    ]


def test_a_follow_up_a_refusal_and_a_failure_are_told_too() -> None:
    followed = fake_ask(FOLLOW_UP, fake_ask(WHEN_EN))
    turns = [
        KeptTurn(1, FOLLOW_UP, followed, asked=datetime(2021, 5, 19, 8, 30, tzinfo=UTC)),
        KeptTurn(2, REFUSED_EN, fake_ask(REFUSED_EN)),
        KeptTurn(3, "?", None, "Stopped *here*."),
    ]

    text = export_conversation(turns, EN)

    assert f"*Understood as: {UNDERSTOOD}*" in text
    assert "2021-05-19 08:30 UTC" in text
    assert "*Not in the documents*\n\nThe documents do not answer this question." in text
    assert "## ?\n\n*Stopped \\*here\\*.*\n" in text


def test_it_speaks_the_language_of_its_reader() -> None:
    text = export_conversation([KeptTurn(1, CONFLICT, fake_ask(CONFLICT))], ZH)

    assert "**出处**" in text
    assert "每条引文都逐字取自其下注明的文档" in text


def test_hostile_documents_stay_text() -> None:
    html = render(export(HOSTILE, f"{HOSTILE} <img src=x onerror=window.pwned=1>"))

    assert [tag for tag in LIVE if tag in html] == []
    assert "\u202e" not in html
