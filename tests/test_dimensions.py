"""A length is told as a height, a width, … by the words around it, and asked for by others."""

from __future__ import annotations

import pytest

from rag.figures.dimensions import find_asked_dimension, read_dimension


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("How tall is the tower?", "height"),
        ("how high is it", "height"),
        ("What is the width of the bridge?", "width"),
        ("How long is the bridge?", "length"),
        ("塔有多高？", "height"),
        ("大桥全长多少公里？", "length"),
        ("水有多深", "depth"),
        ("How long and how wide is it?", ""),
        ("How long did it take?", "length"),  # but no length is a value of a duration
        ("How far is it?", ""),
        ("", ""),
    ],
)
def test_the_dimension_that_is_asked_for(question: str, asked: str) -> None:
    assert find_asked_dimension(question) == asked


@pytest.mark.parametrize(
    ("text", "value", "told"),
    [
        ("It is about 1,300 metres long.", "1,300 metres", "length"),
        ("a 30 m tall tower", "30 m", "height"),
        ("30 m (98 ft) high", "30 m", "height"),
        ("It is 3 m in width.", "3 m", "width"),
        ("It runs 3 km along the river.", "3 km", ""),
        ("塔高约30米。", "30米", "height"),
        ("大桥全长3.2公里", "3.2公里", "length"),
        ("宽度为12米", "12米", "width"),
        ("距市区12公里", "12公里", ""),
    ],
)
def test_the_dimension_that_the_words_around_a_value_name(text: str, value: str, told: str) -> None:
    start = text.index(value)

    assert read_dimension(text, start, start + len(value)) == told
