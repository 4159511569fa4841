"""A sentence without a date may tell when all the same, in words."""

from __future__ import annotations

import pytest

from rag.figures.time_words import tells_time
from rag.types import Language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The bridge opened after the war.", "en"),
        ("Since then it has been closed.", "en"),
        ("ONCE the snow melts, the road opens.", "en"),
        ("It was built in the last century.", "en"),
        ("It opens by the time school starts.", "en"),
        ("The ferry sails at midnight.", "en"),
        ("大桥在战争结束后通车。", "zh"),
        ("博物馆在装修期间闭馆。", "zh"),
        ("大桥开通之际，游人很多。", "zh"),
        ("渡轮当晚恢复。", "zh"),
        ("春节不开放。", "zh"),
        ("这座塔建于宋朝。", "zh"),
    ],
)
def test_words_that_tell_when_are_known(text: str, language: Language) -> None:
    assert tells_time(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The bridge is three kilometers long.", "en"),
        ("Warsaw has many bridges.", "en"),
        ("An afternote on whenceforth.", "en"),
        ("大桥全长3.2公里。", "zh"),
        ("前面是大桥。", "zh"),
        ("后者更长。", "zh"),
        ("船在前往大桥的路上。", "zh"),
        ("", "en"),
        ("", "zh"),
    ],
)
def test_other_words_do_not_tell_when(text: str, language: Language) -> None:
    assert not tells_time(text, language)


def test_only_the_words_of_the_language_count() -> None:
    assert not tells_time("大桥在战后通车。", "en")
    assert not tells_time("The bridge opened after the war.", "zh")
