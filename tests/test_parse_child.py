"""C19: a parser that crashes, hangs or swells costs one file, and leaves no process behind."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from rag.files.formats import PARSERS
from rag.files.frames import read_frame, write_frame
from rag.files.reader import MAX_FILES, Reader, ReaderFailedError, read_apart, stop_reader
from rag.files.records import Extraction, Note, Record, UnreadableError
from rag.load import Problem, stream_file
from tests.fake_files import DOCX, HTML, PDF

OBEDIENT = """
import json, os, signal, sys, time
from datetime import date
from pathlib import Path
from rag.files.child import serve
from rag.files.records import Extraction, Note, Record, UnreadableError

def obey(data, encoding):
    word, _, rest = data.decode().partition(" ")
    ORDERS[word](rest)
    return Extraction((Record(f"{encoding} {word} {rest}", "T", date(2024, 5, 1)),), (Note("n"),))

def refuse(rest):
    raise UnreadableError("is refused")

def chatter(rest):
    print("to Python's output", flush=True)
    os.write(1, b"to the output of C libraries")
    os.write(2, b"to standard error" * 100_000)
    assert sys.stdin.read() == ""

def crash_once(path):
    if not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGSEGV)

def describe(path):
    links = [f"/proc/self/fd/{n}" for n in range(20)]
    files = [os.readlink(link) for link in links if os.path.lexists(link)]
    Path(path).write_text(json.dumps([os.getpid(), files, dict(os.environ), sys.path]))

def spin(rest):
    while True:
        pass

REPLIES = 4  # the pipe to the parent
ORDERS = {
    "read": lambda rest: None,
    "refuse": refuse,
    "chatter": chatter,
    "crash-once": crash_once,
    "describe": describe,
    "fail": lambda rest: {}["no such key"],
    "crash": lambda rest: os.kill(os.getpid(), signal.SIGSEGV),
    "abort": lambda rest: os.abort(),
    "killed": lambda rest: os.kill(os.getpid(), signal.SIGKILL),
    "exit": lambda rest: os._exit(3),
    "spin": spin,
    "wait": lambda rest: time.sleep(60),
    "swell": lambda rest: bytearray(2**30),
    "nonsense": lambda rest: os.write(REPLIES, bytes(7) + bytes([2]) + b"[]"),
    "huge": lambda rest: os.write(REPLIES, b"\\xff" * 8),
}
serve({".html": obey}, max_bytes=int(sys.argv[1]), max_seconds=float(sys.argv[2]))
"""
PROGRAM = (sys.executable, "-P", "-c", OBEDIENT)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(PROGRAM, max_seconds=0.3, max_memory_bytes=2**29) as opened:
        yield opened


def ask(reader: Reader, order: str) -> str:
    return reader.read(".html", order.encode(), None).records[0].text


def describe(reader: Reader, folder: Path) -> tuple[int, list[str], dict[str, str], list[str]]:
    """The process: its id, open files, environment and where it finds modules."""
    path = folder / "state.json"
    ask(reader, f"describe {path}")
    number, files, environment, places = json.loads(path.read_text())
    return number, files, environment, places


def is_gone(process: int, *, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(FileNotFoundError):
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z":  # a zombie has ended, and waits to be noticed
                time.sleep(0.02)
                continue
        return True
    return False


def test_what_a_parser_found_comes_back_whole(reader: Reader) -> None:
    found = reader.read(".html", "read 小米".encode(), "gbk")

    assert found == Extraction((Record("gbk read 小米", "T", date(2024, 5, 1)),), (Note("n"),))


@pytest.mark.parametrize(
    ("suffix", "data"), [(".pdf", PDF), (".docx", DOCX), (".html", HTML.encode("gb18030"))]
)
def test_a_file_is_read_as_it_would_be_here(suffix: str, data: bytes) -> None:
    assert read_apart(suffix, data, None) == PARSERS[suffix](data, None)


def test_a_lone_surrogate_survives_the_way() -> None:
    page = b"<title>&#xd800;</title><p>\\ud800 a</p>"

    assert read_apart(".html", page, None) == PARSERS[".html"](page, None)


def test_a_file_without_text_is_no_failure_and_the_process_is_kept(
    reader: Reader, tmp_path: Path
) -> None:
    before = describe(reader, tmp_path)[0]

    with pytest.raises(UnreadableError, match=r"^is refused$") as caught:
        ask(reader, "refuse")

    assert not isinstance(caught.value, ReaderFailedError)
    assert describe(reader, tmp_path)[0] == before


@pytest.mark.parametrize(
    ("order", "words", "retry"),
    [
        ("crash", r"made its reader crash \(signal 11\); fetch or export it again", False),
        ("abort", r"\(signal 6, as when more than 0.5 GB of memory is needed\)", False),
        ("exit", r"made its reader crash \(status 3\)", False),
        ("fail", r"made its reader fail \(KeyError: 'no such key'\)", False),
        ("spin", r"took longer than 0.3 s to read and was stopped; split it", False),
        ("swell", r"needed more than 0.5 GB of memory to read; split it", False),
        ("killed", r"the system killed its reader; free some memory", True),
        ("nonsense", r"made its reader talk nonsense", False),
        ("huge", r"holds more than 64 MB of text; split it", False),
    ],
)
def test_a_failure_says_what_happened_and_the_next_file_is_read(
    reader: Reader, order: str, words: str, retry: bool
) -> None:
    with pytest.raises(ReaderFailedError, match=words) as caught:
        ask(reader, order)

    assert caught.value.retry == retry
    assert ask(reader, "read on") == "None read on"


def test_a_parser_that_waits_is_stopped_by_the_clock_and_worth_another_try() -> None:
    words = r"took longer than 1 s to read and was stopped"

    with Reader(PROGRAM, max_wait_seconds=1) as reader:
        with pytest.raises(ReaderFailedError, match=words) as caught:
            ask(reader, "wait")

        assert caught.value.retry
        assert ask(reader, "read on") == "None read on"


def test_a_process_in_disorder_is_not_blamed_on_the_next_file(
    reader: Reader, tmp_path: Path
) -> None:
    order = f"crash-once {tmp_path / 'marker'}"
    ask(reader, "read")

    assert ask(reader, order) == f"None {order}"
    with Reader(PROGRAM) as fresh, pytest.raises(ReaderFailedError, match="signal 11"):
        ask(fresh, f"crash-once {tmp_path / 'other'}")


def test_what_libraries_print_disturbs_nothing(reader: Reader) -> None:
    assert ask(reader, "chatter") == "None chatter "
    assert ask(reader, "read") == "None read "


def test_one_bad_file_costs_a_folder_that_file_only(reader: Reader, tmp_path: Path) -> None:
    orders = ["read 1", "crash", "read 2", "spin", "swell", "read 3", "refuse", "read 4"]
    problems: list[Problem] = []
    texts = []
    for n, order in enumerate(orders):
        path = tmp_path / f"{n}.html"
        path.write_text(order)
        found = stream_file(path, tmp_path, report=problems.append, reader=reader)
        texts += [document.text for document in found]

    assert texts == [f"None read {n}" for n in (1, 2, 3, 4)]
    assert [problem.path for problem in problems if problem.skipped] == [
        "1.html", "3.html", "4.html", "6.html",
    ]  # fmt: skip
    assert problems[1].reason.startswith("the file made its reader crash (signal 11)")


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (["/no/such/program"], "did not start (No such file or directory)"),
        ([sys.executable, "-c", "raise SystemExit(5)"], "did not start (it ended with status 5)"),
        ([sys.executable, "-c", "print('ready, steady, go')"], "did not start (it ended"),
    ],
)
def test_where_no_process_can_be_started_every_file_says_so(
    tmp_path: Path, program: list[str], words: str
) -> None:
    (tmp_path / "a.html").write_text("<p>x</p>")
    problems: list[Problem] = []

    with Reader(program) as reader:
        found = list(
            stream_file(tmp_path / "a.html", tmp_path, report=problems.append, reader=reader)
        )

    assert found == []
    assert [(problem.skipped, problem.retry) for problem in problems] == [(True, True)]
    assert words in problems[0].reason


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_the_process_inherits_no_file_no_secret_and_no_folder_of_the_day(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('a module of the folder was run')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOME_API_KEY", "secret")
    monkeypatch.setenv("SOME_OTHER_NAME", "plain")
    reader.close()
    with (tmp_path / "lock").open("w") as file:
        os.set_inheritable(file.fileno(), True)

        _, files, environment, places = describe(reader, tmp_path)

    assert [name for name in files if not name.startswith(("pipe:", "/dev/null"))] == []
    assert "SOME_API_KEY" not in environment
    assert environment["SOME_OTHER_NAME"] == "plain"
    assert {"", ".", str(tmp_path)} & set(places) == set()


def test_threads_take_turns_and_each_gets_its_own_reply(reader: Reader) -> None:
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda n: ask(reader, f"read {n}"), range(200)))

    assert replies == [f"None read {n}" for n in range(200)]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a signal")
def test_an_interrupt_leaves_no_reply_for_the_next_file(reader: Reader) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    ask(reader, "read")
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            ask(reader, "wait")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert ask(reader, "read on") == "None read on"


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_process_is_replaced_before_it_grows_old(reader: Reader, tmp_path: Path) -> None:
    first = describe(reader, tmp_path)[0]

    for _ in range(MAX_FILES - 1):
        ask(reader, "read")

    assert describe(reader, tmp_path)[0] != first
    assert is_gone(first)


PARENT = """
import os, signal, sys, threading
from rag.files.reader import Reader, read_apart
from tests.test_parse_child import PROGRAM, describe
from pathlib import Path

reader = Reader(PROGRAM, max_seconds=1)
read_apart(".html", b"<p>x</p>", None)
print(describe(reader, Path(sys.argv[1]))[0], flush=True)
if sys.argv[2] == "spin":
    threading.Thread(target=lambda: reader.read(".html", b"spin", None)).start()
if sys.argv[2] == "end":
    reader.close()
    sys.exit()
signal.pause()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("state", ["idle", "spin", "end"])
def test_no_process_outlives_its_parent(tmp_path: Path, state: str) -> None:
    """Killed in an idle moment, killed amid a file, and ended as usual."""
    parent = subprocess.Popen(  # noqa: S603  (our own interpreter and text)
        [sys.executable, "-c", PARENT, str(tmp_path), state],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()

    if state != "end":
        parent.kill()
    parent.wait(20)
    parent.stdout.close()

    assert str(child) in children
    assert [is_gone(int(number)) for number in children] == [True] * len(children)


FORK = """
import os, sys
from rag.files.reader import read_apart, stop_reader

page = b"<p>parent</p>"
read_apart(".html", page, None)
number = os.fork()
if not number:
    same = read_apart(".html", b"<p>child</p>", None).records[0].text == "child"
    stop_reader()
    os._exit(0 if same else 1)
assert os.waitpid(number, 0)[1] == 0
assert read_apart(".html", page, None).records[0].text == "parent"
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")
def test_a_fork_has_a_reader_of_its_own() -> None:
    done = subprocess.run(  # noqa: S603  (our own interpreter and text)
        [sys.executable, "-c", FORK], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit of memory")
def test_a_page_too_large_for_its_memory_is_not_called_broken() -> None:
    """libxml2 reports a lack of memory as it reports bad markup."""
    page = b"<i>a</i>" * 200_000

    with Reader(max_memory_bytes=80 * 2**20) as small, pytest.raises(ReaderFailedError) as caught:
        small.read(".html", page, None)

    assert "of memory to read; split it" in str(caught.value)


def test_the_shared_reader_starts_again_after_it_was_stopped() -> None:
    page = b"<p>x</p>"
    first = read_apart(".html", page, None)

    stop_reader()
    stop_reader()

    assert read_apart(".html", page, None) == first


def test_a_frame_is_whole_or_an_error() -> None:
    pipe = io.BytesIO()
    write_frame(pipe, b"")
    write_frame(pipe, b"words")
    pipe.seek(0)

    assert [read_frame(pipe, 5), read_frame(pipe, 5), read_frame(pipe, 5)] == [b"", b"words", None]
    for cut in (1, 7, 8, 12):
        with pytest.raises(EOFError):
            read_frame(io.BytesIO(pipe.getvalue()[8:][:cut]), 5)
    with pytest.raises(ValueError, match="5 bytes, more than 4"):
        read_frame(io.BytesIO(pipe.getvalue()[8:]), 4)
