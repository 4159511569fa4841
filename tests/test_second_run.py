"""A second run does what is left to do, and the same folder gives the same index everywhere.

The rows A10, A11 and A12 of the reliability bar; what of them needs the bundled encoder is in
`test_soak`.
"""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from tests.fake_folder import (
    CountingEncoder,
    build,
    describe_answer,
    make_texts,
    name_place,
    open_answerer,
    read_content,
    run_child,
    write_texts,
)

COUNT = 200
TEXTS = make_texts(COUNT)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in `documents` and its index in `index`; not to be changed."""
    root = tmp_path_factory.mktemp("made")
    build(write_texts(root / "documents", TEXTS), root / "index")
    return root


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    """A folder of one's own, with its index."""
    folder = write_texts(tmp_path / "documents", TEXTS)
    build(folder, tmp_path / "index")
    return tmp_path


def describe_files(index: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.name: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in index.iterdir()
        if path.name != "index.lock"  # which every writer opens
    }


def count_texts(encoder: CountingEncoder) -> int:
    """How many passages were encoded: each once for itself, and then its sentences."""
    return sum("lighthouse of" in text or "灯塔建于" in text for text in encoder.texts)


def test_a_second_run_writes_nothing_and_encodes_nothing(place: Path) -> None:
    """A10."""
    before = describe_files(place / "index")
    encoder = CountingEncoder()

    report = build(place / "documents", place / "index", encoder=encoder)

    assert (report.unchanged, report.encoded, report.passages) == (COUNT, 0, 0)
    assert encoder.texts == []
    assert describe_files(place / "index") == before


def test_a_second_run_takes_less_than_a_tenth_of_the_time(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A10, in steps and not in seconds: no file is parsed, no passage cut, no term read."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a second run reads nothing")

    for name in ("stream_file", "cut_document", "encode_passages"):
        monkeypatch.setattr(f"rag.synchronize.{name}", refuse)
    monkeypatch.setattr("rag.pipeline.make_find_terms", lambda _: refuse)

    assert build(place / "documents", place / "index").unchanged == COUNT


def test_only_what_changed_is_encoded(place: Path) -> None:
    """A12: of two hundred documents one is changed, one removed and one renamed."""
    folder, index = place / "documents", place / "index"
    before = read_content(index / "index.db")
    (folder / "a/0021.txt").write_text(f"The lighthouse of {name_place(21)} was sold in 2001.\n")
    (folder / "b/0022.txt").unlink()
    (folder / "c/0023.txt").rename(folder / "c/moved.txt")
    encoder = CountingEncoder()

    report = build(folder, index, encoder=encoder)

    after = read_content(index / "index.db")
    assert (report.encoded, report.unchanged, report.removed) == (2, COUNT - 3, 2)
    changed = [text for text in encoder.texts if name_place(21) in text]
    renamed = [text for text in encoder.texts if name_place(23) in text]
    assert sorted([*changed, *renamed]) == sorted(encoder.texts)
    for id_ in before["documents"].keys() - {"a/0021.txt", "b/0022.txt", "c/0023.txt"}:
        assert after["vectors"][f"{id_}#0"] == before["vectors"][f"{id_}#0"]
        assert after["passages"][f"{id_}#0"] == before["passages"][f"{id_}#0"]


def test_a_renamed_file_keeps_its_vectors_if_its_title_stays(tmp_path: Path) -> None:
    """A12: nothing is encoded that the index holds under any name."""
    text = f"# Lights of the coast\n\n{TEXTS['a/0021.txt']}"
    folder = write_texts(tmp_path / "documents", {"one.md": text, "other.md": "# Tea\n\nTea.\n"})
    build(folder, tmp_path / "index")
    before = read_content(tmp_path / "index" / "index.db")
    (folder / "one.md").rename(folder / "two.md")
    encoder = CountingEncoder()

    report = build(folder, tmp_path / "index", encoder=encoder)

    after = read_content(tmp_path / "index" / "index.db")
    assert encoder.texts == []
    assert (report.encoded, report.removed, report.copies, report.passages) == (1, 1, 1, 0)
    assert after["vectors"]["two.md#0"] == before["vectors"]["one.md#0"]
    assert after["documents"].keys() == {"other.md", "two.md"}
    assert after["passages"]["two.md#0"][0].heading == "Lights of the coast"


def test_a_file_whose_name_is_its_title_is_encoded_under_its_new_one(tmp_path: Path) -> None:
    """A12: it was found under its old name, and not under its new one."""
    texts = {"harbor.txt": TEXTS["a/0021.txt"], "tea.txt": "Tea is sold by the river.\n"}
    folder = write_texts(tmp_path / "documents", texts)
    build(folder, tmp_path / "index")
    (folder / "harbor.txt").rename(folder / "beacons.txt")
    encoder = CountingEncoder()

    build(folder, tmp_path / "index", encoder=encoder)

    build(folder, tmp_path / "anew")
    assert encoder.texts[0] == f"beacons\n{TEXTS['a/0021.txt'].strip()}"
    assert not any("harbor" in text for text in encoder.texts)
    assert read_content(tmp_path / "index" / "index.db") == read_content(
        tmp_path / "anew" / "index.db"
    )


def test_removed_text_is_cited_no_more(place: Path) -> None:
    """A12, with a reader that was open before."""
    folder, index = place / "documents", place / "index"
    questions = [
        f"When was the lighthouse of {name_place(21)} built?",
        f"When was the lighthouse of {name_place(22)} built?",
        f"{name_place(23)}灯塔建于哪一年？",
    ]
    answerer = open_answerer(index)
    before = [answerer(question).text.split()[0] for question in questions]
    (folder / "a/0021.txt").write_text(f"The lighthouse of {name_place(21)} is no more.\n")
    (folder / "b/0022.txt").unlink()
    (folder / "c/0023.txt").unlink()

    build(folder, index)
    with closing(answerer.index):
        after = [json.dumps(describe_answer(answerer(q)), ensure_ascii=False) for q in questions]

    assert before == ["1021", "1022", "1023年"]
    for answer, year in zip(after, ("built in 1021", "built in 1022", "建于1023"), strict=True):
        assert year not in answer


def test_files_may_change_places(tmp_path: Path) -> None:
    """A12: a log was rotated, and the run ended with "the passages of 'b.txt' are missing"."""
    one, two, three = (TEXTS[name] for name in ("a/0021.txt", "b/0022.txt", "c/0023.txt"))
    folder = write_texts(tmp_path / "documents", {"a.txt": one, "b.txt": two})
    build(folder, tmp_path / "index")
    for texts in (
        {"a.txt": two, "b.txt": one},
        {"a.txt": three, "b.txt": two, "c.txt": one},
        {"a.txt": one, "b.txt": three, "c.txt": two},
    ):
        write_texts(folder, texts)

        build(folder, tmp_path / "index")

        content = read_content(tmp_path / "index" / "index.db")
        assert {id_: document.text for id_, document in content["documents"].items()} == texts


QUESTIONS = [
    f"When was the lighthouse of {name_place(45)} built?",
    f"{name_place(39)}灯塔高多少米？",
    "Who keeps the lamp?",
    "谁看守灯塔？",
]
ANSWER_ALL = """
import json, sys
from pathlib import Path
from tests.fake_encoder import HashingEncoder
from tests.fake_folder import ask_all, build, read_content
folder, index, questions = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
encoder = HashingEncoder() if sys.argv[4] == "fake" else None
build(folder, index, encoder=encoder)
content = {key: repr(value) for key, value in read_content(index / "index.db").items()}
print(json.dumps([content, ask_all(index, questions, encoder=encoder)]))
"""


def test_order_of_files_and_hash_seed_change_nothing(tmp_path: Path) -> None:
    """A11: the files were made in another order, and sets and dicts of text are in another."""
    told = []
    for seed in (0, 1, 2):
        folder = tmp_path / f"{seed}"
        names = sorted(TEXTS)[:80] if seed else sorted(TEXTS, reverse=True)[-80:]
        write_texts(folder, {name: TEXTS[name] for name in names})
        arguments = (folder, tmp_path / f"index{seed}", json.dumps(QUESTIONS), "fake")
        done = run_child(ANSWER_ALL, *arguments, PYTHONHASHSEED=str(seed))
        assert done.returncode == 0, done.stderr
        told.append(json.loads(done.stdout))

    assert "1045" in told[0][1][0]["text"]
    assert told[0] == told[1] == told[2]


def test_what_is_copied_elsewhere_is_answered_from_alike(place: Path, tmp_path: Path) -> None:
    """A11: an index may be moved; nothing in it says where it lies."""
    moved = Path(shutil.move(place / "index", tmp_path / "elsewhere"))

    with closing((answerer := open_answerer(moved)).index):
        text = answerer(QUESTIONS[0]).text

    assert text.startswith("1045 [1]")
