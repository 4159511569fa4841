"""A reply is read sentence by sentence, each with the numbers it names, however it is written."""

from __future__ import annotations

import random

import pytest

from rag.language_models.reply import read_sentence, split_reply


@pytest.mark.parametrize(
    ("reply", "numbers"),
    [
        ("Tea [S1].", [1]),
        ("Tea. [S1]", [1]),
        ("Tea [S1][S2].", [1, 2]),
        ("Tea [S2] [S1].", [2, 1]),
        ("Tea [S1, S3].", [1, 3]),
        ("Tea [S1,3].", [1, 3]),
        ("Tea [S1、S2；S3].", [1, 2, 3]),
        ("Tea [S1 and S2].", [1, 2]),
        ("Tea [S1-S3].", [1, 2, 3]),
        ("Tea [S1–3].", [1, 2, 3]),
        ("Tea [S1-S900].", [1, 900]),
        ("Tea [s1].", [1]),
        ("Tea [^S1].", [1]),
        ("Tea【S1】.", [1]),
        ("Tea 【S1†source】.", [1]),
        ("Tea ［S1］.", [1]),
        ("Tea [S1] [S1].", [1]),
        ("Tea [1].", []),
        ("Tea [1, 2][3].", []),
        ("Tea [^1].", []),
        ("Tea 【1†source】.", []),
    ],
)
def test_markers_of_every_form_are_read_and_removed(reply: str, numbers: list[int]) -> None:
    assert read_sentence(reply) == ("Tea.", numbers)


@pytest.mark.parametrize(
    "reply",
    ["Tea (S1).", "Tea [see S1].", "Tea [S].", "Tea [S1", "Tea S1.", "Tea [" + "1" * 3000 + "."],
)
def test_what_is_no_marker_stays_text(reply: str) -> None:
    """Passages show `(S1)` where they held `[S1]`; a model that copies it cites nothing."""
    assert read_sentence(reply) == (reply, [])


@pytest.mark.parametrize(
    ("reply", "sentences"),
    [
        ("Tea is old [S1]. Wheat is new [S2].", ["Tea is old [S1].", "Wheat is new [S2]."]),
        ("Tea is old. [S1] Wheat is new. [S2]", ["Tea is old. [S1]", "Wheat is new. [S2]"]),
        ("Tea is old.[S1][S2]Wheat is new.[S3]", ["Tea is old.[S1][S2]", "Wheat is new.[S3]"]),
        ("茶很古老[S1]。小麦很新[S2]。", ["茶很古老[S1]。", "小麦很新[S2]。"]),
        ("茶很古老。[S1]小麦很新。【S2】", ["茶很古老。[S1]", "小麦很新。【S2】"]),
        ("茶很古老。小麦很新！真的？好", ["茶很古老。", "小麦很新！", "真的？", "好"]),
        ("他说：“茶很好。”[S1]她走了[S2]。", ["他说：“茶很好。”[S1]", "她走了[S2]。"]),
        ("他说：“茶很好。”然后走了[S1]。", ["他说：“茶很好。”然后走了[S1]。"]),
        ("It costs 3.5 yuan [S1]. Yes!", ["It costs 3.5 yuan [S1].", "Yes!"]),
        ("Dr. J. Li of the U.S. firm left. Ok.", ["Dr. J. Li of the U.S. firm left.", "Ok."]),
        ("Tea is old.\n[S1]\nWheat is new.\n\n[S2]", ["Tea is old. [S1]", "Wheat is new. [S2]"]),
        ("Tea\nis [S1]\n", ["Tea", "is [S1]"]),
        ("See http://a.example/?q=1!x [S1]. No", ["See http://a.example/?q=1!x [S1].", "No"]),
        ("Tea. [Sic] Wheat.", ["Tea.", "[Sic] Wheat."]),
        ("```text\nTea [S1].\n```\n", ["Tea [S1]."]),
        ("Tea [S1]", ["Tea [S1]"]),
        ("", []),
        (" \n\n ", []),
    ],
)  # fmt: skip
def test_a_reply_is_cut_into_sentences_with_their_markers(reply: str, sentences: list[str]) -> None:
    assert [sentence.strip() for sentence in split_reply(reply, complete=True)] == sentences


@pytest.mark.parametrize("seed", range(150))
def test_a_longer_reply_begins_with_the_sentences_of_its_start(seed: int) -> None:
    """Else a sentence would be shown that the whole reply does not hold."""
    chance = random.Random(seed)  # noqa: S311
    parts = [
        "Tea", "茶", " ", ". ", ".", "。", "? ", "！", "[S1]", "[S2, S3]", "【S1】", "\n", "\n\n",
        "[", "S1", "]", "3.5", "Dr. ", "”", "- ", "**", "```\n", " is", "[Sic]", "x" * 30,
        "<think>", "1. ", ")", "</b>", "<", "\r\n", "~~~", "`",
    ]  # fmt: skip
    reply = "".join(chance.choices(parts, k=chance.randint(1, 40)))

    whole = split_reply(reply, complete=True)

    for end in range(len(reply) + 1):
        start_ = split_reply(reply[:end], complete=False)
        assert start_ == whole[: len(start_)], reply[:end]
