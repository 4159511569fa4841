"""A typo is mended to a word that the documents hold; what is spelled well stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rag.spelling import correct_spelling, count_edits
from rag.store import View
from tests.fake_index import GLOSSARY, open_index, open_writer, put_file, write_index

TEXTS = {
    "a.txt": "The bridge opened in 2021. The aqueduct carries salt.",
    "b.txt": "The museum of salt opens at nine. The Guggenhelm collection is in Linhe.",
    "c.txt": "Ann Reed of Septerra built the bridge. Trams cross the bridge and stop at the mill.",
    "d.txt": "The observatory was restored. The mall is closed.",
    "e.txt": "盐业博物馆的茶很有名，Kestrel K2的价格很高。",
    "f.txt": "The mall sells tea. Its launch was late, and so was lunch.",
}


@pytest.fixture
def view(tmp_path: Path) -> Iterator[View]:
    path = write_index(tmp_path / "index.db", TEXTS)
    with closing(open_index(path)) as index, index.read() as opened:
        yield opened


def correct(text: str, view: View) -> str:
    return correct_spelling(text, view, GLOSSARY)


@pytest.mark.parametrize(
    ("asked", "mended"),
    [
        pytest.param("when did the brigde open", "when did the bridge open", id="exchanged"),
        pytest.param("when did the bridje open?", "when did the bridge open?", id="changed"),
        pytest.param("when did the brdge open?", "when did the bridge open?", id="left out"),
        pytest.param("when did the briidge open?", "when did the bridge open?", id="put in"),
        pytest.param("when did the nuseum open", "when did the museum open", id="first letter"),
        pytest.param("the obsarvatery", "the observatory", id="two letters of a long word"),
        pytest.param("Whne did it open?", "When did it open?", id="a word that asks"),
        pytest.param("who built Setperra?", "who built Septerra?", id="a name"),
        pytest.param("THE BRIGDE", "THE BRIDGE", id="capitals"),
        pytest.param("Brigde of Linhe", "Bridge of Linhe", id="a capital"),
        pytest.param("the brigde, the musuem", "the bridge, the museum", id="two"),
        pytest.param("ｂｒｉｇｄｅ？", "bridge？", id="full width"),
        pytest.param("Kestral 的价格是多少？", "Kestrel 的价格是多少？", id="in Chinese"),
        pytest.param("brigde什么时候通车", "bridge什么时候通车", id="beside Chinese"),
        pytest.param("the muzeum's tea", "the museum's tea", id="a possessive"),
    ],
)
def test_a_typo_is_mended_and_all_else_is_kept(asked: str, mended: str, view: View) -> None:
    assert correct(asked, view) == mended


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("？", id="no word"),
        pytest.param("When did the bridge open in Linhe?", id="held"),
        pytest.param("how many bridges", id="held by its stem"),
        pytest.param("When did the ferry sink?", id="near nothing"),
        pytest.param("the X7 and the K3", id="names with digits"),
        pytest.param("bridge2 brigde-2 2brigde", id="a digit beside it"),
        pytest.param("the NOAE of it", id="an acronym"),
        pytest.param("the mil", id="three letters"),
        pytest.param("the mull", id="four letters, one changed"),
        pytest.param("brjdje", id="two letters of a short word"),
        pytest.param("sovservatory", id="two letters, the start too"),
        pytest.param("Who is Ann Beed?", id="a short name"),
        pytest.param("by Deptersa", id="a name with two wrong letters"),
        pytest.param("by Teptarra", id="a name with another start"),
        pytest.param("the trams, the tramsy", id="an ending"),
        pytest.param("un museums abridge", id="a prefix"),
        pytest.param("Brïgde", id="an accent"),
        pytest.param("博物馆什么时候开放", id="Chinese"),
        pytest.param("price", id="known to the dictionary alone"),
    ],
)
def test_what_may_be_right_is_left_alone(text: str, view: View) -> None:
    assert correct(text, view) == text


@pytest.mark.parametrize(
    ("texts", "mended"),
    [
        pytest.param(["A horse.", "A house.", "The house."], "house", id="more passages"),
        pytest.param(["A horse.", "A house."], "horse", id="alphabet"),
        pytest.param(["A house.", "A foxse.", "My foxse."], "house", id="first letter"),
    ],
)
def test_of_two_words_as_near_one_is_taken(texts: list[str], mended: str, tmp_path: Path) -> None:
    path = write_index(tmp_path / "index.db", {f"{n}.txt": t for n, t in enumerate(texts)})

    with closing(open_index(path)) as index, index.read() as view:
        assert correct("the hoxse", view) == f"the {mended}"


def test_exchanged_letters_are_the_likeliest_typo(tmp_path: Path) -> None:
    """`balck` became `back`, which more passages held than `black`."""
    texts = {"a.txt": "Black tea.", "b.txt": "Go back.", "c.txt": "Come back."}

    with closing(open_index(write_index(tmp_path / "i.db", texts))) as index, index.read() as view:
        assert correct("balck tea", view) == "black tea"


def test_a_chinese_document_holds_the_english_of_its_words(tmp_path: Path) -> None:
    path = write_index(tmp_path / "index.db", {"a.txt": "临河博物馆开放。"})

    with closing(open_index(path)) as index, index.read() as view:
        assert correct("when did the musuem open", view) == "when did the museum open"
        assert correct("the brigde", view) == "the brigde"


@pytest.mark.parametrize(("letters", "mended"), [(30, True), (31, False), (990, False)])
def test_a_word_too_long_for_any_dictionary_is_left_alone(
    letters: int, mended: bool, tmp_path: Path
) -> None:
    """A word of 990 letters held the index for a third of a second."""
    word = "ab" * 495
    path = write_index(tmp_path / "index.db", {"a.txt": f"The {word[:letters]}."})

    with closing(open_index(path)) as index, index.read() as view:
        typo = f"{word[: letters - 1]}q"
        assert correct(f"the {typo}", view) == f"the {word[:letters] if mended else typo}"


def test_an_empty_index_mends_only_words_that_ask(tmp_path: Path) -> None:
    with open_writer(tmp_path / "index.db"):
        pass
    with closing(open_index(tmp_path / "index.db")) as index, index.read() as view:
        assert correct("wehn did the brigde open", view) == "when did the brigde open"


def test_new_words_are_known_at_the_next_question(tmp_path: Path) -> None:
    path = write_index(tmp_path / "index.db", {"a.txt": "Tea is old."})
    with closing(open_index(path)) as index:
        with index.read() as view:
            assert correct("the brigde", view) == "the brigde"
        with open_writer(path) as writer:
            put_file(writer, "b.txt", "The bridge is long.")
        with index.read() as view:
            assert view.list_words("en") == ("bridge", "long")
            assert correct("the brigde", view) == "the bridge"


def test_the_words_are_latin_sorted_and_of_four_letters_or_more(view: View) -> None:
    assert view.list_words("zh") == ("kestrel",)
    assert view.list_words("en")[:4] == ("aqueduct", "bridge", "built", "carries")


@pytest.mark.parametrize(
    ("word", "other", "edits"),
    [
        ("bridge", "bridge", 0),
        ("brigde", "bridge", 1),
        ("brdge", "bridge", 1),
        ("bridgee", "bridge", 1),
        ("brodge", "bridge", 1),
        ("rbigde", "bridge", 2),
        ("", "tea", 3),
        ("ca", "abc", 3),  # the letters exchanged may not be parted by a third
    ],
)
def test_edits_are_counted_by_hand(word: str, other: str, edits: int) -> None:
    assert count_edits(word, other) == count_edits(other, word) == edits
