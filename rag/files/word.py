"""Word files to text: paragraphs and tables in reading order, headings as Markdown headings.

The text is read from the XML that python-docx opens and not through its paragraphs, because those
leave out tracked insertions, content controls and smart tags.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from rag.files.metadata import clean_title
from rag.files.records import Extraction, Record, UnreadableError

MAX_ENTRIES = 5_000
MAX_TOTAL_BYTES = 200 * 2**20  # unpacked, images included
MAX_XML_BYTES = 50 * 2**20  # unpacked; a thousand pages are 5, and a parsed tree is ten times that
MAX_RATIO = 100  # unpacked to packed; ordinary files are near 24
RATIO_FREE_BYTES = 2**20  # below this a high ratio hurts nobody

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_WRAPPERS = frozenset(
    f"{_W}{name}" for name in ("sdt", "sdtContent", "ins", "smartTag", "customXml", "moveTo")
)
_DAMAGED = "is damaged and cannot be read as a Word file ({}); open it in Word and save it again"


def read_docx(data: bytes) -> Extraction:
    """Extract the text and the title of a Word file.

    Raises:
        UnreadableError: If the archive is unsafe or damaged, or holds no text.
    """
    from docx import Document
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    try:
        check_archive(data)
        document = Document(io.BytesIO(data))
        levels = _heading_levels(document)
        lines = list(_read_blocks(document.element.body, levels))
        core_title = clean_title(document.core_properties.title)
    except (OpcError, LxmlError, zipfile.BadZipFile, EOFError, OSError) as exc:
        raise UnreadableError(_DAMAGED.format(type(exc).__name__)) from exc
    except (zlib.error, lzma.LZMAError) as exc:  # of bzip2 it is an OSError
        raise UnreadableError(_DAMAGED.format("compressed data")) from exc
    except (KeyError, ValueError, AttributeError, TypeError, IndexError, RuntimeError) as exc:
        # what python-docx and zipfile raise on parts that are missing, encrypted or not XML
        raise UnreadableError(_DAMAGED.format(type(exc).__name__)) from exc
    text = "\n\n".join(lines)
    if not text.strip():
        raise UnreadableError("holds no text; text inside pictures is not read")
    heading = next((line for line in lines if line.startswith("#")), None)
    title = core_title or (clean_title(heading.lstrip("# ")) if heading else None)
    return Extraction((Record(text, title),))


def check_archive(data: bytes) -> None:
    """Refuse an archive that would unpack into too much; nothing is unpacked for it.

    The sizes are those that the archive states. A lie does not help it: Python's `zipfile` stops
    reading at the stated size, and then the checksum is wrong.

    Raises:
        UnreadableError: Saying which limit it breaks.
        zipfile.BadZipFile: If it is no archive.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
    total = sum(entry.file_size for entry in entries)
    xml = sum(e.file_size for e in entries if e.filename.lower().endswith((".xml", ".rels")))
    if len(entries) > MAX_ENTRIES:
        raise UnreadableError(f"holds {len(entries)} parts, more than {MAX_ENTRIES}")
    if total > MAX_TOTAL_BYTES or xml > MAX_XML_BYTES:
        raise UnreadableError(f"unpacks to {total / 2**20:.0f} MB, too much to be a document")
    if total > RATIO_FREE_BYTES and total > MAX_RATIO * len(data):
        raise UnreadableError(f"unpacks to {total // len(data)} times its size, like a zip bomb")
    for entry in entries:
        if entry.filename.startswith(("/", "\\")) or ".." in entry.filename.split("/"):
            raise UnreadableError(f"holds a part named {entry.filename!r}, outside of the file")


def _heading_levels(document: Any) -> dict[str, int]:
    """Style id to heading level; a title counts as level 1."""
    levels: dict[str, int] = {}
    for style in document.styles.element.iter(f"{_W}style"):
        name_element = style.find(f"{_W}name")
        name = "" if name_element is None else name_element.get(f"{_W}val", "").lower()
        level = name.removeprefix("heading").removeprefix("标题").strip()
        if name in ("title", "标题"):
            levels[style.get(f"{_W}styleId", "")] = 1
        elif level != name and level in set("123456789"):
            levels[style.get(f"{_W}styleId", "")] = min(int(level), 6)
    return levels


def _read_blocks(container: Any, levels: dict[str, int]) -> Iterator[str]:
    """Paragraphs as lines, a table as one block with a line a row."""
    for child in container:
        if child.tag == f"{_W}p":
            text = _read_text(child)
            if text:
                yield _heading_mark(child, levels) + text
        elif child.tag == f"{_W}tbl":
            rows = [_read_row(row) for row in child.iter(f"{_W}tr") if _table_of(row) is child]
            if any(rows):
                yield "\n".join(row for row in rows if row)
        elif child.tag in _WRAPPERS:
            yield from _read_blocks(child, levels)


def _table_of(row: Any) -> Any:
    return next(row.iterancestors(f"{_W}tbl"))


def _read_row(row: Any) -> str:
    cells = (cell for cell in row.iter(f"{_W}tc") if next(cell.iterancestors(f"{_W}tr")) is row)
    texts = (" ".join(_read_text(cell).split()) for cell in cells)
    return " | ".join(text for text in texts if text)


def _read_text(element: Any) -> str:
    """Text below `element`; deleted text stands in `w:delText` and so is left out.

    A text box stands in the file twice, for new and for old versions of Word; the second is
    left out as well.
    """
    parts: list[str] = []
    skipped: set[Any] = set()
    for node in element.iter():
        if node.tag == _FALLBACK or node.getparent() in skipped:
            skipped.add(node)
        elif node.tag == f"{_W}t":
            parts.append(node.text or "")
        elif node.tag == f"{_W}p" and node is not element:
            parts.append("\n")
        else:
            parts.append(_BREAKS.get(node.tag, ""))
    return "".join(parts).strip()


def _heading_mark(paragraph: Any, levels: dict[str, int]) -> str:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    level = levels.get("" if style is None else style.get(f"{_W}val", ""), 0)
    return "#" * level + " " if level else ""
