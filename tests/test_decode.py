"""Bytes come out as the text that was meant, or with a warning; never as an exception."""

import codecs
import random

import pytest

from rag.files.decode import Decoded, decode_bytes, looks_binary, replace_unsafe

CHINESE = "小米汽车首款车型上市，雷军表示价格为21.59万元。\n经过三年筹备，小米SU7今天正式发布。"
TRADITIONAL = "小米汽車首款車型於三月上市，這是一段繁體中文的文字，用來測試編碼。"


@pytest.mark.parametrize("text", ["北京大学", "雷军", "小米", "你好，世界", CHINESE])
def test_gbk_is_read_as_chinese_even_when_short(text: str) -> None:
    assert decode_bytes(text.encode("gbk")).text == text


@pytest.mark.parametrize(
    "text",
    [
        "谢谢",
        "通知",
        "目录。",
        "女 2024",
        "世界。",
        "1. 电动",
        "武汉\n",
        "今天。明天。",
        "第一章 春天",
    ],
)
def test_short_gbk_whose_bytes_are_utf8_as_well_is_read_as_chinese_and_flagged(text: str) -> None:
    """A file that said 谢谢 was read as the two Cyrillic letters лл, and nothing was told."""
    decoded = decode_bytes(text.encode("gbk"))

    assert decoded.text == text
    assert "a guess from only" in (decoded.warning or "")


@pytest.mark.parametrize(
    "text",
    [
        "café",
        "naïve £5",
        "£5",
        "5°",
        "§ 12",
        "“so”",
        "Привет",
        "cap: λα",
        "年",
        "你好！",
        "…",
        "ño",
    ],
)
def test_short_utf8_is_not_taken_for_gbk(text: str) -> None:
    assert decode_bytes(text.encode()) == Decoded(text, "utf_8")


def test_no_short_gbk_becomes_hangul_or_goes_unflagged() -> None:
    """C4, for every pair of neighbors in some Chinese text, each with and without a stop."""
    pairs = {CHINESE[n : n + 2] for n in range(len(CHINESE) - 1)}

    for pair in sorted(pairs):
        for text in (pair, f"{pair}。", f"{pair}\n{pair}"):
            decoded = decode_bytes(text.encode("gbk"))

            assert decoded.text == text or decoded.warning
            assert not any("\uac00" <= c <= "\ud7a3" for c in decoded.text)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "gb18030"),
        ("北京𠮷野家开业，镕基题字。", "gb18030"),  # characters of four bytes, and none of GB2312
        ("hello", "utf-16-be"),
        ("a", "utf-16-be"),
        ("hello", "utf-16-le"),
        (TRADITIONAL, "big5"),
        ("台灣大學", "big5"),
        (CHINESE, "utf-16-le"),
        (CHINESE, "utf-16-be"),
        ("plain words, no mark", "utf-16-le"),
        ("plain words, no mark", "utf-16-be"),
        ("東京大学は日本の国立大学です。", "shift_jis"),
        ("café naïve résumé", "latin-1"),
        ("He said “hello”, and it’s fine: they don’t mind", "cp1252"),
    ],
)
def test_other_encodings_are_found_out(text: str, encoding: str) -> None:
    assert decode_bytes(text.encode(encoding)).text == text


@pytest.mark.parametrize("text", [CHINESE, "北", "plain"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_byte_order_mark_decides_and_is_dropped(codec: str, text: str) -> None:
    decoded = decode_bytes(f"\ufeff{text}".encode(codec))

    assert (decoded.text, decoded.warning) == (text, None)


def test_a_late_accent_in_english_text_is_no_chinese() -> None:
    """The first 4,096 bytes say nothing, so the guess was GB18030 and the quotes became Han."""
    text = "Plain English words. " * 400 + "It’s a café."

    assert decode_bytes(text.encode("cp1252")).text == text


def test_line_ends_are_kept_as_they_are() -> None:
    assert decode_bytes(b"a\r\nb\rc\n").text == "a\r\nb\rc\n"


def test_one_bad_byte_is_replaced_and_its_offset_named() -> None:
    good = "小米汽车".encode()

    decoded = decode_bytes(good + b"\xff" + good)

    assert decoded.text == "小米汽车\ufffd小米汽车"
    assert decoded.warning is not None
    assert decoded.warning.startswith("byte 12 is not UTF-8")


def test_the_offset_counts_the_byte_order_mark() -> None:
    decoded = decode_bytes(codecs.BOM_UTF8 + b"ab\xffc")

    assert decoded.text == "ab\ufffdc"
    assert "byte 5 " in (decoded.warning or "")


def test_half_utf8_half_gbk_is_flagged_and_keeps_the_first_half() -> None:
    decoded = decode_bytes((CHINESE * 3).encode() + (CHINESE * 3).encode("gbk"))

    assert decoded.text.startswith(CHINESE * 3)
    assert decoded.warning is not None


@pytest.mark.parametrize("codec", ["gbk", "big5", "utf-16-le"])
def test_a_first_half_in_another_encoding_is_flagged_too(codec: str) -> None:
    """C5 the other way round: what is lost is lost, but not in silence."""
    decoded = decode_bytes((CHINESE * 3).encode(codec, errors="ignore") + (CHINESE * 3).encode())

    assert decoded.text.endswith(CHINESE)
    assert "replaced; save the file in one encoding" in (decoded.warning or "")


def test_a_guess_from_few_bytes_says_so_and_one_from_many_does_not() -> None:
    assert "from only 8 bytes" in (decode_bytes("北京大学".encode("gbk")).warning or "")
    assert decode_bytes((CHINESE * 3).encode("gbk")).warning is None


def test_the_user_overrides_every_guess() -> None:
    data = "北京大学".encode("gbk")

    assert decode_bytes(data, encoding="cp949").text == data.decode("cp949")
    assert decode_bytes("é".encode(), encoding="ascii").text == "\ufffd\ufffd"


@pytest.mark.parametrize("encoding", ["klingon", "hex", "idna", "unicode_escape", "a\x00b"])
def test_an_encoding_that_is_none_is_refused_by_name(encoding: str) -> None:
    with pytest.raises(ValueError, match="utf-8"):
        decode_bytes(b"x", encoding=encoding)


def test_a_declared_encoding_is_used_where_utf8_fails() -> None:
    assert decode_bytes(b"\xa4\xa4", declared="big5").text == "中"
    assert decode_bytes("中".encode(), declared="big5").text == "中"


def test_nul_and_lone_surrogates_are_replaced_one_for_one() -> None:
    assert replace_unsafe("a\x00b\ud800c\udfff𝔘") == "a\ufffdb\ufffdc\ufffd𝔘"
    assert decode_bytes(b"hello\x00world").text == "hello\ufffdworld"


@pytest.mark.parametrize("size", [64, 500, 4096])
def test_random_bytes_are_binary(size: int) -> None:
    rng = random.Random(size)  # noqa: S311  (seeded on purpose)

    assert all(looks_binary(rng.randbytes(size)) for _ in range(50))


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5", "utf-16-le", "utf-16", "utf-32"])
def test_text_is_not_binary_in_any_encoding(codec: str) -> None:
    assert not looks_binary(TRADITIONAL.encode(codec))
    assert not looks_binary((TRADITIONAL + "\x00\x1b").encode(codec))


@pytest.mark.parametrize("seed", range(40))
def test_mutated_bytes_always_decode(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  (seeded on purpose)
    codec = rng.choice(["utf-8", "gb18030", "big5hkscs", "utf-16"])
    data = bytearray(CHINESE.encode(codec, errors="ignore"))
    for _ in range(rng.randrange(1, 20)):
        data[rng.randrange(len(data))] = rng.randrange(256)

    text = decode_bytes(bytes(data)).text

    assert text.encode("utf-8").decode("utf-8") == text
    assert "\x00" not in text
