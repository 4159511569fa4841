"""HTML to text: the article without the page around it, one line a block.

trafilatura decides which text belongs to the article, but it joins neighboring blocks and drops
repeated ones, so the text itself is taken from the page, block by block. Where it finds next to
nothing the whole page is taken without its navigation. Headings become Markdown headings, list
items get a hyphen, and the cells of a table row share a line, so that later stages see the
structure. Comments, scripts and hidden elements are dropped first. libxml2 cuts nesting at 256
levels, which bounds every walk.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from rag.files.metadata import clean_title, parse_date
from rag.files.records import Extraction, Record, UnreadableError

MAX_ARTICLE_CHARS = 2_000_000  # of markup given to trafilatura: 1 s here; more is no article
MAX_ARTICLE_ELEMENTS = 20_000  # unclosed tags cost it most: 1 s here
MIN_ARTICLE_SHARE = 0.2  # of the page's text; below it trafilatura took a teaser for the article
SEARCH_CHARS = 20_000  # how far ahead a line is looked for in the article; bounds the time
MAX_ROW_CHARS = 600  # a longer table row is page layout

_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_DROPPED = frozenset(
    "script style noscript template iframe object embed svg math canvas audio video select "
    "button input textarea datalist dialog".split()
)
_AROUND = frozenset("nav footer aside menu".split())
_PREFIXES = {f"h{level}": "#" * level + " " for level in range(1, 7)} | {"li": "- ", "pre": "pre"}
_CELL_END = "\x1f"
_BLOCKS = frozenset(
    "address article aside blockquote body br caption dd details div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p "
    "pre section summary table tbody tfoot thead tr ul".split()
)
_DATE_NAMES = frozenset(
    "article:published_time og:published_time og:article:published_time datepublished "
    "date.published pubdate publishdate publish_date publish-date publication_date date dc.date "
    "dc.date.issued dcterms.issued dcterms.date citation_publication_date parsely-pub-date "
    "sailthru.date article_date_original weibo:article:create_at".split()
)
_JSON_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HAN_BREAK = re.compile(
    r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \t]*\n\s*(?=[\u3000-\u9fff\uff00-\uffef])"
)


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of text: what stands before it, and its table cells (one if it is no row)."""

    prefix: str
    cells: tuple[str, ...]


def read_html(text: str) -> Extraction:
    """Extract the article of a page, its title, date and canonical address.

    Raises:
        UnreadableError: If there is no visible text.
    """
    from lxml import etree, html

    try:
        parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        tree = html.document_fromstring(text.encode("utf-8"), parser=parser)
    except etree.LxmlError as exc:  # "Document is empty"
        raise UnreadableError("holds no HTML that can be read") from exc
    _replace_controls(tree)
    title, published, source = _read_title(tree), _read_date(tree), _read_address(tree)
    _drop_hidden(tree)
    article = _find_article(tree, len(text))
    page = _render_page(tree)
    body = _join_lines(_keep_article(page, article))
    whole = _join_lines(page)
    if len(body) < MIN_ARTICLE_SHARE * len(whole):
        body = whole
    if not body.strip():
        raise UnreadableError("holds no visible text; pages built by scripts must be saved as text")
    return Extraction((Record(body, title, published, source),))


def _replace_controls(tree: Any) -> None:
    """Make all text fit for XML: lxml reads control characters, but refuses to copy them."""
    for element in tree.iter():
        if element.text and _CONTROL.search(element.text):
            element.text = _CONTROL.sub("\ufffd", element.text)
        if element.tail and _CONTROL.search(element.tail):
            element.tail = _CONTROL.sub("\ufffd", element.tail)


def _drop_hidden(tree: Any) -> None:
    for element in list(tree.iter()):
        hidden = (
            element.tag in _DROPPED
            or element.get("hidden") is not None
            or element.get("aria-hidden") == "true"
            or _HIDDEN_STYLE.search(element.get("style", "")[:1000]) is not None
        )
        if hidden and element.getparent() is not None:
            element.drop_tree()


def _find_article(tree: Any, size_chars: int) -> str:
    """The text that trafilatura keeps, without white space; empty if it finds none."""
    if size_chars > MAX_ARTICLE_CHARS or sum(1 for _ in tree.iter()) > MAX_ARTICLE_ELEMENTS:
        return ""
    from trafilatura import bare_extraction
    from trafilatura.settings import DEFAULT_CONFIG

    config = deepcopy(DEFAULT_CONFIG)
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "1")  # 250 would flatten every short page
    try:
        found = bare_extraction(
            deepcopy(tree), config=config, favor_recall=True, include_comments=False
        )
    except ValueError:  # lxml, on text that trafilatura moves about
        return ""
    body = getattr(found, "body", None)
    return "" if body is None else "".join("".join(body.itertext()).split())


def _keep_article(page: list[_Line], article: str) -> list[_Line]:
    """The lines whose text the article holds, looked for in reading order."""
    kept: list[_Line] = []
    seen: set[str] = set()
    start = 0
    for line in page:
        compact = "".join("".join(line.cells).split())
        found = article.find(compact, start, start + SEARCH_CHARS)
        if found < 0 and compact not in seen:
            continue
        start = max(start, found + len(compact))
        seen.add(compact)
        kept.append(line)
    return kept


def _render_page(tree: Any) -> list[_Line]:
    """All lines of a page except its navigation; blocks of the tree are blocks of the text."""
    from lxml import etree

    for element in list(tree.iter("head", *_AROUND)):
        if element.getparent() is not None:
            element.drop_tree()
    writer = _Writer()
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            writer.open(tag, element)
            writer.add(element.text)
        else:
            writer.close(tag, element)
            writer.add(element.tail)
    writer.flush()
    return writer.lines


def _join_lines(lines: list[_Line]) -> str:
    """Blank lines between blocks; rows and list items follow each other closely."""
    parts: list[str] = []
    previous = ""
    for line in lines:
        kind = "row" if len(line.cells) > 1 else line.prefix
        if parts:
            parts.append("\n" if kind in ("row", "- ", "pre") and kind == previous else "\n\n")
        parts.append((line.prefix if line.prefix != "pre" else "") + " | ".join(line.cells))
        previous = kind
    return "".join(parts)


class _Writer:
    """Gathers inline text into lines; a row of a data table stays one line."""

    def __init__(self) -> None:
        self.lines: list[_Line] = []
        self._parts: list[str] = []
        self._prefix = ""
        self._row: Any = None

    def add(self, text: str | None) -> None:
        if text:
            self._parts.append(text)

    def open(self, tag: str, element: Any) -> None:
        if self._row is not None:
            self._parts.append(" " if tag in _BLOCKS else "")
            return
        if tag in _BLOCKS:
            self.flush()
        if tag == "tr" and _is_data_row(element):
            self._row = element
        self._prefix = _PREFIXES.get(tag, self._prefix)

    def close(self, tag: str, element: Any) -> None:
        if element is self._row:
            self._row = None
        if self._row is not None:
            self._parts.append(_CELL_END if tag in ("td", "th") else "")
        elif tag in _BLOCKS:
            self.flush()
            self._prefix = "" if tag in _PREFIXES else self._prefix

    def flush(self) -> None:
        raw = "".join(self._parts)
        self._parts.clear()
        if self._prefix == "pre":
            rows = [line.rstrip() for line in raw.splitlines()]
            self.lines.extend(_Line("pre", (row,)) for row in rows if row)
            return
        cells = [" ".join(cell.split()) for cell in _HAN_BREAK.sub("", raw).split(_CELL_END)]
        filled = tuple(cell for cell in cells if cell)
        if filled:
            self.lines.append(_Line(self._prefix, filled))
            self._prefix = ""


def _is_data_row(element: Any) -> bool:
    if element.find(".//table") is not None or element.find(".//h1") is not None:
        return False
    return sum(len(text) for text in element.itertext()) <= MAX_ROW_CHARS


def _read_title(tree: Any) -> str | None:
    for meta in tree.iter("meta"):
        if (meta.get("property") or meta.get("name") or "").lower() == "og:title":
            title = clean_title(meta.get("content"))
            if title:
                return title
    titles = [clean_title("".join(element.itertext())) for element in tree.iter("title", "h1")]
    known = [title for title in titles if title]
    page = known[0] if known else None
    # "<title>" often ends in the name of the site; the main heading does not
    return next((title for title in known[1:] if page and page.startswith(title)), page)


def _read_date(tree: Any) -> date | None:
    candidates: list[str] = []
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        if name.lower() in _DATE_NAMES:
            candidates.append(meta.get("content", ""))
    for script in tree.iter("script"):
        if script.get("type", "").lower() == "application/ld+json":
            candidates.extend(_JSON_DATE.findall(script.text or ""))
    for element in tree.iter("time", "span", "p", "div"):
        marked = element.get("itemprop") == "datePublished" or element.get("pubdate") is not None
        if marked:
            candidates.append(
                element.get("datetime") or element.get("content") or element.text or ""
            )
    dates = (parse_date(candidate) for candidate in candidates)
    return next((found for found in dates if found is not None), None)


def _read_address(tree: Any) -> str | None:
    links = [link.get("href") for link in tree.iter("link") if link.get("rel") == "canonical"]
    links += [meta.get("content") for meta in tree.iter("meta") if meta.get("property") == "og:url"]
    return next((link.strip() for link in links if link and is_web_address(link)), None)


def is_web_address(text: str) -> bool:
    """Whether `text` is an absolute http or https address on one line."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:  # "http://[": a broken IPv6 host
        return False
    plain = not any(char.isspace() for char in text.strip())
    return parts.scheme in ("http", "https") and bool(parts.netloc) and plain
