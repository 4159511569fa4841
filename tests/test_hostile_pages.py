"""Whatever documents, their names and readers write, every page shows as text and does nothing.

The payloads are those that are known to run, fetch or draw in other chats.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from rag.legs import Search, Term
from rag.types import ADDED, Answer, Document, Passage, Problem, Quote, TakenIn
from tests.fake_library import FakeLibrary, make_listed
from tests.fake_search import fake_search, make_hit
from tests.fake_site import serve_site
from tests.fakes import make_answer, make_refusal
from ui.address import locate
from ui.features import Features
from ui.protocols import Progress

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAYLOADS = {
    "script": "<script>window.pwned=1</script>",
    "image": '<img src=x onerror="window.pwned=1"><svg onload="window.pwned=1">',
    "markdown": "![x](http://203.0.113.7/a.png) ![r][z] [z]: http://203.0.113.7/b.png",
    "media": "<video src=http://203.0.113.7/v autoplay></video><iframe srcdoc='<b>x'></iframe>",
    "style": "<style>*{background:url(http://203.0.113.7/c)}</style><link rel=stylesheet href=//x>",
    "form": "<form action=http://203.0.113.7><input type=password></form><meta http-equiv=refresh>",
    "overlay": '<div style="position:fixed;inset:0;z-index:99999">gone</div>',
    "clobber": '<a id="quote" name="q">x</a><p id="t1-c1">x</p><p id="p1">x</p><p id="cq-page">x',
    "template": "${window.pwned=1} {{constructor.constructor('window.pwned=1')()}} `x` <% 1 %>",
    "tex": "$$\\includegraphics{http://203.0.113.7/d}$$ $\\href{javascript:window.pwned=1}{x}$",
    "breakout": "\"'></mark></blockquote></title></style></script></textarea><script>window.pwned=1"
    "</script>",
    "controls": "a\u202eb\u2066c\u2028d\u0000e\u200bf\ufefe\r\ng",
}
SOURCES = (
    "javascript:window.pwned=1",
    "data:text/html,<script>window.pwned=1</script>",
    *("vbscript:x", "//203.0.113.7/", "http://203.0.113.7/'onclick=window.pwned=1"),
)
ASKED = "What is written there?"
BOX = "#cq-question textarea"
DRAWN = ":is(img, video, iframe, object, embed, svg, meta, link, style, script, input, form)"

pytestmark = [
    pytest.mark.browser,
]


def make_document(n: int, name: str) -> Document:
    """A payload as the id, the title, the text and the source of a document."""
    text = f"Before {PAYLOADS[name]} behind.\n{PAYLOADS[name]}"
    return Document(
        id=f"{n}/{PAYLOADS[name]}".replace("\0", ""),
        title=PAYLOADS[name],
        text=text,
        source=SOURCES[n % len(SOURCES)],
        language="en",
        copies=(PAYLOADS[name], *SOURCES),
    )


DOCUMENTS = [make_document(n, name) for n, name in enumerate(PAYLOADS)]


def ask_hostile(question: str, previous: Answer | None = None) -> Answer:
    """Quote every document; a question that holds a payload is refused."""
    if question != ASKED:
        return replace(make_refusal(question), rewritten=question)
    proofs = [(PAYLOADS[name], ((d, d.text),)) for name, d in zip(PAYLOADS, DOCUMENTS, strict=True)]
    return replace(make_answer(ASKED, "en", *proofs), note=PAYLOADS["image"])


def search_hostile(query: str) -> Search:
    hits = tuple(make_hit(d, n, 1 / n, dense=n, gloss=n) for n, d in enumerate(DOCUMENTS, start=1))
    return replace(
        fake_search("bridge"),
        asked=query,
        query=query + " ",
        hits=hits,
        dropped=(),
        copies={},
        sentences={f"{d.id}#0": span_of(d) for d in DOCUMENTS},
        titles={d.id: d.title for d in DOCUMENTS},
        terms={"lexical": tuple(Term(text, 1) for text in PAYLOADS.values()), "gloss": ()},
    )


def span_of(document: Document) -> Quote:
    return Quote(document.id, 3, len(document.text) - 3, document.text[3:-3])


def find_document(id_: str) -> Document | None:
    return next((d for d in DOCUMENTS if d.id == id_), None)


class HostileLibrary(FakeLibrary):
    """Its documents, and what it says of every file, are payloads."""

    def __init__(self, root: Path) -> None:
        listed = [make_listed(d.id, d.title, source=d.source) for d in DOCUMENTS]
        super().__init__(root, [*listed, *(replace(d, copy_of=d.title) for d in listed[:1])])

    def take_in(self, progress: Progress) -> TakenIn:
        taken = super().take_in(progress)
        said = [Problem(ADDED + text, text, n % 2 == 0) for n, text in enumerate(PAYLOADS.values())]
        return replace(taken, documents=tuple(self.held.values()), problems=tuple(said))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    runs: Path = tmp_path_factory.mktemp("runs")
    for text in PAYLOADS.values():
        run = runs / text.replace("/", "").replace("\0", "")
        run.mkdir()
        (run / "report.html").write_text("<p>right</p>")
    features = Features(
        hosts=frozenset({"127.0.0.1"}),
        get_document=find_document,
        search=search_hostile,
        reports=runs,
        library=HostileLibrary(tmp_path_factory.mktemp("library")),
        may_add=True,
    )
    with serve_site(features, ask_hostile) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that must, in the end, have asked no other origin and run nothing."""
    requests: list[str] = []
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("request", lambda request: requests.append(request.url))
    yield page
    page.wait_for_timeout(200)
    assert page.evaluate("window.pwned") is None
    context.close()
    assert [url for url in requests if not url.startswith((address, "data:", "blob:"))] == []


def show(text: str) -> str:
    """What a page holds of a text: NUL, which none can, as U+FFFD."""
    return text.replace("\0", "\ufffd")


def ask(page: Page, questions: Sequence[str]) -> None:
    for turn, question in enumerate(questions, start=1):
        page.fill(BOX, question)
        page.press(BOX, "Enter")
        page.wait_for_selector(f"#t{turn} .cq-said")


def list_links(page: Page, within: str) -> set[str]:
    """The schemes of all links."""
    return set(page.locator(f"{within} a").evaluate_all("all => all.map(a => a.protocol)"))


def test_an_answer_shows_payloads_as_text(address: str, page: Page) -> None:
    page.goto(address)
    page.wait_for_selector(BOX)
    ask(page, [ASKED])
    page.click("#t1-c1 a.cq-open")
    page.wait_for_selector("#t1-c1 .cq-whole mark")

    cards = page.locator("#t1 .cq-card > .cq-passage").all_text_contents()
    assert cards == [show(d.text) for d in DOCUMENTS]
    assert page.locator(f"#cq-page {DRAWN}").count() == 0
    assert list_links(page, "#cq-page") == {"http:"}
    assert page.locator("[id=t1-c1], [id=cq-page]").count() == 2


def test_a_question_is_shown_as_text(address: str, page: Page) -> None:
    page.goto(address)
    page.wait_for_selector(BOX)
    asked = [text for text in PAYLOADS.values() if text != PAYLOADS["controls"]]
    ask(page, asked)

    shown = page.locator(".cq-question").all_text_contents()
    assert shown[-len(asked) :] == asked
    assert page.locator(f"#cq-page {DRAWN}").count() == 0


@pytest.mark.parametrize("document", DOCUMENTS, ids=list(PAYLOADS))
def test_a_whole_document_is_text(address: str, page: Page, document: Document) -> None:
    page.goto(address[:-1] + locate(span_of(document)))

    assert page.text_content("h1") == show(document.title)
    assert page.text_content(".cq-full") == show(document.text)
    assert page.text_content("#quote") == show(span_of(document).text)
    assert page.locator("#quote").count() == 1
    assert page.locator(f"main {DRAWN}").count() == 0
    assert list_links(page, "main") == {"http:"}
    assert page.locator("main a").count() == 1  # to the quote


def test_a_search_is_text(address: str, page: Page) -> None:
    for text in PAYLOADS.values():
        query = text.replace("\0", "")
        page.goto(f"{address}search?{urlencode({'q': query})}")
        assert page.text_content(".cq-as strong") == query + " "

    titles = page.locator("#kept .cq-of").all_text_contents()
    assert titles == [show(d.title) for d in DOCUMENTS]
    assert page.locator(f"main > :not(form) {DRAWN}").count() == 0
    assert page.locator(f"main > {DRAWN}:not(.cq-form)").count() == 0
    assert list_links(page, "main") == {"http:"}
    assert page.locator("[id=p1], [id=q]").count() == 2


def test_a_list_of_reports_is_text(address: str, page: Page) -> None:
    page.goto(f"{address}reports")

    shown = page.locator("td bdi").all_text_contents()
    assert sorted(shown) == sorted(
        show(text.replace("/", "").replace("\0", "")) for text in PAYLOADS.values()
    )
    assert page.locator(f"main {DRAWN}").count() == 0


def test_a_list_of_documents_is_text(address: str, page: Page) -> None:
    page.goto(f"{address}documents")

    titles = page.locator("#cq-list .cq-doc-title").all_text_contents()
    assert sorted(titles) == sorted(show(d.title) for d in DOCUMENTS)
    names = page.locator("#cq-list .cq-doc-facts > span:first-child").all_text_contents()
    assert sorted(names) == sorted(show(d.id) for d in DOCUMENTS)
    assert page.locator(f"#cq-list ul {DRAWN}").count() == 0
    assert list_links(page, "#cq-list") == {"http:"}


def test_what_came_of_added_files_is_text(address: str, page: Page) -> None:
    from playwright.sync_api import FilePayload

    names = [f"{text}.exe" for text in PAYLOADS.values() if not set("\0\n") & set(text)]
    page.goto(f"{address}documents")
    page.set_input_files(
        "#cq-files",
        [FilePayload(name=name, mimeType="text/plain", buffer=b"x") for name in names]
        + [FilePayload(name=f"{PAYLOADS['template']}.txt", mimeType="text/plain", buffer=b"x")],
    )
    page.wait_for_selector("#cq-taking .cq-next")

    told = page.locator("#cq-taking li > span:first-child").all_text_contents()
    assert {d.title for d in DOCUMENTS} <= set(told)
    assert set(PAYLOADS.values()) <= set(told)
    assert {name.replace("/", ":") for name in names} <= {name.replace("/", ":") for name in told}
    reasons = page.locator("#cq-taking .cq-why").all_text_contents()
    assert set(PAYLOADS.values()) <= set(reasons)
    assert page.locator(f"#cq-taking .cq-shown {DRAWN}").count() == 0
    assert list_links(page, "#cq-taking") == {"http:"}


def test_a_passage_is_a_slice_whatever_it_holds() -> None:
    """The texts above are valid data, so that the pages are to blame for what they do."""
    for document in DOCUMENTS:
        passage = Passage(f"{document.id}#0", document.id, document.text, 0, len(document.text))
        assert passage.text[3:-3] == span_of(document).text
