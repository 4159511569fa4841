"""The real parsers, in the process that the program really starts, keep to its limits.

The rows C8, C9, C10 and C19 of the reliability bar, where `test_parse_child` has an obedient
parser in their place.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.files import reader as readers
from rag.files.reader import Reader, ReaderFailedError, read_apart
from rag.files.records import UnreadableError
from rag.load import Problem, stream_file
from tests.fake_files import DOCX, HTML, PDF, edit_docx

FONT = "/Font << /F1 3 0 R >>"
SHOW = "BT /F1 12 Tf 72 720 Td (hello) Tj ET"


def make_page(content: bytes, *objects: bytes, resources: str = "", head: str = "") -> bytes:
    """A PDF of one page, its content object 5 and `objects` from 6 on; no table: it is searched."""
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R "
        b"/Resources << %s %s >> >>" % (FONT.encode(), resources.encode()),
        make_stream(head, content),
        *objects,
    ]
    written = b"".join(b"%d 0 obj\n%s\nendobj\n" % item for item in enumerate(bodies, start=1))
    return b"%PDF-1.4\n" + written + b"trailer << /Root 1 0 R >>\n%%EOF\n"


def make_stream(head: str, content: bytes) -> bytes:
    length = b"/Length %d" % len(content) if "/Length" not in head else b""
    return b"<< %s %s >>\nstream\n%s\nendstream" % (head.encode(), length, content)


def make_form(content: str, *, inner: int | None = None) -> bytes:
    """A form that may draw the object `inner`."""
    drawn = f"/XObject << /X {inner} 0 R >>" if inner else ""
    head = f"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << {FONT} {drawn} >>"
    return make_stream(head, content.encode())


def draw_forms(depth: int) -> bytes:
    """Ten times a form of ten times a form …: 10 to the power of `depth` words."""
    last = 5 + depth
    forms = [make_form("/X Do " * 10, inner=n + 1) for n in range(6, last)]
    return make_page(
        b"/X Do", *forms, make_form(SHOW), resources="/XObject << /X 6 0 R >>"
    )  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            make_page(
                SHOW.encode() + b" /X Do",
                make_form("/X Do", inner=6),
                resources="/XObject << /X 6 0 R >>",
            ),
            id="a form that draws itself",
        ),
        pytest.param(make_page(SHOW.encode(), head="/Length 5 0 R"), id="its own length"),
        pytest.param(make_page(SHOW.encode(), head="/Filter [5 0 R]"), id="its own filter"),
        pytest.param(
            make_page(SHOW.encode()).replace(b"/Contents 5 0 R", b"/Contents [4 0 R 5 0 R 2 0 R]"),
            id="a page within its content",
        ),
        pytest.param(
            make_page(SHOW.encode()).replace(b"/Count 1", b"/Count 2147483647"), id="many pages"
        ),
        pytest.param(
            make_page(SHOW.encode()).replace(b"/Parent 2 0 R", b"/Parent 4 0 R"), id="own parent"
        ),
        pytest.param(make_page(b"[ " * 200_000 + SHOW.encode()), id="deep brackets"),
    ],
)
def test_c10_objects_that_lead_to_themselves_end(data: bytes) -> None:
    with Reader(max_seconds=5) as reader:
        try:
            found = reader.read(".pdf", data, None).records[0].text
        except ReaderFailedError:
            raise
        except UnreadableError as exc:
            found = str(exc)

    assert found == "hello" or re.search("damaged|no text layer", found)


def test_c10_a_pdf_that_computes_for_ever_is_stopped_and_the_next_is_read() -> None:
    with Reader(max_seconds=0.3) as reader:
        with pytest.raises(ReaderFailedError, match=r"took longer than 0.3 s to read") as caught:
            reader.read(".pdf", draw_forms(12), None)

        assert not caught.value.retry
        assert reader.read(".pdf", PDF, None).records[0].title == "SU7 report"
        assert reader.read(".pdf", draw_forms(1), None).records[0].text == "hello"


def inflate_to(size_bytes: int) -> bytes:
    """A PDF whose content is so many spaces, packed."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(size_bytes // 2**20))
    return make_page(packed + packer.flush(), head="/Filter /FlateDecode")


def test_c10_a_pdf_that_unpacks_into_too_much_is_stopped_and_the_next_is_read() -> None:
    """A file of 66 KB that holds 64 MB."""
    bomb = inflate_to(2**26)

    with Reader(max_memory_bytes=100 * 2**20) as reader:
        with pytest.raises(ReaderFailedError, match=r"more than 0.0977 GB of memory"):
            reader.read(".pdf", bomb, None)

        assert len(bomb) < 2**17
        assert reader.read(".pdf", PDF, None).records[0].title == "SU7 report"


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_c19_the_reader_that_the_program_shares_has_a_gigabyte_and_half_a_minute() -> None:
    read_apart(".html", HTML.encode(), None)
    shared = readers._shared[-1]
    assert shared._process is not None
    process = shared._process._popen.pid

    limits = Path(f"/proc/{process}/limits").read_text()
    program = Path(f"/proc/{process}/cmdline").read_text().split("\0")

    assert re.findall(r"Max address space +(\d+)", limits) == [f"{2**30}"]
    assert re.findall(r"Max core file size +(\d+)", limits) == ["0"]
    assert program[-3:-1] == [f"{2**30}", "30.0"]
    assert shared._max_wait_seconds == 120


def test_c19_one_bomb_costs_a_folder_that_file_only(tmp_path: Path) -> None:
    files = {"a.pdf": PDF, "bomb.pdf": draw_forms(12), "c.docx": DOCX, "d.html": HTML.encode()}
    problems: list[Problem] = []
    found = []
    with Reader(max_seconds=0.3) as reader:
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
            documents = stream_file(
                tmp_path / name, tmp_path, report=problems.append, reader=reader
            )
            found += [document.id for document in documents]

    assert found == ["a.pdf", "c.docx", "d.html"]
    assert [(problem.path, problem.skipped, problem.retry) for problem in problems] == [
        ("bomb.pdf", True, False)
    ]


PARTS = [
    name
    for name in zipfile.ZipFile(io.BytesIO(DOCX)).namelist()
    if name.endswith((".xml", ".rels"))
]


@pytest.mark.parametrize("part", PARTS)
def test_c9_no_part_of_a_word_file_reads_or_expands_an_entity(part: str, tmp_path: Path) -> None:
    """Not only the text: the title stands in `docProps/core.xml`, the headings in the styles."""
    (tmp_path / "secret").write_text("TOP-SECRET")

    def edit(xml: str) -> str:
        start = xml.find("?>") + 2 if xml.startswith("<?xml") else 0
        root = re.match(r"\s*<([\w:]+)", xml[start:])
        assert root is not None
        entities = f'<!ENTITY f SYSTEM "{(tmp_path / "secret").as_uri()}"><!ENTITY a "haha">'
        body = re.sub(r">([^<]*)</", r">\1&f;&a;</", xml[start:])
        return f"{xml[:start]}<!DOCTYPE {root[1]} [{entities}]>{body}"

    changed = edit_docx(DOCX, edit, part)
    try:
        shown = repr(read_apart(".docx", changed, None))
    except ReaderFailedError:
        raise
    except UnreadableError as exc:
        shown = str(exc)

    assert changed != DOCX
    assert "TOP-SECRET" not in shown
    assert "haha" not in shown


def pack_again(method: int, spoil: Callable[[bytes], bytes] = bytes) -> bytes:
    """The Word file with its parts packed otherwise, and what was packed spoilt."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(DOCX)) as old, zipfile.ZipFile(buffer, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    data = buffer.getvalue()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            start = entry.header_offset + 30 + len(entry.filename)
            packed = data[start : start + entry.compress_size]
            data = data[:start] + spoil(packed) + data[start + entry.compress_size :]
    return data


METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@pytest.mark.parametrize("place", [2, 4, 9, 40])
@pytest.mark.parametrize("method", METHODS)
def test_c8_damaged_parts_are_told_as_such_however_they_are_packed(method: int, place: int) -> None:
    """Of LZMA it was told that the reader had failed."""

    def spoil(packed: bytes) -> bytes:
        return (
            packed[:place]
            + bytes(b ^ 0x5A for b in packed[place : place + 12])
            + packed[place + 12 :]
        )

    assert read_apart(".docx", pack_again(method), None).records[0].text.endswith("完。")
    with pytest.raises(UnreadableError, match="is damaged and cannot be read as a Word file"):
        read_apart(".docx", pack_again(method, spoil), None)
