"""Noise is what no reader would call the article; the article itself is never marked."""

import random
import time
from itertools import pairwise
from pathlib import Path

import pytest

from rag.clean import Noise, find_noise
from rag.types import Document, Language

SEEDS = Path(__file__).parent.parent / "seeds"


def document(text: str, language: Language = "en") -> Document:
    return Document("page", "Page", text, "page", language)


def kept(text: str) -> list[str]:
    """The lines that find_noise leaves."""
    left, end = "", 0
    for noise in find_noise(document(text)):
        left += text[end : noise.start]
        end = noise.end
    return [line.strip() for line in (left + text[end:]).splitlines() if line.strip()]


RECIPE = """Home > Recipes > Soups

Recipes | News | Shop | Log in

Leek soup

By Mona Field

12 min read

![A bowl](bowl.jpg)

Leeks are at their best in January.

Ingredients
- 3 leeks
- 1 l stock

1. Wash the leeks.
2. Boil them for 20 minutes.

Share | Print | Pin

We use cookies to improve your visit. By staying you accept them.

You may also like

Onion tart with thyme

A tart that needs only five things from the shelf and...

Barley stew

The stew that my grandmother cooked every Sunday when...
"""

NEWS_ZH = """首页 > 城事 > 正文

老桥下月起封闭维修

3小时前 阅读 1204

市政局周二宣布，老桥将从下月一日起封闭维修，为期六个月。

(图片来源：市政局)

行人可以从东侧的临时便桥通过。

<!-- 广告位 -->

编辑：李某 校对：王某

本文仅供参考，不构成投资建议。

未经授权，不得转载。

分享到微信 微博

上一篇：菜市场周末开张

下一篇：图书馆延长开放

相关文章

菜市场周末开张

菜市场周末开张

经过一年的改建，位于南街的菜市场将在本周末重新开张，摊位比以前多了...

友情链接：
"""

FORUM = """Which bike for gravel?

Posted by user 2 days ago

I ride 20 km a day, half of it on gravel. Which tyre width works?

Reply | Quote | Report

Mine are 40 mm wide and I never had a flat.

Like (3)

Log in to reply
"""

BLOG_EN = """Why I stopped baking bread

Why I stopped baking bread

It took four hours a day, and the oven broke in March.

I now buy a loaf on Fridays.

About the author

Jo Park writes about food and lives in Leeds.

«  Older post

Previous: My garden in winter

Copyright 2021 Jo Park. All rights reserved.
"""

WIKI = """# Marsh lantern

The **marsh lantern** is an oil lamp of the 18th century.[1]

## Recommendations

The guild advised two wicks. It also advised clean oil.

| Year | Price |
|------|-------|
| 1760 | 2 s.  |

## See also

Oil lamp

Lighthouse keepers
"""

REPORT = """Annual report

Revenue was 4.2 million, of which:

North: 2.0 million
South: 2.2 million

Related party transactions

The company sold land to its chairman. No other related party deals took place.

Next, the board reviewed cookies and the copyright in its recipes.

Share capital is unchanged.

Editors and reporters make up half of the staff.

Source of funds is the reserve, and the image of the brand is good.
"""


def test_a_recipe_keeps_its_ingredients_and_steps() -> None:
    assert kept(RECIPE) == [
        "Leek soup",
        "By Mona Field",
        "Leeks are at their best in January.",
        "Ingredients",
        "- 3 leeks",
        "- 1 l stock",
        "1. Wash the leeks.",
        "2. Boil them for 20 minutes.",
    ]


def test_a_news_page_keeps_title_and_article() -> None:
    assert kept(NEWS_ZH) == [
        "老桥下月起封闭维修",
        "市政局周二宣布，老桥将从下月一日起封闭维修，为期六个月。",
        "行人可以从东侧的临时便桥通过。",
    ]


def test_a_forum_page_keeps_what_people_wrote() -> None:
    assert kept(FORUM) == [
        "Which bike for gravel?",
        "I ride 20 km a day, half of it on gravel. Which tyre width works?",
        "Mine are 40 mm wide and I never had a flat.",
    ]


def test_a_blog_keeps_one_title_and_no_author_note() -> None:
    assert kept(BLOG_EN) == [
        "Why I stopped baking bread",
        "It took four hours a day, and the oven broke in March.",
        "I now buy a loaf on Fridays.",
    ]


@pytest.mark.parametrize("text", [WIKI, REPORT], ids=["wiki", "report"])
def test_honest_pages_lose_nothing(text: str) -> None:
    assert find_noise(document(text)) == []


def test_each_span_has_its_reason() -> None:
    found = find_noise(document(NEWS_ZH, "zh"))

    assert [noise.reason for noise in found] == [
        "navigation", "byline", "credit", "markup", "credit", "notice", "interaction", "navigation",
        "related",
    ]  # fmt: skip
    assert NEWS_ZH[found[-1].start : found[-1].end].startswith("相关文章\n\n菜市场")
    assert NEWS_ZH[found[-1].start : found[-1].end].endswith("友情链接：")


def test_front_matter_is_noise() -> None:
    text = "---\ntitle: Tides\n---\nThe tide turns twice a day in this bay."

    assert find_noise(document(text)) == [Noise(0, 21, "front matter")]


def test_teasers_without_a_heading_are_noise_at_the_end() -> None:
    text = "The mill stands by the river.\n\n" + "\n\n".join(
        f"A title of page {n}\n\nThe beginning of the page number {n} goes on and..."
        for n in range(3)
    )

    assert kept(text) == ["The mill stands by the river."]


def test_the_article_goes_on_behind_a_list_of_recommendations() -> None:
    text = (
        "The mill stands by the river.\n\nRelated articles\n\nThe ferry\n\n"
        "## Owners\n\nIt was sold in 1901 to a baker from the next village."
    )

    assert kept(text) == [
        "The mill stands by the river.",
        "## Owners",
        "It was sold in 1901 to a baker from the next village.",
    ]


@pytest.mark.parametrize(
    "blurb",
    [
        "As a winner of the Silver Pen and the 2011 Reporter Prize, she has won many honors.",
        "Kim Lund is a freelance writer based in Oslo. Follow her on Mastodon.",
        "Kim Lund covers the courts. Reach her at kim@paper.example.",
        "作者：陈某，专栏撰稿人，现居成都，著有多本小册子，公众号：某某。",
    ],
)
def test_a_blurb_about_the_author_is_noise_at_the_end_only(blurb: str) -> None:
    article = "The mill stands by the river.\n\nIt was sold in 1901 to a baker from the village."

    assert kept(f"{article}\n\n{blurb}") == article.split("\n\n")
    assert "author" not in {n.reason for n in find_noise(document(f"{blurb}\n\n{article}"))}


def test_the_life_of_a_prize_winner_is_no_blurb() -> None:
    text = (
        "Ada Roe was a chemist.\n\nRoe won the Gold Medal in 1950, the River Prize in 1952 and was "
        "honored with the Town Award in 1960."
    )

    assert find_noise(document(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Reply\n\nShare\n\nLog in",
        "上一页\n\n下一页",
        "[One](a)\n\n[Two](b)",
        "Related articles\n\nThe ferry",
    ],
)
def test_a_page_of_nothing_else_keeps_its_text(text: str) -> None:
    assert find_noise(document(text)) == []


def test_a_glossary_keeps_its_text() -> None:
    text = "Reef\n\nTo make a sail smaller\n\nLee\n\nThe side away from the wind\n\nPrint\n\nA copy"

    assert kept(text) == text.split("\n\n")


def test_a_preview_of_a_paragraph_below_is_noise() -> None:
    text = "The mill by the old river was...\n\nNews\n\nThe mill by the old river was sold in 1901."

    assert kept(text) == ["News", "The mill by the old river was sold in 1901."]


@pytest.mark.parametrize("seed", range(100))
def test_noise_is_in_order_and_does_not_overlap(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  (seeded on purpose)
    lines = [*RECIPE.splitlines(), *NEWS_ZH.splitlines(), *BLOG_EN.splitlines(), "![a](b) text"]
    text = "\n".join(rng.choices(lines, k=60))

    found = find_noise(document(text))

    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(0 <= n.start < n.end <= len(text) and text[n.start : n.end].strip() for n in found)


@pytest.mark.parametrize(
    "text",
    [
        "![a" * 100_000,
        "![](x" * 60_000,
        "<!-- " * 60_000,
        "<img " * 60_000,
        "\n" * 100_000,
        "Recommend\n" * 15_000,
        "Related articles\n\nTitle here\n\n" * 5_000,
        "A title\n\nThe beginning of another page...\n\n" * 5_000,
    ],
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    begin = time.process_time()
    find_noise(document(text))

    assert time.process_time() - begin < 2


def test_the_demo_corpus_loses_its_furniture_and_nothing_else() -> None:
    for path in sorted(SEEDS.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        left = kept(text)

        assert len(left) == len(set(left)), "a repeated title stays once"
        assert not any(line.endswith("...") or "](" in line for line in left)
        assert not any(line.startswith(("<<", ">>", "---")) for line in left)
        marked = {(n.start, n.end): text[n.start : n.end] for n in find_noise(document(text))}
        article = [
            line
            for line in text.splitlines()
            if len(line) > 60 and line.endswith(("。", "。”", ".")) and "..." not in line
        ]
        lost = [line for line in article if any(line in part for part in marked.values())]
        assert len(lost) <= 1, "at most the note about the author is marked"
