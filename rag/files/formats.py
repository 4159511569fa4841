"""One parser a format, all of one shape: the bytes of a file in, its records and notes out.

HTML and Word have files of their own; plain text, Markdown and PDF are here. JSON Lines are read
line by line and not as bytes: see `rag.files.lines`. A parser raises `UnreadableError` where there
is no text to be had, and nothing else on any content.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from rag.files.decode import Decoded, decode_bytes
from rag.files.front_matter import split_front_matter
from rag.files.metadata import (
    clean_source,
    clean_title,
    describe_unread_date,
    first_heading,
    parse_date,
    title_line,
)
from rag.files.records import Extraction, Note, Record, UnreadableError
from rag.files.webpage import read_html
from rag.files.word import read_docx

MAX_PDF_PAGES = 2_000  # 30 ms to 2 s here; a longer file is a whole archive

_META_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_WEB_CHARSETS = {  # what pages claim, and the superset that reads it
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "iso-8859-1": "cp1252",
    "windows-1252": "cp1252",
}
_NO_TITLE = re.compile(
    r"untitled.*|无标题.*|未命名.*|(?:microsoft )?(?:word|powerpoint) - .*|document\d*|slide \d+|"
    r".*\.(?:docx?|pdf|pptx?|indd|qxd|tex|dvi|ps)|[\W\d_]*",
    re.IGNORECASE,
)
_LINE_HYPHEN = "\ufffe"  # what PDFium gives for a hyphen that only breaks a word
_HAN_OR_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_LINE_END = re.compile(r"[。！？；：.!?;:”’\"'）)]$")
_DAMAGED_PDF = "is damaged or cut short and cannot be read as a PDF; fetch or export it again"
_pdfium = threading.Lock()  # PDFium may be used by one thread at a time


def read_text(data: bytes, encoding: str | None) -> Extraction:
    """Plain text, as decoded; an early heading gives the title."""
    return _read_decoded(decode_bytes(data, encoding=encoding), markdown=False)


def read_markdown(data: bytes, encoding: str | None) -> Extraction:
    """Markdown, as decoded; the first heading gives the title."""
    return _read_decoded(decode_bytes(data, encoding=encoding), markdown=True)


def read_web_page(data: bytes, encoding: str | None) -> Extraction:
    """The article of an HTML page; a charset that the page declares is believed if it fits."""
    match = _META_CHARSET.search(data[:4096])
    declared = _WEB_CHARSETS.get(match[1].decode("ascii").lower()) if match else None
    decoded = decode_bytes(data, encoding=encoding, declared=declared)
    extraction = read_html(decoded.text)
    return Extraction(extraction.records, _warn(decoded))


def read_word(data: bytes, _encoding: str | None) -> Extraction:
    """The paragraphs and tables of a Word file."""
    return read_docx(data)


def read_pdf(data: bytes, _encoding: str | None) -> Extraction:
    """The text layer of a PDF, pages set apart by a blank line, wrapped lines joined again."""
    import pypdfium2

    with _pdfium:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as exc:
            raise UnreadableError(_explain_pdf(exc)) from exc
        try:
            page_count = len(document)
            title = clean_title(document.get_metadata_value("Title"))
            pages, damaged = _read_pages(document, min(page_count, MAX_PDF_PAGES))
        finally:
            document.close()
    text = "\n\n".join(page for page in pages if page)
    if not text and damaged:
        raise UnreadableError(_DAMAGED_PDF)
    if not text:
        raise UnreadableError("is a PDF with no text layer, such as a scan; run OCR on it first")
    notes = []
    if page_count > MAX_PDF_PAGES:
        reason = f"of {page_count} PDF pages only {MAX_PDF_PAGES} were read; split the file"
        notes.append(Note(reason, skipped=True))
    if damaged:
        reason = f"pages {', '.join(map(str, damaged[:10]))} of the PDF are damaged and left out"
        notes.append(Note(reason, skipped=True))
    sensible = title if title and not _NO_TITLE.fullmatch(title) else None
    return Extraction((Record(text, sensible),), tuple(notes))


Parser = Callable[[bytes, str | None], Extraction]
PARSERS: dict[str, Parser] = {
    ".docx": read_word,
    ".htm": read_web_page,
    ".html": read_web_page,
    ".markdown": read_markdown,
    ".md": read_markdown,
    ".pdf": read_pdf,
    ".txt": read_text,
}
APART = frozenset({".docx", ".htm", ".html", ".pdf"})  # parsed by C libraries: in another process
LINES = ".jsonl"  # the one format that is read line by line
SUPPORTED = tuple(sorted([*PARSERS, LINES]))
_SOURCE_FIELDS = ("source", "url", "link")


def supported_suffix(path: PurePath) -> str | None:
    """Return the suffix that tells how a file is read, in lower case; None if it is not."""
    suffix = path.suffix.lower()
    return suffix if suffix in SUPPORTED else None


def _warn(decoded: Decoded) -> tuple[Note, ...]:
    return (Note(decoded.warning),) if decoded.warning else ()


def _read_decoded(decoded: Decoded, *, markdown: bool) -> Extraction:
    text = decoded.text
    fields, start, warning = split_front_matter(text)
    body = text[start:]
    if start and not body.strip():
        raise UnreadableError("holds front matter and nothing else")
    notes = [*_warn(decoded), *([Note(warning)] if warning else [])]
    stated = fields.get("date") or fields.get("published") or fields.get("pubDate")
    published = parse_date(stated) if stated else None
    if stated and published is None:
        notes.append(Note(describe_unread_date(stated)))
    title = (
        clean_title(fields.get("title"))
        or first_heading(body, anywhere=markdown)
        or title_line(body)
    )
    source = next(filter(None, (clean_source(fields.get(k)) for k in _SOURCE_FIELDS)), None)
    return Extraction((Record(text, title, published, source),), tuple(notes))


def _explain_pdf(exc: Exception) -> str:
    if getattr(exc, "err_code", None) == 4:  # FPDF_ERR_PASSWORD
        return "needs a password; save a copy of the PDF without one"
    return _DAMAGED_PDF


def _read_pages(document: Any, count: int) -> tuple[list[str], list[int]]:
    """The text of each page, and the numbers from 1 of those that cannot be read."""
    import pypdfium2

    pages: list[str] = []
    damaged: list[int] = []
    for number in range(count):
        try:
            page = document[number]
            text_page = page.get_textpage()
            pages.append(join_wrapped_lines(text_page.get_text_bounded()))
            text_page.close()
            page.close()
        except pypdfium2.PdfiumError:
            damaged.append(number + 1)
    return pages, damaged


def join_wrapped_lines(text: str) -> str:
    """Undo the line breaks that only the width of a page made.

    A line is joined to the next if it is nearly as long as the longest of its page and does not
    end like a sentence; Han characters are joined without a space, words with one.
    """
    lines = [line.strip() for line in text.replace("\r\n", "\n").split("\n")]
    full = 0.7 * max(map(len, lines), default=0)
    joined = ""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.endswith((_LINE_HYPHEN, "\x02")):
            joined += line[:-1]
        elif not following or len(line) < full or _LINE_END.search(line):
            joined += line + "\n"
        else:
            wide = _HAN_OR_WIDE.match(line[-1]) and _HAN_OR_WIDE.match(following)
            joined += line if wide else line + " "
    return joined.replace(_LINE_HYPHEN, "").strip()
