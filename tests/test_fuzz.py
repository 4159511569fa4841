"""C20: whatever is done to a file, it gives documents or reasons; no exception, no crash.

Each case follows from its seed and kind alone. The slow run tries 500 of each kind.
"""

import io
import random
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from lxml import etree

from rag.files.decode import decode_bytes
from rag.files.formats import APART, LINES, PARSERS
from rag.files.front_matter import split_front_matter
from rag.files.lines import read_json_lines
from rag.files.reader import ReaderFailedError, read_apart
from rag.files.records import UnreadableError
from rag.load import load_file
from tests.fake_files import DOCX, FRONT, HTML, PDF, compress_pdf, edit_docx

CASES = pytest.mark.parametrize("cases", [40, pytest.param(500, marks=pytest.mark.slow)])

JSON_LINES = (
    '{"id": 1, "text": "小米 one", "title": "T", "date": "2024-05-01", "source": "S"}\n'
    '{"id": "b", "text": "two\\u2028 \\ud83d\\ude00", "date": [2024, {"a": null}]}\n'
) * 3
SAMPLES: dict[str, tuple[str, bytes]] = {
    "docx": (".docx", DOCX),
    "html": (".html", HTML.encode()),
    "html in GB18030": (".html", HTML.encode("gb18030")),
    "jsonl": (LINES, JSON_LINES.encode()),
    "jsonl in UTF-16": (LINES, JSON_LINES.encode("utf-16")),
    "md": (".md", FRONT.encode()),
    "pdf": (".pdf", PDF),
    "pdf, deflated": (".pdf", compress_pdf(PDF)),
    "txt in GB18030": (".txt", FRONT.encode("gb18030")),
}
NUMBERS = [b"-1", b"0", b"65536", b"4294967296", b"9" * 30, b"1e999", b"0x" + b"f" * 5_000]
WORDS = [
    *NUMBERS, b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n\n", b"\xe2\x80\xae",
    b"\xed\xa0\x80",
    b"---\n", b"# ", b"```", b"&a [*a]", b"!!python/object:x ", b"? ", b"<<: ",
    b"{", b"[" * 2_000, b"]", b'"', b"\\ud800", b"\\u0000", b"null", b"NaN",
    b"<table><tr><td>", b"</p>", b"<!--", b"-->", b"<![CDATA[", b"<svg><p>", b"&#0;", b"&#xd800;",
    b"<base href=//x>", b"<template>", b"<p hidden>", b"<meta charset=utf-7>", b"\x1f",
    b"<< /Kids [2 0 R]", b"4 0 R", b"0 0 R", b"endobj", b"stream\n", b"/Filter /LZWDecode ",
    b"/Length 99999 ", b"(", b"]TJ", b"%%EOF", b"PK\x05\x06", b"PK\x01\x02",
]  # fmt: skip


def mutate(rng: random.Random, data: bytes) -> bytes:
    """Some of: bytes changed, parts lost, doubled or moved, and words that parsers trip over."""
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 8)):
        start = rng.randrange(len(changed) + 1)
        rng.choice(EDITS)(rng, changed, slice(start, start + rng.randrange(60)))
    return bytes(changed if rng.random() < 0.9 else changed[: rng.randrange(len(changed) + 1)])


def change_bytes(rng: random.Random, data: bytearray, where: slice) -> None:
    data[where] = rng.randbytes(len(data[where]))


def lose_part(_rng: random.Random, data: bytearray, where: slice) -> None:
    del data[where]


def double_part(rng: random.Random, data: bytearray, where: slice) -> None:
    data[where] = data[where] * rng.randrange(2, 50)


def move_part(rng: random.Random, data: bytearray, where: slice) -> None:
    part = data[where]
    del data[where]
    to = rng.randrange(len(data) + 1)
    data[to:to] = part


def insert_word(rng: random.Random, data: bytearray, where: slice) -> None:
    data[where.start : where.start] = rng.choice(WORDS)


def change_number(rng: random.Random, data: bytearray, _where: slice) -> None:
    numbers = [match.span() for match in re.finditer(rb"\d+", data)]
    if numbers:
        data[slice(*rng.choice(numbers))] = rng.choice(NUMBERS)


EDITS = (change_bytes, lose_part, double_part, move_part, insert_word, change_number)


def shuffle_tags(rng: random.Random, xml: str) -> str:
    """Tags and values of attributes swapped: most often no XML any more."""
    tokens = re.split(r'(<[^>]+>|"[^"]*")', xml)
    for _ in range(rng.randrange(1, 6)):
        tokens[rng.randrange(len(tokens))] = rng.choice(["", "<x/>", '""', '"9"', *tokens[:50]])
    return "".join(tokens)


def shuffle_elements(rng: random.Random, xml: str) -> str:
    """Elements lost, renamed, copied into others, or with other attributes: still XML."""
    root = etree.fromstring(xml.encode())
    for _ in range(rng.randrange(1, 12)):
        elements = list(root.iter())
        one, other = rng.choice(elements), rng.choice(elements)
        match rng.randrange(4):
            case 0 if one.getparent() is not None:
                one.getparent().remove(one)
            case 1:
                one.tag = other.tag
            case 2:
                other.append(deepcopy(one))
            case _:
                for name in list(one.attrib)[:1]:
                    one.set(name, rng.choice(["", "-1", "9" * 30, "x", *other.attrib.values()]))
    return str(etree.tostring(root, encoding="unicode"))


def spoil_parts(rng: random.Random) -> bytes:
    """A Word file of which some parts are missing, empty, changed or there twice."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(DOCX)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore", UserWarning)  # a name used twice
        for name in old.namelist():
            content = old.read(name)
            for _ in range(rng.choice([0, 2, *[1] * 30])):
                part = rng.choice(old.namelist()) if rng.random() < 0.02 else name
                new.writestr(part, mutate(rng, content) if rng.random() < 0.06 else content)
    return buffer.getvalue()


def read(suffix: str, data: bytes) -> str:
    """What a parser makes of a file: text, a reason, or the words of a failure."""
    try:
        if suffix == LINES:
            records = list(read_json_lines(io.BytesIO(data), None, lambda note: None))
        elif suffix in APART:
            records = list(read_apart(suffix, data, None).records)
        else:
            records = list(PARSERS[suffix](data, None).records)
    except ReaderFailedError as exc:
        return str(exc)
    except UnreadableError:
        return "reason"
    return "text" if records else "nothing at all"


def try_cases(kind: str, cases: int, make: Callable[[random.Random], tuple[str, bytes]]) -> None:
    outcomes: Counter[str] = Counter()
    for case in range(cases):
        suffix, data = make(random.Random(f"{kind} {case}"))  # noqa: S311  (seeded on purpose)
        outcomes[read(suffix, data)] += 1

    assert outcomes.keys() <= {"text", "reason"}
    # else nothing but the first check was tried; a changed byte of an archive fails it always
    assert kind == "docx" or outcomes["text"]


@CASES
@pytest.mark.parametrize("kind", SAMPLES)
def test_a_parser_gives_text_or_a_reason(kind: str, cases: int) -> None:
    suffix, sample = SAMPLES[kind]

    try_cases(kind, cases, lambda rng: (suffix, mutate(rng, sample)))


@CASES
@pytest.mark.parametrize("shuffle", [shuffle_tags, shuffle_elements])
@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml", "docProps/core.xml"])
def test_changed_xml_in_a_word_file_gives_text_or_a_reason(
    part: str, shuffle: Callable[[random.Random, str], str], cases: int
) -> None:
    try_cases(
        f"{part} {shuffle.__name__}",
        cases,
        lambda rng: (".docx", edit_docx(DOCX, lambda xml: shuffle(rng, xml), part)),
    )


@CASES
def test_spoiled_parts_of_a_word_file_give_text_or_a_reason(cases: int) -> None:
    try_cases("parts", cases, lambda rng: (".docx", spoil_parts(rng)))


@CASES
@pytest.mark.parametrize("kind", SAMPLES)
def test_a_file_on_disk_gives_documents_or_problems(tmp_path: Path, kind: str, cases: int) -> None:
    """All of loading: also the guess of its type, its title and date, and its documents."""
    suffix, sample = SAMPLES[kind]
    path = tmp_path / f"a{suffix}"
    for case in range(cases):
        rng = random.Random(f"file {kind} {case}")  # noqa: S311  (seeded on purpose)
        path.write_bytes(mutate(rng, sample))

        loaded = load_file(path, tmp_path)

        reasons = [problem.reason for problem in loaded.problems]
        assert loaded.documents or any(problem.skipped for problem in loaded.problems)
        assert not any("its reader" in reason for reason in reasons)
        for document in loaded.documents:
            assert document.text.strip()
            repr(document).encode()  # valid text throughout


@CASES
def test_any_bytes_decode_to_valid_text(cases: int) -> None:
    for case in range(cases):
        rng = random.Random(f"decode {case}")  # noqa: S311  (seeded on purpose)
        codec = rng.choice(["utf-8", "gb18030", "big5hkscs", "utf-16", "utf-16-be", "cp1252"])
        data = mutate(rng, (HTML + FRONT).encode(codec, errors="ignore"))

        text = decode_bytes(data).text

        assert "\x00" not in text
        assert text.encode().decode() == text


@CASES
def test_any_front_matter_is_split_off_or_left(cases: int) -> None:
    block = "title: 小米\ndate: 2024-05-01\ntags: [a, {b: &x c}, *x]\nn: 0x1F\n? k\n: |\n  v\n"
    for case in range(cases):
        rng = random.Random(f"front {case}")  # noqa: S311  (seeded on purpose)
        text = f"---\n{mutate(rng, block.encode()).decode(errors='replace')}\n---\nbody"

        fields, start, _ = split_front_matter(text)

        assert 0 <= start <= len(text)
        assert all(isinstance(key, str) for key in fields)
