"""Texts that differ only in how they are written fold into one."""

from __future__ import annotations

import pytest

from embeddings.fold import fold_text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("", "", id="empty"),
        pytest.param("ＳＵ７　２１．５９", "SU7 21.59", id="full width"),
        pytest.param("小米汽車發佈電動車", "小米汽车发布电动车", id="traditional"),
        pytest.param("\uf914\u2f8a", "乐色", id="compatibility characters and radicals"),
        pytest.param("SU\u200b7\ufeff \u202eMax\u2069", "SU7 Max", id="invisible"),
        pytest.param("a\u00ad\u0000b\ue000c", "abc", id="soft hyphen, NUL, private use"),
        pytest.param("one\ntwo\tthree\u2028four", "one two three four", id="breaks"),
        pytest.param("a\ud800汽車", "a汽车", id="lone surrogate"),
        pytest.param("Straße Été", "Straße Été", id="case and accents stay"),
        pytest.param("在（北）：好…！", "在(北):好...!", id="Chinese marks"),
        pytest.param("㎏ ½ ①", "kg 1⁄2 1", id="compatibility forms"),
    ],
)
def test_a_text_folds_to(text: str, folded: str) -> None:
    assert fold_text(text) == folded


def test_folding_twice_changes_nothing() -> None:
    once = fold_text("臺灣ＳＵ７\u200b發佈會 ２０２４年３月２８日\n")

    assert fold_text(once) == once
