"""Read the words around a quantity that say "more than", "at most" or "about"."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Bound = Literal["", "over", "least", "under", "most"]
_Reading = tuple[Bound, bool]


class Bounded(NamedTuple):
    """How far the words around a quantity reach, and what they say of it."""

    start: int
    end: int
    bound: Bound
    approximate: bool


_HAN_BEFORE: dict[str, _Reading] = {
    **dict.fromkeys("超过 超出 超越 超 突破 逾 多于 大于 高于".split(), ("over", False)),
    **dict.fromkeys("至少 最少 起码 不少于 不低于 不下 不小于".split(), ("least", False)),
    **dict.fromkeys("不到 不足 未满 少于 低于 小于 未到".split(), ("under", False)),
    **dict.fromkeys("不超过 未超过 至多 最多 不多于 不高于 不大于".split(), ("most", False)),
    **dict.fromkeys("最多可达 最高可达 最高达".split(), ("most", False)),
    **dict.fromkeys("约为 约 大约 大概 差不多 大致 约合 约计 ~ ≈".split(), ("", True)),
    **dict.fromkeys("将近 接近 近".split(), ("under", True)),
}
_LATIN_BEFORE: dict[str, _Reading] = {
    "more than": ("over", False),
    "over": ("over", False),
    "exceeding": ("over", False),
    "in excess of": ("over", False),
    "upwards of": ("over", False),
    "above": ("over", False),
    "greater than": ("over", False),
    "at least": ("least", False),
    "no fewer than": ("least", False),
    "no less than": ("least", False),
    "not less than": ("least", False),
    "a minimum of": ("least", False),
    "less than": ("under", False),
    "fewer than": ("under", False),
    "under": ("under", False),
    "below": ("under", False),
    "at most": ("most", False),
    "up to": ("most", False),
    "no more than": ("most", False),
    "not more than": ("most", False),
    "a maximum of": ("most", False),
    "approximately": ("", True),
    "approx.": ("", True),
    "about": ("", True),
    "around": ("", True),
    "roughly": ("", True),
    "circa": ("", True),
    "some": ("", True),
    "an estimated": ("", True),
    "nearly": ("under", True),
    "almost": ("under", True),
    "close to": ("under", True),
    "just under": ("under", True),
}
_AFTER: tuple[tuple[str, _Reading], ...] = (
    (
        r" ?(?:以上|往上|开外|之上)"
        r"|(?<=[元万亿块])起(?=[售,，。、;；)）\s]|$)| or (?:more|above)\b| and above\b",
        ("least", False),
    ),
    (r" ?(?:以下|以内|之内)| or (?:less|fewer)\b", ("most", False)),
    (r" ?(?:左右|上下)| or so\b", ("", True)),
    (
        r"\+(?![A-Za-z0-9])|有余|出头|多(?![元种样个数少家位项年])|余(?![额下地年])",
        ("over", False),
    ),
)


def _longest_first(words: dict[str, _Reading]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w)))


_FIRST = "".join(sorted({word[0] for word in (*_HAN_BEFORE, *_LATIN_BEFORE)}))
# 最近, 附近, 预约, 合约 and their like end in a word that would mean something else.
# The look ahead only spares the engine the words at most characters: a search takes 0.5 us, not 5.
_BEFORE = re.compile(
    rf"(?=[{_FIRST}])"
    rf"(?:(?<![最附临靠邻预续节违条公签制特契解履])(?P<han>{_longest_first(_HAN_BEFORE)}) ?"
    rf"|(?<![A-Za-z])(?P<latin>{_longest_first(_LATIN_BEFORE)}) )$",
    re.IGNORECASE,
)
_BEHIND = re.compile("|".join(f"(?P<b{n}>{form})" for n, (form, _) in enumerate(_AFTER)))
_BETWEEN = re.compile(r"(?<![A-Za-z])between $", re.IGNORECASE)


def read_bounds(
    text: str, before: str, start: int, end: int, *, is_range: bool, lasts: bool
) -> Bounded:
    """Widen `start:end` by the bounding words next to it.

    Args:
        text: The folded text.
        before: What stands before `start` and may be read; it ends at `start`.
        start: Where the quantity or its currency begins.
        end: Where it ends.
        is_range: Whether it has two ends, so that "between" belongs to it.
        lasts: Whether it is a duration: `近三年` are the last three years, not nearly three.
    """
    bound: Bound = ""
    approximate = False
    if is_range and (between := _BETWEEN.search(before)):
        start -= len(between[0])
    elif (ahead := _BEFORE.search(before)) and not (lasts and ahead["han"] == "近"):
        han = ahead["han"]
        bound, approximate = _HAN_BEFORE[han] if han else _LATIN_BEFORE[ahead["latin"].lower()]
        start -= len(ahead[0])
    if behind := _BEHIND.match(text, end):
        later, about = _AFTER[int((behind.lastgroup or "b0")[1:])][1]
        bound, approximate = bound or later, approximate or about
        end = behind.end()
    return Bounded(start, end, bound, approximate)
