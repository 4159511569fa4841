"""Lessons are read as they are written, wrong sentences are wrong, and the network learns."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from embeddings.bilingual import MODEL, BilingualEncoder
from embeddings.cross_encoder import CrossEncoder, PairReader, Sentence
from embeddings.cross_training.__main__ import write_card, write_folder
from embeddings.cross_training.cases import Casebook
from embeddings.cross_training.lessons import LESSONS, Article, read_articles
from embeddings.cross_training.teach import check, read_cases, teach
from embeddings.pair_model import build_pair_model
from rag.errors import CorpusError
from rag.types import LANGUAGES

LINES = """# bridge
Linhe bridge opens	临河大桥通车
The bridge opened on 3 May 2021.	大桥于2021年5月3日通车。
Anna Roth cut the ribbon.	安娜·罗特剪彩。
It cost 40 million yuan.	耗资4000万元。
Since 3 May 2021 the ferry is gone.	2021年5月3日起渡船停航。
? When could cars first cross?	什么时候通车的？	2	3 May 2021	2021年5月3日
? who opened it	谁剪的彩	3	Anna Roth	安娜·罗特
? Is it open?	通车了吗？	2	-	-
? How long is it?	桥有多长？	0	-	-

# ferry
The ferry	渡船
The ferry carries 60 cars.	渡船可载60辆车。
It sails until nine.	末班船九点。
? How many cars fit on it?	渡船能载几辆车？	2	60	60
# ntrex 2-3
? What was worried?	担心什么？	2	muppets	笨蛋
"""
NTREX = "tatoeba\tHello.\t你好。\nntrex\tOne\t一\nntrex\tLike muppets\t像笨蛋\nntrex\tThree\t三\n"


def write_lessons(folder: Path, lines: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "own.txt.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(lines)
    with gzip.open(folder / "pairs.tsv.gz", "wt", encoding="utf-8") as file:
        file.write(NTREX)
    return path


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> list[Article]:
    return read_articles(write_lessons(tmp_path_factory.mktemp("lessons"), LINES))


def test_a_lesson_has_two_languages_rows_and_values(articles: list[Article]) -> None:
    bridge, ferry = articles

    assert [len(bridge.rows), len(ferry.rows)] == [5, 3]
    assert bridge.rows[2] == {"en": "Anna Roth cut the ribbon.", "zh": "安娜·罗特剪彩。"}
    when, who, whether, length = bridge.lessons
    assert when.texts == {"en": "When could cars first cross?", "zh": "什么时候通车的？"}
    assert (when.rows, when.values["zh"]) == ((1,), "2021年5月3日")
    assert (who.rows, who.values["en"]) == ((2,), "Anna Roth")
    assert (whether.rows, whether.values) == ((1,), {"en": "", "zh": ""})
    assert length.rows == ()


def test_rows_of_the_translated_news_are_counted_from_their_first(tmp_path: Path) -> None:
    path = write_lessons(tmp_path, LINES)
    *_, news = read_articles(path, tmp_path)

    assert [row["en"] for row in news.rows] == ["Like muppets", "Three"]
    assert news.lessons[0].rows == (0,)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("? When?\t何时？\t9\tx\tx", "own.txt.gz:5: no such row: '9' of 3"),
        ("? When?\t何时？\t2\t61\t60", "own.txt.gz:5: '61' does not stand in row 2"),
        ("? When?\t何时？\t2", "own.txt.gz:5: a question has 5 parts"),
        ("? When?\t何时？\tlast\t-\t-", "own.txt.gz:5: no such row: 'last'"),
        ("The end", "own.txt.gz:5: a row is English, tab, Chinese"),
    ],
)
def test_a_line_out_of_form_is_told_by_file_and_number(
    line: str, told: str, tmp_path: Path
) -> None:
    rows = "# ferry\nThe ferry\t渡船\nIt carries 60 cars.\t可载60辆车。\nIt sails.\t开船。\n"

    with pytest.raises(CorpusError, match=told):
        read_articles(write_lessons(tmp_path, rows + line + "\n"))


def test_no_wrong_sentence_tells_the_answer(
    articles: list[Article], bundled_encoder: BilingualEncoder
) -> None:
    casebook = Casebook(articles, bundled_encoder)
    cases = [case for seed in range(4) for case in casebook.write(wrong=4, seed=seed)]

    assert len(cases) == 4 * 5 * len(LANGUAGES) ** 2
    for case in cases:
        right, wrong = case.sentences[: case.right], case.sentences[case.right :]
        start, end = case.span
        value = right[0].text[start:end] if right else ""
        assert len(wrong) == 4
        assert not (value and any(value in sentence.text for sentence in wrong))
        if "多长" in case.question or "long" in case.question:
            assert case.right == 0
    assert {case.right for case in cases if "ribbon" not in case.question} == {0, 1}
    titles = {"Linhe bridge opens", "临河大桥通车", "The ferry", "渡船"}
    assert {s.heading for case in cases for s in case.sentences} == titles | {""}


def test_equal_seeds_give_equal_cases(
    articles: list[Article], bundled_encoder: BilingualEncoder
) -> None:
    one, other = (Casebook(articles, bundled_encoder) for _ in range(2))

    assert one.write(wrong=3, seed=5) == other.write(wrong=3, seed=5)
    assert one.write(wrong=3, seed=5) != one.write(wrong=3, seed=6)


def test_the_network_learns_its_lessons_and_is_loaded_as_it_was_written(
    articles: list[Article], bundled_encoder: BilingualEncoder, tmp_path: Path
) -> None:
    torch.manual_seed(1)
    reader = PairReader(Tokenizer.from_file(str(MODEL / "tokenizer.json")))
    casebook = Casebook(articles, bundled_encoder)
    epochs = [read_cases(reader, casebook.write(wrong=3, seed=n)) for n in range(8)]
    asked = read_cases(reader, casebook.write(wrong=3, seed=99))
    model = build_pair_model(MODEL)
    before = check(model, asked, batch=8)
    words = model.words.clone()

    teach(model, epochs, rate=2e-4, batch=4, seed=1)

    after = check(model, asked, batch=8)
    assert after[0] > 0.9 > before[0]
    assert after[2] > 0.8 > before[2]
    assert torch.equal(model.words, words)
    write_folder(model, tmp_path, card="")
    relevances = CrossEncoder(tmp_path, precision="float32").relate(
        "渡船能载几辆车？", [Sentence(row["en"]) for row in articles[1].rows]
    )
    assert max(range(3), key=lambda n: relevances[n].score) == 1
    assert relevances[1].locate(18, 20) > 0.5


def test_the_lessons_of_the_bundled_network_can_be_read() -> None:
    known = [a for path in sorted(LESSONS.glob("*.txt.gz")) for a in read_articles(path)]

    assert len(known) > 100
    assert len({article.id for article in known}) == len(known)


def test_the_card_tells_what_the_run_used() -> None:
    options = {"epochs": 3, "wrong": 4, "batch": 16, "rate": 1e-4, "seed": 7}
    counts = dict.fromkeys(("articles", "lessons", "cases", "held_articles", "held_lessons"), 1234)

    card = write_card(options, counts, (0.75, 0.5, 0.25))

    for told in ("| epochs | 3 |", "| seed | 7 |", "1,234", ".750", ".500", ".250"):
        assert told in card
