"""Pages of the chat in a browser: opened in a context of their own, and asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BOX = "#cq-question textarea"
Open = Callable[..., "Page"]


@contextmanager
def open_pages(browser: Browser, address: str) -> Iterator[Open]:
    """Give what opens a page in a context of its own; fails on any request to another origin."""
    requests: list[str] = []
    contexts = []

    def open_in(*, path: str = "", wait: str = BOX, **options: Any) -> Page:
        contexts.append(browser.new_context(**{"locale": "en-US", **options}))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.on("request", lambda request: requests.append(request.url))
        page.goto(address + path)
        page.wait_for_selector(wait)
        return page

    yield open_in
    for context in contexts:
        context.close()
    assert [url for url in requests if not url.startswith((address, "data:", "blob:"))] == []


def ask(page: Page, question: str, *, turn: int = 1) -> None:
    """Type a question, send it with Enter, and wait until its turn has ended."""
    page.fill(BOX, question)
    page.press(BOX, "Enter")
    page.wait_for_selector(f"#t{turn} .cq-said")


def begin(page: Page, question: str, *, turn: int = 1) -> None:
    """Type a question, send it with Enter, and wait until its turn is in work."""
    page.fill(BOX, question)
    page.press(BOX, "Enter")
    page.wait_for_selector(f"#t{turn}.cq-is-pending")


def expect(page: Page, selector: str) -> Any:
    """Playwright's assertions of an element: they wait until they hold."""
    from playwright.sync_api import expect  # is not there where no browser is driven

    expect.set_options(timeout=20_000)
    return expect(page.locator(selector))


def read_questions(page: Page) -> list[str]:
    """What was asked, turn by turn, as the page shows it."""
    return page.locator(".cq-question").all_inner_texts()
