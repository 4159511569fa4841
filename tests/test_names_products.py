"""Products, versions and grades are found by their marks, and what is counted or dated is not."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from embeddings.gloss import Glossary, read_table
from rag.names import find_products, format_name

GLOSSARY = Glossary(read_table())


@pytest.mark.parametrize(
    ("text", "products"),
    [
        ("它搭载骁龙8+和天玑 9200+。", ["骁龙8+", "天玑 9200+"]),
        ("配备骁龙 8 Gen 2 移动平台", ["骁龙 8 Gen 2"]),
        ("系统为MIUI14，基于Android 12。", ["MIUI14", "Android 12"]),
        ("达到 L4 级，支持5G。", ["L4", "5G"]),
        ("麒麟9000S 和小米13 Ultra", ["麒麟9000S", "小米13 Ultra"]),
        ("The airline flies the A320 and the Boeing 737.", ["A320", "Boeing 737"]),
        ("The phone runs iOS 17 on a Snapdragon 8 Gen 1.", ["iOS 17", "Snapdragon 8 Gen 1"]),
        ("Model Y outsold Model 3.", ["Model Y", "Model 3"]),
        ("屏幕为144Hz，重200克，售价5000元，2023年3月8日上市。", []),
        ("In Q2 2023 and on March 12 it sold 500 units.", []),
        ("Chapter 5, Section 3, Article 9 and Figure 2", []),
        ("比分为女足3:0，增长15%，达到30人。", []),
        ("约5000，超过20，共12个", []),
    ],
)
def test_marks_are_found_whole(text: str, products: list[str]) -> None:
    assert [name.text for name in find_products(text, GLOSSARY)] == products


def test_a_product_is_printed_for_its_reader() -> None:
    assert format_name("骁龙8+", "product", GLOSSARY, "zh") == "骁龙8+"
    assert format_name("Android 12", "product", GLOSSARY, "en") == "Android 12"


PIECES = (
    "骁龙 天玑 8+ 12 Gen 2 Android MIUI14 A320 5G 144Hz 年 Pro , 。 级 Model Y Q2 — 😀 的".split()
)


@pytest.mark.parametrize("seed", range(60))
def test_products_are_slices_in_order_that_do_not_overlap(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    text = "".join(draw.choice(PIECES) + draw.choice(["", " "]) for _ in range(30))

    names = find_products(text, GLOSSARY)

    assert all(name.text == text[name.start : name.end] != "" for name in names)
    assert all(name.kind == "product" and 0 < name.certainty <= 1 for name in names)
    assert all(a.end <= b.start for a, b in pairwise(names))


@pytest.mark.parametrize("text", ["", " ", "。", "12", "的", "A", "+"])
def test_text_without_a_mark_gives_nothing(text: str) -> None:
    assert find_products(text, GLOSSARY) == []
