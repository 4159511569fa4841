"""Where there is no such address, a person gets a page with a way back, a program JSON."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.fake_site import open_client
from ui.features import Features

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with open_client(Features(hosts=frozenset({"localhost"}))) as client:
        yield client


@pytest.mark.parametrize("path", ["/nothing", "/a/b/c", "/documents", "/<script>x</script>"])
def test_a_browser_gets_a_page_with_a_way_back(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=BROWSER)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>There is no such page</h1>" in answer.text
    assert '<a href="/">Ask about the documents</a>' in answer.text
    assert "<script>x" not in answer.text
    assert "content-security-policy" in answer.headers


def test_it_is_in_the_language_of_the_reader(client: TestClient) -> None:
    answer = client.get("/nothing", headers={**BROWSER, "accept-language": "zh-CN"})

    assert '<html lang="zh-Hans">' in answer.text
    assert "<h1>没有这个页面</h1>" in answer.text


@pytest.mark.parametrize("headers", [{}, {"accept": "*/*"}, {"accept": "application/json"}])
def test_a_program_gets_json(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.get("/nothing", headers=headers)

    assert answer.status_code == 404
    assert answer.json() == {"detail": "Not Found"}


def test_what_is_written_to_no_address_is_told_to_the_program(client: TestClient) -> None:
    answer = client.post("/gradio_api/call/none", headers=BROWSER, json={"data": ["x"]})

    assert answer.status_code == 404
    assert "<html" not in answer.text
