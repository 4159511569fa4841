"""Which dimension a length is: 30 m tall, 30 m long; asked with "how tall", 多长."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Dimension -> the words that ask for it.
_ASKS: Mapping[str, re.Pattern[str]] = {
    "height": re.compile(r"\b(?:tall|high|height)\b|[多身]高|高度|海拔", re.IGNORECASE),
    "length": re.compile(r"\b(?:how long|length)\b|多长|全长|长度", re.IGNORECASE),
    "width": re.compile(r"\b(?:wide|width)\b|多宽|宽度", re.IGNORECASE),
    "depth": re.compile(r"\b(?:deep|depth)\b|多深|深度", re.IGNORECASE),
    "thickness": re.compile(r"\b(?:thick|thickness)\b|多厚|厚度", re.IGNORECASE),
}
_BEHIND = re.compile(
    r"[ -](?:\([^()]{1,30}\) )?(?:in )?"
    r"(tall|high|height|long|length|wide|width|deep|depth|thick)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"([高长宽深厚])度?(?:约|约为|为|是|达|达到|超过)?[:： ]?$")
_NAMES: Mapping[str, str] = {
    "tall": "height", "high": "height", "height": "height", "高": "height",
    "long": "length", "length": "length", "长": "length",
    "wide": "width", "width": "width", "宽": "width",
    "deep": "depth", "depth": "depth", "深": "depth",
    "thick": "thickness", "厚": "thickness",
}  # fmt: skip


def find_asked_dimension(question: str) -> str:
    """Return the dimension that a question asks for, or "" if it names none or several."""
    asked = [name for name, pattern in _ASKS.items() if pattern.search(question)]
    return asked[0] if len(asked) == 1 else ""


def read_dimension(text: str, start: int, end: int) -> str:
    """Return the dimension that the words around `text[start:end]` name, or ""."""
    behind = _BEHIND.match(text, end)
    if behind:
        return _NAMES[behind[1].casefold()]
    before = _BEFORE.search(text[max(0, start - 6) : start])
    return _NAMES[before[1]] if before else ""
