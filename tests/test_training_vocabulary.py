"""Chinese gets words of its own; English is cut as the teacher cuts it, and nothing is lost."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

from embeddings.training.charsmap import compile_charsmap, list_rules
from embeddings.training.teacher import find_teacher
from embeddings.training.tokenizer import MAX_RUN, START, UNKNOWN, build_tokenizer
from embeddings.training.vocabulary import (
    GLOSSES,
    MAX_WORD,
    Rows,
    choose_words,
    count_words,
    cut_longest,
    scale_rows,
    value_words,
)

# 火, 大, 学 and some others are pieces of the teacher, too.
WORDS = [
    *"火车站我们在北京大学台湾国发一中万三",
    "火车", "火车站", "我们", "北京", "大学", "北京大学", "车站",
]  # fmt: skip
PHRASES = [
    "When did the SU7 launch?", "Café Müller's naïve résumé", "STRASSE straße İstanbul",
    "1,234.56 USD (−3%) & $5/€6", "a\tb\nc\r\nd", "state-of-the-art", "e.g. don't", "x² + y₂ ≥ ½",
    "https://a.io/b?c=d#e", "Привет, мир", "한국어", "カタカナ", "😀 ok 🚗🚙", "[MASK] of [SEP]",
    "“quoted” — text…", "e\u0301a\u0308", "zero\u200bwidth\u00adsoft\ufeff", "  ", "", "ñ", "_a_b_",
    "<b>x</b> {y} `z`", "antidisestablishmentarianism", "ﬁne ligature", "αβγ Ω", "\u0000nul\u0007",
]  # fmt: skip


@pytest.fixture(scope="module")
def teacher() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(find_teacher() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return build_tokenizer(find_teacher(), WORDS)


def cut(tokenizer: Tokenizer, text: str) -> list[str]:
    """The pieces of `text` without the two tokens that frame it."""
    tokens: list[str] = tokenizer.encode(text).tokens[1:-1]
    return tokens


def cut_by_brute_force(run: str, words: frozenset[str]) -> list[str]:
    if not run:
        return []
    starts = [run[:n] for n in range(1, len(run) + 1)]
    head = max((s for s in starts if s in words and len(s) <= MAX_WORD), key=len, default=run[0])
    return [head, *cut_by_brute_force(run[len(head) :], words)]


def test_new_ids_follow_the_teachers_which_keep_their_meaning(
    teacher: Tokenizer, tokenizer: Tokenizer
) -> None:
    old, new = teacher.get_vocab(), tokenizer.get_vocab()
    size = len(old)

    assert "##火" in old  # its row stays, under a name that no text can have
    assert new["[teacher]##火"] == old["##火"]
    assert sorted(new.values()) == list(range(size + 2 + len(WORDS)))
    pieces = {id_: piece.removeprefix("[teacher]") for piece, id_ in new.items()}
    assert {pieces[id_]: id_ for id_ in range(size)} == old
    added = [pieces[id_] for id_ in range(size, len(new))]
    assert added == [START, f"##{UNKNOWN}", *(f"##{word}" for word in WORDS)]


@pytest.mark.parametrize("seed", range(10))
def test_text_without_chinese_gets_the_tokens_of_the_teacher(
    seed: int, teacher: Tokenizer, tokenizer: Tokenizer
) -> None:
    rng = random.Random(seed)  # noqa: S311
    joined = [
        rng.choice(["", " ", "\n", ", "]).join(rng.sample(PHRASES, rng.randint(2, 5)))
        for _ in range(20)
    ]

    for text in PHRASES + joined:
        assert tokenizer.encode(text).ids == teacher.encode(text).ids, text


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("火车站", "▁ ##火车站"),
        ("火车", "▁ ##火车"),
        ("北京大", "▁ ##北京 ##大"),
        ("北京大学在台湾", "▁ ##北京大学 ##在 ##台 ##湾"),
        ("我火车", "▁ ##我 ##火车"),  # 火 alone is a piece that the teacher has
        ("launch我们在", "launch ##我们 ##在"),
        ("我们SU7火车", "▁ ##我们 su ##7 ##火车"),
        ("go 我们\n火车", "go ▁ ##我们 ▁ ##火车"),
        ("。我们、火车：火", ". ▁ ##我们 , ▁ ##火车 : ▁ ##火"),
        ("(我们)café", "( ▁ ##我们 ) cafe"),
        ("喆我们喆喆火车喆", "▁ ##〓 ##我们 ##〓 ##〓 ##火车 ##〓"),
        ("万丈三", "▁ ##万 ##〓 ##三"),  # neighbours in Unicode
        ("𠀀々我们", "▁ ##〓 ##〓 ##我们"),  # beyond the first plane; a mark that counts as Han
        ("我们[SEP]火车", "▁ ##我们 [SEP] ▁ ##火车"),
        ("▁我们", "▁ ##我们"),
        ("我们" * (MAX_RUN // 2 - 1), "▁" + " ##我们" * (MAX_RUN // 2 - 1)),
    ],
)
def test_a_run_is_cut_by_longest_match_wherever_it_stands(
    text: str, pieces: str, tokenizer: Tokenizer
) -> None:
    assert cut(tokenizer, text) == pieces.split()


@pytest.mark.parametrize("sign", ["🚗", "▲", "℃", "①", "25℃", "🚗SU7", "→", "ɐ", "한"])
def test_a_sign_that_the_teacher_does_not_know_takes_no_chinese_with_it(
    sign: str, tokenizer: Tokenizer
) -> None:
    """🚗我们在火车站 was one unknown piece as a whole."""
    tokens = cut(tokenizer, f"{sign}我们在火车站")

    assert tokens[-3:] == ["##我们", "##在", "##火车站"]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("臺灣發", "台湾发"),
        ("在臺灣，我們。", "在台湾,我们."),
        ("ＳＵ７（火車）", "SU7(火车)"),
        ("我們！", "我们!"),
        ("\uf963京ｚ～", "北京z~"),  # a compatibility form, and the last of the full-width ones
    ],
)
def test_traditional_and_full_width_forms_read_as_the_plain_ones(
    text: str, plain: str, tokenizer: Tokenizer
) -> None:
    assert tokenizer.encode(text).ids == tokenizer.encode(plain).ids


def test_the_character_map_does_what_its_rules_say_and_no_more() -> None:
    normalizer = compile_charsmap()
    rules = dict(list_rules())

    assert (rules["灣"], rules["Ａ"], rules["。"]) == ("湾", "A", ".")
    assert "湾" not in rules
    characters = [chr(code) for code in (*range(0x20, 0xD800), *range(0xF900, 0x10000, 7))]
    wrong = [c for c in characters if normalizer.normalize_str(c) != rules.get(c, c)]
    assert wrong == []


FOLDED = {"灣": "湾", "發": "发", "車": "车"}


@pytest.mark.parametrize("seed", range(20))
def test_no_string_breaks_it_and_no_known_character_is_lost(
    seed: int, tokenizer: Tokenizer
) -> None:
    """Offsets map each piece back to its characters: a citation may rest on them."""
    rng = random.Random(seed)  # noqa: S311
    singles = "".join(word for word in WORDS if len(word) == 1)
    kinds = (singles, singles, "喆𠀀々〇", "aB9 é\n.,。▁", "🚗▲①\u200b\u0301\u0000〓#[]", "灣發車")

    for _ in range(100):
        text = "".join(rng.choice(rng.choice(kinds)) for _ in range(rng.randint(0, 40)))
        encoding = tokenizer.encode(text)
        pairs = list(zip(encoding.tokens[1:-1], encoding.offsets[1:-1], strict=True))
        read = "".join(t[2:] for t, _ in pairs if t[2:] in WORDS)
        assert read == "".join(fold for c in text if (fold := FOLDED.get(c, c)) in singles), text
        ends = [end for _, (_, end) in pairs]
        assert ends == sorted(ends)
        for token, (start, end) in pairs:
            if token[2:] in WORDS:
                slice_ = "".join(FOLDED.get(c, c) for c in text[start:end])
                assert "".join(c for c in slice_ if c in singles) == token[2:]


def test_a_plain_load_of_the_saved_tokenizer_gives_the_same_tokens(
    tmp_path: Path, tokenizer: Tokenizer
) -> None:
    from transformers import PreTrainedTokenizerFast

    untyped: Any = PreTrainedTokenizerFast
    untyped(tokenizer_object=tokenizer).save_pretrained(tmp_path)
    loaded = untyped.from_pretrained(tmp_path)

    for text in [*PHRASES, "臺灣發SU7，喆我們在北京大学。🚗火车", "我们\n我们"]:
        assert loaded(text)["input_ids"] == tokenizer.encode(text).ids
    assert loaded.get_vocab() == tokenizer.get_vocab()


@pytest.mark.parametrize("seed", range(50))
def test_longest_match_equals_brute_force(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    run = "".join(rng.choices("甲乙丙丁", k=60))
    starts = [rng.randrange(60) for _ in range(20)]
    words = frozenset(run[start : start + rng.randint(1, 11)] for start in starts)

    assert cut_longest(run, words) == cut_by_brute_force(run, words)


def test_words_of_the_table_are_counted_in_chinese_runs_alone() -> None:
    table = {"火": ("fire",), "火车": ("train",), "车": ("car",)}

    counts = count_words(["火车火, SU7火车", "no Chinese", "车站"], table)

    assert counts == {"火车": 2, "火": 1, "车": 1, "站": 1}


def make_values() -> dict[str, Rows]:
    """Values at angles that are easy to see: 火车站 is the sum of its parts, 马上 is not."""
    rows = {
        "火": (1, 0), "车": (0, 1), "站": (1, 1), "马": (1, 0), "上": (0, 1), "喆": (1, 1),
        "火车": (3, 4), "火车站": (8, 10), "车站": (1, 2), "马上": (1, -1), "上马": (-1, -1),
        "喆马": (0, 1), "马车上火车站火车": (-1, 0), "马马马马马马马马马": (-1, 0),
    }  # fmt: skip
    return {word: np.array(row, dtype=np.float32) for word, row in rows.items()}


def test_the_words_worth_most_are_chosen_behind_all_common_characters() -> None:
    """By hand, (1 + count) x (1 - cosine), each against the sum of its parts:

    上马 1 x (1 + 1); 马车上火车站火车 1 x (1 + 12/20), as (-1, 0) against (12, 16);
    马上 1 x (1 - 0); 火车 2 x (1 - 7/7.07); 车站 and 火车站 = 火车 + 站 nothing, however often met.
    喆 is no character of GB 2312, and a word of nine characters is too long.
    """
    table = dict.fromkeys(make_values(), ("x",))
    characters = sorted("火车站马上")
    counts = {"火车": 1, "火车站": 1000, "喆": 1000, "喆马": 1000, "马" * 9: 1000}

    chosen = choose_words(table, counts, make_values(), size=9)

    assert chosen == [*characters, "上马", "马车上火车站火车", "马上", "火车"]
    assert choose_words(table, counts, make_values(), size=6) == chosen[:6]
    assert choose_words(table, counts, make_values(), size=5) == characters
    every = choose_words(table, counts, make_values(), size=99)
    assert sorted(every[9:]) == ["火车站", "车站"]


def test_a_count_multiplies_the_worth_and_ties_go_to_the_smaller_word() -> None:
    flat = {w: np.array([1, 0], dtype=np.float32) for w in "甲乙丙丁"}
    values = flat | {w: np.array([0, 1], dtype=np.float32) for w in ("甲乙", "丙丁", "乙丙")}
    table = dict.fromkeys(values, ("x",))

    assert choose_words(table, {}, values, size=9)[4:] == ["丙丁", "乙丙", "甲乙"]
    assert choose_words(table, {"甲乙": 2, "乙丙": 1}, values, size=6)[4:] == ["甲乙", "乙丙"]


def test_a_word_means_its_first_glosses_weighted_and_a_particle_next_to_nothing() -> None:
    one = {g: np.eye(5, dtype=np.float32)[n] for n, g in enumerate(["the", "a", "b", "c", "d"])}

    values = value_words({"茶": ("a", "b", "c", "d"), "酒": ("d",), "的": ("a",)}, one)

    assert GLOSSES == 3
    assert values["茶"].tolist() == pytest.approx([0, 1, 1 / 2, 1 / 3, 0])
    assert values["酒"].tolist() == [0, 0, 0, 0, 1]
    assert values["的"].tolist() == [1, 0, 0, 0, 0]


def test_rows_get_the_length_that_the_teachers_have() -> None:
    teacher = np.array([[3, 4], [0, 1], [0, 2]], dtype=np.float32)  # norms 5, 1, 2: median 2
    rows = np.array([[30, 40], [0, 0.1], [0, 0]], dtype=np.float32)

    assert scale_rows(rows, teacher) == pytest.approx(np.array([[1.2, 1.6], [0, 2], [0, 0]]))
