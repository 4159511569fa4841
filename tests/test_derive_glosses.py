"""CC-CEDICT lines become short English glosses, best known reading first."""

from __future__ import annotations

from pathlib import Path

import pytest

from embeddings.derive_glosses import MAX_GLOSSES, derive_table, write_table
from embeddings.gloss import read_table


@pytest.mark.parametrize(
    ("line", "word", "glosses"),
    [
        pytest.param("上市 上市 [shang4 shi4] /to hit the market/to float/", "上市",
                     ("hit the market", "float"), id="infinitives"),
        pytest.param("汽車 汽车 [qi4 che1] /car; automobile/bus/CL:輛|辆[liang4]/", "汽车",
                     ("car", "automobile", "bus"), id="simplified form, classifier out"),
        pytest.param("書 书 [shu1] /(bound) book; letter (of any kind (even short))/", "书",
                     ("book", "letter"), id="nested notes out"),
        pytest.param("北京 北京 [Bei3 jing1] /Beijing, capital of China/", "北京",
                     ("Beijing",), id="a name without its explanation"),
        pytest.param("貓 猫 [mao1] /the cat/a cat/an animal/", "猫",
                     ("cat", "animal"), id="articles and repeats"),
    ],
)  # fmt: skip
def test_an_entry_gives(line: str, word: str, glosses: tuple[str, ...]) -> None:
    assert derive_table([line]) == {word: glosses}


@pytest.mark.parametrize(
    ("sense", "gloss"),
    [
        (
            "Jiacheng subprovincial city and capital of Yi province 乙 in southwest China",
            "Jiacheng city",
        ),
        ("Jiacheng prefecture-level city in Yi", "Jiacheng city"),
        ("Jia Yi county level city in Bing", "Jia Yi city"),
        ("Jia province (Chia) in north China, short name 甲, capital Yi", "Jia province"),
        ("Jia Kazakh autonomous county in Yi", "Jia Kazakh county"),
        ("Yellow Jia River, second longest river in China", "Yellow Jia River"),
        ("Jiacheng, a city in Yi", "Jiacheng"),
        ("city of the Jia period", "city of the Jia period"),
    ],
)
def test_what_a_place_is_near_is_no_gloss_of_it(sense: str, gloss: str) -> None:
    assert derive_table([f"甲城 甲城 [Jia3 cheng2] /{sense}/"]) == {"甲城": (gloss,)}


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("# CC-CEDICT", id="comment"),
        pytest.param("", id="blank"),
        pytest.param("雷 雷 /no pinyin/", id="malformed"),
        pytest.param("李 李 [Li3] /surname Li/", id="only a surname"),
        pytest.param("個 个 [ge4] /classifier for people/", id="only a classifier"),
        pytest.param("裡 里 [li3] /variant of 裏|里[li3]/", id="a variant of itself"),
        pytest.param("甲 甲 [jia3] /one two three four five six seven words/", id="too long"),
    ],
)
def test_a_line_without_a_usable_gloss_gives_nothing(line: str) -> None:
    assert derive_table([line]) == {}


def test_plain_readings_come_before_names_and_usual_ones_before_rare_ones() -> None:
    lines = [
        "小米 小米 [Xiao3 mi3] /Xiaomi/",
        "小米 小米 [xiao3 mi3] /millet/",
        "行 行 [hang2] /row/",
        "行 行 [xing2] /to walk/",
    ]

    assert derive_table(lines) == {"小米": ("millet", "Xiaomi"), "行": ("walk", "row")}


def test_a_variant_takes_the_glosses_of_its_word() -> None:
    lines = [
        "北大 北大 [Bei3 Da4] /abbr. for 北京大學|北京大学[Bei3 jing1 Da4 xue2]/",
        "北京大學 北京大学 [Bei3 jing1 Da4 xue2] /Peking University/",
    ]

    table = derive_table(lines)

    assert table == {"北大": ("Peking University",), "北京大学": ("Peking University",)}


def test_a_word_keeps_at_most_so_many_glosses() -> None:
    senses = "/".join(f"meaning{n}" for n in range(9))

    table = derive_table([f"多 多 [duo1] /{senses}/"])

    assert table["多"] == tuple(f"meaning{n}" for n in range(MAX_GLOSSES))


def test_words_come_sorted_whatever_the_order_of_the_lines() -> None:
    lines = ["乙 乙 [yi3] /second/", "丙 丙 [bing3] /third/"]

    assert list(derive_table(lines)) == sorted(derive_table(reversed(lines))) == ["丙", "乙"]


def test_what_is_written_is_read_back_and_equal_tables_give_equal_bytes(tmp_path: Path) -> None:
    table = {"上市": ("hit the market", "float"), "小米": ("millet",)}
    one, two = tmp_path / "one.gz", tmp_path / "two.gz"

    write_table(table, one)
    write_table(dict(table), two)

    assert read_table(one) == table
    assert one.read_bytes() == two.read_bytes()
