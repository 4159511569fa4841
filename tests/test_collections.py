"""The form of a public set is found out, and an index of it has the ids that the evidence names."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eval.collections import FORMS, Collection, find_form, read_collection, write_documents
from eval.questions import Evidence, Question, read_questions, write_questions
from eval.sets.collection import DOCUMENTS_FILE, DocumentPool
from rag.catalog import list_documents
from rag.config import Settings
from rag.encode import make_find_terms
from rag.errors import CorpusError
from rag.load import load_file
from rag.pipeline import build_index, describe_tools, load_glossary
from rag.store import Index
from rag.types import Document, Language
from tests.fake_encoder import HashingEncoder

SHARED = Path(__file__).parents[2] / "shared" / "benchmarks"
BRIDGE = "The bridge opened in May. It is long."


def write_lines(path: Path, *records: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def write_json(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def asked(id_: str, start: int = 21) -> dict[str, Any]:
    return {"id": id_, "question": "When?", "answers": [{"text": "May", "answer_start": start}]}


def write_squad(path: Path, *ids: str, **more: object) -> Path:
    paragraph = {"context": BRIDGE, "qas": [asked(id_) for id_ in ids], **more}
    return write_json(path, {"version": "1", "data": [{"title": "B", "paragraphs": [paragraph]}]})


def write_rgb(path: Path, **changes: object) -> Path:
    record = {"id": 0, "query": "When did it open?", "answer": "May", "positive": [BRIDGE]}
    return write_lines(path, {**record, "negative": ["Tea is old."], **changes})


def write_beir(folder: Path) -> Path:
    write_lines(folder / "corpus.jsonl", {"_id": "d1", "title": "", "text": BRIDGE})
    write_lines(folder / "queries.jsonl", {"_id": "q1", "text": "When did it open?"})
    (folder / "qrels").mkdir()
    for split in ("test", "dev"):
        (folder / "qrels" / f"{split}.tsv").write_text("q\td\ts\nq1\td1\t1\n", encoding="utf-8")
    return folder


def write_multihop(folder: Path) -> Path:
    folder.mkdir()
    article = {"title": "A", "url": "https://a.example", "body": BRIDGE, "source": "The Ferry"}
    write_json(folder / "corpus.json", [article])
    record = {"query": "When?", "answer": "May", "question_type": "inference_query"}
    evidence = {"url": "https://a.example", "fact": "It is long."}
    write_json(folder / "MultiHopRAG.json", [{**record, "evidence_list": [evidence]}])
    return folder


def write_xquad(folder: Path) -> Path:
    folder.mkdir()
    for language in ("en", "zh"):
        write_squad(folder / f"{language}.json", "q1", sentence_breaks=[[0, 25], [26, 37]])
    return folder


def every_form(folder: Path) -> Iterator[tuple[Path, str]]:
    yield write_xquad(folder / "xquad"), "xquad-r"
    yield write_squad(folder / "dev.json", "q1"), "squad"
    yield write_beir(folder / "beir"), "beir"
    yield write_rgb(folder / "en.json"), "rgb-noise"
    yield write_rgb(folder / "int.json", positive=[[BRIDGE]], answer=["May"]), "rgb-integration"
    wrong = {"fakeanswer": "June", "positive_wrong": ["The bridge opened in June."]}
    yield write_rgb(folder / "fact.json", **wrong), "rgb-counterfactual"
    yield write_multihop(folder / "multihop"), "multihop-rag"


def test_every_form_that_files_show_is_found_out_and_read(tmp_path: Path) -> None:
    for path, form in every_form(tmp_path):
        collection = read_collection(path)

        assert find_form(path) == form
        assert [q.answerable for q in collection.questions] == [True]
        assert collection.questions[0].evidence[0].document in {d.id for d in collection.documents}


def test_a_form_that_is_named_is_taken_over_the_one_that_shows(tmp_path: Path) -> None:
    rejection = read_collection(write_rgb(tmp_path / "en.json"), form="rgb-rejection")
    dev = read_collection(write_beir(tmp_path / "beir"), form="beir-dev")

    assert [q.answerable for q in rejection.questions] == [False]
    assert dev.name == "beir/dev"


def test_what_has_no_known_form_is_an_error_that_lists_the_forms(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Tea is old.", encoding="utf-8")
    for path in (tmp_path, tmp_path / "notes.txt", tmp_path / "missing"):
        with pytest.raises(CorpusError) as caught:
            find_form(path)

        assert str(path) in str(caught.value)
        assert all(form in str(caught.value) for form in FORMS)


def test_a_form_that_nobody_knows_and_a_choice_that_is_none_are_errors(tmp_path: Path) -> None:
    squad = write_squad(tmp_path / "dev.json", "q1")

    with pytest.raises(CorpusError, match=r"no form is called 'hotpot'\. Forms: xquad-r"):
        read_collection(squad, form="hotpot")
    with pytest.raises(CorpusError, match="for xquad-r alone, not for squad"):
        read_collection(squad, documents="en")
    with pytest.raises(ValueError, match="limit must be at least 1, got 0"):
        read_collection(squad, limit=0)


def test_the_data_folder_of_rgb_is_told_apart_from_xquad_r(tmp_path: Path) -> None:
    for name in ("en.json", "zh.json"):
        write_rgb(tmp_path / name)

    with pytest.raises(CorpusError, match="is the data of RGB; give one file"):
        find_form(tmp_path)


def test_a_limit_draws_the_same_questions_and_keeps_all_documents(tmp_path: Path) -> None:
    path = write_squad(tmp_path / "dev.json", *(f"q{n}" for n in range(10)))
    few, more = read_collection(path, limit=3), read_collection(path, limit=6)
    order = [question.id for question in read_collection(path).questions]

    drawn = [question.id for question in few.questions]

    assert drawn == [question.id for question in read_collection(path, limit=3).questions]
    assert len(drawn) == 3
    assert drawn == sorted(drawn, key=order.index) != order[:3]
    assert set(drawn) < {question.id for question in more.questions}
    assert len(few.documents) == 1
    assert len(read_collection(path, limit=99).questions) == 10


def test_distractors_stand_around_the_documents_under_ids_of_their_own(tmp_path: Path) -> None:
    squad = write_squad(tmp_path / "dev.json", "q1")
    more = tmp_path / "news.jsonl.gz"
    records = [
        {"id": "dev-1-1", "text": "Tea is old.", "date": "2024-05-01", "title": "Tea"},
        {"id": "again", "text": BRIDGE},
        {"id": "n 2", "text": "茶很古老。", "date": None},
    ]
    with gzip.open(more, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)

    collection = read_collection(squad, distractors=more)

    assert collection.name.endswith("dev.json among 2 others")
    assert [d.text for d in collection.documents] == [BRIDGE, "Tea is old.", "茶很古老。"]
    assert collection.documents[1].id == "documents.jsonl#distractor:dev-1-1"
    assert collection.documents[1].published == date(2024, 5, 1)
    assert collection.documents[1].title == "Tea"
    assert len({document.id for document in collection.documents}) == 3


def test_distractors_that_share_an_id_are_an_error(tmp_path: Path) -> None:
    squad = write_squad(tmp_path / "dev.json", "q1")
    more = write_lines(tmp_path / "m.jsonl", {"id": "a", "text": "b"}, {"id": "a", "text": "c"})

    with pytest.raises(CorpusError, match="two texts with the id 'a'"):
        read_collection(squad, distractors=more)


HARD = (
    ("plain", "Tea is old.", "", "", None),
    ("with space#and mark\\", "A first line\n\nTea\u2028came. \t\r\n", "", "", None),
    ("distractor:x", "发布时间：2023-08-16\n茶很古老。", "  **茶** \n 史 ", " a \n site ", None),
    ("z" * 300, "---\ntitle: x\n---\nPublished: 2024-05-01\nTea\x00.", "T" * 300, "", None),
    ("中文/1", "Tea \ud800 is older.", "", "https://a.example/b", date(2020, 2, 29)),
)


def gather(items: tuple[tuple[str, str, str, str, date | None], ...]) -> Collection:
    pool = DocumentPool()
    for key, text, title, source, published in items:
        pool.add(key, text, where="x", title=title, source=source, published=published)
    documents = pool.list_documents()
    question = Question("q", "Tea?", "en", "other", True, evidence=(Evidence(documents[0].id),))
    return Collection("Tea", documents, (question,))


def test_the_loader_reads_from_the_written_file_the_very_documents_of_the_collection(
    tmp_path: Path,
) -> None:
    collection = gather(HARD)

    path = write_documents(collection, tmp_path / "new" / "folder")
    loaded = load_file(path, path.parent)

    assert path.name == DOCUMENTS_FILE
    assert loaded.documents == collection.documents
    assert loaded.problems == ()


def test_the_same_text_is_one_document_and_two_texts_of_one_id_an_error() -> None:
    pool = DocumentPool()
    first = pool.add("a", "Tea.", where="file, line 1")

    again = pool.add("b", "Tea.", where="file, line 2")

    assert again is first
    assert pool.list_documents() == (first,)
    assert pool.copies == 1
    with pytest.raises(CorpusError, match="file, line 3: the id 'a' is that of an earlier"):
        pool.add("a", "Salt.", where="file, line 3")
    with pytest.raises(CorpusError, match="file, line 4: the text of a document is empty"):
        pool.add("c", " \n", where="file, line 4")


def test_a_collection_holds_the_evidence_of_its_questions_and_no_id_twice() -> None:
    whole = gather(HARD)
    lost = Question("q2", "Salt?", "en", "other", True, evidence=(Evidence("salt"),))

    with pytest.raises(ValueError, match="no document holds evidence of 'q2'"):
        Collection("Tea", whole.documents, (lost,))
    with pytest.raises(ValueError, match="two documents share an id"):
        Collection("Tea", whole.documents * 2, whole.questions)
    with pytest.raises(ValueError, match="two questions share an id"):
        Collection("Tea", whole.documents, whole.questions * 2)


def test_questions_of_every_form_are_written_and_read_again(tmp_path: Path) -> None:
    for number, (path, _) in enumerate(every_form(tmp_path)):
        collection = read_collection(path)
        target = tmp_path / f"questions-{number}.jsonl"

        write_questions(collection.questions, target)

        assert tuple(read_questions(target)) == collection.questions


def index_collection(collection: Collection, folder: Path) -> dict[str, Document]:
    """The documents that an index of the collection holds, by id."""
    write_documents(collection, folder / "texts")
    settings = Settings(index=folder / "index")
    encoder, glossary = HashingEncoder(), load_glossary(None)
    build_index(folder / "texts", settings=settings, encoder=encoder)
    ids = [listed.id for listed in list_documents(settings.database)]
    meta = describe_tools(encoder, glossary)
    index = Index(settings.database, meta, make_find_terms(glossary))
    try:
        with index.read() as view:
            return view.get_documents(ids)
    finally:
        index.close()


@pytest.mark.slow
@pytest.mark.parametrize(("questions", "documents"), [("en", "zh"), ("zh", "en")])
def test_an_index_of_xquad_r_holds_the_quotes_of_the_evidence(
    tmp_path: Path, questions: Language, documents: Language
) -> None:
    if not (SHARED / "xquad-r").is_dir():
        pytest.skip("XQuAD-R is not on this machine")
    collection = read_collection(SHARED / "xquad-r", questions=questions, documents=documents)

    held = index_collection(collection, tmp_path)
    places = [e for question in collection.questions for e in question.evidence]
    found = sum(e.quote in held[e.document].text for e in places)

    assert len(collection.questions) == len(places) == 1190
    assert set(held) == {document.id for document in collection.documents}
    assert found >= 0.99 * len(places)
