"""From a folder to a cited answer, and to a clear error where there is none."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import (
    CorpusError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    QuestionError,
)
from rag.pipeline import Answerer, build_index, load_glossary
from rag.types import Answer
from tests.fake_encoder import HashingEncoder

TEXTS = {
    "bridge.txt": "临河大桥于2021年5月18日通车。大桥全长3.2公里，是当地最长的桥。\n",
    "guide.txt": "The Linhe Bridge opened to traffic on May 18, 2021. It is 3.2 km long.\n",
    "salt.md": "# Salt\n\nThe salt museum opened in 1998. It expects 60,000 visitors a year.\n",
}
QUESTIONS = (
    "When did the Linhe Bridge open?",
    "临河大桥什么时候通车？",
    "大桥有多长？",
    "When did the salt museum open?",
    "How many visitors does the museum expect?",
    "Who will win the next election?",
)
ENCODER = HashingEncoder()


class OtherEncoder(HashingEncoder):
    name = "other/1"


def write_folder(root: Path) -> Path:
    root.mkdir(parents=True)
    for name, text in TEXTS.items():
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "documents")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(index=tmp_path / "index")


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answerer]:
    root = tmp_path_factory.mktemp("corpus")
    settings = Settings(index=root / "index")
    build_index(write_folder(root / "documents"), settings=settings, encoder=ENCODER)
    made = Answerer(settings, encoder=ENCODER)
    yield made
    made.index.close()


def ask(settings: Settings, question: str) -> Answer:
    answerer = Answerer(settings, encoder=ENCODER)
    try:
        return answerer(question)
    finally:
        answerer.index.close()


def list_documents(settings: Settings) -> list[str]:
    with closing(sqlite3.connect(settings.database)) as connection:
        return [id_ for (id_,) in connection.execute("SELECT id FROM documents ORDER BY id")]


@pytest.mark.parametrize(
    ("question", "value", "source", "proof"),
    [
        (QUESTIONS[0], "May 18, 2021", "guide.txt", "“The Linhe Bridge opened to traffic on"),
        (QUESTIONS[1], "2021年5月18日", "bridge.txt", "「临河大桥于2021年5月18日通车。」"),
    ],
)
def test_the_answer_is_the_value_and_its_proof(
    question: str, value: str, source: str, proof: str, answerer: Answerer
) -> None:
    answer = answerer(question)

    first, second = answer.statements[:2]
    assert first.text == value
    assert first.quotes[0].document_id == source
    assert second.text.startswith(proof)
    assert answer.text.startswith(f"{value} [1]")


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_citation_and_hit_is_a_slice(question: str, answerer: Answerer) -> None:
    answer = answerer(question)

    for citation in answer.citations:
        quote, passage = citation.quote, citation.passage
        assert TEXTS[quote.document_id][quote.start : quote.end] == quote.text
        assert passage.start <= quote.start < quote.end <= passage.end
    for hit in answer.hits:
        assert TEXTS[hit.passage.document_id][hit.passage.start : hit.passage.end] == (
            hit.passage.text
        )
    assert [hit.rank for hit in answer.hits] == list(range(1, len(answer.hits) + 1))


@pytest.mark.parametrize(
    ("question", "refusal"),
    [
        ("Who is the king of Spain?", "The documents do not say."),
        ("谁是国王？", "文档中没有提到。"),
    ],
)
def test_what_the_documents_do_not_tell_is_refused_without_a_citation(
    question: str, refusal: str, answerer: Answerer
) -> None:
    answer = answerer(question)

    assert (answer.found, answer.text) == (False, refusal)
    assert answer.citations == ()


def test_the_same_question_has_the_same_answer(answerer: Answerer) -> None:
    for question in QUESTIONS:
        first = answerer(question)
        assert all(answerer(question) == first for _ in range(20))


def test_threads_that_share_an_answerer_get_the_serial_answers(answerer: Answerer) -> None:
    asked = [QUESTIONS[n % len(QUESTIONS)] for n in range(96)]
    serial = {question: answerer(question) for question in QUESTIONS}

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(answerer, asked))

    assert answers == [serial[question] for question in asked]


def test_another_order_of_files_gives_the_same_answers(
    folder: Path, settings: Settings, tmp_path: Path
) -> None:
    """The files are found in another order, and written at another time."""
    other = tmp_path / "other"
    other.mkdir()
    for name in reversed(TEXTS):
        shutil.copy(folder / name, other / name)
    copied = Settings(index=tmp_path / "copied")
    build_index(folder, settings=settings, encoder=ENCODER)
    build_index(other, settings=copied, encoder=ENCODER)

    for question in QUESTIONS:
        assert ask(settings, question) == ask(copied, question)


@pytest.mark.parametrize(
    "question", ["", " \n\t", "?", "？！…", "😀", "\u200b", "\ud800", "「」", "\0"]
)
def test_a_question_without_words_is_refused_with_a_hint(question: str, answerer: Answerer) -> None:
    with pytest.raises(QuestionError, match=r"holds no words\. Ask one, such as"):
        answerer(question)


@pytest.mark.parametrize("question", ["a", "桥", "5", "\ud800bridge", "bridge\0?", "x" * 1000])
def test_an_odd_question_is_answered_or_refused(question: str, answerer: Answerer) -> None:
    answer = answerer(question)

    assert answer.question == question
    assert answer.text


@pytest.mark.parametrize("length", [1001, 5_000_000])
def test_a_question_that_is_too_long_says_by_how_much(length: int, answerer: Answerer) -> None:
    with pytest.raises(QuestionError, match=f"has {length:,} characters, at most 1,000"):
        answerer("桥" * length)


def test_removed_text_is_never_cited_again(folder: Path, settings: Settings) -> None:
    build_index(folder, settings=settings, encoder=ENCODER)
    serving = Answerer(settings, encoder=ENCODER)
    before = serving(QUESTIONS[0])
    (folder / "guide.txt").unlink()

    build_index(folder, settings=settings, encoder=ENCODER)
    after = serving(QUESTIONS[0])

    serving.index.close()
    assert "guide.txt" in {c.quote.document_id for c in before.citations}
    assert {hit.passage.document_id for hit in after.hits} == {"bridge.txt", "salt.md"}
    assert "guide.txt" not in {c.quote.document_id for c in after.citations}


def test_a_failed_rebuild_leaves_the_old_index_whole_and_served(
    folder: Path, settings: Settings, tmp_path: Path
) -> None:
    class Failing(HashingEncoder):
        def encode_passages(self, texts):  # type: ignore[no-untyped-def]
            raise RuntimeError("the power went")

    build_index(folder, settings=settings, encoder=ENCODER)
    serving = Answerer(settings, encoder=ENCODER)
    before = serving(QUESTIONS[0])

    with pytest.raises(RuntimeError, match="the power went"):
        build_index(folder, settings=settings, encoder=Failing(), rebuild=True)

    assert serving(QUESTIONS[0]) == before
    serving.index.close()
    assert ask(settings, QUESTIONS[0]) == before
    assert list_documents(settings) == sorted(TEXTS)


def test_a_first_build_that_fails_leaves_no_index(folder: Path, settings: Settings) -> None:
    for name in TEXTS:
        (folder / name).write_bytes(b"")

    with pytest.raises(CorpusError, match=r"could be read. bridge.txt: the file is empty"):
        build_index(folder, settings=settings, encoder=ENCODER)

    with pytest.raises(IndexMissingError, match="Make one: crossquote index FOLDER"):
        Answerer(settings, encoder=ENCODER)


def test_a_rebuild_takes_another_folder_and_a_plain_build_does_not(
    folder: Path, settings: Settings, tmp_path: Path
) -> None:
    build_index(folder, settings=settings, encoder=ENCODER)
    other = tmp_path / "other"
    other.mkdir()
    (other / "tea.txt").write_text("The tea house sells forty kinds of tea.\n")

    with pytest.raises(IndexMismatchError, match="Add --rebuild to replace it, or give another"):
        build_index(other, settings=settings, encoder=ENCODER)
    assert list_documents(settings) == sorted(TEXTS)

    build_index(other, settings=settings, encoder=ENCODER, rebuild=True)
    assert list_documents(settings) == ["tea.txt"]


def test_one_file_is_a_folder_of_one(folder: Path, settings: Settings) -> None:
    report = build_index(folder / "guide.txt", settings=settings, encoder=ENCODER)

    assert report.documents == 1
    assert ask(settings, QUESTIONS[0]).statements[0].text == "May 18, 2021"


def test_a_missing_and_an_empty_folder_are_named(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(CorpusError, match=r"cannot read the folder '.*nowhere'.*Give a folder"):
        build_index(tmp_path / "nowhere", settings=settings, encoder=ENCODER)
    with pytest.raises(CorpusError, match=r"'.*empty' holds no files. Give a folder"):
        build_index(tmp_path / "empty", settings=settings, encoder=ENCODER)
    assert not settings.index.exists()


def test_an_index_of_another_encoder_is_refused_before_the_first_question(
    folder: Path, settings: Settings
) -> None:
    build_index(folder, settings=settings, encoder=ENCODER)

    with pytest.raises(
        IndexMismatchError,
        match=r"built with encoder 'hashing/1', but now it is 'other/1'. Rebuild",
    ):
        Answerer(settings, encoder=OtherEncoder())
    with pytest.raises(IndexMismatchError, match="encoder 'hashing/1', but now it is 'other/1'"):
        build_index(folder, settings=settings, encoder=OtherEncoder())


def test_an_index_of_other_words_is_refused(
    folder: Path, settings: Settings, tmp_path: Path
) -> None:
    build_index(folder, settings=settings, encoder=ENCODER)
    own = tmp_path / "own.tsv"
    own.write_text("临河\tLinhe\n", encoding="utf-8")

    with pytest.raises(IndexMismatchError, match="was built with terms"):
        Answerer(settings.model_copy(update={"glossary": own}), encoder=ENCODER)


@pytest.mark.parametrize(
    ("statement", "error", "words"),
    [
        ("PRAGMA user_version = 99", IndexMismatchError, "made by a newer version"),
        ("PRAGMA application_id = 1", IndexDamagedError, "is not an index of this program"),
        ("DROP TABLE meta", IndexDamagedError, "cannot be read"),
    ],
)
def test_a_file_that_is_no_index_of_ours_is_refused(
    statement: str, error: type[Exception], words: str, folder: Path, settings: Settings
) -> None:
    build_index(folder, settings=settings, encoder=ENCODER)
    with closing(sqlite3.connect(settings.database)) as connection:
        connection.execute(statement)

    with pytest.raises(error, match=words):
        Answerer(settings, encoder=ENCODER)


@pytest.mark.parametrize("content", [b"", b"not a database, but a text about bridges" * 100])
def test_a_file_of_other_bytes_is_refused_and_a_rebuild_replaces_it(
    content: bytes, folder: Path, settings: Settings
) -> None:
    settings.index.mkdir()
    settings.database.write_bytes(content)
    with pytest.raises(IndexDamagedError, match="Build it anew from your documents"):
        Answerer(settings, encoder=ENCODER)

    build_index(folder, settings=settings, encoder=ENCODER, rebuild=True)

    assert list_documents(settings) == sorted(TEXTS)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_index_that_may_not_be_written_to_is_served(folder: Path, settings: Settings) -> None:
    build_index(folder, settings=settings, encoder=ENCODER)
    settings.database.chmod(0o444)
    settings.index.chmod(0o555)
    try:
        assert ask(settings, QUESTIONS[0]).found
        with pytest.raises(CorpusError, match="cannot be written"):
            build_index(folder, settings=settings, encoder=ENCODER, rebuild=True)
    finally:
        settings.index.chmod(0o755)


def test_a_place_where_no_index_can_be_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    settings = Settings(index=tmp_path / "file" / "index")

    with pytest.raises(
        CorpusError, match=r"the index at '.*file.index.index.db' cannot be written"
    ):
        build_index(folder, settings=settings, encoder=ENCODER)


@pytest.mark.parametrize("text", ["没有制表符\n", "english\tenglish\n", None])
def test_a_glossary_not_in_form_is_named(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    with pytest.raises(CorpusError, match=r"the glossary cannot be read: .*own.tsv"):
        load_glossary(path)


def test_a_glossary_of_one_s_own_is_used(folder: Path, settings: Settings, tmp_path: Path) -> None:
    own = tmp_path / "own.tsv"
    own.write_text("临河大桥\tHarborspan\n", encoding="utf-8")
    named = settings.model_copy(update={"glossary": own})
    build_index(folder, settings=named, encoder=ENCODER)

    hits = ask(named, "Harborspan").hits

    assert [hit.passage.document_id for hit in hits if hit.gloss] == ["bridge.txt"]
