"""Over MCP a client asks, searches and reads, and gets the documents' exact words."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rag.config import Settings
from rag.errors import QuestionError
from rag.pipeline import Answerer, build_index
from rag.types import Document, Hit
from tests.fakes import (
    BRIDGE_EN,
    BRIDGE_ZH,
    BROKEN,
    REFUSED_ZH,
    SECRET,
    WHEN_EN,
    fake_ask,
    make_hits,
)

if TYPE_CHECKING:
    from mcp_types import CallToolResult

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from ui.mcp_server import MOST_CHARS, build_mcp

LONG = Document("long.txt", "Long", "一二三四五" * 5_000, "long.txt", "zh")


def fake_search(query: str) -> Sequence[Hit]:
    if not query.strip():
        raise QuestionError("the question holds no words. Ask one, such as: when did it open?")
    return () if query == "nothing" else make_hits()


def fake_get(id_: str) -> Document | None:
    return {document.id: document for document in (BRIDGE_ZH, BRIDGE_EN, LONG)}.get(id_)


def call(tool: str, **arguments: Any) -> CallToolResult:
    async def run() -> CallToolResult:
        async with Client(build_mcp(fake_ask, fake_search, fake_get)) as client:
            return await client.call_tool(tool, arguments)

    return asyncio.run(run())


def read_text(result: CallToolResult) -> str:
    (part,) = result.content
    assert part.type == "text"
    return part.text


def test_there_are_three_tools_that_change_nothing() -> None:
    async def run() -> Any:
        async with Client(build_mcp(fake_ask, fake_search, fake_get)) as client:
            return await client.list_tools()

    tools = asyncio.run(run()).tools

    assert [tool.name for tool in tools] == ["ask", "search", "read_document"]
    assert all(tool.annotations.read_only_hint for tool in tools)
    assert [tool.input_schema["required"] for tool in tools] == [
        ["question"],
        ["query"],
        ["document_id"],
    ]


def test_an_answer_comes_with_its_quotes_and_as_json() -> None:
    result = call("ask", question=WHEN_EN)

    answer = fake_ask(WHEN_EN)
    text = read_text(result)
    assert text.startswith(answer.text)
    for citation in answer.citations:
        place = f"{citation.quote.document_id}, characters {citation.quote.start} to "
        assert f"[{citation.number}] " in text
        assert place in text
    assert "「2021年5月18日上午，临河大桥正式通车。」" in text
    assert result.structured_content == answer.to_dict()
    assert not result.is_error


def test_a_refusal_is_no_error_and_quotes_nothing() -> None:
    result = call("ask", question=REFUSED_ZH)

    assert read_text(result) == "这些文档没有回答这个问题。"
    assert result.structured_content["found"] is False
    assert not result.is_error


def test_a_search_gives_passages_with_ids_and_ranks() -> None:
    result = call("search", query="bridge", k=2)

    passages = result.structured_content["passages"]
    assert [(p["id"], p["rank"], p["score"]) for p in passages] == [
        ("news/bridge.txt#0", 1, 1.0),
        ("guide/bridges.md#0", 2, 0.5),
    ]
    assert passages[0]["text"] == BRIDGE_ZH.text
    assert passages[0]["document_id"] == BRIDGE_ZH.id
    assert BRIDGE_EN.text in read_text(result)


def test_a_search_that_finds_nothing_says_so() -> None:
    result = call("search", query="nothing")

    assert read_text(result) == "no passage found"
    assert result.structured_content == {"query": "nothing", "passages": []}


@pytest.mark.parametrize(("start", "end"), [(0, None), (0, 5), (10, 10), (18, 44)])
def test_a_document_is_read_exactly(start: int, end: int | None) -> None:
    result = call("read_document", document_id=BRIDGE_ZH.id, start=start, end=end)

    assert read_text(result) == BRIDGE_ZH.text[start:end]
    assert result.structured_content["text"] == BRIDGE_ZH.text[start:end]
    assert result.structured_content["length"] == len(BRIDGE_ZH.text)
    assert result.structured_content["published"] == "2021-05-19"


def test_a_quote_leads_to_its_place_in_the_document() -> None:
    for citation in call("ask", question=WHEN_EN).structured_content["citations"]:
        quote = citation["quote"]
        span = {name: quote[name] for name in ("document_id", "start", "end")}

        assert read_text(call("read_document", **span)) == quote["text"]


def test_a_long_document_comes_in_parts() -> None:
    first = call("read_document", document_id=LONG.id).structured_content
    second = call("read_document", document_id=LONG.id, start=first["end"]).structured_content

    assert (first["start"], first["end"], first["length"]) == (0, MOST_CHARS, 25_000)
    assert first["text"] + second["text"] == LONG.text


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("ask", {"question": " "}, "the question is empty"),
        ("ask", {"question": "x" * 501}, "the question has 501 characters, at most 500 fit"),
        ("search", {"query": ""}, "the question holds no words"),
        ("read_document", {"document_id": "../etc/passwd"}, "there is no document '../etc/passwd'"),
        (
            "read_document",
            {"document_id": LONG.id, "start": 5, "end": 4},
            "characters 5 to 4 are not in 'long.txt', which has 25,000",
        ),
        (
            "read_document",
            {"document_id": LONG.id, "end": 25_001},
            "characters 0 to 25001 are not in 'long.txt', which has 25,000",
        ),
        ("read_document", {"document_id": LONG.id, "start": -1}, "greater than or equal to 0"),
        ("search", {"query": "x", "k": 51}, "less than or equal to 50"),
        ("search", {"query": "x", "k": 0}, "greater than or equal to 1"),
        ("ask", {}, "Field required"),
    ],
)
def test_what_can_be_mended_is_told(tool: str, arguments: dict[str, Any], words: str) -> None:
    result = call(tool, **arguments)

    assert result.is_error
    assert words in read_text(result)


def test_of_a_failure_nothing_is_told() -> None:
    result = call("ask", question=BROKEN)

    assert result.is_error
    assert read_text(result) == "Error executing tool ask"
    assert SECRET not in str(result)


@pytest.mark.model
def test_the_command_answers_over_standard_input_and_output(tmp_path: Path) -> None:
    (tmp_path / "salt.txt").write_text("The salt museum opened in 1998.\n", encoding="utf-8")
    settings = Settings(index=tmp_path / "index")
    build_index(tmp_path / "salt.txt", settings=settings)
    question = "When did the salt museum open?"

    async def run() -> tuple[CallToolResult, CallToolResult]:
        server = StdioServerParameters(
            command=sys.executable,
            args=["-m", "rag", "mcp", "--index", str(settings.index)],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        async with Client(stdio_client(server)) as client:
            asked = await client.call_tool("ask", {"question": question})
            return asked, await client.call_tool("search", {"query": "salt"})

    asked, searched = asyncio.run(run())

    answer = Answerer(settings)(question)
    assert answer.found
    assert read_text(asked).startswith(answer.text)
    assert asked.structured_content["citations"] == answer.to_dict()["citations"]
    assert [p["id"] for p in searched.structured_content["passages"]] == ["salt.txt#0"]


def test_without_the_extra_the_command_says_how_to_install_it() -> None:
    program = (
        "import sys; sys.modules['mcp'] = None; sys.argv = ['crossquote', 'mcp']\n"
        "from rag.__main__ import main; main()"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("the package mcp, which this command needs, is not installed.")
    assert "pip install 'crossquote[mcp]'" in done.stderr
    assert done.stderr.count("\n") == 1
