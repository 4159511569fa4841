"""Public sets are read with the gold their authors define; what is not in form says where."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eval.questions import Evidence, Question
from eval.sets import beir, multihop_rag, rgb, squad, xquad_r
from eval.sets.collection import Collection
from eval.sets.gold import find_kind, find_words, quote_sentences, quote_words
from rag.errors import CorpusError
from rag.types import Language

SHARED = Path(__file__).parents[2] / "shared" / "benchmarks"


def write_lines(path: Path, *records: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def write_json(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def named(id_: str) -> str:
    return f"documents.jsonl#{id_}"


def quotes(question: Question) -> list[tuple[str, str]]:
    return [(evidence.document, evidence.quote) for evidence in question.evidence]


# What the answers show.


@pytest.mark.parametrize(
    ("accept", "language", "kind"),
    [
        ([["March 28, 2024"]], "en", "date"),
        ([["2024年3月28日"]], "zh", "date"),
        ([["17.1%"]], "en", "share"),
        ([["four"]], "en", "number"),
        ([["3.2 km"]], "en", "number"),
        ([["$40 million"]], "en", "money"),
        ([["三周"]], "zh", "duration"),
        ([["Yes"]], "en", "yesno"),
        ([["the old ferry"]], "en", "other"),
        ([["the 4 ferries of May 2020"]], "en", "other"),
        ([["Norway", "Sweden"]], "en", "list"),
        ([["in 1990"], ["1990"]], "en", "date"),
        ([], "en", "other"),
    ],
)
def test_the_kind_of_a_question_is_what_its_answer_shows(
    accept: list[list[str]], language: Language, kind: str
) -> None:
    assert find_kind(accept, language) == kind


def test_words_are_found_in_any_case_and_spacing_but_whole() -> None:
    text = "In Maytown,\n the Old\tFerry sails in MAY 2020."

    assert find_words(text, "the old ferry") == (13, 26)
    assert find_words(text, "may") == (36, 39)
    assert find_words(text, "202") is None
    assert find_words(text, " ") is None
    assert find_words("渡船于五月开航", "五月") == (3, 5)


def test_a_quote_is_the_sentences_that_the_words_touch() -> None:
    text = "Tea is old. It came by sea. Salt came by land."

    assert quote_sentences(text, 12, 14) == "It came by sea."
    assert quote_sentences(text, 7, 14) == "Tea is old. It came by sea."
    assert quote_words(text, ["by air", "salt"]) == "Salt came by land."
    assert quote_words(text, ["by air"]) == ""


# XQuAD-R


@pytest.fixture
def xquad(tmp_path: Path) -> Path:
    texts = {
        "en": ("Tea is old. It came in 1610.", "1610", 23),
        "zh": ("茶很老。1610年来。", "1610年", 4),
    }
    for language, (text, answer, start) in texts.items():
        answers = [{"text": answer, "answer_start": start}]
        question = {"id": "q1", "question": f"{language}?", "answers": answers}
        bounds = [[0, 11], [12, 28]] if language == "en" else [[0, 4], [4, len(text)]]
        paragraph = {"context": text, "qas": [question], "sentence_breaks": bounds}
        write_json(
            tmp_path / f"{language}.json", {"data": [{"title": "T", "paragraphs": [paragraph]}]}
        )
    return tmp_path


def test_xquad_r_asks_in_one_language_and_is_answered_in_the_words_of_the_other(
    xquad: Path,
) -> None:
    collection = xquad_r.read_collection(xquad, questions="en", documents="zh")

    assert collection.name == "XQuAD-R en -> zh"
    assert [d.text for d in collection.documents] == ["茶很老。1610年来。"]
    assert collection.documents[0].title == collection.documents[0].id == named("xquad-0")
    assert collection.questions == (
        Question(
            "q1", "en?", "en", "date", True,
            accept=(("1610年",),),
            evidence=(Evidence(named("xquad-0"), "1610年来。"),),
            tags=("en-zh",),
        ),
    )  # fmt: skip


# SQuAD


def squad_file(*paragraphs: tuple[str, list[dict[str, Any]]], title: str = "Old_Tea") -> Any:
    listed = [{"context": text, "qas": qas} for text, qas in paragraphs]
    return {"version": "v2.0", "data": [{"title": title, "paragraphs": listed}]}


def asked(id_: Any, *answers: tuple[str, int], **more: object) -> dict[str, Any]:
    listed = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": id_, "question": "When? ", "answers": listed, **more}


TEA = "Tea is old. It came in 1610, or so. Coffee came in 1650."


def test_squad_accepts_each_answer_and_quotes_the_sentence_of_the_first(tmp_path: Path) -> None:
    qas = [asked("q1", ("1610", 23), ("in 1610", 20), ("1610", 23), is_impossible=False)]

    collection = squad.read_collection(write_json(tmp_path / "dev.json", squad_file((TEA, qas))))

    assert collection.documents[0].title == "Old Tea"
    assert collection.questions == (
        Question(
            "q1", "When?", "en", "date", True,
            accept=(("1610",), ("in 1610",)),
            evidence=(Evidence(named("dev-1-1"), "It came in 1610, or so."),),
        ),
    )  # fmt: skip


def test_squad_marks_what_is_impossible_as_unanswerable(tmp_path: Path) -> None:
    impossible = asked("q2", is_impossible=True, plausible_answers=[{"text": "1650"}])
    path = write_json(tmp_path / "dev.json", squad_file((TEA, [impossible, asked(3, ("Tea", 0))])))

    questions = squad.read_collection(path).questions

    assert [(q.id, q.answerable, q.kind) for q in questions] == [
        ("q2", False, "other"),
        ("3", True, "other"),
    ]
    assert questions[0].accept == ()
    assert questions[0].evidence == ()


def test_squad_finds_an_answer_whose_place_is_unknown_or_wrong(tmp_path: Path) -> None:
    qas = [asked("q1", ("1650", -1)), asked("q2", ("1650", 3)), asked("q3", ("1700", -1))]

    collection = squad.read_collection(write_json(tmp_path / "dev.json", squad_file((TEA, qas))))

    quoted = [quotes(question)[0][1] for question in collection.questions]
    assert quoted == ["Coffee came in 1650.", "Coffee came in 1650.", ""]


def test_squad_makes_one_document_of_equal_paragraphs_and_says_so(tmp_path: Path) -> None:
    file = squad_file((TEA, [asked("q1", ("Tea", 0))]), (TEA, [asked("q2", ("Tea", 0))]))

    collection = squad.read_collection(write_json(tmp_path / "dev.json", file))

    assert len(collection.documents) == 1
    assert [quotes(q)[0][0] for q in collection.questions] == [named("dev-1-1")] * 2
    assert collection.notes == ("paragraphs that repeat an earlier one, joined with it: 1",)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({}, "no 'data' that is a list; expected SQuAD format"),
        ({"data": []}, "holds no question"),
        ({"data": [{}]}, "article 1 has no 'paragraphs'"),
        (squad_file((TEA, [asked("q", ("a", 0)), asked("q", ("a", 0))])), "question 2: the id 'q'"),
        (squad_file((TEA, [asked("q")])), "question 1 has no answer, and 'is_impossible'"),
        (squad_file((TEA, [asked(None, ("a", 0))])), "question 1 has no 'id'"),
        (squad_file((" ", [])), "paragraph 1: the text of a document is empty"),
    ],
)
def test_a_file_that_is_not_squad_says_where_and_why(
    tmp_path: Path, content: object, words: str
) -> None:
    path = write_json(tmp_path / "dev.json", content)

    with pytest.raises(CorpusError) as caught:
        squad.read_collection(path)

    assert str(path) in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.slow
def test_cmrc_is_read_whole() -> None:
    path = SHARED / "cmrc2018" / "dev.json"
    if not path.is_file():
        pytest.skip("CMRC 2018 is not on this machine")

    collection = squad.read_collection(path)

    assert (len(collection.documents), len(collection.questions)) == (848, 3219)
    texts = {document.id: document.text for document in collection.documents}
    assert all(q.language == "zh" and q.accept for q in collection.questions)
    assert all(
        quote and quote in texts[id_] for q in collection.questions for id_, quote in quotes(q)
    )


# BEIR


def write_beir(folder: Path, *judgements: str, split: str = "test") -> Path:
    write_lines(
        folder / "corpus.jsonl",
        {"_id": "d1", "title": "Tea", "text": "Tea is old.", "metadata": {"url": "https://t.ex"}},
        {"_id": "d#2", "title": "", "text": "Salt is older."},
        {"_id": "d3", "title": "Only a title", "text": ""},
        {"_id": "d4", "title": "", "text": " "},
        {"_id": "d5", "title": "Tea again", "text": "Tea is old."},
    )
    write_lines(
        folder / "queries.jsonl",
        {"_id": "q1", "text": "What is old?", "metadata": {}},
        {"_id": "q2", "text": "What is not judged?"},
        {"_id": "q3", "text": "What is not there?"},
    )
    path = folder / "qrels" / f"{split}.tsv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in ("query-id\tcorpus-id\tscore", *judgements)))
    return folder


def test_beir_keeps_the_grades_and_has_no_answers(tmp_path: Path) -> None:
    folder = write_beir(tmp_path, "q1\td1\t2", "q1\td#2\t1", "q1\td3\t0")

    collection = beir.read_collection(folder)

    ids = [document.id for document in collection.documents]
    assert [d.text for d in collection.documents] == [
        "Tea is old.", "Salt is older.", "Only a title"
    ]  # fmt: skip
    assert ids[0] == named("d1")
    assert "#" not in ids[1].removeprefix("documents.jsonl#")
    assert collection.documents[0].title == "Tea"
    assert collection.documents[0].source == "https://t.ex"
    evidence = (Evidence(ids[0], grade=2.0), Evidence(ids[1], grade=1.0))
    question = Question("q1", "What is old?", "en", "other", True, evidence=evidence)
    assert collection.questions == (question,)


def test_beir_tells_what_it_leaves_out_and_takes_the_best_grade_of_equal_texts(
    tmp_path: Path,
) -> None:
    folder = write_beir(tmp_path, "q1\td1\t1", "q1\td5\t3", "q1\td9\t1", "q3\td4\t1", "q3\td1\t-2")

    collection = beir.read_collection(folder)

    assert [q.id for q in collection.questions] == ["q1"]
    assert collection.questions[0].evidence == (Evidence(named("d1"), grade=3.0),)
    assert collection.notes == (
        "documents that repeat the text of an earlier one, joined with it: 1",
        "documents without words, left out: 1",
        "judgements of documents that are not there, left out: 2",
        "queries without a relevant document, left out: 1",
    )


def test_beir_takes_the_split_that_is_wanted_or_the_only_one(tmp_path: Path) -> None:
    folder = write_beir(tmp_path, "q1\td1\t1", split="dev")

    only = beir.read_collection(folder)
    write_beir(tmp_path, "q3\td1\t1")
    default, wanted = beir.read_collection(folder), beir.read_collection(folder, split="dev")

    assert [q.id for q in only.questions] == [q.id for q in wanted.questions] == ["q1"]
    assert [q.id for q in default.questions] == ["q3"]
    with pytest.raises(CorpusError, match=r"has no train\.tsv; judgements there: dev, test"):
        beir.read_collection(folder, split="train")


@pytest.mark.parametrize(
    ("judgement", "words"),
    [
        ("q1\td1", "test.tsv', line 2: expected query-id, corpus-id and a whole number"),
        ("q1\td1\thigh", "test.tsv', line 2: expected query-id"),
        ("\td1\t1", "test.tsv', line 2: expected query-id"),
        ("q7\td1\t1", "judges the query 'q7', which queries.jsonl lacks"),
        ("q1\td1\t0", "no query of"),
    ],
)
def test_judgements_that_are_not_in_form_say_where(
    tmp_path: Path, judgement: str, words: str
) -> None:
    folder = write_beir(tmp_path, judgement)

    with pytest.raises(CorpusError) as caught:
        beir.read_collection(folder)

    assert words in str(caught.value)


def test_a_corpus_or_query_that_is_not_in_form_says_its_line(tmp_path: Path) -> None:
    folder = write_beir(tmp_path, "q1\td1\t1")
    write_lines(folder / "queries.jsonl", {"_id": "q1", "text": "Tea?"}, {"_id": "q2"})

    with pytest.raises(CorpusError, match=r"queries\.jsonl', line 2 has no 'text'"):
        beir.read_collection(folder)

    write_lines(folder / "corpus.jsonl", {"_id": "d1", "text": "a"}, {"_id": "d1", "text": "b"})
    with pytest.raises(CorpusError, match=r"corpus\.jsonl', line 2: the id 'd1' is that of"):
        beir.read_collection(folder)

    (folder / "corpus.jsonl").write_text("tea\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"corpus\.jsonl', line 1 is not JSON"):
        beir.read_collection(folder)


# RGB

YES_1, YES_2 = "Feb 7 ... The cup was played in Tampa.", "Tampa, Florida saw the cup."
NO_1, NO_2 = "Tickets are sold now.", "Tea is old."


def rgb_line(id_: int = 0, **changes: object) -> dict[str, object]:
    line: dict[str, object] = {
        "id": id_, "query": "Where was the cup?", "answer": [["Tampa", "Tampa Bay"]],
        "positive": [YES_1, YES_2], "negative": [NO_1],
    }  # fmt: skip
    return {**line, **changes}


def read_rgb(folder: Path, test: rgb.Test, *lines: dict[str, object]) -> Collection:
    return rgb.read_collection(write_lines(folder / "en.json", *lines), test=test)


def test_rgb_noise_searches_the_texts_of_all_questions(tmp_path: Path) -> None:
    other = rgb_line(1, answer="Tea", positive=[NO_2], negative=[YES_1, NO_1, NO_1])

    collection = read_rgb(tmp_path, "noise", rgb_line(), other)

    assert collection.name == "RGB en noise"
    assert [d.text for d in collection.documents] == [YES_1, YES_2, NO_1, NO_2]
    first, second = collection.questions
    assert first.accept == (("Tampa",), ("Tampa Bay",))
    assert quotes(first) == [
        (named("rgb-0-0"), "The cup was played in Tampa."),
        (named("rgb-0-1"), YES_2),
    ]
    assert (second.accept, quotes(second)) == ((("Tea",),), [(named("rgb-1-0"), NO_2)])


def test_rgb_rejection_leaves_no_text_that_tells_and_no_answer(tmp_path: Path) -> None:
    other = rgb_line(1, positive=[NO_2], negative=[YES_1, NO_1, "Salt is older."])

    collection = read_rgb(tmp_path, "rejection", rgb_line(), other)

    assert [d.text for d in collection.documents] == [NO_1, "Salt is older."]
    assert [(q.id, q.answerable, q.accept, q.evidence) for q in collection.questions] == [
        ("0", False, (), ()),
        ("1", False, (), ()),
    ]


def test_rgb_integration_wants_every_part_in_one_of_its_wordings(tmp_path: Path) -> None:
    line = rgb_line(
        query="When were the vote and the oath?",
        answer=[["May 3", "3 May"], "June 12"],
        positive=[["The vote was on 3 May."], ["The oath was on June 12.", "An oath was sworn."]],
    )

    (question,) = read_rgb(tmp_path, "integration", line).questions

    assert question.accept == (("May 3", "June 12"), ("3 May", "June 12"))
    assert question.kind == "list"
    assert quotes(question) == [
        (named("rgb-0-0"), "The vote was on 3 May."),
        (named("rgb-0-1"), "The oath was on June 12."),
        (named("rgb-0-2"), ""),
    ]


def test_rgb_counterfactual_holds_both_values_and_wants_both_shown(tmp_path: Path) -> None:
    wrong = [YES_1.replace("Tampa", "Glendale"), YES_2]
    line = rgb_line(answer="Tampa", fakeanswer="Glendale", positive_wrong=wrong)

    collection = read_rgb(tmp_path, "counterfactual", line)
    (question,) = collection.questions

    assert [d.text for d in collection.documents] == [YES_1, YES_2, wrong[0], NO_1]
    assert question.accept == (("Tampa",),)
    assert question.conflict == (("Tampa",), ("Glendale",))
    assert quotes(question) == [
        (named("rgb-0-0"), "The cup was played in Tampa."),
        (named("rgb-0-1"), YES_2),
        (named("rgb-0-2"), "The cup was played in Glendale."),
    ]


def test_rgb_in_chinese_is_seen_to_be(tmp_path: Path) -> None:
    line = rgb_line(query="大桥何时通车", answer="5月2日", positive=["5月2日，大桥通车。"])

    (question,) = read_rgb(tmp_path, "noise", line).questions

    assert (question.language, question.kind) == ("zh", "date")


@pytest.mark.parametrize(
    ("test", "line", "words"),
    [
        ("noise", rgb_line(answer=[]), "line 1: 'answer' is no text or list of texts"),
        ("noise", rgb_line(answer=[[]]), "line 1: 'answer' is no text or list of texts"),
        ("noise", rgb_line(answer={"a": 1}), "line 1: 'answer' is no text or list of texts"),
        ("noise", rgb_line(answer=[["a", "b", "c"]] * 9), "worded in more than 10000 ways"),
        ("noise", rgb_line(positive=[3]), "line 1: a text is none"),
        ("noise", rgb_line(negative=None), "line 1 has no 'negative' that is a list"),
        ("integration", rgb_line(), "'positive' is no list of lists"),
        ("counterfactual", rgb_line(fakeanswer="x"), "no 'positive_wrong' that is a list"),
        ("counterfactual", rgb_line(), "'fakeanswer' is no text"),
        ("rejection", rgb_line(negative=[]), "leaves no text to search for the test 'rejection'"),
    ],
)
def test_a_file_that_is_not_rgb_or_for_another_test_says_so(
    tmp_path: Path, test: rgb.Test, line: dict[str, object], words: str
) -> None:
    with pytest.raises(CorpusError) as caught:
        read_rgb(tmp_path, test, line)

    assert str(tmp_path / "en.json") in str(caught.value)
    assert words in str(caught.value)


def test_rgb_gives_no_two_questions_one_id(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="line 2: the id '0' is that of an earlier one"):
        read_rgb(tmp_path, "noise", rgb_line(), rgb_line())


# MultiHop-RAG


def article(name: str, body: str) -> dict[str, object]:
    return {
        "title": f"On {name}", "author": None, "source": "The Ferry", "category": "news",
        "published_at": "2023-11-27T08:45:59+00:00", "url": f"https://{name}.example", "body": body,
    }  # fmt: skip


def fact(name: str, words: str, **changes: object) -> dict[str, object]:
    return {"title": f"On {name}", "url": f"https://{name}.example", "fact": words, **changes}


def write_multihop(folder: Path, *records: object) -> Path:
    articles = [
        article("tea", "Tea is old.\n\nIt came  by sea."),
        article("salt", "Salt is older."),
    ]
    write_json(folder / "corpus.json", articles)
    write_json(folder / "MultiHopRAG.json", list(records))
    return folder


def hop(
    sort: str, answer: str, *facts: object, query: str = "Which is older?"
) -> dict[str, object]:
    return {
        "query": query, "answer": answer, "question_type": f"{sort}_query",
        "evidence_list": list(facts),
    }  # fmt: skip


def test_multihop_rag_names_the_articles_and_quotes_their_own_words(tmp_path: Path) -> None:
    facts = (fact("tea", "it came by sea."), fact("salt", "Salt is older.", url="https://moved"))

    collection = multihop_rag.read_collection(
        write_multihop(tmp_path, hop("inference", "Salt", *facts))
    )

    tea = collection.documents[0]
    assert (tea.title, tea.source, tea.published) == ("On tea", "The Ferry", date(2023, 11, 27))
    assert collection.questions == (
        Question(
            "multihop-0", "Which is older?", "en", "other", True,
            accept=(("Salt",),),
            evidence=(
                Evidence(named("multihop-0"), "It came  by sea."),
                Evidence(named("multihop-1"), "Salt is older."),
            ),
            tags=("inference",),
        ),
    )  # fmt: skip
    assert collection.notes == ()


def test_multihop_rag_asks_what_no_article_tells_and_what_none_words(tmp_path: Path) -> None:
    records = (
        hop("null", "Insufficient information."),
        hop("comparison", "Yes", fact("salt", "Salt is older.")),
    )

    collection = multihop_rag.read_collection(write_multihop(tmp_path, *records))

    assert [(q.answerable, q.kind, q.accept, q.tags) for q in collection.questions] == [
        (False, "other", (), ("null",)),
        (True, "yesno", (), ("comparison",)),
    ]
    assert collection.notes == (
        "questions to say yes or no to, measured by their evidence alone: 1",
    )


def test_multihop_rag_tells_what_it_could_not_find(tmp_path: Path) -> None:
    records = (
        hop("temporal", "Before", fact("tea", "Tea is new."), fact("ale", "Ale.")),
        hop("temporal", "After", fact("ale", "Ale.")),
    )

    collection = multihop_rag.read_collection(write_multihop(tmp_path, *records))

    assert [quotes(q) for q in collection.questions] == [[(named("multihop-0"), "")]]
    assert collection.notes == (
        "facts of articles that are not there, left out: 2",
        "facts that do not stand word for word in their article, not quoted: 1",
        "questions without an article that tells, left out: 1",
    )


def drop(key: str) -> dict[str, object]:
    record = hop("inference", "Salt", fact("tea", "Tea is old."))
    return {k: v for k, v in record.items() if k != key}


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (drop("query"), "question 1 has no 'query' that is a text"),
        (drop("answer"), "question 1 has no 'answer'"),
        (drop("evidence_list"), "question 1 has no 'evidence_list' that is a list"),
        (drop("question_type"), "question 1 has no 'question_type'"),
        ("Which?", "question 1 has no 'query'"),
    ],
)
def test_a_question_of_multihop_rag_that_lacks_something_says_what(
    tmp_path: Path, record: object, words: str
) -> None:
    with pytest.raises(CorpusError, match=words):
        multihop_rag.read_collection(write_multihop(tmp_path, record))


def test_an_article_without_a_body_and_a_file_that_is_no_list_are_errors(tmp_path: Path) -> None:
    folder = write_multihop(tmp_path, hop("null", "-"))

    write_json(folder / "MultiHopRAG.json", {})
    with pytest.raises(CorpusError, match=r"MultiHopRAG\.json' is no list with an entry"):
        multihop_rag.read_collection(folder)

    write_json(folder / "corpus.json", [{"title": "On ale", "url": "u"}])
    with pytest.raises(CorpusError, match="article 1 has no 'body' that is a text"):
        multihop_rag.read_collection(folder)


# Files that cannot be read


READERS: list[tuple[str, Callable[[Path], Collection]]] = [
    ("dev.json", squad.read_collection),
    ("en.json", lambda path: rgb.read_collection(path, test="noise")),
    ("corpus.json", lambda path: multihop_rag.read_collection(path.parent)),
]


@pytest.mark.parametrize(("name", "read"), READERS)
def test_a_file_that_is_missing_or_no_json_is_an_error_that_names_it(
    tmp_path: Path, name: str, read: Callable[[Path], Collection]
) -> None:
    path = tmp_path / name

    with pytest.raises(CorpusError, match=f"{name}' cannot be read: No such file"):
        read(path)
    for data in (b"\xff\xfe\x00", b'{"data": '):
        path.write_bytes(data)
        with pytest.raises(CorpusError, match=f"{name}.* is not "):
            read(path)
