"""Han runs are cut into the fewest dictionary words; what no word fits is read as a name."""

from __future__ import annotations

import gc
import gzip
import random
import weakref
from collections.abc import Mapping
from pathlib import Path

import pytest
from pypinyin import lazy_pinyin

from embeddings.gloss import Glossary, read_glossary, read_table, romanize

TABLE = {
    "北": ("north",),
    "京": ("capital",),
    "北京": ("Beijing",),
    "大": ("big",),
    "学": ("learn",),
    "大学": ("university",),
    "京大": ("Kyoto University",),
    "北京大学": ("Peking University",),
    "小米": ("millet", "Xiaomi"),
    "上市": ("hit the market", "float"),
    "雷": ("thunder",),
    "军": ("army",),
    "三": ("three",),
}


def cut(text: str, table: Mapping[str, tuple[str, ...]] = TABLE) -> list[str]:
    return [word.text for word in Glossary(table).find_words(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", [], id="empty"),
        pytest.param("only Latin, 2024", [], id="no Han"),
        pytest.param("北京大学", ["北京大学"], id="the longest word"),
        pytest.param("在北京大学", ["在", "北京大学"], id="an unknown character before"),
        pytest.param("北京大", ["北", "京大"], id="of equal cuts the longer last word"),
        pytest.param("北京SU7大学", ["北京", "大学"], id="runs apart"),
        pytest.param("喆喆", ["喆", "喆"], id="all unknown"),
    ],
)
def test_a_run_is_cut_into_the_fewest_words(text: str, words: list[str]) -> None:
    assert cut(text) == words


def test_equal_prices_summed_in_another_order_are_equal() -> None:
    """1.3 + 1.3 + 1 and 1.3 + 1 + 1.3 differ in floating point, which decided for the first."""
    table = {"甲": ("a",), "乙": ("b",), "丙": ("c",), "丁": ("d",)} | {"乙丙": ("e",)}

    assert cut("甲乙丙丁", table | {"丙丁": ("f",)}) == ["甲", "乙", "丙丁"]


@pytest.mark.parametrize("seed", range(100))
def test_a_cut_is_that_of_trying_every_word_at_every_place(seed: int) -> None:
    run = "".join(random.Random(seed).choices("北京大学小米上市雷军三喆", k=14))  # noqa: S311

    assert cut(run) == _cut_by_trying_all(run)


def _cut_by_trying_all(run: str) -> list[str]:
    best: list[tuple[int, int]] = [(0, 0)]  # price, and where the last word begins
    for end in range(1, len(run) + 1):
        prices = [
            (best[start][0] + (10 if end - start > 1 else 13), start)
            for start in range(end)
            if run[start:end] in TABLE
        ]
        best.append(min([*prices, (best[end - 1][0] + 20, end - 1)]))
    words = []
    end = len(run)
    while end:
        words.append(run[best[end][1] : end])
        end = best[end][1]
    return words[::-1]


def test_words_carry_their_spans_and_glosses() -> None:
    text = "a 北京, 小米喆"

    words = Glossary(TABLE).find_words(text)

    assert [(w.text, w.glosses) for w in words] == [
        ("北京", ("Beijing",)), ("小米", ("millet", "Xiaomi")), ("喆", ()),
    ]  # fmt: skip
    assert all(text[w.start : w.end] == w.text for w in words)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("雷军", ["雷军"], id="two known characters"),
        pytest.param("雷喆", ["雷喆"], id="one unknown"),
        pytest.param("雷", [], id="one alone"),
        pytest.param("小米雷军上市", ["雷军"], id="between words"),
        pytest.param("雷的军", [], id="a particle between"),
        pytest.param("雷三军", [], id="a numeral between"),
        pytest.param("雷军，雷喆", ["雷军", "雷喆"], id="punctuation between"),
        pytest.param("雷 军", [], id="a space between"),
        pytest.param("雷军和雷喆", ["雷军", "雷喆"], id="two names and a particle"),
        pytest.param("", [], id="empty"),
    ],
)
def test_neighbouring_single_characters_may_spell_a_name(text: str, names: list[str]) -> None:
    glossary = Glossary(TABLE)
    words = glossary.find_words(text)

    spans = glossary.find_names(words)

    assert ["".join(w.text for w in words[a:b]) for a, b in spans] == names


def test_romanize_gives_a_syllable_a_character() -> None:
    assert romanize("雷军ab") == ("lei", "jun")
    assert romanize("") == ()


@pytest.mark.parametrize("text", ["重庆银行", "A股长城, 还长大", "乐乐着了", "一不做，二不休"])
def test_romanize_spells_phrases_as_pypinyin_does(text: str) -> None:
    assert romanize(text) == tuple(lazy_pinyin(text, errors="ignore"))


def test_the_fingerprint_changes_with_any_gloss_and_not_with_the_order() -> None:
    table = Glossary({"甲": ("a",), "乙": ("b", "c")})

    assert table.fingerprint == Glossary({"乙": ("b", "c"), "甲": ("a",)}).fingerprint
    assert table.fingerprint != Glossary({"甲": ("a",), "乙": ("c", "b")}).fingerprint
    assert table.fingerprint != Glossary({"甲": ("a",), "乙": ("b",)}).fingerprint
    assert len(table.fingerprint) == 12


def test_a_glossary_that_nobody_holds_is_freed_at_once() -> None:
    """Its cache of cuts held it, and with it a table of 112,000 words."""
    glossary = Glossary(TABLE)
    glossary.find_words("北京大学")
    alive = weakref.ref(glossary)

    gc.disable()
    del glossary

    assert alive() is None
    gc.enable()


def test_the_bundled_table_holds_the_words_of_the_demo() -> None:
    table = read_table()

    assert len(table) > 100_000
    assert table["小米"] == ("millet", "Xiaomi")
    assert table["北京大学"][0] == "Peking University"
    assert all(word and glosses and all(glosses) for word, glosses in table.items())


def test_a_table_is_read_as_written(tmp_path: Path) -> None:
    path = tmp_path / "table.tsv.gz"
    path.write_bytes(gzip.compress("小米\tmillet|Xiaomi\n上市\tfloat\n".encode()))

    assert read_table(path) == {"小米": ("millet", "Xiaomi"), "上市": ("float",)}


def test_a_users_glossary_is_read(tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    lines = "\ufeff# names\n\n雷军\tLei Jun | Jun Lei |\n  发布会 \tlaunch event\n"
    path.write_text(lines, encoding="utf-8")

    own = read_glossary(path)

    assert own == {"雷军": ("Lei Jun", "Jun Lei"), "发布会": ("launch event",)}


def test_a_users_words_may_be_traditional(tmp_path: Path) -> None:
    """Texts are folded before they are cut, so a traditional word was never met."""
    path = tmp_path / "own.tsv"
    path.write_text("發佈會\tlaunch event\n", encoding="utf-8")

    assert read_glossary(path) == {"发布会": ("launch event",)}


@pytest.mark.parametrize("line", ["雷军", "雷军\t", "雷军\t | ", "\tLei Jun", "SU7发布\tSU7 event"])
def test_a_line_that_is_no_entry_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    path.write_text(f"# one\n{line}\n", encoding="utf-8")

    with pytest.raises(ValueError, match=r"own\.tsv', line 2: expected a Chinese word"):
        read_glossary(path)
