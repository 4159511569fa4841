"""Every row of "malformed and hostile input files" costs the one file, with a reason.

The rows are C1 to C20 of the reliability bar. C11, HTML, stands in `test_formats.py`, C13 in
`test_lines.py`, C19 in `test_parse_child.py`, C20 in `test_fuzz.py`; C17, duplicates, is about
search and not about files.
"""

import io
import os
import random
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import pytest

from rag.files.records import UnreadableError
from rag.files.steady import open_steady
from rag.files.walk import walk_files
from rag.load import LoadedFile, Problem, load_file, name_file, stream_file
from rag.synchronize import cut_document
from tests.fake_files import DOCX, PDF, edit_docx, make_pdf

CHINESE = "小米汽车首款车型上市，雷军表示价格为21.59万元。\n经过三年筹备，小米SU7今天正式发布。"
SUFFIXES = (".txt", ".md", ".html", ".jsonl", ".pdf", ".docx")


def load(folder: Path, name: str, content: bytes | str) -> LoadedFile:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_file(path, folder)


def reason(loaded: LoadedFile) -> str:
    (problem,) = loaded.problems
    assert (loaded.documents, problem.path, problem.skipped) == ((), loaded.path, True)
    return problem.reason


def text(loaded: LoadedFile) -> str:
    (document,) = loaded.documents
    return document.text


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("content", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n"])
def test_c1_nothing_but_space_is_skipped_with_a_reason(
    tmp_path: Path, suffix: str, content: bytes
) -> None:
    assert reason(load(tmp_path, f"a{suffix}", content))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_c2_random_bytes_are_skipped_under_any_name(tmp_path: Path, suffix: str) -> None:
    rng = random.Random(suffix)  # noqa: S311  (seeded on purpose)
    for size in (100, 3_000):
        assert "named as" in reason(load(tmp_path, f"a{suffix}", rng.randbytes(size)))


def test_c2_the_run_goes_on_after_every_bad_file(tmp_path: Path) -> None:
    rng = random.Random(2)  # noqa: S311  (seeded on purpose)
    for n, suffix in enumerate(SUFFIXES):
        (tmp_path / f"{n}-bad{suffix}").write_bytes(rng.randbytes(500))
        (tmp_path / f"{n}-good.txt").write_text("good")

    loaded = [load_file(path, tmp_path) for path in walk_files(tmp_path)]

    assert [text(file) for file in loaded if file.documents] == ["good"] * len(SUFFIXES)
    assert sum(bool(reason(file)) for file in loaded if not file.documents) == len(SUFFIXES)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_c3_a_bad_byte_is_replaced_and_its_offset_told(tmp_path: Path, suffix: str) -> None:
    loaded = load(tmp_path, f"a{suffix}", "小米".encode() + b"\xff" + CHINESE.encode())

    assert text(loaded).startswith("小米\ufffd小米汽车")
    assert [problem.skipped for problem in loaded.problems] == [False]
    assert "byte 6 is not UTF-8" in loaded.problems[0].reason


@pytest.mark.parametrize("suffix", [".txt", ".html"])
@pytest.mark.parametrize(
    ("words", "codec"),
    [
        (CHINESE, "gb18030"),
        ("北京大学", "gbk"),
        ("台灣大學位於臺北市，是一所綜合大學。", "big5"),
        (CHINESE, "utf-16"),
        (CHINESE, "utf-16-le"),
        (CHINESE, "utf-16-be"),
        ("東京大学は日本の国立大学です。", "shift_jis"),
        ("café naïve résumé", "latin-1"),
    ],
)
def test_c4_encodings_are_read_or_flagged(
    tmp_path: Path, suffix: str, words: str, codec: str
) -> None:
    loaded = load(tmp_path, f"a{suffix}", words.encode(codec))

    assert "".join(text(loaded).split()) == "".join(words.split())
    assert all("a guess from only" in problem.reason for problem in loaded.problems)


@pytest.mark.parametrize("suffix", [".txt", ".html"])
def test_c5_half_in_another_encoding_is_flagged(tmp_path: Path, suffix: str) -> None:
    mixed = (CHINESE * 3).encode() + (CHINESE * 3).encode("gbk")

    loaded = load(tmp_path, f"a{suffix}", mixed)

    assert text(loaded).startswith(CHINESE.split("\n", maxsplit=1)[0])
    assert "save the file in one encoding" in loaded.problems[0].reason


@pytest.mark.parametrize(
    "strange",
    ["\x00", "\u2028", "\u2029", "\u202e", "\u200b", "\u2066", "\ufeff", "\u0301" * 10_000, "\x85"],
)
def test_c6_strange_characters_move_nothing(tmp_path: Path, strange: str) -> None:
    """NUL is replaced one for one, the rest is kept: a quote is a slice of the file."""
    written = f"小米今天上市{strange}了。\n\nIt was {strange}launched in spring."

    document = load(tmp_path, "a.txt", written).documents[0]

    assert document.text == written.replace("\x00", "\ufffd")
    for passage, sentences in cut_document(document):
        assert passage.text == document.text[passage.start : passage.end]
        assert all(document.text[start:end].strip() for start, end in sentences)


def test_c6_lone_surrogates_are_replaced(tmp_path: Path) -> None:
    loaded = load(tmp_path, "a.jsonl", '{"id": 1, "text": "a\\ud800b", "title": "\\udfff"}')

    (document,) = loaded.documents
    assert (document.text, document.title) == ("a\ufffdb", "\ufffd")


@pytest.mark.parametrize("suffix", [".txt", ".pdf"])
def test_c7_a_gigabyte_is_refused_unread(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"big{suffix}"
    with path.open("wb") as file:
        file.truncate(2**30)  # sparse: takes no space
    began = time.process_time()

    why = reason(load_file(path, tmp_path))

    assert why == "the file is 1024.0 MB, more than the limit of 50.0 MB; split it"
    assert time.process_time() - began < 0.5


LOAD_LARGE = """
import resource, sys
from pathlib import Path
from rag.load import load_file

resource.setrlimit(resource.RLIMIT_AS, (400 * 2**20,) * 2)
path = Path(sys.argv[1])
print(len(load_file(path, path.parent).documents[0].text))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit of memory")
@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_c7_fifty_megabytes_on_one_line_fit_into_400(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"word " * (10 * 2**20))

    done = subprocess.run(  # noqa: S603  (our own interpreter and text)
        [sys.executable, "-c", LOAD_LARGE, str(path)], capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.stderr) == (f"{50 * 2**20}\n", "")


@pytest.mark.parametrize("suffix", [".txt", ".md"])
@pytest.mark.parametrize(
    "line",
    [
        pytest.param("# a" + " " * 300_000 + "b", id="spaces in a heading"),
        pytest.param("# " + "#" * 300_000 + "b", id="marks in a heading"),
        pytest.param("---\ntitle: x" + " " * 300_000 + "b", id="spaces in front matter"),
        pytest.param("```\n" * 300_000, id="fences"),
        pytest.param("\n \n" * 300_000 + "x", id="blank lines"),
        pytest.param("a" + "\u0301\u0316" * 150_000, id="combining marks"),
        pytest.param("[" * 300_000, id="brackets"),
    ],
)
def test_c7_no_line_takes_longer_than_its_length(tmp_path: Path, suffix: str, line: str) -> None:
    """Three hundred spaces between two letters of a heading took minutes each thousand."""
    began = time.process_time()

    assert text(load(tmp_path, f"a{suffix}", line)) == line
    assert time.process_time() - began < 2


def zip_up(parts: dict[str, int | bytes]) -> bytes:
    """An archive with the parts of a Word file, and these: bytes, or so many zeros."""
    buffer = io.BytesIO(DOCX)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            with archive.open(name, "w") as part:
                for _ in range(content // 2**20 if isinstance(content, int) else 0):
                    part.write(bytes(2**20))
                part.write(content if isinstance(content, bytes) else b"")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        pytest.param({"word/more.xml": 300 * 2**20}, "unpacks to 301 MB", id="300 MB of XML"),
        pytest.param({"a.bin": 40 * 2**20}, "times its size, like a zip bomb", id="ratio"),
        pytest.param({f"{n}": b"" for n in range(10_000)}, "parts, more than 5000", id="parts"),
        pytest.param({"../../evil.xml": b"x"}, "outside of the file", id="path"),
    ],
)
def test_c8_zip_bombs_are_refused(tmp_path: Path, parts: dict[str, int | bytes], why: str) -> None:
    assert why in reason(load(tmp_path, "a.docx", zip_up(parts)))


def test_c8_an_archive_in_the_archive_is_not_unpacked(tmp_path: Path) -> None:
    bomb = zip_up({"a.bin": 40 * 2**20})

    loaded = load(tmp_path, "a.docx", zip_up({"word/embeddings/inner.docx": bomb}))

    assert text(loaded).endswith("完。")


def test_c8_sizes_that_lie_are_found_out(tmp_path: Path) -> None:
    data = edit_docx(DOCX, lambda xml: xml.replace("完。", "完。" + "<!-- -->" * 200_000))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        true_size = archive.getinfo("word/document.xml").file_size
    lie = data.replace(true_size.to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    assert lie != data

    assert "damaged" in reason(load(tmp_path, "a.docx", lie))


def test_c9_nothing_outside_is_read_and_nothing_expands(tmp_path: Path) -> None:
    """Billion laughs, an entity from a file, a DTD and an entity from the network."""
    (tmp_path / "secret").write_text("TOP-SECRET")
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.1)
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        entities = f"""<!ENTITY a "{"ha" * 50}"><!ENTITY b "{"&a;" * 50}">
            <!ENTITY f SYSTEM "{(tmp_path / "secret").as_uri()}">
            <!ENTITY n SYSTEM "{address}/n">"""
        document_type = f'<!DOCTYPE x SYSTEM "{address}/dtd" [{entities}]>'

        def edit(xml: str) -> str:
            xml = xml.replace("<w:document", f"{document_type}<w:document", 1)
            return xml.replace("完。", "完&b;&f;&n;。")

        page = f"{document_type}<html><p>before &b;&f;&n; after</p><img src={address}/i></html>"
        files = [
            load(tmp_path, "a.docx", edit_docx(DOCX, edit)),
            load(tmp_path, "a.html", page),
            load(tmp_path, "b.html", f'<?xml version="1.0"?>{page}'),
        ]

        with pytest.raises(TimeoutError):
            server.accept()
    assert files[1].documents
    for file in files:
        shown = repr(file)
        assert "TOP-SECRET" not in shown
        assert "haha" not in shown


RECURSIVE = PDF.replace(b"/Kids [4 0 R 6 0 R]", b"/Kids [2 0 R 2 0 R]")
SCRIPTED = PDF.replace(
    b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert(1)) >>"
)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(PDF[: len(PDF) // 2], "cut short", id="truncated"),
        pytest.param(make_pdf([]), "damaged", id="no pages"),
        pytest.param(make_pdf([[], []]), "no text layer", id="only images"),
        pytest.param(RECURSIVE, "damaged", id="pages within themselves"),
        pytest.param(
            make_pdf(
                [["x"]],
                trailer="/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 "
                f"/O <{'ab' * 32}> /U <{'cd' * 32}> >> /ID [<{'00' * 16}> <{'00' * 16}>]",
            ),
            "needs a password",
            id="encrypted",
        ),
    ],
)
def test_c10_a_pdf_without_text_says_why(tmp_path: Path, data: bytes, why: str) -> None:
    assert why in reason(load(tmp_path, "a.pdf", data))


def test_c10_five_thousand_pages_are_read_in_part_and_a_script_is_not_run(tmp_path: Path) -> None:
    long = load(tmp_path, "a.pdf", make_pdf([["x"]] * 5_000))

    assert text(long).count("x") == 2_000
    assert "of 5000 PDF pages only 2000 were read" in long.problems[0].reason
    assert SCRIPTED != PDF
    assert text(load(tmp_path, "b.pdf", SCRIPTED)) == text(load(tmp_path, "c.pdf", PDF))


def test_c12_hostile_front_matter_leaves_the_body(tmp_path: Path) -> None:
    """A hexadecimal date of 6,000 digits stopped the whole run."""
    marker = tmp_path / "ran"
    bomb = "a0: &a0 [y, y]\n" + "".join(
        f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)
    )
    merge = "a0: &a0 {x: 1, y: 2}\n" + "".join(
        f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)
    )
    blocks = [
        bomb,
        merge,
        f'x: !!python/object/apply:os.system ["touch {marker}"]\n',
        f"title: 0x{'f' * 6_000}\n",
        f"date: 0x{'f' * 6_000}\n",
        f"? 0x{'f' * 6_000}\n: x\n",
        f"date: {'1:' * 3_000}1\n",
        f"date: {'[' * 15}{']' * 15}\n",
        "date: &d [*d]\ntitle: *d\n",
        "title: !!binary '@'\n",
    ]
    began = time.process_time()

    for block in blocks:
        loaded = load(tmp_path, "a.md", f"---\n{block}---\nThe body.")

        assert text(loaded).endswith("The body.")
        assert not any(problem.skipped for problem in loaded.problems)
    assert "The body." in text(load(tmp_path, "a.md", "---\ntitle: x\nThe body."))
    assert not marker.exists()
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("小米.txt", "小米.txt"),
        ("😀👩\u200d👧.txt", "😀👩\u200d👧.txt"),
        ("new\nline.txt", "new\\x0aline.txt"),
        ("back\\slash.txt", "back\\\\slash.txt"),
        ("..\\..\\up.txt", "..\\\\..\\\\up.txt"),
        ("\u202egnp.txt", "\\u202egnp.txt"),
        ("x" * 251 + ".txt", "x" * 251 + ".txt"),
        ("con.txt", "con.txt"),
        ("<img src=x>.txt", "<img src=x>.txt"),
        (os.fsdecode(b"bad\xff.txt"), "bad\\xff.txt"),
    ],
)
def test_c14_any_name_gives_an_id_of_valid_text_on_one_line(
    tmp_path: Path, name: str, id_: str
) -> None:
    try:
        (tmp_path / name).write_text("some text")
    except OSError:
        pytest.skip("this file system has no such names")

    (document,) = load_file(tmp_path / name, tmp_path).documents

    assert list(walk_files(tmp_path)) == ([] if name.startswith(".") else [tmp_path / name])
    assert document.id == document.source == id_
    assert id_.encode("utf-8").decode("utf-8") == id_


def test_c14_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "up").symlink_to(tmp_path)

    for path in ("out.txt", "../secret.txt", "up/secret.txt"):
        assert "outside of the folder" in reason(load_file(folder / path, folder))
    with pytest.raises(ValueError, match="subpath"):
        name_file(tmp_path / "secret.txt", folder)


def test_c15_what_is_no_file_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    os.mkfifo(tmp_path / "pipe.jsonl")

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.txt"))

        assert list(walk_files(tmp_path)) == []
        assert "cannot be opened" in reason(load_file(tmp_path / "s.txt", tmp_path))
    assert "no ordinary file" in reason(load_file(tmp_path / "pipe.txt", tmp_path))
    assert "no ordinary file" in reason(load_file(tmp_path / "pipe.jsonl", tmp_path))


def test_c15_a_device_is_not_read(tmp_path: Path) -> None:
    device = tmp_path / "zero.txt"
    try:
        os.mknod(device, 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    except OSError:
        pytest.skip("this user may make no devices")

    assert list(walk_files(tmp_path)) == []
    assert "no ordinary file" in reason(load_file(device, tmp_path))


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs users")
def test_c15_an_unreadable_file_or_folder_is_reported_and_worth_another_try() -> None:
    """Also where the tests run as root, who may read everything."""
    is_root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for closed in ("a.txt", "b.jsonl", "sub/c.txt", "dark/d.txt"):
            (folder / closed).parent.mkdir(exist_ok=True)
            (folder / closed).write_text("x")
        for closed, mode in (("a.txt", 0), ("b.jsonl", 0), ("sub", 0), ("dark", 0o444)):
            (folder / closed).chmod(mode)
        folder.chmod(0o755)
        if is_root:
            os.seteuid(65534)

        try:
            loaded = [load_file(path, folder) for path in walk_files(folder)]
        finally:
            if is_root:
                os.seteuid(0)
            for closed in ("sub", "dark"):
                (folder / closed).chmod(0o700)

    assert [file.path for file in loaded] == ["a.txt", "b.jsonl", "dark/d.txt", "sub"]
    assert all("permissions" in reason(file) for file in loaded)
    assert [file.problems[0].retry for file in loaded] == [True] * 4


def test_c16_a_file_that_vanished_is_reported_and_read_at_the_next_run(tmp_path: Path) -> None:
    loaded = load_file(tmp_path / "gone.txt", tmp_path)

    assert "cannot be opened: No such file" in reason(loaded)
    assert loaded.problems[0].retry


def test_c16_lines_that_change_while_they_are_read_are_not_to_be_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "text": "one"}\n{"id": 2, "text": "two"}\n')
    problems: list[Problem] = []

    documents = stream_file(path, tmp_path, report=problems.append)
    next(documents)
    with path.open("a") as file:
        file.write('{"id": 3, "text": "three"}\n')
    rest = [document.id for document in documents]

    assert "a.jsonl#2" in rest
    assert [(problem.skipped, problem.retry) for problem in problems] == [(True, True)]
    assert "changed while it was being read" in problems[0].reason


def test_c16_lines_are_read_to_their_end_from_a_file_that_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "text": "one"}\n{"id": 2, "text": "two"}\n')
    problems: list[Problem] = []

    documents = stream_file(path, tmp_path, report=problems.append)
    first = next(documents)
    path.unlink()

    assert [first.id, *(document.id for document in documents)] == ["a.jsonl#1", "a.jsonl#2"]
    assert problems == []


@pytest.mark.parametrize("change", ["longer", "shorter", "x" * 4_000])
def test_c16_a_change_between_start_and_end_is_noticed(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x" * 4_000 if change == "shorter" else "x")
    os.utime(path, (0, 0))

    opened = open_steady(path, 2**20)
    opened.__enter__().read()
    path.write_text(change)

    with pytest.raises(UnreadableError, match="changed") as caught:
        opened.__exit__(None, None, None)
    assert caught.value.retry


def test_c16_a_file_that_is_replaced_all_the_time_is_read_in_one_version(tmp_path: Path) -> None:
    path, other = tmp_path / "a.txt", tmp_path / "other"
    versions = {"a" * 300_000, "b" * 200_000}
    path.write_text(min(versions))
    done = threading.Event()

    def replace() -> None:
        while not done.is_set():
            for version in versions:
                other.write_text(version)
                other.replace(path)

    writer = threading.Thread(target=replace)
    writer.start()
    loaded = [load_file(path, tmp_path) for _ in range(30)]
    done.set()
    writer.join()

    assert {text(file) for file in loaded} <= versions


@pytest.mark.parametrize(
    ("written", "longest"),
    [
        ("汽" * 100_000, 400),
        ("word " * 20_000, 1_200),
        ("x" * 100_000, 1_200),
        ("x\u0301" * 50_000, 1_200),
        ("好", 1),
        ("a", 1),
        ("。", 0),
    ],
)
def test_c18_no_length_of_sentence_breaks_a_limit(
    tmp_path: Path, written: str, longest: int
) -> None:
    (document,) = load(tmp_path, "a.txt", written).documents

    passages = [passage.text for passage, _ in cut_document(document)]

    assert max(map(len, passages), default=0) <= longest
    assert all(passage.strip() for passage in passages)
    assert sum(map(len, passages)) > 0.99 * len(written) - 1
