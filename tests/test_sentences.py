"""Sentences are exact spans that end where a reader would stop, whatever the line breaks."""

import random
import time

import pytest

from rag.sentences import MAX_SENTENCE_EN, MAX_SENTENCE_ZH, split_paragraphs, split_sentences


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="empty"),
        pytest.param(" \r\n\u3000\u2028 ", [], id="blank"),
        pytest.param("It rained. We stayed.", ["It rained.", "We stayed."], id="plain"),
        pytest.param("Sales rose 24.6% in May.", ["Sales rose 24.6% in May."], id="decimal"),
        pytest.param("Dr. Roe left the U.S. in May.", ["Dr. Roe left the U.S. in May."], id="dots"),
        pytest.param(
            "It cost 3 bn. in all. Fine.",
            ["It cost 3 bn. in all.", "Fine."],
            id="lower case goes on",
        ),
        pytest.param("1. Wash it. 2. Dry it.", ["1. Wash it.", "2. Dry it."], id="list numbers"),
        pytest.param("“走吧。”她说。门开了。", ["“走吧。”她说。", "门开了。"], id="attribution"),
        pytest.param("他问：“谁？为什么？”", ["他问：“谁？为什么？”"], id="closing quote"),
        pytest.param("店关了。2019年重开。", ["店关了。", "2019年重开。"], id="digit after a stop"),
        pytest.param("卖5元.很便宜.", ["卖5元.", "很便宜."], id="ASCII stop between Han"),
        pytest.param("占3.5%.", ["占3.5%."], id="decimal in Chinese"),
        pytest.param("上一行\n下一行", ["上一行", "下一行"], id="lines"),
        pytest.param("One\r\n\r\nTwo\u2028Three", ["One", "Two", "Three"], id="other line ends"),
    ],
)
def test_sentences_end_where_a_reader_stops(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_hard_wrapped_english_paragraph_keeps_its_sentences() -> None:
    text = (
        "The harbour was dredged twice in the nineteenth century, once by\n"
        "the town and once by a company from the north that had bought the\n"
        "Pier and the two warehouses behind it. Neither of them made money. The\n"
        "Company was wound up in 1893.\n\n"
        "Today boats are rare."
    )

    assert [s.replace("\n", " ") for s in sentences(text)] == [
        "The harbour was dredged twice in the nineteenth century, once by the town and once by a "
        "company from the north that had bought the Pier and the two warehouses behind it.",
        "Neither of them made money.",
        "The Company was wound up in 1893.",
        "Today boats are rare.",
    ]


def test_a_hard_wrapped_chinese_paragraph_keeps_its_sentences() -> None:
    text = (
        "这座石桥建于明代中叶当时的县令为了方便两岸的百姓往来便\n"
        "捐出自己的俸禄并且请来了邻县的石匠。三年以后桥终于落成\n"
        "了百姓十分高兴。"
    )

    assert [s.replace("\n", "") for s in sentences(text)] == [
        "这座石桥建于明代中叶当时的县令为了方便两岸的百姓往来便捐出自己的俸禄并且请来了邻县的石匠。",
        "三年以后桥终于落成了百姓十分高兴。",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Buy milk\nCall Anna about the new contract\nWater the plants",
        "老城门的修缮工程今年动工\n春天的河边有人放风筝\n市图书馆延长开放时间到晚上九点",
        "host: localhost and some more words here\nport: 8080",
        "- a first point without an end mark that is long\n- a second point",
        "# A heading that has no end mark of its own\nlower case below",
    ],
)
def test_lines_of_a_list_stay_apart(text: str) -> None:
    assert sentences(text) == text.split("\n")


def test_semicolons_cut_only_long_sentences() -> None:
    short, long = "甲来；乙走。", "甲" * 80 + "；" + "乙" * 80 + "。"

    assert sentences(short) == [short]
    assert sentences(long) == ["甲" * 80 + "；", "乙" * 80 + "。"]


def test_an_overlong_sentence_is_cut_at_the_last_comma_that_fits() -> None:
    text = ("好" * 149 + "，") * 3

    assert [len(s) for s in sentences(text)] == [300, 150]


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("好" * 5000, MAX_SENTENCE_ZH),
        ("word " * 5000, MAX_SENTENCE_EN),
        ("x" * 5000, MAX_SENTENCE_EN),
    ],
)
def test_text_without_marks_is_cut_to_fit(text: str, limit: int) -> None:
    found = sentences(text)

    assert max(map(len, found)) <= limit
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


PARTS = [
    *(
        "雨",
        "他说：",
        "“",
        "”",
        "。",
        "，",
        "；",
        "！",
        "A.",
        "U.S. ",
        "3.5",
        "word",
        " ",
        "\n",
        "|",
    ),
    *("\n\n", "\r\n", "\u2028", "1. ", "- ", "...", "……", "(", ")", "\u0301", "\ufeff", "# "),
    "The end. ",
]


@pytest.mark.parametrize("seed", range(200))
def test_spans_are_trimmed_in_order_and_skip_only_whitespace(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  (seeded on purpose)
    text = "".join(rng.choices(PARTS, k=rng.randrange(120)))

    for spans in (split_sentences(text), split_paragraphs(text)):
        end = 0
        for start, stop in spans:
            assert end <= start < stop
            assert not text[end:start].strip()
            assert text[start:stop] == text[start:stop].strip()
            end = stop
        assert not text[end:].strip()


@pytest.mark.parametrize(
    "text",
    ["好" * 500_000, "\n" * 100_000, "[" * 50_000, "“" * 300_000, "a.b " * 100_000, "…" * 200_000],
    ids=["no marks", "newlines", "brackets", "quotes", "stops", "dots"],
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    begin = time.process_time()
    split_sentences(text)

    assert time.process_time() - begin < 2
