"""In a real browser: a file is added, asked about, and taken away, and every step is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from embeddings.bilingual import BilingualEncoder
from rag.config import Settings
from rag.library import open_library
from tests.browser import BOX, ask
from tests.fake_folder import build, write_texts
from tests.fake_library import FakeLibrary, make_listed
from tests.fake_site import serve_site
from ui.features import Features

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = {"tea.txt": "The tea house by the river sells forty kinds of tea to its guests.\n"}
FERRY = "The ferry of Qinghe crosses the river every ten minutes and costs 4 yuan.\n"
COSTS = "How much does the ferry of Qinghe cost?"
DROP = """async ([files, target]) => {
    const data = new DataTransfer();
    files.forEach(([name, text]) => data.items.add(new File([text], name)));
    for (const kind of ["dragenter", "dragover", "drop"]) {
        document.querySelector(target).dispatchEvent(
            new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
        if (kind === "dragover") window.shown = document.body.className;
    }
}"""

pytestmark = pytest.mark.browser


@contextmanager
def open_page(browser: Browser, address: str, **options: Any) -> Iterator[Page]:
    """A page in a context of its own; says yes to every question, and fails on an error."""
    context = browser.new_context(**{"locale": "en-US", **options})
    page = context.new_page()
    errors: list[object] = []
    page.set_default_timeout(20_000)
    page.on("dialog", lambda dialog: dialog.accept())
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(address)
    try:
        yield page
    finally:
        context.close()
    assert errors == []


@pytest.fixture
def library(tmp_path: Path) -> FakeLibrary:
    return FakeLibrary(tmp_path, [make_listed("tea.txt", "Tea")])


@pytest.fixture
def address(library: FakeLibrary) -> Iterator[str]:
    features = Features(hosts=frozenset({"127.0.0.1"}), library=library, may_add=True)
    with serve_site(features) as address:
        yield address


def choose(page: Page, *files: tuple[str, bytes]) -> None:
    """Choose files by the button and wait until all is told."""
    put(page, *files)
    page.wait_for_selector(".cq-next")


def put(page: Page, *files: tuple[str, bytes]) -> None:
    from playwright.sync_api import FilePayload

    page.set_input_files(
        "#cq-files",
        [FilePayload(name=name, mimeType="text/plain", buffer=body) for name, body in files],
    )


def list_texts(page: Page, selector: str) -> list[str]:
    return page.locator(selector).all_inner_texts()


@pytest.mark.model
def test_a_file_is_added_asked_about_removed_and_no_longer_answered_from(
    browser: Browser, tmp_path: Path, bundled_encoder: BilingualEncoder
) -> None:
    """The whole way, with the real pipeline and no restart."""
    build(write_texts(tmp_path / "documents", FOLDER), tmp_path / "index", encoder=bundled_encoder)
    answerer, library = open_library(
        Settings(index=tmp_path / "index"), encoder=bundled_encoder, may_add=True
    )
    features = Features(hosts=frozenset({"127.0.0.1"}), library=library, may_add=True)
    with (
        serve_site(features, answerer) as address,
        open_page(browser, f"{address}documents") as page,
    ):
        choose(page, ("ferry.txt", FERRY.encode()))
        titles = list_texts(page, "#cq-list .cq-doc-title")
        page.click("text=Ask about them")
        page.wait_for_selector(BOX)
        ask(page, COSTS)
        answered = page.inner_text("#t1 .cq-said"), page.inner_text("#t1 .cq-source")
        page.goto(f"{address}documents")
        page.click("[data-remove='/added/ferry.txt']")
        page.wait_for_selector("text=ferry.txt was removed.")
        left = list_texts(page, "#cq-list .cq-doc-title")
        page.goto(address)
        page.wait_for_selector(BOX)
        ask(page, COSTS)
        refused = page.inner_text("#t1 .cq-said")
    answerer.index.close()

    assert sorted(titles) == ["ferry", "tea"]
    assert "4 yuan" in answered[0]
    assert answered[1] == "ferry.txt"
    assert left == ["tea"]
    assert "The documents do not say." in refused
    assert list(library.added.iterdir()) == []


def test_what_came_of_each_file_is_told(browser: Browser, address: str) -> None:
    with open_page(browser, f"{address}documents") as page:
        choose(
            page,
            ("mill.txt", b"A mill."),
            ("bad<b>.txt", b"?"),
            ("setup.exe", b"MZ"),
            ("book.txt", b"x" * 1_001),
            ("empty.txt", b""),
        )
        told = page.inner_text("#cq-taking .cq-shown").split("\n")
        spoken = page.text_content("#cq-taking [role=status]")
        listed = list_texts(page, "#cq-list .cq-doc-title")

    assert [line for line in told if line] == [
        "1 document added", "mill", "4 left out",
        "setup.exe: files of this type cannot be read; md, txt can",
        "book.txt: it is larger than 0 MB; split it",
        "empty.txt: it is empty",
        "bad_b_.txt: the file is no text",
        "Ask about them", "Close",
    ]  # fmt: skip
    assert spoken == "1 document added. 4 left out"
    assert listed == ["mill", "Tea"]


def test_progress_is_shown_and_only_its_stages_are_spoken(
    browser: Browser, address: str, library: FakeLibrary
) -> None:
    library.gate.clear()
    with open_page(browser, f"{address}documents") as page:
        put(page, ("mill.txt", b"A mill."))
        page.wait_for_selector("text=Reading mill.txt")
        spoken = page.text_content("#cq-taking [role=status]")
        bar = page.locator("#cq-taking progress").get_attribute("aria-label")
        library.gate.set()
        page.wait_for_selector(".cq-next")

    assert (spoken, bar) == ("Getting ready to read", "Reading mill.txt")


def test_files_can_be_dropped_anywhere_on_the_page(browser: Browser, address: str) -> None:
    with open_page(browser, f"{address}documents") as page:
        page.evaluate(DROP, [[["mill.txt", "A mill."], ["pump.md", "A pump."]], "h1"])
        page.wait_for_selector(".cq-next")
        shown, after = page.evaluate("[window.shown, document.body.className]")
        told = list_texts(page, "#cq-taking li")

    assert told == ["mill", "pump"]
    assert ("cq-dragging" in shown, "cq-dragging" in after) == (True, False)


def test_files_can_be_dropped_on_the_chat(
    browser: Browser, address: str, library: FakeLibrary
) -> None:
    with open_page(browser, address) as page:
        page.wait_for_selector(BOX)
        page.evaluate(DROP, [[["mill.txt", "A mill."]], BOX])
        page.wait_for_selector(".cq-next")
        told = page.inner_text("#cq-taking .cq-shown").split("\n")
        way = page.get_attribute("#cq-taking a", "href")

    assert [line for line in told if line] == [
        "1 document added", "mill", "See the documents", "Close",
    ]  # fmt: skip
    assert way == "/documents"
    assert "/added/mill.txt" in library.held


def test_the_chat_leads_to_the_documents_while_there_are_none(
    browser: Browser, tmp_path: Path
) -> None:
    library = FakeLibrary(tmp_path, [])
    features = Features(hosts=frozenset({"127.0.0.1"}), library=library, may_add=True)
    with serve_site(features) as address, open_page(browser, address) as page:
        page.wait_for_selector("#cq-empty h2:visible")
        told = page.inner_text("#cq-empty h2:visible")
        page.evaluate(DROP, [[["mill.txt", "A mill."]], BOX])
        page.wait_for_selector(".cq-next")
        page.reload()
        page.wait_for_selector(BOX)
        page.wait_for_selector("#cq-empty a[href='/documents']:visible")
        guide = page.inner_text("#cq-empty").split("\n\n")

    assert told == "There are no documents yet"
    assert guide[0] == "Ask for something that the documents say"
    assert guide[2] == "1 document: 1 English"


def test_a_page_without_examples_tells_what_may_be_asked(browser: Browser, tmp_path: Path) -> None:
    """With documents of one's own the page was blank."""
    held = [make_listed("a.txt"), make_listed("b.txt"), make_listed("桥.txt", language="zh")]
    features = Features(hosts=frozenset({"127.0.0.1"}), library=FakeLibrary(tmp_path, held))
    with (
        serve_site(features) as address,
        open_page(browser, address) as english,
        open_page(browser, address, locale="zh-CN") as chinese,
    ):
        told = []
        for page in (english, chinese):
            page.wait_for_selector("#cq-empty a:visible")
            told.append(page.inner_text("#cq-empty").split("\n\n")[2])
        ask_box = english.locator(BOX)
        ask_box.fill("When did the Linhe Bridge open?")
        ask_box.press("Enter")
        english.wait_for_selector("#t1 .cq-card")

        assert not english.is_visible("#cq-empty")
    assert told == ["3 documents: 2 English, 1 Chinese", "3 篇文档：英文 2 篇，中文 1 篇"]


def test_the_keyboard_alone_removes_a_document(
    browser: Browser, address: str, library: FakeLibrary
) -> None:
    with open_page(browser, f"{address}documents") as page:
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.dataset.remove") == "tea.txt":
                break
        name = page.evaluate("document.activeElement.getAttribute('aria-label')")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Tea was removed.")
        page.wait_for_selector("text=There are no documents yet")
        focused = page.evaluate("document.activeElement.tagName")

    assert (name, focused) == ("Remove Tea", "H1")
    assert library.held == {}


def test_the_button_is_reached_by_keyboard_and_has_a_name(browser: Browser, address: str) -> None:
    with open_page(browser, f"{address}documents") as page:
        page.focus("#cq-files")
        named = page.get_by_label("Choose files").count()
        outline = page.evaluate("getComputedStyle(document.querySelector('.cq-choose')).outline")

    assert named == 1
    assert "2px" in outline


def test_a_chinese_browser_is_told_in_chinese(browser: Browser, address: str) -> None:
    with open_page(browser, f"{address}documents", locale="zh-CN") as page:
        choose(page, ("mill.txt", b"A mill."), ("setup.exe", b"MZ"))
        told = page.inner_text("#cq-taking .cq-shown").split("\n")

    assert [line for line in told if line] == [
        "添加了 1 篇文档", "mill", "1 处未收入",
        "setup.exe: 不能读取这种类型的文件；可以读取 md, txt",
        "就它们提问", "关闭",
    ]  # fmt: skip


def test_a_phone_shows_all_of_it_without_sideways_scrolling(
    browser: Browser, address: str, library: FakeLibrary
) -> None:
    library.held |= {f"{'x' * 120}.txt": make_listed(f"{'x' * 120}.txt", "y" * 200)}
    with open_page(browser, f"{address}documents", viewport={"width": 390, "height": 844}) as page:
        widths = [page.evaluate("document.documentElement.scrollWidth")]
        choose(page, ("z" * 200 + ".txt", b"A mill."), ("q" * 200 + ".exe", b"MZ"))
        widths.append(page.evaluate("document.documentElement.scrollWidth"))

    assert widths == [390, 390]


def test_a_failure_is_told_and_can_be_tried_again(
    browser: Browser, address: str, library: FakeLibrary
) -> None:
    library.fails = RuntimeError("cannot open /secret")
    with open_page(browser, f"{address}documents") as page:
        choose(page, ("mill.txt", b"A mill."))
        failed = page.inner_text("#cq-taking .cq-shown")
        library.fails = None
        page.get_by_role("button", name="Try again").click()
        page.get_by_role("heading", name="1 document added").wait_for()

    assert "Something went wrong on this side." in failed
    assert "/secret" not in failed


@pytest.mark.parametrize(
    ("locale", "said"),
    [("en-US", "1 file took the place of one of its name"), ("zh-CN", "1 个文件替换了同名文件")],
)
def test_a_file_that_took_the_place_of_another_is_named(
    browser: Browser, address: str, library: FakeLibrary, locale: str, said: str
) -> None:
    with open_page(browser, f"{address}documents", locale=locale) as page:
        choose(page, ("mill.txt", b"A mill."))
        first = page.inner_text("#cq-taking .cq-shown")
        page.evaluate("document.querySelector('.cq-shown').replaceChildren()")
        library.held.pop("/added/mill.txt")  # as if its text were another
        choose(page, ("mill.txt", b"Another mill."), ("pump.txt", b"A pump."))
        told = page.inner_text("#cq-taking .cq-shown").split("\n")
        spoken = page.text_content("#cq-taking [role=status]")

    assert said not in first
    lines = [line for line in told if line]
    assert lines[1:3] == ["mill", "pump"]
    assert lines[3:5] == [said, "mill.txt"]
    assert spoken is not None
    assert said in spoken


def test_files_that_are_there_already_are_told_from_files_that_are_left_out(
    browser: Browser, address: str
) -> None:
    with open_page(browser, f"{address}documents") as page:
        choose(page, ("mill.txt", b"A mill."))
        page.get_by_role("button", name="Close").click()
        page.evaluate("document.querySelector('.cq-shown').replaceChildren()")
        choose(page, ("mill.txt", b"A mill."))
        told = page.inner_text("#cq-taking .cq-shown p >> nth=0")

    assert told == "These files were there already, just as they are"
