"""Passages are slices of whole sentences that never mix parts, items, or noise."""

import random
import time
from pathlib import Path

import pytest

from rag.chunk import chunk_document
from rag.clean import Noise, find_noise
from rag.sentences import split_sentences
from rag.types import Document, Passage

SEEDS = Path(__file__).parent.parent / "seeds"


def document(text: str) -> Document:
    return Document("page", "Page", text, "page", "en")


def texts(text: str, noise: list[Noise] | None = None, max_chars: int = 60) -> list[str]:
    passages = chunk_document(
        document(text), noise or [], max_chars_zh=max_chars, max_chars_en=max_chars
    )
    return [passage.text for passage in passages]


def test_sentences_are_packed_up_to_the_limit() -> None:
    assert texts("One is here. Two is here. Three is here. Four is here.", max_chars=26) == [
        "One is here. Two is here.",
        "Three is here.",
        "Four is here.",
    ]


def test_a_tiny_last_passage_joins_the_one_before() -> None:
    assert texts("One is here. Two is here. Ok.", max_chars=26) == ["One is here. Two is here. Ok."]


def test_chinese_and_english_have_their_own_limits() -> None:
    text = "雨下了一整天没停。" * 4 + "\n\n" + "It rained all day. " * 4

    passages = chunk_document(document(text), [], max_chars_zh=20, max_chars_en=60)

    assert [len(p.text) for p in passages] == [18, 18, 56, 18]


def test_a_passage_never_crosses_noise() -> None:
    text = "One is here. Buy now! Two is here."

    assert texts(text, [Noise(13, 21, "notice")]) == ["One is here.", "Two is here."]


def test_a_heading_opens_its_part_and_names_it() -> None:
    text = "# Tides\n\nThey turn twice a day.\n\n## Spring tides\n\nThey are the highest."

    passages = chunk_document(document(text), [])

    assert [(p.id, p.section, p.heading, p.text) for p in passages] == [
        ("page#0", 0, "Page > Tides", "# Tides\n\nThey turn twice a day."),
        ("page#1", 1, "Page > Tides > Spring tides", "## Spring tides\n\nThey are the highest."),
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "Opening hours",
        "**Opening hours**",
        "第三章 开放时间",
        "开放时间",
        "2. Opening hours",
        "二、开放时间",
    ],
)
def test_a_short_line_above_a_sentence_is_a_heading(heading: str) -> None:
    text = (
        f"The museum is by the harbor.\n\n{heading}\n\nIt opens at nine and closes at five daily."
    )

    assert [p.section for p in chunk_document(document(text), [])] == [0, 1]


@pytest.mark.parametrize(
    "line",
    [
        "It is closed.",
        "By Kim Lund",
        "Published 4 May 2021",
        "2021-05-04",
        "and the harbor",
        "Monday,",
        "- Monday",
    ],
)
def test_other_short_lines_are_no_headings(line: str) -> None:
    text = (
        f"The museum is by the harbor.\n\n{line}\n\nIt is open from nine to five, Monday excepted."
    )

    assert [p.heading for p in chunk_document(document(text), [])] == ["Page"]


def test_numbered_news_items_are_sections_of_their_own() -> None:
    items = [
        "1. 4月2日消息,老桥封闭。",
        "  2. 4月9日消息,市场开张。人很多。",
        "  3. 近日,河水上涨。",
    ]

    passages = chunk_document(document("\n".join(items)), [])

    assert [p.text for p in passages] == [item.strip() for item in items]
    assert [p.section for p in passages] == [0, 1, 2]


def test_long_numbered_items_are_sections_without_dates() -> None:
    items = [f"{n}. " + f"The house number {n} was built of stone. " * 8 for n in (1, 2, 3)]

    passages = chunk_document(document("\n\n".join(items)), [])

    assert [p.section for p in passages] == [0, 1, 2]


def test_short_steps_stay_together() -> None:
    text = "Method\n\n1. Heat the oven. Grease a tin.\n2. Mix it all.\n3. Bake for an hour."

    assert texts(text, max_chars=200) == [text]


def test_rows_stay_whole_and_below_their_header() -> None:
    rows = [
        "| Year | Price |",
        "|------|-------|",
        "| 1760 | 2 s. A bit more. |",
        "| 1761 | 3 s. And no more. |",
    ]

    assert texts("\n".join(rows), max_chars=75) == ["\n".join([rows[0], rows[1], rows[2]]), rows[3]]


def test_empty_and_blank_documents_have_no_passages() -> None:
    assert texts("") == texts(" \n\u3000\n") == texts("All noise.", [Noise(0, 10, "notice")]) == []


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1, got 0 and 900"):
        chunk_document(document("a"), [], max_chars_zh=0)


WORDS = [
    "雨下了一天",
    "他走了",
    "河水上涨",
    "the old mill",
    "was sold",
    "in 1901",
    "for 3.5%",
    "by Dr. Roe",
]
ENDS = [
    "。",
    "！",
    "？",
    ". ",
    ".\n",
    "。\n",
    ".\n\n",
    "。\n\n",
    "，",
    ", ",
    "；",
    "\n\n# Head\n\n",
    "\n- ",
    "\n\n1. ",
]


def random_text(rng: random.Random) -> str:
    return "".join(rng.choice(WORDS) + rng.choice(ENDS) for _ in range(rng.randrange(80)))


def random_noise(rng: random.Random, text: str) -> list[Noise]:
    cuts = sorted(rng.sample(range(len(text) + 1), k=min(len(text) // 2 * 2, 4)))
    return [Noise(a, b, "test") for a, b in zip(cuts[::2], cuts[1::2], strict=True)]


@pytest.mark.parametrize("seed", range(200))
def test_passages_are_slices_in_order_that_skip_only_whitespace_and_noise(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  (seeded on purpose)
    text = random_text(rng)
    noise = random_noise(rng, text) if seed % 2 else []

    passages = chunk_document(document(text), noise, max_chars_zh=40, max_chars_en=90)

    skipped = set(range(len(text)))
    end = 0
    for passage in passages:
        assert passage.text == text[passage.start : passage.end]
        assert passage.start >= end
        end = passage.end
        skipped -= set(range(passage.start, passage.end))
    hidden = {n for mark in noise for n in range(mark.start, mark.end)}
    assert not hidden & (set(range(len(text))) - skipped)
    assert not any(text[n].isalnum() for n in skipped - hidden)


@pytest.mark.parametrize("seed", range(200))
def test_passages_hold_whole_sentences_within_the_limit(seed: int) -> None:
    text = random_text(random.Random(seed))  # noqa: S311  (seeded on purpose)
    whole = [span for span in split_sentences(text) if any(map(str.isalnum, text[slice(*span)]))]

    passages = chunk_document(document(text), [], max_chars_zh=40, max_chars_en=90)

    found = [
        (passage.start + start, passage.start + end)
        for passage in passages
        for start, end in split_sentences(passage.text)
    ]
    assert found == whole
    for passage in passages:
        count = len(split_sentences(passage.text))
        assert len(passage.text) <= 90 * 1.25 or count == 1


def all_passages(path: Path) -> list[Passage]:
    page = document(path.read_text(encoding="utf-8"))
    return chunk_document(page, find_noise(page))


def test_the_demo_corpus_is_cut_as_a_reader_would() -> None:
    by_file = [all_passages(path) for path in sorted(SEEDS.glob("*.txt"))]

    news = by_file[0]
    assert [p.section for p in news] == list(range(20))
    assert [p.text.split(".")[0] for p in news] == [str(n) for n in range(1, 21)]
    for passages in by_file:
        assert not any("..." in p.text or "](" in p.text or "---" in p.text for p in passages)
        assert max(len(p.text) for p in passages) <= 900
    assert len({p.section for p in by_file[4]}) == 3, "two headings without a mark"


@pytest.mark.parametrize("text", ["好" * 300_000, "\n" * 100_000, "[" * 50_000, "# a\n\n" * 10_000])
def test_hostile_text_takes_linear_time(text: str) -> None:
    begin = time.process_time()
    chunk_document(document(text), [])

    assert time.process_time() - begin < 2
