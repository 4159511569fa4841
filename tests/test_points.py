"""A list answers as a whole, a statement a row, where its introduction or a row fits best."""

from __future__ import annotations

import pytest

from rag.points import MOST, find_points, is_row, strip_mark
from rag.types import Document, Evidence
from tests.fake_evidence import make_document, make_evidence

HALLS = make_document(
    "halls",
    "The museum opened in 1998.\nThe museum has three halls:\n- Green tea\n- Salt\n- Maps\n"
    "A ticket costs 20 yuan.",
)
REASONS = make_document(
    "reasons", "大桥推迟了。\n原因有两个：\n1. 洪水冲坏了桥墩。\n2. 钢材涨价。\n大桥最终通车。"
)


def read_texts(points: list[Evidence]) -> list[str]:
    return [item.quote.text for item in points]


def find(document: Document, line: int) -> list[str]:
    evidence = make_evidence(document)
    return read_texts(find_points(evidence[line], list(reversed(evidence))))


@pytest.mark.parametrize("line", [1, 2, 3, 4])
def test_the_introduction_or_any_row_brings_the_whole_list(line: int) -> None:
    """Asked which halls there are, the answer was the one row that shared most words."""
    assert find(HALLS, line) == ["The museum has three halls:", "- Green tea", "- Salt", "- Maps"]


@pytest.mark.parametrize("line", [0, 1, 2, 3])
def test_a_sentence_right_before_the_introduction_brings_it_too(line: int) -> None:
    assert find(REASONS, line) == ["原因有两个：", "1. 洪水冲坏了桥墩。", "2. 钢材涨价。"]


def test_a_sentence_after_the_list_brings_nothing() -> None:
    assert find(HALLS, 5) == []
    assert find(REASONS, 4) == []


def test_one_row_is_no_list() -> None:
    assert find(make_document("one", "It has a hall:\n- Green tea\nIt is open."), 0) == []


def test_plain_sentences_are_no_list() -> None:
    assert find(make_document("plain", "It is open.\nIt is large.\nIt is old."), 1) == []


def test_a_row_apart_from_the_others_is_of_another_list() -> None:
    apart = make_document("apart", "- Green tea\n- Salt\nThe garden is open.\n- Ducks\n- Geese")

    assert find(apart, 0) == ["- Green tea", "- Salt"]
    assert find(apart, 4) == ["- Ducks", "- Geese"]


def test_a_row_that_was_not_read_ends_the_list() -> None:
    evidence = make_evidence(HALLS)

    assert read_texts(find_points(evidence[1], [evidence[1], evidence[2], evidence[4]])) == []


def test_a_long_list_is_cut() -> None:
    rows = "\n".join(f"- row {n}" for n in range(30))

    assert len(find(make_document("long", f"The rows are:\n{rows}"), 0)) == 1 + MOST


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("- Green tea", True),
        ("* Green tea", True),
        ("• 绿茶", True),
        ("12. Green tea", True),
        ("（1）绿茶", True),
        ("一、绿茶", True),
        ("3.5 million visitors came", False),
        ("-5 degrees", False),
        ("1998 was cold", False),
        ("Green tea - and salt", False),
        ("-", False),
    ],
)
def test_a_row_begins_with_a_mark(text: str, row: bool) -> None:
    assert is_row(make_evidence(make_document("d", text))[0]) is row


def test_a_row_is_told_without_its_mark() -> None:
    assert [strip_mark(t) for t in ("- Salt", "2. 钢材涨价。", "（1）绿茶", "Maps")] == [
        "Salt", "钢材涨价。", "绿茶", "Maps",
    ]  # fmt: skip
