"""What the student learns from is read as written, and every lesson means what its target says."""

from __future__ import annotations

import gzip
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from embeddings.training.curriculum import Material, Portions, read_material, write_epoch
from embeddings.training.lessons import (
    COUPLES,
    QUESTIONS,
    Lesson,
    find_chinese,
    teach_pairs,
    teach_passages,
    teach_questions,
    teach_switches,
    teach_words,
)
from embeddings.training.sources import OPEN_SOURCES, Pair, read_names, read_pairs

PAIRS = [
    Pair("ntrex", "The tea trains run in 2024", "茶火车在2024年运行"),
    Pair("ntrex", "He studied the price of tea", "他研究茶的价格"),
    Pair("react", "A button", "按钮"),
    Pair("tatoeba", "Tea is old", "茶是老的"),
]
WORDS = {
    "茶": ("tea",), "茶叶": ("tea", "tea leaves"), "火车": ("train",), "研究": ("study",),
    "价格": ("price",), "按钮": ("button",), "我们": ("we",), "稀罕": ("rare",),
    "长话": ("a very long gloss indeed",),
}  # fmt: skip
MET = {"茶": 3, "茶叶": 1, "火车": 2, "研究": 1, "价格": 1, "按钮": 1, "我们": 4, "长话": 1}
MATERIAL = Material(PAIRS, WORDS, MET)
ALL = Portions(words=4, questions=6, english=5)


def draw(seed: int = 0) -> random.Random:
    return random.Random(seed)  # noqa: S311


def write_data(folder: Path, **files: list[tuple[str, ...]]) -> Path:
    for name in ("pairs", "mined", "names"):
        lines = "".join("\t".join(row) + "\n" for row in files.get(name, []))
        (folder / f"{name}.tsv.gz").write_bytes(gzip.compress(lines.encode()))
    return folder


def test_pairs_of_the_named_sources_are_read_once_in_order_and_folded(tmp_path: Path) -> None:
    data = write_data(
        tmp_path,
        pairs=[
            ("ntrex", " Tea  is old ", "茶　是老的 "),
            ("wmt21", "Coffee", "咖啡"),
            ("react", "Hello", "Hello"),
            ("ntrex", "Tea is old", "茶 是老的"),
            ("ntrex", "Taiwan", "臺灣ＡＢ"),
        ],
        mined=[("d2l", "Tea is old", "茶 是老的")],
    )

    assert read_pairs(data) == [
        Pair("ntrex", "Tea is old", "茶 是老的"),
        Pair("ntrex", "Taiwan", "台湾AB"),
        Pair("d2l", "Tea is old", "茶 是老的"),
    ]
    assert read_pairs(data, ["wmt21", "react"]) == [Pair("wmt21", "Coffee", "咖啡")]
    assert "wmt21" not in OPEN_SOURCES


@pytest.mark.parametrize("row", [("ntrex", "Tea"), ("ntrex", "Tea", "茶", "3"), ("",)])
def test_a_line_with_other_than_three_cells_is_named(row: tuple[str, ...], tmp_path: Path) -> None:
    data = write_data(tmp_path, mined=[("d2l", "Tea", "茶"), row])

    with pytest.raises(ValueError, match=rf"mined\.tsv\.gz', line 2: .* got {len(row)}$"):
        read_pairs(data)


def test_names_are_folded_and_all_kept(tmp_path: Path) -> None:
    data = write_data(tmp_path, names=[("city", "Taipei", "臺北"), ("unit", "gram", "克")])

    assert read_names(data) == [Pair("city", "Taipei", "台北"), Pair("unit", "gram", "克")]


def test_material_joins_dictionary_and_names_and_counts_words_in_all_text(tmp_path: Path) -> None:
    data = write_data(
        tmp_path,
        pairs=[("ntrex", "Tea, tea", "小米茶，火车站。"), ("wmt21", "Tea", "茶")],
        names=[
            ("city", "Xyz", "喆喆喆"),
            ("city", "Wrong", "小米"),
            ("u", "g", "㐀"),
            ("u", "x", "A级"),
        ],
    )

    material = read_material(data, ["喆喆喆的火车站", "火车站"])

    assert material.pairs == [Pair("ntrex", "Tea, tea", "小米茶,火车站。")]
    assert material.words["喆喆喆"] == ("Xyz",)
    assert material.words["小米"] == ("millet", "Xiaomi")  # the dictionary knows better
    assert not {"㐀", "A级"} & material.words.keys()
    assert not [word for word in material.words if re.search(r"[^\u3400-\u9fff]", word)]
    assert material.counts == {"小米": 1, "茶": 1, "火车站": 3, "喆喆喆": 1, "的": 1}


def test_a_pair_and_a_word_are_lessons_as_they_stand_and_particles_are_none() -> None:
    assert teach_pairs(PAIRS[2:]) == [Lesson("按钮", "A button"), Lesson("茶是老的", "Tea is old")]
    assert teach_words({"茶叶": ("tea", "leaves"), "的": ("of",)}) == [Lesson("茶叶", "tea")]


def test_neighbours_of_one_source_make_a_passage_and_one_alone_makes_none() -> None:
    a, b = ([Pair(s, f"{s}{n}", f"茶{s}{n}") for n in range(8)] for s in "ab")

    passages = teach_passages([*a[:5], *b[:2], a[5], *b[2:4], a[6], a[7], b[4]])

    assert passages == [
        Lesson("茶a0茶a1茶a2", "a0 a1 a2"),
        Lesson("茶a3茶a4", "a3 a4"),
        Lesson("茶b1茶b2", "b1 b2"),  # a5 between them is left out
    ]
    assert teach_passages(a[:5], blocks=2) == [
        Lesson("茶a0茶a1", "a0 a1"),
        Lesson("茶a2茶a3", "a2 a3"),
    ]
    assert teach_passages([]) == []


def test_questions_ask_the_same_in_both_languages() -> None:
    things = {"火车": ("train", "x"), "价格": ("price",), "茶": ("tea",)}
    expected = {
        Lesson(chinese.format(one, other), english.format(things[one][0], things[other][0]))
        for english, chinese in (*QUESTIONS, *COUPLES)
        for one in things
        for other in things
    }

    lessons = teach_questions(things, draw(), size=3000)

    assert len(lessons) == 3000
    assert set(lessons) == expected  # every pattern with every word, and nothing else
    assert Lesson("茶的火车", "the train of tea") in expected  # {1} comes first in Chinese
    assert Lesson("茶的火车是什么？", "What is the train of tea?") in expected
    assert Lesson("价格比茶早吗？", "Did price come before tea?") in expected
    couples = sum(bool(re.search("[和与]|早吗", lesson.text)) for lesson in lessons)
    assert couples / 3000 == pytest.approx(0.3 * 4 / 6, abs=0.03)
    assert teach_questions(things, draw(), size=0) == []


@pytest.mark.parametrize(("english", "chinese"), [*QUESTIONS, *COUPLES])
def test_a_pattern_has_a_place_for_each_word_in_both_languages(english: str, chinese: str) -> None:
    places = english.count("{}")

    assert places == len(re.findall(r"\{[01]?\}", chinese))
    assert sorted(re.findall(r"one|two", chinese.format("one", "two"))) == ["one", "two"][:places]


def test_a_switched_sentence_keeps_its_target_and_holds_translations_alone() -> None:
    chinese = {"tea": ["茶", "茶叶"], "bake": ["烤"], "cake": ["蛋糕"], "like": ["喜欢"]}
    sentence = "The men baked the cake, and likes tea's taste of 2024."
    slots = [
        "(The )?men ", "(baked|烤)", " ?(the|) ?", "(cake|蛋糕)", ", and ", "(likes|喜欢)", " ?",
        "(tea's) taste ", "(of)?", " ?2024.",
    ]  # fmt: skip
    pattern = re.compile("".join(slots))

    lessons = [x for seed in range(400) for x in teach_switches([sentence], chinese, draw(seed))]

    assert {lesson.target for lesson in lessons} == {sentence}
    assert [x.text for x in lessons if not pattern.fullmatch(x.text)] == []
    share = {word: sum(word in x.text for x in lessons) / 400 for word in ("烤", "the", "蛋糕")}
    assert share["烤"] == pytest.approx(0.67, abs=0.07)
    assert share["蛋糕"] == pytest.approx(0.67, abs=0.07)
    assert share["the"] == pytest.approx(0.4, abs=0.07)  # little words mostly go
    assert "men 烤蛋糕, and 喜欢 tea's taste 2024." in {re.sub(" +", " ", x.text) for x in lessons}


def test_a_word_is_switched_in_any_of_its_forms_and_by_any_of_its_translations() -> None:
    chinese = {"city": ["城市"], "box": ["盒子"], "bake": ["烤"], "walk": ["走", "步行"]}
    words = "cities boxes Baked baking WALKED walks walking citys wal".split()
    expected = {
        "cities": {"城市"}, "boxes": {"盒子"}, "Baked": {"烤"}, "baking": {"烤"},
        "WALKED": {"走", "步行"}, "walks": {"走", "步行"}, "walking": {"走", "步行"},
        "citys": {"城市"}, "wal": set(),
    }  # fmt: skip

    rng = draw()
    found = {w: {x.text for x in teach_switches([w] * 60, chinese, rng)} for w in words}

    assert found == expected


def test_the_table_turned_round_gives_the_words_met_most_often_five_at_most() -> None:
    table = {f"词{n}": ("Word", "other") for n in "一二三四五六"} | {
        "词": ("word",), "词七": ("seven",), "词八": ("two words",), "词九": ("über",),
        "词百": ("other",), "词十": ("other", "word"),
    }  # fmt: skip
    counts = dict(zip(table, range(1, 13), strict=True)) | {"词七": 0, "词十": 3, "词百": 3}

    assert find_chinese(table, counts) == {
        "word": ["词六", "词五", "词四", "词三", "词二"],
        "other": ["词十", "词百"],  # as often: the smaller first
    }


def test_an_epoch_is_the_same_for_a_seed_and_another_for_another() -> None:
    first, again, other = (write_epoch(MATERIAL, ALL, seed) for seed in (1, 1, 2))

    assert first == again
    assert first != other


@pytest.mark.parametrize("seed", range(20))
def test_an_epoch_holds_the_portions_asked_for(seed: int) -> None:
    lessons = write_epoch(MATERIAL, Portions(4, 6, 5, switches=False, passages=False), seed)

    assert len(lessons) == len(PAIRS) + 4 + 6 + 5
    assert [x.target for x in lessons[:4]] == [pair.english for pair in PAIRS]
    assert all(x in teach_words(WORDS) for x in lessons[4:8])
    assert len(set(lessons[4:8])) == 4
    # words not met, of one character, or with long glosses are no things to ask about
    asked = Counter(re.findall(r"稀罕|长话|茶(?!叶)", "".join(x.text for x in lessons[8:14])))
    assert not asked
    assert all(x.text == x.target for x in lessons[14:])
    assert {x.target for x in lessons[14:]} <= {x.target for x in lessons[:14]}


def test_switches_and_passages_come_on_top_and_tatoeba_makes_no_passage() -> None:
    pairs = [Pair("tatoeba", f"Tea {n}", f"茶{n}") for n in range(9)]
    blocks = [Pair("react", f"Tea {n}", f"茶{n}") for n in range(4)]
    none = Portions(0, 0, 0, switches=False)

    assert write_epoch(Material(pairs, WORDS, MET), none, 1) == teach_pairs(pairs)
    assert write_epoch(Material(pairs + blocks, WORDS, MET), none, 1)[13:] == [
        Lesson("茶0茶1茶2", "Tea 0 Tea 1 Tea 2")
    ]
    switched = write_epoch(MATERIAL, Portions(0, 0, 0, passages=False), 1)[4:]
    assert {x.target for x in switched} <= {pair.english for pair in PAIRS}
    assert any("茶叶" in x.text for x in switched)


def test_three_of_four_lessons_have_their_figures_in_the_english_form() -> None:
    pairs = [Pair("tatoeba", f"In 2024 {n}", f"在2024年{n}") for n in range(1000)]

    texts = [x.text for x in write_epoch(Material(pairs, WORDS, MET), Portions(0, 0, 0, False), 1)]

    assert set(texts) <= {f"在2024年{n}" for n in range(1000)} | {
        f"在 2024 {n}" for n in range(1000)
    }
    assert sum("年" in text for text in texts) == pytest.approx(250, abs=45)


def test_asking_for_more_than_there_is_gives_all_there_is() -> None:
    lessons = write_epoch(MATERIAL, Portions(999, 0, 9999, switches=False, passages=False), 1)

    assert len(lessons) == 2 * (len(PAIRS) + len(WORDS) - 1)  # 我们 is a particle
